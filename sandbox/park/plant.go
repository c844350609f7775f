package park

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/pay/party"
	"watari/pay/promo"
	"watari/sandbox/park/site"
	"watari/sandbox/seed"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
)

// Slug is the park's name in addresses.
const Slug = "fuji-kogen"

// actor is who the events of planting name.
const actor = "sandbox"

// Network is what planting needs of the network. No field may be empty.
type Network struct {
	Directory *party.Directory
	Parks     *park.Service
	Grounds   *ground.Grounds
	Pledges   *promo.Pledges
	Gates     *gate.Service
	Days      int              // how far the calendar reaches into the future; 0 is 100
	Past      int              // how far it reaches back, in days
	Now       func() time.Time // nil is clock.Now
}

// Plant adds the park when it is not there, and what is missing of its calendar. Processes may call
// it at the same time: each step can be done again, and who comes second finds it done.
func (n Network) Plant(ctx context.Context) error {
	if n.Now == nil {
		n.Now = clock.Now
	}
	if n.Days == 0 {
		n.Days = ahead
	}
	point, err := n.store(ctx, seed.ParkTickets)
	if err != nil {
		return fmt.Errorf("find the store that sells the park's tickets: %w", err)
	}
	p, err := n.Parks.Find(ctx, Slug)
	if errors.Is(err, park.ErrUnknown) {
		p, err = n.Parks.AddPark(ctx, thePark(point), actor)
		if errors.Is(err, park.ErrTaken) {
			p, err = n.Parks.Find(ctx, Slug)
		}
	}
	if err != nil {
		return fmt.Errorf("plant the park: %w", err)
	}
	if err := n.plantCatalogue(ctx, p); err != nil {
		return fmt.Errorf("plant what the park sells: %w", err)
	}
	if err := n.plantPledges(ctx, point); err != nil {
		return fmt.Errorf("plant what wallets give: %w", err)
	}
	if err := n.plantGates(ctx, p); err != nil {
		return fmt.Errorf("plant the park's gates: %w", err)
	}
	if err := n.plantCalendar(ctx, p); err != nil {
		return fmt.Errorf("plant the park's calendar: %w", err)
	}
	if err := n.plantMap(ctx, p); err != nil {
		return fmt.Errorf("plant the park's map: %w", err)
	}
	return nil
}

// store finds a store of the park by the bank's reference.
func (n Network) store(ctx context.Context, storeID string) (party.Point, error) {
	for _, s := range seed.ParkShops() {
		if s.StoreID != storeID {
			continue
		}
		bank, err := n.Directory.ByID(ctx, s.BankID)
		if err != nil {
			return party.Point{}, err
		}
		return n.Directory.Point(ctx, bank.No, s.MerchantID, s.StoreID, "")
	}
	return party.Point{}, fmt.Errorf("the park has no store %s", storeID)
}

// plantCatalogue adds the products, prices and discounts that are not there. What somebody changed
// stays as it is; what another process added meanwhile is there.
func (n Network) plantCatalogue(ctx context.Context, p park.Park) error {
	prices, err := n.Parks.Prices(ctx, p.ID)
	if err != nil || len(prices) > 0 {
		return err // they are written last
	}
	if err := n.Parks.PutPools(ctx, p.ID, pools(), actor); err != nil {
		return err
	}
	for _, one := range products() {
		one.ParkID = p.ID
		_, err := n.Parks.PutProduct(ctx, one, actor)
		if err != nil && !errors.Is(err, park.ErrTaken) {
			return fmt.Errorf("product %s: %w", one.Code, err)
		}
	}
	for _, one := range discounts() {
		one.ParkID = p.ID
		_, err := n.Parks.PutDiscount(ctx, one, actor)
		if err != nil && !errors.Is(err, park.ErrTaken) {
			return fmt.Errorf("discount %s: %w", one.Rule.ID, err)
		}
	}
	_, err = n.Parks.MakeVouchers(ctx, p.ID, hotelVoucher(n.Now()), "sandbox-hotel", actor)
	if err != nil && !errors.Is(err, park.ErrTaken) && !errors.Is(err, order.ErrRepeated) {
		return fmt.Errorf("vouchers: %w", err)
	}
	return n.Parks.PutPrices(ctx, p.ID, pricesOf(), actor)
}

// ahead is how many days the calendar reaches into the future, unless Network.Days says otherwise.
const ahead = 100

// plantCalendar adds the days that are not there, with their quotas.
func (n Network) plantCalendar(ctx context.Context, p park.Park) error {
	now := n.Now()
	first := now.AddDate(0, 0, -n.Past)
	from := park.DayOf(first)
	to := park.DayOf(now.Add(time.Duration(n.Days) * 24 * time.Hour))
	there, err := n.Parks.Days(ctx, p.ID, from, to)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, d := range there {
		known[d.Day] = true
	}
	var days []park.Day
	var quotas []park.Quota
	for t := first; park.DayOf(t) <= to; t = t.Add(24 * time.Hour) {
		if day := park.DayOf(t); !known[day] {
			days = append(days, dayOf(day))
			quotas = append(quotas, quotasOf(day)...)
		}
	}
	if len(days) == 0 {
		return nil
	}
	for len(quotas) > 0 {
		some := min(len(quotas), quotasAtOnce)
		if err := n.Parks.PutQuotas(ctx, p.ID, quotas[:some], actor); err != nil {
			return err
		}
		quotas = quotas[some:]
	}
	// The days come last: a calendar that is there has its quotas.
	return n.Parks.PutDays(ctx, p.ID, days, actor)
}

// quotasAtOnce is how many quotas one call writes.
const quotasAtOnce = 2000

// plantMap draws the map when there is none.
func (n Network) plantMap(ctx context.Context, p park.Park) error {
	there, err := n.Grounds.Map(ctx, p.ID)
	if err != nil || there.Version > 0 {
		return err
	}
	nos := map[string]int64{}
	for _, s := range site.Shops() {
		shop, _ := seed.ParkShop(s.Code)
		at, err := n.store(ctx, shop.StoreID)
		if err != nil {
			return err
		}
		nos[s.Code] = at.Store.No
	}
	drawn := site.Map(func(code string) int64 { return nos[code] })
	return n.Grounds.Replace(ctx, p.ID, drawn, actor)
}

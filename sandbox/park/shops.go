package park

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/sandbox/park/site"
	"watari/sandbox/seed"
	"watari/visit/park"
)

// firstSales is how many payments the park's shops take at the first start, and daySales how many
// in a day after that.
const (
	firstSales = 36
	daySales   = 20
)

// sale is a payment at the till of a shop of the park, by the code on a user's phone.
type sale struct {
	id     string
	at     time.Time
	shop   string // code of its point
	yen    int64
	wallet int
	user   int
	back   bool // half of it is given back
}

// salesOf are the payments of a day, of which the shops of the first start take the first ones.
func salesOf(day string, n int) []sale {
	seedNo := uint64(park.At(day, 0).Unix() / 86400)
	p := &planner{Rand: rand.New(rand.NewPCG(seedNo, 80)), day: day}
	shops := site.Shops()
	out := make([]sale, n)
	for i := range out {
		s := shops[(i*7+p.IntN(3))%len(shops)]
		out[i] = sale{id: fmt.Sprintf("park-%s-%02d-%d", day, i, n), shop: s.Code,
			at: park.At(day, p.minute()), yen: p.price(s.MCC), wallet: i, user: p.IntN(4),
			back: i == 3 || i == 19}
	}
	return out
}

// price is what somebody spends in a shop of a kind, in yen.
func (p *planner) price(mcc string) int64 {
	low, high := 4, 16 // hundreds
	switch mcc {
	case "5812":
		low, high = 9, 38
	case "5947":
		low, high = 8, 52
	}
	return int64(low+p.IntN(high-low))*100 + 80
}

// lateMost is how late a shop takes a payment of the plan: wallets pay now, so that what the plan
// has while the sandbox is stopped is left out.
const lateMost = time.Hour

// shops takes the payments of the plan from one moment to before another.
func (p *player) shops(ctx context.Context, from, until time.Time) error {
	if late := until.Add(-lateMost); from.Before(late) {
		from = late
	}
	for day := park.DayOf(from); day <= park.DayOf(until); day = later(day, 1) {
		for _, s := range salesOf(day, daySales) {
			if s.at.Before(from) || !s.at.Before(until) {
				continue
			}
			if err := p.sell(ctx, s, true); err != nil && !tolerable(err) {
				return fmt.Errorf("a shop of the park sells: %w", err)
			}
		}
	}
	return nil
}

// firstShops takes the payments of the first start.
func (p *player) firstShops(ctx context.Context) error {
	for _, s := range salesOf(park.DayOf(p.Now()), firstSales) {
		if err := p.sell(ctx, s, false); err != nil && !tolerable(err) {
			return fmt.Errorf("a shop of the park sells: %w", err)
		}
		p.Progress.add(1, 0)
	}
	return nil
}

// sell shows a code of a user at the till of a shop. With sparing only users pay who have enough.
func (p *player) sell(ctx context.Context, s sale, sparing bool) error {
	ws, err := p.Wallets(ctx)
	if err != nil || len(ws) == 0 {
		return err
	}
	w := ws[s.wallet%len(ws)]
	spend := max(1, len(w.Users)/4) // the others' phones are for whoever tries the sandbox
	user := w.Users[len(w.Users)-1-s.user%spend]
	if sparing {
		if enough, err := p.rich(ctx, w, user); err != nil || !enough {
			return err
		}
	}
	at, err := p.till(ctx, s.shop)
	if err != nil {
		return err
	}
	var shown struct {
		Code string `json:"code"`
	}
	err = p.ask(ctx, http.MethodPost, w.ControlURL+"/users/"+user+"/payment-code", nil, &shown)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(shown.Code))
	amount := money.MustNew(s.yen, "JPY")
	paid, err := p.Payments.Sell(ctx, payment.Sale{Origin: p.origin(at, s.id, amount,
		hex.EncodeToString(sum[:])), MerchantID: at.Merchant.ID, StoreID: at.Store.ID,
		TerminalID: at.Terminal.ID, OrderRef: s.id, Description: at.Store.Name, Amount: amount,
		Code: shown.Code})
	if err != nil || !s.back || paid.State != payment.Captured {
		return err
	}
	half := money.MustNew(s.yen/2, "JPY")
	_, err = p.Payments.Refund(ctx, payment.Giveback{Origin: p.origin(at, s.id+"-back", half,
		paid.ID), Ref: payment.Ref{PaymentID: paid.ID}, Amount: half, Reason: "till",
		TerminalNo: at.Terminal.No})
	return err
}

// origin says that a till asks.
func (p *player) origin(at party.Point, id string, a money.Amount, of string) payment.Origin {
	return payment.Origin{AcquirerNo: at.Acquirer.No, Channel: payment.ChannelTill,
		RequestID: id, Actor: actor, Began: p.Now(),
		Compare: []payment.Field{{Name: "amount", Value: a.String()}, {Name: "of", Value: of}}}
}

// till finds the till of a shop by the code of its point.
func (p *player) till(ctx context.Context, code string) (party.Point, error) {
	shop, ok := seed.ParkShop(code)
	if !ok {
		return party.Point{}, fmt.Errorf("the park has no shop %s", code)
	}
	bank, err := p.Directory.ByID(ctx, shop.BankID)
	if err != nil {
		return party.Point{}, err
	}
	return p.Directory.Point(ctx, bank.No, shop.MerchantID, shop.StoreID, shop.TerminalID)
}

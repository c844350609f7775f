package park

import (
	"fmt"
	"math/rand/v2"
	"time"

	"watari/sandbox/park/crowd"
	"watari/visit/order"
	"watari/visit/park"
)

// deal is one purchase of the plan, and what its people do with it. It is the same whenever it is
// asked for: the day on which it is bought is its seed.
type deal struct {
	id      string // unique in the plan, and the request id of its order
	at      time.Time
	channel string
	account string
	visit   string // park day
	items   []order.Item
	claims  []string
	voucher string
	// arrive is when they come to the gate and leave when they go; zero is never, or unseen.
	arrive, leave time.Time
	station       bool      // they come by train, and take the gate at the station
	back          bool      // they go out for an hour and come back
	copied        bool      // somebody else enters with a copy, where a device has no network
	cutAt         time.Time // when they give something back; zero is never
	cutAll        bool      // everything, or the last line
}

// The accounts on which the plan sells.
const (
	// Reseller is the account of the agency whose key the sandbox shows.
	Reseller = "reseller:tabi-no-mado"
	other    = "reseller:fuji-daytrips"
	counter  = "counter:%d"
)

// PastDays is how many days before the first start are played.
const PastDays = 13

// aheadMost is how many days ahead people buy at most.
const aheadMost = 13

// busy is how many purchases begin in each hour of a park day, from five in the morning, of 128.
var busy = [24]int{1, 2, 5, 13, 17, 14, 11, 9, 8, 7, 6, 6, 9, 6, 4, 3, 2, 1, 1, 1, 0, 1, 0, 1}

// fiveAM is the first minute of a park day.
const fiveAM = 5 * 60

// planner makes the deals of one day.
type planner struct {
	*rand.Rand
	day string
	n   int
}

// dealsOf are the purchases that are made on a day, in the order in which they are made.
func dealsOf(day string) []deal {
	seed := uint64(park.At(day, 0).Unix() / 86400)
	p := &planner{Rand: rand.New(rand.NewPCG(seed, 1957)), day: day}
	weekday := park.At(day, noon).Weekday()
	walk, ahead := 26+p.IntN(7), 11
	if d := dayOf(day); d.Type == "C" || d.Type == "D" {
		walk, ahead = 42+p.IntN(9), 14
	}
	var out []deal
	for range walk {
		out = append(out, p.atCounter())
	}
	for range ahead {
		out = append(out, p.ahead())
	}
	if weekday == time.Wednesday {
		out = append(out, p.group())
	}
	return out
}

// minute is when something begins on a day.
func (p *planner) minute() int64 {
	total := 0
	for _, n := range busy {
		total += n
	}
	at := p.IntN(total)
	for hour, n := range busy {
		if at -= n; at < 0 {
			return fiveAM + int64(hour)*60 + p.Int64N(60)
		}
	}
	return noon
}

// begin makes a deal that is bought at a minute of the day.
func (p *planner) begin(minute int64) deal {
	p.n++
	return deal{id: fmt.Sprintf("%s-%02d", p.day, p.n), at: park.At(p.day, minute).
		Add(time.Duration(p.IntN(60)) * time.Second)}
}

// people are who comes together.
func (p *planner) people(product, day, slot string) []order.Item {
	var out []order.Item
	add := func(u park.Unit, n int) {
		if n > 0 {
			out = append(out, order.Item{Product: product, Day: day, Slot: slot, Unit: string(u),
				Count: int64(n)})
		}
	}
	switch p.IntN(6) {
	case 0:
		add(park.Adult, 2)
		add(park.Child, 1+p.IntN(2))
	case 1:
		add(park.Adult, 1)
		add(park.Junior, 2)
	case 2:
		add(park.Adult, 1)
		add(park.Senior, 1+p.IntN(2))
	case 3:
		add(park.Adult, 2)
		add(park.Child, 1)
		add(park.Infant, 1)
	default:
		add(park.Adult, 1+p.IntN(3))
	}
	return out
}

// lastWalk is the last minute at which people buy who go in after that.
const lastWalk = closes - 20

// atCounter is a purchase of people who stand before the park.
func (p *planner) atCounter() deal {
	minute := min(p.minute(), lastWalk)
	d := p.begin(minute)
	d.channel, d.account, d.visit = park.ByCounter, fmt.Sprintf(counter, 1+p.IntN(3)), p.day
	switch product := p.product(minute); product {
	case "timed-entry":
		hour := minute/60 + 1
		d.items = p.people(product, p.day, fmt.Sprintf("%02d:00", hour))
		d.arrive = park.At(p.day, hour*60+p.Int64N(40))
	default:
		d.items = p.people(product, p.day, "")
		d.arrive = d.at.Add(time.Duration(3+p.IntN(9)) * time.Minute)
	}
	if p.IntN(5) == 0 {
		d.items = append(d.items, order.Item{Product: "hayate-ride", Day: p.day,
			Unit: string(park.Adult), Count: int64(1 + p.IntN(2))})
	}
	switch p.IntN(12) {
	case 0:
		d.claims = []string{"resident:19"}
	case 1:
		d.claims = []string{"member"}
	case 2:
		d.voucher = hotelCode
	}
	p.stay(&d)
	return d
}

// product is what people buy who come at a minute of the day.
func (p *planner) product(minute int64) string {
	dice := p.IntN(10)
	switch hour := minute / 60; {
	case hour < 12 && (dice < 8 || hour < 8):
		return "day-pass"
	case hour >= 17:
		return "night"
	case hour >= 12 && dice < 7:
		return "afternoon"
	}
	return "timed-entry"
}

// ahead is a purchase for one of the next days: through a reseller, or of people nearby who show
// at the gate who they are.
func (p *planner) ahead() deal {
	d := p.begin(p.minute())
	d.visit = later(p.day, 1+min(p.IntN(aheadMost), p.IntN(aheadMost)))
	d.channel, d.account = park.ByOCTO, Reseller
	switch p.IntN(6) {
	case 0, 1:
		d.account = other
	case 2:
		d.channel, d.account = park.ByCounter, fmt.Sprintf(counter, 1+p.IntN(3))
		d.claims = [][]string{{"resident:19"}, {"member"}}[p.IntN(2)]
	}
	product, slot := "day-pass", ""
	if p.IntN(6) == 0 {
		product, slot = "timed-entry", fmt.Sprintf("%02d:00", 9+p.IntN(6))
	}
	d.items = p.people(product, d.visit, slot)
	if p.IntN(5) == 0 && slot == "" {
		d.items = append(d.items, order.Item{Product: "raijin-priority", Day: d.visit,
			Slot: []string{"10:30", "11:00", "13:30", "15:00"}[p.IntN(4)],
			Unit: string(park.Adult), Count: 2})
	}
	switch p.IntN(12) {
	case 0: // they give it back in time
		d.cutAt = d.at.Add(time.Duration(2+p.IntN(9)) * time.Hour)
		if d.cutAll = p.IntN(2) == 0; d.cutAll {
			return d
		}
	case 1: // they never come
		return d
	}
	d.arrive = park.At(d.visit, 8*60+p.Int64N(150))
	if slot != "" {
		from := int64(d.items[0].Slot[0]-'0')*600 + int64(d.items[0].Slot[1]-'0')*60
		d.arrive = park.At(d.visit, from+p.Int64N(45))
	}
	p.stay(&d)
	return d
}

// group is a class that comes on the Saturday after.
func (p *planner) group() deal {
	d := p.begin(15 * 60)
	d.channel, d.account, d.visit = park.ByOCTO, other, later(p.day, 3)
	d.items = []order.Item{
		{Product: "group-day", Day: d.visit, Unit: string(park.Adult), Count: 2},
		{Product: "group-day", Day: d.visit, Unit: string(park.Junior), Count: 20}}
	d.arrive = park.At(d.visit, 9*60+10+p.Int64N(15))
	d.leave = d.arrive.Add(6 * time.Hour)
	return d
}

// stay decides how those spend their day who come.
func (p *planner) stay(d *deal) {
	d.station = p.IntN(3) == 0
	dice := p.IntN(20)
	d.copied, d.back = dice == 0, dice == 1 || dice == 2
	end := park.At(d.visit, 29*60).Add(-time.Minute)
	leave := d.arrive.Add(time.Duration(150+p.IntN(240)) * time.Minute)
	if leave.Before(end) && p.IntN(8) > 0 { // some leave where nobody scans
		d.leave = leave
	}
}

// later is the park day some days after another.
func later(day string, n int) string {
	return park.DayOf(park.At(day, noon).AddDate(0, 0, n))
}

// rideGate is the code of the gate of a ride's lane.
func rideGate(place string) string { return "ride-" + place }

// entrances are the places of the plan where people enter the park.
func entrances() (out []crowd.Spot) {
	for _, s := range crowd.Plan() {
		if s.Kind == crowd.KindEntrance {
			out = append(out, s)
		}
	}
	return out
}

package park

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ticket"
)

// step is something that happens at a moment.
type step struct {
	at time.Time
	do func(ctx context.Context) error
}

// play does what the plan has from one moment to before another, in its order.
func (p *player) play(ctx context.Context, from, until time.Time, first bool) error {
	steps := p.steps(from, until)
	if first {
		p.Progress.add(0, len(steps))
		p.Log.Info("sandbox: the park fills with the people of two weeks", "steps", len(steps))
	}
	day := park.DayOf(from)
	for _, s := range steps {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if d := park.DayOf(s.at); first && d != day { // what is done is not done again
			if err := p.note(ctx, park.At(d, fiveAM)); err != nil {
				return err
			}
			day = d
		}
		p.set(s.at)
		if err := s.do(ctx); err != nil {
			if !isRefusal(err) {
				return err
			}
			p.Log.Debug("sandbox: somebody at the park is refused", "error", err)
		}
		if first {
			p.Progress.add(1, 0)
		}
	}
	if first {
		p.Log.Info("sandbox: the park is full of people")
	}
	return nil
}

// isRefusal tells whether the network said no to something of the plan, which is part of life: it
// is sold out, somebody ended the product or closed the day.
func isRefusal(err error) bool {
	var no *fault.Error
	return errors.As(err, &no) && no.Problem.Kind != fault.Unavailable
}

// steps are those from one moment to before another.
func (p *player) steps(from, until time.Time) []step {
	var all []step
	add := func(at time.Time, do func(ctx context.Context) error) {
		if !at.IsZero() && !at.Before(from) && at.Before(until) {
			all = append(all, step{at, do})
		}
	}
	last := park.DayOf(until)
	for day := later(park.DayOf(from), -aheadMost); day <= last; day = later(day, 1) {
		for _, d := range dealsOf(day) {
			add(d.at, func(ctx context.Context) error { return p.buy(ctx, d) })
			add(d.cutAt, func(ctx context.Context) error { return p.giveBack(ctx, d) })
			add(d.arrive, func(ctx context.Context) error { return p.pass(ctx, d, gate.Entry, 1) })
			add(d.leave, func(ctx context.Context) error { return p.pass(ctx, d, gate.Exit, 4) })
			if at := d.rides(); !at.IsZero() {
				add(at, func(ctx context.Context) error {
					return p.pass(ctx, d, gate.Entry, ridden)
				})
			}
			if d.copied {
				add(d.arrive.Add(20*time.Minute), func(ctx context.Context) error {
					return p.copyEnters(ctx, d)
				})
			}
			if d.back {
				add(d.arrive.Add(70*time.Minute), func(ctx context.Context) error {
					return p.pass(ctx, d, gate.Exit, 2)
				})
				add(d.arrive.Add(130*time.Minute), func(ctx context.Context) error {
					return p.pass(ctx, d, gate.Entry, 3)
				})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b step) int {
		return cmp.Compare(a.at.UnixMicro(),
			b.at.UnixMicro())
	})
	return all
}

// buyTries is how often a purchase is made anew: a hold of a day that is over may be ended by
// the network, whose clock is right, before it is sold.
const buyTries = 3

// buy sells a deal on its account.
func (p *player) buy(ctx context.Context, d deal) error {
	request := order.Request{Seller: park.SellerKind, Place: p.park.ID, Channel: d.channel,
		Account: d.account, Lang: i18n.Japanese, Items: d.items, Claims: d.claims,
		Voucher: d.voucher, HoldFor: order.HoldMax}
	for try := 1; ; try++ {
		request.RequestID = d.id
		if try > 1 {
			request.RequestID = fmt.Sprintf("%s-%d", d.id, try)
		}
		o, err := p.Orders.Hold(ctx, request)
		if err != nil {
			return err
		}
		o, err = p.Orders.Confirm(ctx, o.ID, d.id, d.account)
		if err == nil {
			p.orders[d.id] = o.ID
			return nil
		}
		if !errors.Is(err, order.ErrExpired) || try == buyTries {
			return err
		}
	}
}

// orderOf is the order of a deal, "" when there is none.
func (p *player) orderOf(ctx context.Context, d deal) (string, error) {
	if id := p.orders[d.id]; id != "" {
		return id, nil
	}
	for try := 1; try <= buyTries; try++ {
		request := d.id
		if try > 1 {
			request = fmt.Sprintf("%s-%d", d.id, try)
		}
		o, err := p.Orders.ByRequest(ctx, d.account, request)
		switch {
		case errors.Is(err, order.ErrNotFound):
			return "", nil
		case err != nil:
			return "", err
		case o.State == order.StatePaid || o.State == order.StateCancelled:
			p.orders[d.id] = o.ID
			return o.ID, nil
		}
	}
	return "", nil
}

// giveBack cancels what a deal gives back.
func (p *player) giveBack(ctx context.Context, d deal) error {
	id, err := p.orderOf(ctx, d)
	if err != nil || id == "" {
		return err
	}
	o, err := p.Orders.Find(ctx, id)
	if err != nil {
		return err
	}
	cut := order.Cut{Reason: order.ByVisitor}
	if !d.cutAll {
		cut.Lines = []int64{o.Lines[len(o.Lines)-1].No}
	}
	return p.cancel(ctx, id, cut, "give-back", d.account)
}

// cancel gives back at the refund that is quoted.
func (p *player) cancel(
	ctx context.Context, orderID string, cut order.Cut, request, actor string,
) error {
	q, err := p.Orders.QuoteCancel(ctx, orderID, cut)
	if err != nil {
		return err
	}
	_, err = p.Orders.Cancel(ctx, orderID, cut, q.Refund, request, actor)
	return err
}

// ridden is the pass of a deal at the rides; those before are at the entrances.
const ridden = 9

// rides is when the people of a deal ride what they paid for singly: in its slot, or an hour after
// they came; the zero time when they do not.
func (d *deal) rides() time.Time {
	if d.arrive.IsZero() {
		return time.Time{}
	}
	for _, it := range d.items {
		switch it.Product {
		case "hayate-ride":
			return d.arrive.Add(time.Hour)
		case "raijin-priority":
			at, err := time.Parse("15:04", it.Slot)
			if err != nil {
				return time.Time{}
			}
			return park.At(it.Day, int64(at.Hour()*60+at.Minute()+7))
		}
	}
	return time.Time{}
}

// pass scans the tickets of a deal at its gate; those of rides at theirs, once. n tells the passes
// of a deal apart.
func (p *player) pass(ctx context.Context, d deal, kind gate.Kind, n int) error {
	id, err := p.orderOf(ctx, d)
	if err != nil || id == "" {
		return err
	}
	ts, err := p.Gates.TicketsOf(ctx, id)
	if err != nil {
		return err
	}
	for _, t := range ts {
		if t.State == gate.Revoked || t.Admits == (n == ridden) {
			continue
		}
		st, ok := p.stationFor(t, d.station)
		if !ok {
			continue
		}
		if err := p.scan(ctx, st, t, kind, fmt.Sprintf("%s-%d-%d", d.id, t.Line, n)); err != nil {
			return err
		}
	}
	return nil
}

// stationFor is the device to which the holder of a ticket comes; false when there is none.
func (p *player) stationFor(t gate.Ticket, byTrain bool) (gate.Station, bool) {
	code := entrances()[0].Code
	if byTrain {
		code = entrances()[1].Code
	}
	if !t.Admits {
		code = rideGate(t.Place)
	}
	all := p.stations[code]
	if len(all) == 0 {
		return gate.Station{}, false
	}
	return all[int(t.Line)%len(all)], true
}

// scan is one look at a ticket, as its holder shows it.
func (p *player) scan(
	ctx context.Context, st gate.Station, t gate.Ticket, kind gate.Kind, nonce string,
) error {
	text, now := t.Text, p.time()
	if t.Rotating {
		secret, err := p.Gates.Secret(ctx, t, park.DayOf(now))
		if err != nil {
			return err
		}
		text += ticket.Digits(secret, now)
	}
	_, err := p.Gates.Scan(ctx, st, gate.ScanInput{Text: text, Kind: kind, Nonce: nonce})
	return err
}

// copyEnters lets somebody in with a copy of a deal's first ticket, at a device that has no
// network just then and tells of it later.
func (p *player) copyEnters(ctx context.Context, d deal) error {
	id, err := p.orderOf(ctx, d)
	if err != nil || id == "" {
		return err
	}
	ts, err := p.Gates.TicketsOf(ctx, id)
	if err != nil {
		return err
	}
	for _, t := range ts {
		st, ok := p.stationFor(t, !d.station)
		if !ok || !t.Admits || t.Entries == 0 {
			continue
		}
		_, err := p.Gates.Upload(ctx, st, gate.Upload{Scans: []gate.Kept{{
			ScanInput: gate.ScanInput{Text: t.Text, Kind: gate.Entry, Nonce: d.id + "-copy"},
			At:        p.time().Add(-8 * time.Minute), Admitted: true, Reason: gate.Admitted}}})
		return err
	}
	return nil
}

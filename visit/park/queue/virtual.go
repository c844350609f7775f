package queue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/id"
)

// Line is the virtual queue of a place.
type Line struct {
	PlaceID, ParkID string
	State           LineState
	// Day is the park day of its numbers.
	Day      string
	OpenedAt time.Time
	// DrawAt is when the numbers taken so far get their order by lot; zero when that is over.
	DrawAt time.Time
	// PausedAt is since when it is paused; zero while it is not.
	PausedAt time.Time
	// Waiting is how many people wait to be called; Called is the number called last.
	Waiting, Called int64
	// Given is how many people took numbers today; Left is how many still can, -1: no limit.
	Given, Left int64
	// NextFrom and NextTo are about the return window of who takes a number now; zero while it
	// gives none.
	NextFrom, NextTo time.Time

	pausedByState bool
	wasFull       bool // before it was paused
	credit        int64
	reckoned      time.Time
	lastNumber    int64
	version       int64
}

// Ticket is a number in a virtual queue.
type Ticket struct {
	// ID is "vqt_…"; Code is what is shown, drawn as a QR and typed: "K7Q-42".
	ID, Code        string
	PlaceID, ParkID string
	Day             string
	Number          int64
	VisitorID       string
	Party           int64
	State           TicketState
	JoinedAt        time.Time
	// Ahead is how many people are called before; only while Joined and Drawn.
	Ahead int64
	// Drawn tells whether the order is settled; DrawAt is when it will be.
	Drawn  bool
	DrawAt time.Time
	// EstimateFrom is about when the return window begins; zero when that cannot be said.
	EstimateFrom time.Time
	// From and To are the return window, once called; with grace it ends at Until.
	From, To, Until time.Time
	// Paused says that the place stands still: the window will move.
	Paused bool
	// EndedAt is when it was redeemed, given up or lapsed.
	EndedAt time.Time

	turn     int64
	calledAt time.Time
}

// Join is somebody who takes a number.
type Join struct {
	ParkID string
	// PlaceID is the id or the code of the place.
	PlaceID string
	// VisitorID is who takes it: one number at a time in a park.
	VisitorID string
	// Party is how many people come.
	Party int64

	bare bool // the visitor holds no ticket into the park today
}

// NumbersMax is how many numbers a visitor can take in a park on a day, those that were given up
// with them: who takes and leaves all day long keeps others out.
const NumbersMax = 12

// afterDraw is where the turns of those begin who join after the draw.
const afterDraw = int64(1) << 40

// Join takes a number. Who holds one of the same place for as many people gets that again.
// Everybody presses at the opening, so calls at the same time share a transaction.
//
// Errors: ErrUnknown, ErrVirtualNone, ErrVirtualShut, ErrVirtualFull, ErrVirtualHeld,
// ErrVirtualOften, ErrVirtualParty, ErrVirtualTicket, batch.ErrBusy.
func (q *Queues) Join(ctx context.Context, j Join) (Ticket, error) {
	var got joined
	var err error
	for range 3 { // another place may have given the same code
		if got, err = q.joins.Do(ctx, j); !db.IsUnique(err) {
			break
		}
	}
	if err == nil {
		err = got.refusal
	}
	if err != nil {
		return Ticket{}, fmt.Errorf("take a number: %w", err)
	}
	return got.Ticket, nil
}

// joined is a number that was taken, or why none was.
type joined struct {
	Ticket
	refusal error
}

// joinAll is Join for several, in one transaction a park. A refusal is an answer like any other.
func (q *Queues) joinAll(ctx context.Context, all []Join) ([]joined, error) {
	got := make([]joined, len(all))
	byPark := map[string][]int{}
	parks := map[string]Park{}
	for i, j := range all {
		park, err := q.park(ctx, j.ParkID)
		if err != nil {
			got[i].refusal = err
			continue
		}
		parks[park.ID] = park
		byPark[park.ID] = append(byPark[park.ID], i)
	}
	for parkID, those := range byPark {
		park := parks[parkID]
		shut, err := q.shut(ctx, parkID)
		if err != nil {
			return nil, err
		}
		holders, err := q.holders(ctx, parkID, all, those)
		if err != nil {
			return nil, err
		}
		err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
			for _, i := range those {
				j := all[i]
				j.bare = holders != nil && !holders[j.VisitorID]
				t, err := q.join(ctx, tx, park, j, shut)
				var f *fault.Error
				if err != nil && (!errors.As(err, &f) || errors.Is(err, ErrChanged)) {
					return nil, err
				}
				got[i] = joined{t, err}
			}
			return nil, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return got, nil
}

// join takes one number. shut are the codes of the places that the map says are closed.
func (q *Queues) join(
	ctx context.Context, tx *db.Tx, park Park, j Join, shut map[string]bool,
) (Ticket, error) {
	now := q.now()
	p, l, err := q.lineAt(ctx, tx, park.ID, j.PlaceID)
	if err != nil {
		return Ticket{}, err
	}
	if j.Party < 1 || j.Party > p.Virtual.PartyMax {
		return Ticket{}, ErrVirtualParty.Newf("1 to %d people fit on one number",
			p.Virtual.PartyMax)
	}
	held, err := heldBy(ctx, tx, park.ID, j.VisitorID)
	switch {
	case err == nil && held.PlaceID == p.ID && held.Party == j.Party:
		return q.told(ctx, tx, p, l, held, now)
	case err == nil:
		return Ticket{}, ErrVirtualHeld.Newf("you hold number %s", held.Code)
	case !errors.Is(err, db.ErrNoRows):
		return Ticket{}, err
	}
	if shut[p.Code] {
		return Ticket{}, ErrVirtualShut.Newf("the place is closed until further notice")
	}
	if l.State != LineOpen || l.Day != DayOf(now) {
		return Ticket{}, ErrVirtualShut.Newf("it is %s", l.State)
	}
	if p.Virtual.TicketOnly && j.bare {
		return Ticket{}, ErrVirtualTicket.Newf("a number of %s needs a ticket for today", p.Code)
	}
	n, err := takenBy(ctx, tx, park.ID, j.VisitorID, l.Day)
	if err != nil {
		return Ticket{}, err
	}
	if n >= NumbersMax {
		return Ticket{}, ErrVirtualOften.Newf("%d numbers are the most of a day", NumbersMax)
	}
	if m := p.Virtual.DayMax; m > 0 && l.Given+j.Party > m {
		return Ticket{}, ErrVirtualFull.Newf("%d people are the most of a day", m)
	}
	l.lastNumber++
	l.Given += j.Party
	t := Ticket{ID: id.New("vqt", int(park.AcquirerNo)), PlaceID: p.ID, ParkID: park.ID,
		Day: l.Day, Number: l.lastNumber, VisitorID: j.VisitorID, Party: j.Party, State: Joined,
		JoinedAt: now, turn: afterDraw + l.lastNumber}
	if now.Before(l.DrawAt) {
		t.turn = rand.Int64N(afterDraw) //nolint:gosec // seeded by the system, and nobody pays
	}
	t.Code = fmt.Sprintf("%s-%d", strings.ToUpper(id.Secret(2)[:3]), t.Number)
	if err := insertTicket(ctx, tx, t); err != nil {
		return Ticket{}, err
	}
	if err := updateLine(ctx, tx, l); err != nil {
		return Ticket{}, err
	}
	return q.told(ctx, tx, p, l, t, now)
}

// lineAt finds a place with a virtual queue, and locks that.
//
// Errors: ErrUnknown, ErrVirtualNone.
func (q *Queues) lineAt(
	ctx context.Context, tx *db.Tx, parkID, placeID string,
) (Place, Line, error) {
	p, err := placeOf(ctx, tx, parkID, placeID)
	if err != nil {
		return p, Line{}, err
	}
	l, err := lineOf(ctx, tx, p)
	if err == nil && !p.Virtual.Offered {
		err = ErrVirtualNone.Newf("%s has none", p.Code)
	}
	return p, l, err
}

// told fills in what is not kept with a number: how many are ahead, and when it may be called.
func (q *Queues) told(
	ctx context.Context, tx *db.Tx, p Place, l Line, t Ticket, now time.Time,
) (Ticket, error) {
	t.Paused = l.State == LinePaused
	if !t.To.IsZero() {
		t.Until = t.To.Add(p.Virtual.Grace)
	}
	if t.State != Joined {
		t.Drawn = true
		return t, nil
	}
	if t.turn < afterDraw && now.Before(l.DrawAt) {
		t.DrawAt = l.DrawAt
		return t, nil
	}
	t.Drawn = true
	var err error
	if t.Ahead, err = aheadOf(ctx, tx, p.ID, t.turn); err != nil {
		return t, err
	}
	if rate := q.callRate(p, nil); !t.Paused && rate > 0 {
		wait := time.Duration(float64(t.Ahead) / rate * float64(time.Minute))
		t.EstimateFrom = now.Add(wait + p.Virtual.Lead).Truncate(time.Minute)
	}
	return t, nil
}

// callRate is how many people a minute are called: the queue's share of what the place takes, and
// more for those who will not come. A moment tells how fast the place is now.
func (q *Queues) callRate(p Place, now *Moment) float64 {
	takes := newCurve(p, learned{}).design()
	if now != nil && now.Wait != nil && now.InLine != nil && *now.Wait > 0 {
		c := newCurve(p, learned{})
		if people := float64(*now.InLine); people >= 2*c.boarding() {
			takes = min(1.2*takes, people/(float64(*now.Wait)/60))
		}
	}
	share := float64(p.Virtual.SharePPM) / million
	return takes * share / (1 - float64(p.Virtual.NoShowPPM)/million)
}

// Held returns the number that a visitor holds in a park, nil when there is none.
//
// Errors: ErrUnknown for the park.
func (q *Queues) Held(ctx context.Context, parkID, visitorID string) (*Ticket, error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, err
	}
	var found *Ticket
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		t, err := heldBy(ctx, tx, park.ID, visitorID)
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		t, err = q.whole(ctx, tx, t)
		found = &t
		return err
	})
	return found, err
}

// whole is told for a number that was found alone.
func (q *Queues) whole(ctx context.Context, tx *db.Tx, t Ticket) (Ticket, error) {
	p, err := placeByID(ctx, tx, t.PlaceID)
	if err != nil {
		return t, err
	}
	l, err := lineOf(ctx, tx, p)
	if err != nil {
		return t, err
	}
	return q.told(ctx, tx, p, l, t, q.now())
}

// TicketOf returns a number of a visitor.
//
// Errors: ErrUnknown, also for a number of somebody else.
func (q *Queues) TicketOf(
	ctx context.Context, visitorID, ticketID string,
) (t Ticket, err error) {
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		if t, err = ticketByID(ctx, tx, ticketID); err != nil {
			return err
		}
		if t.VisitorID != visitorID {
			return noTicket(ticketID)
		}
		t, err = q.whole(ctx, tx, t)
		return err
	})
	return t, err
}

func noTicket(name string) error { return ErrUnknown.Newf("there is no number %q", name) }

// Leave gives a number up. Again is the same. Who was not called yet makes room in the day's
// numbers for as many others.
//
// Errors: ErrUnknown, ErrVirtualStep when it was redeemed or has lapsed.
func (q *Queues) Leave(ctx context.Context, visitorID, ticketID string) (Ticket, error) {
	t, err := q.TicketOf(ctx, visitorID, ticketID)
	if err != nil || t.State == Left {
		return t, err
	}
	park, err := q.park(ctx, t.ParkID)
	if err != nil {
		return t, err
	}
	err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		if t, err = ticketByID(ctx, tx, ticketID); err != nil {
			return nil, err
		}
		waited := t.State == Joined
		e, err := q.end(ctx, tx, &t, ticketGivenUp, "visitor:"+visitorID)
		if err == nil && waited {
			err = q.giveBack(ctx, tx, t)
		}
		return []event.Event{e}, err
	})
	if err != nil {
		return t, fmt.Errorf("leave: %w", err)
	}
	return t, nil
}

// giveBack counts the people of a number that was never called out of the day's numbers.
func (q *Queues) giveBack(ctx context.Context, tx *db.Tx, t Ticket) error {
	p, err := placeByID(ctx, tx, t.PlaceID)
	if err != nil {
		return err
	}
	l, err := lineOf(ctx, tx, p)
	if err != nil || l.Day != t.Day {
		return err
	}
	l.Given = max(0, l.Given-t.Party)
	return updateLine(ctx, tx, l)
}

// Redeem lets the people of a number in; ticket is its id or what is shown. Actor is who does.
//
// Errors: ErrUnknown, ErrVirtualStep, ErrVirtualEarly, ErrVirtualLate.
func (q *Queues) Redeem(
	ctx context.Context, parkID, ticket, actor string,
) (t Ticket, err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return t, err
	}
	err = q.update(ctx, park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		now := q.now()
		if t, err = ticketNamed(ctx, tx, park.ID, DayOf(now), ticket); err != nil {
			return nil, err
		}
		p, l, err := q.lineAt(ctx, tx, park.ID, t.PlaceID)
		if err != nil {
			return nil, err
		}
		switch {
		case t.State != Called:
			return nil, ErrVirtualStep.Newf("number %s is %s", t.Code, t.State)
		case l.State == LinePaused:
			return nil, ErrVirtualStep.Newf("the place stands still; the window will move")
		case now.Before(t.From):
			return nil, ErrVirtualEarly.Newf("from %s", japan(t.From))
		case now.After(t.To.Add(p.Virtual.Grace)):
			return nil, ErrVirtualLate.Newf("it was until %s", japan(t.To))
		}
		e, err := q.end(ctx, tx, &t, ticketRedeemed, actor)
		return []event.Event{e}, err
	})
	if err != nil {
		return t, fmt.Errorf("redeem: %w", err)
	}
	return t, nil
}

// end ends a number.
func (q *Queues) end(
	ctx context.Context, tx *db.Tx, t *Ticket, s ticketStep, actor string,
) (event.Event, error) {
	to, ok := tickets.Next(t.State, s)
	if !ok {
		return event.Event{}, ErrVirtualStep.Newf("number %s is %s", t.Code, t.State)
	}
	was := t.State
	t.State, t.EndedAt = to, q.now()
	if err := updateTicket(ctx, tx, *t, was); err != nil {
		return event.Event{}, err
	}
	return numberEvent(*t, actor)
}

// numberTold is the data of events about numbers.
type numberTold struct {
	Park  string      `json:"park"`
	Place string      `json:"queue"`
	State TicketState `json:"state"`
	Party int64       `json:"party"`
}

func numberEvent(t Ticket, actor string) (event.Event, error) {
	return happened("queue.number_"+string(t.State), t.ID, actor, numberTold{t.ParkID, t.PlaceID,
		t.State, t.Party})
}

// whole millionths of people.
func peopleOf(credit int64) int64 { return credit / million }

// earned is the credit of some time.
func earned(rate float64, since time.Duration) int64 {
	return int64(math.Round(rate * since.Minutes() * million))
}

package fx

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/money"
)

// ChangeKind is the kind of the requests that hold rates back; their subject is the day and their
// body a Change's Day, Source and Held.
const ChangeKind = "fx.rates"

// Held is a rate that was not applied.
type Held struct {
	Currency money.Currency `json:"currency"`
	Rate     string         `json:"rate"`              // plain decimal, units for one euro
	Was      string         `json:"was,omitempty"`     // what it is compared with
	WasDay   string         `json:"was_day,omitempty"` // of which day that is
	Why      Why            `json:"why"`
}

// Change is the rates of a day that wait for a second person, or waited.
type Change struct {
	ID      string    `json:"-"`
	State   State     `json:"-"`
	Day     string    `json:"day"`    // YYYY-MM-DD
	Source  string    `json:"source"` // who published them
	Held    []Held    `json:"held"`   // what differs
	Maker   string    `json:"-"`
	Made    time.Time `json:"-"`
	Checker string    `json:"-"` // who decided; "" while it is open
	Decided time.Time `json:"-"` // zero while it is open
}

// State is where a change stands.
type State = foureyes.State

// The states of a change. All but Open are final. A change is superseded when a later file of its
// day asks for something else.
const (
	Open       = foureyes.Open
	Approved   = foureyes.Approved
	Rejected   = foureyes.Rejected
	Superseded = foureyes.Superseded
)

// changeOf reads a request of this kind.
func changeOf(r foureyes.Request) (Change, error) {
	c := Change{ID: r.ID, State: r.State, Maker: r.Maker, Made: r.Made, Checker: r.Checker,
		Decided: r.Decided}
	if err := json.Unmarshal(r.Body, &c); err != nil {
		return c, fmt.Errorf("read rate change %s: %w", r.ID, err)
	}
	return c, nil
}

// request writes a change as a request.
func (c Change) request() (foureyes.Request, error) {
	body, err := json.Marshal(c)
	return foureyes.Request{Kind: ChangeKind, Subject: "rates:" + c.Day, Body: body,
		Digest: c.digest()}, err
}

// Approve applies the rates of an open change (X5). New quotes use them; the live ones end as they
// would.
//
// Errors: ErrChangeUnknown, ErrChangeDecided, ErrChangeOwn.
func (b *Board) Approve(ctx context.Context, changeID, by string) error {
	_, err := b.desk.Approve(ctx, changeID, foureyes.Person{Name: by})
	return err
}

// Reject closes an open change for ever: its rates are not applied, and importing them again asks
// nobody again. The maker may do it too.
//
// Errors: ErrChangeUnknown, ErrChangeDecided.
func (b *Board) Reject(ctx context.Context, changeID, by string) error {
	_, err := b.desk.Reject(ctx, changeID, foureyes.Person{Name: by})
	return err
}

// change applies the rates of a request that a second person approves.
func (b *Board) change(_ context.Context, r foureyes.Request) (foureyes.Apply, error) {
	c, err := changeOf(r)
	if err != nil {
		return nil, err
	}
	rates, err := c.rates()
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *db.Tx) error {
		now := clock.Now()
		if err := lockBoard(ctx, tx, now); err != nil {
			return err
		}
		return insertRates(ctx, tx, rates, c.Source, "change:"+r.ID, now)
	}, nil
}

// rates returns what the change would apply.
func (c Change) rates() ([]applied, error) {
	var list []applied
	for _, h := range c.Held {
		rate, err := money.ParseDecimal(h.Rate)
		if err != nil {
			return nil, fmt.Errorf("read stored change: %w", err)
		}
		list = append(list, applied{c.Day, Reference{Currency: h.Currency, Rate: rate}})
	}
	return list, nil
}

// Changes returns the changes in a state, by day.
func (b *Board) Changes(ctx context.Context, state State) ([]Change, error) {
	var list []Change
	err := b.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = changesIn(ctx, tx, state)
		return err
	})
	return list, err
}

func changesIn(ctx context.Context, tx *db.Tx, state State) ([]Change, error) {
	rs, err := foureyes.List(ctx, tx, foureyes.Filter{Kind: ChangeKind, State: state})
	if err != nil {
		return nil, err
	}
	list := make([]Change, len(rs))
	for i, r := range rs {
		if list[i], err = changeOf(r); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b Change) int { return strings.Compare(a.Day, b.Day) })
	return list, nil
}

// Newest returns the newest applied rate of every currency and its day, by currency.
func (b *Board) Newest(ctx context.Context) (map[money.Currency]Day, error) {
	list := map[money.Currency]Day{}
	err := b.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rates, err := newestBefore(ctx, tx, afterAllDays)
		for c, k := range rates {
			list[c] = Day{Date: k.day, Rates: []Reference{{Currency: c, Rate: k.rate}}}
		}
		return err
	})
	return list, err
}

// afterAllDays sorts after every day.
const afterAllDays = "9999-99-99"

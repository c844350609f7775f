package fx

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

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
	ID      string
	State   State
	Day     string // YYYY-MM-DD
	Held    []Held // what differs
	Source  string
	Maker   string
	Made    time.Time
	Checker string    // who decided; "" while it is open
	Decided time.Time // zero while it is open
}

// Approve applies the rates of an open change (X5). New quotes use them; the live ones end as they
// would.
//
// Errors: ErrChangeUnknown, ErrChangeDecided, ErrChangeOwn.
func (b *Board) Approve(ctx context.Context, changeID, by string) error {
	return b.conclude(ctx, changeID, by, approve)
}

// Reject closes an open change for ever: its rates are not applied, and importing them again asks
// nobody again. The maker may do it too.
//
// Errors: ErrChangeUnknown, ErrChangeDecided.
func (b *Board) Reject(ctx context.Context, changeID, by string) error {
	return b.conclude(ctx, changeID, by, reject)
}

// conclude takes a decision of a person.
func (b *Board) conclude(ctx context.Context, changeID, by string, d decision) error {
	if err := named(by); err != nil {
		return err
	}
	err := b.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.Now()
		if err := lockBoard(ctx, tx, now); err != nil {
			return err
		}
		c, err := changeByID(ctx, tx, changeID)
		if errors.Is(err, db.ErrNoRows) {
			return ErrChangeUnknown.Newf("there is no rate change %q", changeID)
		}
		if err != nil {
			return err
		}
		if d == approve && samePerson(c.Maker, by) {
			return ErrChangeOwn.Newf("%s made this change", c.Maker)
		}
		c.Checker, c.Decided = by, now
		if err := decide(ctx, tx, c, d); err != nil {
			return err
		}
		if d != approve {
			return nil
		}
		rates, err := c.rates()
		if err != nil {
			return err
		}
		return insertRates(ctx, tx, rates, c.Source, by, now)
	})
	if err != nil {
		return fmt.Errorf("%s rate change: %w", d, err)
	}
	return nil
}

// decide moves a change by its state table; checker and time are set by the caller.
func decide(ctx context.Context, tx *db.Tx, c Change, d decision) error {
	to, ok := steps.Next(c.State, d)
	if !ok {
		return ErrChangeDecided.Newf("the change is %s", c.State).Set("state", string(c.State))
	}
	return updateChange(ctx, tx, c, to)
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

// Changes returns the changes in a state, the oldest first.
func (b *Board) Changes(ctx context.Context, state State) ([]Change, error) {
	var list []Change
	err := b.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = changesIn(ctx, tx, state)
		return err
	})
	return list, err
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

// named refuses a person or job without a name: every decision has one.
func named(by string) error {
	if strings.TrimSpace(by) == "" {
		return errors.New("whoever imports or decides has a name")
	}
	return nil
}

// samePerson compares names as people write them.
func samePerson(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

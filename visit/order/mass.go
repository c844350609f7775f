package order

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"watari/kit/check"
	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/event"
)

// Mass is the closing of a day, or of some products on it, for everybody who bought them: every
// line that is sold returns its whole price, holds end, and what was handed over is taken back.
// Lines that were used stay.
type Mass struct {
	ID       string // the caller's own, 1 to 56 characters; a repeat is the same closure
	Seller   string
	Place    string
	Day      string   // YYYY-MM-DD
	Products []string // none is all
	Reason   Reason   // ByClosure when empty
	Actor    string

	State    MassState
	Total    int64 // orders that were found when it began
	Done     int64 // orders that were cut, or whose hold was ended
	Failed   int64 // orders that could not be
	Returned int64 // yen that were given back
	Owed     int64 // yen that were not given back yet
	Waiting  int64 // returns that are on their way
	Stuck    int64 // returns that failed and wait for a person
	// Failures are up to 100 of the orders that could not be cut and still stand, with MassStatus
	// only. People cancel them one by one.
	Failures []MassFailure
	Created  time.Time
	Ended    time.Time // when every order was cut and no return is on its way; else zero
}

// MassFailure is an order that a closure could not cut.
type MassFailure struct{ OrderID, Why string }

// Sizes and times of closures.
const (
	massPage = 50 // orders in one transaction
	// massSettle is how long a hold may still be committed that began before the closure.
	massSettle = 10 * time.Second
	// massWait is how often a closure looks whether its returns have ended.
	massWait  = 2 * time.Second
	massIDMax = 56
	massesMax = 100
	// failuresMax is how many orders that could not be cut are named.
	failuresMax = 100
	// linesPage is how many lines are looked through for the orders of a page.
	linesPage = 4 * LinesMax
)

// CloseAll begins a closure, in the caller's transaction when tx is not nil: in the same one the
// caller stops what it sells. Run does it, on any node. The same id again is the same closure.
//
// Errors: ErrRequest, ErrRepeated.
func (s *Service) CloseAll(ctx context.Context, tx *db.Tx, m Mass) (Mass, error) {
	if m.Reason == "" {
		m.Reason = ByClosure
	}
	if !plain(m.ID, 1, massIDMax) || s.sellers[m.Seller] == nil || !isDay(m.Day) ||
		!plain(m.Place, 1, idMax) || len(m.Products) > ItemsMax {
		return Mass{}, ErrRequest.Newf("the closure has no id, seller, place or day, or too many " +
			"products")
	}
	if tx != nil {
		return s.beginMass(ctx, tx, m)
	}
	var out Mass
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = s.beginMass(ctx, tx, m)
		return err
	})
	s.Log.Wake()
	return out, err
}

func (s *Service) beginMass(ctx context.Context, tx *db.Tx, m Mass) (Mass, error) {
	row := &massRow{Mass: Mass{ID: m.ID, Seller: m.Seller, Place: m.Place, Day: m.Day,
		Products: m.Products, Reason: m.Reason, Actor: m.Actor, State: MassRunning,
		Created: s.Now()}}
	after := ""
	for {
		ids, last, more, err := s.pageToCut(ctx, tx, row, after)
		if err != nil {
			return Mass{}, err
		}
		if row.Total += int64(len(ids)); !more {
			break
		}
		after = last
	}
	fresh, err := insertMass(ctx, tx, row)
	if err != nil {
		return Mass{}, fmt.Errorf("keep the closure: %w", err)
	}
	if !fresh {
		was, err := massByID(ctx, tx, m.ID)
		if err != nil {
			return Mass{}, err
		}
		if was.Seller != m.Seller || was.Place != m.Place || was.Day != m.Day ||
			len(was.Products)+len(m.Products) > 0 && !reflect.DeepEqual(was.Products, m.Products) {
			return Mass{}, ErrRepeated.Newf("the id %s was used for another closure", m.ID)
		}
		return was.Mass, massSums(ctx, tx, &was.Mass)
	}
	return row.Mass, s.tellMass(ctx, tx, row, "closure.begun")
}

// tellMass writes an event about a closure. It is of the acquirer's trail, if the place tells.
func (s *Service) tellMass(ctx context.Context, tx *db.Tx, m *massRow, kind string) error {
	data, err := json.Marshal(facts{"place": m.Place, "day": m.Day, "products": m.Products,
		"reason": string(m.Reason), "total": m.Total, "done": m.Done, "failed": m.Failed})
	check.That(err == nil, "order: closure %s: %v", m.ID, err)
	return s.Log.Append(ctx, tx, s.Lane, []event.Event{{At: s.Now(), Kind: kind, Subject: m.ID,
		Actor: m.Actor, Data: data}})
}

// pageToCut returns orders that a closure still has to cut, after one id, the last that was looked
// at, and whether there may be more.
func (s *Service) pageToCut(
	ctx context.Context, tx *db.Tx, m *massRow, after string,
) (ids []string, last string, more bool, err error) {
	lines, err := linesToCut(ctx, tx, m, after, linesPage)
	if err != nil {
		return nil, "", false, fmt.Errorf("look for orders to cut: %w", err)
	}
	if more = len(lines) == linesPage; more {
		// The other lines of the last order are on the next page, and it is looked at there.
		end := lines[len(lines)-1].order
		lines = slices.DeleteFunc(lines, func(l toCut) bool { return l.order == end })
	}
	for _, l := range lines {
		last = l.order
		if m.about(l.product) && !slices.Contains(ids, l.order) {
			ids = append(ids, l.order)
		}
	}
	return ids, last, more, nil
}

// about says whether a closure is about a product.
func (m *massRow) about(product string) bool {
	return len(m.Products) == 0 || slices.Contains(m.Products, product)
}

// MassStatus says how far a closure is.
//
// Errors: ErrMassUnknown.
func (s *Service) MassStatus(ctx context.Context, id string) (Mass, error) {
	var out Mass
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := massByID(ctx, tx, id)
		if err != nil {
			return err
		}
		out = m.Mass
		if m.Failed > 0 {
			if out.Failures, err = massFailures(ctx, tx, id, failuresMax); err != nil {
				return err
			}
		}
		return massSums(ctx, tx, &out)
	})
	return out, err
}

// Masses lists the closures of a place, the newest first, at most 100.
func (s *Service) Masses(ctx context.Context, seller, place string) ([]Mass, error) {
	var out []Mass
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		out = nil
		found, err := massesOf(ctx, tx, seller, place, massesMax)
		for _, m := range found {
			if err == nil {
				err = massSums(ctx, tx, &m.Mass)
			}
			out = append(out, m.Mass)
		}
		return err
	})
	return out, err
}

// closures works on the closures that are due, a page of each.
func (s *Service) closures(ctx context.Context) error {
	for ctx.Err() == nil {
		now := s.Now()
		some, err := s.anything(ctx, anyMassDue, now)
		if err != nil || !some {
			return err
		}
		var due []*massRow
		err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			if due, err = dueMasses(ctx, tx, now, 1); err != nil {
				return err
			}
			for _, m := range due {
				if err := updateMass(ctx, tx, m, now.Add(s.Lease)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(due) == 0 {
			return err
		}
		crash.At(crash.AfterLease)
		if err := s.closeSome(ctx, due[0]); err != nil {
			return fmt.Errorf("closure %s: %w", due[0].ID, err)
		}
	}
	return nil
}

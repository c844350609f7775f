package order

import (
	"context"
	"slices"
	"time"

	"watari/kit/db"
)

// Find returns an order with its lines.
//
// Errors: ErrNotFound.
func (s *Service) Find(ctx context.Context, orderID string) (*Order, error) {
	var o *Order
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = FindIn(ctx, tx, orderID)
		return err
	})
	return o, err
}

// withAttempts returns an order with the payments that were opened for it.
func (s *Service) withAttempts(ctx context.Context, orderID string) (
	o *Order, as []*attempt, err error,
) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if o, err = FindIn(ctx, tx, orderID); err != nil {
			return err
		}
		all, err := attemptsOf(ctx, tx, []string{orderID})
		as = all[orderID]
		return err
	})
	return o, as, err
}

// ByRequest finds the order of a buyer's request id; owner is the visitor, or else the account.
//
// Errors: ErrNotFound.
func (s *Service) ByRequest(ctx context.Context, owner, requestID string) (*Order, error) {
	var o *Order
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := readAsked(ctx, tx, [][]any{{owner, requestID}})
		if err != nil {
			return err
		}
		o, err = FindIn(ctx, tx, found[owner+"\x00"+requestID].id)
		return err
	})
	return o, err
}

// Filter selects orders. Zero values select all, but one of AcquirerNo, VisitorID and Seller with
// Place is needed.
type Filter struct {
	AcquirerNo, MerchantNo, StoreNo int64
	Seller, Place                   string
	VisitorID, Account              string
	Reference                       string // the account's own number, see Confirm
	States                          []State
	Day                             string    // of any line
	From, Until                     time.Time // of creation, Until exclusive
	After                           string    // continue after this order id
	Limit                           int       // 1 to 200; 0 is 50
}

// limitMax is the longest page of orders.
const limitMax = 200

// List returns a page of orders, the newest first, and the cursor of the next page or "".
//
// Errors: ErrCursor.
func (s *Service) List(ctx context.Context, f Filter) ([]Order, string, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, limitMax)
	if !plain(f.After, 0, idMax) {
		return nil, "", ErrCursor.Newf("use a next_cursor as it was given")
	}
	var out []Order
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		ids, err := listOrders(ctx, tx, f)
		if err != nil {
			return err
		}
		found, err := readOrders(ctx, tx, ids)
		out = make([]Order, 0, len(ids))
		for _, id := range ids {
			if o := found[id]; o != nil {
				out = append(out, *o)
			}
		}
		return err
	})
	next := ""
	if len(out) == f.Limit {
		next = out[len(out)-1].ID
	}
	return out, next, err
}

// ByVisitor returns a page of 50 of a visitor's orders, the newest first, and the cursor of the
// next page or "".
//
// Errors: ErrCursor.
func (s *Service) ByVisitor(ctx context.Context, visitorID, cursor string) (
	[]Order, string, error,
) {
	if visitorID == "" {
		return nil, "", nil
	}
	return s.List(ctx, Filter{VisitorID: visitorID, After: cursor})
}

// Returns lists what was, or is to be, given back of an order, the oldest first.
func (s *Service) Returns(ctx context.Context, orderID string) ([]Return, error) {
	var out []Return
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := returnsOf(ctx, tx, []string{orderID})
		out = nil
		for _, r := range found[orderID] {
			out = append(out, *r)
		}
		return err
	})
	return out, err
}

// ClosedLines are the numbers of the lines of an order that closures took, in their order.
func ClosedLines(ctx context.Context, tx *db.Tx, orderID string) ([]int64, error) {
	found, err := returnsOf(ctx, tx, []string{orderID})
	var out []int64
	for _, r := range found[orderID] {
		if r.MassID != "" {
			out = append(out, r.Lines...)
		}
	}
	slices.Sort(out)
	return out, err
}

package access

import (
	"context"

	"watari/kit/db"
	"watari/kit/fault"
)

// Standing says what a place allows those who belong to it: the worst of its bank, merchant,
// store and terminal, as far as the caller is bound to them (A6).
type Standing int8

// The standings, the best first.
const (
	// Open allows all that the role does.
	Open Standing = iota
	// Suspended allows reading, and what operations and pages allow all the same: giving back
	// what was taken, and one's own account.
	Suspended
	// Closed allows nothing.
	Closed
)

var (
	// ErrClosed says that the bank, merchant, store or terminal of the caller is closed for ever.
	ErrClosed = fault.Define("place-closed", fault.Forbidden,
		"The bank, merchant, store or terminal is closed")
	// ErrSuspended says that the place of the caller is suspended, and that this is neither
	// reading nor giving back.
	ErrSuspended = fault.Define("place-suspended", fault.Forbidden,
		"While it is suspended, a place reads and gives back, and nothing else")
)

// Standings tells how the place of a caller stands, as a transaction sees it. A place that is
// not there is Closed. Operators have no place: theirs is Open. Errors are the database's.
type Standings func(ctx context.Context, tx *db.Tx, c Caller) (Standing, error)

// Of is the function itself; nil says that every place is open, for those who know of none.
func (s Standings) Of(ctx context.Context, tx *db.Tx, c Caller) (Standing, error) {
	if s == nil || c.ParticipantNo == 0 {
		return Open, nil
	}
	return s(ctx, tx, c)
}

// AllowChange returns nil when the place of the caller lets things be changed.
//
// Errors: ErrSuspended, ErrClosed.
func (c Caller) AllowChange() error {
	switch c.Standing {
	case Open:
		return nil
	case Suspended:
		return ErrSuspended.Newf("your bank or shop is suspended: read, give back, or ask " +
			"whoever suspended it")
	default:
		return c.closed()
	}
}

// closed is the refusal of a caller whose place is closed.
func (c Caller) closed() error {
	return ErrClosed.Newf("what this %s is for is closed", c.how())
}

// how says by what a caller was recognised.
func (c Caller) how() string {
	if c.KeyID != "" {
		return "key"
	}
	return "account"
}

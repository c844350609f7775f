package park

import (
	"context"
	"time"

	"watari/kit/db"
	"watari/kit/i18n"
	"watari/visit/park/ticket"
)

// NewTicket is one ticket to be made: of one line of an order, for one person.
type NewTicket struct {
	ParkID, OrderID string
	Line            int64
	VisitorID       string // "" of sales on account
	Channel         string
	Product         string // code
	ProductNo       int64  // in the text of the ticket
	Kind            Kind
	Unit            Unit
	Class           ticket.Class
	Day, Slot       string
	SlotNo          int64 // in the text of the ticket, 0 for the whole day
	// NotBefore and NotAfter bound when it lets in, in whole minutes.
	NotBefore, NotAfter time.Time
	Reentry             Reentry
	Rotating            bool   // shown with changing digits
	Place               string // code of the queue, of rides
	Label               i18n.Text
	Claims              []string // what is to be proved at the gate
}

// Issuer makes tickets and takes them back, in the caller's transaction. It locks its own rows
// only, after those of this package, sorted by order and line.
type Issuer interface {
	// Issue makes tickets, once for each line.
	Issue(ctx context.Context, tx *db.Tx, now time.Time, ts []NewTicket) error
	// Revoke takes tickets of an order back. Those that were used are refused with an error.
	Revoke(ctx context.Context, tx *db.Tx, now time.Time, orderID string, lines []int64) error
	// Reissue replaces the tickets of lines by others: the old texts are not valid any more.
	Reissue(ctx context.Context, tx *db.Tx, now time.Time, ts []NewTicket) error
}

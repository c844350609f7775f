package ledger

import (
	"context"
	"fmt"
	"sort"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/id"
)

// Balances returns every account of a book with its balance; all books when book is
// negative.
func (c *Chart) Balances(ctx context.Context, book int64) ([]Balance, error) {
	var out []Balance
	err := c.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = balances(ctx, tx, book)
		return err
	})
	return out, err
}

// PaymentCauses are the causes whose transfers derive from a payment's own id; a refund's
// derives from the id of the refund.
var PaymentCauses = []Cause{CauseApproval, CauseCancel, CauseLate, CauseLateUndone}

// TransferID returns the id of the transfer that books a cause of a payment or refund (L4).
func TransferID(subject string, c Cause) string { return id.Derive("trf", subject, c.Step()) }

// PromotionID returns the id of the transfer that books the discounts of an order, or what a return
// takes back of them: of subject, the order or the return. No id of a payment's transfer begins
// like it (L4).
func PromotionID(subject string, c Cause) string { return id.Derive("pmo", subject, c.Step()) }

// LegTransferID returns the id of the transfer that books a late yes, or its end, of the n-th leg
// of a payment, n from 0 to 7 (L4).
func LegTransferID(paymentID string, c Cause, n int) string {
	check.That(n >= 0 && n < 8, "ledger: leg %d", n)
	switch {
	case n == 0:
		return TransferID(paymentID, c)
	case c == CauseLate:
		return id.Derive("trf", paymentID, "01234567"[n])
	}
	check.That(c == CauseLateUndone, "ledger: cause %q of a leg", c)
	return id.Derive("trf", paymentID, "-efghijk"[n])
}

// Transfers returns those transfers that exist of the given ids, with their postings, oldest
// first.
func (c *Chart) Transfers(
	ctx context.Context, acquirerNo int64, ids ...string,
) ([]Transfer, error) {
	var stored []storedTransfer
	err := c.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		stored, err = transfersByID(ctx, tx, acquirerNo, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	sort.SliceStable(stored, func(i, j int) bool { return stored[i].At.Before(stored[j].At) })
	out := make([]Transfer, len(stored))
	for i, st := range stored {
		t := st.Transfer
		for _, l := range st.lines {
			a, err := c.ByNo(ctx, l.account)
			if err != nil {
				return nil, fmt.Errorf("read transfer %s: %w", t.ID, err)
			}
			t.Postings = append(t.Postings, Posting{a, l.side, l.minor})
		}
		out[i] = t
	}
	return out, nil
}

// Booked is what of a transfer is needed to compare it with its cause: its heading and the
// postings by account, debits positive.
type Booked struct {
	ID, PaymentID, Corrects string
	Cause                   Cause
	IssuerNo                int64
	AcquirerDay, IssuerDay  string
	Net                     map[int64]int64
}

// Between returns the transfers of a range of ids, both ends included. Errors: those of the
// database, and postings that cannot be read.
func Between(
	ctx context.Context, tx *db.Tx, acquirerNo int64, from, to string,
) ([]Booked, error) {
	return booked(transfersBetween(ctx, tx, acquirerNo, from, to))
}

// ByID returns those transfers that exist of the given ids.
func ByID(ctx context.Context, tx *db.Tx, acquirerNo int64, ids []string) ([]Booked, error) {
	return booked(transfersByID(ctx, tx, acquirerNo, ids))
}

func booked(ts []storedTransfer, err error) ([]Booked, error) {
	if err != nil {
		return nil, err
	}
	out := make([]Booked, len(ts))
	for i, t := range ts {
		net := make(map[int64]int64, len(t.lines))
		for _, l := range t.lines {
			if l.side == Debit {
				net[l.account] += l.minor
			} else {
				net[l.account] -= l.minor
			}
		}
		out[i] = Booked{t.ID, t.PaymentID, t.Corrects, t.Cause, t.IssuerNo, t.AcquirerDay,
			t.IssuerDay, net}
	}
	return out, nil
}

// Accounts returns every account by number.
func Accounts(ctx context.Context, tx *db.Tx) ([]Account, error) { return accounts(ctx, tx) }

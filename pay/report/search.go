package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// Query selects payments. Zero fields choose all.
type Query struct {
	Scope
	Period
	States   []payment.State
	IssuerNo int64 // the wallet that paid
	// Amount limits are of what the shop asked, both ends included; MaxMinor 0 is no limit. One
	// amount is both.
	MinMinor, MaxMinor int64
	// Text is looked for as a whole in the ids of the payment, of its refunds, of the wallet's own
	// payment and of the request; in the shop's order number and the code's last four digits; and
	// as the end of the payment's id, which is what a receipt shows. Upper and lower case are the
	// same in the last. An id of ours is found in whatever period.
	Text  string
	After string // the cursor of the page before
	Limit int    // 1 to 1000; 0 is 50
}

// searchMax is the longest page of a search.
const searchMax = 1000

// Line is a payment with the names of everybody in it.
type Line struct {
	AcquirerNo           int64
	ID, RequestID        string
	State                payment.State
	Reason               link.Reason
	Order                money.Amount // what the shop asked
	PayTo                money.Amount // what the wallet settles; not valid while nobody has paid
	CapturedMinor        int64
	RefundedMinor        int64
	RefundingMinor       int64
	FeeMinor             int64 // what the merchant pays of it now
	Way                  link.Way
	Hold                 bool
	OrderRef, CodeLast4  string
	Created, Concluded   time.Time // Concluded is zero while the outcome is not known
	MerchantNo, StoreNo  int64
	TerminalNo, IssuerNo int64 // 0 when there is none
	Acquirer, Merchant   Name
	Store                Name
	Terminal             Name // its Name is what its label says; zero when there is none
	Wallet               Name // zero while nobody has paid
}

// Name is what a party is called.
type Name struct {
	No           int64
	ID           string // as its bank, or the scheme, knows it
	Name, NameJA string // NameJA is "" where there is none
}

// In is the name for readers of a language: Japanese readers get the Japanese one where there is
// one.
func (n Name) In(lang string) string {
	if strings.HasPrefix(lang, "ja") && n.NameJA != "" {
		return n.NameJA
	}
	return n.Name
}

// fewStores is up to how many stores each is read by its own index.
const fewStores = 12

// Search returns payments, newest first, and the cursor of the next page or "".
//
// Errors: those of the database.
func (r *Reports) Search(ctx context.Context, q Query) ([]Line, string, error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, searchMax)
	q.Text = strings.TrimSpace(q.Text)
	var lines []Line
	err := r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		reach, err := reachOf(ctx, tx, q.Scope)
		if err != nil || reach.nothing() {
			return err
		}
		if q.Text != "" {
			if lines, err = exactly(ctx, tx, reach, q); err != nil || len(lines) > 0 {
				return err
			}
		}
		for _, part := range parts(reach) {
			some, err := search(ctx, tx, part, q)
			if err != nil {
				return fmt.Errorf("search payments: %w", err)
			}
			lines = append(lines, some...)
		}
		return nil
	})
	slices.SortStableFunc(lines, func(a, b Line) int { return strings.Compare(b.ID, a.ID) })
	next := ""
	if len(lines) > q.Limit {
		lines = lines[:q.Limit]
	}
	if len(lines) == q.Limit {
		next = lines[q.Limit-1].ID
	}
	return lines, next, err
}

// parts cuts a reach so that each part is read in the order of one index.
func parts(to reach) []reach {
	var all []reach
	for _, no := range to.acquirers {
		part := to
		part.acquirers = []int64{no}
		if !to.narrowed || len(to.stores) > fewStores {
			all = append(all, part)
			continue
		}
		for _, store := range to.stores {
			part.stores = []int64{store}
			all = append(all, part)
		}
	}
	return all
}

// Find returns one payment of a scope; false when the scope has none with this id.
func (r *Reports) Find(ctx context.Context, s Scope, paymentID string) (Line, bool, error) {
	var found []Line
	err := r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		reach, err := reachOf(ctx, tx, s)
		if err != nil || reach.nothing() {
			return err
		}
		found, err = byIDs(ctx, tx, reach, []string{paymentID})
		return err
	})
	if err != nil || len(found) == 0 {
		return Line{}, false, err
	}
	return found[0], true, nil
}

package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/money"
	"watari/pay/ledger"
)

// Filter selects payments of one acquirer. Zero values select all.
type Filter struct {
	AcquirerNo, MerchantNo, StoreNo, TerminalNo int64

	States      []State
	From, Until time.Time // of creation, Until exclusive
	After       string    // continue after this payment id
	Limit       int       // 1 to 200; 0 is 50
}

// limitMax is the longest page of payments.
const limitMax = 200

// Find returns a payment by our id or by the caller's request id.
//
// Errors: ErrNotFound; ErrClosed when the id was given up before its payment came.
func (s *Service) Find(
	ctx context.Context, acquirerNo int64, ch Channel, ref Ref,
) (*Payment, error) {
	if ref.PaymentID != "" {
		return s.load(ctx, pk{acquirerNo, ref.PaymentID})
	}
	key := claimKey{acquirerNo, string(ch) + "." + opPay, ref.RequestID}
	var c *claim
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return readClaims(ctx, tx, []claimKey{key}, func(found *claim) { c = found })
	})
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, ErrNotFound.Newf("no payment with request id %s", ref.RequestID)
	case c.refusal != "" && c.compared == tombstone:
		return &Payment{AcquirerNo: acquirerNo, RequestID: ref.RequestID, Channel: ch,
			State: Cancelled}, nil
	case c.refusal != "":
		return nil, ErrNotFound.Newf("the payment was refused").Because(refusedBefore(c).err)
	}
	return s.load(ctx, pk{acquirerNo, c.subject})
}

// load reads a payment with the ids that its leg has from the wallet.
func (s *Service) load(ctx context.Context, key pk) (*Payment, error) {
	var found *Payment
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := readPayment(ctx, tx, key)
		if errors.Is(err, db.ErrNoRows) {
			return ErrNotFound.Newf("no payment %s", key.id)
		}
		if err != nil {
			return err
		}
		found = p
		return fillFromLegs(ctx, tx, []*Payment{p})
	})
	return found, err
}

// fillFromLegs adds what the legs know: the wallet's own id and the quote.
func fillFromLegs(ctx context.Context, tx *db.Tx, ps []*Payment) error {
	byLeg := make(map[string]*Payment, len(ps))
	keys := make([]pk, 0, len(ps))
	for _, p := range ps {
		if p.Step != 0 {
			keys = append(keys, pk{p.AcquirerNo, p.legID()})
			byLeg[p.legID()] = p
		}
	}
	return readLegs(ctx, tx, keys, func(l *Leg) {
		p := byLeg[l.ID]
		p.TheirID, p.QuoteID, p.LegState = l.TheirID, l.QuoteID, l.State
		if l.Terms != nil {
			p.Taken = l.Terms.Taken
		}
	})
}

// loadLeg reads the first leg of a payment.
func (s *Service) loadLeg(ctx context.Context, key pk) (*Leg, error) {
	var found *Leg
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return readLegs(ctx, tx, []pk{key}, func(l *Leg) { found = l })
	})
	if err == nil && found == nil {
		err = ErrNotFound.Newf("no leg %s", key.id)
	}
	return found, err
}

func (s *Service) loadRefund(ctx context.Context, key pk) (*Refund, error) {
	var found *Refund
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return readRefunds(ctx, tx, []pk{key}, func(f *Refund) { found = f })
	})
	if err == nil && found == nil {
		err = ErrNotFound.Newf("no refund %s", key.id)
	}
	return found, err
}

// Refunds returns the refunds of a payment, oldest first.
func (s *Service) Refunds(
	ctx context.Context, acquirerNo int64, paymentID string,
) ([]Refund, error) {
	var out []Refund
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := refundsOf(ctx, tx, acquirerNo, paymentID)
		for _, f := range found {
			out = append(out, *f)
		}
		return err
	})
	return out, err
}

// FindRefund returns a refund of an acquirer by our id.
//
// Errors: ErrNotFound.
func (s *Service) FindRefund(ctx context.Context, acquirerNo int64, id string) (*Refund, error) {
	return s.loadRefund(ctx, pk{acquirerNo, id})
}

// List returns payments, newest first, and the cursor of the next page or "".
func (s *Service) List(ctx context.Context, f Filter) ([]Payment, string, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, limitMax)
	stores, err := s.storesOf(ctx, f)
	if err != nil {
		return nil, "", err
	}
	var out []Payment
	err = s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := listOf(ctx, tx, f, stores)
		if err != nil {
			return err
		}
		if err := fillFromLegs(ctx, tx, found); err != nil {
			return err
		}
		out = make([]Payment, len(found))
		for i, p := range found {
			out[i] = *p
		}
		return nil
	})
	next := ""
	if len(out) == f.Limit {
		next = out[len(out)-1].ID
	}
	return out, next, err
}

// storesOf returns the stores by which a merchant's payments are found; none when the filter names
// no merchant, or a store.
func (s *Service) storesOf(ctx context.Context, f Filter) ([]int64, error) {
	if f.MerchantNo == 0 || f.StoreNo != 0 {
		return nil, nil
	}
	nos, err := s.directory.StoreNumbers(ctx, f.MerchantNo)
	if err != nil {
		return nil, fmt.Errorf("find the merchant's stores: %w", err)
	}
	return nos, nil
}

// fewStores is up to how many stores each is read by its own index; a merchant with more is found
// among all payments of its acquirer.
const fewStores = 16

// listOf lists the payments of a filter, store by store when there are some.
func listOf(ctx context.Context, tx *db.Tx, f Filter, stores []int64) ([]*Payment, error) {
	switch {
	case f.MerchantNo == 0 || f.StoreNo != 0 || len(stores) > fewStores:
		return listPayments(ctx, tx, f)
	case len(stores) == 0:
		return nil, nil
	}
	var all []*Payment
	for _, f.StoreNo = range stores {
		some, err := listPayments(ctx, tx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b *Payment) int { return strings.Compare(b.ID, a.ID) })
	return all[:min(len(all), f.Limit)], nil
}

// similarAge is how long a pending payment makes a till warn of the same amount.
const similarAge = 5 * time.Minute

// Similar returns a payment of the same amount that is not concluded yet and was begun on
// this terminal in the last five minutes, or nil: the till warns before it takes a second.
func (s *Service) Similar(
	ctx context.Context, acquirerNo, storeNo, terminalNo int64, amount money.Amount,
) (*Payment, error) {
	found, _, err := s.List(ctx, Filter{AcquirerNo: acquirerNo, StoreNo: storeNo,
		TerminalNo: terminalNo, States: []State{Authorising, Pending},
		From: s.now().Add(-similarAge), Limit: limitMax})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].Order == amount {
			return &found[i], nil
		}
	}
	return nil, nil
}

// RefundedToday returns how much was refunded since midnight in Japan through this terminal,
// and in the whole store, in yen. Refunds in process count.
func (s *Service) RefundedToday(
	ctx context.Context, acquirerNo, storeNo, terminalNo int64,
) (terminal, store int64, err error) {
	now := s.now().In(clock.JST)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, clock.JST)
	err = s.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		terminal, store, err = refundedSince(ctx, tx, acquirerNo, storeNo, terminalNo, midnight)
		return err
	})
	return terminal, store, err
}

// Timeline is everything that happened to a payment.
type Timeline struct {
	Payment   Payment
	Refunds   []Refund
	Captures  []Capture
	Events    []event.Event
	Transfers []ledger.Transfer
}

// Timeline returns the events and the transfers of a payment.
//
// Errors: ErrNotFound.
func (s *Service) Timeline(
	ctx context.Context, acquirerNo int64, paymentID string,
) (Timeline, error) {
	var t Timeline
	p, err := s.load(ctx, pk{acquirerNo, paymentID})
	if err != nil {
		return t, err
	}
	t.Payment = *p
	if t.Refunds, err = s.Refunds(ctx, acquirerNo, paymentID); err != nil {
		return t, err
	}
	if t.Events, err = s.log.Subject(ctx, paymentID); err != nil {
		return t, err
	}
	// An id that an acquirer gave up is a subject too, and may be any text.
	t.Events = slices.DeleteFunc(t.Events, func(e event.Event) bool {
		return e.AcquirerNo != acquirerNo
	})
	var ids []string
	for _, c := range ledger.PaymentCauses {
		ids = append(ids, ledger.TransferID(paymentID, c))
	}
	for n := range legsMax {
		ids = append(ids, ledger.LegTransferID(paymentID, ledger.CauseLate, n),
			ledger.LegTransferID(paymentID, ledger.CauseLateUndone, n))
	}
	if t.Captures, err = s.Captures(ctx, acquirerNo, paymentID); err != nil {
		return t, err
	}
	for _, c := range t.Captures {
		ids = append(ids, ledger.TransferID(c.ID, ledger.CauseCapture))
	}
	for _, f := range t.Refunds {
		ids = append(ids, ledger.TransferID(f.ID, ledger.CauseRefund))
	}
	t.Transfers, err = s.chart.Transfers(ctx, acquirerNo, ids...)
	return t, err
}

// OpenLegs counts the legs on the schedule by their state.
func (s *Service) OpenLegs(ctx context.Context) (map[LegState]int64, error) {
	var open map[LegState]int64
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		open, err = countOpenLegs(ctx, tx)
		return err
	})
	return open, err
}

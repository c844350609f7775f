package order_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
)

func moneyOf(s string) money.Currency { return money.Currency(s) }

// purse stands for a wallet whose users pay on its page: a counterparty outside.
type purse struct {
	mu      sync.Mutex
	asked   map[string]money.Amount            // orders, by our request id
	paid    map[string]money.Amount            // what its users paid
	closed  map[string]bool                    // orders that were cancelled
	refunds map[string]map[string]money.Amount // by request id, then by refund id
	mode    string                             // of refunds: "", "silent", "lost", "no"
	book    *os.File                           // where refunds are written down, or nil
	limits  func(*link.Capabilities)           // what its protocol cannot, or nil
	// shared is a file in which the wallet keeps everything, for a network whose processes die:
	// each line is something that happened. "" keeps it in memory.
	shared string
}

func newPurse() *purse {
	return &purse{asked: map[string]money.Amount{}, paid: map[string]money.Amount{},
		closed: map[string]bool{}, refunds: map[string]map[string]money.Amount{}}
}

func (w *purse) Name() string { return "purse" }

func (w *purse) Capabilities() link.Capabilities {
	c := link.Capabilities{IDMax: 64, CallMax: 6 * time.Second, InquiryMax: 5 * time.Second,
		Inquiries: []time.Duration{10 * time.Millisecond}, Deadline: 180 * time.Second,
		CodeLife: time.Minute, PartialRefund: true, RefundWindow: 365 * 24 * time.Hour,
		CancelUntil: func(t time.Time) time.Time { return t.Add(24 * time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(25 * time.Hour) },
		Ways:        []link.Way{link.WayPage, link.WayOrder}}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.limits != nil {
		w.limits(&c)
	}
	return c
}

// limit takes something from what the wallet's protocol can.
func (w *purse) limit(fn func(*link.Capabilities)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limits = fn
}

var errPurse = errors.New("no answer")

func (w *purse) Authorise(context.Context, link.Endpoint, link.Authorise) link.Answer {
	return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther}
}

func (w *purse) Prepare(_ context.Context, _ link.Endpoint, q link.Prepare) (
	link.Form, link.Answer,
) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load()
	w.asked[q.OurRequestID] = q.PayTo
	w.note("asked", q.OurRequestID, q.PayTo)
	return link.Form{PageURL: "https://wallet.example/" + q.OurRequestID},
		link.Answer{Outcome: link.Unknown, UserActing: true, Cause: errPurse}
}

// pays is a user's yes, as the wallet tells it.
func (w *purse) pays(leg string) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load()
	if !w.closed[leg] {
		w.paid[leg] = w.asked[leg]
		w.note("paid", leg, w.asked[leg])
	}
	return w.yes(leg)
}

func (w *purse) yes(leg string) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "W" + leg, Customer: "user",
		RequestID: leg, At: clock.Now()}
}

func (w *purse) Inquire(_ context.Context, _ link.Endpoint, q link.Inquire) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load()
	if _, ok := w.paid[q.OurRequestID]; ok {
		a := w.yes(q.OurRequestID)
		a.GivenBack = len(w.refunds[q.OurRequestID]) > 0
		return a
	}
	if w.closed[q.OurRequestID] {
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonClosed}
	}
	return link.Answer{Outcome: link.Unknown, UserActing: true, Cause: errPurse}
}

func (w *purse) Cancel(_ context.Context, _ link.Endpoint, q link.Cancel) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load()
	w.closed[q.OurRequestID] = true
	delete(w.paid, q.OurRequestID)
	w.note("closed", q.OurRequestID, q.PayTo)
	return link.Answer{Outcome: link.Approved}
}

func (w *purse) Refund(_ context.Context, _ link.Endpoint, q link.Refund) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load()
	switch w.mode {
	case "silent":
		return link.Answer{Outcome: link.Unknown, Cause: errPurse}
	case "no":
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther}
	}
	if w.refunds[q.OurRequestID] == nil {
		w.refunds[q.OurRequestID] = map[string]money.Amount{}
	}
	w.refunds[q.OurRequestID][q.RefundID] = q.Order
	w.note(q.RefundID, q.OurRequestID, q.Order)
	if w.book != nil {
		if _, err := w.book.WriteString(q.OurRequestID + " " + q.RefundID + "\n"); err != nil {
			return link.Answer{Outcome: link.Unknown, Cause: err}
		}
	}
	if w.mode == "lost" {
		return link.Answer{Outcome: link.Unknown, Cause: errPurse}
	}
	return link.Answer{Outcome: link.Approved, TheirID: "R" + q.RefundID}
}

func (w *purse) set(mode string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mode = mode
}

// gave is what the wallet's users have back of an order, in yen, and in how many refunds.
func (w *purse) gave(leg string) (yen int64, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.load()
	for _, a := range w.refunds[leg] {
		yen += a.Minor()
	}
	return yen, len(w.refunds[leg])
}

// keeps says whether the wallet has its user's money of an order.
func (w *purse) keeps(leg string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, paid := w.paid[leg]
	return paid
}

// note keeps something that happened.
func (w *purse) note(what, leg string, a money.Amount) {
	if w.shared == "" {
		return
	}
	f, err := os.OpenFile(w.shared, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintf(f, "%s %s %d %s\n", what, leg, a.Minor(), a.Currency())
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		panic(err)
	}
}

// load reads what happened so far.
func (w *purse) load() {
	if w.shared == "" {
		return
	}
	text, err := os.ReadFile(w.shared)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		var what, leg, currency string
		var minor int64
		if _, err := fmt.Sscan(line, &what, &leg, &minor, &currency); err != nil {
			panic(err)
		}
		a := money.MustNew(minor, moneyOf(currency))
		switch what {
		case "asked":
			w.asked[leg] = a
		case "paid":
			w.paid[leg] = a
		case "closed":
			w.closed[leg] = true
			delete(w.paid, leg)
		default:
			if w.refunds[leg] == nil {
				w.refunds[leg] = map[string]money.Amount{}
			}
			w.refunds[leg][what] = a
		}
	}
}

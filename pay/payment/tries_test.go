package payment_test

import (
	"context"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link"
	"watari/pay/payment"
)

// Goal: the events of an order tell what became of each attempt, with the wallet's reason. Method:
// one wallet declines by a notice, the next is asked and the shop cancels.
func TestTriesAreReadFromTheEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...), 1)
	r.ways()
	other := r.other()
	p := r.openOrder(r.order(1980))
	first := r.choose(p, r.issuer.No)
	r.do("decline", r.Notify(context.Background(), r.issuer.No, link.Notice{OurRequestID: first,
		Answer: link.Answer{Outcome: link.Declined, Reason: link.ReasonBalance,
			RequestID: first}}))
	second := r.choose(r.find(p.ID), other.No)
	read := func() []payment.Try {
		t.Helper()
		tl, err := r.Timeline(context.Background(), p.AcquirerNo, p.ID)
		r.do("timeline", err)
		return payment.Tries(tl.Events)
	}
	want := []payment.Try{{IssuerID: r.issuer.ID, LegID: first, State: payment.TryDeclined,
		Reason: link.ReasonBalance}, {IssuerID: other.ID, LegID: second, State: payment.TryOpen}}
	if got := read(); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, want %+v", got, want)
	}

	_, err := r.Cancel(context.Background(), payment.Cancellation{Origin: payment.Origin{
		AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "test", Began: r.now()},
		Ref: payment.Ref{PaymentID: p.ID}})
	r.do("cancel", err)
	if got := read(); got[0].State != payment.TryDeclined || got[1].State != payment.TryClosed {
		t.Errorf("after the cancel got %+v", got)
	}
}

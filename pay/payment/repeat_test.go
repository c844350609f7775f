package payment_test

import (
	"context"
	"errors"
	"testing"

	"watari/pay/payment"
)

// Goal: a repeat is recognised by a version of the program that compares more fields than the
// one that took the first request: what was not kept is not compared.
func TestNewComparedFieldsDoNotBreakOldIDs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		s := r.sale(1980)
		p, err := r.Sell(ctx, s)
		r.do("sell", err)
		s.Began = r.now()
		s.Compare = append(s.Compare, payment.Field{Name: "terminal_id", Value: "T1"})
		again, err := r.Sell(ctx, s)
		if err != nil || again.ID != p.ID {
			t.Errorf("repeat with one more field: %v %v", again, err)
		}
		s.Compare[1].Value = "S9"
		if _, err := r.Sell(ctx, s); !errors.Is(err, payment.ErrInconsistent) {
			t.Errorf("repeat with another store: %v", err)
		}
		r.verify()
	})
}

// Goal: a refund of a payment that does not exist is refused for ever under its id, also when
// the payment comes later; and so is one of an id that was given up.
func TestRefundBeforePayIsRefusedForEver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		s := r.sale(1980)
		g := payment.Giveback{Origin: payment.Origin{AcquirerNo: r.bank.No,
			Channel: payment.ChannelAPI, Actor: "test", Began: r.now(), RequestID: "early"},
			Ref: payment.Ref{RequestID: s.RequestID}, Of: payment.ChannelAPI,
			Amount: yen(100)}
		if _, err := r.Refund(ctx, g); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("before the payment: %v", err)
		}
		p, err := r.Sell(ctx, s)
		r.do("sell", err)
		g.Began = r.now()
		if _, err := r.Refund(ctx, g); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("after the payment, same id: %v", err)
		}
		g.RequestID = "late"
		if f, err := r.Refund(ctx, g); err != nil || f.State != payment.RefundSucceeded {
			t.Errorf("after the payment, fresh id: %v %v", f, err)
		}

		c := payment.Cancellation{Origin: payment.Origin{AcquirerNo: r.bank.No,
			Channel: payment.ChannelAPI, Actor: "test", Began: r.now()},
			Ref: payment.Ref{RequestID: "never-seen"}}
		_, err = r.Cancel(ctx, c)
		r.do("give up", err)
		g.RequestID, g.Ref.RequestID = "of-given-up", "never-seen"
		for range 2 {
			if _, err := r.Refund(ctx, g); !errors.Is(err, payment.ErrState) {
				t.Errorf("of a given-up id: %v", err)
			}
		}
		if p = r.find(p.ID); p.RefundedMinor != 100 {
			t.Errorf("refunded %d", p.RefundedMinor)
		}
		r.verify()
	})
}

// Goal: an id that no protocol allows is refused before anything is written, on every way in.
func TestRequestIDsAreChecked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		long := make([]byte, 65)
		for i := range long {
			long[i] = 'a'
		}
		for _, id := range []string{"", " ", "a b", "a\x00b", "a\nb", "日本", string(long)} {
			s := r.sale(100)
			s.RequestID = id
			if _, err := r.Sell(ctx, s); !errors.Is(err, payment.ErrRequestID) {
				t.Errorf("sell %q: %v", id, err)
			}
			o := payment.Origin{AcquirerNo: r.bank.No, Channel: payment.ChannelAPI,
				Actor: "test", Began: r.now(), RequestID: id}
			if _, err := r.Refund(ctx, payment.Giveback{Origin: o, Amount: yen(1),
				Ref: payment.Ref{RequestID: "x"}}); !errors.Is(err, payment.ErrRequestID) {
				t.Errorf("refund %q: %v", id, err)
			}
			_, err := r.Cancel(ctx, payment.Cancellation{Origin: o,
				Ref: payment.Ref{RequestID: id}})
			if !errors.Is(err, payment.ErrRequestID) {
				t.Errorf("cancel %q: %v", id, err)
			}
		}
		for _, id := range []string{"~!@#$%^&*()_+{}|", "';drop/**/table-payment;--", "A", "a"} {
			s := r.sale(100)
			s.RequestID = id
			if p, err := r.Sell(ctx, s); err != nil || p.RequestID != id {
				t.Errorf("sell %q: %v", id, err)
			}
		}
		r.verify()
	})
}

// Goal: what one acquirer calls its requests does not show in another's payments.
// Method: an id is given up that is the same as a payment's own.
func TestTimelineShowsItsOwnEventsOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		p := r.sell(1980)
		_, err := r.Cancel(ctx, payment.Cancellation{Origin: payment.Origin{
			AcquirerNo: r.bank.No + 50, Channel: payment.ChannelAPI, Actor: "other",
			Began: r.now()}, Ref: payment.Ref{RequestID: p.ID}})
		r.do("give up", err)
		line, err := r.Timeline(ctx, r.bank.No, p.ID)
		r.do("timeline", err)
		for _, e := range line.Events {
			if e.AcquirerNo != r.bank.No {
				t.Errorf("shows %s of acquirer %d", e.Kind, e.AcquirerNo)
			}
		}
		if len(line.Events) != 2 {
			t.Errorf("%d events", len(line.Events))
		}
	})
}

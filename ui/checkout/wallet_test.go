package checkout_test

import (
	"context"
	"sync"
	"time"

	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
)

// scripted stands for a wallet that makes orders.
type scripted struct {
	name string
	form link.Form // instead of the protocol's usual one

	mu    sync.Mutex
	mode  string // "": takes orders; decline; silence
	asked map[string]link.Prepare
	last  string // our request id
	paid  map[string]bool
	pokes int
}

// resolver is a wallet that asks us what our codes mean, and makes no orders.
type resolver struct{ link.Connector }

func (w *scripted) set(mode string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mode = mode
}

// asks is how often the wallet was asked to make an order, and the last one.
func (w *scripted) asks() (int, link.Prepare) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked), w.asked[w.last]
}

func (w *scripted) Name() string { return w.name }

func (w *scripted) Capabilities() link.Capabilities {
	ways := map[string][]link.Way{
		"alipayplus": {link.WayOrder, link.WayEntry, link.WayPage},
		"wechatpay":  {link.WayOrder, link.WayEntry},
		"paypay":     {link.WayOrder, link.WayPage},
		"linepay":    {link.WayPage},
	}
	return link.Capabilities{IDMax: 64, CallMax: 6 * time.Second, InquiryMax: 5 * time.Second,
		Inquiries: []time.Duration{time.Minute}, Deadline: 3 * time.Minute,
		CodeLife: time.Minute, PartialRefund: true, RefundWindow: 365 * 24 * time.Hour,
		Ways: ways[w.name], Resolves: w.name == "alipayplus",
		CancelUntil: func(t time.Time) time.Time { return t.Add(24 * time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(25 * time.Hour) }}
}

func (w *scripted) Prepare(
	_ context.Context, _ link.Endpoint, q link.Prepare,
) (link.Form, link.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.mode {
	case "decline":
		return link.Form{}, link.Answer{Outcome: link.Declined, Reason: link.ReasonMerchant}
	case "silence":
		return link.Form{}, link.Answer{Outcome: link.Unknown}
	}
	w.asked[q.OurRequestID], w.last = q, q.OurRequestID
	form := w.form
	switch {
	case form.PageURL+form.AppURL+form.CodeText != "" || len(form.Params) > 0:
	case q.Way == link.WayOrder:
		form.CodeText = w.name + "://order/" + q.OurRequestID
	case w.name == "wechatpay":
		form.Params = map[string]string{"appId": "wx1", "package": "prepay_id=" + q.OurRequestID}
	default:
		form.PageURL = "https://" + w.name + ".example/pay/" + q.OurRequestID
	}
	return form, link.Answer{Outcome: link.Unknown, UserActing: true,
		TheirID: "W" + q.OurRequestID}
}

func (w *scripted) yes(id string) link.Answer {
	a := link.Answer{Outcome: link.Approved, TheirID: "W" + id, RequestID: id,
		Customer: "user-1", At: clock.Now(), Code: "SUCCESS"}
	if w.name == "linepay" {
		twd := money.MustNew(421_00, "TWD")
		a.Payer = &twd
	}
	return a
}

func (w *scripted) Authorise(context.Context, link.Endpoint, link.Authorise) link.Answer {
	return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther}
}

func (w *scripted) Inquire(_ context.Context, _ link.Endpoint, q link.Inquire) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pokes++
	if w.paid[q.OurRequestID] {
		return w.yes(q.OurRequestID)
	}
	return link.Answer{Outcome: link.Unknown, UserActing: true}
}

func (w *scripted) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved}
}

func (w *scripted) Refund(_ context.Context, _ link.Endpoint, q link.Refund) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "R" + q.RefundID}
}

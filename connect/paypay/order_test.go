package paypay_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"watari/connect/paypay"
	"watari/connect/paypay/wire"
	"watari/kit/money"
	"watari/pay/link"
	"watari/sandbox/wallet"
)

// prepare makes an order at the sandbox.
func (r *rig) prepare(c *paypay.Client, a link.Authorise, way link.Way) link.Form {
	r.t.Helper()
	form, answer := c.Prepare(r.t.Context(), r.endpoint(), link.Prepare{Authorise: a, Way: way,
		ReturnURL: "https://shop.example/back?order=1", UserAgent: "Mozilla/5.0"})
	wants(r.t, "prepare", answer, link.Unknown, "")
	if !answer.UserActing || answer.Cause == nil || answer.RequestID != a.OurRequestID ||
		*answer.Order != a.Order || answer.TheirID != "" {
		r.t.Fatalf("prepare: got %+v", answer)
	}
	if form.PreparedID == "" || form.Expires.IsZero() {
		r.t.Fatalf("prepare: the form is %+v", form)
	}
	return form
}

// The goal is each way to pay an order: what the payer is given works, the way back is kept, and
// the payment is found, with PayPay's own id.
func TestOrdersArePaidInEachWay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c, to := r.client(), r.endpoint()
	for _, way := range []link.Way{link.WayOrder, link.WayPage, link.WayEntry} {
		a := r.sale()
		form := r.prepare(c, a, way)
		var texts []string
		switch way {
		case link.WayOrder:
			texts = []string{form.CodeText}
			if form.PageURL != "" || form.AppURL != "" {
				t.Errorf("%s: %+v", way, form)
			}
		default:
			texts = []string{form.PageURL, form.AppURL}
			if form.CodeText != "" || !strings.HasPrefix(form.AppURL, "paypay://payment?") {
				t.Errorf("%s: %+v", way, form)
			}
			if back := r.payment(a.OurRequestID).ReturnURL; !strings.Contains(back, "order=1") {
				t.Errorf("%s: the way back is %q", way, back)
			}
		}
		about := about(a, way)
		open := c.Inquire(t.Context(), to, link.Inquire{About: about})
		if open.Outcome != link.Unknown || !open.UserActing {
			t.Errorf("%s: before it is paid: %+v", way, open)
		}
		r.scan(texts[len(texts)-1])
		paid := c.Inquire(t.Context(), to, link.Inquire{About: about})
		wants(t, "inquire", paid, link.Approved, "")
		if paid.TheirID == "" || paid.TheirID == form.PreparedID || *paid.Order != a.Order {
			t.Errorf("%s: paid %+v", way, paid)
		}
		again, answer := c.Prepare(t.Context(), to, link.Prepare{Authorise: a, Way: way})
		if answer.Outcome != link.Unknown || answer.Cause == nil || again.CodeText != "" {
			t.Errorf("%s: prepared again: %+v, %+v", way, again, answer)
		}
	}
}

// The goal is that an order which nobody paid is closed by its code, and that its payer cannot pay
// it any more; that repeating it is the same; and that one which was paid is given back.
func TestCancelOfAnOrderClosesItsCode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c, to := r.client(), r.endpoint()
	a := r.sale()
	form := r.prepare(c, a, link.WayOrder)
	about := about(a, link.WayOrder)
	about.PreparedID = form.PreparedID
	r.seen()

	wants(t, "cancel", c.Cancel(t.Context(), to, link.Cancel{About: about}), link.Approved, "")

	if calls := r.seen(); !slices.Contains(calls, "DELETE /v2/codes/"+form.PreparedID) {
		t.Errorf("called %v", calls)
	}
	got, err := r.wallet.Scan(t.Context(), r.front, user, form.CodeText, nil)
	if err != nil || got.Why != wallet.WhyClosed {
		t.Errorf("scan of a closed code: %+v, %v", got, err)
	}
	wants(t, "again", c.Cancel(t.Context(), to, link.Cancel{About: about}), link.Approved, "")

	paid := r.sale()
	form = r.prepare(c, paid, link.WayOrder)
	r.scan(form.CodeText)
	about.OurRequestID, about.PreparedID = paid.OurRequestID, form.PreparedID
	wants(t, "of a paid one", c.Cancel(t.Context(), to, link.Cancel{About: about}),
		link.Approved, "")
	if taken := r.Taken(paid.OurRequestID); taken != 0 {
		t.Errorf("the wallet still holds %d", taken)
	}
	closed := c.Inquire(t.Context(), to, link.Inquire{About: about})
	wants(t, "inquire", closed, link.Declined, link.ReasonClosed)
}

// The goal is that only the state decides a cancel (P5): every pair of what PayPay says to it and
// how the payment stands then.
func TestCancelIsWhatTheStateSays(t *testing.T) {
	t.Parallel()
	part := data("leg_1", wire.StateRefunded)
	part.Refunds = &wire.Refunds{Data: []wire.RefundData{
		{Status: "REFUNDED", Amount: &wire.Money{Amount: 980, Currency: "JPY"}}}}
	gone := reply{code: wire.NotFound}
	at := func(s wire.State) reply { return reply{code: wire.Success, data: data("leg_1", s)} }
	const old, fresh = time.Hour, time.Second
	for name, c := range map[string]struct {
		said, stands reply
		age          time.Duration
		way          link.Way
		want         link.Outcome
		reason       link.Reason
	}{
		"done": {reply{code: wire.Accepted}, at("FAILED"), fresh, link.WayCode, "approved", ""},
		"not yet": {reply{code: wire.Accepted}, at("COMPLETED"), old, link.WayCode, "unknown",
			""},
		"by a refund": {reply{code: wire.Accepted}, at("REFUNDED"), fresh, link.WayCode,
			"approved", ""},
		"in part": {reply{code: wire.Accepted}, reply{code: wire.Success, data: part}, fresh,
			link.WayCode, "unknown", ""},
		"lapsed": {reply{code: wire.NotReversible}, at("EXPIRED"), fresh, link.WayCode,
			"approved", ""},
		"before": {reply{code: wire.NotReversible}, at("CANCELED"), fresh, link.WayCode,
			"approved", ""},
		"too late": {reply{code: wire.NotReversible}, at("COMPLETED"), old, link.WayCode,
			"declined", link.ReasonWindow},
		"too old": {reply{code: wire.NoLongerAvailable}, at("COMPLETED"), old, link.WayCode,
			"declined", link.ReasonWindow},
		"user asked": {reply{code: wire.Accepted}, at("CREATED"), old, link.WayCode, "unknown",
			""},
		"code open": {reply{code: wire.Accepted}, at("CREATED"), fresh, link.WayOrder, "unknown",
			""},
		"code over": {reply{code: wire.Accepted}, at("CREATED"), old, link.WayOrder, "approved",
			""},
		"may arrive":    {reply{code: wire.Accepted}, gone, fresh, link.WayCode, "unknown", ""},
		"cannot arrive": {reply{code: wire.Accepted}, gone, old, link.WayCode, "approved", ""},
		"never seen":    {gone, gone, old, link.WayCode, "approved", ""},
		"limited": {reply{code: wire.RateLimit}, at("FAILED"), fresh, link.WayCode, "unknown",
			""},
		"broken": {reply{code: wire.InternalError}, at("FAILED"), fresh, link.WayCode, "unknown",
			""},
		"refused": {reply{code: wire.OutOfScope}, at("COMPLETED"), fresh, link.WayCode,
			"declined", link.ReasonConfiguration},
		"another's": {reply{code: wire.Accepted}, reply{code: wire.Success,
			data: data("leg_2", "FAILED")}, fresh, link.WayCode, "unknown", ""},
		"unheard": {reply{code: wire.Accepted}, reply{code: wire.ServiceError}, old,
			link.WayCode, "unknown", ""},
		"a new state": {reply{code: wire.Accepted}, at("SLEEPING"), old, link.WayCode, "unknown",
			""},
	} {
		client, to := against(t, scripted{"DELETE /v2/payments/leg_1": c.said,
			"GET /v2/payments/leg_1": c.stands, "GET /v2/codes/payments/leg_1": c.stands})
		about := about(sale("leg_1"), c.way)
		about.At = about.At.Add(-c.age)
		a := client.Cancel(t.Context(), to, link.Cancel{About: about})
		if a.Outcome != c.want || a.Reason != c.reason ||
			(a.Outcome == link.Unknown) != (a.Cause != nil) {
			t.Errorf("%s: got %+v, want %s %s", name, a, c.want, c.reason)
		}
	}
}

// The goal is a code that was paid between the look and the deletion, one that is gone, and one
// that PayPay will not delete.
func TestCodeIsPaidWhileItIsDeleted(t *testing.T) {
	t.Parallel()
	open := reply{code: wire.Success, data: &wire.PaymentData{Status: "CREATED"}}
	for name, c := range map[string]struct {
		deleted, stands reply
		want            link.Outcome
	}{
		"deleted":     {reply{code: wire.Success}, open, "approved"},
		"gone":        {reply{code: wire.CodeNotFound}, open, "approved"},
		"paid now":    {reply{code: wire.CodeAlreadyPaid}, open, "unknown"},
		"not now":     {reply{code: wire.Maintenance}, open, "unknown"},
		"not allowed": {reply{code: wire.OutOfScope}, open, "declined"},
		"unheard":     {reply{code: wire.Success}, reply{code: wire.RateLimit}, "unknown"},
		"never seen": {reply{code: wire.CodeNotFound}, reply{code: wire.CodePaymentNotFound},
			"approved"},
	} {
		client, to := against(t, scripted{"DELETE /v2/codes/04-x": c.deleted,
			"GET /v2/codes/payments/leg_1": c.stands,
			"DELETE /v2/payments/leg_1":    {code: wire.Accepted}})
		about := about(sale("leg_1"), link.WayOrder)
		about.PreparedID = "04-x"
		if a := client.Cancel(t.Context(), to, link.Cancel{About: about}); a.Outcome != c.want {
			t.Errorf("%s: got %+v, want %s", name, a, c.want)
		}
	}
}

// The goal is the way back of what PayPay says of a new code: it must be ours, and lead to the web
// or to the app.
func TestFormsLeadNowhereElse(t *testing.T) {
	t.Parallel()
	made := func(f func(*wire.CodeData)) wire.CodeData {
		d := wire.CodeData{CodeID: "04-x", URL: "https://qr.example/04-x", Expiry: 1_795_323_540,
			Deeplink: "paypay://payment?link_key=x",
			CodeRequest: wire.CodeRequest{MerchantPaymentID: "leg_1",
				Amount: &wire.Money{Amount: 1980, Currency: "JPY"}}}
		f(&d)
		return d
	}
	for name, c := range map[string]struct {
		d            wire.CodeData
		stands, apps bool
	}{
		"good":       {made(func(*wire.CodeData) {}), true, true},
		"another's":  {made(func(d *wire.CodeData) { d.MerchantPaymentID = "leg_2" }), false, false},
		"nobody's":   {made(func(d *wire.CodeData) { d.MerchantPaymentID = "" }), false, false},
		"no address": {made(func(d *wire.CodeData) { d.URL = "" }), false, false},
		"script":     {made(func(d *wire.CodeData) { d.URL = "javascript:alert(1)" }), false, false},
		"app script": {made(func(d *wire.CodeData) { d.Deeplink = "javascript:alert(1)" }), true,
			false},
		"app file": {made(func(d *wire.CodeData) { d.Deeplink = "file:///etc" }), true, false},
	} {
		client, to := against(t, scripted{"POST /v2/codes": {code: wire.Success, data: c.d,
			status: 201}})
		form, a := client.Prepare(t.Context(), to, link.Prepare{Authorise: sale("leg_1"),
			Way: link.WayPage, ReturnURL: "https://shop.example/"})
		if a.Outcome != link.Unknown || a.Cause == nil || a.UserActing != c.stands ||
			(form.PageURL != "") != c.stands || (form.AppURL != "") != c.apps {
			t.Errorf("%s: got %+v, %+v", name, form, a)
		}
	}
}

// The goal is a promise from its making to its capture, in part, with the rest released; and a
// capture that is asked for again, or under another id.
func TestPromiseIsCapturedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c, to := r.client(), r.endpoint()
	for _, way := range []link.Way{link.WayOrder, link.WayCode} {
		a := r.sale()
		a.Hold = true
		if way == link.WayOrder {
			r.scan(r.prepare(c, a, way).CodeText)
		} else {
			wants(t, "promise", c.Authorise(t.Context(), to, a), link.Approved, "")
		}
		about := about(a, way)
		held := c.Inquire(t.Context(), to, link.Inquire{About: about})
		wants(t, "inquire", held, link.Approved, "")
		part := money.MustNew(1500, "JPY")
		take := link.Capture{About: about, CaptureID: a.OurRequestID + "_c1", Order: part,
			PayTo: part, Last: true}
		for _, what := range []string{"capture", "capture again"} {
			got := c.Capture(t.Context(), to, take)
			wants(t, what, got, link.Approved, "")
			if got.RequestID != take.CaptureID || *got.PayTo != part || got.At.IsZero() {
				t.Errorf("%s, %s: got %+v", way, what, got)
			}
		}
		if taken := r.Taken(a.OurRequestID); taken != 1500 {
			t.Errorf("the wallet holds %d", taken)
		}
		take.CaptureID = a.OurRequestID + "_c2"
		wants(t, "another capture", c.Capture(t.Context(), to, take), link.Declined,
			link.ReasonClosed)
		more := money.MustNew(1981, "JPY")
		take = link.Capture{About: link.About{OurRequestID: "leg_none", IssuerID: walletID},
			CaptureID: "cap_1", Order: more, PayTo: more}
		none := c.Capture(t.Context(), to, take)
		wants(t, "capture of nothing", none, link.Unknown, "")
	}
}

// The goal is that a promise is given back by a revert, as often as it is asked, and that more than
// was promised is not taken.
func TestPromiseIsReverted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c, to := r.client(), r.endpoint()
	a := r.sale()
	a.Hold = true
	wants(t, "promise", c.Authorise(t.Context(), to, a), link.Approved, "")
	about := about(a, link.WayCode)
	more := money.MustNew(1981, "JPY")
	wants(t, "too much", c.Capture(t.Context(), to, link.Capture{About: about, CaptureID: "c1",
		Order: more, PayTo: more}), link.Declined, link.ReasonLimitAmount)
	r.seen()

	for range 2 {
		wants(t, "revert", c.Cancel(t.Context(), to, link.Cancel{About: about}), link.Approved,
			"")
	}

	if calls := r.seen(); !slices.Contains(calls, "POST /v2/payments/preauthorize/revert") {
		t.Errorf("called %v", calls)
	}
	p := r.payment(a.OurRequestID)
	if p.State != wallet.Cancelled || p.HeldMinor != 0 {
		t.Errorf("the promise stands: %+v", p)
	}
	wants(t, "inquire", c.Inquire(t.Context(), to, link.Inquire{About: about}), link.Declined,
		link.ReasonClosed)
	wants(t, "capture", c.Capture(t.Context(), to, link.Capture{About: about, CaptureID: "c2",
		Order: a.Order, PayTo: a.PayTo}), link.Declined, link.ReasonClosed)
}

// The goal is that a no to a refund counts only when PayPay does not know the refund (P7).
func TestRefundIsLookedForBeforeANoCounts(t *testing.T) {
	t.Parallel()
	state := func(s wire.State) reply {
		return reply{code: wire.Success, data: wire.RefundData{Status: s, PaymentID: "7000",
			MerchantRefundID: "rfd_1", Amount: &wire.Money{Amount: 1980, Currency: "JPY"}}}
	}
	none := reply{code: wire.RefundNotFound}
	for name, c := range map[string]struct {
		said, found reply
		want        link.Outcome
		reason      link.Reason
	}{
		"taken":       {state("CREATED"), none, "approved", ""},
		"made":        {state("REFUNDED"), none, "approved", ""},
		"tries again": {state("REFUND_FAILED"), none, "unknown", ""},
		"too much": {reply{code: wire.InvalidParams}, none, "declined",
			link.ReasonAmount},
		"too late": {reply{code: wire.RefundWindow}, none, "declined", link.ReasonWindow},
		"only one": {reply{code: wire.RefundOnlyOne}, none, "declined",
			link.ReasonConfiguration},
		"too many":     {reply{code: wire.RefundCount}, none, "declined", link.ReasonLimitCount},
		"no payment":   {reply{code: wire.NotFound}, none, "declined", link.ReasonOther},
		"not possible": {reply{code: wire.Unacceptable}, none, "declined", link.ReasonOther},
		"made before":  {reply{code: wire.InvalidParams}, state("REFUNDED"), "approved", ""},
		"throttled":    {reply{code: wire.RefundThrottled}, none, "unknown", ""},
		"later":        {reply{code: wire.Accepted}, none, "unknown", ""},
		"later, made":  {reply{code: wire.Accepted}, state("CREATED"), "approved", ""},
		"broken":       {reply{code: wire.Failed}, none, "unknown", ""},
		"broken, made": {reply{code: wire.Failed}, state("REFUNDED"), "approved", ""},
		"unheard":      {reply{code: wire.InvalidParams}, reply{code: wire.RateLimit}, "unknown", ""},
		"odd status":   {reply{code: wire.InvalidParams, status: 500}, state("REFUNDED"), "unknown", ""},
		"another's": {reply{code: wire.Success, data: wire.RefundData{Status: "CREATED",
			MerchantRefundID: "rfd_2"}}, none, "unknown", ""},
		"no amount": {reply{code: wire.Success, data: wire.RefundData{Status: "CREATED",
			MerchantRefundID: "rfd_1"}}, none, "unknown", ""},
	} {
		client, to := against(t, scripted{"POST /v2/refunds": c.said,
			"GET /v2/refunds/rfd_1": c.found,
			"GET /v2/payments/leg_1": {code: wire.Success,
				data: data("leg_1", wire.StateCompleted)}})
		for _, theirs := range []string{"7000", ""} {
			about := about(sale("leg_1"), link.WayCode)
			about.TheirID = theirs
			a := client.Refund(t.Context(), to, link.Refund{About: about, RefundID: "rfd_1",
				Order: about.Order, PayTo: about.PayTo})
			if a.Outcome != c.want || a.Reason != c.reason ||
				(a.Outcome == link.Unknown) != (a.Cause != nil) {
				t.Errorf("%s: got %+v, want %s %s", name, a, c.want, c.reason)
			}
		}
	}
}

package linepay

import (
	"context"
	"net/http"
	"strings"
	"time"

	"watari/connect/linepay/wire"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// upon is a call about a payment that is there.
type upon func(ctx context.Context, p *wallet.Payment, body []byte) (answer, error)

// byID finds the payment by its transaction.
func (f *Front) byID(do upon) serve {
	return func(r *http.Request, body []byte) (answer, error) {
		id := r.PathValue("id")
		if !wire.ID(id).Valid() {
			return parameter("transactionId is malformed"), nil
		}
		p, err := f.find(r.Context(), id)
		return onto(r.Context(), p, err, body, do)
	}
}

// byOrder finds a payment of the offline API by its order.
func (f *Front) byOrder(do upon) serve {
	return func(r *http.Request, body []byte) (answer, error) {
		p, err := f.wallet.Payment(r.Context(), r.PathValue("order"))
		if p != nil && !aboutOf(p).Offline {
			p = nil
		}
		return onto(r.Context(), p, err, body, do)
	}
}

func onto(ctx context.Context, p *wallet.Payment, err error, body []byte, do upon) (
	answer, error,
) {
	switch {
	case err != nil:
		return answer{}, err
	case p == nil || p.PaidUS == 0: // only what was confirmed is a transaction
		return refuse(wire.CodeNoRecord), nil
	}
	return do(ctx, p, body)
}

// refund gives part of a payment back, or all that is left of it (L7).
func (f *Front) refund(ctx context.Context, p *wallet.Payment, body []byte) (answer, error) {
	var m wire.Refund
	if len(body) > 0 {
		if bad := read(body, &m); bad != nil {
			return *bad, nil
		}
	}
	switch {
	case p.State == wallet.Held:
		return refuse(wire.CodeNotRefundable), nil
	case p.State != wallet.Paid || allBack(p):
		return refuse(wire.CodeRefunded), nil
	}
	back := money.MustNew(p.TakenOrderMinor-p.RefundedOrderMinor, p.Order().Currency())
	if m.Amount != "" {
		asked, err := m.Amount.Money(back.Currency())
		switch {
		case err != nil:
			return refuse(wire.CodeAmount), nil
		case asked.IsZero() || strings.HasPrefix(string(m.Amount), "-"):
			return parameter("refundAmount is not above zero"), nil
		case asked.Cmp(back) > 0:
			return refuse(wire.CodeRefundOver), nil
		}
		back = asked
	}
	did, why, err := f.wallet.Refund(ctx, wallet.RefundAsk{RefundRequestID: id.New("wrr", 0),
		RefundID: transaction(), RequestID: p.RequestID, Order: back})
	switch {
	case err != nil:
		return answer{}, err
	case why != wallet.WhyNone:
		return refuse(codeFor(why)), nil
	case !did.Succeeded:
		return refuse(codeFor(did.Why)), nil
	}
	return done(&wire.Refunded{ID: wire.ID(did.RefundID), Date: wire.FormatTime(did.Time())}), nil
}

// void drops a promise.
func (f *Front) void(ctx context.Context, p *wallet.Payment, _ []byte) (answer, error) {
	switch p.State {
	case wallet.Held:
	case wallet.Cancelled:
		return refuse(wire.CodeRefunded), nil
	default:
		return refuse(wire.CodeNotRefundable), nil
	}
	s, err := f.wallet.Cancel(ctx, p.RequestID)
	switch {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return refuse(codeFor(s.Why)), nil
	}
	return done(nil), nil
}

// capture takes what was promised, once; the rest goes back.
func (f *Front) capture(ctx context.Context, p *wallet.Payment, body []byte) (answer, error) {
	var m wire.Sum
	if bad := read(body, &m); bad != nil {
		return *bad, nil
	}
	amount, err := m.Amount.Money(p.Order().Currency())
	switch {
	case m.Currency != string(p.Order().Currency()):
		return refuse(wire.CodeCurrency), nil
	case err != nil || strings.HasPrefix(string(m.Amount), "-"):
		return refuse(wire.CodeAmount), nil
	case p.State == wallet.Paid:
		return refuse(wire.CodeState), nil
	case p.State != wallet.Held:
		return refuse(wire.CodeNotRefundable), nil
	case amount.IsZero():
		return refuse(wire.CodeNoAmount), nil
	case amount.Cmp(p.Order()) > 0:
		return refuse(wire.CodeOverPromise), nil
	}
	s, err := f.wallet.Capture(ctx, wallet.CaptureAsk{CaptureID: p.PaymentID + "_c",
		RequestID: p.RequestID, Order: amount, Last: true})
	switch {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return refuse(codeFor(s.Why)), nil
	}
	return done(paid(s.Payment)), nil
}

// payInfo is what a payment was paid with: always the balance.
func payInfo(p *wallet.Payment) []wire.PayInfo {
	if p.OrderCurrency == "" {
		return nil
	}
	amount := p.Order()
	if p.State == wallet.Paid {
		amount = money.MustNew(p.TakenOrderMinor, amount.Currency())
	}
	return []wire.PayInfo{{Method: "BALANCE", Amount: wire.NumberOf(amount)}}
}

// heldUntil is when a promise ends.
func heldUntil(p *wallet.Payment) time.Time {
	return clock.FromMicros(p.PaidUS).Add(holdLife)
}

// detailsMax is how many payments are asked for at once.
const detailsMax = 100

// details tells of confirmed payments.
func (f *Front) details(r *http.Request, _ []byte) (answer, error) {
	q := r.URL.Query()
	ids, orders := list(q["transactionId"]), list(q["orderId"])
	switch {
	case len(ids)+len(orders) == 0:
		return parameter("transactionId or orderId is missing"), nil
	case len(ids)+len(orders) > detailsMax:
		return refuse(wire.CodeTooMany), nil
	}
	var all []wire.Detail
	add := func(p *wallet.Payment, err error) error {
		if err != nil || p == nil || payStatus(p) == "" {
			return err
		}
		d, err := f.detail(r.Context(), p)
		all = append(all, d)
		return err
	}
	for _, id := range ids {
		if err := add(f.find(r.Context(), id)); err != nil {
			return answer{}, err
		}
	}
	for _, order := range orders {
		if err := add(f.wallet.Payment(r.Context(), order)); err != nil {
			return answer{}, err
		}
	}
	if len(all) == 0 {
		return refuse(wire.CodeNoRecord), nil
	}
	return done(all), nil
}

// list splits the values of a parameter, which may be repeated or separated by commas.
func list(values []string) (all []string) {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}

// detail is a payment in the history. What was refunded is negative there.
func (f *Front) detail(ctx context.Context, p *wallet.Payment) (wire.Detail, error) {
	d := wire.Detail{TransactionID: wire.ID(p.PaymentID), OrderID: p.RequestID,
		Date: wire.FormatTime(p.Time()), Kind: wire.KindPayment, Status: payStatus(p),
		ProductName: aboutOf(p).Product, Currency: p.OrderCurrency, PayInfo: payInfo(p)}
	if p.Hold {
		d.HeldUntil = wire.FormatTime(heldUntil(p))
	}
	back, err := f.wallet.Refunds(ctx, p.RequestID)
	if err != nil {
		return d, err
	}
	for _, b := range back {
		if !b.Succeeded {
			continue
		}
		one := wire.Returned{ID: wire.ID(b.RefundID), Kind: wire.KindPartialRefund,
			Amount: "-" + wire.NumberOf(b.Order), Date: wire.FormatTime(b.Time())}
		if b.Order.Minor() == p.TakenOrderMinor {
			one.Kind = wire.KindRefund
		}
		d.Refunds = append(d.Refunds, one)
	}
	return d, nil
}

package paypay

import (
	"context"
	"encoding/json"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// reasons are the protocol's codes.
var reasons = map[wallet.Why]wire.Code{
	wallet.WhyBalance:      wire.NoFunds,
	wallet.WhyCode:         wire.SimulatedBadCode,
	wallet.WhyCodeExpired:  wire.SimulatedCodeExpiry,
	wallet.WhyToken:        wire.ConsentInvalid,
	wallet.WhyNobody:       wire.UserGone,
	wallet.WhyCurrency:     wire.InvalidRequest,
	wallet.WhyLimit:        wire.LimitExceeded,
	wallet.WhyUser:         wire.Unacceptable,
	wallet.WhyPIN:          wire.Unacceptable,
	wallet.WhyClosed:       wire.Unacceptable,
	wallet.WhyExpired:      wire.OrderExpired,
	wallet.WhyTaken:        wire.Unacceptable,
	wallet.WhyInconsistent: wire.InvalidRequest,
	wallet.WhyUnknown:      wire.NotFound,
	wallet.WhyState:        wire.Unacceptable,
	wallet.WhyAmount:       wire.InvalidParams,
	wallet.WhyCancelWindow: wire.NotReversible,
	wallet.WhyRefundWindow: wire.RefundWindow,
	wallet.WhyRefundOver:   wire.InvalidParams,
}

func codeFor(why wallet.Why) wire.Code {
	if c, known := reasons[why]; known {
		return c
	}
	return wire.InternalError
}

// kind is how a payment began.
type kind string

const (
	ofCode   kind = "code"   // the merchant's, paid by whoever scans it
	ofScan   kind = "scan"   // the user's, scanned by the shop
	ofCharge kind = "charge" // by consent
)

// extra is the front's own data of a payment.
type extra struct {
	Kind       kind   `json:"kind"`
	ConsentID  string `json:"consent_id,omitempty"`
	StoreID    string `json:"store_id,omitempty"`
	TerminalID string `json:"terminal_id,omitempty"`
	Text       string `json:"text,omitempty"`
}

func (e extra) text() string {
	text, _ := json.Marshal(e) // texts have a JSON form
	return string(text)
}

// extraOf reads the front's data; a blocked id has none.
func extraOf(p *wallet.Payment) extra {
	var e extra
	_ = json.Unmarshal([]byte(p.Extra), &e) // what is not there stays empty
	return e
}

// stateOf is how a payment stands, in the protocol's words (S4, S5).
func stateOf(p *wallet.Payment) wire.State {
	switch p.State {
	case wallet.Paid:
		if p.RefundedOrderMinor > 0 {
			return wire.StateRefunded
		}
		return wire.StateCompleted
	case wallet.Held:
		return wire.StateAuthorised
	case wallet.Failed:
		if p.Why == wallet.WhyExpired && extraOf(p).Kind == ofCode {
			return wire.StateCreated
		}
		return wire.StateFailed
	case wallet.Cancelled, wallet.Deaf:
		if !p.Hold || p.PaidUS == 0 || p.DebitedMinor > 0 {
			return wire.StateFailed
		}
		if clock.Now().Before(clock.FromMicros(p.PaidUS).Add(Terms().HoldFor)) {
			return wire.StateCancelled
		}
		return wire.StateExpired
	}
	return wire.StateCreated
}

// yenOf writes an amount.
func yenOf(a money.Amount) *wire.Money {
	return &wire.Money{Amount: a.Minor(), Currency: string(a.Currency())}
}

// seconds are micros as the protocol counts them.
func seconds(us int64) int64 { return us / 1_000_000 }

// told is what an inquiry tells of a payment. Of a code that nobody paid it is the state alone.
func (f *Front) told(ctx context.Context, p *wallet.Payment) (*wire.PaymentData, error) {
	e := extraOf(p)
	d := &wire.PaymentData{Status: stateOf(p)}
	if d.Status == wire.StateCreated && e.Kind == ofCode {
		return d, nil
	}
	d.MerchantPaymentID = p.RequestID
	if d.Status == wire.StateFailed && p.State != wallet.Failed ||
		d.Status == wire.StateCancelled {
		d.CancelledAt = p.Time().Unix()
	}
	if p.OrderCurrency == "" { // a blocked id
		return d, nil
	}
	d.PaymentID, d.Amount = p.PaymentID, yenOf(p.Order())
	d.RequestedAt, d.AcceptedAt = seconds(p.CreatedUS), seconds(p.PaidUS)
	d.ConsentID, d.StoreID, d.TerminalID, d.Description = e.ConsentID, e.StoreID, e.TerminalID,
		e.Text
	if p.State == wallet.Held {
		d.ExpiresAt = seconds(p.DueUS)
	}
	if p.Hold {
		captures, err := f.wallet.Captures(ctx, p)
		if err != nil {
			return nil, err
		}
		d.Captures = &wire.Taken{Data: []wire.CaptureData{}}
		for _, c := range captures {
			d.Captures.Data = append(d.Captures.Data, wire.CaptureData{
				MerchantCaptureID: c.CaptureID, Amount: yenOf(c.Order),
				AcceptedAt: seconds(c.AtUS), RequestedAt: seconds(c.AtUS),
				Status: string(wire.StateCompleted)})
		}
	}
	refunds, err := f.wallet.Refunds(ctx, p.RequestID)
	if err != nil {
		return nil, err
	}
	for _, r := range refunds {
		if !r.Succeeded {
			continue
		}
		if d.Refunds == nil {
			d.Refunds = &wire.Refunds{}
		}
		d.Refunds.Data = append(d.Refunds.Data, refundData(p, r, wire.RefundDone))
	}
	return d, nil
}

// refundData is what is told of a refund.
func refundData(p *wallet.Payment, r *wallet.Refund, state wire.State) wire.RefundData {
	return wire.RefundData{Status: state, AcceptedAt: seconds(r.AtUS), PaymentID: p.PaymentID,
		MerchantRefundID: r.RefundRequestID, Amount: yenOf(r.Order), RequestedAt: seconds(r.AtUS),
		Reason: r.Extra}
}

package alipayplus

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"watari/connect/alipayplus/wire"
	"watari/pay/party"
	"watari/pay/payment"
)

// teller tells acquirers of payments in the protocol's words (A4).
type teller struct {
	directory Directory
	seal      Unsealer
	log       *slog.Logger
}

// isPaid tells whether a payment was made, whatever was given back since.
func isPaid(p *payment.Payment) bool { return p.CapturedMinor > 0 && !p.Concluded.IsZero() }

// first is the result of a payment as its first final answer said it: a payment that was made
// stays made.
func first(p *payment.Payment) wire.Result {
	if isPaid(p) {
		return wire.ResultOf(wire.CodeSuccess)
	}
	return current(p)
}

// current is the result of a payment as it stands now.
func current(p *payment.Payment) wire.Result {
	switch p.State {
	case payment.Captured, payment.Refunded:
		return wire.ResultOf(wire.CodeSuccess)
	case payment.Declined:
		return declined(p.Reason)
	case payment.Cancelled:
		return wire.ResultOf(wire.CodeOrderClosed)
	default:
		return wire.ResultOf(wire.CodeInProcess)
	}
}

// paid tells of a payment: everything when it was made, else only who and which.
func (t *teller) paid(ctx context.Context, acquirerID string, p *payment.Payment) (
	wire.Paid, error,
) {
	d := wire.Paid{AcquirerID: acquirerID, PaymentID: p.ID}
	if !isPaid(p) {
		return d, nil
	}
	wallet, err := t.participant(ctx, p.IssuerNo)
	if err != nil {
		return d, err
	}
	d.PSPID, d.WalletBrandName = wallet.ID, wallet.Name
	d.PaymentAmount, d.PaymentTime = wire.AmountOf(p.Order), wire.FormatTime(p.Concluded)
	d.SettlementAmount, d.SettlementQuote = wire.AmountOf(p.Settle), settlementQuote(p)
	d.MPPPaymentID, d.CustomerID = p.TheirID, t.customer(p)
	return d, nil
}

// settlementQuote is the rate from the order to the settlement amount. There is none when both
// are in one currency. The payment keeps one rate, to what the wallet pays in; it is the
// settlement's too when the acquirer is settled in that.
func settlementQuote(p *payment.Payment) *wire.Quote {
	if p.Settle.Currency() == p.Order.Currency() || p.Settle.Currency() != p.Rate.Quote() {
		return nil
	}
	return &wire.Quote{ID: p.QuoteID, Price: p.Rate.String(),
		CurrencyPair: string(p.Rate.Base()) + "/" + string(p.Rate.Quote())}
}

// customer opens the payer's id. A payment is not kept from its shop because a key of ours is
// missing: the id is left out and the operator told.
func (t *teller) customer(p *payment.Payment) string {
	if p.Customer == "" {
		return ""
	}
	plain, err := t.seal.Unseal(p.Customer)
	if err != nil {
		t.log.Error("alipay+ customer id not told: no key opens it", "payment", p.ID,
			"error", err)
		return ""
	}
	return plain
}

func (t *teller) participant(ctx context.Context, no int64) (party.Participant, error) {
	found, err := t.directory.Participant(ctx, no)
	if err != nil {
		return found, fmt.Errorf("find participant %d: %w", no, err)
	}
	return found, nil
}

// transactions are the refunds of a payment, oldest first, and then its cancel.
func transactions(p *payment.Payment, refunds []payment.Refund) []wire.Transaction {
	var all []wire.Transaction
	for i := range refunds {
		r := &refunds[i]
		result, status := refundResult(r), wire.TransactionProcessing
		switch r.State {
		case payment.RefundSucceeded:
			status = wire.TransactionSuccess
		case payment.RefundFailed:
			status = wire.TransactionFail
		case payment.RefundRequested, payment.RefundUnknown:
		}
		all = append(all, wire.Transaction{Result: &result, ID: r.ID,
			Type: wire.TransactionRefund, Status: status, Amount: wire.AmountOf(r.Order),
			RequestID: printable(r.RequestID), Time: wire.FormatTime(r.Concluded)})
	}
	if p.State == payment.Cancelled && p.ID != "" {
		result := wire.ResultOf(wire.CodeSuccess)
		all = append(all, wire.Transaction{Result: &result, ID: p.ID,
			Type: wire.TransactionCancel, Status: wire.TransactionSuccess,
			Amount: wire.AmountOf(p.Order), RequestID: printable(p.RequestID)})
	}
	return all
}

// printable leaves out an id that the protocol cannot carry: other channels have longer ones.
func printable(id string) string {
	if len(id) > idMax {
		return ""
	}
	return id
}

// refundResult is the result of a refund as it stands.
func refundResult(r *payment.Refund) wire.Result {
	switch r.State {
	case payment.RefundSucceeded:
		return wire.ResultOf(wire.CodeSuccess)
	case payment.RefundFailed:
		return declined(r.Failure)
	default:
		return wire.ResultOf(wire.CodeInProcess)
	}
}

// text writes a member of a fault for the log: text as it is, anything else as JSON.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if raw, ok := v.(json.RawMessage); ok {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
		return string(raw)
	}
	return fmt.Sprint(v)
}

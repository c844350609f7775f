package payment

import "watari/pay/risk"

// claimOf is a payment as its limits see it.
func claimOf(p *Payment) risk.Claim {
	at := p.Created
	if !p.Taken.IsZero() {
		at = p.Taken
	}
	return risk.Claim{Held: p.Held, AcquirerNo: p.AcquirerNo, StoreNo: p.StoreNo,
		IssuerNo: p.IssuerNo, Order: p.Order, PayTo: p.PayTo, Settle: p.Settle, At: at}
}

// claim is a refund as its limits see it.
func (f *Refund) claim(p *Payment) risk.RefundClaim {
	return risk.RefundClaim{Held: f.Held, AcquirerNo: f.AcquirerNo, StoreNo: f.StoreNo,
		TerminalNo: f.TerminalNo, IssuerNo: p.IssuerNo, Order: f.Order, PayTo: f.PayTo,
		Settle: f.Order, At: f.Created}
}

package alipayplus

import (
	"context"

	"watari/connect/alipayplus/wire"
	"watari/pay/link"
)

// issueCodes makes codes that a wallet's user can show.
func (s *Server) issueCodes(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.PaymentCodeRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	if isSuspended(x.from) {
		return nil, &refusal{wire.CodeAccessDenied, "participant status",
			"the participant is not in service", nil}
	}
	issued, err := s.payments.IssueCodes(ctx, x.from.No, req.CustomerID, req.Region,
		req.Quantity())
	if err != nil {
		return nil, refusedBy(err)
	}
	res := &wire.PaymentCodeResponse{Result: wire.ResultOf(wire.CodeSuccess)}
	for _, c := range issued {
		res.Codes = append(res.Codes, wire.PaymentCode{Code: c.Code,
			StartTime: wire.FormatTime(c.From), ExpiryAt: wire.FormatTime(c.Until)})
	}
	return res, nil
}

// notify takes what a wallet tells of a payment. A suspended wallet is heard: its user may have
// been debited before.
func (s *Server) notify(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.WalletNotice
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	a := Judge(req.PaymentResult)
	if a.Outcome == link.Unknown {
		return nil, illegal("paymentResult.resultCode", "cannot be true of a payment that is over")
	}
	tell(&a, req.Debited)
	err := s.payments.Notify(ctx, x.from.No,
		link.Notice{OurRequestID: req.PaymentRequestID, Answer: a})
	if err != nil {
		return nil, refusedBy(err)
	}
	return &wire.Ack{Result: wire.ResultOf(wire.CodeSuccess)}, nil
}

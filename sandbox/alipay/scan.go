package alipay

import (
	"context"
	"errors"
	"fmt"

	"watari/connect/alipayplus/wire"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// Scan asks the network what a code means. What is an address of somewhere else is opened (F4).
func (f *Front) Scan(ctx context.Context, userID, text string, amount *money.Amount,
) (wallet.Scanned, error) {
	ask := &wire.UserInitiatedRequest{CodeValue: text, CustomerID: userID}
	if amount != nil {
		ask.PaymentAmount = wire.AmountOf(*amount)
	}
	var got wire.UserInitiatedResponse
	if err := f.network.do(ctx, pathInitiated, ask, &got); err != nil {
		return wallet.Scanned{}, err
	}
	switch got.Result.Code {
	case wire.CodeSuccess:
		return f.scanned(ctx, userID, &got)
	case wire.CodeInvalidCode, wire.CodeParam, wire.CodeNoInterface:
		if page, ok := wallet.PageOf(text); ok {
			return wallet.Scanned{OpenURL: page}, nil
		}
		return wallet.Scanned{}, fmt.Errorf("%w: %s", wallet.ErrUnreadable, got.Result.Code)
	case wire.CodeOrderClosed:
		return wallet.Scanned{Why: wallet.WhyClosed}, nil
	case wire.CodeExpiredCode:
		return wallet.Scanned{Why: wallet.WhyExpired}, nil
	case wire.CodeOrderStatus:
		return wallet.Scanned{Why: wallet.WhyState}, nil
	case wire.CodeInconsistent:
		return wallet.Scanned{Why: wallet.WhyTaken}, nil
	}
	return wallet.Scanned{}, fmt.Errorf("%w: the network answers %s %s", wallet.ErrUnreadable,
		got.Result.Status, got.Result.Code)
}

// scanned makes the order that the network resolved a question on the user's phone (F3).
func (f *Front) scanned(ctx context.Context, userID string, m *wire.UserInitiatedResponse,
) (wallet.Scanned, error) {
	var merchant *wire.Merchant
	orderRef := ""
	if m.Order != nil {
		merchant, orderRef = m.Order.Merchant, m.Order.ReferenceOrderID
	}
	if m.CodeType == wire.CodeTypeStore {
		return wallet.Scanned{NeedsAmount: "JPY", Shop: shopOf(merchant)}, nil
	}
	order, payTo := m.Total(), m.PayToAmount
	if m.PaymentRequestID == "" || order == nil || payTo == nil {
		return wallet.Scanned{}, errors.New("the network's order lacks an id or an amount")
	}
	sum, err := order.Money()
	if err != nil {
		return wallet.Scanned{}, fmt.Errorf("read the order's amount: %w", err)
	}
	debit, err := payTo.Money()
	if err != nil {
		return wallet.Scanned{}, fmt.Errorf("read what the wallet owes: %w", err)
	}
	expires, _ := wire.ParseTime(m.PaymentExpiryTime)
	c := wallet.Charge{RequestID: m.PaymentRequestID, UserID: userID, Order: sum, Debit: debit,
		PayTo: debit, Shop: shopOf(merchant), OrderRef: orderRef, Expires: expires,
		Compared: fmt.Sprintf("%s|%s|%q", order, payTo, userID)}
	if m.PaymentQuote != nil {
		c.Rate = m.PaymentQuote.Price
	}
	s, err := f.wallet.Open(ctx, c)
	switch {
	case err != nil:
		return wallet.Scanned{}, err
	case s.Why != wallet.WhyNone:
		return wallet.Scanned{Why: s.Why}, nil
	}
	return wallet.Scanned{RequestID: c.RequestID}, nil
}

package paypay

import (
	"errors"
	"fmt"
	"time"

	"watari/connect/paypay/wire"
	"watari/kit/money"
	"watari/pay/link"
)

// reasons is what a refusal means. A code that is not here says nothing about the money: the
// outcome stays unknown (P3).
var reasons = map[wire.Code]link.Reason{
	wire.InvalidRequest:      link.ReasonConfiguration,
	wire.MissingRequest:      link.ReasonConfiguration,
	wire.InvalidParams:       link.ReasonConfiguration,
	wire.Unauthorised:        link.ReasonConfiguration,
	wire.OutOfScope:          link.ReasonConfiguration,
	wire.ClientNotFound:      link.ReasonConfiguration,
	wire.CodeBadRequest:      link.ReasonConfiguration,
	wire.HoldUnsupported:     link.ReasonConfiguration,
	wire.HoldExpiryInvalid:   link.ReasonConfiguration,
	wire.RefundOnlyOne:       link.ReasonConfiguration,
	wire.UserInactive:        link.ReasonUserBlocked,
	wire.UserGone:            link.ReasonUserUnknown,
	wire.ConsentInvalid:      link.ReasonVerification,
	wire.ConsentExpired:      link.ReasonVerification,
	wire.NoFunds:             link.ReasonBalance,
	wire.LimitExceeded:       link.ReasonLimitAmount,
	wire.HigherCapture:       link.ReasonLimitAmount,
	wire.DailyLimit:          link.ReasonLimitTotal,
	wire.MonthlyLimit:        link.ReasonLimitTotal,
	wire.RefundCount:         link.ReasonLimitCount,
	wire.Unacceptable:        link.ReasonRisk,
	wire.SuspectedDuplicate:  link.ReasonRisk,
	wire.MethodInvalidated:   link.ReasonOther,
	wire.MethodUnsupported:   link.ReasonOther,
	wire.MethodNone:          link.ReasonOther,
	wire.MethodNotFound:      link.ReasonOther,
	wire.OrderExpired:        link.ReasonClosed,
	wire.NotCapturable:       link.ReasonClosed,
	wire.NotReversible:       link.ReasonClosed,
	wire.NotCancellable:      link.ReasonClosed,
	wire.TooCloseToExpiry:    link.ReasonClosed,
	wire.NoLongerAvailable:   link.ReasonWindow,
	wire.RefundWindow:        link.ReasonWindow,
	wire.SimulatedBadCode:    link.ReasonCodeInvalid,
	wire.SimulatedCodeExpiry: link.ReasonCodeExpired,
}

// ofRefunds is what some codes mean when money is returned: an amount over what is left, a payment
// that cannot be refunded, an id that is not there.
var ofRefunds = map[wire.Code]link.Reason{
	wire.InvalidParams: link.ReasonAmount,
	wire.Unacceptable:  link.ReasonOther,
	wire.NotFound:      link.ReasonOther,
}

// refused turns an answer that is no success into an outcome. exceptions may be nil.
func refused(r wire.Reply, exceptions map[wire.Code]link.Reason) link.Answer {
	if !r.Sound() {
		return unknown(r.Code, fmt.Errorf("the wallet says %s with HTTP %d", r.Code, r.Status))
	}
	reason, final := exceptions[r.Code]
	if !final {
		reason, final = reasons[r.Code]
	}
	if !final {
		a := unknown(r.Code, fmt.Errorf("the wallet says %s", r.Code))
		a.UserActing, a.NoSuch = r.Code == wire.ConfirmationRequired, isNoSuch(r.Code)
		return a
	}
	return link.Answer{Outcome: link.Declined, Reason: reason, Code: string(r.Code)}
}

// isNoSuch tells whether a code says that there is no such payment.
func isNoSuch(c wire.Code) bool { return c == wire.NotFound || c == wire.CodePaymentNotFound }

// isDone tells whether a call was done.
func isDone(r wire.Reply) bool { return r.Code == wire.Success && r.Sound() }

func unknown(code wire.Code, cause error) link.Answer {
	return link.Answer{Outcome: link.Unknown, Code: string(code), Cause: cause}
}

var (
	errUser   = errors.New("the user has not paid yet")
	errID     = errors.New("the answer names another id")
	errSparse = errors.New("the answer does not say what was paid")
	errHeld   = errors.New("the wallet holds what should be debited")
	errBack   = errors.New("refunded, and no refund is named")
)

// stands turns the state of a payment into an outcome. held says that a promise was asked.
func stands(d wire.PaymentData, id string, held bool) link.Answer {
	a := link.Answer{Outcome: link.Unknown, Code: string(d.Status),
		RequestID: d.MerchantPaymentID, TheirID: d.PaymentID, Order: yen(d.Amount),
		PayTo: yen(d.Amount), At: moment(d.AcceptedAt)}
	if d.MerchantPaymentID != "" && d.MerchantPaymentID != id {
		a.Cause = errID
		return a
	}
	switch d.Status {
	case wire.StateCompleted:
		return made(a)
	case wire.StateAuthorised:
		if held {
			return made(a)
		}
		a.Cause = errHeld
	case wire.StateRefunded:
		// It was made; what was given back has its own answers. Unless nothing says how.
		if d.Refunds != nil && len(d.Refunds.Data) > 0 {
			a.GivenBack = true
			return made(a)
		}
		a.Cause = errBack
	case wire.StateFailed:
		a.Outcome, a.Reason = link.Declined, link.ReasonOther
		if d.CancelledAt > 0 {
			a.Reason = link.ReasonClosed
		}
	case wire.StateCancelled, wire.StateExpired:
		a.Outcome, a.Reason = link.Declined, link.ReasonClosed
	case wire.StateCreated:
		a.UserActing, a.Cause = true, errUser
	default:
		a.Code, a.Cause = "", errors.New("the payment has a state that is not documented")
	}
	return a
}

// made is a yes, when it says whose and how much: answers are not signed, so one that says less
// is not taken for it.
func made(a link.Answer) link.Answer {
	if a.RequestID == "" || a.TheirID == "" || a.Order == nil {
		a.Cause = errSparse
		return a
	}
	a.Outcome = link.Approved
	return a
}

// yen reads an amount that may be absent or strange.
func yen(m *wire.Money) *money.Amount {
	if m == nil || m.Amount < 0 {
		return nil
	}
	a, err := money.New(m.Amount, money.Currency(m.Currency))
	if err != nil {
		return nil
	}
	return &a
}

// epochMax is in the year 5138: more must be milliseconds, or no time.
const epochMax = 100_000_000_000

// moment reads a time; zero when there is none.
func moment(epoch int64) time.Time {
	if epoch >= epochMax {
		epoch /= 1000
	}
	if epoch <= 0 || epoch >= epochMax {
		return time.Time{}
	}
	return time.Unix(epoch, 0).UTC()
}

// charge is what PayPay is asked for: yen, and the same as the shop asked.
func charge(order, payTo money.Amount) (*wire.Money, bool) {
	ok := payTo.Currency() == wire.Currency && order == payTo && payTo.Minor() > 0
	return &wire.Money{Amount: payTo.Minor(), Currency: wire.Currency}, ok
}

// misfit says that our own books are set up wrongly for this wallet: it was not called.
func misfit(text string) link.Answer {
	return link.Answer{Outcome: link.Declined, Reason: link.ReasonConfiguration, Code: text}
}

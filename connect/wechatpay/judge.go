package wechatpay

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/money"
	"watari/pay/link"
)

// verdict is what a code of the network means for the money of a payment or a refund. The zero
// value is: nothing is known.
type verdict struct {
	final  bool        // the network will not do it, whatever happens
	reason link.Reason // with final
	acting bool        // the user has to act
	noSuch bool        // the network does not know our id
}

func no(r link.Reason) verdict { return verdict{final: true, reason: r} }

// codes is what a failure means. Codes are looked up without their underscores, because version 2,
// version 3 and the pages of version 3 spell the same code in different ways. A code that is not
// here says nothing.
var codes = map[string]verdict{
	// The user.
	"USERPAYING":          {acting: true},
	"NOTENOUGH":           no(link.ReasonBalance),
	"AUTHCODEINVALID":     no(link.ReasonCodeInvalid),
	"AUTHCODEERROR":       no(link.ReasonCodeInvalid),
	"AUTHCODEEXPIRE":      no(link.ReasonCodeExpired),
	"AUTHCODEEXPIRED":     no(link.ReasonCodeExpired),
	"ACCOUNTERROR":        no(link.ReasonUserBlocked),
	"USERACCOUNTABNORMAL": no(link.ReasonUserBlocked),
	"NOTSUPORTCARD":       no(link.ReasonOther), // the documents of version 2 spell it so
	"NOTSUPPORTCARD":      no(link.ReasonOther),
	"RULELIMIT":           no(link.ReasonRisk),
	"TRADEERROR":          no(link.ReasonOther),

	// The order.
	"ORDERCLOSED":       no(link.ReasonClosed),
	"ORDERREVERSED":     no(link.ReasonClosed),
	"ORDERNOTEXIST":     {noSuch: true},
	"RESOURCENOTEXISTS": {noSuch: true},
	"NOTFOUND":          {noSuch: true},

	// The id stands for something else already, or the order is paid: an inquiry will tell.
	"ORDERPAID":      {},
	"OUTTRADENOUSED": {},
	"INVALIDREQUEST": {},
	"BUYERMISMATCH":  {},

	// The network has trouble, or we ask too much.
	"SYSTEMERROR":          {},
	"BANKERROR":            {},
	"SERVICEUNAVAILABLE":   {},
	"FREQUENCYLIMITEXCEED": {},
	"FREQUENCYLIMITED":     {},
	"RATELIMITED":          {},
	"RATELIMITEXCEEDED":    {},
	"INVALIDREQTOOMUCH":    {},
	"BIZERRNEEDRETRY":      {},

	// What we send or who we are.
	"PARAMERROR":          no(link.ReasonConfiguration),
	"LACKPARAMS":          no(link.ReasonConfiguration),
	"SIGNERROR":           no(link.ReasonConfiguration),
	"NOAUTH":              no(link.ReasonConfiguration),
	"APPIDNOTEXIST":       no(link.ReasonConfiguration),
	"APPIDMCHIDNOTMATCH":  no(link.ReasonConfiguration),
	"MCHIDNOTEXIST":       no(link.ReasonConfiguration),
	"MCHNOTEXISTS":        no(link.ReasonConfiguration),
	"XMLFORMATERROR":      no(link.ReasonConfiguration),
	"POSTDATAEMPTY":       no(link.ReasonConfiguration),
	"NOTUTF8":             no(link.ReasonConfiguration),
	"REQUIREPOSTMETHOD":   no(link.ReasonConfiguration),
	"CURRENCYNOTSUPPORT":  no(link.ReasonConfiguration),
	"INVALIDFEETYPE":      no(link.ReasonConfiguration),
	"MERCHANTNOTEXIST":    no(link.ReasonMerchant),
	"MERCHANTSTATUSERROR": no(link.ReasonMerchant),
}

// refundCodes is where a failure means something else for a refund. It is our own balance that is
// not enough, and an invalid request is one that the network's rules forbid, such as more than is
// left.
var refundCodes = map[string]verdict{
	"NOTENOUGH":         no(link.ReasonConfiguration),
	"INVALIDREQUEST":    no(link.ReasonAmount),
	"REFUNDFEEINVALID":  no(link.ReasonAmount),
	"TRADEOVERDUE":      no(link.ReasonWindow),
	"TRADESTATEERROR":   no(link.ReasonOther),
	"ERROR":             no(link.ReasonOther),
	"REFUNDFEEMISMATCH": {}, // the refund id stands for another amount
	"ORDERNOTREADY":     {},
}

// squeezed is a code as the tables have it.
func squeezed(code string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(code), "_", ""))
}

// failed reads an answer that is not a success. Above 499 nothing is final: the network itself
// had trouble.
func failed(r reply, tables ...map[string]verdict) (verdict, string) {
	var f wire.Failure
	if err := wire.Decode(r.body, &f); err != nil {
		return verdict{}, ""
	}
	code := squeezed(f.Code)
	for _, table := range tables {
		v, known := table[code]
		if !known {
			continue
		}
		if r.status >= http.StatusInternalServerError {
			v.final, v.reason = false, link.ReasonNone
		}
		return v, plain(f.Code)
	}
	return verdict{}, plain(f.Code)
}

// plain cuts a code of the network to what can stand in a log and on a page.
func plain(code string) string {
	if len(code) > 64 || !isToken(code) {
		return ""
	}
	return code
}

// answer turns a verdict on a payment or refund into an answer.
func (v verdict) answer(status int, code string) link.Answer {
	if v.final {
		return link.Answer{Outcome: link.Declined, Reason: v.reason, Code: code}
	}
	a := unknown(code, fmt.Errorf("the wallet says HTTP %d %s", status, code))
	a.UserActing, a.NoSuch = v.acting, v.noSuch
	return a
}

func unknown(code string, cause error) link.Answer {
	return link.Answer{Outcome: link.Unknown, Code: code, Cause: cause}
}

// states is what the state of an order means for its money. REFUND is paid: what was returned
// since is the refunds' business.
var states = map[string]link.Answer{
	wire.StateSuccess:    {Outcome: link.Approved},
	wire.StateRefund:     {Outcome: link.Approved, GivenBack: true},
	wire.StateNotPay:     {Outcome: link.Unknown, UserActing: true},
	wire.StateUserPaying: {Outcome: link.Unknown, UserActing: true},
	wire.StateClosed:     {Outcome: link.Declined, Reason: link.ReasonClosed},
	wire.StateRevoked:    {Outcome: link.Declined, Reason: link.ReasonClosed},
	wire.StatePayError:   {Outcome: link.Declined, Reason: link.ReasonOther},
}

// stands reads how an order stands. An answer about another order, or to another merchant, says
// nothing about ours.
func stands(acc *account, t *wire.Transaction, outTradeNo string) link.Answer {
	a := told(t)
	switch {
	case t.OutTradeNo != outTradeNo:
		return foreign(a, errors.New("the answer names another order"))
	case !acc.concerns(t.Merchant):
		return foreign(a, errors.New("the answer is for another merchant"))
	}
	return a
}

// foreign makes an answer prove nothing.
func foreign(a link.Answer, why error) link.Answer {
	a.Outcome, a.Reason, a.UserActing, a.Cause = link.Unknown, link.ReasonNone, false, why
	return a
}

// told reads what a transaction tells.
func told(t *wire.Transaction) link.Answer {
	a, known := states[t.TradeState]
	if !known {
		a = link.Answer{Outcome: link.Unknown}
	}
	a.Code = plain(t.TradeState)
	if a.Outcome == link.Unknown {
		a.Cause = fmt.Errorf("the order is in the state %q", a.Code)
	}
	a.RequestID, a.TheirID = t.OutTradeNo, t.ID
	if a.TheirID == "" {
		a.TheirID = t.TransactionID
	}
	if p := t.Payer; p != nil {
		a.Customer = firstOf(p.SPOpenID, p.SubOpenID, p.OpenID)
	}
	if m := t.Amount; m != nil {
		a.PayTo = amountOf(m.Total, m.Currency)
		a.Payer = amountOf(m.PayerTotal, m.PayerCurrency)
	}
	if at, err := wire.ParseTime(t.SuccessTime); err == nil {
		a.At = at.In(time.UTC)
	}
	return a
}

// returned reads how a refund stands. ABNORMAL is not a no: the money has left us and has not
// reached the user; somebody has to settle it on the network's own pages.
func returned(acc *account, f *wire.Refund, outRefundNo string) link.Answer {
	a := link.Answer{Outcome: link.Unknown, Code: plain(f.State())}
	switch f.State() {
	case wire.RefundSuccess:
		a.Outcome = link.Approved
	case wire.RefundClose, wire.RefundClosed:
		a.Outcome, a.Reason = link.Declined, link.ReasonOther
	}
	if a.Outcome == link.Unknown {
		a.Cause = fmt.Errorf("the refund is in the state %q", a.Code)
	}
	a.RequestID, a.TheirID = f.OutRefundNo, firstOf(f.ID, f.RefundID)
	if m := f.Amount; m != nil {
		a.PayTo = amountOf(m.Refund, m.Currency)
		a.Payer = amountOf(m.PayerRefund, m.PayerCurrency)
	}
	if at, err := wire.ParseTime(f.SuccessTime); err == nil {
		a.At = at.In(time.UTC)
	}
	switch {
	case f.OutRefundNo != outRefundNo:
		return foreign(a, errors.New("the answer names another refund"))
	case !acc.concerns(f.Merchant):
		return foreign(a, errors.New("the answer is for another merchant"))
	}
	return a
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// amountOf reads an amount that may be absent or of a currency that we do not know.
func amountOf(minor int64, currency string) *money.Amount {
	c, err := money.ParseCurrency(currency)
	if err != nil {
		return nil
	}
	a, err := money.New(minor, c)
	if err != nil {
		return nil
	}
	return &a
}

package wechatpay

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// stateOf is how a payment stands in the protocol's words.
func stateOf(p *wallet.Payment) string {
	quick := tradeOf(p) == wire.TradeMicropay || tradeOf(p) == ""
	switch p.State {
	case wallet.Paid, wallet.Held:
		if p.RefundedOrderMinor > 0 {
			return wire.StateRefund
		}
		return wire.StateSuccess
	case wallet.Opened:
		return wire.StateNotPay
	case wallet.Failed:
		if !quick && (p.Why == wallet.WhyExpired || p.Why == wallet.WhyClosed) {
			return wire.StateClosed
		}
		return wire.StatePayError
	case wallet.Cancelled, wallet.Deaf:
		if quick {
			return wire.StateRevoked
		}
		return wire.StateClosed
	}
	return wire.StateUserPaying
}

// transaction says how a payment stands.
func (f *Front) transaction(p *wallet.Payment) *wire.Transaction {
	t := f.bare(p, stateOf(p))
	if p.OrderCurrency == "" {
		return t
	}
	t.Amount = &wire.PaidTotal{Total: p.OrderMinor, Currency: p.OrderCurrency}
	if t.TradeState == wire.StateSuccess || t.TradeState == wire.StateRefund {
		t.BankType, t.SuccessTime = "OTHERS", wire.FormatTime(p.Time())
		t.Amount.PayerTotal, t.Amount.PayerCurrency = p.DebitedMinor, p.DebitCurrency
		t.Amount.Rate = f.rateOf(p)
	}
	return t
}

// bare is a transaction without its amounts.
func (f *Front) bare(p *wallet.Payment, state string) *wire.Transaction {
	k := keptOf(p)
	t := &wire.Transaction{Merchant: f.merchant(), ID: p.PaymentID, OutTradeNo: p.RequestID,
		Attach: k.Attach, TradeType: k.Trade, TradeState: state, TradeStateDesc: state}
	if p.UserID == "" {
		return t
	}
	t.Payer = &wire.Payer{OpenID: f.openID(f.keys.AppID, p.UserID)}
	if f.keys.SubMchID != "" {
		t.Payer = &wire.Payer{SPOpenID: t.Payer.OpenID}
		if f.keys.SubAppID != "" {
			t.Payer.SubOpenID = f.openID(f.keys.SubAppID, p.UserID)
		}
	}
	return t
}

// merchant repeats who an order is from.
func (f *Front) merchant() wire.Merchant {
	k := f.keys
	if k.SubMchID == "" {
		return wire.Merchant{MchID: k.MchID, AppID: k.AppID}
	}
	return wire.Merchant{SPMchID: k.MchID, SubMchID: k.SubMchID, SPAppID: k.AppID,
		SubAppID: k.SubAppID}
}

// rateOf is the rate of a payment's conversion; nil when there was none.
func (f *Front) rateOf(p *wallet.Payment) *wire.Rate {
	if p.OrderCurrency == p.DebitCurrency {
		return nil
	}
	r, err := money.ParseRate(p.Rate, money.Currency(p.OrderCurrency),
		money.Currency(p.DebitCurrency))
	if err != nil {
		return nil
	}
	return &wire.Rate{Type: "USERPAYMENT_RATE", Rate: printed(r)}
}

// refund gives part of a payment back. The answer says that it was accepted, and no state.
func (f *Front) refund(r *http.Request, body []byte) (answer, error) {
	var m wire.RefundOrder
	if err := wire.Strict(body, &m); err != nil {
		return answer{}, malformed("%v", err)
	}
	if err := f.mine(m.Merchant, true); err != nil {
		return answer{}, err
	}
	if err := firstWrong(field{"out_refund_no", refundNumber.MatchString(m.OutRefundNo)},
		field{"out_trade_no", (m.OutTradeNo == "") != (m.TransactionID == "")},
		field{"amount.refund", m.Amount.Refund > 0}, field{"amount.total", m.Amount.Total > 0},
		field{"amount.currency", m.Amount.Currency == string(f.keys.Settles)},
		field{"reason", len(m.Reason) <= 80}); err != nil {
		return answer{}, err
	}
	p, err := f.wallet.Payment(r.Context(), m.OutTradeNo)
	if m.TransactionID != "" {
		p, err = f.wallet.ByID(r.Context(), m.TransactionID)
	}
	switch {
	case err != nil:
		return answer{}, err
	case p == nil:
		return answer{}, notThere()
	case p.OrderMinor != m.Amount.Total:
		return answer{}, &refusal{http.StatusBadRequest, wire.CodeInvalidRequest,
			"amount.total is not the order's"}
	}
	back, err := money.New(m.Amount.Refund, f.keys.Settles)
	if err != nil {
		return answer{}, malformed("amount.refund cannot be")
	}
	done, why, err := f.wallet.Refund(r.Context(), wallet.RefundAsk{
		RefundRequestID: m.OutRefundNo, RefundID: "5030" + wallet.Digits(25),
		RequestID: p.RequestID, Order: back, Compared: fmt.Sprint(m.Amount),
		Extra: m.NotifyURL, Tell: m.NotifyURL != ""})
	switch {
	case err != nil:
		return answer{}, err
	case why != wallet.WhyNone:
		return answer{}, &refusal{http.StatusBadRequest, wire.CodeInvalidRequest,
			"out_refund_no stands for another refund"}
	case !done.Succeeded:
		return answer{}, refundRefused(done.Why)
	}
	said := f.refunded(done, p)
	said.Status, said.SuccessTime, said.OutTradeNo, said.TransactionID = "", "", "", ""
	return answer{status: http.StatusOK, message: said}, nil
}

// refundRefused is why a refund was not made. Whatever the rules forbid is one code.
func refundRefused(why wallet.Why) error {
	if why == wallet.WhyUnknown {
		return notThere()
	}
	return &refusal{http.StatusBadRequest, wire.CodeInvalidRequest, string(why)}
}

func notThere() error {
	return &refusal{http.StatusNotFound, wire.CodeNotExists, "there is no such order or refund"}
}

// refundQuery says how a refund stands. One that was refused was never made.
func (f *Front) refundQuery(r *http.Request, _ []byte) (answer, error) {
	if err := f.named(r.URL.Query()); err != nil {
		return answer{}, err
	}
	no := r.PathValue("no")
	if err := firstWrong(field{"out_refund_no", refundNumber.MatchString(no)}); err != nil {
		return answer{}, err
	}
	done, err := f.wallet.RefundOf(r.Context(), no)
	if err != nil {
		return answer{}, err
	}
	if done == nil || !done.Succeeded {
		return answer{}, notThere()
	}
	p, err := f.wallet.Payment(r.Context(), done.RequestID)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, message: f.refunded(done, p)}, nil
}

// refunded says how a refund that was made stands.
func (f *Front) refunded(done *wallet.Refund, p *wallet.Payment) *wire.Refund {
	at := wire.FormatTime(done.Time())
	return &wire.Refund{ID: done.RefundID, OutRefundNo: done.RefundRequestID,
		TransactionID: p.PaymentID, OutTradeNo: p.RequestID, Channel: "ORIGINAL",
		Account: "支付用户零钱", FundSource: "REFUND_SOURCE_UNSETTLED_FUNDS", CreateTime: at,
		SuccessTime: at, Status: wire.RefundSuccess,
		Amount: &wire.GivenAmount{Refund: done.Order.Minor(),
			Currency: string(done.Order.Currency()), PayerRefund: done.Debit.Minor(),
			PayerCurrency: string(done.Debit.Currency()), Rate: f.rateOf(p)}}
}

// certificates lists the one certificate of the platform, sealed for the merchant.
func (f *Front) certificates(*http.Request, []byte) (answer, error) {
	c := f.keys.cert
	return answer{status: http.StatusOK, message: wire.Certificates{Data: []wire.Certificate{{
		SerialNo: f.keys.serial, Effective: wire.FormatTime(c.NotBefore),
		Expire: wire.FormatTime(c.NotAfter),
		Sealed: f.keys.seal([]byte(f.keys.Certificate), "certificate")}}}}, nil
}

// statementMax is how many payments of a user a statement lists.
const statementMax = 100_000

// statements lists what was paid on a day. It is signed as every answer is, and has the digest
// that the pages speak of.
func (f *Front) statements(w http.ResponseWriter, r *http.Request) {
	text, err := f.statement(w, r)
	if err != nil {
		f.finish(w, r, answer{}, err)
		return
	}
	sum := sha1.Sum([]byte(text))
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Wechatpay-Statement-Sha1", base64.StdEncoding.EncodeToString(sum[:]))
	f.stamp(h, r.Header.Get("Wechatpay-Serial"), []byte(text), true)
	fmt.Fprint(w, text)
}

func (f *Front) statement(w http.ResponseWriter, r *http.Request) (string, error) {
	if _, refused := f.admit(w, r); refused != nil {
		return "", refused
	}
	q := r.URL.Query()
	day, err := time.ParseInLocation("20060102", q.Get("date"), clock.CST)
	q.Del("date")
	if err != nil {
		return "", malformed("date is not YYYYMMDD")
	}
	if err := f.named(q); err != nil {
		return "", err
	}
	users, err := f.wallet.Users(r.Context())
	if err != nil {
		return "", err
	}
	var rows []string
	var total int64
	for _, u := range users {
		list, err := f.wallet.Payments(r.Context(), u.ID, statementMax)
		if err != nil {
			return "", err
		}
		for _, p := range list {
			if at := p.Time(); p.PaidUS == 0 || at.Before(day) || !at.Before(day.AddDate(0, 0, 1)) {
				continue
			}
			total += p.OrderMinor
			rows = append(rows, fmt.Sprintf("`%s,`%s,`%s,`%s,`%s,`%s,`%d,`%s,`%d",
				wire.FormatTime(p.Time()), p.PaymentID, p.RequestID, tradeOf(p), stateOf(p),
				p.OrderCurrency, p.OrderMinor, p.DebitCurrency, p.DebitedMinor))
		}
	}
	if len(rows) == 0 {
		return "", &refusal{http.StatusNotFound, "NO_STATEMENT_EXIST", "nothing was paid"}
	}
	head := "transaction time,WeChat order No.,Vendor order No.,transaction type," +
		"transaction status,priced currency,order amount,user payment currency,user payment"
	return fmt.Sprintf("%s\n%s\ntotal transactions,total amount\n`%d,`%d\n", head,
		strings.Join(rows, "\n"), len(rows), total), nil
}

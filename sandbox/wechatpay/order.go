package wechatpay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

var (
	// number is what an order number may be.
	number = regexp.MustCompile(`^[A-Za-z0-9_\-|*]{6,32}$`)
	// refundNumber is what a refund number may be.
	refundNumber = regexp.MustCompile(`^[A-Za-z0-9_\-|*@]{1,64}$`)
	// authCode is the code on a user's phone; 15 begins those of Hong Kong.
	authCode = regexp.MustCompile(`^1[0-5][0-9]{16}$`)
	category = regexp.MustCompile(`^[0-9]{4}$`)
)

// kept is what the front keeps with a payment.
type kept struct {
	Trade     string `json:"trade_type"`
	NotifyURL string `json:"notify_url,omitempty"`
	OpenID    string `json:"openid,omitempty"` // the only user who may pay it
	Attach    string `json:"attach,omitempty"`
}

func keptOf(p *wallet.Payment) kept {
	var k kept
	_ = json.Unmarshal([]byte(p.Extra), &k) // an id that was blocked keeps nothing
	return k
}

// field is one rule about a message.
type field struct {
	name string
	ok   bool
}

func firstWrong(rules ...field) error {
	for _, f := range rules {
		if !f.ok {
			return malformed("%s is missing or malformed", f.name)
		}
	}
	return nil
}

// within tells whether a text is there and not too long.
func within(s string, max int) bool { return s != "" && len(s) <= max }

// mine checks who a message is from.
func (f *Front) mine(m wire.Merchant, app bool) error {
	k := f.keys
	want := wire.Merchant{MchID: k.MchID, AppID: k.AppID}
	if k.SubMchID != "" {
		want = wire.Merchant{SPMchID: k.MchID, SubMchID: k.SubMchID, SPAppID: k.AppID,
			SubAppID: m.SubAppID}
	}
	if !app {
		want.AppID, want.SPAppID, want.SubAppID = "", "", ""
	}
	for _, pair := range [][3]string{{"mchid", m.MchID, want.MchID},
		{"appid", m.AppID, want.AppID}, {"sp_mchid", m.SPMchID, want.SPMchID},
		{"sub_mchid", m.SubMchID, want.SubMchID}, {"sp_appid", m.SPAppID, want.SPAppID},
		{"sub_appid", m.SubAppID, want.SubAppID}} {
		switch {
		case (pair[1] == "") != (pair[2] == ""):
			return malformed("%s is missing or out of place", pair[0])
		case pair[1] != pair[2]:
			return another(pair[0])
		}
	}
	if m.SubAppID != "" && m.SubAppID != k.SubAppID {
		return another("sub_appid")
	}
	return nil
}

func another(name string) error {
	return &refusal{http.StatusForbidden, wire.CodeNoAuth, name + " is another's"}
}

// named reads a merchant from the query of an address.
func (f *Front) named(q url.Values) error {
	for name := range q {
		if name != "mchid" && name != "sp_mchid" && name != "sub_mchid" {
			return malformed("the address has an unknown parameter")
		}
	}
	return f.mine(wire.Merchant{MchID: q.Get("mchid"), SPMchID: q.Get("sp_mchid"),
		SubMchID: q.Get("sub_mchid")}, false)
}

// orderIn reads and checks what every order has.
func (f *Front) orderIn(body []byte, trade string) (*wire.Order, error) {
	var m wire.Order
	if err := wire.Strict(body, &m); err != nil {
		return nil, malformed("%v", err)
	}
	if err := f.mine(m.Merchant, true); err != nil {
		return nil, err
	}
	currency := money.Currency(m.Amount.Currency)
	err := firstWrong(field{"description", within(m.Description, 127)},
		field{"out_trade_no", number.MatchString(m.OutTradeNo)},
		field{"trade_type", m.TradeType == trade},
		field{"merchant_category_code", category.MatchString(m.MCC)},
		field{"amount.total", m.Amount.Total > 0 && m.Amount.Total <= 100_000_000_00},
		field{"amount.currency", currency == f.keys.Settles},
		field{"attach", len(m.Attach) <= 127}, field{"goods_tag", len(m.GoodsTag) <= 32})
	if s := m.Scene; err == nil && s != nil && s.Store != nil {
		err = firstWrong(field{"scene_info.store_info.name", within(s.Store.Name, 64)},
			field{"scene_info.store_info.address", within(s.Store.Address, 512)},
			field{"scene_info.device_id", len(s.DeviceID) <= 32})
	}
	return &m, err
}

// chargeOf is an order in the books' words.
func (f *Front) chargeOf(m *wire.Order) (wallet.Charge, error) {
	order, err := money.New(m.Amount.Total, money.Currency(m.Amount.Currency))
	if err != nil {
		return wallet.Charge{}, malformed("amount cannot be")
	}
	debit, err := f.debitOf(order)
	if err != nil {
		return wallet.Charge{}, malformed("amount cannot be")
	}
	k := kept{Trade: m.TradeType, NotifyURL: m.NotifyURL, Attach: m.Attach}
	if p := m.Payer; p != nil && m.TradeType == wire.TradeJSAPI {
		k.OpenID = p.OpenID + p.SPOpenID + p.SubOpenID
	}
	shop := m.Description
	if m.Scene != nil && m.Scene.Store != nil {
		shop = m.Scene.Store.Name
	}
	return wallet.Charge{RequestID: m.OutTradeNo, PaymentID: transactionID(), Order: order,
		Debit: debit, PayTo: order, Shop: shop, OrderRef: m.Description,
		Rate: f.rate().String(), Compared: string(wire.Encode(m)), Extra: string(wire.Encode(k))}, nil
}

// transactionID makes the network's id of a payment: 28 digits.
func transactionID() string {
	return "4200" + clock.Now().In(clock.CST).Format("20060102") + wallet.Digits(16)
}

// micropay debits the user of a code.
func (f *Front) micropay(r *http.Request, body []byte) (answer, error) {
	m, err := f.orderIn(body, wire.TradeMicropay)
	if err != nil {
		return answer{}, err
	}
	if err := firstWrong(
		field{"payer.auth_code", m.Payer != nil && authCode.MatchString(m.Payer.AuthCode)},
		field{"notify_url", m.NotifyURL == ""}, field{"time_expire", m.TimeExpire == ""},
	); err != nil {
		return answer{}, err
	}
	c, err := f.chargeOf(m)
	if err != nil {
		return answer{}, err
	}
	c.Code = m.Payer.AuthCode
	s, err := f.wallet.Pay(r.Context(), c)
	switch p := s.Payment; {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return answer{mode: s.Mode}, refused(s.Why)
	case p == nil:
		return answer{mode: s.Mode}, nil
	case p.State == wallet.Failed:
		return answer{mode: s.Mode}, refused(p.Why)
	case p.State == wallet.Cancelled || p.State == wallet.Deaf:
		return answer{mode: s.Mode}, refused(wallet.WhyClosed)
	}
	return answer{http.StatusOK, f.transaction(s.Payment), s.Mode}, nil
}

// prepay makes an order that a user takes later.
func (f *Front) prepay(r *http.Request, body []byte) (answer, error) {
	trade := strings.ToUpper(r.PathValue("trade"))
	if r.PathValue("trade") != strings.ToLower(trade) || trade != wire.TradeNative &&
		trade != wire.TradeJSAPI && trade != wire.TradeMWeb {
		return nowhere(r, body)
	}
	m, err := f.orderIn(body, trade)
	if err != nil {
		return answer{}, err
	}
	expires, err := f.laterOrder(m)
	if err != nil {
		return answer{}, err
	}
	c, err := f.chargeOf(m)
	if err != nil {
		return answer{}, err
	}
	c.Expires, c.Ref = expires, "wx"+id.Secret(20)
	s, err := f.wallet.Open(r.Context(), c)
	switch p := s.Payment; {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return answer{mode: s.Mode}, refused(s.Why)
	case p == nil:
		return answer{mode: s.Mode}, nil
	case p.State == wallet.Failed:
		return answer{mode: s.Mode}, refused(p.Why)
	case p.State == wallet.Paid:
		return answer{mode: s.Mode}, refused(wallet.WhyState)
	case p.State == wallet.Cancelled || p.State == wallet.Deaf:
		return answer{mode: s.Mode}, refused(wallet.WhyExpired)
	}
	return answer{http.StatusOK, f.prepared(s.Payment, trade), s.Mode}, nil
}

// laterOrder checks what only orders for later have, and returns their end.
func (f *Front) laterOrder(m *wire.Order) (time.Time, error) {
	u, err := url.Parse(m.NotifyURL)
	if err := firstWrong(field{"notify_url", err == nil && within(m.NotifyURL, 256) &&
		(u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.RawQuery == ""},
		field{"payer.auth_code", m.Payer == nil || m.Payer.AuthCode == ""}); err != nil {
		return time.Time{}, err
	}
	payer := m.Payer
	if payer == nil {
		payer = &wire.Payer{}
	}
	ids := []string{payer.OpenID}
	if f.keys.SubMchID != "" {
		ids = []string{payer.SPOpenID, payer.SubOpenID}
	}
	has := strings.Join(ids, "") != ""
	scene := m.Scene
	if scene == nil {
		scene = &wire.Scene{}
	}
	if err := firstWrong(field{"payer", has || m.TradeType != wire.TradeJSAPI},
		field{"scene_info.payer_client_ip", scene.PayerClientIP != "" ||
			m.TradeType != wire.TradeMWeb},
		field{"scene_info.store_info", scene.Store != nil || m.TradeType != wire.TradeMWeb},
	); err != nil {
		return time.Time{}, err
	}
	if m.TimeExpire == "" {
		return clock.Now().Add(orderLife), nil
	}
	at, err := wire.ParseTime(m.TimeExpire)
	return at, firstWrong(field{"time_expire", err == nil})
}

// prepared says how a user gets to an order.
func (f *Front) prepared(p *wallet.Payment, trade string) *wire.Prepared {
	switch trade {
	case wire.TradeNative:
		return &wire.Prepared{CodeURL: scanned + p.Ref}
	case wire.TradeJSAPI:
		return &wire.Prepared{PrepayID: p.Ref}
	}
	return &wire.Prepared{MWebURL: f.parts.PayURL(p.RequestID) + "?prepay_id=" + p.Ref}
}

// found makes a call of one that is about a payment by its order number. The books may not have
// it.
type found func(ctx context.Context, r *http.Request, requestID string, body []byte,
) (answer, error)

func (f *Front) byNumber(do found) call {
	return func(r *http.Request, body []byte) (answer, error) {
		no := r.PathValue("no")
		if err := firstWrong(field{"out_trade_no", number.MatchString(no)}); err != nil {
			return answer{}, err
		}
		return do(r.Context(), r, no, body)
	}
}

func (f *Front) byID(do found) call {
	return func(r *http.Request, body []byte) (answer, error) {
		p, err := f.wallet.ByID(r.Context(), r.PathValue("id"))
		if err != nil {
			return answer{}, fmt.Errorf("find the payment: %w", err)
		}
		if p == nil {
			return answer{}, refused(wallet.WhyUnknown)
		}
		return do(r.Context(), r, p.RequestID, body)
	}
}

// query says how an order stands.
func (f *Front) query(ctx context.Context, r *http.Request, no string, _ []byte,
) (answer, error) {
	if err := f.named(r.URL.Query()); err != nil {
		return answer{}, err
	}
	s, err := f.wallet.Inquire(ctx, no)
	switch {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return answer{}, refused(s.Why)
	}
	return answer{status: http.StatusOK, message: f.transaction(s.Payment)}, nil
}

// ending reads the body of close and reverse.
func (f *Front) ending(body []byte) error {
	var m wire.Ending
	if err := wire.Strict(body, &m); err != nil {
		return malformed("%v", err)
	}
	return f.mine(wire.Merchant{MchID: m.MchID, SPMchID: m.SPMchID, SubMchID: m.SubMchID}, false)
}

// reverse gives a payment by code back, or ends it.
func (f *Front) reverse(ctx context.Context, _ *http.Request, no string, body []byte,
) (answer, error) {
	if err := f.ending(body); err != nil {
		return answer{}, err
	}
	p, err := f.wallet.Payment(ctx, no)
	if err != nil {
		return answer{}, err
	}
	if k := tradeOf(p); p != nil && k != "" && k != wire.TradeMicropay {
		return answer{}, &refusal{http.StatusBadRequest, wire.CodeInvalidRequest,
			"only payments by code are reversed"}
	}
	s, err := f.wallet.Cancel(ctx, no)
	return ended(s, err)
}

// close ends an order that is not paid.
func (f *Front) close(ctx context.Context, _ *http.Request, no string, body []byte,
) (answer, error) {
	if err := f.ending(body); err != nil {
		return answer{}, err
	}
	s, err := f.wallet.Close(ctx, no)
	return ended(s, err)
}

func ended(s wallet.Standing, err error) (answer, error) {
	switch {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return answer{}, refused(s.Why)
	}
	return answer{status: http.StatusNoContent}, nil
}

// tradeOf is the trade type of a payment; "" for an id that was blocked.
func tradeOf(p *wallet.Payment) string {
	if p == nil {
		return ""
	}
	return keptOf(p).Trade
}

package wechatpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

// Longest texts of the protocol. Its pages count characters without saying which; bytes are safe.
const (
	descriptionMax = 127
	reasonMax      = 80
	nameMax        = 64
	storeIDMax     = 32
)

// orderOf is what every way to pay has in common. A repeat gives the same message: the network
// refuses an order number that comes back with other values.
func orderOf(acc *account, r link.Authorise) *wire.Order {
	s := r.Shop
	shop := firstOf(s.StoreName, s.MerchantName, s.MerchantID)
	text := strings.TrimSpace(r.Description)
	if text == "" {
		text = firstOf(r.OrderRef, r.PaymentID)
	}
	return &wire.Order{Merchant: acc.merchant(), OutTradeNo: r.OurRequestID,
		Description: cut(strings.Trim(shop+"-"+text, "-"), descriptionMax),
		MCC:         firstOf(s.MCC, acc.MCC),
		Amount:      wire.Amount{Total: r.PayTo.Minor(), Currency: string(r.PayTo.Currency())},
		Scene: &wire.Scene{DeviceID: cut(s.TerminalID, storeIDMax),
			Store: &wire.Store{ID: cut(s.StoreID, storeIDMax), Name: cut(shop, nameMax),
				Address: firstOf(s.Prefecture, "JP")}}}
}

// refundOf is a refund in the network's words. Its total is the whole of the payment.
func refundOf(acc *account, to link.Endpoint, r link.Refund) *wire.RefundOrder {
	return &wire.RefundOrder{Merchant: acc.merchant(), OutTradeNo: r.OurRequestID,
		OutRefundNo: r.RefundID, Reason: cut(r.Reason, reasonMax), NotifyURL: to.NotifyURL,
		Amount: wire.GiveBack{Refund: r.PayTo.Minor(), Total: r.About.PayTo.Minor(),
			Currency: string(r.PayTo.Currency())}}
}

// Prepare makes an order that its user pays afterwards (link.Preparer): a code to scan for
// WayOrder, a page for WayPage, and the arguments of the in-page call for a user who was
// recognised inside WeChat's browser. Without the user's id WayEntry gets a code to scan.
func (c *Client) Prepare(
	ctx context.Context, to link.Endpoint, r link.Prepare,
) (link.Form, link.Answer) {
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	keys, err := c.keys.of(to.IssuerID)
	if err != nil {
		return link.Form{}, unknown("", err)
	}
	m := orderOf(keys.account, r.Authorise)
	m.NotifyURL, m.TimeExpire = to.NotifyURL, wire.FormatTime(r.Expires)
	m.Scene.PayerClientIP = r.PayerIP
	switch {
	case r.Way == link.WayOrder, r.Way == link.WayEntry && r.Payer == "":
		m.TradeType = wire.TradeNative
	case r.Payer != "":
		m.TradeType, m.Payer = wire.TradeJSAPI, keys.payer(r.Payer)
	default:
		m.TradeType = wire.TradeMWeb
	}
	got, err := c.call(ctx, to, http.MethodPost,
		pathOrder+strings.ToLower(m.TradeType), m)
	if err != nil {
		return link.Form{}, unknown("", err)
	}
	if got.status != http.StatusOK {
		v, code := failed(got, codes)
		return link.Form{}, v.answer(got.status, code)
	}
	f, err := formOf(keys.account, m.TradeType, got.body, r)
	if err != nil {
		return link.Form{}, unknown("", err)
	}
	a := unknown(wire.StateNotPay, errors.New("the user has not paid yet"))
	a.UserActing, a.RequestID = true, r.OurRequestID
	return f, a
}

// formOf reads how the user gets to the order.
func formOf(acc *account, trade string, body []byte, r link.Prepare) (link.Form, error) {
	var p wire.Prepared
	if err := wire.Decode(body, &p); err != nil {
		return link.Form{}, err
	}
	switch trade {
	case wire.TradeNative:
		if p.CodeURL == "" {
			return link.Form{}, errors.New("the answer has no code_url")
		}
		return link.Form{CodeText: p.CodeURL}, nil
	case wire.TradeJSAPI:
		if p.PrepayID == "" {
			return link.Form{}, errors.New("the answer has no prepay_id")
		}
		params, err := bridge(acc, p.PrepayID)
		return link.Form{Params: params}, err
	}
	u, err := url.Parse(p.MWebURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return link.Form{}, errors.New("the answer has no mweb_url")
	}
	page := p.MWebURL
	if r.ReturnURL != "" {
		page += "&redirect_url=" + url.QueryEscape(r.ReturnURL)
	}
	return link.Form{PageURL: page}, nil
}

// bridge is what WeixinJSBridge.invoke("getBrandWCPayRequest", …) takes inside WeChat's browser.
func bridge(acc *account, prepayID string) (map[string]string, error) {
	nonce, err := utils.GenerateNonce()
	if err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	p := map[string]string{"appId": acc.payerApp(), "nonceStr": nonce, "signType": "RSA",
		"timeStamp": strconv.FormatInt(clock.Now().Unix(), 10),
		"package":   "prepay_id=" + prepayID}
	p["paySign"], err = acc.sign(fmt.Sprintf("%s\n%s\n%s\n%s\n", p["appId"],
		p["timeStamp"], p["nonceStr"], p["package"]))
	if err != nil {
		return nil, fmt.Errorf("sign the arguments of the page: %w", err)
	}
	return p, nil
}

// cut shortens a text that people read to a number of bytes, between two characters.
func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

package wechatpay_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/money"
	"watari/sandbox/wallet"
	"watari/sandbox/wechatpay"
)

// The goal is that a payment by code is made once, told in both currencies, and given back by
// reverse; on both engines.
func TestPaymentByCodeIsMadeOnceAndReversed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		m := r.quick("ORDER-1|*")

		status, first := r.do(http.MethodPost, payPath, m)
		_, again := r.do(http.MethodPost, payPath, m)

		amount, _ := first["amount"].(map[string]any)
		if status != 200 || first["trade_state"] != "SUCCESS" || first["id"] != again["id"] ||
			len(first["id"].(string)) != 28 || amount["payer_currency"] != "CNY" ||
			json.Number("8474") != number(amount["payer_total"]) {
			t.Fatalf("HTTP %d %v", status, first)
		}
		rate, _ := amount["exchange_rate"].(map[string]any)
		if number(rate["rate"]) != "4280000" {
			t.Errorf("rate: %v", rate)
		}
		account, err := r.wallet.Account(t.Context(), "ann")
		r.must(err)
		if account.Balance != money.MustNew(10_000_00-84_74, "CNY") {
			t.Errorf("ann has %s", account.Balance)
		}
		end := map[string]any{"mchid": r.merchant["mchid"]}
		for range 2 {
			if status, said := r.do(http.MethodPost, "/v3/global/micropay/transactions/"+
				"out-trade-no/ORDER-1%7C*/reverse", end); status != http.StatusNoContent {
				t.Errorf("reverse: HTTP %d %v", status, said)
			}
		}
		if got := r.query("ORDER-1%7C*"); got["trade_state"] != "REVOKED" {
			t.Errorf("got %v", got)
		}
		if status, said := r.do(http.MethodPost, payPath, m); status != 400 ||
			said["code"] != "ORDERREVERSED" {
			t.Errorf("paid again: HTTP %d %v", status, said)
		}
	})
}

// number is a number of a JSON text that was read as any.
func number(v any) json.Number {
	text, _ := json.Marshal(v)
	return json.Number(text)
}

// The goal is that an order that is scanned is paid by whoever takes it first, and told to the
// network until that takes it: sealed, signed, with the same id each time. Both engines.
func TestOrderIsToldUntilItIsTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.refuse.Store(2)
		m := r.order("ORDER-1", "NATIVE")
		_, prepared := r.do(http.MethodPost, nativePath, m)
		code, _ := prepared["code_url"].(string)
		got, err := r.front.Scan(t.Context(), "ann", code, nil)
		if err != nil || got.RequestID != "ORDER-1" {
			t.Fatalf("%v: scan: %+v, %v", prepared, got, err)
		}
		if other, err := r.front.Scan(t.Context(), "bob", code, nil); err != nil ||
			other.Why != wallet.WhyTaken {
			t.Errorf("another user: %+v, %v", other, err)
		}
		p, err := r.wallet.Question(t.Context(), "ann")
		r.must(err)
		_, err = r.wallet.Confirm(t.Context(), "ann", p.PaymentID, wallet.PIN)
		r.must(err)

		notices := r.await(3)

		ids := map[string]bool{}
		for _, n := range notices {
			text := n.Form.Get("body")
			if !r.signed(n.Header, text) || n.URL.Path != "/wallets/wechatpay/weilai" ||
				n.Header.Get("Wechatpay-Serial") != r.secrets.PublicKeyID {
				t.Errorf("got %v", n.Header)
			}
			var told wire.Notice
			r.must(json.Unmarshal([]byte(text), &told))
			ids[told.ID] = true
			var about wire.Transaction
			r.must(json.Unmarshal(r.unseal(told.Resource), &about))
			if told.EventType != "TRANSACTION.SUCCESS" || about.OutTradeNo != "ORDER-1" ||
				about.TradeState != "SUCCESS" || about.Amount.PayerTotal != 84_74 {
				t.Errorf("got %s, %+v", text, about)
			}
		}
		if len(ids) != 1 {
			t.Errorf("ids %v", ids)
		}
		if status, said := r.do(http.MethodPost, nativePath, m); status != 400 ||
			said["code"] != "ORDERPAID" {
			t.Errorf("again: HTTP %d %v", status, said)
		}
		if status, said := r.do(http.MethodPost, orderPath+"ORDER-1/close",
			map[string]any{"mchid": r.merchant["mchid"]}); said["code"] != "ORDERPAID" {
			t.Errorf("closed: HTTP %d %v", status, said)
		}
	})
}

// await waits for a number of notices.
func (r *rig) await(n int) []*http.Request {
	r.t.Helper()
	for range 2400 {
		r.mu.Lock()
		got := r.notices
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Fatalf("no %d notices within a minute", n)
	return nil
}

// unseal opens a resource with the merchant's key.
func (r *rig) unseal(s *wire.Sealed) []byte {
	r.t.Helper()
	block, err := aes.NewCipher([]byte(r.merchant["api_v3_key"]))
	r.must(err)
	aead, err := cipher.NewGCM(block)
	r.must(err)
	sealed, err := base64.StdEncoding.DecodeString(s.Ciphertext)
	r.must(err)
	text, err := aead.Open(nil, []byte(s.Nonce), sealed, []byte(s.AssociatedData))
	r.must(err)
	return text
}

// The goal is that refunds are known by their own number, never exceed the order, and are told
// under the name that notices have. Both engines.
func TestRefundsStandUnderTheirOwnNumber(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		if status, said := r.do(http.MethodPost, payPath, r.quick("ORDER-1")); status != 200 {
			t.Fatalf("HTTP %d %v", status, said)
		}
		ask := func(no string, refund, total int) (int, map[string]any) {
			return r.do(http.MethodPost, "/v3/global/refunds", map[string]any{
				"mchid": r.merchant["mchid"], "appid": r.merchant["appid"],
				"out_trade_no": "ORDER-1", "out_refund_no": no, "reason": "returned",
				"notify_url": r.network.URL + "/wallets/wechatpay/weilai", "amount": map[string]any{
					"refund": refund, "total": total, "currency": "JPY"}})
		}
		status, first := ask("R1", 1000, 1980)
		_, again := ask("R1", 1000, 1980)
		if status != 200 || first["id"] != again["id"] || first["status"] != nil {
			t.Fatalf("HTTP %d %v, again %v", status, first, again)
		}
		_, stands := r.do(http.MethodGet, "/v3/global/refunds/out-refund-no/R1?mchid="+
			r.merchant["mchid"], nil)
		amount, _ := stands["amount"].(map[string]any)
		if stands["status"] != "SUCCESS" || number(amount["payer_refund"]) != "4280" {
			t.Errorf("got %v", stands)
		}
		for no, x := range map[string][2]int{"R2": {981, 1980}, "R3": {1, 2000}, "R1": {999, 1980}} {
			if status, said := ask(no, x[0], x[1]); status != 400 ||
				said["code"] != "INVALID_REQUEST" {
				t.Errorf("%s %v: HTTP %d %v", no, x, status, said)
			}
		}
		if status, _ := r.do(http.MethodGet, "/v3/global/refunds/out-refund-no/R2?mchid="+
			r.merchant["mchid"], nil); status != 404 {
			t.Errorf("a refund that was refused: HTTP %d", status)
		}
		if got := r.query("ORDER-1"); got["trade_state"] != "REFUND" {
			t.Errorf("got %v", got)
		}
		var told wire.Notice
		r.must(json.Unmarshal([]byte(r.await(1)[0].Form.Get("body")), &told))
		var about map[string]any
		r.must(json.Unmarshal(r.unseal(told.Resource), &about))
		if told.EventType != "REFUND.SUCCESS" || about["refund_status"] != "SUCCESS" ||
			about["status"] != nil || about["out_trade_no"] != "ORDER-1" {
			t.Errorf("got %v, %v", told, about)
		}
	})
}

// The goal is that an order number means one order (S4).
func TestOrderNumberMeansOneOrder(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{})
	m := r.order("ORDER-1", "NATIVE")
	_, first := r.do(http.MethodPost, nativePath, m)
	_, again := r.do(http.MethodPost, nativePath, m)
	if first["code_url"] == nil || first["code_url"] != again["code_url"] {
		t.Errorf("got %v and %v", first, again)
	}
	m["description"] = "ramen"
	if status, said := r.do(http.MethodPost, nativePath, m); status != 403 ||
		said["code"] != "OUT_TRADE_NO_USED" {
		t.Errorf("HTTP %d %v", status, said)
	}
	quick := r.quick("ORDER-1")
	if _, said := r.do(http.MethodPost, payPath, quick); said["code"] != "OUT_TRADE_NO_USED" {
		t.Errorf("by code: %v", said)
	}
	end := map[string]any{"mchid": r.merchant["mchid"]}
	if status, said := r.do(http.MethodPost, "/v3/global/micropay/transactions/out-trade-no/"+
		"ORDER-1/reverse", end); status != 400 {
		t.Errorf("an order is reversed: HTTP %d %v", status, said)
	}
	if status, said := r.do(http.MethodPost, orderPath+"ORDER-1/close", end); status != 204 {
		t.Errorf("close: HTTP %d %v", status, said)
	}
	if got := r.query("ORDER-1"); got["trade_state"] != "CLOSED" {
		t.Errorf("got %v", got)
	}
	if got, err := r.front.Scan(t.Context(), "ann", first["code_url"].(string), nil); err != nil ||
		got.Why != wallet.WhyClosed {
		t.Errorf("scanned: %+v, %v", got, err)
	}
}

// The goal is that a phone's codes are of this wallet's form, and that what it scans is understood
// or called unreadable.
func TestPhoneUnderstandsItsOwnCodes(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{})
	for range 20 {
		c, err := r.front.Code(t.Context(), "ann")
		r.must(err)
		if len(c.Value) != 18 || c.Value < "10" || c.Value >= "15" ||
			c.Until.Sub(c.From) != time.Minute {
			t.Errorf("got %+v", c)
		}
	}
	for text, open := range map[string]bool{"https://shop.example/q/1": true,
		"weixin://wxpay/bizpayurl?pr=none": false, "": false, "281001029876543210": false,
		`{"appId":"wx1","package":"prepay_id=x","signType":"RSA"}`: false, "{": false,
		"alipays://x": false} {
		got, err := r.front.Scan(t.Context(), "ann", text, nil)
		if open != (got.OpenURL == text && text != "") || !open && err == nil {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

// The goal is that the modes reach the wire: no answer, a bad signature, a refusal, a question.
func TestModesReachTheWire(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{})
	set := func(m wallet.Mode) { r.must(r.wallet.SetFault(t.Context(), m, nil)) }
	set(wallet.ModeDecline)
	if status, said := r.do(http.MethodPost, payPath, r.quick("ORDER-1")); status != 403 ||
		said["code"] != "NOTENOUGH" {
		t.Errorf("decline: HTTP %d %v", status, said)
	}
	if got := r.query("ORDER-1"); got["trade_state"] != "PAYERROR" {
		t.Errorf("declined: %v", got)
	}
	set(wallet.ModePIN)
	if _, said := r.do(http.MethodPost, payPath, r.quick("ORDER-2")); said["trade_state"] !=
		"USERPAYING" {
		t.Errorf("pin: %v", said)
	}
	set(wallet.ModeBadlySig)
	text, err := json.Marshal(r.quick("ORDER-3"))
	r.must(err)
	res := r.send(message{method: http.MethodPost, path: payPath, body: string(text)})
	answer, err := io.ReadAll(res.Body)
	r.must(err)
	if r.signed(res.Header, string(answer)) {
		t.Error("bad_signature: signed well")
	}
	set(wallet.ModeNone)
	if got := r.query("ORDER-3"); got["trade_state"] != "SUCCESS" {
		t.Errorf("behind the bad signature: %v", got)
	}
}

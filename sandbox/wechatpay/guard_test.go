package wechatpay_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/sandbox/wallet"
	"watari/sandbox/wechatpay"
)

// The goal is that nobody but the merchant is heard (S1). Method: a good request, and the same with
// each part spoiled.
func TestOnlyTheMerchantIsHeard(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{})
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	r.must(err)
	path := orderPath + "ORDER-1?mchid=" + r.merchant["mchid"]
	good := message{method: http.MethodGet, path: path}
	if status, m := r.said(r.send(good)); status != http.StatusNotFound ||
		m["code"] != "ORDER_NOT_EXIST" {
		t.Fatalf("a good request: HTTP %d %v", status, m)
	}
	auth := func(text string) func(*message) {
		return func(m *message) { m.authorised = text }
	}
	for name, spoil := range map[string]func(*message){
		"another key":          func(m *message) { m.key = stranger },
		"another serial":       func(m *message) { m.serial = "5157F09EFDC096DE15EBE81A47057A72" },
		"six minutes old":      func(m *message) { m.at = clock.Now().Add(-6 * time.Minute) },
		"six minutes ahead":    func(m *message) { m.at = clock.Now().Add(6 * time.Minute) },
		"another path":         func(m *message) { m.signedPath = path + "1" },
		"without the query":    func(m *message) { m.signedPath, _, _ = strings.Cut(path, "?") },
		"another body":         func(m *message) { m.signedBody = "{}" },
		"no header":            auth("none"),
		"another scheme":       auth(`WECHATPAY2-SM2-WITH-SM3 mchid="1"`),
		"no value":             auth(`WECHATPAY2-SHA256-RSA2048 `),
		"a value without name": auth(`WECHATPAY2-SHA256-RSA2048 "1"`),
		"a value twice":        auth(`WECHATPAY2-SHA256-RSA2048 mchid="1",mchid="1"`),
		"a value missing":      auth(`WECHATPAY2-SHA256-RSA2048 mchid="1",serial_no="2"`),
	} {
		m := good
		spoil(&m)
		status, said := r.said(r.send(m))
		if status != http.StatusUnauthorized || said["code"] != "SIGN_ERROR" {
			t.Errorf("%s: HTTP %d %v", name, status, said)
		}
	}
	m := good
	m.mchid = "1900000000"
	if status, said := r.said(r.send(m)); status != http.StatusForbidden ||
		said["code"] != "NO_AUTH" {
		t.Errorf("another merchant: HTTP %d %v", status, said)
	}
}

// The goal is that a request is heard once.
func TestNonceIsUsedOnce(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{})
	m := message{method: http.MethodGet, nonce: "593BEC0C930BF1AFEB40B4A08C8FB242",
		path: orderPath + "ORDER-1?mchid=" + r.merchant["mchid"]}
	first, _ := r.said(r.send(m))
	second, said := r.said(r.send(m))
	if first != http.StatusNotFound || second != http.StatusUnauthorized ||
		said["code"] != "SIGN_ERROR" {
		t.Errorf("HTTP %d, then %d %v", first, second, said)
	}
}

// The goal is that a merchant finds out what it gets wrong (S2, S4). Method: a good order, and the
// same with one member changed.
func TestWrongMembersAreRefused(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{})
	const param, auth = "PARAM_ERROR", "NO_AUTH"
	amount := func(total any, currency string) map[string]any {
		return map[string]any{"total": total, "currency": currency}
	}
	n := 0
	for name, x := range map[string]struct {
		path, member string
		value        any
		code         string
	}{
		"a member that is not documented": {payPath, "colour", "red", param},
		"no description":                  {payPath, "description", "", param},
		"a long description":              {payPath, "description", strings.Repeat("x", 128), param},
		"a short order number":            {payPath, "out_trade_no", "12345", param},
		"a long order number":             {payPath, "out_trade_no", strings.Repeat("1", 33), param},
		"a sign in the order number":      {payPath, "out_trade_no", "order#1", param},
		"another trade type":              {payPath, "trade_type", "NATIVE", param},
		"no category":                     {payPath, "merchant_category_code", "", param},
		"nothing to pay":                  {payPath, "amount", amount(0, "JPY"), param},
		"less than nothing":               {payPath, "amount", amount(-1, "JPY"), param},
		"a fraction":                      {payPath, "amount", amount("19.8", "JPY"), param},
		"another currency":                {payPath, "amount", amount(1980, "CNY"), param},
		"no code":                         {payPath, "payer", map[string]any{}, param},
		"a code of another wallet": {payPath, "payer",
			map[string]any{"auth_code": "281001029876543210"}, param},
		"an address for notices": {payPath, "notify_url", "https://x.example/", param},
		"an institution":         {payPath, "sp_mchid", "1900000100", param},
		"another merchant":       {payPath, "mchid", "1900000100", auth},
		"another app":            {payPath, "appid", "wx1", auth},
		"no merchant":            {payPath, "mchid", "", param},
		"a store without address": {payPath, "scene_info",
			map[string]any{"store_info": map[string]any{"name": "x"}}, param},
		"no address for notices":        {nativePath, "notify_url", "", param},
		"an address with a query":       {nativePath, "notify_url", "https://x.example/?a=1", param},
		"a time of no day":              {nativePath, "time_expire", "tomorrow", param},
		"a page without the payer's IP": {"/v3/global/transactions/mweb", "trade_type", "MWEB", param},
		"an in-page call for nobody":    {"/v3/global/transactions/jsapi", "trade_type", "JSAPI", param},
	} {
		n++
		m := r.quick(fmt.Sprintf("ORDER-%d", n))
		if x.path != payPath {
			m = r.order(fmt.Sprintf("ORDER-%d", n), "NATIVE")
		}
		if x.value == "" {
			delete(m, x.member)
		} else {
			m[x.member] = x.value
		}
		status, said := r.do(http.MethodPost, x.path, m)
		want := map[string]int{param: 400, auth: 403}[x.code]
		if said["code"] != x.code || status != want {
			t.Errorf("%s: HTTP %d %v, want %d %s", name, status, said, want, x.code)
		}
	}
	for _, m := range []message{{kind: "text/plain"}, {accept: "text/html"}, {body: "{"}} {
		m.method, m.path = http.MethodPost, payPath
		if status, said := r.said(r.send(m)); status != 400 || said["code"] != param {
			t.Errorf("%+v: HTTP %d %v", m, status, said)
		}
	}
	for _, path := range []string{"/v3/global/transactions/app", "/v3/nothing"} {
		if status, _ := r.do(http.MethodPost, path, r.order("ORDER-0", "APP")); status != 404 {
			t.Errorf("%s: HTTP %d", path, status)
		}
	}
}

// The goal is that an institution says who its sub-merchant is, in bodies and in addresses.
func TestInstitutionNamesItsSubMerchant(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{Institution: true, SubApp: true})
	m := r.order("ORDER-1", "NATIVE")
	delete(m, "mchid")
	delete(m, "appid")
	m["sp_mchid"], m["sub_mchid"] = r.merchant["mchid"], r.merchant["sub_mchid"]
	m["sp_appid"], m["sub_appid"] = r.merchant["appid"], r.merchant["sub_appid"]
	for _, x := range []struct {
		member, value string
		status        int
	}{{"", "", 200}, {"sub_mchid", "1", 403}, {"sub_mchid", "", 400}, {"sp_appid", "wx1", 403},
		{"sub_appid", "wx1", 403}, {"mchid", "1", 400}} {
		try := maps.Clone(m)
		if x.member != "" {
			try[x.member] = x.value
		}
		if x.value == "" {
			delete(try, x.member)
		}
		if status, said := r.do(http.MethodPost, nativePath, try); status != x.status {
			t.Errorf("%s=%q: HTTP %d %v, want %d", x.member, x.value, status, said, x.status)
		}
	}
	for q, want := range map[string]int{
		"sp_mchid=" + r.merchant["mchid"] + "&sub_mchid=" + r.merchant["sub_mchid"]: 200,
		"sp_mchid=" + r.merchant["mchid"]:                                           400,
		"sp_mchid=" + r.merchant["mchid"] + "&sub_mchid=1":                          403,
		"mchid=" + r.merchant["mchid"]:                                              400} {
		if status, said := r.do(http.MethodGet, orderPath+"ORDER-1?"+q, nil); status != want {
			t.Errorf("%s: HTTP %d %v, want %d", q, status, said, want)
		}
	}
}

// The goal is that each reason of the books has a word in this protocol.
func TestEveryReasonHasACode(t *testing.T) {
	t.Parallel()
	r := lone(t, wechatpay.Deal{})
	for _, why := range wallet.Whys() {
		if code := r.front.Explain(why); code == "" || code == "SYSTEM_ERROR" {
			t.Errorf("%s: %q", why, code)
		}
	}
}

// The goal is that notices pause as documented: 24 hours and 4 minutes in all.
func TestPausesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	var sum time.Duration
	for _, p := range wechatpay.Pauses() {
		sum += p
	}
	if sum != 24*time.Hour+4*time.Minute || len(wechatpay.Pauses()) != 15 {
		t.Errorf("%d pauses of %s in all", len(wechatpay.Pauses()), sum)
	}
}

// The goal is that each half of an agreement holds one private key, and not the other's.
func TestHalvesOfAnAgreementAreApart(t *testing.T) {
	t.Parallel()
	network, own, err := wechatpay.Credentials("weilai")
	if err != nil {
		t.Fatal(err)
	}
	var a map[string]string
	if err := json.Unmarshal(network, &a); err != nil {
		t.Fatal(err)
	}
	for _, half := range []string{string(network), string(own)} {
		if n := strings.Count(half, "BEGIN PRIVATE KEY"); n != 1 {
			t.Errorf("a half holds %d private keys", n)
		}
	}
	if a["sub_mchid"] == "" || a["public_key_id"] == "" || len(a["api_v3_key"]) != 32 {
		t.Errorf("got %v", a)
	}
}

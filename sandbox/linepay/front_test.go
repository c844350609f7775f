package linepay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/connect/linepay/sign"
	"watari/connect/linepay/wire"
	"watari/sandbox/wallet"
)

const sum = `{"amount":13.05,"currency":"USD"}`

// Goal: L2: nobody but the merchant is heard, and nothing is heard twice. Method: a request that
// is right, and each way in which it can be wrong.
func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	without := func(header string) func(*http.Request) {
		return func(q *http.Request) { q.Header.Del(header) }
	}
	with := func(header, value string) func(*http.Request) {
		return func(q *http.Request) { q.Header.Set(header, value) }
	}
	for name, c := range map[string]struct {
		want  wire.Code
		spoil func(q *http.Request)
	}{
		"right":           {wire.CodeNoRecord, func(*http.Request) {}},
		"no channel":      {wire.CodeHeader, without(sign.HeaderChannel)},
		"another channel": {wire.CodeNoMerchant, with(sign.HeaderChannel, "1")},
		"no signature":    {wire.CodeHeader, without(sign.HeaderMAC)},
		"no nonce":        {wire.CodeHeader, without(sign.HeaderNonce)},
		"another nonce":   {wire.CodeHeader, with(sign.HeaderNonce, "n")},
		"another query":   {wire.CodeHeader, func(q *http.Request) { q.URL.RawQuery += "&a=1" }},
		"another path":    {wire.CodeHeader, func(q *http.Request) { q.URL.Path = "/v4/payments" }},
		"the secret alone": {wire.CodeHeader, func(q *http.Request) {
			q.Header.Set(sign.HeaderSecret, r.front.secrets.ChannelSecret)
			q.Header.Del(sign.HeaderMAC)
		}},
	} {
		req := r.request("GET", "/v3/payments?orderId=none", "")
		c.spoil(req)
		if a := r.send(req); a.Code != c.want {
			t.Errorf("%s: got %s, want %s", name, a.Code, c.want)
		}
	}
	req := r.request("POST", "/v3/payments/request", order("O1", "13.05"))
	req.Body = io.NopCloser(strings.NewReader(order("O2", "13.05")))
	if a := r.send(req); a.Code != wire.CodeHeader {
		t.Errorf("another body: got %s", a.Code)
	}
	again := r.request("GET", "/v3/payments?orderId=none", "")
	first, second := again.Clone(t.Context()), again
	if a, b := r.send(first), r.send(second); a.Code != wire.CodeNoRecord ||
		b.Code != wire.CodeHeader {
		t.Errorf("a nonce used twice: got %s, then %s", a.Code, b.Code)
	}
	v2 := r.request("GET", "/v2/payments?orderId=none", "")
	if a := r.send(v2.Clone(t.Context())); a.Code != wire.CodeNoRecord {
		t.Errorf("v2: got %s", a.Code)
	}
	v2.Header.Set(sign.HeaderSecret, "another")
	if a := r.send(v2); a.Code != wire.CodeHeader {
		t.Errorf("v2 with another secret: got %s", a.Code)
	}
}

// Goal: L3: an order that does not add up is refused, with the code that says why. Method: a
// right one, changed in one place at a time.
func TestOrdersMustAddUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	right := order("O1", "13.05")
	const (
		total   = `"amount":13.05,"currency"`
		urls    = `"redirectUrls"`
		lines   = `[{"name":"ramen","quantity":1,"price":13.05}]`
		options = `"options":{"payment":{"payType":"%s"}},"redirectUrls"`
	)
	for name, c := range map[string]struct {
		old, new string
		want     wire.Code
	}{
		"not JSON":          {`{"amount"`, `{"amount`, wire.CodeJSON},
		"more than JSON":    {`no"}}`, `no"}}{}`, wire.CodeJSON},
		"amount as text":    {total, `"amount":"13.05","currency"`, wire.CodeJSON},
		"order as a number": {`"O1"`, `1`, wire.CodeParameter},
		"no amount":         {total, `"currency"`, wire.CodeParameter},
		"negative":          {total, `"amount":-13.05,"currency"`, wire.CodeParameter},
		"zero":              {`13.05`, `0`, wire.CodeNoAmount},
		"too many decimals": {total, `"amount":13.055,"currency"`, wire.CodeAmount},
		"other total":       {total, `"amount":13.06,"currency"`, wire.CodeAmount},
		"other package":     {`"id":"1","amount":13.05`, `"id":"1","amount":13`, wire.CodeAmount},
		"other price":       {`"price":13.05`, `"price":13.04`, wire.CodeAmount},
		"two of it":         {`"quantity":1`, `"quantity":2`, wire.CodeAmount},
		"none of it":        {`"quantity":1`, `"quantity":0`, wire.CodeParameter},
		"half of it":        {`"quantity":1`, `"quantity":0.5`, wire.CodeParameter},
		"very many":         {`"quantity":1`, `"quantity":2000000000`, wire.CodeAmount},
		"an unknown fee":    {`"id":"1",`, `"id":"1","userFee":1,`, wire.CodeAmount},
		"no name":           {`"ramen"`, `""`, wire.CodeParameter},
		"no products":       {lines, `[]`, wire.CodeParameter},
		"no package id":     {`"id":"1"`, `"id":""`, wire.CodeParameter},
		"another currency":  {`"USD"`, `"TWD"`, wire.CodeCurrency},
		"no currency":       {`"USD"`, `"XXQ"`, wire.CodeCurrency},
		"no order":          {`"O1"`, `""`, wire.CodeParameter},
		"a long order":      {`"O1"`, `"` + strings.Repeat("x", 101) + `"`, wire.CodeParameter},
		"nowhere to go":     {`"http://shop.example/no"`, `"/no"`, wire.CodeParameter},
		"an unknown kind":   {urls, fmt.Sprintf(options, "X"), wire.CodeParameter},
		"a costly consent":  {urls, fmt.Sprintf(options, "PREAPPROVED"), wire.CodeParameter},
	} {
		body := strings.ReplaceAll(right, c.old, c.new)
		if body == right {
			t.Fatalf("%s changes nothing", name)
		}
		if a := r.send(r.request("POST", "/v3/payments/request", body)); a.Code != c.want {
			t.Errorf("%s: got %s %s, want %s", name, a.Code, a.Text, c.want)
		}
	}
	r.call(wire.CodeOK, "POST", "/v3/payments/request", right)
	// A fee of the package counts for the order's total.
	fee := strings.Replace(order("O2", "13.05"), `{"amount":13.05,`, `{"amount":14.05,`, 1)
	fee = strings.Replace(fee, `"id":"1",`, `"id":"1","userFee":1,`, 1)
	r.call(wire.CodeOK, "POST", "/v3/payments/request", fee)
}

// Goal: L4 to L7 for a request: agreed by its user, confirmed once for its amount, told of, and
// refunded up to what was paid. Method: the whole life, on both engines.
func TestRequestIsConfirmedOnceAndRefundedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		id := r.asked("O1", "13.05")
		if len(id) != 19 {
			t.Errorf("the transaction is %s", id)
		}
		r.call(wire.CodeSameOrder, "POST", "/v3/payments/request", order("O1", "13.05"))
		r.call(wire.CodeOK, "GET", "/v3/payments/requests/"+id+"/check", "")
		r.call(wire.CodeNotAgreed, "POST", "/v3/payments/"+id+"/confirm", sum)
		r.call(wire.CodeNoRecord, "GET", "/v3/payments?orderId=O1", "")
		r.call(wire.CodeNoRecord, "POST", "/v3/payments/"+id+"/refund", `{}`)
		r.agree("O1", ann)
		r.call(wire.CodeAgreed, "GET", "/v3/payments/requests/"+id+"/check", "")
		for _, other := range []string{`{"amount":13.06,"currency":"USD"}`,
			`{"amount":13.05,"currency":"TWD"}`, `{"amount":-13.05,"currency":"USD"}`} {
			r.call(wire.CodeOtherAmount, "POST", "/v3/payments/"+id+"/confirm", other)
		}
		r.spent(ann, 0)
		a := into[wire.Paid](t, r.call(wire.CodeOK, "POST", "/v3/payments/"+id+"/confirm", sum))
		if string(a.TransactionID) != id || a.OrderID != "O1" || a.PayInfo[0].Amount != "13.05" {
			t.Errorf("confirmed: %+v", a)
		}
		r.call(wire.CodeSameTransaction, "POST", "/v3/payments/"+id+"/confirm", sum)
		r.call(wire.CodeCompleted, "GET", "/v3/payments/requests/"+id+"/check", "")
		r.spent(ann, 419_56) // 13.05 × 32.15 = 419.5575

		refund := func(want wire.Code, amount string) told {
			return r.call(want, "POST", "/v3/payments/"+id+"/refund",
				`{"refundAmount":`+amount+`}`)
		}
		one := into[wire.Refunded](t, refund(wire.CodeOK, "5"))
		two := into[wire.Refunded](t, refund(wire.CodeOK, "5"))
		if one.ID == two.ID || len(one.ID) != 19 {
			t.Errorf("two refunds are %s and %s", one.ID, two.ID)
		}
		refund(wire.CodeRefundOver, "3.06")
		refund(wire.CodeParameter, "0")
		refund(wire.CodeParameter, "-1")
		refund(wire.CodeAmount, "1.001")
		all := into[[]wire.Detail](t, r.call(wire.CodeOK, "GET",
			"/v3/payments?transactionId="+id+"&fields=ALL", ""))
		if len(all) != 1 || all[0].Status != wire.StatusCaptured || len(all[0].Refunds) != 2 ||
			all[0].Refunds[0].Amount != "-5" || all[0].Refunds[0].ID != one.ID {
			t.Errorf("the history is %+v", all)
		}
		r.call(wire.CodeOK, "POST", "/v3/payments/"+id+"/refund", `{}`)
		r.call(wire.CodeRefunded, "POST", "/v3/payments/"+id+"/refund", `{}`)
		r.spent(ann, 0)
	})
}

// Goal: a key pays once, for one order; what needs a PIN waits. Method: keys of two users, both
// versions of the offline API, on both engines.
func TestKeyPaysOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		pay := func(want wire.Code, body string) told {
			return r.call(want, "POST", "/v4/payments/oneTimeKeys/pay", body)
		}
		key := r.key(ann)
		if len(key) != 18 {
			t.Errorf("the key is %s", key)
		}
		a := into[wire.Paid](t, pay(wire.CodeOK, keyOrder("O1", "10", key)))
		pay(wire.CodeSameOrder, keyOrder("O1", "10", key))
		pay(wire.CodeKey, keyOrder("O2", "10", key))
		pay(wire.CodeKey, keyOrder("O3", "10", "380000000000000000"))
		one := int64(1)
		if err := r.books.SetFault(t.Context(), wallet.ModeDecline, &one); err != nil {
			t.Fatal(err)
		}
		pay(wire.CodeBalance, keyOrder("O4", "10", r.key(ann)))
		pay(wire.CodeParameter, keyOrder("O5", "10", ""))
		r.spent(ann, 321_50)
		state := func(order, want string) wire.Paid {
			t.Helper()
			p := into[wire.Paid](t, r.call(wire.CodeOK, "GET",
				"/v4/payments/orders/"+order+"/check", ""))
			if p.Status != want || p.OrderID != order {
				t.Errorf("%s is %+v, want %s", order, p, want)
			}
			return p
		}
		if p := state("O1", wire.OrderComplete); p.TransactionID != a.TransactionID {
			t.Errorf("O1 is %+v", p)
		}
		state("O4", wire.OrderFailed)
		r.call(wire.CodeNoRecord, "GET", "/v4/payments/orders/none/check", "")
		// The online API knows requests, not orders by key.
		r.call(wire.CodeNoRecord, "GET",
			"/v3/payments/requests/"+string(a.TransactionID)+"/check", "")

		// TWD 5,015.40 needs the PIN.
		pay(wire.CodeInProgress, keyOrder("O6", "156", r.key(bob)))
		p := state("O6", wire.OrderWaiting)
		r.call(wire.CodeNoRecord, "POST", "/v4/payments/orders/O6/refund", `{}`)
		if _, err := r.books.Confirm(t.Context(), bob, string(p.TransactionID),
			wallet.PIN); err != nil {
			t.Fatal(err)
		}
		state("O6", wire.OrderComplete)
		r.spent(bob, 5_015_40)
		r.call(wire.CodeOK, "POST", "/v4/payments/orders/O6/refund", `{"refundAmount":156}`)
		state("O6", wire.OrderRefunded)
		r.spent(bob, 0)

		plain := `{"productName":"ramen","amount":2,"currency":"USD","orderId":"O7","oneTimeKey":` +
			`"` + r.key(bob) + `"}`
		r.call(wire.CodeOK, "POST", "/v2/payments/oneTimeKeys/pay", plain)
		r.call(wire.CodeOK, "POST", "/v2/payments/orders/O7/refund", ``)
		r.call(wire.CodeRefunded, "POST", "/v2/payments/orders/O7/refund", ``)
		r.spent(bob, 0)
	})
}

// Goal: a promise is captured once or voided, and never refunded. Method: both ends of it.
func TestPromiseHasOneEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hold := func(order string) {
		body := strings.Replace(keyOrder(order, "10", r.key(ann)), `{`,
			`{"options":{"payment":{"capture":false}},`, 1)
		p := into[wire.Paid](t, r.call(wire.CodeOK, "POST", "/v4/payments/oneTimeKeys/pay", body))
		if p.HeldUntil == "" {
			t.Errorf("a promise without an end: %+v", p)
		}
	}
	at := func(order, what string) string { return "/v4/payments/orders/" + order + "/" + what }
	take := func(want wire.Code, order, amount string) {
		t.Helper()
		r.call(want, "POST", at(order, "capture"), `{"amount":`+amount+`,"currency":"USD"}`)
	}
	hold("O1")
	r.call(wire.CodeNotRefundable, "POST", at("O1", "refund"), `{}`)
	take(wire.CodeOverPromise, "O1", "10.01")
	take(wire.CodeNoAmount, "O1", "0")
	take(wire.CodeOK, "O1", "4")
	take(wire.CodeState, "O1", "4")
	r.call(wire.CodeNotRefundable, "POST", at("O1", "void"), `{}`)
	r.spent(ann, 128_60)
	d := into[[]wire.Detail](t, r.call(wire.CodeOK, "GET", "/v4/payments?orderId=O1", ""))
	if d[0].Status != wire.StatusCaptured || d[0].PayInfo[0].Amount != "4" {
		t.Errorf("the history is %+v", d)
	}
	r.call(wire.CodeOK, "POST", at("O1", "refund"), `{}`)

	hold("O2")
	r.spent(ann, 321_50)
	r.call(wire.CodeOK, "POST", at("O2", "void"), `{}`)
	r.call(wire.CodeRefunded, "POST", at("O2", "void"), `{}`)
	take(wire.CodeNotRefundable, "O2", "1")
	d = into[[]wire.Detail](t, r.call(wire.CodeOK, "GET", "/v4/payments?orderId=O2", ""))
	if d[0].Status != wire.StatusVoided {
		t.Errorf("the history is %+v", d)
	}
	r.spent(ann, 0)
}

// Goal: a consent costs nothing, is told once, is charged while it stands. Method: its whole life.
func TestConsentStandsUntilItIsExpired(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := strings.Replace(order("C1", "0"), `"redirectUrls"`,
		`"options":{"payment":{"payType":"PREAPPROVED"}},"redirectUrls"`, 1)
	a := into[wire.Reserved](t, r.call(wire.CodeOK, "POST", "/v3/payments/request", body))
	id := string(a.TransactionID)
	r.call(wire.CodeSameOrder, "POST", "/v3/payments/request", body)
	none := `{"amount":0,"currency":"USD"}`
	r.call(wire.CodeOK, "GET", "/v3/payments/requests/"+id+"/check", "")
	r.call(wire.CodeNotAgreed, "POST", "/v3/payments/"+id+"/confirm", none)
	key := "/v3/payments/preapprovedPay/" + r.front.regKey(id)
	r.call(wire.CodeNoConsent, "GET", key+"/check", "")
	if _, err := r.books.GiveConsent(t.Context(), ann, "C1", wallet.PIN); err != nil {
		t.Fatal(err)
	}
	r.call(wire.CodeAgreed, "GET", "/v3/payments/requests/"+id+"/check", "")
	r.call(wire.CodeOtherAmount, "POST", "/v3/payments/"+id+"/confirm", sum)
	p := into[wire.Paid](t, r.call(wire.CodeOK, "POST", "/v3/payments/"+id+"/confirm", none))
	if p.RegKey != r.front.regKey(id) || len(p.RegKey) != 15 {
		t.Errorf("the key is %q", p.RegKey)
	}
	r.call(wire.CodeSameTransaction, "POST", "/v3/payments/"+id+"/confirm", none)
	r.call(wire.CodeCompleted, "GET", "/v3/payments/requests/"+id+"/check", "")
	r.call(wire.CodeOK, "GET", key+"/check?creditCardAuth=false", "")
	charge := `{"productName":"bike","amount":10,"currency":"USD","orderId":"O1"}`
	r.call(wire.CodeOK, "POST", key+"/payment", charge)
	r.call(wire.CodeSameOrder, "POST", key+"/payment", charge)
	r.spent(ann, 321_50)
	r.call(wire.CodeOK, "POST", key+"/expire", `{}`)
	r.call(wire.CodeConsentOver, "POST", key+"/expire", `{}`)
	r.call(wire.CodeConsentOver, "POST", key+"/payment",
		strings.Replace(charge, "O1", "O2", 1))
	r.call(wire.CodeNoConsent, "POST", "/v3/payments/preapprovedPay/RK1/expire", `{}`)
}

// Goal: the phone pays what it scans, and the user's browser comes back with both ids. Method: the
// control interface, with a shop that confirms when its page is opened.
func TestPhonePaysAPageThatTheShopConfirms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		v := q.URL.Query()
		if v.Get("orderId") != "O1" || v.Get("a") != "1" {
			t.Errorf("the user comes back to %s", q.URL)
		}
		r.call(wire.CodeOK, "POST", "/v3/payments/"+v.Get("transactionId")+"/confirm", sum)
	}))
	defer shop.Close()
	body := strings.ReplaceAll(order("O1", "13.05"), "http://shop.example", shop.URL)
	a := into[wire.Reserved](t, r.call(wire.CodeOK, "POST", "/v3/payments/request", body))
	ask := fmt.Sprintf(`{"code_value":%q}`, a.URL.Web)
	res, err := http.Post(r.server.URL+"/control/users/"+ann+"/scan", "application/json",
		strings.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var p struct {
		State string `json:"state"`
	}
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil || p.State != "paid" {
		t.Errorf("the scan ends with %+v, %v", p, err)
	}
	r.spent(ann, 419_56)
}

// Goal: what the wallet cannot pay it says so, and what is a page it opens. Method: a table.
func TestScanOpensPages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for text, want := range map[string]string{"https://pay.example/q/1": "https://pay.example/q/1",
		r.server.URL + "/pay/none": "", "250000": "", "line://x": ""} {
		got, err := r.books.Scan(t.Context(), r.front, ann, text, nil)
		if got.OpenURL != want || (want == "") != errors.Is(err, wallet.ErrUnreadable) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	if err := r.front.Notify(context.Background(), wallet.Notice{}); err != nil {
		t.Errorf("a notice: %v", err)
	}
}

// Goal: the protocol has a word for every reason. Method: all of them.
func TestEveryReasonHasItsCode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, why := range wallet.Whys() {
		if code := r.front.Explain(why); code == "" || code == string(wire.CodeInternal) ||
			code == string(wire.CodeOK) {
			t.Errorf("%s is %q", why, code)
		}
	}
}

// Goal: no body can crash the wallet or be answered without a code. Method: fuzzing.
func FuzzRequestIsAlwaysAnswered(f *testing.F) {
	f.Add(order("O1", "13.05"))
	f.Add(keyOrder("O1", "1", "380000000000000000"))
	f.Add(`{"packages":[{"id":"1","amount":1,"products":[{"quantity":9e9}]}]}`)
	r := newRig(f)
	f.Fuzz(func(t *testing.T, body string) {
		r := &rig{t: t, books: r.books, front: r.front, server: r.server}
		for _, path := range []string{"/v3/payments/request", "/v4/payments/oneTimeKeys/pay",
			"/v2/payments/oneTimeKeys/pay"} {
			if a := r.send(r.request("POST", path, body)); a.Code == wire.CodeInternal {
				t.Errorf("%s: %q is answered %s", path, body, a.Code)
			}
		}
	})
}

package network

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"watari/kit/id"
	"watari/test/program"
)

// fault is a bad request on /v1 and what is expected of the network.
type fault struct {
	name   string
	method string // POST unless it says otherwise
	path   string // that of create-payment unless it says otherwise
	key    string // of idempotency; a fresh one unless it says otherwise
	noKey  bool
	// One of change, text and body makes the body; with none the method has none, or POST has a
	// good sale.
	change func(m object)
	text   string
	body   object
	header func(http.Header)

	status  int
	slug    string
	pointer string // of the first field that was refused; "" is none
	says    string // in the detail of the problem or of its first field
}

// The goal is that bad input on /v1 gets the problem that fits, with what and where, moves no
// money, writes nothing but stored refusals, and leaves one line that an operator can act on. The
// method: a table of bad requests to a running network, and after it the balances, the events and
// the books as they were.
func TestBadRequestsOnV1AreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var sales [4]*sale
		for i, n := range []int{0, 0, 1, 0} {
			var err error
			if sales[i], err = w.sale(n); err != nil {
				t.Fatalf("obtain a code: %v", err)
			}
		}
		paid, theirs := created(t, sales[0]), created(t, sales[2])
		operator := w.operator(t)
		if err := sales[0].bank.api.read("/openapi.json", &w.contract); err != nil {
			t.Fatalf("read the API's document: %v", err)
		}

		still, events := w.unmoved(t), w.events(t, sales[1].bank)
		for _, c := range append(unknownCallers(operator), unfit()...) {
			t.Run(c.name, func(t *testing.T) { sales[1].refuse(t, w, c) })
		}
		if now := w.events(t, sales[1].bank); now != events {
			t.Errorf("unreadable requests left %d events", now-events)
		}
		still()
		created(t, sales[1]) // id and code are still free

		still = w.unmoved(t)
		for _, c := range append(impossible(sales[0], paid), hidden(theirs)...) {
			one := *sales[3]
			one.id = "r-" + id.Secret(12)
			t.Run(c.name, func(t *testing.T) { one.refuse(t, w, c) })
		}
		still()
		w.t = t
		w.agree(settleWait)
	})
}

// created takes the sale over /v1 and wants it captured.
func created(t *testing.T, s *sale) payment {
	t.Helper()
	got, err := s.post(nil)
	if err != nil {
		t.Fatalf("pay: %v", err)
	}
	var p payment
	if err := json.Unmarshal(got.text, &p); err != nil || got.status != http.StatusCreated ||
		p.State != "captured" {
		t.Fatalf("pay: HTTP %d: %s", got.status, got.text)
	}
	return p
}

// operator makes a key of the operator's role by the command, while the server runs.
func (w *world) operator(t *testing.T) string {
	t.Helper()
	args := append([]string{"operator", "add"}, w.store...)
	out, errs, status := program.Run(t, append(args, "night shift")...)
	key := strings.TrimSpace(out)
	if status != 0 || !strings.HasPrefix(key, "wk_") {
		t.Fatalf("watari operator add ends with %d: %q %q", status, out, errs)
	}
	return key
}

// refuse sends a bad request and checks status, problem and line.
func (s *sale) refuse(t *testing.T, w *world, c fault) {
	t.Helper()
	r := s.request(t, c)
	before := w.server.Log()
	res, err := s.bank.api.http.Do(r)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	defer res.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil {
		t.Fatalf("read the answer: %v", err)
	}
	p, err := reply{res.StatusCode, res.Header, text.Bytes()}.problem()
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != c.status || p.slug() != c.slug {
		t.Errorf("got %d %s, want %d %s: %s", p.Status, p.slug(), c.status, c.slug, text.String())
	}
	pointer, said := "", p.Detail
	if len(p.Errors) > 0 {
		pointer, said = p.Errors[0].Pointer, said+" "+p.Errors[0].Detail
	}
	if pointer != c.pointer {
		t.Errorf("the problem points at %q, want %q: %s", pointer, c.pointer, text.String())
	}
	if !strings.Contains(said, c.says) {
		t.Errorf("the problem says %q, want %q in it", said, c.says)
	}
	if strings.Contains(text.String(), s.code) {
		t.Errorf("the problem repeats the wallet code: %s", text.String())
	}
	if !strings.HasPrefix(c.slug, "no-such") && c.status != http.StatusMethodNotAllowed &&
		!w.contract.lists(r.Method, r.URL.Path, c.status, c.slug) {
		t.Errorf("openapi.json does not list %d %s for %s %s", c.status, c.slug, r.Method,
			r.URL.Path)
	}
	oneLine(t, w, before, `msg="request refused"`, "problem="+c.slug, "request=req_", "cause=")
}

// request makes the bad request of a case.
func (s *sale) request(t *testing.T, c fault) *http.Request {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodPost
	}
	if c.path == "" {
		c.path = "/v1/payments"
	}
	var body []byte
	switch {
	case c.text != "":
		body = []byte(c.text)
	case c.method == http.MethodPost:
		m := c.body
		if m == nil {
			m = s.body()
		}
		if c.change != nil {
			c.change(m)
		}
		var err error
		if body, err = json.Marshal(m); err != nil {
			t.Fatalf("write the body: %v", err)
		}
	}
	r, err := http.NewRequestWithContext(context.Background(), c.method, s.bank.api.base+c.path,
		bytes.NewReader(body))
	if err != nil {
		t.Fatalf("make the request: %v", err)
	}
	r.Header.Set("Authorization", "Bearer "+s.bank.api.key)
	r.Header.Set("Content-Type", "application/json")
	if c.key == "" {
		c.key = s.id
	}
	if !c.noKey {
		r.Header.Set("Idempotency-Key", c.key)
	}
	if c.header != nil {
		c.header(r.Header)
	}
	return r
}

// unknownCallers are requests by nobody, or by somebody who may not.
func unknownCallers(operator string) []fault {
	as := func(value string) func(http.Header) {
		return func(h http.Header) {
			h.Del("Authorization")
			if value != "" {
				h.Set("Authorization", value)
			}
		}
	}
	return []fault{
		{name: "no API key", header: as(""), status: 401, slug: "unauthenticated",
			says: "Authorization"},
		{name: "an unknown API key", header: as("Bearer wk_" + id.Secret(32)), status: 401,
			slug: "unauthenticated"},
		{name: "half an API key", header: as("Bearer wk_12"), status: 401,
			slug: "unauthenticated"},
		{name: "a password", header: as("Basic YTpi"), status: 401, slug: "unauthenticated",
			says: "Bearer"},
		{name: "an operator at the till", header: as("Bearer " + operator), status: 403,
			slug: "role-not-allowed", says: "terminal"},
		{name: "a bank at the operator's desk", method: http.MethodGet, path: "/v1/trial-balance",
			status: 403, slug: "role-not-allowed", says: "operator"},
		{name: "nothing there", path: "/v1/paymnets", status: 404, slug: "no-such-address"},
		{name: "another method", method: http.MethodPut, status: 405, slug: "method-not-allowed",
			says: "POST"},
	}
}

// unfit are requests that cannot be read, or do not fit the schema: nothing is kept of them.
func unfit() []fault {
	fields := func(name, pointer, says string, change func(m object)) fault {
		return fault{name: name, change: change, status: 422, slug: "request-invalid",
			pointer: pointer, says: says}
	}
	amount := func(v any) func(m object) {
		return func(m object) { m["amount"].(object)["value"] = v }
	}
	set := func(field string, v any) func(m object) { return func(m object) { m[field] = v } }
	unread := func(name, text, pointer, says string) fault {
		return fault{name: name, text: text, status: 400, slug: "request-malformed",
			pointer: pointer, says: says}
	}
	return []fault{
		unread("no JSON", "{", "", "should be here"),
		unread("two documents", "{}{}", "", ""),
		unread("invalid UTF-8", "{\"code\":\"a\xff\"}", "/code", "UTF-8"),
		unread("a NUL byte", "{\"code\":\"a\x00b\"}", "/code", "U+0000"),
		unread("an escaped NUL", `{"code":"a\u0000b"}`, "/code", "U+0000"),
		unread("half a surrogate pair", `{"code":"a\ud800"}`, "/code", ""),
		unread("a member twice", `{"code":"1","code":"2"}`, "/code", "more than once"),
		unread("a body like a well", strings.Repeat(`{"a":`, 1000), strings.Repeat("/a", 33),
			"nested more than 32 deep"),
		{name: "a list", text: "[]", status: 422, slug: "request-invalid"},
		{name: "a body over the limit", text: `{"code":"` + strings.Repeat("x", 64<<10) + `"}`,
			status: 413, slug: "body-too-large", says: "65536"},
		{name: "another media type", header: func(h http.Header) {
			h.Set("Content-Type", "text/plain")
		}, status: 415, slug: "media-type-not-supported", says: "application/json"},
		fields("no code", "/code", "", func(m object) { delete(m, "code") }),
		fields("an unknown member", "/tip", "", set("tip", 1)),
		fields("a code that is a number", "/code", "", set("code", 25)),
		fields("an empty store", "/store_id", "", set("store_id", "")),
		fields("a long order reference", "/order_ref", "",
			set("order_ref", strings.Repeat("x", 65))),
		fields("no amount", "/amount", "", func(m object) { delete(m, "amount") }),
		fields("an amount without a currency", "/amount", "", set("amount", 1980)),
		fields("an amount as text", "/amount/value", "", amount("1980")),
		fields("negative yen", "/amount/value", "", amount(-1980)),
		fields("fractional yen", "/amount/value", "", amount(19.8)),
		fields("an amount above 2^53", "/amount/value", "", amount(int64(9007199254740993))),
		{name: "a currency that is none", change: func(m object) {
			m["amount"].(object)["currency"] = "XXQ"
		}, status: 422, slug: "currency-unknown", says: "XXQ"},
		fields("a currency in words", "/amount/currency", "", func(m object) {
			m["amount"].(object)["currency"] = "yen"
		}),
		{name: "no idempotency key", noKey: true, status: 422, slug: "request-invalid",
			pointer: "header:Idempotency-Key"},
		{name: "a long idempotency key", key: strings.Repeat("x", 65), status: 422,
			slug: "request-id-invalid", says: "64"},
		{name: "an idempotency key twice", header: func(h http.Header) {
			h["Idempotency-Key"] = []string{"a", "b"}
		}, status: 400, slug: "request-malformed", pointer: "header:Idempotency-Key"},
		{name: "a page of nothing", method: http.MethodGet, path: "/v1/payments?limit=0",
			status: 422, slug: "request-invalid", pointer: "query:limit"},
		{name: "a cursor of somebody else", method: http.MethodGet, path: "/v1/events?cursor=abc",
			status: 400, slug: "event-cursor-invalid"},
	}
}

// impossible are requests that are refused for what they ask; these refusals are kept. paid is
// captured.
func impossible(paid *sale, p payment) []fault {
	set := func(field string, v any) func(m object) { return func(m object) { m[field] = v } }
	money := func(value int64, currency string) object {
		return object{"amount": object{"currency": currency, "value": value}}
	}
	refunds := "/v1/payments/" + p.ID + "/refunds"
	return []fault{
		{name: "zero yen", change: func(m object) { m["amount"].(object)["value"] = 0 },
			status: 422, slug: "amount-invalid", says: "zero",
			pointer: "/amount/value"},
		{name: "another currency", change: func(m object) {
			m["amount"].(object)["currency"] = "USD"
		}, status: 422, slug: "currency-not-supported", says: "JPY",
			pointer: "/amount/currency"},
		{name: "an unknown store", change: set("store_id", "nowhere"), status: 404,
			slug: "store-unknown", says: "nowhere", pointer: "/store_id"},
		{name: "an unknown terminal", change: set("terminal_id", "none"), status: 404,
			slug: "terminal-unknown", says: "none", pointer: "/terminal_id"},
		{name: "an unknown merchant", change: set("merchant_id", "none"), status: 404,
			slug: "merchant-unknown", says: "none", pointer: "/merchant_id"},
		{name: "a code of nobody", change: set("code", "251001020000000000000000"), status: 422,
			slug: "wallet-code-unknown"},
		{name: "a used code", change: set("code", paid.code), status: 422,
			slug: "wallet-code-used", says: "fresh"},
		{name: "another wallet's code", change: set("code", "9000000212345678901234"),
			status: 404, slug: "wallet-unknown", pointer: "/code"},
		{name: "an amount over the limit", change: func(m object) {
			m["amount"].(object)["value"] = 500_001
		}, status: 422, slug: "limit-payment"},
		{name: "a used idempotency key", key: paid.id, status: 409, slug: "request-inconsistent"},
		{name: "a refund over the rest", path: refunds, body: money(paid.yen+1, "JPY"),
			status: 422, slug: "refund-amount-exceeded", pointer: "/amount/value"},
		{name: "a refund in dollars", path: refunds, body: money(1, "USD"), status: 422,
			slug: "currency-not-supported", pointer: "/amount/currency"},
		{name: "a refund of nothing", path: refunds, body: money(0, "JPY"), status: 422,
			slug: "amount-invalid", pointer: "/amount/value"},
	}
}

// hidden are requests about another bank's payment, which does not exist for this one.
func hidden(theirs payment) (all []fault) {
	at := "/v1/payments/" + theirs.ID
	for path, method := range map[string]string{at: http.MethodGet, at + "/timeline": http.MethodGet,
		at + "/refunds": http.MethodGet, at + "/cancel": http.MethodPost} {
		c := fault{name: method + " of another bank's " + strings.TrimPrefix(path, at),
			method: method, path: path, status: 404, slug: "payment-not-found"}
		if method == http.MethodPost {
			c.text = " "
		}
		all = append(all, c)
	}
	return append(all, fault{name: "a refund of another bank's", path: at + "/refunds",
		body:   object{"amount": object{"currency": "JPY", "value": 1}},
		status: 404, slug: "payment-not-found"},
		fault{name: "a refund that is not there", method: http.MethodGet,
			path: "/v1/refunds/none", status: 404, slug: "payment-not-found"})
}

// The goal is that a final no never becomes a yes. The method: a request that is refused for its
// code comes again with a good one, on both ways to ask; the code is good for another request.
func TestARefusalIsRepeatedForEver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for i := range 2 * len(w.banks) {
			s, err := w.sale(i)
			if err != nil {
				t.Fatalf("obtain a code: %v", err)
			}
			good := s.code
			s.code = "251001020000000000000000"
			first := wants(t, "F INVALID_CODE")(s.pay(documented(), nil))
			one, err := s.post(nil)
			if err != nil {
				t.Fatalf("pay: %v", err)
			}
			for range 2 {
				s.code = good
				again := wants(t, "F INVALID_CODE")(s.pay(documented(), nil))
				if again.text != first.text {
					t.Errorf("the repeat is answered %s, the first %s", again.text, first.text)
				}
				s.code = "251001020000000000000000"
				another, err := s.post(nil)
				if err != nil || another.status != one.status ||
					withoutInstance(another) != withoutInstance(one) {
					t.Errorf("the repeat is answered %s (%v), the first %s", another.text, err,
						one.text)
				}
			}
			wants(t, "F ORDER_NOT_EXIST")(s.inquire(documented()))
			s.id, s.code = s.id+"-b", good
			wants(t, "S SUCCESS")(s.pay(documented(), nil))
		}
		w.agree(settleWait)
	})
}

// withoutInstance is a problem without what names this one request.
func withoutInstance(r reply) string {
	head, tail, _ := strings.Cut(string(r.text), `"instance":"`)
	_, tail, _ = strings.Cut(tail, `"`)
	return head + tail
}

// contract is the API's document, as far as problems go.
type contract struct {
	Paths map[string]map[string]struct {
		Responses map[string]answers `json:"responses"`
	} `json:"paths"`
	Components struct {
		Responses map[string]answers `json:"responses"` // those that operations share
	} `json:"components"`
}

type answers struct {
	Ref     string `json:"$ref"`
	Content map[string]struct {
		Examples map[string]any `json:"examples"`
	} `json:"content"`
}

// lists tells whether the document has the problem for an address, which the pattern of the path
// matches.
func (c contract) lists(method, path string, status int, slug string) bool {
	for pattern, operations := range c.Paths {
		want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
		same := len(want) == len(got)
		for i := 0; same && i < len(want); i++ {
			same = want[i] == got[i] || strings.HasPrefix(want[i], "{")
		}
		if !same {
			continue
		}
		response := operations[strings.ToLower(method)].Responses[strconv.Itoa(status)]
		if name, shared := strings.CutPrefix(response.Ref, "#/components/responses/"); shared {
			response = c.Components.Responses[name]
		}
		_, found := response.Content["application/problem+json"].Examples[slug]
		return found
	}
	return false
}

// The goal is that nobody sells in a place, for a bank or to a wallet that is out of service, and
// that all is as before when it is back. The method: suspend and open each over the API, and pay on
// both ways meanwhile; the refusals stay.
func TestNobodySellsWhileSuspended(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		desk := newClient(w.server.BaseURL, w.operator(t))
		b := w.banks[0]
		shop := b.shops[0]
		places := []struct {
			by               *client
			path, code, slug string
		}{
			{b.api, "/v1/stores/" + shop.ID, "F MERCHANT_KYB_NOT_QUALIFIED", "store-not-open"},
			{b.api, "/v1/merchants/" + shop.MerchantID, "F MERCHANT_KYB_NOT_QUALIFIED",
				"merchant-not-open"},
			{b.api, "/v1/stores/" + shop.ID + "/terminals/" + shop.TerminalID,
				"F ACCESS_DENIED", "terminal-not-open"},
			{desk, "/v1/participants/" + b.ID, "F ACCESS_DENIED", "acquirer-not-open"},
			{desk, "/v1/participants/" + w.box.Wallets[0].ID, "F BUSINESS_NOT_SUPPORT",
				"wallet-not-open"},
		}
		for _, p := range places {
			s, err := w.sale(0)
			if err != nil {
				t.Fatalf("obtain a code: %v", err)
			}
			p.by.put(t, p.path+"/status", "suspended")
			still := w.unmoved(t)
			for range 2 {
				wants(t, p.code)(s.pay(documented(), nil))
				got, err := s.post(nil)
				if err != nil {
					t.Fatalf("pay: %v", err)
				}
				if what, err := got.problem(); err != nil || what.slug() != p.slug {
					t.Errorf("want %s, got %s (%v)", p.slug, got.text, err)
				}
			}
			still()
			p.by.put(t, p.path+"/status", "open")
			wants(t, p.code)(s.pay(documented(), nil))
			s.id += "-again"
			wants(t, "S SUCCESS")(s.pay(documented(), nil))
		}
		w.agree(settleWait)
	})
}

// put sets a status.
func (c *client) put(t *testing.T, path, status string) {
	t.Helper()
	got, err := c.do(http.MethodPut, path, "", object{"status": status})
	if err != nil || got.status != http.StatusOK {
		t.Fatalf("set %s to %s: HTTP %d: %s (%v)", path, status, got.status, got.text, err)
	}
}

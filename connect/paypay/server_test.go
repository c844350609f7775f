package paypay_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/paypay"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/pay/link"
)

var errMissing = fault.Define("test-paypay-missing", fault.NotFound, "Not there")

// core is what a server pokes.
type core struct {
	mu    sync.Mutex
	poked []string
	err   error
	wait  chan struct{} // nil: none
}

func (c *core) Notify(context.Context, int64, link.Notice) error {
	panic("a notice of PayPay is no proof")
}

func (c *core) Poke(ctx context.Context, no int64, id string) error {
	c.mu.Lock()
	if no == walletNo {
		c.poked = append(c.poked, id)
	}
	wait, err := c.wait, c.err
	c.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// take returns the pokes since the last take.
func (c *core) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := strings.Join(c.poked, " ")
	c.poked = nil
	return all
}

// receiver mounts a server as the app does.
func receiver(t testing.TB, c *core, change ...func(*paypay.ServerConfig)) (
	*httptest.Server, *bytes.Buffer,
) {
	t.Helper()
	var book bytes.Buffer
	config := paypay.ServerConfig{Receiver: c,
		Logger: slog.New(slog.NewTextHandler(&book, nil)),
		Credentials: func(string) (paypay.Credentials, error) {
			by := credentials()
			by.NoticesFrom = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			return by, nil
		},
		Issuers: func(_ context.Context, id string) (int64, error) {
			if id != walletID {
				return 0, errors.New("no such wallet")
			}
			return walletNo, nil
		}}
	for _, f := range change {
		f(&config)
	}
	s := paypay.NewServer(config)
	mux := http.NewServeMux()
	mux.Handle("/wallets/paypay/{issuer}", s)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.Close(); s.Close() })
	return server, &book
}

func post(t testing.TB, url, body string) int {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatalf("post: %v", err)
	}
	res.Body.Close()
	return res.StatusCode
}

// paidNotice is a notice in the documents' form.
const paidNotice = `{"notification_type":"Transaction","merchant_id":"100000000000000001",` +
	`"store_id":"S-1","pos_id":"T-1","order_id":"7000","merchant_order_id":"leg_1",` +
	`"paid_at":"2026-11-22T04:59:02Z","order_amount":1980,"state":"COMPLETED","new":[1]}`

// The goal is that a notice does one thing: it makes the core look at the payment that it names;
// the state and the amount in it are not read, and nothing that is not of our merchant counts.
func TestNoticeOnlyPokes(t *testing.T) {
	t.Parallel()
	c := &core{}
	server, _ := receiver(t, c)
	at := server.URL + "/wallets/paypay/" + walletID
	with := func(old, new string) string { return strings.Replace(paidNotice, old, new, 1) }
	for name, x := range map[string]struct {
		body   string
		status int
		poked  string
	}{
		"paid":             {paidNotice, 200, "leg_1"},
		"failed":           {with("COMPLETED", "FAILED"), 200, "leg_1"},
		"amount as a text": {with(`1980`, `"1980"`), 200, "leg_1"},
		"another merchant": {with("100000000000000001", "2"), 400, ""},
		"no merchant":      {with(`"merchant_id"`, `"merchant"`), 400, ""},
		"no id":            {with(`"merchant_order_id"`, `"other_id"`), 400, ""},
		"an id of others":  {with("leg_1", "leg 1; drop"), 400, ""},
		"a long id":        {with("leg_1", strings.Repeat("x", 65)), 400, ""},
		"a new state":      {with("COMPLETED", "SLEEPING"), 400, ""},
		"a file": {`{"notification_type":"file.created","fileType":"transaction_recon",` +
			`"path":"/x.csv"}`, 200, ""},
		"a consent":   {`{"notification_type":"customer.authroization.succeeded"}`, 200, ""},
		"no type":     {`{"merchant_order_id":"leg_1"}`, 400, ""},
		"no object":   {`[]`, 400, ""},
		"no JSON":     {`notification_type=Transaction`, 400, ""},
		"more":        {paidNotice + "{}", 400, ""},
		"not UTF-8":   {with("leg_1", "leg_\xff"), 400, ""},
		"a long body": {with("leg_1", strings.Repeat("x", paypay.NoticeMax)), 413, ""},
	} {
		if got := post(t, at, x.body); got != x.status {
			t.Errorf("%s: HTTP %d, want %d", name, got, x.status)
		}
		if got := c.take(); got != x.poked {
			t.Errorf("%s: poked %q, want %q", name, got, x.poked)
		}
	}
	for range 3 {
		post(t, at, paidNotice)
	}
	if got := c.take(); got != "leg_1 leg_1 leg_1" {
		t.Errorf("three times the same: poked %q", got)
	}
}

// The goal is that nobody else can make the core look: addresses that are not on the list, other
// wallets, other methods; an empty list takes nothing.
func TestNoticesComeFromTheListOnly(t *testing.T) {
	t.Parallel()
	c := &core{}
	server, book := receiver(t, c)
	at := server.URL + "/wallets/paypay/"
	if got := post(t, at+"another", paidNotice); got != 404 {
		t.Errorf("another wallet: HTTP %d", got)
	}
	res, err := http.Get(at + walletID)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	res.Body.Close()
	if res.StatusCode != 405 || res.Header.Get("Allow") != "POST" {
		t.Errorf("GET: HTTP %d", res.StatusCode)
	}
	for name, change := range map[string]func(*paypay.ServerConfig){
		"an address that is not on the list": func(s *paypay.ServerConfig) {
			s.From = func(*http.Request) (netip.Addr, bool) {
				return netip.MustParseAddr("203.0.113.7"), true
			}
		},
		"no address": func(s *paypay.ServerConfig) {
			s.From = func(*http.Request) (netip.Addr, bool) { return netip.Addr{}, false }
		},
		"an empty list": func(s *paypay.ServerConfig) {
			s.Credentials = func(string) (paypay.Credentials, error) { return credentials(), nil }
		},
	} {
		other, _ := receiver(t, c, change)
		if got := post(t, other.URL+"/wallets/paypay/"+walletID, paidNotice); got != 403 {
			t.Errorf("%s: HTTP %d", name, got)
		}
	}
	broken, _ := receiver(t, c, func(s *paypay.ServerConfig) {
		s.Credentials = func(string) (paypay.Credentials, error) {
			return paypay.Credentials{}, errors.New("no file")
		}
	})
	if got := post(t, broken.URL+"/wallets/paypay/"+walletID, paidNotice); got != 503 {
		t.Errorf("no credentials: HTTP %d", got)
	}
	if got := c.take(); got != "" {
		t.Errorf("poked %q", got)
	}
	if strings.Contains(book.String(), "leg_1") {
		t.Errorf("the log repeats what was posted: %s", book)
	}
}

// The goal is what PayPay is told: 200 for what is not ours, because again would not help; 503 for
// what the core could not do; and 200 within its patience when the look takes long.
func TestNoticeIsAnsweredInTime(t *testing.T) {
	t.Parallel()
	c := &core{err: errMissing.Newf("no leg")}
	server, _ := receiver(t, c)
	at := server.URL + "/wallets/paypay/" + walletID
	if got := post(t, at, paidNotice); got != 200 {
		t.Errorf("not ours: HTTP %d", got)
	}
	c.err = errors.New("the database is away")
	if got := post(t, at, paidNotice); got != 503 {
		t.Errorf("not now: HTTP %d", got)
	}
	c.err, c.wait = nil, make(chan struct{})
	begin := clock.Now()
	if got := post(t, at, paidNotice); got != 200 {
		t.Errorf("a long look: HTTP %d", got)
	}
	if took := clock.Now().Sub(begin); took > 1400*time.Millisecond {
		t.Errorf("answered after %s; PayPay waits 1.5 s", took)
	}
	close(c.wait)
}

// The goal is the whole way of a notice: the sandbox's user pays an order, the sandbox posts, the
// server pokes.
func TestSandboxNoticesReachTheCore(t *testing.T) {
	t.Parallel()
	c := &core{}
	var by paypay.Credentials
	server, _ := receiver(t, c, func(s *paypay.ServerConfig) {
		s.Credentials = func(string) (paypay.Credentials, error) { return by, nil }
	})
	r := newRig(t, "http://127.0.0.1:1", server.URL)
	by = r.by
	client := r.client()
	a := r.sale()

	r.scan(r.prepare(client, a, link.WayOrder).CodeText)

	r.poked(c, a.OurRequestID)
	paid := client.Inquire(t.Context(), r.endpoint(), link.Inquire{
		About: about(a, link.WayOrder)})
	wants(t, "inquire", paid, link.Approved, "")
	refund := link.Refund{About: about(a, link.WayOrder), RefundID: "rfd_1", Order: a.Order,
		PayTo: a.PayTo}
	refund.TheirID = paid.TheirID
	wants(t, "refund", client.Refund(t.Context(), r.endpoint(), refund), link.Approved, "")
	r.poked(c, a.OurRequestID)
}

// poked waits for a poke.
func (r *rig) poked(c *core, id string) {
	r.t.Helper()
	for range 2400 {
		if got := c.take(); got != "" {
			if got != id {
				r.t.Errorf("poked %q, want %q", got, id)
			}
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Errorf("no notice of %s", id)
}

package network

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/test/program"
)

// world is one network with its banks, shops and wallet.
type world struct {
	t      *testing.T
	server *program.Server
	box    program.Sandbox
	store  []string // how commands are told where the store is
	wallet *wallet
	banks  []*bank

	contract contract     // read by the tests that need it
	till     *http.Client // of one activated till, once a test has opened it
}

// bank is a member with both of its ways to ask the network.
type bank struct {
	program.Acquirer
	aps   *acquirer
	api   *client
	shops []program.Store
}

// each runs a test on a fresh sandbox of each engine.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			args := fresh(t, engine)
			fn(t, open(t, program.Serve(t, args...), args))
		})
	}
}

// fresh returns the arguments for an empty store.
func fresh(t *testing.T, engine db.Engine) []string {
	t.Helper()
	args := []string{"--sandbox", "--data=" + t.TempDir()}
	if engine == db.Postgres {
		args = append(args, "--database="+dbtest.Location(t, engine))
	}
	return args
}

// open reads what a running server's sandbox tells of itself. args are those that it was started
// with.
func open(t *testing.T, s *program.Server, args []string) *world {
	t.Helper()
	w := &world{t: t, server: s, box: s.Sandbox(t)}
	for _, a := range args {
		if strings.HasPrefix(a, "--data=") || strings.HasPrefix(a, "--database=") {
			w.store = append(w.store, a)
		}
	}
	// These tests speak Alipay+ throughout: their payers are those of the wallet that does.
	i := slices.IndexFunc(w.box.Wallets, func(p program.Wallet) bool {
		return p.Protocol == "alipayplus"
	})
	if i != 0 {
		t.Fatalf("the sandbox lists its Alipay+ wallet at %d, want it first", i)
	}
	w.box.Users = slices.DeleteFunc(w.box.Users, func(u program.User) bool {
		return u.Wallet != w.box.Wallets[0].ID
	})
	w.wallet = &wallet{url: w.box.Wallets[0].ControlURL, http: web(64)}
	for _, a := range w.box.Acquirers {
		aps, err := newAcquirer(s.BaseURL, a.ClientID, a.PrivateKey, a.NetworkPublicKey)
		if err != nil {
			t.Fatalf("read the keys of %s: %v", a.ID, err)
		}
		b := &bank{Acquirer: a, aps: aps, api: newClient(s.BaseURL, a.APIKey)}
		for _, shop := range w.box.Stores {
			if shop.AcquirerID == a.ID {
				b.shops = append(b.shops, shop)
			}
		}
		w.banks = append(w.banks, b)
	}
	return w
}

// web is an HTTP client that keeps so many connections.
func web(conns int) *http.Client {
	return &http.Client{Timeout: answerWait,
		Transport: &http.Transport{MaxIdleConnsPerHost: conns}}
}

// user returns one of the wallet's users by turns.
func (w *world) user(i int) string { return w.box.Users[i%len(w.box.Users)].ID }

// eventually waits until something holds. Limits are generous: other tests use the machine too.
func eventually(t *testing.T, limit time.Duration, what string, holds func() error) {
	t.Helper()
	end := clock.Now().Add(limit)
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		err := holds()
		if err == nil {
			return
		}
		if clock.Now().After(end) {
			t.Fatalf("%s: not after %s: %v", what, limit, err)
		}
		time.Sleep(pause)
	}
}

// wallet is the control interface of the sandbox's wallet.
type wallet struct {
	url  string
	http *http.Client
}

// debit is a payment as the wallet lists it, CNY minor units.
type debit struct {
	RequestID string `json:"payment_request_id"`
	PaymentID string `json:"payment_id"`
	State     string `json:"state"`
	Paid      minor  `json:"paid"`
	Refunded  minor  `json:"refunded"`
}

// minor is an amount in minor units.
type minor struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// account is what the wallet tells of a user.
type account struct {
	Balance  minor   `json:"balance"`
	Payments []debit `json:"payments"`
}

func (w *wallet) ask(method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(context.Background(), method, w.url+path,
		bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := w.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err
	case res.StatusCode >= 300:
		return fmt.Errorf("%s %s: HTTP %d: %s", method, path, res.StatusCode, text)
	case out == nil:
		return nil
	}
	return json.Unmarshal(text, out)
}

// code returns a payment code that a user shows, and until when it is good.
func (w *wallet) code(user string) (string, time.Time, error) {
	var c struct {
		Code    string    `json:"code"`
		Expires time.Time `json:"expires_at"`
	}
	var err error
	for range tries {
		if err = w.ask(http.MethodPost, "/users/"+user+"/payment-code", nil, &c); err == nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	return c.Code, c.Expires, err
}

// fault makes the wallet misbehave in its next count calls; 0 is until changed.
func (w *wallet) fault(mode string, count int) error {
	m := object{"mode": mode}
	if count > 0 {
		m["count"] = count
	}
	return w.ask(http.MethodPost, "/faults", m, nil)
}

func (w *wallet) account(user string) (a account, err error) {
	err = w.ask(http.MethodGet, "/users/"+user, nil, &a)
	return a, err
}

// confirm types the PIN on a user's phone.
func (w *world) confirm(user, walletPaymentID string) error {
	for _, u := range w.box.Users {
		if u.ID != user {
			continue
		}
		res, err := w.wallet.http.PostForm(u.PhoneURL+"/confirm", url.Values{
			"payment_id": {walletPaymentID}, "pin": {"123456"}})
		if err != nil {
			return err
		}
		return res.Body.Close()
	}
	return fmt.Errorf("no user %s", user)
}

// client asks the network's own API with a key.
type client struct {
	base, key string
	http      *http.Client
}

func newClient(base, key string) *client { return &client{base, key, web(128)} }

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	text   []byte
}

// problem is an error document, RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
	Field string `json:"field"`
}

// slug is the last part of a problem's type.
func (p problem) slug() string { return p.Type[strings.LastIndex(p.Type, "/")+1:] }

// do asks with a body of JSON, or bytes as they are. key is the Idempotency-Key, "" for none.
func (c *client) do(method, path, key string, in any) (reply, error) {
	body, isRaw := in.([]byte)
	if !isRaw && in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return reply{}, err
		}
	}
	r, err := http.NewRequestWithContext(context.Background(), method, c.base+path,
		bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, text}, err
}

// problem reads an error document; what is none is told as an error.
func (r reply) problem() (p problem, err error) {
	if kind := r.header.Get("Content-Type"); kind != "application/problem+json" {
		return p, fmt.Errorf("HTTP %d with %q: %s", r.status, kind, r.text)
	}
	if err = json.Unmarshal(r.text, &p); err == nil && p.Status != r.status {
		err = fmt.Errorf("HTTP %d, the document says %d", r.status, p.Status)
	}
	return p, err
}

// read asks for something and decodes it; an error document is an error.
func (c *client) read(path string, out any) error {
	r, err := c.do(http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	if r.status != http.StatusOK {
		return fmt.Errorf("GET %s: HTTP %d: %s", path, r.status, r.text)
	}
	return json.Unmarshal(r.text, out)
}

// payment is a payment as /v1 shows it, as far as these tests look.
type payment struct {
	ID        string    `json:"id"`
	RequestID string    `json:"request_id"`
	State     string    `json:"state"`
	Reason    string    `json:"reason"`
	StoreID   string    `json:"store_id"`
	Amount    minor     `json:"amount"`
	PayTo     minor     `json:"pay_to"`
	Captured  int64     `json:"captured_minor"`
	Refunded  int64     `json:"refunded_minor"`
	Refunding int64     `json:"refunding_minor"`
	WalletID  string    `json:"wallet_payment_id"`
	Created   time.Time `json:"created_at"`
	Fees      fees      `json:"fees"`

	bank *bank // whose list it is from
}

// isOpen tells whether the outcome is not known yet.
func (p payment) isOpen() bool { return p.State == "authorising" || p.State == "pending" }

// list returns all payments of the bank, newest first. query is "" or begins with "&".
func (c *client) list(query string) (all []payment, err error) {
	for cursor := ""; ; {
		var page struct {
			Items []payment `json:"items"`
			Next  string    `json:"next_cursor"`
		}
		path := "/v1/payments?limit=200" + query
		if cursor != "" {
			path += "&cursor=" + url.QueryEscape(cursor)
		}
		if err := c.read(path, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// refunds returns the refunds of a payment.
func (c *client) refunds(paymentID string) ([]refund, error) {
	var page struct {
		Items []refund `json:"items"`
	}
	err := c.read("/v1/payments/"+paymentID+"/refunds", &page)
	return page.Items, err
}

type refund struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Amount minor  `json:"amount"`
	PayTo  minor  `json:"pay_to"`
	Fees   fees   `json:"fees"`
}

// fees are what the bank charges its merchant, of which a refund gives its share back.
type fees struct {
	MDR int64 `json:"mdr_minor"`
}

// cancel gives a payment up by its id.
func (c *client) cancel(id string) error {
	r, err := c.do(http.MethodPost, "/v1/payments/"+id+"/cancel", "", nil)
	if err == nil && r.status != http.StatusOK {
		err = fmt.Errorf("cancel %s: HTTP %d: %s", id, r.status, r.text)
	}
	return err
}

// verdict is what `watari verify --json` says.
type verdict struct {
	Holds     bool  `json:"holds"`
	Transfers int64 `json:"transfers"`
	Payments  int64 `json:"payments"`
	Trial     []struct {
		Book     int64  `json:"book"`
		Currency string `json:"currency"`
		Debits   int64  `json:"debits_minor"`
		Credits  int64  `json:"credits_minor"`
	} `json:"trial_balance"`
	InFlight []struct {
		ID    string `json:"id"`
		What  string `json:"what"`
		State string `json:"state"`
	} `json:"in_flight"`
	Findings []any `json:"findings"`
}

// verify runs the command; the exit status must be 0 and debits equal credits in every book and
// currency.
func (w *world) verify() verdict {
	w.t.Helper()
	out, errs, status := program.Run(w.t, append([]string{"verify", "--json"}, w.store...)...)
	var v verdict
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		w.t.Fatalf("watari verify says %q %q: %v", out, errs, err)
	}
	if status != 0 || !v.Holds || len(v.Findings) > 0 {
		w.t.Errorf("watari verify ends with %d: %s", status, out)
	}
	for _, l := range v.Trial {
		if l.Debits != l.Credits {
			w.t.Errorf("book %d: %s %d debits, %d credits", l.Book, l.Currency, l.Debits,
				l.Credits)
		}
	}
	return v
}

// errNotYet says that two sides have not come to the same end yet.
var errNotYet = errors.New("not yet")

// body is the text of a request that was changed after it was made.
func body(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

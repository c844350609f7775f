package phone_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/sandbox/phone"
	"watari/sandbox/wallet"
)

// device is a phone in front of a wallet with the user ann. It is the wallet's front too: one that
// numbers its codes, and whose shops' codes are addresses and the names of orders.
type device struct {
	t      *testing.T
	wallet *wallet.Wallet
	server *httptest.Server
	codes  atomic.Int64
	down   atomic.Bool
	life   time.Duration // of a code
}

func newDevice(t *testing.T, d *db.DB, life time.Duration) *device {
	t.Helper()
	v := &device{t: t, life: life}
	log := slog.New(slog.DiscardHandler)
	v.wallet = wallet.New(d, wallet.Profile{ID: "weilai", Protocol: "test", Name: "Weilai Pay",
		Currency: "CNY", Opening: 10_000_00, PINAbove: 1_000_00, Lang: "zh-Hans"},
		wallet.Timing{}, log)
	mux := http.NewServeMux()
	phone.New(v.wallet, v, phone.Pages(), log).Register(mux)
	v.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		v.server.CloseClientConnections()
		v.server.Close()
	})
	err := v.wallet.AddUsers(t.Context(), wallet.User{ID: "ann", Name: "安", NameEN: "Ann"},
		wallet.User{ID: "bob", Name: "博", NameEN: "Bob"})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *device) Register(*http.ServeMux)                     {}
func (v *device) Close()                                      {}
func (v *device) Notify(context.Context, wallet.Notice) error { return nil }
func (v *device) Explain(why wallet.Why) string               { return "CODE_" + string(why) }

// Code makes the next code, or none while the network is down.
func (v *device) Code(ctx context.Context, userID string) (wallet.Code, error) {
	if v.down.Load() {
		return wallet.Code{}, wallet.ErrNetwork
	}
	now := clock.Now()
	c := wallet.Code{Value: fmt.Sprintf("25100102%016d", v.codes.Add(1)), From: now,
		Until: now.Add(v.life)}
	return c, v.wallet.MintCode(ctx, userID, c)
}

// Scan takes the order that the text names, or opens an address; "shop" needs an amount.
func (v *device) Scan(ctx context.Context, userID, text string, amount *money.Amount,
) (wallet.Scanned, error) {
	if page, ok := wallet.PageOf(text); ok {
		return wallet.Scanned{OpenURL: page}, nil
	}
	if text == "shop" {
		if amount == nil {
			return wallet.Scanned{NeedsAmount: "JPY", Shop: "囲炉裏屋"}, nil
		}
		c := order("typed")
		c.Order, c.UserID = *amount, userID
		_, err := v.wallet.Open(ctx, c)
		return wallet.Scanned{RequestID: "typed"}, err
	}
	s, err := v.wallet.Take(ctx, text, userID)
	switch {
	case err != nil:
		return wallet.Scanned{}, err
	case s.Why == wallet.WhyUnknown:
		return wallet.Scanned{}, wallet.ErrUnreadable
	}
	return wallet.Scanned{RequestID: text, Why: s.Why}, nil
}

// order is an order of 84.64 that anybody may pay.
func order(id string) wallet.Charge {
	return wallet.Charge{RequestID: id, Order: money.MustNew(1980, "JPY"),
		Debit: money.MustNew(84_64, "CNY"), Shop: "囲炉裏屋", Rate: "0.0427464521",
		Compared: id}
}

// grouped is how the page writes code number n.
func grouped(n int) string {
	s := fmt.Sprintf("25100102%016d", n)
	var parts []string
	for i := 0; i < len(s); i += 4 {
		parts = append(parts, s[i:i+4])
	}
	return strings.Join(parts, " ")
}

// pay charges code number n of the user and returns the wallet's payment.
func (v *device) pay(n int, fen int64) *wallet.Payment {
	v.t.Helper()
	s, err := v.wallet.Pay(v.t.Context(), wallet.Charge{RequestID: fmt.Sprintf("leg-%d", n),
		Code: fmt.Sprintf("25100102%016d", n), Shop: "囲炉裏屋",
		Order: money.MustNew(fen*20, "JPY"), Debit: money.MustNew(fen, "CNY"),
		OrderRef: "O-7", Rate: "0.05", Compared: fmt.Sprint(fen)})
	if err != nil {
		v.t.Fatal(err)
	}
	return s.Payment
}

func (v *device) get(path string) (int, string) {
	v.t.Helper()
	resp, err := http.Get(v.server.URL + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// post sends a form; by a script when htmx is true.
func (v *device) post(path string, form url.Values, htmx bool, origin string) (int, string) {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodPost, v.server.URL+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if htmx {
		req.Header.Set("HX-Request", "true")
	}
	if origin != "" {
		req.Header.Set("Sec-Fetch-Site", origin)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	resp, err := client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("Location") + string(body)
}

func each(t *testing.T, life time.Duration, fn func(t *testing.T, v *device)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{wallet.Migrations}, func(t *testing.T, d *db.DB) {
		fn(t, newDevice(t, d, life))
	})
}

// Goal: the page shows code, balance and receipts, in every language, and nobody else's.
// Method: read it before and after a payment.
func TestPageShowsCodeBalanceAndReceipts(t *testing.T) {
	t.Parallel()
	each(t, time.Minute, func(t *testing.T, v *device) {
		for _, lang := range i18n.Langs() {
			status, page := v.get("/phone/ann?lang=" + string(lang))
			if status != http.StatusOK || !strings.Contains(page, grouped(1)) ||
				!strings.Contains(page, "10,000.00") ||
				!strings.Contains(page, `lang="`+string(lang)+`"`) {
				t.Errorf("%s: %d without code 1, balance or language: %s", lang, status, page)
			}
		}
		v.pay(1, 84_64)

		_, page := v.get("/phone/ann?lang=en")

		for _, part := range []string{grouped(2), "9,915.36", "囲炉裏屋", "84.64", "169,280",
			"0.05"} {
			if !strings.Contains(page, part) {
				t.Errorf("page lacks %q", part)
			}
		}
		if status, _ := v.get("/phone/nobody"); status != http.StatusNotFound {
			t.Errorf("nobody: %d, want 404", status)
		}
		if status, part := v.get("/phone/ann/code"); status != 200 ||
			!strings.Contains(part, "<svg") || strings.Contains(part, "<html") {
			t.Errorf("code part: %d %s", status, part)
		}
	})
}

// Goal: the PIN question is asked and answered on the page, by a script and by a plain form, and
// not from another site. Method: wrong, foreign and right answers.
func TestQuestionIsAnsweredOnThePage(t *testing.T) {
	t.Parallel()
	each(t, time.Minute, func(t *testing.T, v *device) {
		v.get("/phone/ann")
		asked := v.pay(1, 2_000_00)
		_, page := v.get("/phone/ann?lang=en")
		if !strings.Contains(page, asked.PaymentID) || !strings.Contains(page, phone.PIN) {
			t.Error("the page asks for no PIN")
		}
		form := url.Values{"payment_id": {asked.PaymentID}, "pin": {"000000"}}
		right := url.Values{"payment_id": {asked.PaymentID}, "pin": {phone.PIN}}

		status, part := v.post("/phone/ann/confirm", form, true, "same-origin")
		if status != http.StatusUnprocessableEntity || !strings.Contains(part, asked.PaymentID) {
			t.Errorf("wrong PIN: %d %s", status, part)
		}
		if status, _ := v.post("/phone/ann/confirm", right, true, "cross-site"); status !=
			http.StatusForbidden {
			t.Errorf("from another site: %d, want 403", status)
		}
		if status, to := v.post("/phone/ann/confirm", right, false, ""); status !=
			http.StatusSeeOther || to != "/phone/ann" {
			t.Errorf("plain form: %d to %s", status, to)
		}
		if status, _ := v.post("/phone/ann/reject", right, true, ""); status !=
			http.StatusConflict {
			t.Errorf("reject after: %d, want 409", status)
		}
		if _, page := v.get("/phone/ann?lang=en"); !strings.Contains(page, "8,000.00") {
			t.Error("the page shows another balance than 8,000.00")
		}
	})
}

// Goal: what changes on the page arrives by itself: a fresh code before the old one ends, a
// question, a receipt, a balance; and the code comes back with the network.
// Method: read the event stream while things happen; codes live 17 seconds, two beyond renewal.
func TestChangesArriveByThemselves(t *testing.T) {
	t.Parallel()
	each(t, 17*time.Second, func(t *testing.T, v *device) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", v.server.URL+"/phone/ann/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		s := bufio.NewReader(resp.Body)

		next(t, s, "code", grouped(1))
		asked := v.pay(1, 2_000_00)
		next(t, s, "ask", asked.PaymentID)
		next(t, s, "code", grouped(2))
		if _, err := v.wallet.Confirm(t.Context(), "ann", asked.PaymentID, phone.PIN); err != nil {
			t.Fatal(err)
		}
		next(t, s, "balance", "8,000.00")
		next(t, s, "receipt", "囲炉裏屋")
		next(t, s, "code", grouped(3)) // renewed by itself
		v.down.Store(true)
		v.pay(3, 1_00)
		next(t, s, "balance", "7,999.00")
		next(t, s, "code", "")
		v.down.Store(false)
		next(t, s, "code", grouped(4))
	})
}

// next reads events until one of that name whose data holds the text.
func next(t *testing.T, s *bufio.Reader, event, text string) {
	t.Helper()
	name := ""
	for {
		line, err := s.ReadString('\n')
		if err != nil {
			t.Fatalf("wait for %s with %q: %v", event, text, err)
		}
		if after, ok := strings.CutPrefix(line, "event: "); ok {
			name = strings.TrimSpace(after)
		}
		if data, ok := strings.CutPrefix(line, "data:"); ok && name == event &&
			strings.Contains(data, text) {
			return
		}
	}
}

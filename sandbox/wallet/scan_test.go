package wallet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"watari/kit/money"
	"watari/sandbox/wallet"
)

// reader is a front that reads the names of orders, and opens addresses.
type reader struct {
	listener
	explained atomic.Int64
}

func (r *reader) Register(*http.ServeMux) {}

func (r *reader) Explain(why wallet.Why) string {
	r.explained.Add(1)
	return "CODE_" + strings.ToUpper(string(why))
}

func (r *reader) Scan(ctx context.Context, userID, text string, amount *money.Amount,
) (wallet.Scanned, error) {
	if page, ok := wallet.PageOf(text); ok {
		return wallet.Scanned{OpenURL: page}, nil
	}
	if text == "typed" && amount == nil {
		return wallet.Scanned{NeedsAmount: "JPY"}, nil
	}
	var handed map[string]string
	if json.Unmarshal([]byte(text), &handed) == nil {
		text = handed["prepay_id"]
	}
	s, err := r.shop.Take(ctx, text, userID)
	if err == nil && s.Why == wallet.WhyUnknown {
		err = wallet.ErrUnreadable
	}
	return wallet.Scanned{RequestID: text, Why: s.Why}, err
}

// till is a shop's page in its machine form: it makes an order at the wallet when it is told which
// wallet, and completes what its payer agreed to when they come back.
func (s *shop) till(t *testing.T, lead func(base string) any) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	var server *httptest.Server
	mux.HandleFunc("GET /q/1", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/json" || r.FormValue("wallet") != "lotus-pay" {
			t.Errorf("the shop is asked for %s as %q", r.URL, r.Header.Get("Accept"))
		}
		fmt.Fprint(w, `{"kind":"order","amount":{"currency":"JPY","value":20000}}`)
	})
	mux.HandleFunc("GET /s/1", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"kind":"store","amount":null}`)
	})
	choose := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"wallet":"lotus-pay"`) ||
			strings.HasPrefix(r.URL.Path, "/s/") != strings.Contains(string(body), "30000") {
			t.Errorf("the shop hears %s", body)
		}
		c := charge("page", 10_00)
		c.TwoStep, c.ReturnURL = true, server.URL+"/back"
		s.must(s.Open(r.Context(), c))
		_ = json.NewEncoder(w).Encode(map[string]any{"payment_id": "pay_1",
			"form": lead(server.URL)})
	}
	mux.HandleFunc("POST /q/1", choose)
	mux.HandleFunc("POST /s/1", choose)
	mux.HandleFunc("GET /back", func(_ http.ResponseWriter, r *http.Request) {
		s.must(s.Complete(r.Context(), "page"))
	})
	server = httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// scan calls the control interface.
func scan(t *testing.T, base, user, body string) (int, map[string]any) {
	t.Helper()
	resp, err := http.Post(base+"/control/users/"+user+"/scan", "application/json",
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, got
}

// Goal: the control interface scans, opens, chooses, confirms and goes back as a user would, and
// says what came of it. Method: a shop's page for each way that its form leads to the wallet, then
// what cannot be paid.
func TestScanDoesWhatItsUserWould(t *testing.T) {
	t.Parallel()
	for name, lead := range map[string]func(base string) any{
		"code": func(string) any { return map[string]any{"code_text": "page"} },
		"params": func(string) any {
			return map[string]any{"params": map[string]string{"prepay_id": "page"}}
		},
		"page": func(base string) any {
			return map[string]any{"page_url": base + wallet.PayPath + "page"}
		},
	} {
		open(t, wallet.Terms{}, func(t *testing.T, s *shop) {
			front := &reader{listener: listener{shop: s}}
			mux := http.NewServeMux()
			wallet.NewServer(s.Wallet, front, slog.New(slog.DiscardHandler)).Register(mux)
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			till := s.till(t, lead)
			path := "/q/1"
			body := fmt.Sprintf(`{"code_value":%q}`, till.URL+path)
			if name == "page" { // a shop that names no amount
				body = fmt.Sprintf(`{"code_value":%q}`, till.URL+"/s/1")
				if status, _ := scan(t, server.URL, "ann", body); status !=
					http.StatusUnprocessableEntity {
					t.Errorf("without the amount: %d", status)
				}
				body = fmt.Sprintf(`{"code_value":%q,"amount":{"currency":"JPY","value":30000}}`,
					till.URL+"/s/1")
			}

			status, got := scan(t, server.URL, "ann", body)

			if status != http.StatusOK || got["state"] != "paid" ||
				got["payment_request_id"] != "page" || got["payment_id"] != "own-page" {
				t.Errorf("%s: %d %v", name, status, got)
			}
			s.spent("ann", 10_00)

			s.must(s.Open(t.Context(), charge("poor", opening+1)))
			if status, got := scan(t, server.URL, "bob", `{"code_value":"poor"}`); status != 200 ||
				got["state"] != "failed" || got["reason"] != "CODE_BALANCE" {
				t.Errorf("without money: %d %v", status, got)
			}
			for text, want := range map[string]int{"page": http.StatusConflict,
				"typed": 422, "nonsense": 422, till.URL + "/nowhere": 422,
				"http://127.0.0.1:1/q/1": http.StatusServiceUnavailable} {
				status, got := scan(t, server.URL, "bob", fmt.Sprintf(`{"code_value":%q}`, text))
				if status != want || got["title"] == "" {
					t.Errorf("%s: %d %v, want %d", text, status, got, want)
				}
			}
		})
	}
}

// Goal: a scanned text leads to a page when it is one, or has one inside. Method: a table, an
// EMVCo text with the network's page among it.
func TestPageOfFindsTheAddress(t *testing.T) {
	t.Parallel()
	const page = "https://watari.example/s/x"
	tlv := func(tag, value string) string { return fmt.Sprintf("%s%02d%s", tag, len(value), value) }
	emv := tlv("00", "01") + tlv("26", tlv("00", "jp.or.paymentsjapan")+tlv("01", "0000000000017")) +
		tlv("27", tlv("00", "example")+tlv("01", "x")+tlv("02", page)) + tlv("63", "ABCD")
	for text, want := range map[string]string{
		page: page, "http://127.0.0.1:8080/q/1?a=b": "http://127.0.0.1:8080/q/1?a=b",
		emv: page, "": "", "251001020123456789012345": "", "ftp://x.example/": "",
		"javascript:alert(1)": "", "2799": "", "00\xff0100": "",
	} {
		if got, ok := wallet.PageOf(text); got != want || ok != (want != "") {
			t.Errorf("%q: got %q %v, want %q", text, got, ok, want)
		}
	}
}

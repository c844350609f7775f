package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"watari/kit/access"
	"watari/kit/web"
)

// sale is a payment as the API takes it, saleAnswer what it answers.
type (
	sale struct {
		RequestID string `json:"request_id" minLength:"1" maxLength:"64" pattern:"^[\\x21-\\x7e]+$"`
		Amount    amount `json:"amount"`
		Code      string `json:"code" minLength:"10" maxLength:"64"`
		Store     string `json:"store_id" minLength:"1" maxLength:"64"`
		Terminal  string `json:"terminal_id,omitempty" maxLength:"64"`
		Order     string `json:"order_ref" minLength:"1" maxLength:"64"`
		Text      string `json:"description,omitempty" maxLength:"256"`
	}
	saleAnswer struct {
		ID     string `json:"id"`
		State  string `json:"state"`
		Amount amount `json:"amount"`
		PayTo  amount `json:"pay_to"`
		Rate   string `json:"rate"`
		At     string `json:"created_at"`
	}
	saleInput  struct{ Body sale }
	saleOutput struct{ Body saleAnswer }
)

const saleBody = `{"request_id":"bench-000001","amount":{"currency":"JPY","value":1980},` +
	`"code":"281012020262467128","store_id":"S-0001","terminal_id":"T-1",` +
	`"order_ref":"order 4711","description":"緑茶と団子"}`

// sell is the work of all three: none.
func sell(_ context.Context, in *saleInput) (*saleOutput, error) {
	return &saleOutput{saleAnswer{ID: "pay_01jd9r2k7v0100407m3q5x8t2w4ya", State: "captured",
		Amount: in.Body.Amount, PayTo: amount{"CNY", 8464}, Rate: "0.0427475",
		At: "2026-11-22T15:04:05Z"}}, nil
}

// bareHandler is what net/http and encoding/json need for the same, with the checks by hand and
// without keys, ids, problems and figures.
func bareHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payments", func(w http.ResponseWriter, r *http.Request) {
		var in saleInput
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, web.DefaultMaxBody))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&in.Body); err != nil || in.Body.Amount.Value < 1 ||
			len(in.Body.Code) < 10 || len(in.Body.Code) > 64 || in.Body.RequestID == "" ||
			in.Body.Store == "" || in.Body.Order == "" || len(in.Body.Amount.Currency) != 3 {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		out, err := sell(r.Context(), &in)
		if err != nil {
			http.Error(w, "error", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out.Body)
	})
	return mux
}

// humaHandler is huma as it comes.
func humaHandler() http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("bench", "1")
	config.CreateHooks = nil
	api := humago.New(mux, config)
	op := huma.Operation{OperationID: "pay", Method: "POST", Path: "/v1/payments"}
	huma.Register(api, op, sell)
	return mux
}

// handlers are the three, and the headers that each needs.
func handlers(b *testing.B) map[string]http.Handler {
	f := newFixture(b)
	web.Register(f.Server, web.Op{ID: "pay", Method: "POST", Path: "/v1/payments", Summary: "Pay",
		Roles: []access.Role{access.Acquirer}}, sell)
	key := "Bearer " + f.keys[access.Acquirer]
	ours := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header["Authorization"] = []string{key}
		f.ServeHTTP(w, r)
	})
	return map[string]http.Handler{"bare": bareHandler(), "huma": humaHandler(), "web": ours}
}

// sink is a ResponseWriter that keeps nothing.
type sink struct {
	h      http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.h }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// BenchmarkHandler is the processor time of one request without the network.
func BenchmarkHandler(b *testing.B) {
	all := handlers(b)
	for _, name := range []string{"bare", "huma", "web"} {
		h := all[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			base := httptest.NewRequest("POST", "/v1/payments", nil)
			base.Header.Set("Content-Type", "application/json")
			base.ContentLength = int64(len(saleBody))
			for b.Loop() {
				r := *base
				r.Body = io.NopCloser(bytes.NewReader([]byte(saleBody)))
				w := sink{h: http.Header{}}
				h.ServeHTTP(&w, &r)
				if w.status >= 300 {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// BenchmarkLoopback is the same through net/http on both sides, 32 callers with a connection each.
func BenchmarkLoopback(b *testing.B) {
	all := handlers(b)
	for _, name := range []string{"bare", "huma", "web"} {
		h := all[name]
		b.Run(name, func(b *testing.B) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			server := &http.Server{Handler: h}
			go server.Serve(ln)
			defer server.Close()
			url := "http://" + ln.Addr().String() + "/v1/payments"
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := buy(client, url); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func buy(client *http.Client, url string) error {
	resp, err := client.Post(url, "application/json", bytes.NewReader([]byte(saleBody)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

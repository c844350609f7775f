package payment_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/kit/web"
	"watari/kit/web/webtest"
)

// Goal: a refused order says which member of the request it does not like, and makes nothing.
// Method: one bad value after the other over HTTP, then a look at the list of payments.
func TestRefusedOrdersNameTheMember(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, append(sets(), access.Migrations)...), 1)
	keys := access.New(r.db)
	s := web.New(web.Config{Keys: keys, Log: slog.New(slog.NewTextHandler(r.logged, nil)),
		Aliases: []web.Alias{web.As[money.Amount, amountForm]()}})
	r.Register(s)
	base := webtest.Start(t, s)
	var key string
	r.change(func(ctx context.Context, tx *db.Tx) (err error) {
		key, err = keys.Create(ctx, tx, access.Grant{Role: access.Acquirer,
			ParticipantNo: r.bank.No, Label: "bank"})
		return err
	})
	ask := func(method, path, id, body string) (status int, answer struct {
		Type   string
		Errors []struct{ Pointer, Detail string }
		Items  []json.RawMessage
	}) {
		req, err := http.NewRequest(method, base+path, strings.NewReader(body))
		r.do("request", err)
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", id)
		res, err := http.DefaultClient.Do(req)
		r.do("ask", err)
		defer res.Body.Close()
		r.do("read", json.NewDecoder(res.Body).Decode(&answer))
		return res.StatusCode, answer
	}
	order := func(amount, more string) string {
		return `{"store_id":"` + r.store.ID + `","amount":` + amount + more + `}`
	}
	const yen = `{"currency":"JPY","value":500}`
	back := func(address string) string { return `,"return_url":"` + address + `"` }
	for name, c := range map[string]struct{ body, slug, pointer string }{
		"zero": {order(`{"currency":"JPY","value":0}`, ""), "amount-invalid", "/amount/value"},
		"currency": {order(`{"currency":"CNY","value":5}`, ""), "currency-not-supported",
			"/amount/currency"},
		"past": {order(yen, `,"expires_at":"2020-01-01T00:00:00Z"`), "expiry-invalid",
			"/expires_at"},
		"script": {order(yen, back("javascript:alert(1)")), "return-url-invalid", "/return_url"},
		"named":  {order(yen, back("https://a:b@shop.example/")), "return-url-invalid", "/return_url"},
		"till":   {order(yen, `,"terminal_id":"nobody's"`), "terminal-unknown", "/terminal_id"},
		"store":  {`{"store_id":"nobody's","amount":` + yen + `}`, "store-unknown", "/store_id"},
	} {
		status, got := ask(http.MethodPost, "/v1/orders", name, c.body)
		if status < 400 || got.Type != "/problems/"+c.slug || len(got.Errors) != 1 ||
			got.Errors[0].Pointer != c.pointer || got.Errors[0].Detail == "" {
			t.Errorf("%s: %d %+v", name, status, got)
		}
	}
	if _, list := ask(http.MethodGet, "/v1/payments", "list", ""); len(list.Items) != 0 {
		t.Errorf("the refused orders left %s", list.Items)
	}

	if status, _ := ask(http.MethodPost, "/v1/orders", "again", order(yen, "")); status != 201 {
		t.Fatalf("a good order: %d", status)
	}
	status, got := ask(http.MethodPost, "/v1/orders", "again", order(yen, `,"description":"tea"`))
	if status != http.StatusConflict || got.Type != "/problems/request-inconsistent" {
		t.Errorf("the same key with another description: %d %s", status, got.Type)
	}
}

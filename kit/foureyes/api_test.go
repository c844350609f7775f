package foureyes_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/foureyes"
	"watari/kit/web"
)

// bureau is a desk over HTTP, with the keys of three operators and a bank.
type bureau struct {
	t       *testing.T
	web     *web.Server
	secrets map[string]string
	made    []foureyes.Request
}

func newBureau(t *testing.T, d *db.DB) *bureau {
	t.Helper()
	keys, desk := access.New(d), foureyes.New(d, nil, 0)
	desk.Handle("lamp", func(context.Context, foureyes.Request) (foureyes.Apply, error) {
		return func(context.Context, *db.Tx) error { return nil }, nil
	})
	b := &bureau{t: t, secrets: map[string]string{},
		web: web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})}
	desk.Register(b.web)
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		for name, g := range map[string]access.Grant{
			"ann":   {Role: access.Operator, Label: "ann"},
			"ann 2": {Role: access.Operator, Label: "Ann"},
			"ann 3": {Role: access.Operator, Label: "somebody", Behind: "ann"},
			"ben":   {Role: access.Operator, Label: "ben"},
			"long":  {Role: access.Operator, Label: strings.Repeat("𠮷", 100)},
			"bank":  {Role: access.Acquirer, ParticipantNo: 1, Label: "bank"},
		} {
			if b.secrets[name], err = keys.Create(ctx, tx, g); err != nil {
				return err
			}
		}
		body := json.RawMessage(`{"on":true}`)
		b.made, err = desk.Propose(ctx, tx, foureyes.Person{Name: "ann"},
			foureyes.Request{Kind: "lamp", Subject: "lamp:1", Body: body},
			foureyes.Request{Kind: "lamp", Subject: "lamp:2", Body: body},
			foureyes.Request{Kind: "lamp", Subject: "lamp:3", Body: body})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// call sends a request that has to end with a status.
func (b *bureau) call(who, method, path string, want int) (body map[string]any) {
	b.t.Helper()
	r := httptest.NewRequest(method, "/v1/change-requests"+path, nil)
	r.Header.Set("Authorization", "Bearer "+b.secrets[who])
	rec := httptest.NewRecorder()
	b.web.ServeHTTP(rec, r)
	if rec.Code != want {
		b.t.Fatalf("%s %s %s: %d %s, want %d", who, method, path, rec.Code, rec.Body, want)
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
		b.t.Fatal(err)
	}
	return body
}

// Goal: operators list, read, approve and reject; a maker cannot approve, under no key of the same
// label and under none that they made; the longest label decides too; nobody else may look. Method:
// requests with the keys of four operators and a bank.
func TestChangesOverHTTP(t *testing.T) {
	t.Parallel()
	sets := []fs.FS{access.Migrations, foureyes.Migrations()}
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		b := newBureau(t, d)
		b.call("bank", "GET", "", http.StatusForbidden)
		page := b.call("ben", "GET", "?limit=2", http.StatusOK)
		rest := b.call("ben", "GET", "?limit=2&state=open&kind=lamp&cursor="+
			page["next_cursor"].(string), http.StatusOK)
		if len(page["items"].([]any)) != 2 || len(rest["items"].([]any)) != 1 {
			t.Errorf("pages: %v, %v", page, rest)
		}
		b.call("ben", "GET", "?cursor=nonsense", http.StatusBadRequest)
		one := "/" + b.made[0].ID
		if got := b.call("ben", "GET", one, http.StatusOK); got["maker"] != "ann" ||
			got["content"].(map[string]any)["on"] != true {
			t.Errorf("got %v", got)
		}
		b.call("ann", "POST", one+"/approve", http.StatusForbidden)
		b.call("ann 2", "POST", one+"/approve", http.StatusForbidden)
		b.call("ann 3", "POST", one+"/approve", http.StatusForbidden)
		if got := b.call("ben", "POST", one+"/approve", http.StatusOK); got["state"] !=
			"approved" || got["checker"] != "ben" {
			t.Errorf("got %v", got)
		}
		b.call("ben", "POST", one+"/reject", http.StatusConflict)
		b.call("ann", "POST", "/"+b.made[1].ID+"/reject", http.StatusOK)
		b.call("long", "POST", "/"+b.made[2].ID+"/approve", http.StatusOK)
		b.call("ann", "GET", "/none", http.StatusNotFound)
		b.call("ann", "POST", "/none/approve", http.StatusNotFound)
		if undeclared := b.web.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %s", strings.Join(undeclared, ", "))
		}
	})
}

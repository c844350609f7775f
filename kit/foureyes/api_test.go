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

// Goal: operators list, read, approve and reject; a maker cannot approve, under no key of the same
// label; nobody else may look. Method: requests with the keys of three operators and a bank.
func TestChangesOverHTTP(t *testing.T) {
	t.Parallel()
	sets := []fs.FS{access.Migrations, foureyes.Migrations()}
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		keys, desk := access.New(d), foureyes.New(d, nil, 0)
		desk.Handle("lamp", func(context.Context, foureyes.Request) (foureyes.Apply, error) {
			return func(context.Context, *db.Tx) error { return nil }, nil
		})
		w := web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})
		desk.Register(w)
		secrets := map[string]string{}
		var made []foureyes.Request
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
			for name, g := range map[string]access.Grant{
				"ann":   {Role: access.Operator, Label: "ann"},
				"ann 2": {Role: access.Operator, Label: "Ann"},
				"ben":   {Role: access.Operator, Label: "ben"},
				"bank":  {Role: access.Acquirer, ParticipantNo: 1, Label: "bank"},
			} {
				if secrets[name], err = keys.Create(ctx, tx, g); err != nil {
					return err
				}
			}
			body := json.RawMessage(`{"on":true}`)
			made, err = desk.Propose(ctx, tx, foureyes.Person{Name: "ann"},
				foureyes.Request{Kind: "lamp", Subject: "lamp:1", Body: body},
				foureyes.Request{Kind: "lamp", Subject: "lamp:2", Body: body},
				foureyes.Request{Kind: "lamp", Subject: "lamp:3", Body: body})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		call := func(who, method, path string, want int) (body map[string]any) {
			t.Helper()
			r := httptest.NewRequest(method, "/v1/change-requests"+path, nil)
			r.Header.Set("Authorization", "Bearer "+secrets[who])
			rec := httptest.NewRecorder()
			w.ServeHTTP(rec, r)
			if rec.Code != want {
				t.Fatalf("%s %s %s: %d %s, want %d", who, method, path, rec.Code, rec.Body, want)
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			return body
		}
		call("bank", "GET", "", http.StatusForbidden)
		page := call("ben", "GET", "?limit=2", http.StatusOK)
		rest := call("ben", "GET", "?limit=2&state=open&kind=lamp&cursor="+
			page["next_cursor"].(string), http.StatusOK)
		if len(page["items"].([]any)) != 2 || len(rest["items"].([]any)) != 1 {
			t.Errorf("pages: %v, %v", page, rest)
		}
		call("ben", "GET", "?cursor=nonsense", http.StatusBadRequest)
		one := "/" + made[0].ID
		if got := call("ben", "GET", one, http.StatusOK); got["maker"] != "ann" ||
			got["content"].(map[string]any)["on"] != true {
			t.Errorf("got %v", got)
		}
		call("ann", "POST", one+"/approve", http.StatusForbidden)
		call("ann 2", "POST", one+"/approve", http.StatusForbidden)
		if got := call("ben", "POST", one+"/approve", http.StatusOK); got["state"] != "approved" ||
			got["checker"] != "ben" {
			t.Errorf("got %v", got)
		}
		call("ben", "POST", one+"/reject", http.StatusConflict)
		call("ann", "POST", "/"+made[1].ID+"/reject", http.StatusOK)
		call("ann", "GET", "/none", http.StatusNotFound)
		call("ann", "POST", "/none/approve", http.StatusNotFound)
		if undeclared := w.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %s", strings.Join(undeclared, ", "))
		}
	})
}

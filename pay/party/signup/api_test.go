package signup_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/web"
	"watari/pay/party/signup"
)

// counter is an office over HTTP, with keys of two banks' people, an operator and an owner.
type counter struct {
	*office
	web  *web.Server
	keys *access.Keys
	key  map[string]string
}

func eachCounter(t *testing.T, fn func(t *testing.T, c *counter)) {
	t.Helper()
	dbtest.Each(t, append([]fs.FS{access.Migrations}, sets()...), func(t *testing.T, d *db.DB) {
		c := &counter{office: newOffice(t, d, ring(t)), keys: access.New(d),
			key: map[string]string{}}
		c.bank, c.other = c.acquirer("GIFU"), c.acquirer("KYOTO")
		c.web = web.New(web.Config{Keys: c.keys, Log: slog.New(slog.DiscardHandler)})
		c.Register(c.web, "https://pay.example")
		c.grant("ann", access.Grant{Role: access.AcquirerClerk, ParticipantNo: c.bank})
		c.grant("ben", access.Grant{Role: access.Acquirer, ParticipantNo: c.bank})
		c.grant("viewer", access.Grant{Role: access.AcquirerViewer, ParticipantNo: c.bank})
		c.grant("kyoto", access.Grant{Role: access.Acquirer, ParticipantNo: c.other})
		c.grant("operator", access.Grant{Role: access.Operator})
		fn(t, c)
		if undeclared := c.web.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %v", undeclared)
		}
	})
}

func (c *counter) grant(name string, g access.Grant) {
	c.t.Helper()
	g.Label = name
	err := c.d.Update(c.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		c.key[name], err = c.keys.Create(ctx, tx, g)
		return err
	})
	must(c.t, 0, err)
}

// call sends "PUT /v1/…" as somebody, and wants a status.
func (c *counter) call(who, what string, body any, want int) (got map[string]any, raw []byte) {
	c.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(first(json.Marshal(body)))
	}
	r := httptest.NewRequest(method, path, content)
	r.Header.Set("Authorization", "Bearer "+c.key[who])
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	c.web.ServeHTTP(w, r)
	if w.Code != want {
		c.t.Fatalf("%s %s: %d %s, want %d", who, what, w.Code, w.Body, want)
	}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		must(c.t, 0, json.Unmarshal(w.Body.Bytes(), &got))
	} else if w.Body.Len() > 0 &&
		!strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		c.t.Errorf("%s: a file that is not a download", what)
	}
	return got, w.Body.Bytes()
}

// j is a JSON object.
type j = map[string]any

// Goal: a merchant is signed over /v1 alone, by two people, and nobody but the bank sees it, except
// an operator who sees nothing of a person. Method: the whole way with the keys of five callers.
func TestSigningOverHTTP(t *testing.T) {
	t.Parallel()
	eachCounter(t, func(t *testing.T, c *counter) {
		a, _ := c.call("ann", "POST /v1/applications", soba(), http.StatusCreated)
		one := "/v1/applications/" + a["id"].(string)
		for _, kind := range []string{"identity", "registry"} {
			c.call("ann", "POST "+one+"/documents", j{"kind": kind, "name": "a.pdf",
				"content": base64.StdEncoding.EncodeToString(pdf)}, http.StatusCreated)
		}
		c.call("viewer", "POST "+one+"/submit", nil, http.StatusForbidden)
		c.call("kyoto", "POST "+one+"/submit", nil, http.StatusNotFound)
		c.call("ann", "POST "+one+"/submit", nil, http.StatusOK)
		c.call("ben", "POST "+one+"/review", nil, http.StatusOK)
		c.call("ben", "POST "+one+"/screening", j{"outcome": "clear", "note": "lists"},
			http.StatusOK)
		c.call("ben", "POST "+one+"/notes", j{"text": "called them"}, http.StatusCreated)
		a, _ = c.call("viewer", "GET "+one, nil, http.StatusOK)
		terms := j{"version": a["version"], "merchant_id": "M-1", "go_live": true}
		c.call("ann", "POST "+one+"/approve", terms, http.StatusForbidden)
		a, _ = c.call("ben", "POST "+one+"/approve", terms, http.StatusOK)
		if a["state"] != "live" || a["form"].(j)["merchant_id"] != "M-1" {
			t.Errorf("approved %v", a)
		}
		c.call("ben", "PUT "+one+"/status", j{"state": "suspended"}, http.StatusOK)
		c.call("ben", "PUT "+one+"/status", j{"state": "live"}, http.StatusOK)
		c.call("kyoto", "GET "+one, nil, http.StatusNotFound)
		_, seen := c.call("operator", "GET "+one, nil, http.StatusOK)
		_, all := c.call("operator", "GET /v1/applications?state=live", nil, http.StatusOK)
		for _, word := range []string{"0577001234", "飛騨 太郎", "0654321", "taro@"} {
			if bytes.Contains(seen, []byte(word)) || bytes.Contains(all, []byte(word)) {
				t.Errorf("an operator reads %s", word)
			}
		}
		c.call("operator", "GET "+one+"/documents", nil, http.StatusForbidden)
		docs, _ := c.call("viewer", "GET "+one+"/documents", nil, http.StatusOK)
		doc := docs["items"].([]any)[0].(j)["id"].(string)
		if _, raw := c.call("viewer", "GET "+one+"/documents/"+doc, nil,
			http.StatusOK); !bytes.Equal(raw, pdf) {
			t.Errorf("downloaded %q", raw)
		}
		c.call("ann", "DELETE "+one+"/documents/"+doc, nil, http.StatusConflict)
		h, _ := c.call("viewer", "GET "+one+"/history", nil, http.StatusOK)
		if len(h["items"].([]any)) != 12 {
			t.Errorf("history %v", h)
		}
		c.call("viewer", "GET "+one+"/notes", nil, http.StatusOK)
		c.call("viewer", "GET /v1/applications?cursor=x", nil, http.StatusBadRequest)
	})
}

// Goal: what is wrong is told by fields, and every way out of a form works. Method: bad forms,
// changes, returns, refusals, withdrawals over HTTP.
func TestRefusalsOverHTTP(t *testing.T) {
	t.Parallel()
	eachCounter(t, func(t *testing.T, c *counter) {
		a, _ := c.call("ann", "POST /v1/applications", j{}, http.StatusCreated)
		one := "/v1/applications/" + a["id"].(string)
		e, _ := c.call("ann", "POST "+one+"/submit", nil, http.StatusUnprocessableEntity)
		if len(e["errors"].([]any)) < 10 {
			t.Errorf("errors %v", e)
		}
		bad := soba()
		bad.MCC = "7995"
		a, _ = c.call("ann", "PUT "+one, j{"version": 1, "form": bad}, http.StatusOK)
		c.call("ann", "POST "+one+"/submit", nil, http.StatusUnprocessableEntity)
		c.call("ann", "PUT "+one, j{"version": 1, "form": soba()}, http.StatusConflict)
		c.call("ann", "PUT "+one, j{"version": a["version"], "form": soba()}, http.StatusOK)
		c.call("ann", "POST "+one+"/submit", nil, http.StatusOK)
		c.call("ann", "POST "+one+"/return", j{"remarks": []j{{"pointer": "", "text": "x"}}},
			http.StatusConflict)
		c.call("ann", "POST "+one+"/review", nil, http.StatusOK)
		a, _ = c.call("ben", "GET "+one, nil, http.StatusOK)
		c.call("ben", "POST "+one+"/approve", j{"version": a["version"]},
			http.StatusUnprocessableEntity)
		c.call("ann", "POST "+one+"/return", j{"remarks": []j{{"pointer": "/mcc", "text": "x"}}},
			http.StatusOK)
		c.call("ann", "POST "+one+"/withdraw", nil, http.StatusOK)
		c.call("ann", "POST "+one+"/refuse", j{"reason": "no"}, http.StatusConflict)
		i, _ := c.call("ann", "POST /v1/application-invitations", j{"label": "x"},
			http.StatusCreated)
		if !strings.HasPrefix(i["url"].(string), "https://pay.example/apply/") {
			t.Errorf("invitation %v", i)
		}
		c.call("viewer", "GET /v1/application-invitations", nil, http.StatusOK)
		where := "/v1/application-invitations/" + i["id"].(string)
		c.call("kyoto", "DELETE "+where, nil, http.StatusNotFound)
		c.call("ann", "DELETE "+where, nil, http.StatusNoContent)
	})
}

// Goal: a portfolio is imported over /v1, an owner proposes an account of their own merchant only,
// and the bank decides. Method: an import, its result; accounts with three keys.
func TestImportAndPayoutsOverHTTP(t *testing.T) {
	t.Parallel()
	eachCounter(t, func(t *testing.T, c *counter) {
		file := base64.StdEncoding.EncodeToString(shopsFile(3, nil))
		c.call("viewer", "POST /v1/imports", j{"content": file}, http.StatusForbidden)
		c.call("ann", "POST /v1/imports", j{"content": ""}, http.StatusUnprocessableEntity)
		i, _ := c.call("ann", "POST /v1/imports", j{"content": file, "file_name": "a.csv"},
			http.StatusAccepted)
		one := "/v1/imports/" + i["id"].(string)
		c.ended(i["id"].(string))
		i, _ = c.call("viewer", "GET "+one, nil, http.StatusOK)
		if got := fmt.Sprintf("%v %v %v", i["state"], i["percent"], i["stores"]); got != "done 100 3" {
			t.Errorf("import %v", i)
		}
		c.call("kyoto", "GET "+one, nil, http.StatusNotFound)
		c.call("viewer", "GET "+one+"/mistakes", nil, http.StatusOK)
		c.call("viewer", "GET /v1/imports", nil, http.StatusOK)
		_, csv := c.call("viewer", "GET "+one+"/result", nil, http.StatusOK)
		_, template := c.call("viewer", "GET /v1/imports/template", nil, http.StatusOK)
		if !bytes.Contains(csv, []byte("M-00002")) ||
			!bytes.Equal(template, signup.Template()) {
			t.Errorf("result %s, template %s", csv, template)
		}
		m := first(c.dir.Point(t.Context(), c.bank, "M-00002", "S-00002", "")).Merchant
		c.grant("owner", access.Grant{Role: access.MerchantOwner, ParticipantNo: c.bank,
			MerchantNo: m.No})
		account := j{"account": other, "note": "new"}
		p, _ := c.call("owner", "POST /v1/payout-accounts", account, http.StatusCreated)
		where := "/v1/payout-accounts/" + p["id"].(string)
		c.call("owner", "POST "+where+"/approve", nil, http.StatusForbidden)
		all, _ := c.call("viewer", "GET /v1/payout-accounts", nil, http.StatusOK)
		if len(all["items"].([]any)) != 1 {
			t.Errorf("waiting %v", all)
		}
		c.call("kyoto", "POST "+where+"/approve", nil, http.StatusNotFound)
		c.call("ben", "POST "+where+"/approve", nil, http.StatusOK)
		all, _ = c.call("owner", "GET /v1/payout-accounts", nil, http.StatusOK)
		if len(all["items"].([]any)) != 2 {
			t.Errorf("own %v", all)
		}
		c.call("owner", "GET /v1/payout-accounts?merchant_id=M-00003", nil, http.StatusNotFound)
		c.call("owner", "POST "+where+"/stop", nil, http.StatusOK)
		account["merchant_id"] = "M-00003"
		p, _ = c.call("ann", "POST /v1/payout-accounts", account, http.StatusCreated)
		where = "/v1/payout-accounts/" + p["id"].(string)
		c.call("owner", "POST "+where+"/stop", nil, http.StatusNotFound)
		account["account"] = j{"bank_code": "1"}
		c.call("ann", "POST /v1/payout-accounts", account, http.StatusUnprocessableEntity)
	})
}

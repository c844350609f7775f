package watch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/web"
	"watari/pay/link/guard"
	"watari/pay/watch"
)

// desk is a watch over HTTP, with the keys of two operators and a bank.
type desk struct {
	*rig
	web     *web.Server
	secrets map[string]string
}

func newDesk(r *rig) *desk {
	r.t.Helper()
	keys := access.New(r.db)
	k := &desk{rig: r, secrets: map[string]string{},
		web: web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})}
	r.Watch.Register(k.web)
	r.write(func(ctx context.Context, tx *db.Tx) (err error) {
		for name, g := range map[string]access.Grant{
			"ann":  {Role: access.Operator, Label: "ann"},
			"ben":  {Role: access.Operator, Label: "ben"},
			"bank": {Role: access.Acquirer, ParticipantNo: r.bank.No, Label: "bank"},
		} {
			if k.secrets[name], err = keys.Create(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	})
	return k
}

// call sends "POST /v1/…" with somebody's key and wants a status.
func (k *desk) call(who, what, body string, want int) map[string]any {
	k.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	q := httptest.NewRequest(method, path, content)
	q.Header.Set("Authorization", "Bearer "+k.secrets[who])
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	k.web.ServeHTTP(w, q)
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != want {
		k.t.Fatalf("%s %s: %d %s, want %d", who, what, w.Code, w.Body, want)
	}
	return got
}

// items are the items of a list.
func items(t *testing.T, list map[string]any) []map[string]any {
	t.Helper()
	raw, ok := list["items"].([]any)
	if !ok {
		t.Fatalf("no list: %v", list)
	}
	all := make([]map[string]any, len(raw))
	for i := range raw {
		all[i], _ = raw[i].(map[string]any)
	}
	return all
}

// Goal: operators list, acknowledge and end alerts over the API, with their names, and nobody else
// sees one. Method: an alert of each sort; every operation with every role.
func TestAlertsOverTheAPI(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		k := newDesk(r)
		r.look()
		r.found = []watch.Condition{{Kind: watch.LegStuck, Subject: "leg_1",
			Severity: watch.Urgent, Data: map[string]string{"payment": "pay_1"}}}
		r.happens("refund.stuck", "pay_2")
		r.look()
		stuck, refund := r.only(watch.Filter{Kind: watch.LegStuck}),
			r.only(watch.Filter{Kind: watch.RefundStuck})
		for _, what := range []string{"GET /v1/alerts", "GET /v1/alerts/" + stuck.ID,
			"GET /v1/wallet-health", "GET /v1/wallet-health/LIANHUA"} {
			k.call("bank", what, "", http.StatusForbidden)
			k.call("ann", what, "", http.StatusOK)
		}
		for _, what := range []string{"acknowledge", "end"} {
			k.call("bank", "POST /v1/alerts/"+stuck.ID+"/"+what, `{}`, http.StatusForbidden)
			k.call("ann", "POST /v1/alerts/alr_none/"+what, `{}`, http.StatusNotFound)
		}
		first := k.call("ann", "GET /v1/alerts?state=live&limit=1", "", http.StatusOK)
		next, _ := first["next_cursor"].(string)
		second := items(t, k.call("ann", "GET /v1/alerts?state=live&limit=1&cursor="+next, "",
			http.StatusOK))
		if len(items(t, first)) != 1 || len(second) != 1 ||
			items(t, first)[0]["id"] == second[0]["id"] {
			t.Errorf("pages %v, %v", first, second)
		}
		got := k.call("ann", "POST /v1/alerts/"+stuck.ID+"/acknowledge", `{"note":"on it"}`,
			http.StatusOK)
		if got["state"] != "acknowledged" || got["acknowledged_by"] != "ann" ||
			got["note"] != "on it" {
			t.Errorf("acknowledged %v", got)
		}
		k.call("ben", "POST /v1/alerts/"+stuck.ID+"/acknowledge", `{}`, http.StatusConflict)
		k.call("ben", "POST /v1/alerts/"+stuck.ID+"/end", `{}`, http.StatusConflict)
		got = k.call("ben", "POST /v1/alerts/"+refund.ID+"/end", `{"note":"done"}`,
			http.StatusOK)
		if got["state"] != "ended" || got["ended_by"] != "ben" {
			t.Errorf("ended %v", got)
		}
		k.call("ann", "POST /v1/alerts/"+refund.ID+"/acknowledge", `{}`, http.StatusConflict)
		if undeclared := k.web.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %v", undeclared)
		}
	})
}

// Goal: health over the API is what was counted; periods and wallets that are none are refused by
// name. Method: one sample; a table of refusals.
func TestHealthOverTheAPI(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		k := newDesk(r)
		c := guard.Counts{Yes: 3, No: 1, Silent: 2}
		c.Took[0] = 4
		r.gauge.set(r.stat(0, guard.Asks, c))
		if err := r.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		now := items(t, k.call("ann", "GET /v1/wallet-health", "", http.StatusOK))
		if len(now) != 2 || now[0]["wallet"] != "LIANHUA" || fmt.Sprint(now[0]["approved"],
			now[0]["silent"]) != "3 2" || now[0]["circuit"] != "closed" {
			t.Errorf("now %v", now)
		}
		if _, timed := now[1]["p50_ms"]; timed {
			t.Errorf("a time of a wallet that nobody called: %v", now[1])
		}
		k.call("ann", "GET /v1/wallet-health/LIANHUA?step_min=5", "", http.StatusOK)
		k.call("ann", "GET /v1/wallet-health/NOBODY", "", http.StatusNotFound)
		k.call("ann", "GET /v1/wallet-health/HIDA", "", http.StatusNotFound)
		k.call("ann", "GET /v1/wallet-health/LIANHUA?from=2026-01-01T00:00:00Z", "",
			http.StatusBadRequest)
		if undeclared := k.web.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %v", undeclared)
		}
	})
}

package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/web"
	"watari/pay/webhook"
)

// The goal is that nobody reaches through us what only we can reach: not by an address, not by a
// name, not by a redirect, not over plain HTTP. The method: a service as it is outside a sandbox,
// and a server on loopback that must not be asked.
func TestOnlyPublicAddressesAreCalled(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, sets()...)
	r := newRig(t, d)
	s := webhook.New(webhook.Config{DB: d, Log: event.NewLog(d), Lane: 2, Ring: r.ring,
		Payments: r.core, Directory: r.dir, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.Close)
	var asked atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
	}))
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	o := r.banks[0]
	for _, url := range []string{server.URL, "http://shop.example", "https://[::1]:" + port,
		"https://[::ffff:127.0.0.1]:" + port, "https://[64:ff9b::127.0.0.1]:" + port,
		"https://169.254.169.254/latest/meta-data"} {
		_, _, err := s.Add(t.Context(), o, "test", webhook.Terms{URL: url})
		refused, ok := errors.AsType[*fault.Error](err)
		if !ok || !errors.Is(err, webhook.ErrInvalid) || len(refused.Fields) != 1 ||
			refused.Fields[0].Pointer != "/url" {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, host := range []string{"localhost", "127.1", "0x7f000001", "2130706433"} {
		e, _, err := s.Add(t.Context(), o, "test", webhook.Terms{URL: "https://" + host + ":" + port})
		if err != nil {
			continue
		}
		_, err = s.Verify(t.Context(), o, "test", e.ID)
		refused, ok := errors.AsType[*fault.Error](err)
		if !ok || !errors.Is(err, webhook.ErrChallenge) ||
			host == "localhost" && !strings.Contains(refused.Detail, "public internet") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("our own server was asked %d times", asked.Load())
	}
}

// The goal is that an endpoint cannot be had twice or without end, and that another owner's is not
// there. The method: each use case with the ids of others.
func TestOwnersAreApart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		ctx, mine := t.Context(), r.shops[0].owner()
		e := r.subscribe(s, mine, r.receiver("shop.example"))
		if _, _, err := s.Add(ctx, mine, "test", webhook.Terms{URL: e.URL}); !errors.Is(err,
			webhook.ErrTaken) {
			t.Errorf("the same address again: %v", err)
		}
		for _, o := range []webhook.Owner{r.banks[0], r.banks[1], r.shops[1].owner(),
			r.shops[2].owner(), {}} {
			all, err := s.List(ctx, o)
			if err != nil || len(all) != 0 {
				t.Errorf("%+v sees %v, %v", o, all, err)
			}
			_, find := s.Find(ctx, o, e.ID)
			_, change := s.Change(ctx, o, "test", e.ID, webhook.Terms{URL: "http://x.example"})
			_, verify := s.Verify(ctx, o, "test", e.ID)
			_, disable := s.Disable(ctx, o, "test", e.ID)
			_, _, rotate := s.Rotate(ctx, o, "test", e.ID)
			_, _, list := s.Deliveries(ctx, o, e.ID, webhook.DeliveryFilter{})
			_, read := s.Delivery(ctx, o, e.ID, "msg_1")
			_, replay := s.Replay(ctx, o, "test", e.ID, "msg_1")
			_, giveUp := s.GiveUp(ctx, o, "test", e.ID, "msg_1")
			_, replays := s.ReplayFailed(ctx, o, "test", e.ID, time.Time{})
			for i, err := range []error{find, change, verify, disable, rotate, list, read, replay,
				giveUp, replays, s.Remove(ctx, o, "test", e.ID)} {
				if !errors.Is(err, webhook.ErrUnknown) {
					t.Errorf("%+v, use case %d: %v", o, i, err)
				}
			}
		}
		for i := range webhook.EndpointsMax {
			_, _, err := s.Add(ctx, mine, "test", webhook.Terms{
				URL: "http://shop.example/" + string(rune('a'+i))})
			if last := i == webhook.EndpointsMax-1; last != errors.Is(err, webhook.ErrTooMany) {
				t.Errorf("endpoint %d: %v", i+2, err)
			}
		}
		if _, err := s.Disable(ctx, mine, "test", e.ID); err != nil {
			t.Error(err)
		}
		r.do("remove", s.Remove(ctx, mine, "test", e.ID))
		if _, err := s.Find(ctx, mine, e.ID); !errors.Is(err, webhook.ErrUnknown) {
			t.Errorf("after it was removed: %v", err)
		}
		r.do("chain", r.log.VerifyChain(ctx))
	})
}

// office is the service over HTTP, with a key of each role.
type office struct {
	t    *testing.T
	web  *web.Server
	keys map[string]string
}

func newOffice(r *rig, t *testing.T, s *webhook.Service) *office {
	t.Helper()
	keys := access.New(r.db)
	o := &office{t: t, keys: map[string]string{},
		web: web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})}
	s.Register(o.web)
	bank, m := r.shops[0].bank, r.shops[0].merchant
	r.do("make keys", r.db.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		for name, g := range map[string]access.Grant{
			"bank":    {Role: access.Acquirer, ParticipantNo: bank},
			"clerk":   {Role: access.AcquirerClerk, ParticipantNo: bank},
			"viewer":  {Role: access.AcquirerViewer, ParticipantNo: bank},
			"owner":   {Role: access.MerchantOwner, ParticipantNo: bank, MerchantNo: m},
			"manager": {Role: access.MerchantManager, ParticipantNo: bank, MerchantNo: m},
			"other":   {Role: access.Acquirer, ParticipantNo: r.shops[2].bank},
		} {
			g.Label = name
			if o.keys[name], err = keys.Create(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	}))
	return o
}

// call sends a request that has to end with a status.
func (o *office) call(who, method, path, body string, want int) (out map[string]any) {
	o.t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	q := httptest.NewRequest(method, "/v1/webhook-"+path, content)
	q.Header.Set("Authorization", "Bearer "+o.keys[who])
	q.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	o.web.ServeHTTP(rec, q)
	if rec.Code != want {
		o.t.Fatalf("%s: %s %s: %d %s, want %d", who, method, path, rec.Code, rec.Body, want)
	}
	if rec.Body.Len() > 0 {
		numbers := json.NewDecoder(rec.Body)
		numbers.UseNumber()
		if err := numbers.Decode(&out); err != nil {
			o.t.Fatal(err)
		}
	}
	return out
}

// Goal: the operations do what the service does, for whom it is for, and nobody else. Method: the
// life of an endpoint over HTTP with the keys of each role, on both engines.
func TestWebhooksOverHTTP(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		r.run(s)
		o := newOffice(r, t, s)
		v := r.receiver("shop.example")
		terms := `{"url":"` + v.url() + `","description":"till","kinds":["payment.captured"]}`
		o.call("owner", "POST", "endpoints", `{"url":"http://u:p@x","kinds":["consent.status"]}`, 422)
		o.call("clerk", "POST", "endpoints", terms, 403)
		o.call("manager", "GET", "endpoints", "", 403)
		made := o.call("owner", "POST", "endpoints", terms, 201)
		e, _ := made["endpoint"].(map[string]any)
		secret, _ := made["secret"].(string)
		v.keeps(secret, "")
		path := "endpoints/" + e["id"].(string)
		o.call("owner", "POST", "endpoints", terms, 409)
		for _, who := range []string{"bank", "clerk", "viewer", "other"} {
			o.call(who, "GET", path, "", 404)
			if n := len(o.call(who, "GET", "endpoints", "", 200)["items"].([]any)); n != 0 {
				t.Errorf("%s sees %d endpoints", who, n)
			}
		}
		o.call("owner", "POST", path+"/replays", `{"since":"2026-01-01T00:00:00Z"}`, 409)
		v.answers(func(int, heard) int { return 404 })
		refused := o.call("owner", "POST", path+"/verify", "", 422)
		if refused["detail"] != "it answered 404" || refused["answer"] != json.Number("404") {
			t.Errorf("%v", refused)
		}
		v.answers(nil)
		if e := o.call("owner", "POST", path+"/verify", "", 200); e["status"] != "active" {
			t.Errorf("%v", e)
		}
		for range 3 {
			r.sell(r.shops[0], 1980)
		}
		eventually(t, "it is told", func() bool { return len(v.messages()) == 3 })
		eventually(t, "it is kept", func() bool {
			return o.call("owner", "GET", path, "", 200)["waiting"] == json.Number("0")
		})
		o.log(path, v.messages())
		again := o.call("owner", "POST", path+"/rotate", "", 200)["secret"].(string)
		if again == secret || !strings.HasPrefix(again, "whsec_") {
			t.Errorf("rotated to %s", again)
		}
		o.call("owner", "PUT", path, `{"url":"`+v.url()+`"}`, 200)
		o.call("owner", "POST", path+"/disable", "", 200)
		o.call("owner", "DELETE", path, "", 204)
		o.call("owner", "GET", path, "", 404)
		kinds := len(o.call("owner", "GET", "kinds", "", 200)["items"].([]any))
		if all := len(o.call("viewer", "GET", "kinds", "", 200)["items"].([]any)); kinds >= all {
			t.Errorf("a merchant has %d kinds, a bank %d", kinds, all)
		}
		if undeclared := o.web.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %v", undeclared)
		}
	})
}

// log reads the delivery log of the owner's endpoint, in pages, and sends one again.
func (o *office) log(path string, sent []heard) {
	o.t.Helper()
	page := o.call("owner", "GET", path+"/deliveries?limit=2&state=delivered", "", 200)
	items := page["items"].([]any)
	rest := o.call("owner", "GET", path+"/deliveries?limit=2&cursor="+
		page["next_cursor"].(string), "", 200)["items"].([]any)
	if len(items) != 2 || len(rest) != 1 || rest[0].(map[string]any)["id"] != sent[0].id {
		o.t.Errorf("pages: %v, %v", items, rest)
	}
	o.call("owner", "GET", path+"/deliveries?cursor=x", "", 400)
	one := o.call("owner", "GET", path+"/deliveries/"+sent[0].id, "", 200)
	message, _ := one["body"].(map[string]any)
	if one["answer"] != json.Number("200") || one["excerpt"] != "thank you" ||
		one["tries"] != json.Number("1") ||
		message["type"] != "payment.captured" {
		o.t.Errorf("%v", one)
	}
	o.call("owner", "GET", path+"/deliveries/msg_none", "", 404)
	o.call("owner", "POST", path+"/deliveries/msg_none/replay", "", 404)
	o.call("owner", "POST", path+"/deliveries/msg_none/give-up", "", 404)
	o.call("owner", "POST", path+"/deliveries/"+sent[0].id+"/give-up", "", 409)
	o.call("viewer", "POST", path+"/deliveries/"+sent[0].id+"/give-up", "", 403)
	o.call("viewer", "POST", path+"/deliveries/"+sent[0].id+"/replay", "", 403)
	again := o.call("owner", "POST", path+"/deliveries/"+sent[0].id+"/replay", "", 200)
	if again["state"] != "waiting" || again["tries"] != json.Number("0") {
		o.t.Errorf("%v", again)
	}
}

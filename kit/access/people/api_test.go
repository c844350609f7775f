package people_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/web"
)

// atlas names bank 1 "b1", its merchant 11 "m11", its store 111 "s111".
type atlas struct{}

func (atlas) Number(_ context.Context, at people.IDs) (int64, int64, int64, bool, error) {
	read := func(text, prefix string, parent int64) (int64, bool) {
		if text == "" {
			return 0, true
		}
		n, err := strconv.ParseInt(strings.TrimPrefix(text, prefix), 10, 64)
		return n, err == nil && strings.HasPrefix(text, prefix) && n/10 == parent
	}
	bank, ok := read(at.Acquirer, "b", 0)
	merchant, ok2 := read(at.Merchant, "m", bank)
	store, ok3 := read(at.Store, "s", merchant)
	return bank, merchant, store, ok && ok2 && ok3, nil
}

func (atlas) TerminalNumber(_ context.Context, store int64, id string) (int64, bool, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "t"), 10, 64)
	return n, err == nil && n/10 == store, nil
}

func (atlas) TerminalName(_ context.Context, no int64) (string, error) {
	return fmt.Sprintf("t%d", no), nil
}

func (atlas) Name(_ context.Context, bank, merchant, store int64) (at people.IDs, err error) {
	if bank != 0 {
		at.Acquirer = fmt.Sprint("b", bank)
	}
	if merchant != 0 {
		at.Merchant = fmt.Sprint("m", merchant)
	}
	if store != 0 {
		at.Store = fmt.Sprint("s", store)
	}
	return at, nil
}

// front is an office over HTTP with a key of each role.
type front struct {
	*office
	keys    *access.Keys
	web     *web.Server
	secrets map[string]string
}

func newFront(o *office) *front {
	o.t.Helper()
	f := &front{office: o, keys: access.New(o.db), secrets: map[string]string{}}
	f.web = web.New(web.Config{Keys: f.keys, Log: slog.New(slog.DiscardHandler)})
	(&people.API{People: o.People, Keyring: people.NewKeyring(o.People, f.keys),
		Places: atlas{}}).Register(f.web)
	o.do("make keys", o.db.Update(o.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for name, g := range map[string]access.Grant{
			"operator": {Role: access.Operator}, "bank": {Role: access.Acquirer, ParticipantNo: 1},
			"other":  {Role: access.Acquirer, ParticipantNo: 2},
			"clerk":  {Role: access.AcquirerClerk, ParticipantNo: 1},
			"viewer": {Role: access.AcquirerViewer, ParticipantNo: 1},
			"owner":  {Role: access.MerchantOwner, ParticipantNo: 1, MerchantNo: 11},
			"manager": {Role: access.MerchantManager, ParticipantNo: 1, MerchantNo: 11,
				StoreNo: 111},
			"cashier": {Role: access.MerchantCashier, ParticipantNo: 1, MerchantNo: 11},
			"till": {Role: access.Terminal, ParticipantNo: 1, StoreNo: 111,
				TerminalNo: 7},
		} {
			g.Label = name
			secret, err := f.keys.Create(ctx, tx, g)
			if err != nil {
				return err
			}
			f.secrets[name] = secret
		}
		return nil
	}))
	return f
}

type object = map[string]any

// call makes a request and wants a status; it returns the body.
func (f *front) call(who, method, path string, body any, want int) object {
	f.t.Helper()
	text := ""
	if body != nil {
		b, err := json.Marshal(body)
		f.do("write the body", err)
		text = string(b)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+f.secrets[who])
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	f.web.ServeHTTP(w, r)
	if w.Code != want {
		f.t.Errorf("%s %s %s: %d, want %d\n%s", who, method, path, w.Code, want, w.Body)
	}
	var out object
	if w.Body.Len() > 0 {
		f.do("read the answer", json.Unmarshal(w.Body.Bytes(), &out))
	}
	return out
}

func items(o object) (all []object) {
	list, _ := o["items"].([]any)
	for _, one := range list {
		all = append(all, one.(object))
	}
	return all
}

// Goal: people and invitations work over HTTP, each role within its place, and another's place is
// answered like none. Method: a clerk's and an owner's day.
func TestPeopleOverHTTP(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		f := newFront(o)
		invite := func(who, email string, at object, want int) object {
			t.Helper()
			at["email"] = email
			return f.call(who, http.MethodPost, "/v1/invitations", at, want)
		}
		link := invite("clerk", "owner@x.example", object{"role": "merchant-owner",
			"merchant_id": "m11"}, 201)
		step, err := o.Accept(t.Context(), people.Acceptance{Secret: strings.TrimPrefix(
			link["url"].(string), "http://127.0.0.1:8080/account/invitation/"), Name: "O",
			Lang: "en", Password: good, From: here})
		o.do("accept", err)
		invite("clerk", "x@x.example", object{"role": "acquirer-viewer"}, 403)
		invite("clerk", "x@x.example", object{"role": "merchant-owner", "merchant_id": "m21"},
			404)
		invite("bank", "x@x.example", object{"role": "acquirer", "acquirer": "b2"}, 404)
		invite("bank", "x@x.example", object{"role": "nonsense"}, 422)
		invite("bank", "x", object{"role": "acquirer"}, 422)
		invite("bank", "nobody", object{"role": "acquirer"}, 422)
		invite("viewer", "x@x.example", object{"role": "acquirer-viewer"}, 403)
		invite("till", "x@x.example", object{"role": "acquirer-viewer"}, 403)
		invite("operator", "x@x.example", object{"role": "acquirer", "acquirer": "b9"}, 201)
		invite("operator", "y@x.example", object{"role": "operator"}, 201)
		made := invite("manager", "c@x.example", object{"role": "merchant-cashier"}, 201)
		if made["store_id"] != "s111" || made["merchant_id"] != "m11" {
			t.Errorf("a manager of a store invited %v", made)
		}
		for who, n := range map[string]int{"operator": 2, "bank": 1, "clerk": 0, "owner": 1,
			"manager": 1, "other": 0} {
			if got := items(f.call(who, http.MethodGet, "/v1/invitations", nil, 200)); len(got) !=
				n || n > 0 && got[0]["url"] != nil {
				t.Errorf("%s sees %v", who, got)
			}
		}
		f.call("bank", http.MethodDelete, "/v1/invitations/"+made["id"].(string), nil, 204)
		f.call("bank", http.MethodDelete, "/v1/invitations/"+made["id"].(string), nil, 404)
		f.lookAfter(step.Person.ID)
		if undone := f.web.Undeclared(); len(undone) > 0 {
			t.Errorf("undeclared: %v", undone)
		}
	})
}

// lookAfter does to an owner what one does to people.
func (f *front) lookAfter(personID string) {
	f.t.Helper()
	one := "/v1/people/" + personID
	for who, want := range map[string]int{"operator": 200, "bank": 200, "viewer": 200,
		"owner": 200, "manager": 404, "other": 404, "cashier": 403, "till": 403} {
		f.call(who, http.MethodGet, one, nil, want)
	}
	who := f.call("bank", http.MethodGet, one, nil, 200)
	if who["merchant_id"] != "m11" || who["status"] != "active" || who["password"] != nil {
		f.t.Errorf("read %v", who)
	}
	if n := len(items(f.call("bank", http.MethodGet, one+"/sessions", nil, 200))); n != 1 {
		f.t.Errorf("%d sessions", n)
	}
	f.call("other", http.MethodGet, one+"/sessions", nil, 404)
	f.call("owner", http.MethodPut, one+"/role", object{"role": "acquirer"}, 422)
	f.call("bank", http.MethodPut, one+"/role", object{"role": "merchant-manager",
		"store_id": "s121"}, 404)
	moved := f.call("bank", http.MethodPut, one+"/role", object{"role": "merchant-manager",
		"store_id": "s111"}, 200)
	if moved["store_id"] != "s111" {
		f.t.Errorf("moved %v", moved)
	}
	f.call("owner", http.MethodPost, one+"/sign-out", nil, 204)
	f.call("owner", http.MethodPost, one+"/unlock", nil, 204)
	f.call("owner", http.MethodPost, one+"/reset", object{}, 201)
	f.call("viewer", http.MethodPost, one+"/end", nil, 403)
	f.call("owner", http.MethodPost, one+"/end", nil, 204)
	f.call("owner", http.MethodPost, one+"/reset", object{}, 403)
	if n := len(items(f.call("bank", http.MethodGet, "/v1/people?status=ended&merchant_id="+
		"m11", nil, 200))); n != 1 {
		f.t.Errorf("%d have ended", n)
	}
}

// Goal: keys are made, replaced and revoked within one's place, and operators make none (P11).
// Method: a bank's and a merchant's keys, used until they are over.
func TestKeysOverHTTP(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		f := newFront(o)
		with := func(who, role string, at object, want int) object {
			t.Helper()
			at["label"], at["role"] = "cash desk", role
			return f.call(who, http.MethodPost, "/v1/api-keys", at, want)
		}
		with("operator", "operator", object{}, 403)
		with("clerk", "acquirer-viewer", object{}, 403)
		with("bank", "operator", object{}, 403)
		with("bank", "terminal", object{}, 422)
		with("bank", "merchant-owner", object{}, 422)
		with("bank", "merchant-owner", object{"merchant_id": "m21"}, 404)
		with("owner", "acquirer", object{}, 403)
		made := with("owner", "merchant-manager", object{"store_id": "s111"}, 201)
		secret, id := made["api_key"].(string), made["id"].(string)
		c, err := f.keys.Authenticate(t.Context(), secret)
		if err != nil || c.Role != access.MerchantManager || c.MerchantNo != 11 ||
			c.StoreNo != 111 || c.Label != "cash desk" {
			t.Errorf("the key is %+v, %v", c, err)
		}
		for who, n := range map[string]int{"bank": 8, "viewer": 8, "owner": 4, "operator": 1,
			"other": 1} {
			all := items(f.call(who, http.MethodGet, "/v1/api-keys", nil, 200))
			if len(all) != n {
				t.Errorf("%s sees %d keys", who, len(all))
			}
			for _, k := range all {
				if k["api_key"] != nil || k["hash"] != nil {
					t.Errorf("a list shows %v", k)
				}
			}
		}
		f.call("other", http.MethodPost, "/v1/api-keys/"+id+"/revoke", nil, 404)
		f.call("other", http.MethodPost, "/v1/api-keys/"+id+"/replace", object{}, 404)
		f.call("operator", http.MethodPost, "/v1/api-keys/"+id+"/replace", object{}, 403)
		next := f.call("bank", http.MethodPost, "/v1/api-keys/"+id+"/replace",
			object{"overlap_hours": 1}, 201)
		f.call("bank", http.MethodPost, "/v1/api-keys/"+id+"/replace", object{}, 409)
		for _, s := range []string{secret, next["api_key"].(string)} {
			if _, err := access.New(o.db).Authenticate(t.Context(), s); err != nil {
				t.Errorf("during the overlap: %v", err)
			}
		}
		o.exec(`update api_key set revoked_at_us = $1 where id = $2`,
			clock.Micros(clock.Now())-1, id)
		if _, err := access.New(o.db).Authenticate(t.Context(), secret); err == nil {
			t.Error("the old key works after the overlap")
		}
		f.call("operator", http.MethodPost, "/v1/api-keys/"+next["id"].(string)+"/revoke", nil,
			204)
		f.call("owner", http.MethodPost, "/v1/api-keys/"+next["id"].(string)+"/revoke", nil, 204)
		if _, err := access.New(o.db).Authenticate(t.Context(),
			next["api_key"].(string)); err == nil {
			t.Error("a revoked key works")
		}
		if got := o.kinds(); got != "api_key.made api_key.replaced api_key.revoked" {
			t.Errorf("events %s", got)
		}
		for range people.MostKeys {
			with("bank", "merchant-owner", object{"merchant_id": "m12"}, 201)
		}
		with("bank", "merchant-owner", object{"merchant_id": "m12"}, 409)
		if undone := f.web.Undeclared(); len(undone) > 0 {
			t.Errorf("undeclared: %v", undone)
		}
	})
}

package people_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// works tells whether a key is good, as a node sees it that has not looked at it before.
func (o *office) works(secret string) bool {
	_, err := access.New(o.db).Authenticate(o.t.Context(), secret)
	return err == nil
}

// Goal: the keys that somebody made go with them, in one step and with an event each, and those of
// others and of keys stay (P12). Method: an administrator and an owner who make keys and end.
func TestKeysGoWithTheirMaker(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx, ring := t.Context(), people.NewKeyring(o.People, access.New(o.db))
		chief := o.join("chief@bank.example", bank1(access.Acquirer)).Person
		other := o.join("other@bank.example", bank1(access.Acquirer)).Person
		make := func(by access.Caller, g access.Grant) (secret, id string) {
			t.Helper()
			g.ParticipantNo, g.Label = 1, "x"
			secret, k, err := ring.Make(ctx, by, g)
			o.do("make a key", err)
			return secret, k.ID
		}
		system := access.Grant{Role: access.Acquirer}
		ofShop := access.Grant{Role: access.MerchantOwner, MerchantNo: 5}
		first, _ := make(chief.Caller(), system)
		second, _ := make(chief.Caller(), ofShop)
		mine, _ := make(other.Caller(), system)
		handed, id := make(chief.Caller(), system)
		adopted, _, err := ring.Replace(ctx, other.Caller(), id, people.OverlapMax)
		o.do("replace", err)
		key, err := access.New(o.db).Authenticate(ctx, first)
		o.do("use the key", err)
		byKey, _ := make(key, ofShop)

		o.do("end", o.End(ctx, admin, chief.ID))
		for what, c := range map[string]struct {
			secret string
			want   bool
		}{"their own": {first, false}, "for a merchant": {second, false},
			"one that was replaced": {handed, false}, "another's": {mine, true},
			"one that another took over": {adopted, true}, "one that a key made": {byKey, true},
		} {
			if o.works(c.secret) != c.want {
				t.Errorf("%s: works %v", what, !c.want)
			}
		}
		if n := strings.Count(o.kinds(), "api_key.revoked"); n != 3 {
			t.Errorf("%d keys are revoked in the trail: %s", n, o.kinds())
		}
		_, _, err = ring.Make(ctx, chief.Caller(), access.Grant{Role: access.Acquirer,
			ParticipantNo: 1, Label: "late"})
		o.refused("a session that is still remembered", err, people.ErrMayNot)
		_, _, err = ring.Make(ctx, key, access.Grant{Role: access.Acquirer, ParticipantNo: 1,
			Label: "late"})
		o.refused("a key that is still remembered", err, people.ErrMayNot)
		_, _, err = ring.Replace(ctx, chief.Caller(), id, 0)
		o.refused("replacing", err, people.ErrMayNot)
	})
}

// Goal: who is moved keeps the keys that they could still make, and no others (P12). Method: an
// owner who becomes a manager, and an administrator who is moved and back.
func TestKeysThatCouldNotBeMadeEndWithTheRole(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx, ring := t.Context(), people.NewKeyring(o.People, access.New(o.db))
		boss := o.join("o@shop.example", shop(access.MerchantOwner)).Person
		secret, _, err := ring.Make(ctx, boss.Caller(), access.Grant{Role: access.MerchantManager,
			ParticipantNo: 1, MerchantNo: 5, Label: "books"})
		o.do("make", err)
		o.do("stay", o.SetRole(ctx, admin, boss.ID, shop(access.MerchantOwner)))
		if !o.works(secret) {
			t.Error("the key ended though nothing changed")
		}
		o.do("move", o.SetRole(ctx, admin, boss.ID, shop(access.MerchantManager)))
		if o.works(secret) {
			t.Error("a manager's key works")
		}
		_, _, err = ring.Make(ctx, boss.Caller(), access.Grant{Role: access.MerchantOwner,
			ParticipantNo: 1, MerchantNo: 5, Label: "late"})
		o.refused("as an owner still", err, people.ErrMayNot)
		if n := strings.Count(o.kinds(), "api_key.revoked"); n != 1 {
			t.Errorf("events %s", o.kinds())
		}
	})
}

// Goal: a till has keys of its own, made by its bank or its owner, for a terminal that is the
// store's, and not too many. Method: over HTTP, right ones and every wrong one.
func TestTillsHaveKeys(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		f := newFront(o)
		till := func(who string, at object, want int) object {
			t.Helper()
			at["label"], at["role"] = "till 1", "terminal"
			return f.call(who, http.MethodPost, "/v1/api-keys", at, want)
		}
		whole := func() object {
			return object{"merchant_id": "m11", "store_id": "s111", "terminal_id": "t1111"}
		}
		made := till("bank", whole(), 201)
		c, err := f.keys.Authenticate(t.Context(), made["api_key"].(string))
		if err != nil || c.Role != access.Terminal || c.TerminalNo != 1111 || c.StoreNo != 111 ||
			c.MerchantNo != 0 || made["terminal_id"] != "t1111" || made["merchant_id"] != "m11" {
			t.Errorf("made %v: %+v, %v", made, c, err)
		}
		mine := till("owner", object{"store_id": "s111", "terminal_id": "t1111"}, 201)
		till("owner", object{"store_id": "s111"}, 422)
		till("owner", object{"terminal_id": "t1111"}, 422)
		till("owner", object{"store_id": "s111", "terminal_id": "t1121"}, 404)
		till("owner", object{"store_id": "s111", "terminal_id": "nonsense"}, 404)
		till("owner", object{"store_id": "s121", "terminal_id": "t1211"}, 404)
		till("bank", object{"store_id": "s111", "terminal_id": "t1111"}, 404)
		till("other", whole(), 404)
		till("manager", whole(), 403)
		till("till", whole(), 403)
		f.call("owner", http.MethodPost, "/v1/api-keys", object{"label": "x",
			"role": "merchant-manager", "store_id": "s111", "terminal_id": "t1111"}, 422)
		for range people.MostTillKeys - 2 {
			till("owner", whole(), 201)
		}
		till("bank", whole(), 409)
		till("bank", object{"merchant_id": "m11", "store_id": "s111", "terminal_id": "t1112"}, 201)
		next := f.call("owner", http.MethodPost, "/v1/api-keys/"+mine["id"].(string)+"/replace",
			object{}, 201)
		if next["terminal_id"] != "t1111" || o.works(mine["api_key"].(string)) {
			t.Errorf("replaced by %v", next)
		}
		if undone := f.web.Undeclared(); len(undone) > 0 {
			t.Errorf("undeclared: %v", undone)
		}
	})
}

// Goal: a number from a form is no way to another's terminal. Method: a keyring that knows which
// terminal is whose.
func TestTerminalsThatAreNotThereAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		o := known(t, d)
		c := o.People.Config
		c.Terminal = func(_ context.Context, storeNo, terminalNo int64) (bool, error) {
			return storeNo == 9 && terminalNo == 91, nil
		}
		ring := people.NewKeyring(people.New(c), access.New(d))
		make := func(g access.Grant) error {
			g.Role, g.ParticipantNo, g.Label = access.Terminal, 1, "till"
			_, _, err := ring.Make(t.Context(), admin, g)
			return err
		}
		o.do("the store's", make(access.Grant{MerchantNo: 5, StoreNo: 9, TerminalNo: 91}))
		o.refused("another's", make(access.Grant{MerchantNo: 5, StoreNo: 9, TerminalNo: 92}),
			people.ErrPlace)
		o.refused("of no store", make(access.Grant{MerchantNo: 5, StoreNo: 8, TerminalNo: 91}),
			people.ErrPlace)
		o.refused("of no merchant", make(access.Grant{StoreNo: 9, TerminalNo: 91}),
			people.ErrInvalid)
	})
}

package payment_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/pay/party"
	"watari/pay/payment"
)

// mall is two merchants of one bank, each with a store S1; the first also has S2. Keys are by name.
type mall struct {
	*rig
	base string
	keys map[string]string
	n    int
}

func newMall(t *testing.T, e db.Engine) *mall {
	t.Helper()
	m := &mall{rig: newRig(t, dbtest.New(t, e, append(sets(), access.Migrations)...), 1),
		keys: map[string]string{}}
	keys := access.New(m.db)
	s := web.New(web.Config{Keys: keys, Log: slog.New(slog.NewTextHandler(m.logged, nil)),
		Aliases: []web.Alias{web.As[money.Amount, amountForm]()}})
	m.Register(s)
	m.base = webtest.Start(t, s)
	m.change(func(ctx context.Context, tx *db.Tx) error {
		other, err := m.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: m.bank.No,
			ID: "M2", Name: "Tea", NameJA: "茶", MCC: "5499"})
		if err != nil {
			return err
		}
		west, err := m.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: m.shop.No, ID: "S2",
			Name: "West", NameJA: "西店", Prefecture: "21", MCC: "5812"})
		if err != nil {
			return err
		}
		if _, err = m.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: other.No, ID: "S1",
			Name: "Tea", NameJA: "茶", Prefecture: "21", MCC: "5499"}); err != nil {
			return err
		}
		for name, g := range map[string]access.Grant{
			"bank":    {Role: access.Acquirer},
			"viewer":  {Role: access.AcquirerViewer},
			"owner":   {Role: access.MerchantOwner, MerchantNo: m.shop.No},
			"west":    {Role: access.MerchantManager, MerchantNo: m.shop.No, StoreNo: west.No},
			"cashier": {Role: access.MerchantCashier, MerchantNo: m.shop.No},
			"other":   {Role: access.MerchantOwner, MerchantNo: other.No},
		} {
			g.ParticipantNo, g.Label = m.bank.No, name
			if m.keys[name], err = keys.Create(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	})
	return m
}

// reply is what came back.
type reply struct {
	status int
	body   map[string]any
}

// call sends "POST /v1/payments" with a body, "" for none, by a key, under a request id.
func (m *mall) call(key, what, id, body string) reply {
	m.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	req, err := http.NewRequest(method, m.base+path, strings.NewReader(body))
	m.do("request", err)
	req.Header.Set("Authorization", "Bearer "+m.keys[key])
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if id != "" {
		req.Header.Set("Idempotency-Key", id)
	}
	res, err := http.DefaultClient.Do(req)
	m.do(what, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	m.do("read", err)
	out := reply{status: res.StatusCode}
	m.do("decode "+what, json.Unmarshal(raw, &out.body))
	return out
}

// pay takes a payment and returns its id.
func (m *mall) pay(key, store, id string, minor int64) string {
	m.t.Helper()
	r := m.call(key, "POST /v1/payments", id, `{"store_id":"`+store+`","code":"`+m.code()+
		`","amount":{"currency":"JPY","value":`+strconv.FormatInt(minor, 10)+`}}`)
	if r.status != http.StatusCreated || r.body["request_id"] != id {
		m.t.Fatalf("%s pays at %s: %d %v", key, store, r.status, r.body)
	}
	return r.body["id"].(string)
}

func eachMall(t *testing.T, fn func(t *testing.T, m *mall)) {
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			m := newMall(t, e)
			fn(t, m)
			m.verify()
		})
	}
}

// Goal: a merchant's key reads and changes its own payments only; whoever is bound to a store those
// of that store; another's is answered exactly as one that does not exist.
func TestMerchantsReachOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	eachMall(t, func(t *testing.T, m *mall) {
		east, west := m.pay("owner", "S1", "a", 1000), m.pay("owner", "S2", "b", 2000)
		tea := m.pay("other", "S1", "c", 3000)
		nothing := "pay_1m7veeq20010010000000000000001"
		for _, c := range []struct {
			key  string
			sees map[string]bool
		}{
			{"bank", map[string]bool{east: true, west: true, tea: true}},
			{"viewer", map[string]bool{east: true, west: true, tea: true}},
			{"owner", map[string]bool{east: true, west: true}},
			{"cashier", map[string]bool{east: true, west: true}},
			{"west", map[string]bool{west: true}},
			{"other", map[string]bool{tea: true}},
		} {
			list := m.call(c.key, "GET /v1/payments", "", "").body["items"].([]any)
			for _, one := range list {
				if id := one.(map[string]any)["id"].(string); !c.sees[id] {
					t.Errorf("%s is listed %s", c.key, id)
				}
			}
			if len(list) != len(c.sees) {
				t.Errorf("%s is listed %d payments, not %d", c.key, len(list), len(c.sees))
			}
			for _, id := range []string{east, west, tea} {
				r := m.call(c.key, "GET /v1/payments/"+id, "", "")
				if (r.status == http.StatusOK) != c.sees[id] {
					t.Errorf("%s reads %s: %d", c.key, id, r.status)
				}
				if r.status == http.StatusOK {
					_, told := r.body["fees"].(map[string]any)["interchange_minor"]
					if told != (c.key == "bank" || c.key == "viewer") {
						t.Errorf("%s is told the bank's fees: %v", c.key, told)
					}
					continue
				}
				for _, what := range []string{"GET /v1/payments/%", "GET /v1/payments/%/refunds",
					"GET /v1/payments/%/captures", "POST /v1/payments/%/cancel",
					"POST /v1/payments/%/refunds"} {
					body, rid := "", ""
					if strings.HasSuffix(what, "%/refunds") && what[0] == 'P' {
						body, rid = `{"amount":{"currency":"JPY","value":1}}`, "r"+c.key
					}
					his := m.call(c.key, strings.Replace(what, "%", id, 1), rid, body)
					none := m.call(c.key, strings.Replace(what, "%", nothing, 1), rid, body)
					if his.status != none.status || his.body["type"] != none.body["type"] ||
						his.status < 400 {
						t.Errorf("%s, %s: %d %v, unlike %d %v", c.key, what, his.status,
							his.body["type"], none.status, none.body["type"])
					}
				}
			}
		}
	})
}

// Goal: request ids of two merchants never meet: the same id makes two payments, finds one's own,
// and gives up nobody else's.
func TestRequestIDsOfMerchantsNeverMeet(t *testing.T) {
	t.Parallel()
	eachMall(t, func(t *testing.T, m *mall) {
		soba, tea := m.pay("owner", "S1", "1001", 500), m.pay("other", "S1", "1001", 700)
		if soba == tea {
			t.Fatal("one payment for two merchants")
		}
		for key, want := range map[string]string{"owner": soba, "other": tea} {
			list := m.call(key, "GET /v1/payments?request_id=1001", "", "").body["items"].([]any)
			if len(list) != 1 || list[0].(map[string]any)["id"] != want {
				t.Errorf("%s finds %v", key, list)
			}
		}
		for _, key := range []string{"bank", "west"} {
			if list := m.call(key, "GET /v1/payments?request_id=1001", "", "").
				body["items"].([]any); len(list) != 0 {
				t.Errorf("%s finds %v", key, list)
			}
		}
		if r := m.call("west", "POST /v1/cancellations", "", `{"request_id":"1001"}`); r.status !=
			http.StatusNotFound {
			t.Errorf("another store's is given up: %d %v", r.status, r.body)
		}
		if r := m.call("other", "POST /v1/cancellations", "", `{"request_id":"m`+
			strconv.FormatInt(m.shop.No, 10)+` 1001"}`); r.status < 400 {
			t.Errorf("a name of another's: %d %v", r.status, r.body)
		}
		m.call("other", "POST /v1/cancellations", "", `{"request_id":"1001"}`)
		if p := m.find(soba); p.State != payment.Captured {
			t.Errorf("the other merchant's is %s", p.State)
		}
		if p := m.find(tea); p.State != payment.Cancelled {
			t.Errorf("its own is %s", p.State)
		}
		other := m.call("west", "POST /v1/payments", "x", `{"store_id":"S1","code":"`+m.code()+
			`","amount":{"currency":"JPY","value":10}}`)
		foreign := m.call("owner", "POST /v1/payments", "x", `{"store_id":"S1","merchant_id":"M2",
			"code":"`+m.code()+`","amount":{"currency":"JPY","value":10}}`)
		if other.status < 400 || foreign.status < 400 {
			t.Errorf("paid elsewhere: %v, %v", other.body, foreign.body)
		}
	})
}

// Goal: a cashier sees today's payments and gives nothing back. Method: the clock goes a day on.
func TestCashierSeesToday(t *testing.T) {
	t.Parallel()
	eachMall(t, func(t *testing.T, m *mall) {
		id := m.pay("owner", "S1", "a", 1000)
		if r := m.call("cashier", "POST /v1/payments/"+id+"/refunds", "r",
			`{"amount":{"currency":"JPY","value":1}}`); r.status != http.StatusForbidden {
			t.Errorf("a cashier refunds: %d", r.status)
		}
		m.forward(25 * time.Hour)
		if r := m.call("cashier", "GET /v1/payments/"+id, "", ""); r.status !=
			http.StatusNotFound {
			t.Errorf("yesterday's: %d", r.status)
		}
		if l := m.call("cashier", "GET /v1/payments", "", "").body["items"].([]any); len(l) != 0 {
			t.Errorf("yesterday's are listed: %v", l)
		}
		if r := m.call("owner", "GET /v1/payments/"+id, "", ""); r.status != http.StatusOK {
			t.Errorf("the owner: %d", r.status)
		}
	})
}

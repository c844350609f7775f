package order_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/pay/party"
	"watari/visit/order"
)

// amountForm is an amount as /v1 writes it.
type amountForm struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// desk is the API of a rig, with keys.
type desk struct {
	*rig
	base string
	keys *access.Keys
	web  *web.Server
}

func newDesk(t *testing.T) *desk {
	r := newRig(t, dbtest.New(t, db.SQLite, append(sets(), access.Migrations)...))
	r.seed()
	keys := access.New(r.db)
	s := web.New(web.Config{Keys: keys, Aliases: []web.Alias{web.As[money.Amount, amountForm]()}})
	r.Register(s)
	return &desk{rig: r, base: webtest.Start(t, s), keys: keys, web: s}
}

// key makes a key of a role at the bank.
func (d *desk) key(role access.Role, merchantNo int64) (secret string) {
	d.t.Helper()
	d.do("make a key", d.db.Update(d.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = d.keys.Create(ctx, tx, access.Grant{Role: role, ParticipantNo: d.bank.No,
			MerchantNo: merchantNo, Label: "test"})
		return err
	}))
	return secret
}

// call sends a request and returns the status and the body.
func (d *desk) call(key, method, path, request string, body any) (int, map[string]any) {
	d.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		d.do("write a body", err)
		in = bytes.NewReader(text)
	}
	q, err := http.NewRequestWithContext(d.t.Context(), method, d.base+path, in)
	d.do("make a request", err)
	q.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Idempotency-Key", request)
	}
	res, err := http.DefaultClient.Do(q)
	d.do("call", err)
	defer func() { _ = res.Body.Close() }()
	var out map[string]any
	d.do("read the answer", json.NewDecoder(res.Body).Decode(&out))
	return res.StatusCode, out
}

// Goal: a merchant reads and cancels what it sold, at the refund that it was shown, and another
// merchant of the bank sees nothing of it. Method: the operations, by both.
func TestOrdersOnTheAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.buy(2, 1)
	owner := d.key(access.MerchantOwner, o.MerchantNo)
	var strange party.Merchant
	d.do("add a merchant", d.db.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		strange, err = d.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: d.bank.No,
			ID: "OTHER", Name: "Other", MCC: "5812"})
		return err
	}))
	stranger := d.key(access.MerchantOwner, strange.No)
	one := "/v1/visitor-orders/" + o.ID

	for path, holds := range map[string]string{"/v1/visitor-orders": `"next_cursor"`,
		one: "", one + "/cancellation": ""} {
		if status, body := d.call(owner, "GET", path, "", nil); status != 200 ||
			strings.Contains(path, holds) && holds != "" {
			t.Errorf("%s: %d %v", path, status, body)
		}
		status, body := d.call(stranger, "GET", path, "", nil)
		if items, list := body["items"].([]any); list && len(items) > 0 || !list && status != 404 {
			t.Errorf("%s by a stranger: %d %v", path, status, body)
		}
	}
	_, quote := d.call(owner, "GET", one+"/cancellation?lines=3", "", nil)
	refund := quote["refund"].(map[string]any)
	if fmt.Sprint(refund["value"]) != "3875" || len(quote["keep"].([]any)) != 2 {
		t.Fatalf("quoted %v", quote)
	}
	body := map[string]any{"lines": []int{3}, "refund": amountForm{"JPY", 3874}}
	if status, out := d.call(owner, "POST", one+"/cancel", "k1", body); status != 409 ||
		fmt.Sprint(out["refund"]) != "3875" {
		t.Errorf("another refund: %d %v", status, out)
	}
	body["refund"] = amountForm{"JPY", 3875}
	for range 2 {
		status, out := d.call(owner, "POST", one+"/cancel", "k1", body)
		if status != 200 || len(out["returns"].([]any)) != 1 {
			t.Errorf("cancelled: %d %v", status, out)
		}
	}
	if status, _ := d.call(stranger, "POST", one+"/cancel", "k2", body); status != 404 {
		t.Errorf("cancelled by a stranger: %d", status)
	}
	d.wallet.set("no")
	defer d.run()()
	d.soon("the wallet refuses", func() bool { return d.sent(o.ID) == order.ReturnFailed })
	d.wallet.set("")
	d.owed(o, owner, stranger)
	rs, err := d.Returns(t.Context(), o.ID)
	d.do("returns", err)
	retry := one + "/returns/" + rs[0].ID + "/retry"
	if status, _ := d.call(stranger, "POST", retry, "", nil); status != 404 {
		t.Errorf("retried by a stranger: %d", status)
	}
	if status, out := d.call(owner, "POST", retry, "", nil); status != 200 {
		t.Errorf("retried: %d %v", status, out)
	}
	d.until(o.ID, order.StatePaid)
	if status, _ := d.call(owner, "GET", "/v1/visitor-orders?cursor=%0a", "", nil); status != 400 {
		t.Errorf("a cursor that is none: %d", status)
	}
	if some := d.web.Undeclared(); len(some) > 0 {
		t.Errorf("not declared: %v", some)
	}
	d.verify()
}

// owed looks at a refund that failed, as its shop and as another one: that sees and moves nothing.
func (d *desk) owed(o *order.Order, owner, stranger string) {
	d.t.Helper()
	const all = "/v1/visitor-order-returns"
	for key, want := range map[string]int{owner: 1, stranger: 0} {
		status, out := d.call(key, "GET", all+"?place=stl_1", "", nil)
		if items, _ := out["items"].([]any); status != 200 || len(items) != want {
			d.t.Errorf("owed: %d %v", status, out)
		}
	}
	if status, out := d.call(stranger, "POST", all+"/retry", "", map[string]any{}); status != 200 ||
		fmt.Sprint(out["retried"]) != "0" {
		d.t.Errorf("retried by a stranger: %d %v", status, out)
	}
	if status, out := d.call(owner, "POST", all+"/retry", "",
		map[string]any{"closure_id": "clo_other"}); fmt.Sprint(out["retried"]) != "0" {
		d.t.Errorf("another closure: %d %v", status, out)
	}
	rs, err := d.Returns(d.t.Context(), o.ID)
	d.do("returns", err)
	repay := "/v1/visitor-orders/" + o.ID + "/returns/" + rs[0].ID + "/repay"
	how := map[string]any{"how": "in cash"}
	if status, out := d.call(stranger, "POST", repay, "", how); status != 404 {
		d.t.Errorf("given back by a stranger: %d %v", status, out)
	}
	if status, out := d.call(owner, "POST", strings.Replace(repay, rs[0].ID, "ret_0", 1), "",
		how); status != 404 {
		d.t.Errorf("no return: %d %v", status, out)
	}
}

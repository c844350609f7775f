package roles

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// document is what the walk needs of the OpenAPI document.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	ID         string   `json:"operationId"`
	Roles      []string `json:"x-roles"`
	Parameters []struct {
		Name, In string
	}
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
	method, path string
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Required   []string
	Properties map[string]schema
	Items      *schema
	Minimum    *int64
}

// operations reads the document of the running server.
func (w *world) operations() (ops []operation, d document) {
	w.t.Helper()
	if err := json.Unmarshal(w.call(caller{}, "GET", "/openapi.json", nil).text, &d); err != nil {
		w.t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			op := d.Paths[path][method]
			op.method, op.path = strings.ToUpper(method), path
			ops = append(ops, op)
		}
	}
	return ops, d
}

// Goal: nobody reads or changes another party's data through any operation of the API, whatever
// their role. Method: every operation of the server's own document, by the keys of every role at
// two banks and three merchants and without a key, with the ids of a bank and of a merchant that
// are not the caller's; then everything that belongs to the two is read again.
func TestNoRoleReachesAnotherPartyThroughTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.furnish()
	ops, d := w.operations()
	before := w.everything(ops)
	tried := 0
	for _, op := range ops {
		body := w.body(d, op)
		if len(op.Roles) > 0 {
			if a := w.call(caller{}, op.method, w.address(op, w.shopHas), body); a.status != 401 {
				t.Errorf("%s without a key: status %d: %s", op.ID, a.status, a.text)
			}
			tried++
		}
		for _, c := range w.callers {
			if len(op.Roles) > 0 && !slices.Contains(op.Roles, c.role) {
				a := w.call(c, op.method, w.address(op, w.shopHas), body)
				if a.status != 403 || a.problem() != "role-not-allowed" {
					t.Errorf("%s by %s: status %d: %s", op.ID, c.name, a.status, a.text)
				}
				tried++
				continue
			}
			if c.role == "operator" {
				continue // sees all that it may call
			}
			if !w.atBank(c) && !w.atShop(c) {
				w.stranger(op, c, w.shopHas, w.shopSecrets, body)
				tried++
			}
			if !w.atBank(c) {
				w.stranger(op, c, w.bankHas, w.bankSecrets, body)
				tried++
			}
		}
	}
	w.unchanged(before, ops)
	if tried < 1500 {
		t.Errorf("only %d calls", tried)
	}
	t.Logf("%d operations, %d calls, %d answers compared", len(ops), tried, len(before))
}

// unchanged reads everything again and compares.
func (w *world) unchanged(before map[string][]byte, ops []operation) {
	w.t.Helper()
	after := w.everything(ops)
	for _, what := range slices.Sorted(maps.Keys(before)) {
		if !bytes.Equal(before[what], after[what]) {
			w.t.Errorf("%s was\n%s\nand is\n%s", what, before[what], after[what])
		}
	}
}

// own are the operations that make something of the caller's, whatever ids they are given: ids
// that callers choose are unique with their owner.
var own = []string{"create-merchant", "give-up-request", "add-key", "retire-key"}

// stranger is a call by somebody who has nothing to do with what the ids name.
func (w *world) stranger(
	op operation, c caller, has map[string]string, secrets []string, body map[string]any,
) {
	w.t.Helper()
	names := params(op.path)
	foreign := 0 // things of the other party that the call is about
	for _, name := range names {
		switch value := w.param(op, name, has); {
		case value == nothing:
			return // the party has none of this
		case name != "wallet" && name != "version":
			foreign++
		}
	}
	if w.shared(op, c, has) {
		return
	}
	a := w.call(c, op.method, w.address(op, has), body)
	switch {
	case a.status >= 500:
		w.t.Errorf("%s by %s: status %d: %s", op.ID, c.name, a.status, a.text)
	case a.good() && foreign > 0 && len(op.Roles) > 0 && !slices.Contains(own, op.ID):
		w.t.Errorf("%s by %s with %v: status %d: %s", op.ID, c.name, has, a.status, a.text)
	}
	if foreign > 0 {
		return // an answer may name the id that was asked for
	}
	for _, secret := range secrets {
		if bytes.Contains(a.text, []byte(secret)) {
			w.t.Errorf("%s tells %s of %s: %s", op.ID, c.name, secret, a.text)
		}
	}
}

// shared tells whether what is asked for is the caller's as well: the bank's furniture names the
// merchant's payments and places, which the merchant may see.
func (w *world) shared(op operation, c caller, has map[string]string) bool {
	if !w.atShop(c) || has["participant_id"] == "" {
		return false
	}
	for _, name := range params(op.path) {
		if value := w.param(op, name, has); value != nothing && value != w.param(op, name,
			w.shopHas) {
			return false
		}
	}
	return true
}

// nothing stands for a thing that a party does not have.
const nothing = "none"

// address fills an operation's path with what a party has.
func (w *world) address(op operation, has map[string]string) string {
	path := op.path
	for _, name := range params(path) {
		path = strings.Replace(path, "{"+name+"}", w.param(op, name, has), 1)
	}
	if op.ID == "delete-code-prefix" || strings.HasSuffix(op.path, "/code-prefixes") &&
		op.method == http.MethodDelete {
		path += "?prefix=990000"
	}
	return path
}

// param is the value of a parameter. A parameter that is not known here stops the test.
func (w *world) param(op operation, name string, has map[string]string) string {
	key := name
	switch {
	case name == "id" && strings.HasPrefix(op.path, "/v1/payments/"):
		key = "payment"
	case name == "id" && strings.HasPrefix(op.path, "/v1/refunds/"):
		key = "refund"
	case name == "id" && strings.HasPrefix(op.path, "/v1/consents/"):
		key = "consent"
	case name == "invitation_id" && strings.HasPrefix(op.path, "/v1/application-invitations"):
		key = "application_invitation"
	case name == "version", name == "key_no":
		return "77"
	case name == "year":
		return "2026"
	case name == "month":
		return "11"
	case name == "wallet":
		return w.about.Wallets[0].ID
	case slices.Contains([]string{"alert_id", "change_id", "delivery_id", "order_id",
		"return_id"}, name):
		// Of operators, of an endpoint that is not the caller's either, of visitors who bought
		// nothing here.
		return name + "_0"
	case !slices.Contains([]string{"store_id", "terminal_id", "merchant_id", "key_id",
		"endpoint_id", "invitation_id", "payout_account_id", "participant_id",
		"application_id", "document_id", "import_id", "person_id", "slug", "order_id",
		"return_id", "park_id", "queue_id", "entity_id", "gate_id", "device_id",
		"closure_id", "discount_id", "point_id", "code"}, name):
		w.t.Fatalf("%s has the parameter %s, which the walk does not know", op.ID, name)
	}
	if has[key] == "" {
		return nothing
	}
	return has[key]
}

// params are the names of a path's parameters.
func params(path string) (names []string) {
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}

// body makes a body that an operation takes, about the shop that has something to lose.
func (w *world) body(d document, op operation) map[string]any {
	s, ok := op.RequestBody.Content["application/json"]
	if !ok {
		return nil
	}
	made, _ := w.sample(d, s.Schema, "").(map[string]any)
	if made == nil {
		made = map[string]any{}
	}
	return made
}

// sample makes a value of a schema: what is required, and every id that there is.
func (w *world) sample(d document, s schema, name string) any {
	if s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	if text, ok := w.samples()[name]; ok {
		return text
	}
	if len(s.Enum) > 0 {
		return s.Enum[len(s.Enum)-1]
	}
	switch kind, _ := s.Type.(string); kind {
	case "object":
		made := map[string]any{}
		for member, of := range s.Properties {
			if slices.Contains(s.Required, member) || strings.HasSuffix(member, "_id") ||
				member == "acquirer" {
				made[member] = w.sample(d, of, member)
			}
		}
		return made
	case "array":
		return []any{w.sample(d, *s.Items, "")}
	case "integer":
		return 1
	case "boolean":
		return false
	case "string":
		return "x"
	}
	return nil
}

// samples are values that fit, by the name of the member.
func (w *world) samples() map[string]any {
	return map[string]any{"store_id": w.shop.ID, "merchant_id": w.shop.MerchantID,
		"terminal_id": w.shop.TerminalID, "acquirer": w.shop.AcquirerID,
		"participant_id": w.shop.AcquirerID, "wallet_id": "pochi", "amount": yen(100),
		"application_id": w.bankHas["application_id"], "mcc": "5812", "prefecture": "21",
		"url": "http://127.0.0.1:9/x", "return_url": "https://shop.example/",
		"role": "merchant-cashier", "email": "stranger@else.example", "zone": "Asia/Tokyo",
		"currency": "JPY", "pin": "9999", "id": "X1", "request_id": "nobody-knows-this",
		"base_url": "http://127.0.0.1:9", "since": "2026-01-01T00:00:00Z", "kinds": []string{},
		"account": account(), "content": "bm90aGluZw==", "consent_id": w.bankHas["consent"],
		"ask_url": "https://bank.example/ask", "prefix": "990000", "public_key": "AAAA"}
}

// restless are the operations whose answer changes by itself.
var restless = []string{"list-audit", "export-audit", "read-audit", "list-events",
	"list-api-keys", "list-wallet-health", "read-wallet-health", "list-alerts", "read-rate",
	"list-people", "read-person", "print-stand", "read-application-history",
	"list-person-sessions", "read-payment-timeline", "list-keys", "list-balances",
	"read-occupancy"}

// everything reads all that belongs to the bank and to the merchant.
func (w *world) everything(ops []operation) map[string][]byte {
	w.t.Helper()
	all := map[string][]byte{}
	for _, op := range ops {
		if op.method != http.MethodGet || len(op.Roles) == 0 || slices.Contains(restless, op.ID) {
			continue
		}
		for role, has := range map[string]map[string]string{"acquirer": w.bankHas,
			"merchant-owner": w.shopHas} {
			if !slices.Contains(op.Roles, role) {
				continue
			}
			if a := w.call(w.as(role), http.MethodGet, w.address(op, has), nil); a.good() {
				all[op.ID+" by "+role] = a.text
			}
		}
	}
	if len(all) < 30 {
		w.t.Errorf("only %d operations tell anything: %v", len(all),
			slices.Sorted(maps.Keys(all)))
	}
	return all
}

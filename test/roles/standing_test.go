package roles

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// heard are the operations that keys of a suspended place call too: they give back, or refuse by
// themselves.
var heard = []string{"cancel-payment", "give-up-request", "create-refund", "create-payment",
	"create-order", "cancel-visitor-order", "retry-visitor-order-return",
	"retry-visitor-order-returns", "repay-visitor-order-return"}

// Goal: a suspended bank, with its merchants and tills, reads, gives back, and does nothing else; a
// closed one does nothing at all; nobody else notices (access, A6). Method: the operator suspends
// and closes a bank, and every operation of the server's own document is called by every key of it
// that has the role.
func TestSuspendedReadsAndClosedDoesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.furnish()
	ops, _ := w.operations()
	inside := func(l string) bool {
		return strings.HasSuffix(l, "@"+w.shop.AcquirerID+".example") ||
			strings.HasSuffix(l, "@iroriya.example") || strings.HasSuffix(l, "@kogen-park.example")
	}
	var guest *browser
	for _, l := range w.about.Logins {
		if l.Email == "owner@iroriya.example" {
			guest = w.signIn(l)
		}
	}

	w.setBank("suspended")
	tried := w.whatIsLeft(ops, "place-suspended", func(op operation) bool {
		return op.method == http.MethodGet || slices.Contains(heard, op.ID)
	})
	w.must(w.as("merchant-owner"), http.MethodPost, "/v1/payments/"+w.shopHas["payment"]+
		"/refunds", map[string]any{"amount": yen(50)})
	a := w.call(w.as("terminal"), http.MethodPost, "/v1/payments", map[string]any{
		"code": w.code(), "store_id": w.shop.ID, "terminal_id": w.shop.TerminalID,
		"amount": yen(100)})
	if a.status != http.StatusForbidden || a.problem() != "acquirer-not-open" {
		t.Errorf("a till sells: status %d %s", a.status, a.text)
	}
	if p := guest.get("/merchant?lang=en"); p.status != http.StatusOK ||
		!strings.Contains(string(p.text), "Suspended for now") {
		t.Errorf("the owner's page: status %d", p.status)
	}
	if p := guest.post("/merchant/keys", url.Values{"label": {"x"}, "role": {"merchant-owner"}}); p.
		status != http.StatusForbidden {
		t.Errorf("the owner makes a key: status %d", p.status)
	}

	w.setBank("closed")
	tried += w.whatIsLeft(ops, "place-closed", func(operation) bool { return false })
	if p := guest.get("/merchant"); !p.shut() {
		t.Errorf("the owner is still signed in: status %d, to %q", p.status, p.to)
	}
	for _, l := range w.about.Logins {
		if !inside(l.Email) {
			w.signIn(l)
			continue
		}
		guest.login = l
		p := guest.post("/account/sign-in?lang=en", url.Values{"email": {l.Email},
			"password": {l.Password}})
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(string(p.text),
			"is closed here") {
			t.Errorf("%s signs in: status %d, to %q", l.Email, p.status, p.to)
		}
	}
	if tried < 400 {
		t.Errorf("only %d calls", tried)
	}
}

// setBank gives the bank that has something to lose another status, and waits as long as that may
// take to be obeyed.
func (w *world) setBank(status string) {
	w.t.Helper()
	w.must(w.operator, http.MethodPut, "/v1/participants/"+w.shop.AcquirerID+"/status",
		map[string]any{"status": status})
	time.Sleep(2 * time.Second)
}

// whatIsLeft calls every operation by every key of the bank, its merchants and tills that has the
// role, and wants those refused that are not left, as they were without a body. It returns how
// many it called.
func (w *world) whatIsLeft(
	ops []operation, problem string, left func(operation) bool,
) (tried int) {
	w.t.Helper()
	for _, op := range ops {
		for _, c := range w.callers {
			if !slices.Contains(op.Roles, c.role) || c.role == "operator" {
				continue
			}
			a := w.call(c, op.method, w.address(op, w.shopHas), nil)
			tried++
			refused := a.status == http.StatusForbidden && a.problem() == problem
			if refused != (c.bank == w.shop.AcquirerID && !left(op)) {
				w.t.Errorf("%s by %s: status %d %s", op.ID, c.name, a.status, a.text)
			}
		}
	}
	return tried
}

package merchant_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/pay/webhook"
)

func text(no int64) string { return strconv.FormatInt(no, 10) }

// Goal: S1: nobody reads or changes what is another merchant's, or another store's when they are
// bound to one. Method: every address that names a thing, with another's in it, is answered 404, as
// one that names nothing is.
func TestAnothersThingsDoNotExist(t *testing.T) {
	t.Parallel()
	m := newMall(t)
	link, err := m.people.Invite(context.Background(), m.who["other"], people.Invitation{
		Email: "x@example.jp", Place: people.Place{Role: access.MerchantCashier,
			ParticipantNo: m.bank.No, MerchantNo: m.tea.MerchantNo}})
	if err != nil {
		t.Fatal(err)
	}
	owner := webhook.Owner{AcquirerNo: m.bank.No, MerchantNo: m.tea.MerchantNo}
	_, key, err := people.NewKeyring(m.people, access.New(m.db)).Make(context.Background(),
		m.who["other"], access.Grant{Role: access.MerchantOwner, ParticipantNo: m.bank.No,
			MerchantNo: owner.MerchantNo, Label: "x"})
	if err != nil {
		t.Fatal(err)
	}
	what := func(s shop) []string {
		return []string{"GET /merchant/payments/" + s.payment,
			"GET /merchant/payments/" + s.payment + "/refund",
			"POST /merchant/payments/" + s.payment + "/refund",
			"POST /merchant/payments/" + s.payment + "/refunds",
			"POST /merchant/tills/" + text(s.till.No) + "/open",
			"POST /merchant/tills/" + text(s.till.No) + "/link",
			"POST /merchant/tills/" + text(s.till.No) + "/sign-out",
			"GET /merchant/stands/" + text(s.No) + "/picture.svg",
			"GET /merchant/stands/file?size=a6&form=pdf&store=" + text(s.No)}
	}
	for _, path := range append(what(m.tea), "GET /merchant/stores/"+text(m.tea.No)+"/pin",
		"POST /merchant/stores/"+text(m.tea.No)+"/pin",
		"POST /merchant/stores/"+text(m.tea.No)+"/pin/remove",
		"POST /merchant/staff/invitations/"+link.ID+"/withdraw", "GET /merchant/staff/per_x",
		"POST /merchant/keys/"+key.ID+"/end", "GET /merchant/webhooks/whe_x",
		"POST /merchant/webhooks/whe_x/remove") {
		if w := m.visit("owner", path, "pin", "2468", "again", "2468"); w.Code != 404 {
			t.Errorf("owner, %s: %d", path, w.Code)
		}
	}
	for _, path := range what(m.east) {
		if w := m.visit("manager", path); w.Code != 404 {
			t.Errorf("manager of another store, %s: %d", path, w.Code)
		}
		if w := m.visit("owner", path); w.Code >= 400 {
			t.Errorf("owner, %s: %d", path, w.Code)
		}
	}
}

// Goal: lists and files hold what is in the scope, and nothing else. Method: the names of the three
// stores on every page that lists.
func TestListsStayWithinTheScope(t *testing.T) {
	t.Parallel()
	m := newMall(t)
	for who, sees := range map[string]string{"owner": "M1S1 M1S2", "manager": "M1S2",
		"other": "M2S1"} {
		for _, path := range []string{"/merchant", "/merchant/payments", "/merchant/payments.csv",
			"/merchant/takings", "/merchant/tills", "/merchant/stands",
			"/merchant/payments?store=" + text(m.tea.No),
			"/merchant/payments?store=" + text(m.east.No)} {
			w := m.visit(who, "GET "+path)
			if w.Code != http.StatusOK {
				t.Errorf("%s, %s: %d", who, path, w.Code)
			}
			for _, name := range []string{"M1S1", "M1S2", "M2S1"} {
				if strings.Contains(w.Body.String(), name) && !strings.Contains(sees, name) {
					t.Errorf("%s, %s: shows %s", who, path, name)
				}
			}
		}
	}
	if w := m.visit("clerk", "GET /merchant"); w.Code != http.StatusForbidden {
		t.Errorf("a bank's clerk: %d", w.Code)
	}
	if w := m.visit("nobody", "GET /merchant"); w.Code != http.StatusSeeOther {
		t.Errorf("a stranger: %d", w.Code)
	}
}

// Goal: S2: a cashier sees today, and has no page that changes anything.
func TestCashierSeesTodayOnly(t *testing.T) {
	t.Parallel()
	m := newMall(t)
	m.age(m.west.payment, 1)
	if w := m.visit("cashier", "GET /merchant/payments/"+m.west.payment); w.Code != 404 {
		t.Errorf("yesterday's payment: %d", w.Code)
	}
	if w := m.visit("cashier", "GET /merchant/payments?from=2020-01-01"); strings.Contains(
		w.Body.String(), m.west.payment) || !strings.Contains(w.Body.String(), m.east.payment) {
		t.Error("the list is not today's")
	}
	w := m.visit("cashier", "GET /merchant/payments/"+m.east.payment)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "/refund") {
		t.Errorf("today's payment: %d, or it offers a refund", w.Code)
	}
	for _, path := range []string{"GET /merchant/payments/" + m.east.payment + "/refund",
		"POST /merchant/payments/" + m.east.payment + "/refunds", "GET /merchant/payments.csv",
		"GET /merchant/takings", "GET /merchant/takings.csv", "GET /merchant/tills",
		"GET /merchant/stands", "GET /merchant/payouts", "GET /merchant/staff",
		"GET /merchant/webhooks", "GET /merchant/keys", "POST /merchant/keys",
		"POST /merchant/tills/" + text(m.east.till.No) + "/open"} {
		if w := m.visit("cashier", path); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"GET /merchant/payouts", "GET /merchant/webhooks",
		"GET /merchant/keys", "GET /merchant/stores/" + text(m.west.No) + "/pin"} {
		if w := m.visit("manager", path); w.Code != http.StatusForbidden {
			t.Errorf("manager, %s: %d", path, w.Code)
		}
	}
}

// Goal: S3: a PIN that is wrong gives nothing back, five of them close the form for a while, and an
// amount is looked at before. Method: a store with a PIN for every refund.
func TestRefundAsksForThePIN(t *testing.T) {
	t.Parallel()
	m := newMall(t)
	at := "/merchant/payments/" + m.east.payment
	if w := m.visit("owner", "POST /merchant/stores/"+text(m.east.No)+"/pin", "pin", "2468",
		"again", "2468"); w.Code != http.StatusSeeOther {
		t.Fatalf("set the PIN: %d", w.Code)
	}
	w := m.visit("owner", "POST "+at+"/refund", "part", "some", "amount", "1,981")
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("more than was paid: %d", w.Code)
	}
	w = m.visit("owner", "POST "+at+"/refund", "part", "some", "amount", "¥500")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `name="pin"`) {
		t.Fatalf("review: %d", w.Code)
	}
	for _, c := range []struct{ pin, says string }{{"", "Enter the manager"},
		{"1", "not right"}, {"2", "not right"}, {"3", "not right"}, {"4", "not right"},
		{"5", "Too many wrong"}, {"2468", "Too many wrong"}} {
		w := m.visit("owner", "POST "+at+"/refunds", "minor", "500", "request",
			"0123456789abcdef", "pin", c.pin)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("PIN %q: %d, without %q", c.pin, w.Code, c.says)
		}
	}
}

// Goal: S5 and RFC 4180: the file begins with a byte order mark, reads as CSV, and quotes a number
// of the shop's own that begins a formula.
func TestFilesForSpreadsheetsAreSafe(t *testing.T) {
	t.Parallel()
	m := newMall(t)
	m.update(func(ctx context.Context, tx *db.Tx) error { // 500 yen of a promise were captured
		_, err := tx.Exec(ctx, `update payment set captured_minor = 500 where id = $1`,
			m.west.payment)
		return err
	})
	taken := map[string]string{m.east.payment: "1980", m.west.payment: "500"}
	due := map[string]string{m.east.payment: "1940", m.west.payment: "460"}
	w := m.visit("owner", "GET /merchant/payments.csv")
	body, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	if !marked || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Error("no byte order mark, or no attachment")
	}
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || len(rows) != 3 || !strings.Contains(body, "\r\n") {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		if !strings.HasPrefix(row[8], "'=ref") || row[11] != "1980" || row[12] != taken[row[2]] ||
			row[15] != due[row[2]] {
			t.Errorf("row %q", row)
		}
	}
}

// Goal: S4: a key and an invitation are on the page that made them, and on no other.
func TestSecretsAreShownOnce(t *testing.T) {
	t.Parallel()
	m := newMall(t)
	w := m.visit("owner", "POST /merchant/keys", "label", "Books", "role", "merchant-manager",
		"store", text(m.west.No))
	at := strings.Index(w.Body.String(), "wk_")
	if w.Code != http.StatusOK || at < 0 {
		t.Fatalf("make a key: %d", w.Code)
	}
	secret := w.Body.String()[at : at+55]
	if strings.Contains(m.visit("owner", "GET /merchant/keys").Body.String(), secret) {
		t.Error("the key is shown again")
	}
	c, err := access.New(m.db).Authenticate(context.Background(), secret)
	if err != nil || c.StoreNo != m.west.No || c.Role != access.MerchantManager {
		t.Errorf("the key is of %+v, %v", c, err)
	}
	m.tillKeys()
	w = m.visit("manager", "POST /merchant/staff/invite", "email", "new@example.jp", "role",
		"merchant-cashier", "store", text(m.east.No))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), people.InvitationPath) {
		t.Fatalf("invite: %d", w.Code)
	}
	all, err := m.people.Invitations(context.Background(), m.who["owner"])
	if err != nil || len(all) != 1 || all[0].StoreNo != m.west.No {
		t.Errorf("invited to %+v, %v: not the manager's own store", all, err)
	}
	if w := m.visit("manager", "POST /merchant/staff/invite", "email", "boss@example.jp", "role",
		"merchant-owner"); w.Code < 400 {
		t.Errorf("a manager invites an owner: %d", w.Code)
	}
}

// tillKeys makes a till's own key, and none for what is no till of the shop's.
func (m *mall) tillKeys() {
	m.t.Helper()
	make := func(till string) (int, string) {
		w := m.visit("owner", "POST /merchant/keys", "label", "Till", "role", "terminal", "till",
			till, "store", text(m.east.No))
		at := strings.Index(w.Body.String(), "wk_")
		if at < 0 {
			return w.Code, ""
		}
		return w.Code, w.Body.String()[at : at+55]
	}
	_, secret := make(text(m.west.till.No))
	c, err := access.New(m.db).Authenticate(context.Background(), secret)
	if err != nil || c.Role != access.Terminal || c.TerminalNo != m.west.till.No ||
		c.StoreNo != m.west.No {
		m.t.Errorf("the till's key is of %+v, %v", c, err)
	}
	for _, till := range []string{"", "x", text(m.tea.till.No)} {
		if code, secret := make(till); code != http.StatusUnprocessableEntity || secret != "" {
			m.t.Errorf("a key for the till %q: %d", till, code)
		}
	}
}

// Goal: a list does not say that a part went back when a refund is only on its way. Method: a
// payment all of which is being returned, then a part that was.
func TestARefundOnItsWayIsNoRefund(t *testing.T) {
	t.Parallel()
	m := newMall(t)
	for _, c := range []struct {
		given, giving int64
		says, not     string
	}{{0, 1980, "Refund in process", "Partly refunded"},
		{500, 0, "Partly refunded", "Refund in process"}} {
		m.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update payment set refunded_minor = $1, refunding_minor = $2
				where id = $3`, c.given, c.giving, m.east.payment)
			return err
		})
		page := m.visit("owner", "GET /merchant/payments").Body.String()
		if !strings.Contains(page, c.says) || strings.Contains(page, c.not) {
			t.Errorf("%d given, %d on its way: does not say %q alone", c.given, c.giving, c.says)
		}
	}
}

package acquirer

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	trail "watari/kit/audit"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/pay/party"
	"watari/pay/payment"
)

// sold inserts a payment of the shop, of so many yen, and returns its id.
func (b *branch) sold(state payment.State, minor int64) string {
	b.t.Helper()
	pid := id.New("pay", int(b.home.No))
	b.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into payment (acquirer_no, id, request_id, channel, state,
				version, merchant_no, store_no, terminal_no, issuer_no, order_ref, order_minor,
				order_currency, pay_to_minor, pay_to_currency, settle_minor, settle_currency,
				rate_coef, rate_exp, mid_minor, mdr_minor, interchange_minor, scheme_minor,
				captured_minor, refunded_minor, refunding_minor, given_pay_to_minor,
				given_mid_minor, given_mdr_minor, given_interchange_minor, given_scheme_minor,
				reason, code_last4, customer, created_at_us, concluded_at_us, cancel_until_us,
				acquirer_agreement, issuer_agreement, notify_url, held, actor, way, step, hold,
				return_url, description, expires_at_us, capturing_minor, captures)
			values ($1, $2, $2, 'v1', $3, 1, $4, $5, 0, 0, '', $6, 'JPY', $6, 'JPY', $6, 'JPY',
				0, 0, 0, 40, 0, 0, $6, 0, 0, 0, 0, 0, 0, 0, '', '4711', '', $7, $7, 0, 1, 1, '',
				0, 'test', 'wallet_code', '', false, '', '', 0, 0, 0)`,
			b.home.No, pid, string(state), b.shop.MerchantNo, b.shop.No, minor,
			clock.Micros(clock.Now()))
		return err
	})
	return pid
}

// requestIn is the request id that the form of a refund carries.
var requestIn = regexp.MustCompile(`name="request" value="([a-z0-9_]+)"`)

func (b *branch) request(page string) string {
	b.t.Helper()
	found := requestIn.FindStringSubmatch(page)
	if found == nil {
		b.t.Fatal("no form for a refund")
	}
	return found[1]
}

// Goal: a refund whose form is sent twice is told as what it was, not as one too many. Method: the
// refund of all is there, under the id of the form.
func TestARefundSentTwiceIsToldTwice(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	pid := b.sold(payment.Captured, 1980)
	at := "/acquirer/payments/" + pid
	request := b.request(b.want(http.StatusOK, "clerk", "GET "+at))
	b.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into payment_refund (acquirer_no, id, payment_id,
				request_id, state, order_minor, order_currency, pay_to_minor, pay_to_currency,
				mid_minor, mdr_minor, interchange_minor, scheme_minor, reason, failure, their_id,
				store_no, terminal_no, tries, doubts, held, created_at_us, concluded_at_us,
				actor)
			values ($1, $2, $3, $4, 'succeeded', 1980, 'JPY', 1980, 'JPY', 0, 40, 0, 0, '', '',
				'', $5, 0, 0, 0, 0, $6, $6, 'test')`,
			b.home.No, id.New("rfd", int(b.home.No)), pid, request, b.shop.No,
			clock.Micros(clock.Now()))
		if err == nil {
			_, err = tx.Exec(ctx, `update payment set state = 'refunded', refunded_minor = 1980
				where id = $1`, pid)
		}
		return err
	})
	if to := b.want(http.StatusSeeOther, "clerk", "POST "+at+"/refunds", "amount", "1980",
		"reason", "wrong bowl", "request", request); to != at {
		t.Errorf("the second time leads to %s", to)
	}
}

// Goal: a refund that nobody has answered is sent again under the same id, so that it is given
// once; one that was refused begins anew, for a refusal is kept with its id. Method: a payment that
// the core refuses, then a core that is gone.
func TestARefundWithoutAnAnswerKeepsItsName(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	at := "/acquirer/payments/" + b.sold(payment.Captured, 1980)
	send := func(request string) string {
		return b.want(http.StatusUnprocessableEntity, "clerk", "POST "+at+"/refunds", "amount",
			"500", "reason", "wrong bowl", "request", request)
	}
	first := b.request(b.want(http.StatusOK, "clerk", "GET "+at))
	if page := send("m1 1001"); b.request(page) == first || !strings.Contains(page,
		"wrong bowl") {
		t.Error("a name that no page has made is taken, or what was typed is lost")
	}
	w := b.ask("clerk", "POST "+at+"/refunds", "amount", "500", "reason", "wrong bowl",
		"request", first)
	if w.Code != http.StatusConflict || b.request(w.Body.String()) == first {
		t.Errorf("a refusal: %d, under the same name", w.Code)
	}
	b.core.Close()
	second := b.request(w.Body.String())
	if page := send(second); b.request(page) != second ||
		!strings.Contains(page, "given once") {
		t.Error("another name for what may have been given")
	}
}

// Goal: a list that a filter did not narrow is not shown as if it had. Method: an amount that is
// none, an old payment with and without days.
func TestASearchSaysWhatItSearched(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	pid := b.sold(payment.Captured, 1980)
	if page := b.want(http.StatusOK, "viewer", "GET /acquirer/payments?amount=lots"); strings.
		Contains(page, pid) || !strings.Contains(page, "whole yen") {
		t.Error("what is no amount finds everything")
	}
	page := b.want(http.StatusOK, "viewer", "GET /acquirer/payments?amount=1%2C980")
	if !strings.Contains(page, pid) || !strings.Contains(page, "Japan time") {
		t.Error("an amount does not find its payment, or nobody is told which days it looked at")
	}
	until := clock.Now().In(clock.JST).AddDate(0, 0, -1).Format(time.DateOnly)
	if page := b.want(http.StatusOK, "viewer", "GET /acquirer/payments?until="+until); strings.
		Contains(page, pid) {
		t.Error("today's payment is found yesterday")
	}
	for _, odd := range []string{"from=0001-01-01", "until=9999-12-31", "until=0001-01-01"} {
		b.want(http.StatusOK, "viewer", "GET /acquirer/payments?"+odd)
	}
}

// Goal: a clerk sets and removes the manager's PIN, changes what customers know the shop by, and
// neither takes back the other. Method: each form, wrong and right.
func TestAClerkKeepsAShop(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	at := "/acquirer/shops/" + itoa(b.shop.No)
	for _, c := range []struct{ pin, again, says string }{{"12", "12", "4 to 12 digits"},
		{"2468", "2469", "not the same"}} {
		page := b.want(http.StatusUnprocessableEntity, "clerk", "POST "+at+"/pin", "pin", c.pin,
			"again", c.again)
		if !strings.Contains(page, c.says) || strings.Contains(page, `value="`+c.pin) {
			t.Errorf("PIN %s: not told what is wrong, or shown again", c.pin)
		}
	}
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/pin", "pin", "2468", "again", "2468")
	if page := b.want(http.StatusUnprocessableEntity, "clerk", "POST "+at+"/edit", "name", "",
		"name_ja", "蕎麦 下呂店", "prefecture", "21"); !strings.Contains(page, "蕎麦 下呂店") {
		t.Error("what was typed is lost")
	}
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/edit", "name", "Soba, Gero", "name_ja",
		"蕎麦 下呂店", "prefecture", "21", "city", "Gero", "postal_code", "509-2207")
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/limits", "pin_above_minor", "3,000")
	s := b.store()
	if !s.CheckPIN("2468") || s.Name != "Soba, Gero" || s.PostalCode != "5092207" ||
		s.PINAboveMinor != 3000 || s.MCC != "5812" {
		t.Errorf("the shop is %+v", s)
	}
	if page := b.want(http.StatusOK, "clerk", "GET "+at); !strings.Contains(page, "5092207") {
		t.Error("the place is not shown")
	}
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/pin/remove")
	if s := b.store(); s.ManagerPINHash != "" {
		t.Error("the PIN is still there")
	}
}

// store is the shop as the directory has it.
func (b *branch) store() party.Store {
	b.t.Helper()
	p, err := b.dir.Store(context.Background(), b.shop.No)
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Store
}

// Goal: a clerk reads the names of the bank's keys, as a viewer does, and ends none; another bank's
// are not there. Method: a key of each bank.
func TestClerksReadTheNamesOfKeys(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	for label, no := range map[string]int64{"Core of Hida": b.home.No,
		"Core of Kyoto": b.away.No} {
		b.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := b.keys.Create(ctx, tx, access.Grant{Role: access.Acquirer,
				ParticipantNo: no, Label: label})
			return err
		})
	}
	for _, who := range []string{"admin", "clerk", "viewer"} {
		page := b.want(http.StatusOK, who, "GET /acquirer/keys")
		if !strings.Contains(page, "Core of Hida") || strings.Contains(page, "Core of Kyoto") {
			t.Errorf("%s reads other names", who)
		}
	}
}

// Goal: an administrator takes the bank's trail along, and somebody else can check it; nobody else
// does. Method: the export, verified; then a clerk's.
func TestAnAdministratorExportsTheTrail(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	w := b.ask("admin", "GET /acquirer/audit/export")
	r, err := trail.Verify(w.Body)
	if w.Code != http.StatusOK || err != nil || r.AcquirerNo != b.home.No || r.Events == 0 ||
		!strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%d, %+v, %v", w.Code, r, err)
	}
	b.want(http.StatusForbidden, "clerk", "GET /acquirer/audit/export")
	if page := b.want(http.StatusOK, "clerk", "GET /acquirer/audit"); strings.Contains(page,
		"audit/export\"") {
		t.Error("a clerk is offered the export")
	}
}

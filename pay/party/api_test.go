package party_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"watari/pay/party"
)

// Goal: what an acquirer makes is what payments find, and what it changes is what they obey.
// Method: make a shop, change all its terms, look it up in the directory.
func TestAcquirerKeepsItsShops(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		if p := s.point(s.gifu); p.Usable() != nil || p.Merchant.MDRPPM != 29_500 ||
			*p.Store.PerPaymentMaxMinor != 50_000 || !p.Terminal.CanRefund {
			t.Errorf("made: %+v", p)
		}

		s.must(http.StatusOK, s.gifu.key, "PUT /v1/merchants/M1", `{"name":"Hida Soba Co.",
			"mcc":"5814","mdr_ppm":25000,"unverified":false}`)
		s.must(http.StatusOK, s.gifu.key, "PUT /v1/stores/S1/manager-pin", `{"pin":"9753"}`)
		store := s.must(http.StatusOK, s.gifu.key, "PUT /v1/stores/S1", `{"name":"Gero",
			"prefecture":"20","mcc":"5814","unverified":false,"per_payment_max_minor":null,
			"per_day_max_minor":900000,"refund_day_max_minor":100000,"pin_above_minor":5000}`)
		terminal := s.must(http.StatusOK, s.gifu.key, "PUT /v1/stores/S1/terminals/T1",
			`{"label":"Bar","can_refund":false,"refund_day_max_minor":20000,"failures_max":7}`)

		p := s.point(s.gifu)
		if p.Merchant.Name != "Hida Soba Co." || p.Merchant.NameJA != "" ||
			p.Merchant.MDRPPM != 25_000 || p.Store.Name != "Gero" || p.Store.Prefecture != "20" ||
			p.Store.PerPaymentMaxMinor != nil || *p.Store.PerDayMaxMinor != 900_000 ||
			*p.Store.RefundDayMaxMinor != 100_000 || !p.Store.CheckPIN("9753") ||
			!p.Store.PINNeeded(5_001) || p.Terminal.Label != "Bar" || p.Terminal.CanRefund ||
			*p.Terminal.RefundDayMaxMinor != 20_000 || p.Terminal.FailuresMax != 7 {
			t.Errorf("changed: %+v", p)
		}
		if store.body["manager_pin"] != true || store.body["merchant_id"] != "M1" ||
			store.body["per_payment_max_minor"] != nil || terminal.body["store_id"] != "S1" ||
			terminal.body["subject"] != "terminal:1" {
			t.Errorf("shown: %v, %v", store.body, terminal.body)
		}
		read := s.must(http.StatusOK, s.gifu.key, "GET /v1/stores/S1?merchant_id=M1", "")
		if !reflect.DeepEqual(read.body, store.body) {
			t.Errorf("read %v after %v", read.body, store.body)
		}

		s.must(http.StatusOK, s.gifu.key, "DELETE /v1/stores/S1/manager-pin", "")
		if p := s.point(s.gifu); p.Store.PINNeeded(5_001) || p.Store.PINAboveMinor != 5_000 {
			t.Errorf("without a PIN: %+v", p.Store)
		}
	})
}

// Goal: a store that is suspended is refused by the very next look, and closed is final. Method:
// each kind through its statuses over HTTP, with the directory that payments ask.
func TestSuspendedIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		want(t, "before", s.point(s.gifu).Usable(), nil)
		for _, c := range []struct {
			key, path string
			want      error
		}{
			{s.gifu.key, "/v1/stores/S1/terminals/T1/status", party.ErrTerminalNotOpen},
			{s.gifu.key, "/v1/stores/S1/status", party.ErrStoreNotOpen},
			{s.gifu.key, "/v1/merchants/M1/status", party.ErrMerchantNotOpen},
			{s.staff, "/v1/participants/GIFU/status", party.ErrAcquirerNotOpen},
		} {
			got := s.must(http.StatusOK, c.key, "PUT "+c.path, `{"status":"suspended"}`)
			if got.body["status"] != "suspended" {
				t.Errorf("%s: shown as %v", c.path, got.body)
			}
			if err := s.point(s.gifu).Usable(); !isProblem(err, c.want) {
				t.Errorf("%s: payments get %v, want %v", c.path, err, c.want)
			}
			s.must(http.StatusOK, c.key, "PUT "+c.path, `{"status":"suspended"}`)
			s.must(http.StatusOK, c.key, "PUT "+c.path, `{"status":"open"}`)
			want(t, c.path, s.point(s.gifu).Usable(), nil)
		}

		s.must(http.StatusOK, s.gifu.key, "PUT /v1/stores/S1/status", `{"status":"closed"}`)
		again := s.must(http.StatusConflict, s.gifu.key, "PUT /v1/stores/S1/status",
			`{"status":"open"}`)
		if again.slug() != "party-status-conflict" || again.body["status"] == nil {
			t.Errorf("reopened: %v", again.body)
		}
		want(t, "closed", s.point(s.gifu).Usable(), party.ErrStoreNotOpen)
	})
}

// Goal: input that is not valid is refused with every wrong field named, and nothing is written.
// Method: a table of bodies and queries.
func TestBadInputNamesItsFields(t *testing.T) {
	t.Parallel()
	const merchant, store = "POST /v1/merchants", "POST /v1/stores"
	const terminal = "POST /v1/stores/S1/terminals"
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		before, err := s.dir.Reference(t.Context())
		want(t, "reference", err, nil)
		for _, c := range []struct{ what, body, fields string }{
			{merchant, `{}`, "/id /mcc /mdr_ppm /name"},
			{merchant, `{"id":" M2","name":"x","mcc":"58a2","mdr_ppm":1000001}`,
				"/id /mcc /mdr_ppm"},
			{merchant, `{"id":"M2","name":" 　","mcc":"5812","mdr_ppm":-1}`, "/mdr_ppm /name"},
			{merchant, `{"id":"M2","name":"a‮b","mcc":"5812","mdr_ppm":0}`, "/name"},
			{merchant, `{"id":"M2","name":"x","mcc":"5812","mdr_ppm":"2%"}`, "/mdr_ppm"},
			{merchant, `{"id":"M2","name":"x","mcc":"5812","mdr_ppm":0,"no":7}`, "/no"},
			{merchant, `{"id":"` + strings.Repeat("長", 65) + `","name":"x","mcc":"5812",
				"mdr_ppm":0}`, "/id"},
			{"PUT /v1/merchants/M1", `{"name":"x","mcc":"5812","mdr_ppm":0}`, "/unverified"},
			{"PUT /v1/merchants/M1/status", `{"status":"gone"}`, "/status"},
			{store, `{"id":"S2","merchant_id":"M1","name":"x","prefecture":"48","mcc":"1"}`,
				"/mcc /prefecture"},
			{store, `{"id":"S2","merchant_id":"M1","name":"x","prefecture":"21","mcc":"5812",
				"per_payment_max_minor":-1,"pin_above_minor":-1}`,
				"/per_payment_max_minor /pin_above_minor"},
			{store, `{"id":"S2","merchant_id":"M1","name":"x","prefecture":"21","mcc":"5812",
				"per_day_max_minor":9007199254740992}`, "/per_day_max_minor"},
			{"PUT /v1/stores/S1", `{"name":"x","prefecture":"21","mcc":"5812",
				"unverified":false}`, "/per_day_max_minor /per_payment_max_minor " +
				"/pin_above_minor /refund_day_max_minor"},
			{"PUT /v1/stores/S1", `{"name":"x","prefecture":"21","mcc":"5812",
				"unverified":true,"per_payment_max_minor":30001,"per_day_max_minor":null,
				"refund_day_max_minor":null,"pin_above_minor":0}`,
				"/per_day_max_minor /per_payment_max_minor"},
			{"PUT /v1/stores/S1/manager-pin", `{"pin":"12a4"}`, "/pin"},
			{terminal, `{"id":"T2","label":"a‮b","can_refund":true}`, "/label"},
			{terminal, `{"id":"T2","can_refund":true,"failures_max":101}`, "/failures_max"},
			{"GET /v1/stores?prefecture=Gifu", "", "query:prefecture"},
			{"GET /v1/stores?cursor=x", "", "query:cursor"},
			{"GET /v1/merchants?cursor=99", "", "query:cursor"},
			{"GET /v1/stores/S1/terminals?cursor=99", "", "query:cursor"},
			{"GET /v1/merchants?state=open", "", "query:state"},
			{"POST /v1/keys", `{"version":1000000,"public_key":"AAAA"}`, "/version"},
			{"POST /v1/keys", `{"version":1,"public_key":"-----BEGIN PUBLIC KEY-----"}`,
				"/public_key"},
			{"POST /v1/keys", `{"version":1,"public_key":"AAAA"}`, "/public_key"},
			{"POST /v1/keys/-1/retire", "", "path:version"},
		} {
			got := s.call(s.gifu.key, c.what, c.body)
			if fields := strings.Join(got.fields(), " "); fields != c.fields ||
				got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s %s: got %d %s naming %q, want %q", c.what, c.body, got.status,
					got.slug(), fields, c.fields)
			}
		}
		after, err := s.dir.Reference(t.Context())
		if err != nil || after != before {
			t.Errorf("the directory went from %+v to %+v, %v", before, after, err)
		}
	})
}

// Goal: what belongs to another acquirer is not there, for reading and for writing. Method: every
// address of one's shop asked with the other's key, and lists of both.
func TestOtherAcquirersSeeNothing(t *testing.T) {
	t.Parallel()
	const terms = `{"name":"x","mcc":"5812","mdr_ppm":0,"unverified":false}`
	const storeTerms = `{"name":"x","prefecture":"21","mcc":"5812","unverified":false,
		"per_payment_max_minor":null,"per_day_max_minor":null,"refund_day_max_minor":null,
		"pin_above_minor":0}`
	const closed = `{"status":"closed"}`
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		before := s.point(s.gifu)
		till := "/v1/stores/S1/terminals/T1"
		for _, c := range []struct{ what, body, slug string }{
			{"GET /v1/merchants/M1", "", "merchant-unknown"},
			{"PUT /v1/merchants/M1", terms, "merchant-unknown"},
			{"PUT /v1/merchants/M1/status", closed, "merchant-unknown"},
			{"GET /v1/stores/S1", "", "store-unknown"},
			{"GET /v1/stores/S1?merchant_id=M1", "", "merchant-unknown"},
			{"GET /v1/stores?merchant_id=M1", "", "merchant-unknown"},
			{"PUT /v1/stores/S1", storeTerms, "store-unknown"},
			{"PUT /v1/stores/S1/status", closed, "store-unknown"},
			{"PUT /v1/stores/S1/manager-pin", `{"pin":"1234"}`, "store-unknown"},
			{"DELETE /v1/stores/S1/manager-pin", "", "store-unknown"},
			{"POST /v1/stores", `{"id":"S2","merchant_id":"M1","name":"x","prefecture":"21",
				"mcc":"5812"}`, "merchant-unknown"},
			{"GET /v1/stores/S1/terminals", "", "store-unknown"},
			{"POST /v1/stores/S1/terminals", `{"id":"T2","can_refund":true}`, "store-unknown"},
			{"GET " + till, "", "store-unknown"},
			{"PUT " + till, `{"label":"x","can_refund":true,"refund_day_max_minor":null,
				"failures_max":0}`, "store-unknown"},
			{"PUT " + till + "/status", closed, "store-unknown"},
			{"POST " + till + "/activations", "", "store-unknown"},
			{"DELETE " + till + "/sessions", "", "store-unknown"},
			{"POST /v1/keys/1/retire", "", "key-version-unknown"},
		} {
			got := s.call(s.kyoto.key, c.what, c.body)
			if got.status != http.StatusNotFound || got.slug() != c.slug {
				t.Errorf("%s: got %d %v, want %s", c.what, got.status, got.body, c.slug)
			}
		}

		for _, list := range []string{"/v1/merchants", "/v1/stores", "/v1/keys"} {
			if got := s.must(http.StatusOK, s.kyoto.key, "GET "+list, ""); len(
				got.body["items"].([]any)) != 0 {
				t.Errorf("%s: %v", list, got.body)
			}
		}
		if now := s.point(s.gifu); !reflect.DeepEqual(now, before) {
			t.Errorf("changed to %+v", now)
		}
		for _, c := range []struct{ key, what string }{
			{s.gifu.key, "GET /v1/participants"}, {s.staff, "GET /v1/merchants"},
		} {
			if got := s.call(c.key, c.what, ""); got.slug() != "role-not-allowed" {
				t.Errorf("%s: %v", c.what, got.body)
			}
		}
	})
}

// Goal: a list is whole and in order over its pages, and its filters choose. Method: seven stores
// of two merchants, two of them of the same id, read two at a time.
func TestListsAreWholeOverTheirPages(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.kyoto) // another's, in between
		for _, m := range []string{"M1", "M2"} {
			s.must(http.StatusCreated, s.gifu.key, "POST /v1/merchants",
				`{"id":"`+m+`","name":"x","mcc":"5812","mdr_ppm":0}`)
		}
		for i, id := range []string{"S5", "S1", "S3", "S2", "S4", "S3", "S0"} {
			s.must(http.StatusCreated, s.gifu.key, "POST /v1/stores", fmt.Sprintf(`{"id":%q,
				"merchant_id":"M%d","name":"x","prefecture":"%02d","mcc":"5812"}`, id, 1+i%2,
				20+i%3))
		}
		s.must(http.StatusOK, s.gifu.key, "PUT /v1/stores/S4/status", `{"status":"suspended"}`)

		for path, want := range map[string]string{
			"/v1/stores?limit=2":                           "S0 S1|S2 S3|S3 S4|S5",
			"/v1/stores?limit=3&merchant_id=M1":            "S0 S3 S4|S5",
			"/v1/stores?prefecture=21&limit=50":            "S1 S4",
			"/v1/stores?status=suspended":                  "S4",
			"/v1/stores?status=open&prefecture=20&limit=1": "S0|S2|S5",
			"/v1/stores?status=closed":                     "",
			"/v1/merchants?limit=1":                        "M1|M2",
			"/v1/stores/S0/terminals":                      "",
		} {
			if got := s.pages(path); got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
		if got := s.must(http.StatusNotFound, s.gifu.key, "GET /v1/stores/S3", ""); !strings.Contains(
			got.body["detail"].(string), "name the merchant") {
			t.Errorf("a store id of two merchants: %v", got.body)
		}
		two := s.must(http.StatusOK, s.gifu.key, "GET /v1/stores/S3?merchant_id=M2", "")
		if two.body["merchant_id"] != "M2" {
			t.Errorf("a store id of two merchants: %v", two.body)
		}
	})
}

// pages reads a list to its end; pages are parted by a stroke.
func (s *service) pages(path string) string {
	s.t.Helper()
	var all []string
	next := path
	for range 20 {
		got := s.must(http.StatusOK, s.gifu.key, "GET "+next, "")
		all = append(all, got.ids())
		cursor, more := got.body["next_cursor"].(string)
		if !more {
			break
		}
		next = path + "&cursor=" + cursor
	}
	return strings.Join(all, "|")
}

// Goal: a request to make something may be repeated, and says so when the id is another's. Method:
// each twice, then with other content.
func TestMakingIsSafeToRepeat(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		key := base64.StdEncoding.EncodeToString(rsaKeys()[0])
		other := base64.StdEncoding.EncodeToString(rsaKeys()[1])
		for _, c := range []struct{ what, body, old, new, field string }{
			{"POST /v1/merchants", `{"id":"M9","name":" Soba ","mcc":"5812","mdr_ppm":1}`,
				`"mdr_ppm":1`, `"mdr_ppm":2`, "/id"},
			{"POST /v1/stores", `{"id":"S9","merchant_id":"M1","name":"x","prefecture":"21",
				"mcc":"5812","per_day_max_minor":5}`, `_minor":5`, `_minor":6`, "/id"},
			{"POST /v1/stores/S1/terminals", `{"id":"T9","can_refund":true,
				"refund_day_max_minor":5}`, `_minor":5`, `_minor":6`, "/id"},
			{"POST /v1/keys", `{"version":9,"public_key":"` + key + `"}`, key, other, "/version"},
		} {
			first := s.must(http.StatusCreated, s.gifu.key, c.what, c.body)
			again := s.must(http.StatusOK, s.gifu.key, c.what, c.body)
			if !reflect.DeepEqual(first.body, again.body) {
				t.Errorf("%s: %v, then %v", c.what, first.body, again.body)
			}
			changed := s.must(http.StatusConflict, s.gifu.key, c.what,
				strings.Replace(c.body, c.old, c.new, 1))
			if changed.slug() != "party-taken" || !slices.Equal(changed.fields(),
				[]string{c.field}) {
				t.Errorf("%s: %v", c.what, changed.body)
			}
		}
	})
}

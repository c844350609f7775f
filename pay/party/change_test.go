package party_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/party"
)

// terms is a proposal for GIFU's agreement with these other fields.
func terms(more string) string {
	return `{"participant_id":"GIFU","note":"as agreed on the phone","role":"acquirer",
		"currency":"JPY","zone":"Asia/Tokyo"` + more + `}`
}

const agreements = "POST /v1/change-requests/agreements"

// agreement is GIFU's, as it is in force.
func (s *service) agreement() party.Agreement {
	s.t.Helper()
	a, err := s.dir.Agreement(s.t.Context(), s.gifu.No, party.Acquirer, "JPY")
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// proposed makes a proposal and returns the path of the change.
func (s *service) proposed(what, body string) string {
	s.t.Helper()
	a := s.must(http.StatusCreated, s.staff, what, body)
	return "/v1/change-requests/" + a.body["id"].(string)
}

// Goal: fees change by two people, from a time, and what was agreed before stays as it is (R6,
// R11). Method: one proposes and cannot approve; another does; the version before is read again.
func TestAgreementIsChangedByTwoPeople(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		path := s.proposed(agreements, terms(`,"scheme_ppm":2000,"interchange_ppm":9000`))
		if a := s.agreement(); a.Version != 1 || a.SchemePPM != 0 {
			t.Fatalf("it is in force before a second person looked: %+v", a)
		}
		if a := s.call(s.staff, "POST "+path+"/approve", ""); a.status != http.StatusForbidden ||
			a.slug() != "change-request-own" {
			t.Errorf("the maker approves: %d %s", a.status, a.slug())
		}
		s.must(http.StatusForbidden, s.gifu.key, "POST "+path+"/approve", "")
		done := s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		if done.body["maker"] != "staff" || done.body["checker"] != "chief" ||
			done.body["subject"] != party.Subject(party.KindParticipant, s.gifu.No) {
			t.Errorf("got %v", done.body)
		}
		content := done.body["content"].(map[string]any)
		was, becomes := content["was"].(map[string]any), content["becomes"].(map[string]any)
		if fmt.Sprint(was["scheme_ppm"], becomes["scheme_ppm"]) != "0 2000" {
			t.Errorf("the checker saw %v", content)
		}
		if a := s.agreement(); a.Version != 2 || a.SchemePPM != 2000 || a.InterchangePPM != 9000 {
			t.Errorf("in force: %+v", a)
		}
		old, err := s.dir.AgreementVersion(t.Context(), s.gifu.No, party.Acquirer, "JPY", 1)
		if err != nil || old.SchemePPM != 0 {
			t.Errorf("what payments were made under: %+v, %v", old, err)
		}
		all, err := s.log.Subject(t.Context(), done.body["subject"].(string))
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range all {
			kinds = append(kinds, e.Kind)
		}
		if got := strings.Join(kinds, " "); got != "participant.added agreement.added "+
			"change.proposed agreement.added change.approved" {
			t.Errorf("events: %s", got)
		}
		if e := all[3]; e.Actor != "change:"+done.body["id"].(string) {
			t.Errorf("the new version is by %s", e.Actor)
		}
	})
}

// Goal: a version that is agreed for later comes in force then, and one that is approved late,
// when it is approved. Method: a time to come; then one that passes before the approval.
func TestAgreementFromATime(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		later := clock.Now().Add(1500 * time.Millisecond)
		path := s.proposed(agreements, terms(`,"scheme_ppm":2000,"from":"`+
			later.Format(time.RFC3339Nano)+`"`))
		s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		if a := s.agreement(); a.Version != 1 && clock.Now().Before(later) {
			t.Errorf("in force too early: %+v", a)
		}
		path = s.proposed(agreements, terms(`,"scheme_ppm":3000,"from":"`+
			later.Format(time.RFC3339Nano)+`"`))
		time.Sleep(later.Sub(clock.Now()) + 50*time.Millisecond)
		if a := s.agreement(); a.Version != 2 || a.SchemePPM != 2000 {
			t.Errorf("when its time has come: %+v", a)
		}
		before := clock.Micros(clock.Now())
		s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		if a := s.agreement(); a.Version != 3 || a.FromUS < before {
			t.Errorf("approved late: %+v, it was %d", a, before)
		}
	})
}

// Goal: what cannot be changed is refused at once, and what was overtaken when it is approved.
// Method: wrong fields, nothing new, no such agreement; two proposals from one version.
func TestAgreementChangeIsChecked(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		for body, want := range map[string]string{
			terms(``):                                             "party-invalid",
			terms(`,"spread_ppm":5`):                              "party-invalid",
			terms(`,"from":"2020-01-01T00:00:00Z"`):               "party-invalid",
			strings.Replace(terms(``), "JPY", "CNY", 1):           "agreement-unknown",
			strings.Replace(terms(``), "GIFU", "X", 1):            "participant-unknown",
			terms(`,"cap_minor":5,"from":"2199-01-01T00:00:00Z"`): "party-invalid",
		} {
			if a := s.call(s.staff, agreements, body); a.slug() != want {
				t.Errorf("%s: %d %s, want %s", body, a.status, a.slug(), want)
			}
		}
		first := s.proposed(agreements, terms(`,"scheme_ppm":2000`))
		second := s.proposed(agreements, terms(`,"scheme_ppm":3000`))
		s.must(http.StatusOK, s.chief, "POST "+second+"/approve", "")
		if a := s.call(s.chief, "POST "+first+"/approve", ""); a.slug() != "change-request-stale" {
			t.Errorf("overtaken: %d %s", a.status, a.slug())
		}
		s.must(http.StatusOK, s.staff, "POST "+first+"/reject", "")
		if a := s.agreement(); a.SchemePPM != 3000 || a.Version != 2 {
			t.Errorf("in force: %+v", a)
		}
		if open := s.must(http.StatusOK, s.chief, "GET /v1/change-requests?state=open",
			""); len(open.body["items"].([]any)) != 0 {
			t.Errorf("open: %v", open.body)
		}
	})
}

// Goal: keys of a participant are added and retired by two people (R11). Method: add one, use it,
// retire it; a version twice, a broken key, a version that was never there.
func TestKeysAreChangedByTwoPeople(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		const keys = "POST /v1/change-requests/keys"
		der := base64.StdEncoding.EncodeToString(rsaKeys()[0])
		add := fmt.Sprintf(`{"participant_id":"GIFU","action":"add","version":7,"public_key":%q}`,
			der)
		retire := `{"participant_id":"GIFU","action":"retire","version":7}`
		if a := s.call(s.staff, keys, retire); a.slug() != "key-version-unknown" {
			t.Errorf("retire what is not there: %d %s", a.status, a.slug())
		}
		if a := s.call(s.staff, keys, strings.Replace(add, der, "AAAA", 1)); a.slug() !=
			"party-invalid" {
			t.Errorf("a broken key: %d %s", a.status, a.slug())
		}
		path, again := s.proposed(keys, add), s.proposed(keys, add)
		if _, _, err := s.dir.Keys(t.Context(), s.gifu.No, 7); err == nil {
			t.Error("the key verifies before a second person looked")
		}
		s.must(http.StatusForbidden, s.staff, "POST "+path+"/approve", "")
		s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		if _, _, err := s.dir.Keys(t.Context(), s.gifu.No, 7); err != nil {
			t.Errorf("the key does not verify: %v", err)
		}
		if a := s.call(s.chief, "POST "+again+"/approve", ""); a.slug() != "party-taken" {
			t.Errorf("the same version again: %d %s", a.status, a.slug())
		}
		path = s.proposed(keys, retire)
		s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		if _, _, err := s.dir.Keys(t.Context(), s.gifu.No, 7); err == nil {
			t.Error("a retired key verifies")
		}
	})
}

// Goal: where a participant is called is changed by two people (R11). Method: another name; a
// broken address; a proposal that was overtaken.
func TestParticipantIsChangedByTwoPeople(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		const what = "POST /v1/change-requests/participants"
		body := func(name, url string) string {
			return fmt.Sprintf(`{"participant_id":"KYOTO","name":%q,"base_url":%q}`, name, url)
		}
		for _, wrong := range []string{body("Kyoto Bank", "ftp://x"), body("Bank KYOTO", "")} {
			if a := s.call(s.staff, what, wrong); a.slug() != "party-invalid" {
				t.Errorf("%s: %d %s", wrong, a.status, a.slug())
			}
		}
		path := s.proposed(what, body("Kyoto Bank", "https://kyoto.example"))
		old := s.proposed(what, body("Heian Bank", ""))
		s.must(http.StatusForbidden, s.staff, "POST "+path+"/approve", "")
		s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		p, err := s.dir.Participant(t.Context(), s.kyoto.No)
		if err != nil || p.Name != "Kyoto Bank" || p.BaseURL != "https://kyoto.example" {
			t.Errorf("got %+v, %v", p, err)
		}
		if a := s.call(s.chief, "POST "+old+"/approve", ""); a.slug() != "change-request-stale" {
			t.Errorf("overtaken: %d %s", a.status, a.slug())
		}
	})
}

// Goal: whoever counts is told, in the same transaction, when a cap comes in force where there was
// none, and not otherwise (R12). Method: a first agreement with a cap, one without, a cap, another
// cap, none, a cap again; and a count that fails.
func TestFirstCapIsCounted(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		var counted []int64
		var failure error
		s.reg.WhenCapped(func(_ context.Context, _ *db.Tx, a party.Agreement) error {
			counted = append(counted, *a.CapMinor)
			return failure
		})
		for _, more := range []string{`,"scheme_ppm":1`, `,"cap_minor":500`, `,"cap_minor":600`,
			``, `,"cap_minor":700`} {
			path := s.proposed(agreements, terms(more))
			s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		}
		if fmt.Sprint(counted) != "[500 700]" {
			t.Errorf("counted at %v", counted)
		}
		path := s.proposed(agreements, terms(``))
		s.must(http.StatusOK, s.chief, "POST "+path+"/approve", "")
		failure = party.ErrInvalid.Newf("no ledger")
		path = s.proposed(agreements, terms(`,"cap_minor":800`))
		if a := s.call(s.chief, "POST "+path+"/approve", ""); a.slug() != "party-invalid" {
			t.Errorf("uncounted: %d %s", a.status, a.slug())
		}
		if a := s.agreement(); a.CapMinor != nil {
			t.Errorf("a cap that was not counted is in force: %+v", a)
		}
	})
}

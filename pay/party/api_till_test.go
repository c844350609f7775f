package party_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/event"
	"watari/pay/party"
)

func isProblem(err, want error) bool { return errors.Is(err, want) }

// Goal: an acquirer hands out a till by a link that works once, and takes it back. Method: make a
// link, use it as the till's page does, end the sessions, close the terminal.
func TestAcquirerHandsOutATill(t *testing.T) {
	t.Parallel()
	const till = "/v1/stores/S1/terminals/T1"
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		link := s.must(http.StatusCreated, s.gifu.key, "POST "+till+"/activations", "")
		secret, ok := strings.CutPrefix(link.body["activation_url_path"].(string),
			"/till/activate/")
		if !ok {
			t.Fatalf("link: %v", link.body)
		}
		until, err := time.Parse(time.RFC3339, link.body["expires_at"].(string))
		if rest := until.Sub(clock.Now()); err != nil || rest < 23*time.Hour ||
			rest > 24*time.Hour {
			t.Errorf("expires in %v, %v", rest, err)
		}

		session, terminal, err := s.reg.Activate(t.Context(), secret)
		if err != nil || terminal.ID != "T1" {
			t.Fatalf("activate: %+v, %v", terminal, err)
		}
		_, _, err = s.reg.Activate(t.Context(), secret)
		want(t, "used twice", err, party.ErrActivation)
		_, err = s.dir.TerminalSession(t.Context(), session)
		want(t, "session", err, nil)

		ended := s.must(http.StatusOK, s.gifu.key, "DELETE "+till+"/sessions", "")
		if fmt.Sprint(ended.body["ended"]) != "1" {
			t.Errorf("ended: %v", ended.body)
		}
		_, err = s.dir.TerminalSession(t.Context(), session)
		want(t, "ended session", err, party.ErrSession)

		s.must(http.StatusOK, s.gifu.key, "PUT "+till+"/status", `{"status":"closed"}`)
		refused := s.must(http.StatusUnprocessableEntity, s.gifu.key,
			"POST "+till+"/activations", "")
		if refused.slug() != "terminal-not-open" {
			t.Errorf("link to a closed terminal: %v", refused.body)
		}
	})
}

// Goal: an acquirer rolls its signing key over by itself. Method: add two versions, retire one,
// and verify with the directory that messages are verified by.
func TestAcquirerRollsItsKeyOver(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		for version, der := range rsaKeys() {
			text := base64.StdEncoding.EncodeToString(der)
			got := s.must(http.StatusCreated, s.gifu.key, "POST /v1/keys",
				`{"version":`+string(rune('0'+version))+`,"public_key":"`+text+`"}`)
			if got.body["public_key"] != text || len(got.body["fingerprint_sha256"].(string)) != 64 {
				t.Errorf("added: %v", got.body)
			}
			_, _, err := s.dir.Keys(t.Context(), s.gifu.No, version)
			want(t, "added", err, nil)
		}
		for range 2 {
			got := s.must(http.StatusOK, s.gifu.key, "POST /v1/keys/0/retire", "")
			if got.body["retired_at"] == nil {
				t.Errorf("retired: %v", got.body)
			}
		}
		_, _, err := s.dir.Keys(t.Context(), s.gifu.No, 0)
		want(t, "retired", err, party.ErrKeyUnknown)
		_, _, err = s.dir.Keys(t.Context(), s.gifu.No, 1)
		want(t, "the next", err, nil)
		list := s.must(http.StatusOK, s.gifu.key, "GET /v1/keys", "").body["items"].([]any)
		if len(list) != 2 || list[0].(map[string]any)["retired_at"] == nil ||
			list[1].(map[string]any)["retired_at"] != nil {
			t.Errorf("keys: %v", list)
		}

		from := s.must(http.StatusCreated, s.gifu.key, "POST /v1/keys", `{"version":7,
			"public_key":"`+base64.StdEncoding.EncodeToString(rsaKeys()[0])+`",
			"from":"2100-01-01T00:00:00+09:00","until":"2101-01-01T00:00:00+09:00"}`)
		if from.body["from"] != "2099-12-31T15:00:00Z" {
			t.Errorf("dated: %v", from.body)
		}
		_, _, err = s.dir.Keys(t.Context(), s.gifu.No, 7)
		want(t, "not yet", err, party.ErrKeyUnknown)
	})
}

// Goal: an operator sees every member with what it does, and can stop one. Method: three members.
func TestOperatorStopsAMember(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		wallet := s.issuer("ALI", "alipay")
		got := s.must(http.StatusOK, s.staff, "GET /v1/participants", "")
		if got.ids() != "GIFU KYOTO ALI" {
			t.Errorf("members: %v", got.body)
		}
		ali := got.body["items"].([]any)[2].(map[string]any)
		if roles := ali["roles"].([]any); len(roles) != 1 || roles[0] != "issuer" ||
			ali["connector"] != "alipayplus" {
			t.Errorf("the wallet: %v", ali)
		}

		s.must(http.StatusOK, s.staff, "PUT /v1/participants/ALI/status",
			`{"status":"suspended"}`)

		w, err := s.dir.Wallet(t.Context(), wallet.No)
		if err != nil || w.InService() {
			t.Errorf("a suspended wallet is in service: %+v, %v", w, err)
		}
		if got := s.call(s.staff, "PUT /v1/participants/NOBODY/status",
			`{"status":"closed"}`); got.slug() != "participant-unknown" {
			t.Errorf("nobody: %v", got.body)
		}
	})
}

// Goal: every change over the API is an event that names the API key, and no event or answer
// tells a secret. Method: one of each change, then the log.
func TestChangesOverTheAPINameTheirKey(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		head, err := s.log.Head(t.Context())
		want(t, "head", err, nil)
		s.soba(s.gifu)
		const till = "/v1/stores/S1/terminals/T1"
		pin := s.must(http.StatusOK, s.gifu.key, "PUT /v1/stores/S1/manager-pin",
			`{"pin":"97531"}`)
		link := s.must(http.StatusCreated, s.gifu.key, "POST "+till+"/activations", "")
		secret := link.body["activation_url_path"].(string)[len("/till/activate/"):]
		s.must(http.StatusOK, s.gifu.key, "PUT "+till+"/status", `{"status":"suspended"}`)
		s.must(http.StatusOK, s.gifu.key, "DELETE "+till+"/sessions", "")
		caller, err := s.keys.Authenticate(t.Context(), s.gifu.key)
		want(t, "caller", err, nil)

		all, _, err := s.log.Read(t.Context(), head, event.Filter{AcquirerNo: s.gifu.No}, 100)
		want(t, "events", err, nil)

		var kinds []string
		for _, e := range all {
			kinds = append(kinds, e.Kind)
			if e.Actor != caller.Actor || !strings.HasPrefix(e.Actor, "key:") {
				t.Errorf("%s: actor %q, want %q", e.Kind, e.Actor, caller.Actor)
			}
			if strings.Contains(string(e.Data), "97531") || strings.Contains(string(e.Data), secret) {
				t.Errorf("%s tells a secret: %s", e.Kind, e.Data)
			}
		}
		if got := strings.Join(kinds, " "); got != "merchant.added store.added terminal.added "+
			"store.changed terminal.invited terminal.suspend terminal.revoked" {
			t.Errorf("events: %s", got)
		}
		if pin.body["pin"] != nil || pin.body["manager_pin"] != true {
			t.Errorf("the answer to a PIN: %v", pin.body)
		}
	})
}

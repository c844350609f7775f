package oidc_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"watari/kit/access"
	"watari/kit/access/oidc"
	"watari/kit/access/people"
)

var here = people.From{Address: "192.0.2.1", Agent: "Test/1"}

// signIn goes all the way.
func (s *site) signIn(login string) (people.Step, string, error) {
	s.t.Helper()
	start, err := s.gate.Begin(s.t.Context(), bankID, "/acquirer/stores?x=1", here)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.gate.Finish(s.t.Context(), start.Cookie, s.visit(start, login), here)
}

func (s *site) refused(what string, err, want error) {
	s.t.Helper()
	if !errors.Is(err, want) {
		s.t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// Goal: a bank's people sign in by the bank's own provider, whoever is invited or of its domain,
// and nobody else (O1, O2, O4). Method: a real provider with its own pages, one account for each
// case.
func TestBankSignsInByItsOwnProvider(t *testing.T) {
	t.Parallel()
	issuer := run(t, installed(t), map[string]account{
		"invited":    {"email": "invited@else.example", "email_verified": true, "name": "古川 健"},
		"domain":     {"email": "Domain@Hida.example", "email_verified": true},
		"unverified": {"email": "other@hida.example", "email_verified": false},
		"stranger":   {"email": "stranger@else.example", "email_verified": true},
		"thief":      {"email": "invited@else.example", "email_verified": true},
		"shop":       {"email": "owner@hida.example", "email_verified": true},
	})
	s := newSite(t)
	s.configure(issuer, map[string]any{"domains": []string{"hida.example"},
		"default_role": "acquirer-viewer"})
	admin := access.Caller{Role: access.Acquirer, ParticipantNo: bankNo, Actor: "key:1"}
	invite := func(email string, at people.Place) people.Link {
		link, err := s.people.Invite(t.Context(), admin, people.Invitation{Email: email,
			Place: at})
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	invite("invited@else.example", people.Place{Role: access.AcquirerClerk,
		ParticipantNo: bankNo})
	if _, err := s.people.Accept(t.Context(), people.Acceptance{Secret: invite(
		"owner@hida.example", people.Place{Role: access.MerchantOwner, ParticipantNo: bankNo,
			MerchantNo: 3}).Secret, Name: "Owner", Lang: "en",
		Password: "a long password", From: here}); err != nil {
		t.Fatal(err)
	}

	var first people.Person
	for range 2 { // invited, then known
		step, next, err := s.signIn("invited")
		if err != nil {
			t.Fatal(err)
		}
		c, who, err := s.people.Session(t.Context(), step.Secret)
		if err != nil || c.Role != access.AcquirerClerk || c.ParticipantNo != bankNo ||
			who.Name != "古川 健" || !who.SSO || who.HasPassword || step.Need != people.Nothing ||
			next != "/acquirer/stores?x=1" || first.ID != "" && first.ID != who.ID {
			t.Errorf("got %+v %+v %+v %q, %v", step, c, who, next, err)
		}
		first = who
	}
	step, _, err := s.signIn("domain")
	if err != nil || step.Person.Role != access.AcquirerViewer || step.Person.Name != "Domain" {
		t.Errorf("of the domain: %+v, %v", step, err)
	}
	_, _, err = s.signIn("unverified")
	s.refused("an address that is not verified", err, oidc.ErrDenied)
	_, _, err = s.signIn("stranger")
	s.refused("a stranger", err, oidc.ErrNotInvited)
	_, _, err = s.signIn("thief")
	s.refused("another account with the address", err, oidc.ErrNotInvited)
	_, _, err = s.signIn("shop")
	s.refused("somebody of a merchant", err, oidc.ErrNotInvited)
	for login, who := range map[string]people.Person{"invited": first, "domain": step.Person} {
		if err := s.people.End(t.Context(), admin, who.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err = s.signIn(login)
		s.refused(login+", who has ended", err, oidc.ErrNotInvited)
	}
}

// Goal: what comes back is taken once, by the browser that began, for its own state, and a wrong
// secret of ours is no way in (O1). Method: the real provider's answers, changed.
func TestAnswersAreTakenOnceByWhoBegan(t *testing.T) {
	t.Parallel()
	issuer := run(t, installed(t), map[string]account{
		"a": {"email": "a@hida.example", "email_verified": true}})
	s := newSite(t)
	open := map[string]any{"domains": []string{"hida.example"},
		"default_role": "acquirer-clerk"}
	s.configure(issuer, open)
	finish := func(cookie string, q url.Values) error {
		_, _, err := s.gate.Finish(t.Context(), cookie, q, here)
		return err
	}
	begin := func() oidc.Start {
		start, err := s.gate.Begin(t.Context(), bankID, "//evil.example/x", here)
		if err != nil {
			t.Fatal(err)
		}
		return start
	}
	start := begin()
	back := s.visit(start, "a")
	other := begin()
	s.refused("another browser", finish(other.Cookie, back), people.ErrTicket)
	step, next, err := s.gate.Finish(t.Context(), start.Cookie, back, here)
	if err != nil || step.Secret == "" || next != "/" {
		t.Errorf("got %+v %q %v", step, next, err)
	}
	s.refused("a second time", finish(start.Cookie, back), people.ErrTicket)

	start = begin()
	again := s.visit(start, "a")
	again.Set("code", back.Get("code"))
	s.refused("an old code", finish(start.Cookie, again), oidc.ErrDenied)
	start = begin()
	again = s.visit(start, "a")
	again.Set("iss", "https://evil.example")
	s.refused("another issuer", finish(start.Cookie, again), oidc.ErrDenied)
	start = begin()
	q := url.Values{"state": {mustQuery(t, start.URL).Get("state")}, "error": {"access_denied"}}
	s.refused("a no", finish(start.Cookie, q), oidc.ErrDenied)

	start = begin()
	again = s.visit(start, "a")
	open["client_secret"] = "wrong"
	s.configure(issuer, open)
	s.refused("a wrong secret", finish(start.Cookie, again), oidc.ErrDenied)
}

func mustQuery(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// Goal: nobody makes this computer ask a provider that does not work again and again: what an
// address begins is counted before anybody is asked. Method: a provider that answers with errors
// and counts.
func TestABrokenProviderIsNotAskedForEver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var asked atomic.Int64
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(broken.Close)
	s.configure(broken.URL, nil)
	var last error
	for range 130 {
		_, last = s.gate.Begin(t.Context(), bankID, "/", here)
	}
	s.refused("after a hundred", last, people.ErrLocked)
	if n := asked.Load(); n == 0 || n > 100 {
		t.Errorf("the provider was asked %d times", n)
	}
}

// Goal: a file that others can read, that is not complete, or of no bank is no way in, and neither
// is a provider that does not answer. Method: one of each, without a provider.
func TestUnusableProvidersAreNotOffered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if banks, err := s.gate.Banks(t.Context()); err != nil || len(banks) != 0 {
		t.Errorf("of an empty folder: %v, %v", banks, err)
	}
	begin := func(id string) error {
		_, err := s.gate.Begin(t.Context(), id, "/", here)
		return err
	}
	s.refused("no file", begin(bankID), oidc.ErrBank)
	s.refused("a path", begin("../"+bankID), oidc.ErrBank)
	s.configure("http://127.0.0.1:1", nil)
	if banks, err := s.gate.Banks(t.Context()); err != nil || len(banks) != 1 {
		t.Errorf("a good file: %v, %v", banks, err)
	}
	s.refused("nobody answers", begin(bankID), oidc.ErrProvider)
	for name, more := range map[string]map[string]any{
		"plain http":   {"issuer": "http://login.bank.example"},
		"no client":    {"client_id": ""},
		"a wide role":  {"default_role": "acquirer"},
		"no role":      {"domains": []string{"a.example"}},
		"a bad domain": {"domains": []string{"*"}, "default_role": "acquirer-clerk"},
		"unknown":      {"extra": 1},
	} {
		s.configure("http://127.0.0.1:1", more)
		if banks, err := s.gate.Banks(t.Context()); err != nil || len(banks) != 0 {
			t.Errorf("%s: %v, %v", name, banks, err)
		}
		s.refused(name, begin(bankID), oidc.ErrProvider)
	}
	s.configure("http://127.0.0.1:1", nil)
	if err := os.Chmod(filepath.Join(s.dir, bankID+".json"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.refused("others can read", begin(bankID), oidc.ErrProvider)
}

package party_test

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/web"
	"watari/pay/party"
)

// service is a node with its API, two acquirers and an operator.
type service struct {
	*node
	t     *testing.T
	web   *web.Server
	keys  *access.Keys
	gifu  bankOf
	kyoto bankOf
	desk  *foureyes.Desk
	staff string // an operator's key
	chief string // another operator's
}

// bankOf is an acquirer with a key of its own.
type bankOf struct {
	party.Participant
	key string
}

// eachService runs fn on both engines, and holds every answer to what its operation declares.
func eachService(t *testing.T, fn func(t *testing.T, s *service)) {
	t.Helper()
	dbtest.Each(t, append([]fs.FS{access.Migrations}, sets()...), func(t *testing.T, d *db.DB) {
		s := newService(t, d)
		fn(t, s)
		if undeclared := s.web.Undeclared(); len(undeclared) > 0 {
			t.Errorf("undeclared: %v", undeclared)
		}
	})
}

func newService(t *testing.T, d *db.DB) *service {
	t.Helper()
	s := &service{node: newNode(t, d), t: t}
	s.desk = foureyes.New(d, s.log, event.FirstLane)
	s.reg.Attend(s.desk)
	s.serve()
	s.gifu, s.kyoto = s.bank("GIFU"), s.bank("KYOTO")
	s.staff = s.grant(access.Grant{Role: access.Operator, Label: "staff"})
	s.chief = s.grant(access.Grant{Role: access.Operator, Label: "chief"})
	return s
}

// serve opens the door anew, where nobody's key was looked at before.
func (s *service) serve() {
	s.keys = access.New(s.d)
	s.keys.Heed(party.Standing)
	s.web = web.New(web.Config{Keys: s.keys, Log: slog.New(slog.DiscardHandler)})
	(&party.API{Directory: s.dir, Registry: s.reg, DB: s.d,
		ActivationPath: "/till/activate/"}).Register(s.web)
	s.desk.Register(s.web, party.ChangeFaults()...)
}

func (s *service) bank(id string) bankOf {
	s.t.Helper()
	p := s.acquirer(id, false)
	return bankOf{p, s.grant(access.Grant{Role: access.Acquirer, ParticipantNo: p.No, Label: id})}
}

func (s *service) grant(g access.Grant) (secret string) {
	s.t.Helper()
	s.write(func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = s.keys.Create(ctx, tx, g)
		return err
	})
	return secret
}

// answer is what came back.
type answer struct {
	status int
	body   map[string]any
}

// call sends one request, "PUT /v1/stores/S1", with an API key and a body, "" for none.
func (s *service) call(key, what, body string) answer {
	s.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, content)
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	s.web.ServeHTTP(w, r)

	a := answer{status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
		s.t.Fatalf("%s: %d with %q: %v", what, w.Code, w.Body, err)
	}
	return a
}

// must is call that has to end with a status.
func (s *service) must(status int, key, what, body string) answer {
	s.t.Helper()
	a := s.call(key, what, body)
	if a.status != status {
		s.t.Fatalf("%s: got %d %v, want %d", what, a.status, a.body, status)
	}
	return a
}

// slug is the problem of an answer.
func (a answer) slug() string {
	kind, _ := a.body["type"].(string)
	return kind[strings.LastIndex(kind, "/")+1:]
}

// fields are the places that a problem names, sorted.
func (a answer) fields() []string {
	var pointers []string
	list, _ := a.body["errors"].([]any)
	for _, one := range list {
		pointers = append(pointers, one.(map[string]any)["pointer"].(string))
	}
	slices.Sort(pointers)
	return pointers
}

// ids are the ids on a page of a list.
func (a answer) ids() string {
	var ids []string
	for _, one := range a.body["items"].([]any) {
		ids = append(ids, one.(map[string]any)["id"].(string))
	}
	return strings.Join(ids, " ")
}

// soba signs a merchant with one store and one terminal: M1, S1, T1.
func (s *service) soba(b bankOf) {
	s.t.Helper()
	s.must(http.StatusCreated, b.key, "POST /v1/merchants",
		`{"id":"M1","name":"Hida Soba","name_ja":"飛騨そば","mcc":"5812","mdr_ppm":29500}`)
	s.must(http.StatusCreated, b.key, "POST /v1/stores", `{"id":"S1","merchant_id":"M1",
		"name":"Takayama","name_ja":"高山店","prefecture":"21","mcc":"5812",
		"per_payment_max_minor":50000}`)
	s.must(http.StatusCreated, b.key, "POST /v1/stores/S1/terminals",
		`{"id":"T1","label":"Till 1","can_refund":true}`)
}

// point is where a payment at T1 of S1 would be taken.
func (s *service) point(b bankOf) party.Point {
	s.t.Helper()
	p, err := s.dir.Point(s.t.Context(), b.No, "M1", "S1", "T1")
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

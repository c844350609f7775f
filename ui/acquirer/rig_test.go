package acquirer

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/pay/risk"
	"watari/pay/webhook"
	"watari/ui/console"
)

// branch is two banks, the first with a shop, on their pages.
type branch struct {
	t      *testing.T
	db     *db.DB
	reg    *party.Registry
	dir    *party.Directory
	signup *signup.Service
	people *people.People
	keys   *access.Keys
	core   *payment.Service
	pages  http.Handler
	home   party.Participant
	away   party.Participant
	shop   party.Store
	till   party.Terminal
	who    map[string]access.Caller
}

// Session makes the secret of a session the name of who is signed in.
func (b *branch) Session(_ context.Context, secret string) (
	access.Caller, console.Person, error,
) {
	c, ok := b.who[secret]
	if !ok {
		return c, console.Person{}, people.ErrSignedOut.Newf("nobody")
	}
	return c, console.Person{ID: c.PersonID, Email: c.Label}, nil
}

// Print is part of Stands: it draws nothing.
func (b *branch) Print(_ context.Context, _ []int64, _, form string) (file struct {
	Name, Type string
	Body       []byte
}, err error) {
	file.Name, file.Type, file.Body = "stand."+form, "application/"+form, []byte("stand")
	return file, nil
}

// keeping is Keeping over a registry.
type keeping struct{ *branch }

func (k keeping) do(
	ctx context.Context, fn func(ctx context.Context, tx *db.Tx) error,
) error {
	return k.reg.Change(ctx, fn)
}

func (k keeping) SetStoreStatus(
	ctx context.Context, actor string, no int64, to party.Status,
) error {
	return k.do(ctx, func(ctx context.Context, tx *db.Tx) error {
		return k.reg.SetStatus(ctx, tx, actor, party.KindStore, no, to)
	})
}

func (k keeping) SetTerminalStatus(
	ctx context.Context, actor string, no int64, to party.Status,
) error {
	return k.do(ctx, func(ctx context.Context, tx *db.Tx) error {
		return k.reg.SetStatus(ctx, tx, actor, party.KindTerminal, no, to)
	})
}

func (k keeping) SetRefunds(
	ctx context.Context, actor string, no int64, allowed bool,
) error {
	return k.do(ctx, func(ctx context.Context, tx *db.Tx) error {
		return k.reg.SetRefunds(ctx, tx, actor, no, allowed)
	})
}

func (k keeping) SetLimits(
	ctx context.Context, actor string, no int64, l party.StoreLimits,
) error {
	return k.do(ctx, func(ctx context.Context, tx *db.Tx) error {
		return k.reg.SetLimits(ctx, tx, actor, no, l)
	})
}

func (k keeping) SetFace(
	ctx context.Context, actor string, no int64, f party.StoreFace,
) error {
	return k.do(ctx, func(ctx context.Context, tx *db.Tx) error {
		return k.reg.SetFace(ctx, tx, actor, no, f)
	})
}

func (k keeping) SetPIN(ctx context.Context, actor string, no int64, hash string) error {
	return k.do(ctx, func(ctx context.Context, tx *db.Tx) error {
		return k.reg.SetPIN(ctx, tx, actor, no, hash)
	})
}

func (k keeping) AddTill(
	ctx context.Context, actor string, t party.Terminal,
) (made party.Terminal, err error) {
	err = k.do(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		made, err = k.reg.AddTerminal(ctx, tx, actor, t)
		return err
	})
	return made, err
}

func (k keeping) ActivationURL(
	ctx context.Context, actor string, no int64, life time.Duration,
) (secret string, err error) {
	err = k.do(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = k.reg.NewActivation(ctx, tx, actor, no, life)
		return err
	})
	return "https://watari.example/till/activate/" + secret, err
}

func (k keeping) SignOutTill(context.Context, string, int64) error           { return nil }
func (k keeping) AddSigningKey(context.Context, string, party.Key) error     { return nil }
func (k keeping) RetireSigningKey(context.Context, string, int64, int) error { return nil }

func newBranch(t *testing.T) *branch {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{event.Migrations(), party.Migrations, code.Migrations,
		fx.Migrations, ledger.Migrations, risk.Migrations, payment.Migrations,
		access.Migrations, people.Migrations, foureyes.Migrations(), signup.Migrations,
		webhook.Migrations}...)
	log, dir, lane := event.NewLog(d), party.NewDirectory(d), event.FirstLane
	b := &branch{t: t, db: d, dir: dir, keys: access.New(d),
		reg: party.NewRegistry(d, dir, log, lane, party.DefaultSight())}
	sealing, err := seal.New(map[int][]byte{1: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	table, err := code.New(code.Default())
	if err != nil {
		t.Fatal(err)
	}
	desk, logger := foureyes.New(d, log, lane), slog.New(slog.DiscardHandler)
	payments := payment.New(payment.Config{DB: d, Log: log, Lane: lane, Directory: dir,
		Registry: b.reg, Board: fx.New(d, fx.Config{}), Codes: table, Chart: ledger.NewChart(d),
		Seal: sealing, Rules: risk.Default(), Logger: logger})
	t.Cleanup(payments.Close)
	b.core = payments
	b.people = people.New(people.Config{DB: d, Log: log, Lane: lane, Ring: sealing, Desk: desk,
		PublicURL: "https://watari.example", Sandbox: true, Logger: logger})
	b.signup = signup.New(signup.Config{DB: d, Log: log, Lane: lane, Registry: b.reg,
		Directory: dir, Ring: sealing, Desk: desk, Logger: logger})
	t.Cleanup(b.signup.Close)
	hooks := webhook.New(webhook.Config{DB: d, Log: log, Lane: lane, Ring: sealing,
		Payments: payments, Directory: dir, Logger: logger})
	t.Cleanup(hooks.Close)
	b.pages = New(Config{Console: console.Config{Sessions: b, Logger: logger},
		Signup: b.signup, Places: dir, Keeping: keeping{b}, Reports: report.New(d),
		Payments: payments, Stands: b, Staff: b.people,
		Keys: people.NewKeyring(b.people, b.keys), Hooks: hooks, Events: log,
		PublicURL: "https://watari.example"})
	b.seed()
	return b
}

func (b *branch) seed() {
	b.t.Helper()
	b.update(func(ctx context.Context, tx *db.Tx) (err error) {
		for id, p := range map[string]*party.Participant{"HIDA": &b.home, "KYOTO": &b.away} {
			if *p, err = b.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: id,
				Name: "Bank " + id, ClientID: id}); err != nil {
				return err
			}
		}
		m, err := b.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: b.home.No,
			ID: "M1", Name: "Soba", NameJA: "蕎麦", MCC: "5812"})
		if err != nil {
			return err
		}
		if b.shop, err = b.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: m.No, ID: "S1",
			Name: "Soba, Takayama", NameJA: "蕎麦 高山店", Prefecture: "21",
			MCC: "5812"}); err != nil {
			return err
		}
		b.till, err = b.reg.AddTerminal(ctx, tx, "test", party.Terminal{StoreNo: b.shop.No,
			ID: "T1", Label: "Counter"})
		return err
	})
	b.who = map[string]access.Caller{}
	for name, at := range map[string]struct {
		role access.Role
		bank int64
	}{"admin": {access.Acquirer, b.home.No}, "clerk": {access.AcquirerClerk, b.home.No},
		"second": {access.AcquirerClerk, b.home.No},
		"viewer": {access.AcquirerViewer, b.home.No},
		"other":  {access.AcquirerClerk, b.away.No}, "boss": {access.Acquirer, b.away.No},
		"owner": {access.MerchantOwner, b.home.No}, "operator": {access.Operator, 0},
	} {
		b.who[name] = access.Caller{Role: at.role, ParticipantNo: at.bank,
			PersonID: "per_" + name, Actor: "person:per_" + name, Label: name + "@hida.example"}
	}
	b.join("admin")
}

// join makes somebody a person who can make keys: those go with people who exist.
func (b *branch) join(name string) {
	b.t.Helper()
	c := b.who[name]
	b.update(func(ctx context.Context, tx *db.Tx) error {
		return b.people.Plant(ctx, tx, "test", people.Person{Email: c.Label, Name: name,
			Lang: "en", Place: people.Place{Role: c.Role, ParticipantNo: c.ParticipantNo}},
			"correct horse battery")
	})
	found, _, err := b.people.List(context.Background(), access.Caller{Role: access.Operator},
		people.Filter{Text: c.Label})
	if err != nil || len(found) != 1 {
		b.t.Fatalf("find %s: %v, %v", c.Label, found, err)
	}
	c.PersonID, c.Actor = found[0].ID, "person:"+found[0].ID
	b.who[name] = c
}

func (b *branch) update(fn func(ctx context.Context, tx *db.Tx) error) {
	b.t.Helper()
	if err := b.reg.Change(context.Background(), fn); err != nil {
		b.t.Fatal(err)
	}
}

// ask asks for "GET /acquirer" as somebody, with the fields of a form.
func (b *branch) ask(who, what string, form ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	fields := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		fields.Add(form[i], form[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(fields.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.send(who, r)
}

// upload posts a file with the fields of a form.
func (b *branch) upload(who, path, name string, data []byte, form ...string,
) *httptest.ResponseRecorder {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(form); i += 2 {
		if err := w.WriteField(form[i], form[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.send(who, r)
}

func (b *branch) send(who string, r *http.Request) *httptest.ResponseRecorder {
	r.Header.Set("Accept-Language", "en")
	if who != "" {
		r.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: who})
	}
	w := httptest.NewRecorder()
	b.pages.ServeHTTP(w, r)
	return w
}

// want asks and fails unless the status is the one wanted; it returns where it leads, or the page.
func (b *branch) want(status int, who, what string, form ...string) string {
	b.t.Helper()
	w := b.ask(who, what, form...)
	if w.Code != status {
		b.t.Fatalf("%s asks %s: %d, want %d\n%s", who, what, w.Code, status, words(w))
	}
	if to := w.Header().Get("Location"); to != "" {
		return to
	}
	return w.Body.String()
}

// tags are what a page has beside its words.
var tags = regexp.MustCompile(`(?s)<(script|style|svg).*?</(script|style|svg)>|<[^>]*>|\s+`)

// words are the words of a page, for failures.
func words(w *httptest.ResponseRecorder) string {
	text := tags.ReplaceAllString(w.Body.String(), " ")
	return text[:min(len(text), 1500)]
}

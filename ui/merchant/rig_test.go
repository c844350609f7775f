package merchant_test

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/id"
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
	"watari/ui/merchant"
)

// mall is two shops of one bank on their pages. The first has two stores.
type mall struct {
	t      *testing.T
	db     *db.DB
	reg    *party.Registry
	people *people.People
	pages  http.Handler
	bank   party.Participant
	east   shop
	west   shop // of east's merchant
	tea    shop // another merchant
	who    map[string]access.Caller
}

// shop is a store with its till and a payment.
type shop struct {
	party.Store
	till    party.Terminal
	payment string
}

// Session makes the secret of a session the name of who is signed in.
func (m *mall) Session(_ context.Context, secret string) (
	access.Caller, console.Person, error,
) {
	c, ok := m.who[secret]
	if !ok {
		return c, console.Person{}, people.ErrSignedOut.Newf("nobody")
	}
	return c, console.Person{ID: c.PersonID, Email: secret + "@example.jp"}, nil
}

// stands prints the numbers of the stores.
type stands struct{}

func (stands) Print(_ context.Context, nos []int64, _, form string) (file struct {
	Name, Type string
	Body       []byte
}, err error) {
	file.Name, file.Type = "stand."+form, "application/pdf"
	for _, no := range nos {
		file.Body = append(file.Body, byte(no))
	}
	return file, nil
}

// tills makes links without making them good.
type tills struct{ m *mall }

func (t tills) Invite(_ context.Context, _ string, _ int64) (string, error) {
	return "/till/activate/secret", nil
}

func (t tills) SignOut(_ context.Context, _ string, _ int64) (int64, error) { return 1, nil }

func (t tills) SetPIN(ctx context.Context, actor string, no int64, hash string) error {
	return t.m.reg.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return t.m.reg.SetPIN(ctx, tx, actor, no, hash)
	})
}

func newMall(t *testing.T) *mall {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{event.Migrations(), party.Migrations, code.Migrations,
		fx.Migrations, ledger.Migrations, risk.Migrations, payment.Migrations,
		access.Migrations, people.Migrations, foureyes.Migrations(), signup.Migrations,
		webhook.Migrations}...)
	log, dir, lane := event.NewLog(d), party.NewDirectory(d), event.FirstLane
	m := &mall{t: t, db: d, reg: party.NewRegistry(d, dir, log, lane, party.DefaultSight())}
	ring, err := seal.New(map[int][]byte{1: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	table, err := code.New(code.Default())
	if err != nil {
		t.Fatal(err)
	}
	desk := foureyes.New(d, log, lane)
	logger := slog.New(slog.DiscardHandler)
	payments := payment.New(payment.Config{DB: d, Log: log, Lane: lane, Directory: dir,
		Registry: m.reg, Board: fx.New(d, fx.Config{}), Codes: table, Chart: ledger.NewChart(d),
		Seal: ring, Rules: risk.Default(), Logger: logger})
	t.Cleanup(payments.Close)
	m.people = people.New(people.Config{DB: d, Log: log, Lane: lane, Ring: ring, Desk: desk,
		PublicURL: "https://watari.example", Sandbox: true, Logger: logger})
	signing := signup.New(signup.Config{DB: d, Log: log, Lane: lane, Registry: m.reg,
		Directory: dir, Ring: ring, Desk: desk, Logger: logger})
	t.Cleanup(signing.Close)
	hooks := webhook.New(webhook.Config{DB: d, Log: log, Lane: lane, Ring: ring,
		Payments: payments, Directory: dir, Logger: logger})
	t.Cleanup(hooks.Close)
	m.pages = merchant.New(merchant.Config{Console: console.Config{Sessions: m, Logger: logger},
		Reports: report.New(d), Payments: payments, Directory: dir, Events: log,
		People: m.people, Signup: signing, Hooks: hooks, Stands: stands{},
		Keys: people.NewKeyring(m.people, access.New(d)), Tills: tills{m},
		PublicURL: "https://watari.example"})
	m.seed()
	return m
}

func (m *mall) seed() {
	m.t.Helper()
	m.update(func(ctx context.Context, tx *db.Tx) (err error) {
		m.bank, err = m.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "HIDA",
			Name: "Hida Bank", ClientID: "HIDA"})
		for _, s := range []struct {
			at       *shop
			merchant string
			id       string
		}{{&m.east, "M1", "S1"}, {&m.west, "M1", "S2"}, {&m.tea, "M2", "S1"}} {
			if err != nil {
				return err
			}
			if *s.at, err = m.open(ctx, tx, s.merchant, s.id); err != nil {
				return err
			}
		}
		return err
	})
	place := func(role access.Role, merchant, store int64) access.Caller {
		return access.Caller{Role: role, ParticipantNo: m.bank.No, MerchantNo: merchant,
			StoreNo: store, PersonID: "per_" + string(role), Actor: "person:per_" + string(role)}
	}
	soba := m.east.MerchantNo
	m.who = map[string]access.Caller{"owner": place(access.MerchantOwner, soba, 0),
		"manager": place(access.MerchantManager, soba, m.west.No),
		"cashier": place(access.MerchantCashier, soba, 0),
		"other":   place(access.MerchantOwner, m.tea.MerchantNo, 0),
		"clerk":   {Role: access.AcquirerClerk, ParticipantNo: m.bank.No, PersonID: "per_c"}}
	m.join("owner")
	m.join("other")
}

// join makes somebody a person who can make keys: those go with people who exist.
func (m *mall) join(name string) {
	m.t.Helper()
	c, email := m.who[name], name+"@soba.example"
	m.update(func(ctx context.Context, tx *db.Tx) error {
		return m.people.Plant(ctx, tx, "test", people.Person{Email: email, Name: name, Lang: "en",
			Place: people.Place{Role: c.Role, ParticipantNo: c.ParticipantNo,
				MerchantNo: c.MerchantNo}}, "correct horse battery")
	})
	found, _, err := m.people.List(context.Background(), access.Caller{Role: access.Operator},
		people.Filter{Text: email})
	if err != nil || len(found) != 1 {
		m.t.Fatalf("find %s: %v, %v", email, found, err)
	}
	c.PersonID, c.Actor = found[0].ID, "person:"+found[0].ID
	m.who[name] = c
}

// open makes a store with a till and a payment of 1,980 yen today.
func (m *mall) open(
	ctx context.Context, tx *db.Tx, merchantID, storeID string,
) (s shop, err error) {
	mt, err := m.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: m.bank.No,
		ID: merchantID, Name: "Shop " + merchantID, MCC: "5812"})
	if err != nil {
		if mt.No, err = m.east.MerchantNo, nil; mt.No == 0 {
			return s, err
		}
	}
	if s.Store, err = m.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: mt.No, ID: storeID,
		Name: "Store " + merchantID + storeID, Prefecture: "21", MCC: "5812"}); err != nil {
		return s, err
	}
	if s.till, err = m.reg.AddTerminal(ctx, tx, "test", party.Terminal{StoreNo: s.No,
		ID: "T" + merchantID + storeID, Label: "Till of " + merchantID + storeID}); err != nil {
		return s, err
	}
	s.payment = id.New("pay", int(m.bank.No))
	_, err = tx.Exec(ctx, `insert into payment (acquirer_no, id, request_id, channel, state,
			version, merchant_no, store_no, terminal_no, issuer_no, order_ref, order_minor,
			order_currency, pay_to_minor, pay_to_currency, settle_minor, settle_currency,
			rate_coef, rate_exp, mid_minor, mdr_minor, interchange_minor, scheme_minor,
			captured_minor, refunded_minor, refunding_minor, given_pay_to_minor,
			given_mid_minor, given_mdr_minor, given_interchange_minor, given_scheme_minor,
			reason, code_last4, customer, created_at_us, concluded_at_us, cancel_until_us,
			acquirer_agreement, issuer_agreement, notify_url, held, actor, way, step, hold,
			return_url, description, expires_at_us, capturing_minor, captures)
		values ($1, $2, $2, 'v1', 'captured', 1, $3, $4, $5, 0, $6, 1980, 'JPY', 1980, 'JPY',
			1980, 'JPY', 0, 0, 0, 40, 0, 0, 1980, 0, 0, 0, 0, 0, 0, 0, '', '4711', '', $7, $7, 0,
			1, 1, '', 0, 'test', 'wallet_code', '', false, '', '', 0, 0, 0)`,
		m.bank.No, s.payment, mt.No, s.No, s.till.No, "=ref"+merchantID+storeID,
		clock.Micros(clock.Now()))
	return s, err
}

func (m *mall) update(fn func(ctx context.Context, tx *db.Tx) error) {
	m.t.Helper()
	if err := m.reg.Change(context.Background(), fn); err != nil {
		m.t.Fatal(err)
	}
}

// age puts a payment some days back.
func (m *mall) age(paymentID string, days int) {
	m.t.Helper()
	m.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update payment set created_at_us = $2 where id = $1`, paymentID,
			clock.Micros(clock.Now().AddDate(0, 0, -days)))
		return err
	})
}

// visit asks for "GET /merchant" as somebody, with the fields of a form.
func (m *mall) visit(who, what string, form ...string) *httptest.ResponseRecorder {
	m.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	fields := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		fields.Add(form[i], form[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(fields.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	r.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: who})
	w := httptest.NewRecorder()
	m.pages.ServeHTTP(w, r)
	return w
}

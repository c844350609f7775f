package operator

import (
	"context"
	"embed"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/i18n"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/promo"
	"watari/pay/report"
	"watari/pay/watch"
	"watari/ui/console"
)

//go:embed lang/*.json
var langFiles embed.FS

// Prefix is where the console is mounted.
const Prefix = "/operator"

// Payments is the core as this console needs it; *payment.Service does.
type Payments interface {
	Timeline(ctx context.Context, acquirerNo int64, paymentID string) (payment.Timeline, error)
	Legs(ctx context.Context, acquirerNo int64, paymentID string) ([]payment.Leg, error)
}

// Keys lists API keys; *access.Keys does.
type Keys interface {
	List(ctx context.Context, tx *db.Tx, participantNo int64) ([]access.Key, error)
}

// Config is what the console is made of. All fields but People are needed.
type Config struct {
	Console   console.Config
	DB        *db.DB
	Log       *event.Log
	Watch     *watch.Watch
	Payments  Payments
	Reports   *report.Reports
	Directory *party.Directory
	Registry  *party.Registry
	Desk      *foureyes.Desk
	Pledges   *promo.Pledges
	Settler   *payment.Settler
	Board     *fx.Board
	Chart     *ledger.Chart
	Keys      Keys
	// People manages those who sign in; nil leaves its page out.
	People People
}

// pages are the pages over their services.
type pages struct {
	Config
	minutes kept[[]report.Row]
	day     kept[[24]report.Takings]
	month   kept[monthly]
}

// roles may open the console.
func roles() []access.Role { return []access.Role{access.Operator} }

// New returns the console.
func New(c Config) *console.Console {
	check.That(c.DB != nil && c.Log != nil && c.Watch != nil && c.Payments != nil &&
		c.Reports != nil && c.Directory != nil && c.Registry != nil && c.Desk != nil &&
		c.Pledges != nil &&
		c.Settler != nil && c.Board != nil && c.Chart != nil && c.Keys != nil,
		"operator: a part of the configuration is missing")
	p := &pages{Config: c}
	k := console.New(c.Console, console.App{Prefix: Prefix, Roles: roles(), Nav: p.nav(),
		Texts: i18n.MustLoad(langFiles, "lang/*.json"), Where: p.where})
	k.Handle("GET /operator", nil, p.overview)
	k.Handle("GET /operator/alerts", nil, p.listAlerts)
	k.Handle("GET /operator/alerts/{id}", nil, p.showAlert)
	k.Handle("POST /operator/alerts/{id}/acknowledge", nil, p.acknowledge)
	k.Handle("POST /operator/alerts/{id}/end", nil, p.endAlert)
	k.Handle("GET /operator/wallets", nil, p.listWallets)
	k.Handle("GET /operator/wallets/{id}", nil, p.showWallet)
	k.Handle("GET /operator/payments", nil, p.listPayments)
	k.Handle("GET /operator/payments/{id}", nil, p.showPayment)
	k.Handle("POST /operator/legs/{id}/settle", nil, p.settleLeg)
	k.Handle("GET /operator/participants", nil, p.listParticipants)
	k.Handle("GET /operator/participants/{id}", nil, p.showParticipant)
	k.Handle("POST /operator/participants/{id}/status", nil, p.setStatus)
	k.Handle("GET /operator/participants/{id}/edit", nil, p.editParticipant)
	k.Handle("POST /operator/participants/{id}/edit", nil, p.proposeParticipant)
	k.Handle("GET /operator/participants/{id}/agreements/{role}/{currency}", nil,
		p.editAgreement)
	k.Handle("POST /operator/participants/{id}/agreements/{role}/{currency}", nil,
		p.proposeAgreement)
	k.Handle("GET /operator/participants/{id}/keys/new", nil, p.newKey)
	k.Handle("POST /operator/participants/{id}/keys/new", nil, p.proposeKey)
	k.Handle("POST /operator/participants/{id}/keys/{version}/retire", nil, p.proposeRetire)
	k.Handle("GET /operator/participants/{id}/pledges/edit", nil, p.editPledge)
	k.Handle("POST /operator/participants/{id}/pledges/edit", nil, p.proposePledge)
	k.Handle("POST /operator/participants/{id}/pledges/end", nil, p.endPledge)
	k.Handle("GET /operator/limits", nil, p.listLimits)
	k.Handle("GET /operator/changes", nil, p.listChanges)
	k.Handle("GET /operator/changes/{id}", nil, p.showChange)
	k.Handle("POST /operator/changes/{id}/approve", nil, p.approve)
	k.Handle("POST /operator/changes/{id}/reject", nil, p.reject)
	k.Handle("GET /operator/rates", nil, p.listRates)
	k.Handle("GET /operator/ledger", nil, p.showLedger)
	k.Handle("GET /operator/audit", nil, p.showAudit)
	k.Handle("GET /operator/audit/export", nil, p.exportAudit)
	if c.People != nil {
		p.peoplePages(k)
	}
	return k
}

// nav is the way through the console.
func (p *pages) nav() []console.NavItem {
	list := []console.NavItem{
		{ID: "overview", Path: Prefix, Icon: "home", Main: true},
		{ID: "alerts", Path: Prefix + "/alerts", Icon: "bell", Main: true},
		{ID: "wallets", Path: Prefix + "/wallets", Icon: "wallet", Main: true},
		{ID: "payments", Path: Prefix + "/payments", Icon: "search", Main: true},
		{ID: "participants", Path: Prefix + "/participants", Icon: "bank", Group: "network"},
		{ID: "limits", Path: Prefix + "/limits", Icon: "shield"},
		{ID: "rates", Path: Prefix + "/rates", Icon: "swap"},
		{ID: "changes", Path: Prefix + "/changes", Icon: "edit", Group: "control"},
		{ID: "ledger", Path: Prefix + "/ledger", Icon: "copy"},
		{ID: "audit", Path: Prefix + "/audit", Icon: "history"},
	}
	if p.People != nil {
		list = append(list, console.NavItem{ID: "people", Path: Prefix + "/people",
			Icon: "users"})
	}
	return list
}

// where names the network in the head of the pages.
func (p *pages) where(
	_ context.Context, _ access.Caller, l i18n.Lang,
) (string, error) {
	return "", nil
}

// by is the person behind a visit, for what two people decide: one e-mail is one person.
func by(v *console.Visit) foureyes.Person {
	return foureyes.Person{Name: v.Person.Email, Actor: v.Caller.Actor}
}

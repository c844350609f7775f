package merchant

import (
	"context"
	"embed"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/pay/webhook"
	"watari/ui/console"
)

//go:embed lang/*.json
var langFiles embed.FS

// Stands prints the QR stands of stores, by their numbers. size is a5 or a6; form is pdf, svg (one
// store) or sheet. It does not know who asks.
type Stands interface {
	Print(ctx context.Context, storeNos []int64, size, form string) (
		struct {
			Name, Type string
			Body       []byte
		}, error)
}

// Tills turns browsers into tills, and sets the PIN of a store.
type Tills interface {
	// Invite returns the path, on this server, of a link that turns a browser into a till once.
	Invite(ctx context.Context, actor string, terminalNo int64) (string, error)
	// SignOut signs every browser out of a till, and returns how many there were.
	SignOut(ctx context.Context, actor string, terminalNo int64) (int64, error)
	// SetPIN sets the manager's PIN of a store by its hash; "" removes it.
	SetPIN(ctx context.Context, actor string, storeNo int64, hash string) error
}

// Config is what the pages are made of. All fields but Park are needed.
type Config struct {
	Console   console.Config
	Reports   *report.Reports
	Payments  *payment.Service
	Directory *party.Directory
	Events    *event.Log
	People    *people.People
	Signup    *signup.Service
	Hooks     *webhook.Service
	Stands    Stands
	Keys      *people.Keyring
	Tills     Tills
	// Park tells whether somebody works for a park, which has a console of its own; nil: nobody does.
	Park func(ctx context.Context, c access.Caller) (bool, error)
	// PublicURL is where browsers reach this network, without a trailing slash.
	PublicURL string
}

// app is the console with what its pages remember.
type app struct {
	Config
	pins attempts
}

// Who a page is for; nil is everybody of a merchant.
var (
	owners  = []access.Role{access.MerchantOwner}
	keepers = []access.Role{access.MerchantOwner, access.MerchantManager}
)

// New returns the pages below /merchant.
func New(c Config) *console.Console {
	a := &app{Config: c}
	k := console.New(c.Console, console.App{Prefix: "/merchant",
		Roles: []access.Role{access.MerchantOwner, access.MerchantManager,
			access.MerchantCashier},
		Texts: i18n.MustLoad(langFiles, "lang/*.json"), Where: a.where, Nav: nav()})
	a.daily(k)
	a.equipment(k)
	a.office(k)
	return k
}

// nav is the way through the console.
func nav() []console.NavItem {
	return []console.NavItem{
		{ID: "today", Path: "/merchant", Icon: "home", Main: true},
		{ID: "payments", Path: "/merchant/payments", Icon: "list", Main: true},
		{ID: "takings", Path: "/merchant/takings", Icon: "chart", Main: true, Roles: keepers},
		{ID: "tills", Path: "/merchant/tills", Icon: "till", Main: true, Roles: keepers},
		{ID: "stands", Path: "/merchant/stands", Icon: "code", Roles: keepers, Group: "shop"},
		{ID: "payouts", Path: "/merchant/payouts", Icon: "bank", Roles: owners},
		{ID: "staff", Path: "/merchant/staff", Icon: "users", Roles: keepers},
		{ID: "webhooks", Path: "/merchant/webhooks", Icon: "send", Roles: owners,
			Group: "systems"},
		{ID: "keys", Path: "/merchant/keys", Icon: "key", Roles: owners},
	}
}

// daily adds what is looked at every day.
func (a *app) daily(k *console.Console) {
	k.Handle("GET /merchant", nil, a.showToday)
	k.Handle("GET /merchant/live", nil, a.live)
	k.Handle("GET /merchant/payments", nil, a.listPayments)
	k.Handle("GET /merchant/payments.csv", keepers, a.downloadPayments)
	k.Handle("GET /merchant/payments/{id}", nil, a.showPayment)
	k.Handle("GET /merchant/payments/{id}/refund", keepers, a.askRefund)
	k.HandleAlways("POST /merchant/payments/{id}/refund", keepers, a.reviewRefund)
	k.Handle("GET /merchant/payments/{id}/refunds", keepers, a.toPayment)
	k.HandleAlways("POST /merchant/payments/{id}/refunds", keepers, a.giveBack)
	k.Handle("GET /merchant/takings", keepers, a.showTakings)
	k.Handle("GET /merchant/takings.csv", keepers, a.downloadTakings)
}

// equipment adds the tills and the stands.
func (a *app) equipment(k *console.Console) {
	k.Handle("GET /merchant/tills", keepers, a.showTills)
	k.Handle("POST /merchant/tills/{no}/open", keepers, a.openTill)
	k.Handle("GET /merchant/tills/{no}/link", keepers, a.toTills)
	k.Handle("POST /merchant/tills/{no}/link", keepers, a.linkTill)
	k.Handle("POST /merchant/tills/{no}/sign-out", keepers, a.signTillOut)
	k.Handle("GET /merchant/stores/{no}/pin", owners, a.askPIN)
	k.Handle("POST /merchant/stores/{no}/pin", owners, a.setPIN)
	k.Handle("POST /merchant/stores/{no}/pin/remove", owners, a.removePIN)
	k.Handle("GET /merchant/stands", keepers, a.showStands)
	k.Handle("GET /merchant/stands/file", keepers, a.downloadStand)
	k.Handle("GET /merchant/stands/{no}/picture.svg", keepers, a.drawStand)
}

// office adds what an owner keeps in order.
func (a *app) office(k *console.Console) {
	k.Handle("GET /merchant/payouts", owners, a.showPayouts)
	k.Handle("GET /merchant/payouts/account", owners, a.askAccount)
	k.Handle("POST /merchant/payouts/account", owners, a.proposeAccount)
	k.Handle("GET /merchant/staff", keepers, a.listStaff)
	k.Handle("GET /merchant/staff/invite", keepers, a.askInvitation)
	k.Handle("POST /merchant/staff/invite", keepers, a.invite)
	k.Handle("POST /merchant/staff/invitations/{id}/withdraw", keepers, a.withdraw)
	k.Handle("GET /merchant/staff/{id}", keepers, a.showPerson)
	k.Handle("POST /merchant/staff/{id}/role", keepers, a.setRole)
	k.Handle("POST /merchant/staff/{id}/reset", keepers, a.resetPassword)
	k.Handle("POST /merchant/staff/{id}/unlock", keepers, a.unlock)
	k.Handle("POST /merchant/staff/{id}/end", keepers, a.endPerson)
	k.Handle("GET /merchant/webhooks", owners, a.listHooks)
	k.Handle("GET /merchant/webhooks/new", owners, a.askHook)
	k.Handle("POST /merchant/webhooks/new", owners, a.addHook)
	k.Handle("GET /merchant/webhooks/{id}", owners, a.showHook)
	k.Handle("GET /merchant/webhooks/{id}/edit", owners, a.askHookChange)
	k.Handle("POST /merchant/webhooks/{id}/edit", owners, a.changeHook)
	k.Handle("POST /merchant/webhooks/{id}/{what}", owners, a.actOnHook)
	k.Handle("GET /merchant/webhooks/{id}/messages/{message}", owners, a.showMessage)
	k.Handle("POST /merchant/webhooks/{id}/messages/{message}/replay", owners, a.replay)
	k.Handle("GET /merchant/keys", owners, a.listKeys)
	k.Handle("POST /merchant/keys", owners, a.makeKey)
	k.Handle("POST /merchant/keys/{id}/end", owners, a.endKey)
}

// where is the shop's name in the head of the pages, or that of the one store.
func (a *app) where(ctx context.Context, c access.Caller, lang i18n.Lang) (string, error) {
	if c.StoreNo != 0 {
		p, err := a.Directory.Store(ctx, c.StoreNo)
		return named(p.Store.Name, p.Store.NameJA, lang), err
	}
	m, err := a.Directory.Merchant(ctx, c.MerchantNo)
	return named(m.Name, m.NameJA, lang), err
}

// named is the name for readers of a language.
func named(latin, japanese string, lang i18n.Lang) string {
	return report.Name{Name: latin, NameJA: japanese}.In(string(lang))
}

package acquirer

import (
	"context"
	"embed"
	"io"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/check"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/pay/webhook"
	"watari/ui/console"
)

//go:embed lang/*.json
var langFiles embed.FS

// Prefix and ApplyPath are the first parts of the console's paths and of the public form's.
const (
	Prefix    = "/acquirer"
	ApplyPath = "/apply"
)

// Applications takes merchants in. signup.Service is one.
type Applications interface {
	List(ctx context.Context, f signup.Filter) ([]signup.Application, string, error)
	Count(ctx context.Context, acquirerNo int64) (map[signup.State]int, error)
	Find(ctx context.Context, acquirerNo int64, id string) (signup.Application, error)
	History(ctx context.Context, acquirerNo int64, id string) ([]signup.Entry, error)
	Create(ctx context.Context, by foureyes.Person, acquirerNo int64, f signup.Form) (
		signup.Application, error)
	Save(ctx context.Context, by foureyes.Person, acquirerNo int64, id string, version int64,
		f signup.Form) (signup.Application, error)
	Submit(ctx context.Context, by foureyes.Person, acquirerNo int64, id string,
		version int64) (signup.Application, error)
	Withdraw(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) (
		signup.Application, error)
	Review(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) (
		signup.Application, error)
	Return(ctx context.Context, by foureyes.Person, acquirerNo int64, id string,
		remarks []signup.Remark) (signup.Application, error)
	Refuse(ctx context.Context, by foureyes.Person, acquirerNo int64, id, reason string) (
		signup.Application, error)
	Screen(ctx context.Context, by foureyes.Person, acquirerNo int64, id string,
		o signup.Outcome, note string) (signup.Application, error)
	Missing(ctx context.Context, by foureyes.Person, a signup.Application) (
		[]signup.Remark, error)
	Approve(ctx context.Context, by foureyes.Person, acquirerNo int64, id string,
		version int64, t signup.Terms) (signup.Application, error)
	GoLive(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) (
		signup.Application, error)
	Suspend(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) (
		signup.Application, error)
	End(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) (
		signup.Application, error)
	AddNote(ctx context.Context, by foureyes.Person, acquirerNo int64, id, text string) (
		signup.Note, error)
	Notes(ctx context.Context, acquirerNo int64, id string) ([]signup.Note, error)
	AddDocument(ctx context.Context, by foureyes.Person, acquirerNo int64, id string,
		p signup.Paper, name string, data []byte) (signup.Document, error)
	Documents(ctx context.Context, acquirerNo int64, id string) ([]signup.Document, error)
	OpenDocument(ctx context.Context, by foureyes.Person, acquirerNo int64, id,
		documentID string) (signup.Document, []byte, error)
	RemoveDocument(ctx context.Context, by foureyes.Person, acquirerNo int64, id,
		documentID string) error
}

// Invitations are the links by which merchants apply. signup.Service is one.
type Invitations interface {
	Invite(ctx context.Context, by foureyes.Person, inv signup.Invitation) (
		signup.Invitation, string, error)
	Invitations(ctx context.Context, acquirerNo int64) ([]signup.Invitation, error)
	Revoke(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) error
	Visit(ctx context.Context, secret string) (signup.Guest, error)
	Begin(ctx context.Context, secret string) (string, error)
	GuestSave(ctx context.Context, secret string, version int64, f signup.Form) (
		signup.Application, error)
	GuestSubmit(ctx context.Context, secret string, version int64) (signup.Application, error)
	GuestDocument(ctx context.Context, secret string, p signup.Paper, name string,
		data []byte) (signup.Document, error)
	GuestRemove(ctx context.Context, secret, documentID string) error
}

// Payouts are the accounts that merchants are paid to. signup.Service is one.
type Payouts interface {
	Payouts(ctx context.Context, acquirerNo, merchantNo int64) ([]signup.Payout, error)
	PayoutsWaiting(ctx context.Context, acquirerNo int64) ([]signup.Payout, error)
	ProposePayout(ctx context.Context, by foureyes.Person, acquirerNo, merchantNo int64,
		a signup.Account, note string) (signup.Payout, error)
	ApprovePayout(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) (
		signup.Payout, error)
	StopPayout(ctx context.Context, by foureyes.Person, acquirerNo int64, id string) (
		signup.Payout, error)
}

// Imports reads files of shops. signup.Service is one.
type Imports interface {
	StartImport(ctx context.Context, by foureyes.Person, acquirerNo int64, u signup.Upload) (
		signup.Import, error)
	FindImport(ctx context.Context, acquirerNo int64, id string) (signup.Import, error)
	Imports(ctx context.Context, acquirerNo int64) ([]signup.Import, error)
	Mistakes(ctx context.Context, acquirerNo int64, id string, offset, limit int) (
		[]signup.Mistake, error)
	WriteResult(ctx context.Context, w io.Writer, acquirerNo int64, id string) error
}

// Signup is all of the above.
type Signup interface {
	Applications
	Invitations
	Payouts
	Imports
}

// Places knows the directory. party.Directory is one.
type Places interface {
	Participant(ctx context.Context, no int64) (party.Participant, error)
	Merchant(ctx context.Context, no int64) (party.Merchant, error)
	Store(ctx context.Context, storeNo int64) (party.Point, error)
	Terminal(ctx context.Context, terminalNo int64) (party.Point, error)
	Wallets(ctx context.Context) ([]party.Wallet, error)
	KeysOf(ctx context.Context, participantNo int64) ([]party.Key, error)
}

// Keeping changes the directory, each in a transaction of its own.
type Keeping interface {
	SetStoreStatus(ctx context.Context, actor string, storeNo int64, to party.Status) error
	SetTerminalStatus(ctx context.Context, actor string, terminalNo int64,
		to party.Status) error
	SetRefunds(ctx context.Context, actor string, terminalNo int64, allowed bool) error
	SetLimits(ctx context.Context, actor string, storeNo int64, l party.StoreLimits) error
	SetFace(ctx context.Context, actor string, storeNo int64, f party.StoreFace) error
	// SetPIN sets the manager's PIN of a store by its hash; "" removes it.
	SetPIN(ctx context.Context, actor string, storeNo int64, hash string) error
	AddTill(ctx context.Context, actor string, t party.Terminal) (party.Terminal, error)
	// ActivationURL makes a link that opens a till once, within life.
	ActivationURL(ctx context.Context, actor string, terminalNo int64, life time.Duration) (
		string, error)
	SignOutTill(ctx context.Context, actor string, terminalNo int64) error
	AddSigningKey(ctx context.Context, actor string, k party.Key) error
	RetireSigningKey(ctx context.Context, actor string, participantNo int64, version int) error
}

// Reports adds up. report.Reports is one.
type Reports interface {
	Total(ctx context.Context, s report.Scope, p report.Period) (report.Takings, error)
	Days(ctx context.Context, s report.Scope, p report.Period) ([]report.DayTakings, error)
	By(ctx context.Context, s report.Scope, p report.Period, currency money.Currency,
		dims ...report.Dimension) ([]report.Row, error)
	Names(ctx context.Context, d report.Dimension, acquirerNo int64) (
		map[int64]report.Name, error)
	Search(ctx context.Context, q report.Query) ([]report.Line, string, error)
	Find(ctx context.Context, s report.Scope, paymentID string) (report.Line, bool, error)
	Tills(ctx context.Context, s report.Scope) ([]report.Till, error)
	Shops(ctx context.Context, f report.ShopFilter, p report.Period) ([]report.Shop, int64,
		error)
	ShopCounts(ctx context.Context, acquirerNo int64) (map[string]report.ShopCount, error)
	Unseen(ctx context.Context, acquirerNo int64, since time.Time, most int) (
		[]report.Silent, int, error)
	Hanging(ctx context.Context, acquirerNo int64, before time.Time, most int) (
		[]report.Waiting, error)
	Stuck(ctx context.Context, acquirerNo int64, most int) ([]report.Waiting, error)
	HangingRefunds(ctx context.Context, acquirerNo int64, before time.Time, most int) (
		[]report.Waiting, error)
}

// Payments tells of payments and gives money back. payment.Service is one.
type Payments interface {
	Timeline(ctx context.Context, acquirerNo int64, paymentID string) (payment.Timeline, error)
	Refund(ctx context.Context, g payment.Giveback) (*payment.Refund, error)
}

// Stands draws QR stands. stand.Printer is one.
type Stands interface {
	Print(ctx context.Context, storeNos []int64, size, form string) (struct {
		Name, Type string
		Body       []byte
	}, error)
}

// Staff keeps people. people.People is one.
type Staff interface {
	Invite(ctx context.Context, by access.Caller, in people.Invitation) (people.Link, error)
	Invitations(ctx context.Context, by access.Caller) ([]people.Invitation, error)
	Withdraw(ctx context.Context, by access.Caller, invitationID string) error
	List(ctx context.Context, by access.Caller, f people.Filter) ([]people.Person, string,
		error)
	Find(ctx context.Context, by access.Caller, personID string) (people.Person, error)
	SetRole(ctx context.Context, by access.Caller, personID string, to people.Place) error
	End(ctx context.Context, by access.Caller, personID string) error
	Unlock(ctx context.Context, by access.Caller, personID string) error
	ResetLink(ctx context.Context, by access.Caller, personID string, factors bool) (
		people.Link, error)
	SignOutAll(ctx context.Context, by access.Caller, personID string) error
}

// APIKeys keeps the keys of the bank's own systems. people.Keyring is one.
type APIKeys interface {
	List(ctx context.Context, by access.Caller, participantNo, merchantNo int64) (
		[]access.Key, error)
	Make(ctx context.Context, by access.Caller, g access.Grant) (secret string, key access.Key,
		err error)
	Replace(ctx context.Context, by access.Caller, keyID string, overlap time.Duration) (
		secret string, key access.Key, err error)
	Revoke(ctx context.Context, by access.Caller, keyID string) error
}

// Hooks tells the bank's systems what happens. webhook.Service is one.
type Hooks interface {
	List(ctx context.Context, o webhook.Owner) ([]webhook.Endpoint, error)
	Find(ctx context.Context, o webhook.Owner, id string) (webhook.Endpoint, error)
	Add(ctx context.Context, o webhook.Owner, actor string, t webhook.Terms) (
		webhook.Endpoint, string, error)
	Change(ctx context.Context, o webhook.Owner, actor, id string, t webhook.Terms) (
		webhook.Endpoint, error)
	Verify(ctx context.Context, o webhook.Owner, actor, id string) (webhook.Endpoint, error)
	Disable(ctx context.Context, o webhook.Owner, actor, id string) (webhook.Endpoint, error)
	Remove(ctx context.Context, o webhook.Owner, actor, id string) error
	Rotate(ctx context.Context, o webhook.Owner, actor, id string) (webhook.Endpoint, string,
		error)
	Deliveries(ctx context.Context, o webhook.Owner, id string, f webhook.DeliveryFilter) (
		[]webhook.Delivery, int64, error)
	Delivery(ctx context.Context, o webhook.Owner, id, deliveryID string) (webhook.Delivery,
		error)
	Replay(ctx context.Context, o webhook.Owner, actor, id, deliveryID string) (
		webhook.Delivery, error)
	ReplayFailed(ctx context.Context, o webhook.Owner, actor, id string, since time.Time) (
		int64, error)
}

// Config is what the pages need. Every field is needed.
type Config struct {
	Console  console.Config
	Signup   Signup
	Places   Places
	Keeping  Keeping
	Reports  Reports
	Payments Payments
	Stands   Stands
	Staff    Staff
	Keys     APIKeys
	Hooks    Hooks
	Events   *event.Log
	// PublicURL is where merchants reach the form, without a trailing slash.
	PublicURL string
}

// app is what the handlers share.
type app struct{ Config }

// Pages are the console and the public form.
type Pages struct{ console, apply *console.Console }

// Mount adds the pages' paths.
func (p *Pages) Mount(m console.Mounter) {
	p.console.Mount(m)
	p.apply.Mount(m)
}

// ServeHTTP is part of http.Handler, for tests.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.applies(r.URL.Path) {
		p.apply.ServeHTTP(w, r)
		return
	}
	p.console.ServeHTTP(w, r)
}

func (p *Pages) applies(path string) bool {
	return len(path) >= len(ApplyPath) && path[:len(ApplyPath)] == ApplyPath
}

// New returns the pages.
func New(c Config) *Pages {
	check.That(c.Signup != nil && c.Places != nil && c.Keeping != nil && c.Reports != nil &&
		c.Payments != nil && c.Stands != nil && c.Staff != nil && c.Keys != nil &&
		c.Hooks != nil && c.Events != nil, "acquirer: a part of the configuration is missing")
	a := &app{Config: c}
	texts := i18n.MustLoad(langFiles, "lang/*.json")
	k := console.New(c.Console, console.App{Prefix: Prefix, Roles: all, Nav: nav(),
		Texts: texts, Where: a.bankName})
	a.routes(k)
	public := console.New(c.Console, console.App{Prefix: ApplyPath, Name: "apply.name", Stay: true,
		Texts: texts})
	a.publicRoutes(public)
	return &Pages{console: k, apply: public}
}

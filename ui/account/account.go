package account

import (
	"context"
	"embed"
	"encoding/json"
	"net/http"
	"net/url"

	"watari/kit/access"
	"watari/kit/access/oidc"
	"watari/kit/access/people"
	"watari/kit/check"
	"watari/kit/i18n"
	"watari/ui/console"
)

//go:embed lang/*.json
var langFiles embed.FS

// People signs people in and keeps what they have. people.People is one.
type People interface {
	SignIn(ctx context.Context, a people.Attempt) (people.Step, error)
	SecondFactor(ctx context.Context, ticket, code string, f people.From) (people.Step, error)
	Ticket(ctx context.Context, ticket string) (people.Person, people.Need, error)
	SignOut(ctx context.Context, secret string) error
	Session(ctx context.Context, secret string) (access.Caller, people.Person, error)
	Confirmed(ctx context.Context, secret string) (bool, error)
	Confirm(ctx context.Context, secret, passwordOrCode string, f people.From) error
	SetProfile(ctx context.Context, secret, name, lang string) error
	ChangePassword(ctx context.Context, secret, old, new string, f people.From) error
	EnrolTOTP(ctx context.Context, h people.Holder) (people.Enrolment, error)
	ConfirmTOTP(ctx context.Context, h people.Holder, code string, f people.From) (
		people.Enrolled, error)
	RemoveTOTP(ctx context.Context, secret string) error
	RecoveryCodes(ctx context.Context, secret string) ([]string, error)
	PasskeysAt(host string) bool
	BeginPasskey(ctx context.Context, h people.Holder) (people.PasskeyAsk, error)
	FinishPasskey(ctx context.Context, h people.Holder, ticket, label string, answer []byte,
		f people.From) (people.Enrolled, error)
	BeginPasskeySignIn(ctx context.Context, f people.From) (people.PasskeyAsk, error)
	FinishPasskeySignIn(ctx context.Context, ticket string, answer []byte, f people.From) (
		people.Step, error)
	Passkeys(ctx context.Context, secret string) ([]people.Passkey, error)
	RemovePasskey(ctx context.Context, secret, passkeyID string) error
	Sessions(ctx context.Context, secret string) ([]people.Session, error)
	EndSession(ctx context.Context, secret, sessionID string) error
	EndOtherSessions(ctx context.Context, secret string) (int, error)
	Invitation(ctx context.Context, secret string) (people.Invitation, error)
	Accept(ctx context.Context, a people.Acceptance) (people.Step, error)
}

// Banks sign their people in themselves. oidc.Gate is one.
type Banks interface {
	Banks(ctx context.Context) ([]oidc.Bank, error)
	Begin(ctx context.Context, bankID, next string, f people.From) (oidc.Start, error)
	Finish(ctx context.Context, cookie string, query url.Values, f people.From) (
		people.Step, string, error)
}

// Login is somebody whom a sandbox lets everybody be.
type Login struct {
	Role access.Role
	// Email and Password sign in; Where is the bank or shop, in words.
	Email, Password, Where string
}

// Config is what the pages need. Banks, Logins and Where may be left out.
type Config struct {
	Console console.Config
	People  People
	Banks   Banks
	// Logins are shown on the page to sign in, in a sandbox (Console.Sandbox) only.
	Logins func(ctx context.Context) ([]Login, error)
	// Where names a place: the bank, the shop.
	Where func(ctx context.Context, c access.Caller, lang i18n.Lang) (string, error)
}

// app is the handlers' state.
type app struct {
	Config
	texts *i18n.Catalogue
}

// roles are those of people.
var roles = []access.Role{access.Operator, access.Acquirer, access.AcquirerClerk,
	access.AcquirerViewer, access.MerchantOwner, access.MerchantManager, access.MerchantCashier}

// New returns the pages, to be mounted.
func New(c Config) *console.Console {
	check.That(c.People != nil, "account: there are no people")
	a := &app{Config: c, texts: Texts()}
	k := console.New(c.Console, console.App{Prefix: "/account", Roles: roles,
		Texts: a.texts, Where: c.Where,
		Nav: []console.NavItem{
			{ID: "account", Path: "/account", Icon: "user"},
			{ID: "security", Path: "/account/security", Icon: "shield"},
			{ID: "sessions", Path: "/account/sessions", Icon: "history"},
		}})
	k.Public("GET /account/sign-in", a.showSignIn)
	k.Public("POST /account/sign-in", a.signIn)
	k.Public("GET /account/second", a.showSecond)
	k.Public("POST /account/second", a.second)
	k.Public("GET /account/enrol", a.showEnrol)
	k.Public("POST /account/enrol", a.enrol)
	k.Public("GET /account/forgotten", a.showForgotten)
	k.Public("GET /account/sso/callback", a.fromBank)
	k.Public("GET /account/sso/{bank}", a.toBank)
	k.Public("POST /account/passkey", a.askPasskey)
	k.Public("POST /account/passkey/sign-in", a.passkeySignIn)
	k.Public("GET /account/invitation/{secret}", a.showInvitation)
	k.Public("POST /account/invitation/{secret}", a.accept)
	k.Public("POST /account/sign-out", a.signOut)
	k.Public("POST /account/look", a.look)
	k.Public("POST /account/passkeys/new", a.newPasskey)
	k.Public("POST /account/passkeys/answer", a.keepPasskey)
	for pattern, page := range map[string]console.Handler{
		"GET /account":                  a.showAccount,
		"GET /account/security":         a.showSecurity,
		"GET /account/sessions":         a.showSessions,
		"POST /account/profile":         a.keepProfile,
		"POST /account/password":        a.changePassword,
		"GET /account/password":         a.showPassword,
		"GET /account/totp":             a.showTOTP,
		"POST /account/totp":            a.confirmTOTP,
		"POST /account/totp/remove":     a.removeTOTP,
		"POST /account/recovery":        a.newRecovery,
		"POST /account/passkeys/remove": a.removePasskey,
		"POST /account/sessions/end":    a.endSession,
		"POST /account/sessions/others": a.endOthers,
		"GET /account/confirm":          a.showConfirm,
		"POST /account/confirm":         a.confirm,
	} {
		k.HandleAlways(pattern, nil, page)
	}
	return k
}

// from is where a request came from.
func from(v *console.Visit) people.From { return people.FromRequest(v.R) }

// answer writes JSON for a script of these pages.
func answer(v *console.Visit, status int, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	v.W.WriteHeader(status)
	_, _ = v.W.Write(raw)
	return nil
}

// ok is the status of a page that is as it should be; a form that came back has its own.
const ok = http.StatusOK

// Texts are the words of the pages.
func Texts() *i18n.Catalogue { return i18n.MustLoad(langFiles, "lang/*.json") }

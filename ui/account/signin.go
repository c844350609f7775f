package account

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"watari/kit/access"
	"watari/kit/access/oidc"
	"watari/kit/access/people"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/ui/console"
)

// The cookies of a sign-in that is under way.
const (
	ticketCookie = "watari_ticket"
	ticketAge    = 10 * 60 // seconds
	ssoCookie    = "watari_sso"
	ssoAge       = 10 * 60 // seconds
	ssoPath      = "/account/sso"
)

// signInScreen is what the page to sign in shows.
type signInScreen struct {
	next     string
	banks    []oidc.Bank
	logins   []Login
	passkeys bool
}

// password is the one that all logins of a sandbox share, or "".
func (s signInScreen) password() string {
	for _, l := range s.logins {
		if l.Password != s.logins[0].Password {
			return ""
		}
	}
	if len(s.logins) == 0 {
		return ""
	}
	return s.logins[0].Password
}

// showSignIn asks who comes; who is signed in already goes on.
func (a *app) showSignIn(v *console.Visit) error {
	next := console.SafeNext(v.R.FormValue("next"))
	if v.SignedIn() && v.R.Method == http.MethodGet {
		if next == "" {
			next = console.Home(v.Caller.Role)
		}
		return v.SeeOther(next, "")
	}
	s := signInScreen{next: next, passkeys: a.People.PasskeysAt(v.R.Host)}
	var err error
	if a.Banks != nil {
		if s.banks, err = a.Banks.Banks(v.Ctx()); err != nil {
			return err
		}
	}
	if a.Logins != nil && a.Console.Sandbox {
		if s.logins, err = a.Logins(v.Ctx()); err != nil {
			return err
		}
	}
	return v.Show(ok, console.Page{Title: v.T("signin.title"), Alone: true, Bare: true,
		Wide: len(s.logins) > 0},
		signInPage(v, s))
}

// signIn takes an e-mail address and a password.
func (a *app) signIn(v *console.Visit) error {
	email, password := v.Typed("email"), v.R.PostFormValue("password")
	if email == "" {
		v.Mistake("email", v.T("signin.email.missing"))
	}
	if password == "" {
		v.Mistake("password", v.T("signin.password.missing"))
	}
	if v.Wrong() {
		return a.showSignIn(v)
	}
	step, err := a.People.SignIn(v.Ctx(), people.Attempt{Email: email, Password: password,
		From: from(v)})
	if refused(v, err) {
		return a.showSignIn(v)
	}
	if err != nil {
		return err
	}
	return a.goOn(v, step, console.SafeNext(v.R.PostFormValue("next")))
}

// refused takes a refusal of a sign-in into the form: these are "unauthenticated" and no mistake
// of a field.
func refused(v *console.Visit, err error) bool {
	for _, p := range []*fault.Problem{people.ErrRefused, people.ErrLocked, people.ErrBusy,
		access.ErrClosed} {
		if errors.Is(err, p) {
			v.Refuse(v.T("fault." + p.Slug))
			return true
		}
	}
	return v.Refused(err)
}

// goOn leads to what a step of a sign-in still needs, or to where the person wanted to go.
func (a *app) goOn(v *console.Visit, s people.Step, next string) error {
	switch s.Need {
	case people.NeedSecond:
		keepTicket(v, s.Ticket)
		return v.SeeOther(withNext("/account/second", next), "")
	case people.NeedEnrol:
		keepTicket(v, s.Ticket)
		return v.SeeOther(withNext("/account/enrol", next), "")
	}
	a.arrive(v, s)
	if next == "" {
		next = console.Home(s.Person.Role)
	}
	return v.SeeOther(next, "")
}

// arrive gives the browser its session, and the language of the person when they chose one.
func (a *app) arrive(v *console.Visit, s people.Step) {
	v.KeepSession(s.Secret, s.Until)
	keepTicket(v, "")
	// A sandbox's people are played by whoever tries it, in their own language.
	if l, known := i18n.Parse(s.Person.Lang); known && !a.Console.Sandbox {
		v.KeepLang(l)
	}
}

// keepTicket keeps the ticket of a sign-in that is under way; "" takes it away.
func keepTicket(v *console.Visit, ticket string) {
	c := &http.Cookie{Name: ticketCookie, Value: ticket, Path: "/account", HttpOnly: true,
		MaxAge: ticketAge, SameSite: http.SameSiteLaxMode, Secure: console.Secure(v.R)}
	if ticket == "" {
		c.MaxAge = -1
	}
	http.SetCookie(v.W, c)
}

// ticketOf is the ticket that the browser keeps, or "".
func ticketOf(v *console.Visit) string {
	c, err := v.R.Cookie(ticketCookie)
	if err != nil || len(c.Value) > 256 {
		return ""
	}
	return c.Value
}

func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// secondScreen asks for the code of an app.
type secondScreen struct {
	next, email string
	passkeys    bool
}

// showSecond asks for the second factor.
func (a *app) showSecond(v *console.Visit) error {
	who, need, err := a.People.Ticket(v.Ctx(), ticketOf(v))
	if err != nil || need != people.NeedSecond {
		return a.again(v, err)
	}
	return v.Show(ok, console.Page{Title: v.T("second.title"), Alone: true, Bare: true},
		secondPage(v, secondScreen{next: console.SafeNext(v.R.FormValue("next")),
			email: who.Email, passkeys: who.Factors.Passkeys > 0 && a.People.PasskeysAt(v.R.Host)}))
}

// again begins the sign-in anew when its ticket is over.
func (a *app) again(v *console.Visit, err error) error {
	if err != nil && !errors.Is(err, people.ErrTicket) {
		return err
	}
	keepTicket(v, "")
	return v.SeeOther(withNext(console.SignInPath, console.SafeNext(v.R.FormValue("next"))),
		v.T("signin.again"))
}

// second takes the code of an app, or a recovery code.
func (a *app) second(v *console.Visit) error {
	code := v.Typed("code")
	if code == "" {
		v.Mistake("code", v.T("second.code.missing"))
		return a.showSecond(v)
	}
	step, err := a.People.SecondFactor(v.Ctx(), ticketOf(v), code, from(v))
	if errors.Is(err, people.ErrTicket) {
		return a.again(v, err)
	}
	if refused(v, err) {
		return a.showSecond(v)
	}
	if err != nil {
		return err
	}
	return a.goOn(v, step, console.SafeNext(v.R.PostFormValue("next")))
}

// showForgotten tells whom to ask: there is no mail from here.
func (a *app) showForgotten(v *console.Visit) error {
	return v.Show(ok, console.Page{Title: v.T("forgotten.title"), Alone: true},
		forgottenPage(v))
}

// toBank sends the browser to the bank's own sign-in.
func (a *app) toBank(v *console.Visit) error {
	if a.Banks == nil {
		return v.NotFound()
	}
	start, err := a.Banks.Begin(v.Ctx(), v.R.PathValue("bank"),
		console.SafeNext(v.R.FormValue("next")), from(v))
	if err != nil {
		return err
	}
	http.SetCookie(v.W, &http.Cookie{Name: ssoCookie, Value: start.Cookie, Path: ssoPath,
		MaxAge: ssoAge, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: console.Secure(v.R)})
	http.Redirect(v.W, v.R, start.URL, http.StatusSeeOther)
	return nil
}

// fromBank takes what the bank's sign-in says.
func (a *app) fromBank(v *console.Visit) error {
	if a.Banks == nil {
		return v.NotFound()
	}
	cookie := ""
	if c, err := v.R.Cookie(ssoCookie); err == nil {
		cookie = c.Value
	}
	http.SetCookie(v.W, &http.Cookie{Name: ssoCookie, Path: ssoPath, MaxAge: -1})
	step, next, err := a.Banks.Finish(v.Ctx(), cookie, v.R.URL.Query(), from(v))
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable {
		return v.SeeOther(console.SignInPath, v.T("sso.refused"))
	}
	if err != nil {
		return err
	}
	return a.goOn(v, step, console.SafeNext(next))
}

// signOut ends the session of this browser.
func (a *app) signOut(v *console.Visit) error {
	if secret := v.SessionSecret(); secret != "" {
		if err := a.People.SignOut(context.WithoutCancel(v.Ctx()), secret); err != nil {
			return err
		}
	}
	v.DropSession()
	return v.SeeOther(console.SignInPath, v.T("signout.done"))
}

// look keeps the light of the screen.
func (a *app) look(v *console.Visit) error {
	v.KeepLook(v.R.PostFormValue("look"))
	back := console.SafeNext(v.R.PostFormValue("back"))
	if back == "" {
		back = console.AccountPath
	}
	return v.SeeOther(back, "")
}

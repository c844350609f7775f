package browser

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/hotp"

	"watari/kit/clock"
)

// The goal is that people sign in, keep others out, and sign out, all by clicking. The method: one
// sandbox, and for each part somebody of its own.
func TestAccounts(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for name, part := range map[string]func(*testing.T, *Rig){
		"a sandbox lets everybody be anybody": entersTheSandbox,
		"a wrong password is told":            tellsAWrongPassword,
		"an app becomes the second factor":    addsAnApp,
		"a passkey signs in":                  usesAPasskey,
		"an invitation makes a person":        acceptsAnInvitation,
		"somebody signs out":                  signsOut,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, r)
		})
	}
}

// signIn opens a tab and signs in as the n-th login of the sandbox with a role, counted from 0.
func (r *Rig) signIn(t testing.TB, role string, n int, options ...Option) context.Context {
	t.Helper()
	tab := r.Tab(t, options...)
	r.enter(t, tab, role, n)
	return tab
}

// enter signs in in a tab.
func (r *Rig) enter(t testing.TB, tab context.Context, role string, n int) {
	t.Helper()
	email, _ := r.login(t, role, n)
	r.enterAs(t, tab, email)
}

// enterAs signs somebody in, by their address.
func (r *Rig) enterAs(t testing.TB, tab context.Context, email string) {
	t.Helper()
	password := ""
	for _, l := range r.Sandbox.Logins {
		if l.Email == email {
			password = l.Password
		}
	}
	Do(t, tab, goTo(r.BaseURL+"/account/sign-in"))
	fillIn(t, tab, email, password)
	holds(t, tab, `location.pathname !== '/account/sign-in'`)
}

// login finds who signs in with a role.
func (r *Rig) login(t testing.TB, role string, n int) (email, password string) {
	t.Helper()
	for _, l := range r.Sandbox.Logins {
		if l.Role != role {
			continue
		}
		if n == 0 {
			return l.Email, l.Password
		}
		n--
	}
	t.Fatalf("the sandbox has no further login as %s", role)
	return "", ""
}

// fillIn types e-mail address and password and sends them.
func fillIn(t testing.TB, tab context.Context, email, password string) {
	t.Helper()
	Do(t, tab, fill("#f-email", email),
		fill("#f-password", password), click(".door .button.main"))
}

// The page to sign in offers everybody whom the sandbox knows; a click is enough.
func entersTheSandbox(t *testing.T, r *Rig) {
	tab := r.Tab(t, Desktop())
	Do(t, tab, goTo(r.BaseURL+"/account"))
	holds(t, tab, `location.pathname === '/account/sign-in'`)
	Shot(t, tab, "account-sign-in")
	shown := Read(t, tab, chromedp.Evaluate[int](`document.querySelectorAll('.login').length`))
	if shown != len(r.Sandbox.Logins) || shown == 0 {
		t.Errorf("%d logins for %d people", shown, len(r.Sandbox.Logins))
	}
	Do(t, tab, named("operator@watari.example"))
	holds(t, tab, `location.pathname === '/account'`)
	Wait(t, tab, "Network operator")
}

// A wrong password is told without saying what was wrong; the right one leads to the work.
func tellsAWrongPassword(t *testing.T, r *Rig) {
	email, password := r.login(t, "merchant-owner", 0)
	tab := r.Tab(t)
	Do(t, tab, goTo(r.BaseURL+"/account/sign-in"))
	fillIn(t, tab, email, "not the password")
	Wait(t, tab, "The e-mail address or the password is not right.")
	Shot(t, tab, "account-wrong")
	focus := Read(t, tab, chromedp.Evaluate[string](`document.activeElement.className`))
	if focus != "wrongs" {
		t.Errorf("the focus is on %q, not on what is wrong", focus)
	}
	fillIn(t, tab, email, password)
	holds(t, tab, `location.pathname === '/merchant'`)
}

// An authenticator app is set up with the key that the page shows, and asked for from then on.
func addsAnApp(t *testing.T, r *Rig) {
	email, password := r.login(t, "acquirer-viewer", 0)
	tab := r.signIn(t, "acquirer-viewer", 0)
	Do(t, tab, goTo(r.BaseURL+"/account/security"), named("Set up"))
	holds(t, tab, `location.pathname === '/account/totp'`)
	Do(t, tab, click("summary:not(.mastbutton)"))
	Shot(t, tab, "account-app")
	secret := Read(t, tab, chromedp.Evaluate[string](
		`document.querySelector('.copybox code').textContent.trim()`))
	Do(t, tab, fill("#f-code", "000000"), named("Turn on"))
	Wait(t, tab, "The code is not right.")
	Do(t, tab, fill("#f-code", appCode(t, secret, 0)), named("Turn on"))
	Wait(t, tab, "They are shown this once.")
	Shot(t, tab, "account-codes")
	recovery := Read(t, tab, chromedp.Evaluate[string](
		`document.querySelector('.codes code').textContent.trim()`))
	Do(t, tab, named("I have kept them"))
	Wait(t, tab, "10 codes are left.")

	fresh := r.Tab(t)
	Do(t, fresh, goTo(r.BaseURL+"/account/sign-in"))
	fillIn(t, fresh, email, password)
	Wait(t, fresh, "One more step")
	Shot(t, fresh, "account-second")
	Do(t, fresh, fill("#f-code", appCode(t, secret, 1)), click(".door .main"))
	holds(t, fresh, `location.pathname === '/acquirer'`)

	lost := r.Tab(t)
	Do(t, lost, goTo(r.BaseURL+"/account/sign-in"))
	fillIn(t, lost, email, password)
	Wait(t, lost, "One more step")
	Do(t, lost, fill("#f-code", recovery), click(".door .main"))
	holds(t, lost, `location.pathname === '/acquirer'`)
}

// appCode is what an authenticator app shows some steps of half a minute from now (RFC 6238).
func appCode(t testing.TB, secret string, steps int) string {
	t.Helper()
	at := clock.Now().Add(time.Duration(steps) * 30 * time.Second)
	code, err := hotp.GenerateCode(secret, uint64(at.Unix()/30))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// A passkey is made in the account and signs in by itself. Browsers have passkeys on localhost and
// not on addresses of numbers.
func usesAPasskey(t *testing.T, r *Rig) {
	home := strings.Replace(r.BaseURL, "127.0.0.1", "localhost", 1)
	email, password := r.login(t, "acquirer-clerk", 0)
	tab := r.Tab(t)
	fingerprint(t, tab)
	Do(t, tab, goTo(home+"/account/sign-in"))
	fillIn(t, tab, email, password)
	holds(t, tab, `location.pathname === '/acquirer'`)
	Do(t, tab, goTo(home+"/account/security"),
		fill("#f-label", "My phone"), named("Add a passkey"))
	Wait(t, tab, "Recovery codes")
	Do(t, tab, goTo(home+"/account/security"))
	Wait(t, tab, "My phone")
	Shot(t, tab, "account-passkey")
	leave(t, tab)
	Do(t, tab, named("Sign in with a passkey"))
	holds(t, tab, `location.pathname === '/acquirer'`)
	Do(t, tab, goTo(home+"/account/sessions"))
	Wait(t, tab, "by passkey")

	Do(t, tab, goTo(home+"/account/security"), click(".rows .button"),
		click(".dialog:popover-open .danger"))
	Wait(t, tab, "The passkey was removed.")
	leave(t, tab)
	Do(t, tab, named("Sign in with a passkey"))
	Wait(t, tab, "The passkey was not accepted.")
}

// fingerprint gives a tab an authenticator that always says yes.
func fingerprint(t testing.TB, tab context.Context) {
	t.Helper()
	Do(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator,
			webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
				Protocol: "ctap2", Transport: "internal", HasResidentKey: true,
				HasUserVerification: true, IsUserVerified: true,
				AutomaticPresenceSimulation: true,
			}})
		return err
	}))
}

// leave signs out by the menu.
func leave(t testing.TB, tab context.Context) {
	t.Helper()
	Do(t, tab, click("details.menu:last-of-type summary"), named("Sign out"))
	holds(t, tab, `location.pathname === '/account/sign-in'`)
	Wait(t, tab, "You are signed out.")
}

// A link that an administrator made is accepted on a phone, in Japanese, once.
func acceptsAnInvitation(t *testing.T, r *Rig) {
	var made struct{ URL string }
	r.api(t, takayama, http.MethodPost, "/v1/invitations",
		map[string]any{"email": "new@hida-miyagawa.example", "name": "新田 光",
			"role": "acquirer-clerk"}, &made)
	tab := r.Tab(t, Language("ja"))
	Do(t, tab, goTo(made.URL))
	Wait(t, tab, "銀行の担当者")
	Shot(t, tab, "account-invitation")
	Do(t, tab, fill("#f-password", "short"), click(".door .main"))
	holds(t, tab, `document.querySelector('.wrongs') !== null`) // the hint says 12文字以上 before
	Wait(t, tab, "12文字以上")
	Do(t, tab, fill("#f-password", "a long enough sentence"),
		click(".door .main"))
	holds(t, tab, `location.pathname === '/acquirer'`)
	again := r.Tab(t)
	Do(t, again, goTo(made.URL))
	Wait(t, again, "This link is not valid any more")
}

// Signing out ends the session everywhere it is shown, and leaves nothing behind the back button.
func signsOut(t *testing.T, r *Rig) {
	tab := r.signIn(t, "merchant-cashier", 0)
	Do(t, tab, goTo(r.BaseURL+"/account/sessions"))
	Wait(t, tab, "This one")
	leave(t, tab)
	Do(t, tab, leaves(chromedp.Evaluate[chromedp.Void](`void history.back()`)))
	holds(t, tab, `location.pathname === '/account/sign-in'`)
	if text := Read(t, tab, chromedp.Evaluate[string](`document.body.innerText`)); strings.Contains(
		text, "This one") {
		t.Error("the back button shows the account")
	}
	Do(t, tab, goTo(fmt.Sprintf("%s/account?after=%d", r.BaseURL, 1)))
	holds(t, tab, `location.search.startsWith('?next=')`)
}

package account_test

import (
	"net/http"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/ui/console"
)

// Goal: a role that must have a second factor gets nowhere without one. Method: accept an
// invitation of a bank, go elsewhere, set up an app with a wrong and a right code, keep the
// recovery codes, and sign in with a code.
func TestABankMustHaveASecondFactor(t *testing.T) {
	t.Parallel()
	o := open(t, true)
	link := o.invite("clerk@bank.example", access.AcquirerClerk)
	b := o.browser()
	b.post(link, "name", "Aoi", "lang", "en", "password", password)
	b.at("/account/enrol")
	b.says(http.StatusOK, "Set up an authenticator app", "Your role needs more than a password.")
	if b.cookie(console.SessionCookie, "/") != "" {
		t.Fatal("signed in without a second factor")
	}
	secret := b.field("secret")
	b.post("/account/enrol", "code", "", "secret", secret, "url", b.field("url"))
	b.says(http.StatusUnprocessableEntity, "Type the six digits")
	b.post("/account/enrol", "code", "000000", "secret", secret, "url", b.field("url"))
	b.says(http.StatusUnprocessableEntity, "The code is not right.")
	if b.field("secret") != secret {
		t.Error("a wrong code changes what the app must scan")
	}
	b.post("/account/enrol", "code", codeOf(t, secret, 0), "next", "/account/security")
	b.says(http.StatusOK, "Recovery codes", "They are shown this once.")
	kept := codes.FindAllStringSubmatch(b.body, -1)
	if len(kept) != 10 {
		t.Fatalf("%d recovery codes", len(kept))
	}
	b.get("/account/security").says(http.StatusOK, "Authenticator app Remove On", "10 codes are left.")

	fresh := o.browser()
	fresh.post("/account/sign-in", "email", "clerk@bank.example", "password", password,
		"next", "/account/sessions")
	fresh.at("/account/second")
	fresh.get("/account/sessions").at("/account/sign-in")
	fresh.get("/account/second").says(http.StatusOK, "One more step", "clerk@bank.example")
	fresh.post("/account/second", "code", "000000").
		says(http.StatusUnprocessableEntity, "The code is not right.")
	fresh.post("/account/second", "code", kept[0][1], "next", "/account/sessions")
	fresh.at("/account/sessions")
	fresh.get("/account/security").says(http.StatusOK, "9 codes are left.")
}

// Goal: a ticket is good for the step it was made for. Method: pages of other steps without one,
// and with the wrong one.
func TestAStepNeedsItsTicket(t *testing.T) {
	t.Parallel()
	o := open(t, true)
	b := o.browser()
	for _, path := range []string{"/account/second", "/account/enrol"} {
		b.get(path).at("/account/sign-in")
		b.says(http.StatusOK, "Please sign in again")
		b.post(path, "code", "123456").at("/account/sign-in")
	}
	b.post(o.invite("clerk@bank.example", access.AcquirerClerk), "name", "Aoi", "lang", "en",
		"password", password)
	b.at("/account/enrol")
	b.get("/account/second").at("/account/sign-in")
}

// Goal: people set up and remove an app of their own. Method: set one up, remove it.
func TestAnAppIsAddedAndRemoved(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	b := o.join("owner@shop.example", access.MerchantOwner)
	b.get("/account/totp").says(http.StatusOK, "Set up an authenticator app")
	secret := b.field("secret")
	b.post("/account/totp", "code", "12", "secret", secret, "url", b.field("url"))
	b.says(http.StatusUnprocessableEntity, "The code is not right.")
	b.post("/account/totp", "code", codeOf(t, secret, 0)).says(http.StatusOK, "Recovery codes")
	b.get("/account/totp").at("/account/security")
	b.post("/account/recovery").says(http.StatusOK, "Recovery codes")
	if n := len(codes.FindAllString(b.body, -1)); n != 10 {
		t.Errorf("%d new recovery codes", n)
	}
	b.post("/account/totp/remove").at("/account/security")
	b.says(http.StatusOK, "The authenticator app was removed.")
}

// Goal: a new password needs the old one and signs other browsers out. Method: two browsers.
func TestANewPasswordSignsOthersOut(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	b := o.join("owner@shop.example", access.MerchantOwner)
	other := o.browser()
	other.post("/account/sign-in", "email", "owner@shop.example", "password", password)
	other.at("/merchant")
	b.post("/account/password", "old", "not this one 123", "new", "another horse battery")
	b.says(http.StatusUnprocessableEntity, "This is not your present password.")
	b.post("/account/password", "old", password, "new", "short")
	b.says(http.StatusUnprocessableEntity, "At least 12 characters")
	b.post("/account/password", "old", password, "new", "another horse battery")
	b.at("/account/security")
	b.says(http.StatusOK, "The password was changed.")
	other.get("/account").at("/account/sign-in")
}

// Goal: people see their browsers and sign them out one by one, or all others. Method: three
// browsers.
func TestBrowsersAreSignedOut(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	b := o.join("owner@shop.example", access.MerchantOwner)
	others := []*browser{o.browser(), o.browser()}
	for _, other := range others {
		other.post("/account/sign-in", "email", "owner@shop.example", "password", password)
		other.at("/merchant")
	}
	b.get("/account/sessions").says(http.StatusOK, "Go-http-client", "by invitation",
		"by password", "Sign out all others (2)")
	id := b.field("session")
	b.post("/account/sessions/end", "session", id).says(http.StatusOK, "That browser was signed out.")
	b.post("/account/sessions/others").says(http.StatusOK, "One other browser was signed out.")
	for _, other := range others {
		other.get("/account").at("/account/sign-in")
	}
	b.get("/account").at("/account")
}

// Goal: name and language are the person's own, and the language comes along. Method: change both.
func TestNameAndLanguageAreKept(t *testing.T) {
	t.Parallel()
	o := open(t, true)
	b := o.join("owner@shop.example", access.MerchantOwner)
	b.get("/account").says(http.StatusOK, "owner@shop.example", "Shop owner")
	b.post("/account/profile", "name", "", "lang", "ja")
	b.says(http.StatusUnprocessableEntity, "A name has 1 to 100 characters.")
	b.post("/account/profile", "name", "岩滝 正", "lang", "ja").at("/account")
	b.says(http.StatusOK, "保存しました", "お名前と言語")
	fresh := o.browser()
	fresh.post("/account/sign-in", "email", "owner@shop.example", "password", password)
	fresh.get("/account").says(http.StatusOK, "アカウント")
}

// Goal: the light of the screen is remembered, and leads back. Method: choose it; try to be led
// elsewhere.
func TestTheLightIsRemembered(t *testing.T) {
	t.Parallel()
	b := open(t, false).browser()
	b.post("/account/look", "look", "dark", "back", "/account/forgotten").at("/account/forgotten")
	if !strings.Contains(b.body, `data-theme="dark"`) {
		t.Error("the page is not dark")
	}
	b.post("/account/look", "look", "neon", "back", "//evil.example")
	b.at("/account/sign-in")
	if !strings.Contains(b.body, `data-theme="dark"`) {
		t.Error("a light that does not exist was taken")
	}
}

// Goal: scripts are told what is wrong in the words of the page. Method: ask for passkeys where
// there are none and with nonsense.
func TestPasskeysAnswerInWords(t *testing.T) {
	t.Parallel()
	b := open(t, false).browser()
	b.post("/account/passkey/sign-in", "ticket", "x", "answer", "{}")
	b.at("/account/passkey/sign-in")
	if b.status < 400 || b.status >= 500 {
		t.Errorf("status %d", b.status)
	}
	b.says(b.status, "Sign in")
	b.post("/account/passkeys/new")
	if b.status < 400 || b.status >= 500 || !strings.Contains(b.body, `"wrong":`) {
		t.Errorf("status %d: %s", b.status, b.body)
	}
}

package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/ui/account"
	"watari/ui/console"
)

// Goal: a right password leads to where somebody wanted to go, a wrong one nowhere and without
// saying what was wrong (O1, O2). Method: sign in with each, and with addresses of elsewhere.
func TestSigningInLeadsOn(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	o.join("owner@shop.example", access.MerchantOwner)
	b := o.browser()
	b.get("/account/security")
	b.at("/account/sign-in")
	if !strings.Contains(b.path, "next=%2Faccount%2Fsecurity") {
		t.Errorf("the way back is lost: %s", b.path)
	}
	refusal := ""
	for _, email := range []string{"owner@shop.example", "nobody@shop.example"} {
		b.post("/account/sign-in", "email", email, "password", "wrong wrong wrong")
		b.says(http.StatusUnprocessableEntity, "The e-mail address or the password is not right.")
		if strings.Contains(b.body, "wrong wrong") {
			t.Error("the page repeats the password")
		}
		text := strings.ReplaceAll(b.body, email, "")
		if refusal != "" && text != refusal {
			t.Error("the page tells whether the address is known")
		}
		refusal = text
	}
	b.post("/account/sign-in", "email", "", "password", "")
	b.says(http.StatusUnprocessableEntity, "Type your e-mail address.", "Type your password.")
	for next, want := range map[string]string{"": "/merchant", "//evil.example/x": "/merchant",
		"/account/sessions": "/account/sessions"} {
		b = o.browser()
		b.post("/account/sign-in", "email", "Owner@shop.example", "password", password, "next", next)
		b.at(want)
	}
	b.get("/account/sign-in?next=" + url.QueryEscape("/account/security"))
	b.at("/account/security")
}

// Goal: too many wrong passwords lock, and the page says how to go on. Method: ten wrong ones,
// then the right one.
func TestTooManyWrongPasswordsLock(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	o.join("owner@shop.example", access.MerchantOwner)
	b := o.browser()
	for range 10 {
		b.post("/account/sign-in", "email", "owner@shop.example", "password", "wrong wrong wrong")
	}
	b.post("/account/sign-in", "email", "owner@shop.example", "password", password)
	b.at("/account/sign-in")
	b.says(http.StatusUnprocessableEntity, "Too many attempts.")
}

// Goal: signing out ends the session, not only the cookie. Method: use the secret again.
func TestSigningOutEndsTheSession(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	b := o.join("owner@shop.example", access.MerchantOwner)
	secret := b.cookie(console.SessionCookie, "/")
	if secret == "" {
		t.Fatal("nobody is signed in")
	}
	b.post("/account/sign-out")
	b.at("/account/sign-in")
	b.says(http.StatusOK, "You are signed out.")
	if b.cookie(console.SessionCookie, "/") != "" {
		t.Error("the cookie is still there")
	}
	if _, _, err := o.people.Session(t.Context(), secret); err == nil {
		t.Error("the session goes on")
	}
	b.get("/account")
	b.at("/account/sign-in")
}

// Goal: an invitation makes a person once, and says what is wrong with a password. Method: accept
// it with bad passwords, a good one, and again.
func TestAnInvitationIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	link := o.invite("clerk@bank.example", access.AcquirerClerk)
	b := o.browser()
	b.get(link).says(http.StatusOK, "Welcome", "Bank clerk", "Hida Bank")
	for _, bad := range []string{"", "short", "clerk@bank.example"} {
		b.post(link, "name", "Aoi", "lang", "ja", "password", bad)
		b.says(http.StatusUnprocessableEntity, "At least 12 characters, and not your e-mail")
	}
	b.post(link, "name", " ", "lang", "ja", "password", password)
	b.says(http.StatusUnprocessableEntity, "A name has 1 to 100 characters.")
	b.post(link, "name", "Aoi", "lang", "ja", "password", password)
	b.at("/acquirer")
	o.browser().get(link).says(http.StatusNotFound, "This link is not valid any more")
	o.browser().post(link, "name", "Mallory", "password", password).
		says(http.StatusNotFound, "This link is not valid any more")
	o.browser().get("/account/invitation/nonsense").
		says(http.StatusNotFound, "This link is not valid any more")
}

// Goal: somebody who forgot the password gets a new one by a link, and nothing else. Method: a
// link to reset, made by whoever may; the old password and the old sessions are over.
func TestAForgottenPasswordIsSetByALink(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	old := o.join("owner@shop.example", access.MerchantOwner)
	old.get("/account")
	o.browser().get("/account/forgotten").says(http.StatusOK, "Password forgotten", "Your bank")
	_, who, err := o.people.Session(t.Context(), old.cookie(console.SessionCookie, "/"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := o.people.ResetLink(t.Context(), access.Caller{Role: access.Acquirer,
		ParticipantNo: 1, Actor: "key:1"}, who.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	link := strings.TrimPrefix(made.URL, "http://localhost")
	b := o.browser()
	b.get(link).says(http.StatusOK, "A new password", "For owner@shop.example.")
	b.post(link, "password", "another horse battery")
	b.at("/merchant")
	old.get("/account")
	old.at("/account/sign-in")
	old.post("/account/sign-in", "email", "owner@shop.example", "password", password)
	old.says(http.StatusUnprocessableEntity, "not right")
}

// Goal: a sandbox offers everybody to sign in as anybody, and no other server does. Method: look
// for the logins on the page of each.
func TestOnlyASandboxShowsLogins(t *testing.T) {
	t.Parallel()
	open(t, false).browser().get("/account/sign-in").
		says(http.StatusOK, "Sandbox sign-ins", "play@bank.example", "Bank administrator")
	if b := open(t, true).browser().get("/account/sign-in"); strings.Contains(b.body, password) {
		t.Error("a live server shows a password")
	}
}

// Goal: the pages speak five languages, and remember which. Method: compare the catalogues; choose
// a language once.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	i18ntest.Complete(t, account.Texts())
	b := open(t, false).browser()
	for _, l := range i18n.Langs() {
		b.get("/account/sign-in?lang=" + string(l))
		b.get("/account/forgotten")
		b.says(http.StatusOK, account.Texts().For(l).T("forgotten.title"))
		if !strings.Contains(b.body, `<html lang="`+string(l)+`"`) {
			t.Errorf("%s is not remembered", l)
		}
	}
}

// Goal: whose place is closed is told so at the sign-in, in words of every language, and their
// session has ended. Method: a shop that closes while its owner is signed in.
func TestClosedPlacesAreTold(t *testing.T) {
	t.Parallel()
	o := open(t, false)
	b := o.join("owner@shop.example", access.MerchantOwner)
	o.stands.Store(int32(access.Closed))
	for end := clock.Now().Add(5 * time.Second); b.path != "/account/sign-in?next=%2Faccount" &&
		clock.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		b.get("/account")
	}
	b.at("/account/sign-in")
	for lang, text := range map[i18n.Lang]string{"en": "is closed here", "ja": "利用は終了しました",
		"ko": "이용이 종료되어", "zh-Hans": "终止使用", "zh-Hant": "終止使用"} {
		b.get("/account/sign-in?lang=" + string(lang))
		b.post("/account/sign-in", "email", "owner@shop.example", "password", password)
		b.at("/account/sign-in")
		b.says(http.StatusUnprocessableEntity, text)
	}
}

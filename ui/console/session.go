package console

import (
	"net/http"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/i18n"
)

// SessionCookie holds the secret of a person's session.
const SessionCookie = "watari_person"

// Paths of ui/account that every console leads to.
const (
	// SignInPath takes ?next=, where to go afterwards.
	SignInPath = "/account/sign-in"
	// SignOutPath and LookPath take posts.
	SignOutPath = "/account/sign-out"
	LookPath    = "/account/look"
	// AccountPath is the person's own account.
	AccountPath = "/account"
)

// themeCookie remembers the light of the screen for all consoles.
const (
	themeCookie = "console_theme"
	themeAge    = 365 * 24 * 60 * 60 // seconds
)

// themes are the lights of the screen; auto follows the system.
var themes = []string{"auto", "light", "dark"}

// Home is the console of a role.
func Home(r access.Role) string {
	switch r {
	case access.Operator:
		return "/operator"
	case access.Acquirer, access.AcquirerClerk, access.AcquirerViewer:
		return "/acquirer"
	case access.MerchantOwner, access.MerchantManager, access.MerchantCashier:
		return "/merchant"
	default:
		return AccountPath
	}
}

// SafeNext returns where to go after signing in: a path of this server, or "" for anything else
// that an address may ask for.
func SafeNext(next string) string {
	bad := func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, bad) || len(next) > 1000 {
		return ""
	}
	return next
}

// KeepSession gives the browser the secret of a session, until then.
func (v *Visit) KeepSession(secret string, until time.Time) {
	v.setCookie(&http.Cookie{Name: SessionCookie, Value: secret,
		MaxAge: max(1, int(until.Sub(v.Now)/time.Second))})
}

// DropSession takes the secret of a session from the browser.
func (v *Visit) DropSession() { v.setCookie(&http.Cookie{Name: SessionCookie, MaxAge: -1}) }

// KeepLook remembers the light of the screen: auto, light or dark.
func (v *Visit) KeepLook(name string) {
	for _, known := range themes {
		if name == known {
			v.setCookie(&http.Cookie{Name: themeCookie, Value: name, MaxAge: themeAge})
		}
	}
}

// KeepLang remembers the language of the pages in this browser.
func (v *Visit) KeepLang(l i18n.Lang) {
	v.setCookie(&http.Cookie{Name: i18n.CookieName, Value: string(l), MaxAge: themeAge})
}

// SessionSecret is the secret that the browser has, or "".
func (v *Visit) SessionSecret() string {
	c, err := v.R.Cookie(SessionCookie)
	if err != nil || len(c.Value) > 256 {
		return ""
	}
	return c.Value
}

// setCookie fills in what all cookies of the consoles have in common.
func (v *Visit) setCookie(c *http.Cookie) {
	c.Path, c.HttpOnly, c.SameSite = "/", true, http.SameSiteLaxMode
	c.Secure = Secure(v.R)
	http.SetCookie(v.W, c)
}

// Secure tells whether the browser came over TLS, here or at a proxy before this program.
func Secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

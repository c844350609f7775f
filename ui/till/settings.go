package till

import (
	"net/http"
	"slices"

	"watari/kit/i18n"
)

// settingsScreen says which till this is.
type settingsScreen struct{ facts []fact }

// showSettings offers the language and the light of the screen.
func (a *app) showSettings(t *visit) error {
	v, p := t.v, t.point()
	allowed := v.T("settings.refunds.no")
	if p.Terminal.CanRefund {
		allowed = v.T("settings.refunds.yes")
	}
	facts := []fact{{name: v.T("fact.store"), value: v.store()},
		{name: v.T("fact.terminal"), value: p.Terminal.Label},
		{name: v.T("settings.bank"), value: p.Acquirer.Name},
		{name: v.T("settings.refunds"), value: allowed}}
	if most := p.Terminal.RefundDayMaxMinor; most != nil && p.Terminal.CanRefund {
		facts = append(facts, fact{name: v.T("settings.refund_cap"), value: v.money(yenOf(*most))})
	}
	facts = append(facts, fact{name: v.T("settings.store_id"), value: p.Store.ID, id: true},
		fact{name: v.T("settings.terminal_id"), value: p.Terminal.ID, id: true})
	return a.show(t.w, t.r, http.StatusOK, v.settings(settingsScreen{facts: facts}))
}

// keepSettings remembers the choices in cookies: lang, theme. It needs no activated till.
func (a *app) keepSettings(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		a.badForm(w, r)
		return
	}
	keep := func(name, value string) {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: cookiePath,
			MaxAge: cookieAge, HttpOnly: true, SameSite: http.SameSiteLaxMode,
			Secure: secure(r)})
	}
	if l, ok := i18n.Parse(r.PostForm.Get("lang")); ok {
		keep(i18n.CookieName, string(l))
	}
	if name := r.PostForm.Get("theme"); slices.Contains(themes, name) {
		keep(themeCookie, name)
	}
	http.Redirect(w, r, "/till/settings", http.StatusSeeOther)
}

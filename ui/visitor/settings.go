package visitor

import (
	"net/http"
	"net/url"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
)

// showSettings is where the language is chosen, and where one signs out.
func (a *App) showSettings(v *Visit) error {
	name, err := v.walletName()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Page{Title: v.T("settings.title"),
		Up: Link{v.T("tab.home"), Prefix}}, v.settings(name))
}

// walletName is the wallet that the visitor signed in with; "" for strangers.
func (v *Visit) walletName() (string, error) {
	if v.Visitor == nil {
		return "", nil
	}
	wallets, err := v.app.Visitors.Wallets(v.Ctx())
	if err != nil {
		return "", err
	}
	for _, w := range wallets {
		if w.IssuerNo == v.Visitor.IssuerNo {
			return w.Name, nil
		}
	}
	return v.Visitor.IssuerID, nil
}

// setLanguage keeps a language in this browser, and for the visitor in all of theirs.
func (a *App) setLanguage(v *Visit) error {
	lang, ok := i18n.Parse(v.Typed("lang"))
	if !ok {
		return errForm.Newf("there is no such language")
	}
	v.setCookie(&http.Cookie{Name: i18n.CookieName, Value: string(lang), MaxAge: langAge})
	if v.Visitor != nil {
		if err := a.Visitors.SetLang(v.Ctx(), v.Visitor.ID, string(lang)); err != nil {
			return err
		}
	}
	return v.SeeOther(SettingsPath, wordsIn(lang).T("settings.language.done"))
}

// askForget says what is erased before it is, and what would be lost.
func (a *App) askForget(v *Visit) error {
	page := Page{Title: v.T("forget.title"), Up: Link{v.T("settings.title"), SettingsPath}}
	n := 0
	for _, b := range a.Bookings {
		list, err := b.Upcoming(v.Ctx(), v.Visitor.ID, v.Now)
		if err != nil {
			return err
		}
		n += len(list)
	}
	if n > 0 {
		page.Lead = v.N("forget.mine", int64(n))
	}
	return v.Show(http.StatusOK, page, v.forgetting())
}

// forget erases what is known of the visitor.
func (a *App) forget(v *Visit) error {
	if v.Typed("sure") != "yes" {
		v.Refuse(v.T("forget.sure.missing"))
		return a.askForget(v)
	}
	for _, end := range a.endings {
		if err := end(v); err != nil {
			return err
		}
	}
	if err := a.Visitors.Forget(v.Ctx(), v.Visitor.ID); err != nil {
		return err
	}
	v.setCookie(&http.Cookie{Name: SessionCookie, MaxAge: -1})
	v.Visitor = nil
	return v.SeeOther(Prefix, v.T("forget.done"))
}

func escape(s string) string { return url.QueryEscape(s) }

func statusOf(e *fault.Error) int { return web.Status(e.Problem) }

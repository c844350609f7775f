package account

import (
	"errors"
	"net/http"
	"strings"

	"watari/kit/access/people"
	"watari/kit/i18n"
	"watari/ui/console"
)

// me is the person who is signed in, with all that is kept.
func (a *app) me(v *console.Visit) (people.Person, error) {
	_, who, err := a.People.Session(v.Ctx(), v.SessionSecret())
	return who, err
}

// showAccount shows who the person is here.
func (a *app) showAccount(v *console.Visit) error {
	who, err := a.me(v)
	if err != nil {
		return err
	}
	return v.Show(ok, console.Page{Title: v.T("nav.account"), Tab: "account",
		Actions: []console.Action{{Text: v.T("account.work"), Icon: "home",
			Href: console.Home(v.Caller.Role)}}}, accountPage(v, who))
}

// keepProfile changes name and language.
func (a *app) keepProfile(v *console.Visit) error {
	lang, known := i18n.Parse(v.Typed("lang"))
	if !known {
		v.Mistake("lang", v.T("account.lang.missing"))
		return a.showAccount(v)
	}
	err := a.People.SetProfile(v.Ctx(), v.SessionSecret(), v.Typed("name"), string(lang))
	if v.Refused(err) {
		return a.showAccount(v)
	}
	if err != nil {
		return err
	}
	v.KeepLang(lang)
	return v.SeeOther("/account", a.texts.For(lang).T("account.saved"))
}

// securityScreen is what keeps others out.
type securityScreen struct {
	who      people.Person
	passkeys []people.Passkey
	here     bool // browsers can use passkeys on this address
	must     bool // the role may not go without a second factor
}

// showSecurity shows password, app, recovery codes and passkeys.
func (a *app) showSecurity(v *console.Visit) error {
	who, err := a.me(v)
	if err != nil {
		return err
	}
	keys, err := a.People.Passkeys(v.Ctx(), v.SessionSecret())
	if err != nil {
		return err
	}
	return v.Show(ok, console.Page{Title: v.T("nav.security"), Tab: "security",
		Lead: v.T("security.lead")}, securityPage(v, securityScreen{who: who, passkeys: keys,
		here: a.People.PasskeysAt(v.R.Host),
		must: people.NeedsSecond(who.Role) && !a.Console.Sandbox}))
}

// showPassword asks for a new password.
func (a *app) showPassword(v *console.Visit) error {
	who, err := a.me(v)
	if err != nil {
		return err
	}
	return v.Show(ok, console.Page{Title: v.T("password.title"), Tab: "security",
		Lead: v.T("password.lead"), Crumbs: securityCrumb(v)}, passwordPage(v, who))
}

// changePassword sets a new password and ends the other sessions.
func (a *app) changePassword(v *console.Visit) error {
	old, fresh := v.R.PostFormValue("old"), v.R.PostFormValue("new")
	if fresh == "" {
		v.Mistake("new", v.T("mistake.password-weak.new"))
		return a.showPassword(v)
	}
	err := a.People.ChangePassword(v.Ctx(), v.SessionSecret(), old, fresh, from(v))
	if errors.Is(err, people.ErrConfirm) {
		return confirmFirst(v, "/account/password")
	}
	if errors.Is(err, people.ErrRefused) {
		v.Mistake("old", v.T("password.old.wrong"))
		return a.showPassword(v)
	}
	if v.Refused(err) {
		return a.showPassword(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/account/security", v.T("password.changed"))
}

// showSessions shows the browsers that are signed in.
func (a *app) showSessions(v *console.Visit) error {
	list, err := a.People.Sessions(v.Ctx(), v.SessionSecret())
	if err != nil {
		return err
	}
	return v.Show(ok, console.Page{Title: v.T("nav.sessions"), Tab: "sessions",
		Lead: v.T("sessions.lead")}, sessionsPage(v, list))
}

// endSession signs one of the person's browsers out.
func (a *app) endSession(v *console.Visit) error {
	err := a.People.EndSession(v.Ctx(), v.SessionSecret(), v.R.PostFormValue("session"))
	if err != nil {
		return err
	}
	return v.SeeOther("/account/sessions", v.T("sessions.ended"))
}

// endOthers signs all but this browser out.
func (a *app) endOthers(v *console.Visit) error {
	n, err := a.People.EndOtherSessions(v.Ctx(), v.SessionSecret())
	if err != nil {
		return err
	}
	return v.SeeOther("/account/sessions", v.N("sessions.others", int64(n)))
}

// showInvitation shows what a link offers.
func (a *app) showInvitation(v *console.Visit) error {
	in, err := a.People.Invitation(v.Ctx(), v.R.PathValue("secret"))
	if page, told := noLink(v, err); told {
		return page
	}
	if err != nil {
		return err
	}
	where := ""
	if a.Where != nil && in.Role != "" {
		where, err = a.Where(v.Ctx(), people.Person{Place: in.Place}.Caller(), v.Lang)
		if err != nil {
			return err
		}
	}
	title := v.T("invitation.title")
	if in.Reset {
		title = v.T("reset.title")
	}
	return v.Show(ok, console.Page{Title: title, Alone: true, Bare: true},
		invitationPage(v, in, where))
}

// noLink shows that a link is over, or that it waits for a second operator.
func noLink(v *console.Visit, err error) (page error, told bool) {
	key, status := "", 0
	switch {
	case errors.Is(err, people.ErrInvitation):
		key, status = "invitation.over", http.StatusNotFound
	case errors.Is(err, people.ErrInvitationWaits):
		key, status = "invitation.waits", http.StatusConflict
	default:
		return nil, false
	}
	return v.Show(status, console.Page{Title: v.T(key + ".title"), Alone: true, Bare: true},
		noLinkPage(v, key)), true
}

// accept makes the person of an invitation, or sets the new password.
func (a *app) accept(v *console.Visit) error {
	lang := v.Typed("lang")
	if lang == "" {
		lang = string(v.Lang)
	}
	if v.R.PostFormValue("password") == "" {
		v.Mistake("password", v.T("mistake.password-weak.password"))
		return a.showInvitation(v)
	}
	step, err := a.People.Accept(v.Ctx(), people.Acceptance{Secret: v.R.PathValue("secret"),
		Name: v.Typed("name"), Lang: lang, Password: v.R.PostFormValue("password"),
		From: from(v)})
	if page, told := noLink(v, err); told {
		return page
	}
	if refused(v, err) {
		return a.showInvitation(v)
	}
	if err != nil {
		return err
	}
	return a.goOn(v, step, "")
}

// browser names a browser by its User-Agent, as people know it.
func browser(agent string) string {
	system, name := "", ""
	for _, s := range [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"},
		{"Windows", "Windows"}, {"Macintosh", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, s[0]) {
			system = s[1]
			break
		}
	}
	for _, s := range [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung"},
		{"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}} {
		if strings.Contains(agent, s[0]) {
			name = s[1]
			break
		}
	}
	switch {
	case name != "" && system != "":
		return name + " · " + system
	case name+system != "":
		return name + system
	case len(agent) > 40:
		return agent[:40]
	default:
		return agent
	}
}

package account

import (
	"errors"
	"net/http"

	"watari/kit/access/people"
	"watari/ui/console"
)

// enrolScreen sets up an authenticator app, for somebody who must have a second factor, or for
// somebody who is signed in.
type enrolScreen struct {
	next     string
	action   string
	must     bool // signing in goes no further without it
	passkeys bool
	people.Enrolment
}

// showEnrol sets up the first second factor of somebody whose role needs one.
func (a *app) showEnrol(v *console.Visit) error {
	_, need, err := a.People.Ticket(v.Ctx(), ticketOf(v))
	if err != nil || need != people.NeedEnrol {
		return a.again(v, err)
	}
	e, err := a.enrolment(v, people.Holder{Ticket: ticketOf(v)})
	if err != nil {
		return a.again(v, err)
	}
	return v.Show(ok, console.Page{Title: v.T("enrol.title"), Alone: true, Bare: true},
		enrolPage(v, enrolScreen{next: console.SafeNext(v.R.FormValue("next")), must: true,
			action: "/account/enrol", Enrolment: e, passkeys: a.People.PasskeysAt(v.R.Host)}))
}

// enrolment is the key that an app scans: a new one, or the same again when a form came back.
func (a *app) enrolment(v *console.Visit, h people.Holder) (people.Enrolment, error) {
	if v.Wrong() {
		return people.Enrolment{Secret: v.R.PostFormValue("secret"),
			URL: v.R.PostFormValue("url")}, nil
	}
	return a.People.EnrolTOTP(v.Ctx(), h)
}

// enrol takes the first code of the app and signs in.
func (a *app) enrol(v *console.Visit) error {
	code := v.Typed("code")
	if code == "" {
		v.Mistake("code", v.T("second.code.missing"))
		return a.showEnrol(v)
	}
	got, err := a.People.ConfirmTOTP(v.Ctx(), people.Holder{Ticket: ticketOf(v)}, code, from(v))
	if errors.Is(err, people.ErrTicket) {
		return a.again(v, err)
	}
	if refused(v, err) {
		return a.showEnrol(v)
	}
	if err != nil {
		return err
	}
	return a.enrolled(v, got)
}

// enrolled signs in somebody who has set up a first second factor, and shows the recovery codes
// that come with it.
func (a *app) enrolled(v *console.Visit, got people.Enrolled) error {
	next := console.SafeNext(v.R.PostFormValue("next"))
	if len(got.Codes) == 0 || got.Step.Secret == "" {
		return a.goOn(v, got.Step, next)
	}
	a.arrive(v, got.Step)
	if next == "" {
		next = console.Home(got.Step.Person.Role)
	}
	return a.showCodes(v, got.Codes, next, true)
}

// showCodes shows new recovery codes, once.
func (a *app) showCodes(v *console.Visit, codes []string, next string, alone bool) error {
	return v.Show(ok, console.Page{Title: v.T("codes.title"), Tab: "security", Alone: alone,
		Lead: v.T("codes.text")}, codesPage(v, codes, next))
}

// showTOTP sets up an authenticator app for somebody who is signed in.
func (a *app) showTOTP(v *console.Visit) error {
	e, err := a.enrolment(v, people.Holder{Session: v.SessionSecret()})
	if errors.Is(err, people.ErrConfirm) {
		return confirmFirst(v, "/account/totp")
	}
	if errors.Is(err, people.ErrHasTOTP) {
		return v.SeeOther("/account/security", v.T("fault."+people.ErrHasTOTP.Slug))
	}
	if err != nil {
		return err
	}
	return v.Show(ok, console.Page{Title: v.T("enrol.title"), Tab: "security",
		Crumbs: securityCrumb(v)}, enrolPage(v, enrolScreen{action: "/account/totp",
		Enrolment: e}))
}

// confirmTOTP takes the first code of the app.
func (a *app) confirmTOTP(v *console.Visit) error {
	code := v.Typed("code")
	if code == "" {
		v.Mistake("code", v.T("second.code.missing"))
		return a.showTOTP(v)
	}
	got, err := a.People.ConfirmTOTP(v.Ctx(), people.Holder{Session: v.SessionSecret()}, code,
		from(v))
	if errors.Is(err, people.ErrConfirm) {
		return confirmFirst(v, "/account/totp")
	}
	if refused(v, err) {
		return a.showTOTP(v)
	}
	if err != nil {
		return err
	}
	if len(got.Codes) > 0 {
		return a.showCodes(v, got.Codes, "/account/security", false)
	}
	return v.SeeOther("/account/security", v.T("totp.added"))
}

// removeTOTP removes the authenticator app.
func (a *app) removeTOTP(v *console.Visit) error {
	return a.change(v, a.People.RemoveTOTP(v.Ctx(), v.SessionSecret()), v.T("totp.removed"))
}

// newRecovery makes new recovery codes; the old ones are gone.
func (a *app) newRecovery(v *console.Visit) error {
	codes, err := a.People.RecoveryCodes(v.Ctx(), v.SessionSecret())
	if err != nil {
		return a.change(v, err, "")
	}
	return a.showCodes(v, codes, "/account/security", false)
}

// change leads back to the page about security, with what is wrong when something is.
func (a *app) change(v *console.Visit, err error, done string) error {
	if errors.Is(err, people.ErrConfirm) {
		return confirmFirst(v, "/account/security")
	}
	if v.Refused(err) {
		return a.showSecurity(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/account/security", done)
}

// confirmFirst asks for the password again before next.
func confirmFirst(v *console.Visit, next string) error {
	return v.SeeOther(withNext("/account/confirm", next), "")
}

// showConfirm asks for the password again.
func (a *app) showConfirm(v *console.Visit) error {
	_, who, err := a.People.Session(v.Ctx(), v.SessionSecret())
	if err != nil {
		return err
	}
	return v.Show(ok, console.Page{Title: v.T("confirm.title"), Tab: "security",
		Lead: v.T("confirm.text"), Crumbs: securityCrumb(v)},
		confirmPage(v, console.SafeNext(v.R.FormValue("next")), who))
}

// confirm takes the password, or a code of the app.
func (a *app) confirm(v *console.Visit) error {
	typed := v.R.PostFormValue("password")
	if typed == "" {
		v.Mistake("password", v.T("signin.password.missing"))
		return a.showConfirm(v)
	}
	err := a.People.Confirm(v.Ctx(), v.SessionSecret(), typed, from(v))
	if refused(v, err) {
		if errors.Is(err, people.ErrRefused) {
			v.Refuse(v.T("confirm.refused"))
		}
		return a.showConfirm(v)
	}
	if err != nil {
		return err
	}
	next := console.SafeNext(v.R.PostFormValue("next"))
	if next == "" {
		next = "/account/security"
	}
	http.Redirect(v.W, v.R, next, http.StatusSeeOther)
	return nil
}

func securityCrumb(v *console.Visit) []console.Link {
	return []console.Link{{Text: v.T("nav.security"), Href: "/account/security"}}
}

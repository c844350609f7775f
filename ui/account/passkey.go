package account

import (
	"encoding/json"
	"errors"
	"net/http"

	"watari/kit/access/people"
	"watari/kit/fault"
	"watari/kit/web"
	"watari/ui/console"
)

// asked is what a script gets to ask the browser, or why not.
type asked struct {
	Ticket  string          `json:"ticket,omitempty"`
	Options json.RawMessage `json:"options,omitempty"`
	// Next is where to go instead.
	Next string `json:"next,omitempty"`
	// Wrong says why not, in the words of the page.
	Wrong string `json:"wrong,omitempty"`
}

// askPasskey begins to sign in by a passkey.
func (a *app) askPasskey(v *console.Visit) error {
	ask, err := a.People.BeginPasskeySignIn(v.Ctx(), from(v))
	if err != nil {
		return a.wrong(v, err)
	}
	return answer(v, ok, asked{Ticket: ask.Ticket, Options: ask.Options})
}

// passkeySignIn takes the browser's answer.
func (a *app) passkeySignIn(v *console.Visit) error {
	step, err := a.People.FinishPasskeySignIn(v.Ctx(), v.Typed("ticket"),
		[]byte(v.R.PostFormValue("answer")), from(v))
	if refused(v, err) {
		return a.showSignIn(v)
	}
	if err != nil {
		return err
	}
	return a.goOn(v, step, console.SafeNext(v.R.PostFormValue("next")))
}

// holder is who sets up a passkey: somebody signed in, or somebody who must enrol first.
func holder(v *console.Visit) people.Holder {
	if v.SignedIn() {
		return people.Holder{Session: v.SessionSecret()}
	}
	return people.Holder{Ticket: ticketOf(v)}
}

// newPasskey begins to make a passkey.
func (a *app) newPasskey(v *console.Visit) error {
	ask, err := a.People.BeginPasskey(v.Ctx(), holder(v))
	if errors.Is(err, people.ErrConfirm) {
		return answer(v, ok, asked{Next: withNext("/account/confirm", "/account/security")})
	}
	if err != nil {
		return a.wrong(v, err)
	}
	return answer(v, ok, asked{Ticket: ask.Ticket, Options: ask.Options})
}

// keepPasskey takes the browser's new passkey, and shows the recovery codes that come with a
// first second factor.
func (a *app) keepPasskey(v *console.Visit) error {
	got, err := a.People.FinishPasskey(v.Ctx(), holder(v), v.Typed("ticket"), v.Typed("label"),
		[]byte(v.R.PostFormValue("answer")), from(v))
	if errors.Is(err, people.ErrTicket) && !v.SignedIn() {
		return a.again(v, err)
	}
	if refused(v, err) {
		if v.SignedIn() {
			return a.showSecurity(v)
		}
		return a.showEnrol(v)
	}
	if err != nil {
		return err
	}
	if v.SignedIn() {
		if len(got.Codes) > 0 {
			return a.showCodes(v, got.Codes, "/account/security", false)
		}
		return v.SeeOther("/account/security", v.T("passkey.added"))
	}
	return a.enrolled(v, got)
}

// removePasskey removes one of the person's own.
func (a *app) removePasskey(v *console.Visit) error {
	err := a.People.RemovePasskey(v.Ctx(), v.SessionSecret(), v.R.PostFormValue("passkey"))
	return a.change(v, err, v.T("passkey.removed"))
}

// wrong tells a script why the browser is not asked, in the words of the page.
func (a *app) wrong(v *console.Visit, err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	text := v.T("passkey.refused")
	if key := "fault." + refusal.Problem.Slug; v.T(key) != key {
		text = v.T(key)
	}
	status := web.Status(refusal.Problem)
	if status == http.StatusUnauthorized {
		status = http.StatusUnprocessableEntity
	}
	return answer(v, status, asked{Wrong: text})
}

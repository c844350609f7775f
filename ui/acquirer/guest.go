package acquirer

import (
	"errors"
	"net/http"
	"slices"

	"watari/kit/i18n"
	"watari/pay/party/signup"
	"watari/ui/console"
)

// guestPage is what somebody with an invitation link sees.
type guestPage struct {
	signup.Guest
	secret string
	now    step
	wrong  wrong // what is wrong with what was filled in so far
	saved  bool  // just now, although something is wrong
}

// guest finds what the link of the address shows. A link that does not work has a page of its own.
func (a *app) guest(v *console.Visit) (p guestPage, err error) {
	p.secret = v.R.PathValue("secret")
	p.Guest, err = a.Signup.Visit(v.Ctx(), p.secret)
	if err != nil {
		return p, err
	}
	if p.begun() {
		p.wrong, err = judge(v, p.Application.Form, false)
	}
	return p, err
}

// begun tells whether the link shows an application yet.
func (p guestPage) begun() bool { return p.Application.ID != "" }

// fresh tells whether nothing was filled in yet.
func (p guestPage) fresh() bool {
	f := p.Application.Form
	return !p.begun() || p.Application.State == signup.Draft && len(p.Documents) == 0 &&
		!slices.ContainsFunc(formSteps, func(s step) bool { return s.begun(&f) })
}

// open tells whether the guest may still change it.
func (p guestPage) open() bool {
	return p.Application.State == signup.Draft || p.Application.State == signup.Returned
}

func (p guestPage) link(parts ...string) string {
	path := ApplyPath + "/" + p.secret
	for _, part := range parts {
		path += "/" + part
	}
	return path
}

func (p guestPage) bank() string { return p.Acquirer.Name }

// alone is the frame of all pages of the form.
func alone(title string) console.Page { return console.Page{Title: title, Alone: true} }

// gone answers for a link that does not work.
func gone(v *console.Visit, err error) error {
	if !errors.Is(err, signup.ErrInvitation) {
		return err
	}
	frame := alone(v.T("apply.gone"))
	frame.Bare = true
	return v.Show(http.StatusNotFound, frame, guestGone(v))
}

func (a *app) showGuest(v *console.Visit) error {
	p, err := a.guest(v)
	if err != nil {
		return gone(v, err)
	}
	if to, ok := i18n.Parse(p.Invitation.Lang); ok && p.Invitation.Lang != "" && !chosen(v) {
		return v.SeeOther(v.Here(i18n.CookieName, string(to)), "")
	}
	frame := alone(v.T("apply.title"))
	frame.Bare = true
	return show(v, frame, guestHome(v, p))
}

// chosen tells whether the reader chose a language: the bank's choice for them stands back then.
func chosen(v *console.Visit) bool {
	_, err := v.R.Cookie(i18n.CookieName)
	return err == nil || v.R.FormValue(i18n.CookieName) != ""
}

// beginGuest begins an application. It takes a post, so that a look at a link keeps nothing.
func (a *app) beginGuest(v *console.Visit) error {
	secret, err := a.Signup.Begin(v.Ctx(), v.R.PathValue("secret"))
	if errors.Is(err, signup.ErrBusy) && v.Refused(err) {
		return a.showGuest(v)
	}
	if err != nil {
		return gone(v, err)
	}
	return v.SeeOther(guestPage{secret: secret}.link(string(guestSteps[0])), "")
}

// guestStep is the step of the address; false when there is none of that name.
func guestStep(v *console.Visit) (step, bool) {
	s := step(v.R.PathValue("step"))
	return s, slices.Contains(guestSteps, s)
}

func (a *app) showGuestStep(v *console.Visit) error {
	s, ok := guestStep(v)
	if !ok {
		return v.NotFound()
	}
	p, err := a.guest(v)
	if err != nil {
		return gone(v, err)
	}
	if !p.begun() || !p.open() {
		return v.SeeOther(p.link(), "")
	}
	if p.Application.State == signup.Returned && !v.Wrong() {
		remind(v, p.Application.Remarks, func(at step) bool { return at == s })
	}
	return a.showStep(v, p, s)
}

func (a *app) showStep(v *console.Visit, p guestPage, s step) error {
	p.now = s
	frame := alone(v.T("step." + string(s)))
	frame.Bare = true
	return show(v, frame, guestStepPage(v, p))
}

// saveGuestStep keeps a step. What is wrong with it is said at once, and does not keep anybody from
// going on.
func (a *app) saveGuestStep(v *console.Visit) error {
	s, ok := guestStep(v)
	if !ok || s == stepDocuments {
		return v.NotFound()
	}
	p, err := a.guest(v)
	if err != nil {
		return gone(v, err)
	}
	if !p.begun() || !p.open() {
		return v.SeeOther(p.link(), "")
	}
	if s == stepSend {
		return a.submitGuest(v, p)
	}
	form := p.Application.Form
	fill(v, &form, s)
	saved, err := a.Signup.GuestSave(v.Ctx(), p.secret, seen(v), form)
	if v.Refused(err) {
		p.Application.Form = form
		return a.showStep(v, p, s)
	}
	if err != nil {
		return gone(v, err)
	}
	p.Application = saved
	if p.wrong, err = judge(v, saved.Form, false); err != nil {
		return err
	}
	if p.wrong.steps[s] == 0 {
		return v.SeeOther(p.link(string(s.next())), "")
	}
	for name, text := range p.wrong.fields {
		if stepOf(name) == s {
			v.Mistake(name, text)
		}
	}
	p.saved = true
	return a.showStep(v, p, s)
}

// next is the step after this one.
func (s step) next() step {
	i := slices.Index(guestSteps, s)
	return guestSteps[min(i+1, len(guestSteps)-1)]
}

// before is the step before this one; "" for the first.
func (s step) before() step {
	i := slices.Index(guestSteps, s)
	if i <= 0 {
		return ""
	}
	return guestSteps[i-1]
}

func (a *app) submitGuest(v *console.Visit, p guestPage) error {
	_, err := a.Signup.GuestSubmit(v.Ctx(), p.secret, seen(v))
	if v.Refused(err) {
		return a.showStep(v, p, stepSend)
	}
	if err != nil {
		return gone(v, err)
	}
	return v.SeeOther(p.link(), v.T("apply.sent", "bank", p.bank()))
}

func (a *app) addGuestDocument(v *console.Visit) error {
	p, err := a.guest(v)
	if err != nil {
		return gone(v, err)
	}
	name, data, err := upload(v, "file", signup.DocumentMax)
	if errors.Is(err, errNoFile) {
		v.Mistake("file", v.T("mistake.file"))
		return a.showStep(v, p, stepDocuments)
	}
	if err != nil {
		return err
	}
	_, err = a.Signup.GuestDocument(v.Ctx(), p.secret, signup.Paper(v.Typed("paper")), name,
		data)
	if v.Refused(err) {
		return a.showStep(v, p, stepDocuments)
	}
	if err != nil {
		return gone(v, err)
	}
	return v.SeeOther(p.link(string(stepDocuments)), v.T("apply.doc.added"))
}

func (a *app) removeGuestDocument(v *console.Visit) error {
	p := guestPage{secret: v.R.PathValue("secret")}
	err := a.Signup.GuestRemove(v.Ctx(), p.secret, v.R.PathValue("document"))
	if err != nil {
		return gone(v, err)
	}
	return v.SeeOther(p.link(string(stepDocuments)), v.T("apply.doc.removed"))
}

// stand is how far a step is.
type stand struct{ word, tone, icon string }

// standing says how far a step is, for the list of steps.
func (p guestPage) standing(v *console.Visit, s step) stand {
	f := p.Application.Form
	switch {
	case p.asked(s):
		return stand{v.T("apply.step.mend"), console.Back, "return"}
	case s == stepDocuments:
		return p.papersStanding(v)
	case s == stepSend:
		return stand{}
	case !s.begun(&f):
		return stand{v.T("apply.step.none"), console.Plain, "edit"}
	case p.wrong.steps[s] > 0:
		return stand{v.T("apply.step.part"), console.Wait, "wait"}
	}
	return stand{v.T("apply.step.done"), console.Good, "tick"}
}

// papersStanding says whether the papers that must be there are.
func (p guestPage) papersStanding(v *console.Visit) stand {
	if len(p.Documents) == 0 {
		return stand{v.T("apply.step.none"), console.Plain, "edit"}
	}
	for _, paper := range papers {
		if needs(paper, p.Application.Form) == mustHave && !has(p.Documents, paper) {
			return stand{v.T("apply.step.part"), console.Wait, "wait"}
		}
	}
	return stand{v.T("apply.step.done"), console.Good, "tick"}
}

// asked tells whether the bank wants something of a step mended.
func (p guestPage) asked(s step) bool {
	if p.Application.State != signup.Returned {
		return false
	}
	return slices.ContainsFunc(p.Application.Remarks, func(r signup.Remark) bool {
		name := dotted(r.Pointer)
		return stepOf(name) == s || s == stepDocuments && len(name) > 10 &&
			name[:10] == "documents."
	})
}

// first is the step to go on with: the first that is not complete.
func (p guestPage) first() step {
	for _, s := range guestSteps {
		if s == stepSend || p.asked(s) || s == stepDocuments && len(p.Documents) == 0 ||
			p.wrong.steps[s] > 0 {
			return s
		}
	}
	return stepSend
}

// number is a step's place, from 1.
func (s step) number() int { return slices.Index(guestSteps, s) + 1 }

// missingPapers are the papers that must be there and are not.
func (p guestPage) missingPapers() (list []signup.Paper) {
	for _, paper := range papers {
		if needs(paper, p.Application.Form) == mustHave && !has(p.Documents, paper) {
			list = append(list, paper)
		}
	}
	return list
}

// papersOf are the documents of a kind.
func (p guestPage) papersOf(paper signup.Paper) (list []signup.Document) {
	for _, d := range p.Documents {
		if d.Paper == paper {
			list = append(list, d)
		}
	}
	return list
}

// facts are what was filled in in a step, for the last look.
func (p guestPage) facts(v *console.Visit, s step) (list []console.Fact) {
	f := p.Application.Form
	for _, e := range s.of() {
		if *e.at(&f) != "" || e.required {
			list = append(list, console.Fact{Name: v.T("f." + e.name),
				Value: console.Text(shownIn(v, e, f))})
		}
	}
	return list
}

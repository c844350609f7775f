package acquirer

import (
	"errors"
	"slices"

	"watari/pay/party/signup"
	"watari/ui/console"
)

// draftPage is the form of the bank: all sections on one page.
type draftPage struct {
	app  signup.Application // zero while there is none
	form signup.Form
}

// bankSteps are the sections of the bank's form.
func bankSteps() []step { return append(slices.Clone(formSteps), stepTerms) }

func (a *app) newApplication(v *console.Visit) error {
	return a.showDraft(v, draftPage{form: signup.Form{Kind: signup.Corporation}})
}

func (a *app) showDraft(v *console.Visit, p draftPage) error {
	frame := page(v.T("new.title"), "applications")
	frame.Lead = v.T("new.lead")
	frame.Crumbs = []console.Link{{Text: v.T("apps.title"), Href: link("applications")}}
	if p.app.ID != "" {
		frame.Title = v.T("edit.title")
		frame.Crumbs = append(frame.Crumbs, console.Link{Text: shopName(v, p.app.Form),
			Href: link("applications", p.app.ID)})
	}
	return show(v, frame, draft(v, p))
}

func (a *app) createApplication(v *console.Visit) error {
	var form signup.Form
	fill(v, &form, bankSteps()...)
	if v.Wrong() {
		return a.showDraft(v, draftPage{form: form})
	}
	app, err := a.Signup.Create(v.Ctx(), me(v), bank(v), form)
	if v.Refused(err) {
		return a.showDraft(v, draftPage{form: form})
	}
	if err != nil {
		return err
	}
	return a.afterSave(v, app)
}

func (a *app) editApplication(v *console.Visit) error {
	app, err := a.editable(v)
	if err != nil {
		return err
	}
	if app.State == signup.Returned {
		remind(v, app.Remarks, func(s step) bool { return s != "" })
	}
	return a.showDraft(v, draftPage{app: app, form: app.Form})
}

// remind marks the fields that the bank wants mended, in some steps. The form did not come back, so
// it is no mistake of the request.
func remind(v *console.Visit, remarks []signup.Remark, in func(step) bool) {
	v.Mistakes = map[string]string{}
	for _, r := range remarks {
		if name := dotted(r.Pointer); in(stepOf(name)) {
			v.Mistakes[name] = r.Text
		}
	}
}

// editable finds the application when its form may be changed.
func (a *app) editable(v *console.Visit) (signup.Application, error) {
	app, err := a.Signup.Find(v.Ctx(), bank(v), v.R.PathValue("id"))
	if err != nil {
		return app, err
	}
	if !(reviewPage{app: app}).editable() {
		return app, signup.ErrState.Newf("it is %s", app.State)
	}
	return app, nil
}

func (a *app) saveApplication(v *console.Visit) error {
	app, err := a.editable(v)
	if err != nil {
		return err
	}
	form := app.Form
	fill(v, &form, bankSteps()...)
	if v.Wrong() {
		return a.showDraft(v, draftPage{app: app, form: form})
	}
	saved, err := a.Signup.Save(v.Ctx(), me(v), bank(v), app.ID, seen(v), form)
	if v.Refused(err) {
		return a.showDraft(v, draftPage{app: app, form: form})
	}
	if err != nil {
		return err
	}
	return a.afterSave(v, saved)
}

// afterSave goes on to where the button that was pressed leads: the application, or its review.
func (a *app) afterSave(v *console.Visit, app signup.Application) error {
	if v.Typed("then") != "submit" {
		return v.SeeOther(link("applications", app.ID), v.T("app.done.saved"))
	}
	_, err := a.Signup.Submit(v.Ctx(), me(v), bank(v), app.ID, app.Version)
	if errors.Is(err, signup.ErrState) {
		return err
	}
	if v.Refused(err) {
		return a.showDraft(v, draftPage{app: app, form: app.Form})
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("applications", app.ID), v.T("app.done.submitted"))
}

// action is where the form is sent to.
func (p draftPage) action() string {
	if p.app.ID == "" {
		return link("applications", "new")
	}
	return link("applications", p.app.ID, "edit")
}

// submits tells whether the form can be handed in from here.
func (p draftPage) submits() bool {
	return p.app.ID == "" || p.app.State == signup.Draft || p.app.State == signup.Returned
}

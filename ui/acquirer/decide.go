package acquirer

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/ui/console"
)

// back returns to the application that the request is about.
func back(v *console.Visit, done string) error {
	return v.SeeOther(link("applications", v.R.PathValue("id")), v.T("app.done."+done))
}

// done answers a step: a refusal is shown on the application, as it is now.
func (a *app) done(v *console.Visit, err error, what string) error {
	if v.Refused(err) || errors.Is(err, signup.ErrOwn) {
		if errors.Is(err, signup.ErrOwn) {
			v.Refuse(v.T("fault.application-own"))
		}
		return a.showApplication(v)
	}
	if err != nil {
		return err
	}
	return back(v, what)
}

// seen is the version of the application that the page showed.
func seen(v *console.Visit) int64 { return number(v.Typed("version")) }

func (a *app) submitApplication(v *console.Visit) error {
	_, err := a.Signup.Submit(v.Ctx(), me(v), bank(v), v.R.PathValue("id"), seen(v))
	return a.done(v, err, "submitted")
}

func (a *app) withdraw(v *console.Visit) error {
	_, err := a.Signup.Withdraw(v.Ctx(), me(v), bank(v), v.R.PathValue("id"))
	return a.done(v, err, "withdrawn")
}

func (a *app) reviewApplication(v *console.Visit) error {
	_, err := a.Signup.Review(v.Ctx(), me(v), bank(v), v.R.PathValue("id"))
	return a.done(v, err, "in_review")
}

func (a *app) screen(v *console.Visit) error {
	outcome := signup.Outcome(v.Typed("outcome"))
	if !slices.Contains([]signup.Outcome{signup.Clear, signup.Hit, signup.Pending}, outcome) {
		v.Mistake("outcome", v.T("mistake.outcome"))
		return a.showApplication(v)
	}
	_, err := a.Signup.Screen(v.Ctx(), me(v), bank(v), v.R.PathValue("id"), outcome,
		v.Typed("note"))
	return a.done(v, err, "screened")
}

func (a *app) addNote(v *console.Visit) error {
	_, err := a.Signup.AddNote(v.Ctx(), me(v), bank(v), v.R.PathValue("id"), v.Typed("text"))
	return a.done(v, err, "noted")
}

func (a *app) approve(v *console.Visit) error {
	terms := signup.Terms{MerchantID: v.Typed("merchant_id"), StoreID: v.Typed("store.id"),
		TerminalID: v.Typed("terminal.id"), GoLive: v.Typed("live") != ""}
	if typed := v.Typed("mdr_ppm"); typed != "" {
		ppm, ok := percent(typed)
		if !ok {
			v.Refuse(v.T("mistake.mdr_ppm"))
			return a.showApplication(v)
		}
		terms.MDRPPM = &ppm
	}
	app, err := a.Signup.Approve(v.Ctx(), me(v), bank(v), v.R.PathValue("id"), seen(v), terms)
	if err == nil && app.State == signup.Live {
		return v.SeeOther(link("shops", itoa(app.StoreNo), "handover"),
			v.T("app.done.approved_live"))
	}
	if errors.Is(err, party.ErrTaken) {
		v.Refuse(v.T("fault.party-taken"))
		return a.showApplication(v)
	}
	return a.done(v, err, "approved")
}

// goLive lets the shop take payments, and leads to what is handed over.
func (a *app) goLive(v *console.Visit) error {
	app, err := a.Signup.GoLive(v.Ctx(), me(v), bank(v), v.R.PathValue("id"))
	if err == nil {
		return v.SeeOther(link("shops", itoa(app.StoreNo), "handover"), v.T("app.done.live"))
	}
	return a.done(v, err, "live")
}

func (a *app) suspend(v *console.Visit) error {
	_, err := a.Signup.Suspend(v.Ctx(), me(v), bank(v), v.R.PathValue("id"))
	return a.done(v, err, "suspended")
}

func (a *app) end(v *console.Visit) error {
	_, err := a.Signup.End(v.Ctx(), me(v), bank(v), v.R.PathValue("id"))
	return a.done(v, err, "closed")
}

// deciding finds the application for a form of its own, when the step is possible.
func (a *app) deciding(v *console.Visit, s signup.Step) (signup.Application, error) {
	app, err := a.Signup.Find(v.Ctx(), bank(v), v.R.PathValue("id"))
	if err != nil {
		return app, err
	}
	if _, ok := signup.Steps.Next(app.State, s); !ok {
		return app, signup.ErrState.Newf("it is %s", app.State)
	}
	return app, nil
}

// decisionFrame is the frame of a form of its own about an application.
func decisionFrame(v *console.Visit, app signup.Application, title, lead string) console.Page {
	frame := page(v.T(title), "applications")
	frame.Lead = v.T(lead)
	frame.Crumbs = []console.Link{{Text: v.T("apps.title"), Href: link("applications")},
		{Text: shopName(v, app.Form), Href: link("applications", app.ID)}}
	return frame
}

func (a *app) showReturn(v *console.Visit) error {
	app, err := a.deciding(v, signup.OnReturn)
	if err != nil {
		return err
	}
	return show(v, decisionFrame(v, app, "app.do.return", "app.do.return.lead"),
		returnPage(v, app))
}

// remarksMax bounds what is read of a form that returns an application.
const remarksMax = 60

// returnApplication gives the application back with what has to be mended. Fields that have a
// reason are returned; the boxes only open the fields.
func (a *app) returnApplication(v *console.Visit) error {
	var remarks []signup.Remark
	for _, name := range remarkable() {
		if text := v.Typed("why." + name); text != "" && len(remarks) < remarksMax {
			remarks = append(remarks, signup.Remark{Pointer: pointer(name), Text: text})
		}
	}
	if text := v.Typed("why"); text != "" {
		remarks = append(remarks, signup.Remark{Text: text})
	}
	if len(remarks) == 0 {
		v.Refuse(v.T("app.do.return.none"))
		return a.showReturn(v)
	}
	_, err := a.Signup.Return(v.Ctx(), me(v), bank(v), v.R.PathValue("id"), remarks)
	if errors.Is(err, signup.ErrInvalid) && v.Refused(err) {
		return a.showReturn(v)
	}
	return a.done(v, err, "returned")
}

// remarkable are the fields and papers about which something can be asked.
func remarkable() (list []string) {
	for _, s := range formSteps {
		for _, e := range s.of() {
			list = append(list, e.name)
		}
	}
	for _, p := range papers {
		list = append(list, "documents."+string(p))
	}
	return list
}

// pointer is a field's name as a JSON pointer.
func pointer(name string) string { return "/" + strings.ReplaceAll(name, ".", "/") }

func (a *app) showRefuse(v *console.Visit) error {
	app, err := a.deciding(v, signup.OnRefuse)
	if err != nil {
		return err
	}
	return show(v, decisionFrame(v, app, "app.do.refuse", "app.do.refuse.lead"),
		refusePage(v, app))
}

func (a *app) refuse(v *console.Visit) error {
	reason := v.Typed("reason")
	if reason == "" {
		v.Mistake("reason", v.T("mistake.reason"))
		return a.showRefuse(v)
	}
	_, err := a.Signup.Refuse(v.Ctx(), me(v), bank(v), v.R.PathValue("id"), reason)
	if errors.Is(err, signup.ErrInvalid) && v.Refused(err) {
		return a.showRefuse(v)
	}
	return a.done(v, err, "refused")
}

func formatVersion(n int64) map[string]string {
	return map[string]string{"version": strconv.FormatInt(n, 10)}
}

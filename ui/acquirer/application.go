package acquirer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"watari/pay/party/signup"
	"watari/ui/console"
)

// reviewPage is everything about one application.
type reviewPage struct {
	app     signup.Application
	docs    []signup.Document
	notes   []signup.Note
	history []signup.Entry
	missing []signup.Remark // what an approval by the reader would lack
	mine    bool            // the reader filled the form in
}

// may tells whether a step is possible now and the reader may take it.
func (p reviewPage) may(v *console.Visit, s signup.Step) bool {
	_, ok := signup.Steps.Next(p.app.State, s)
	return ok && v.May(clerks...)
}

// decidable tells whether the application waits for a decision.
func (p reviewPage) decidable() bool { return p.app.State == signup.InReview }

// open tells whether papers and notes may still change what is decided.
func (p reviewPage) open() bool {
	return slices.Contains([]signup.State{signup.Draft, signup.Applied, signup.InReview,
		signup.Returned}, p.app.State)
}

// editable tells whether the form may still be changed.
func (p reviewPage) editable() bool {
	return slices.Contains([]signup.State{signup.Draft, signup.Returned, signup.InReview},
		p.app.State)
}

func (a *app) review(v *console.Visit) (p reviewPage, err error) {
	id := v.R.PathValue("id")
	if p.app, err = a.Signup.Find(v.Ctx(), bank(v), id); err != nil {
		return p, err
	}
	if p.docs, err = a.Signup.Documents(v.Ctx(), bank(v), id); err != nil {
		return p, fmt.Errorf("list documents: %w", err)
	}
	if p.notes, err = a.Signup.Notes(v.Ctx(), bank(v), id); err != nil {
		return p, fmt.Errorf("list notes: %w", err)
	}
	if p.history, err = a.Signup.History(v.Ctx(), bank(v), id); err != nil {
		return p, fmt.Errorf("read history: %w", err)
	}
	if p.open() {
		if p.missing, err = a.Signup.Missing(v.Ctx(), me(v), p.app); err != nil {
			return p, fmt.Errorf("see what is missing: %w", err)
		}
	}
	p.mine = slices.Contains(p.app.Makers, me(v).Name)
	return p, nil
}

func (a *app) showApplication(v *console.Visit) error {
	p, err := a.review(v)
	if err != nil {
		return err
	}
	return a.showReview(v, p)
}

func (a *app) showReview(v *console.Visit, p reviewPage) error {
	frame := page(shopName(v, p.app.Form), "applications")
	frame.Lead, frame.Wide = p.app.Form.LegalName, true
	frame.Crumbs = []console.Link{{Text: v.T("apps.title"), Href: link("applications")}}
	if v.May(clerks...) && p.editable() {
		frame.Actions = append(frame.Actions, console.Action{Text: v.T("act.edit"),
			Icon: "edit", Href: link("applications", p.app.ID, "edit")})
	}
	if v.May(clerks...) && (p.app.State == signup.Draft || p.app.State == signup.Returned) {
		frame.Actions = append(frame.Actions, console.Action{Text: v.T("apps.invite"),
			Icon: "send", Href: link("applications", p.app.ID, "link"),
			Post: map[string]string{}})
	}
	if p.app.StoreNo != 0 {
		frame.Actions = append(frame.Actions, console.Action{Text: v.T("app.shop"),
			Icon: "store", Href: link("shops", itoa(p.app.StoreNo))})
	}
	return show(v, frame, applicationPage(v, p))
}

// lacks tells whether an approval lacks what a pointer begins with.
func (p reviewPage) lacks(pointer string) bool {
	return slices.ContainsFunc(p.missing, func(r signup.Remark) bool {
		return strings.HasPrefix(r.Pointer, pointer)
	})
}

// duty is one line of what has to be done before an approval.
type duty struct {
	text, note string
	done       bool
}

// checks are what has to be done before an approval.
func (p reviewPage) checks(v *console.Visit) []duty {
	form := duty{text: v.T("app.check.form"), done: true}
	for _, r := range p.missing {
		if strings.HasPrefix(r.Pointer, "/documents") || r.Pointer == "/screening" ||
			r.Pointer == "" || r.Pointer == mdrPointer {
			continue
		}
		form.done = false
		form.note += fieldName(v, dotted(r.Pointer)) + " · "
	}
	form.note = strings.TrimSuffix(form.note, " · ")
	list := []duty{form, {text: v.T("app.check.documents"),
		done: !p.lacks("/documents/identity") && !p.lacks("/documents/registry")}}
	if needs(signup.Licence, p.app.Form) == mustHave {
		list = append(list, duty{text: v.T("app.check.licence"),
			done: !p.lacks("/documents/licence")})
	}
	list = append(list, duty{text: v.T("app.check.screening"),
		done: p.app.Screening.Outcome == signup.Clear, note: screeningNote(v, p.app)})
	second := duty{text: v.T("app.check.four_eyes"), done: !p.mine}
	if p.mine {
		second.note = v.T("app.check.yours")
	}
	return append(list, second)
}

// byText names who did something at an application: merchants come by their link.
func byText(v *console.Visit, by string) string {
	if by == guestName {
		return v.T("apps.by_merchant")
	}
	return by
}

// guestName is what signup calls whoever has an invitation link.
const guestName = "the merchant"

// noteText is a note without what signup writes before the note of a screening.
func noteText(v *console.Visit, n signup.Note) string {
	for _, o := range []signup.Outcome{signup.Clear, signup.Hit, signup.Pending} {
		if rest, ok := strings.CutPrefix(n.Text, "Screening: "+string(o)+". "); ok {
			return v.T("app.check.screening") + " · " + v.T("screen."+string(o)) + "\n" + rest
		}
	}
	return n.Text
}

func screeningNote(v *console.Visit, a signup.Application) string {
	if a.Screening.By == "" {
		return ""
	}
	return v.T("screen."+string(a.Screening.Outcome)) + " · " + a.Screening.By
}

// ready tells whether the reader may approve.
// What the merchant pays is the bank's to say, and may be said with the approval.
func (p reviewPage) ready() bool {
	open := slices.ContainsFunc(p.missing, func(r signup.Remark) bool {
		return r.Pointer != mdrPointer
	})
	return p.decidable() && !open && !p.mine
}

// mdrPointer names the merchant discount in an application.
const mdrPointer = "/mdr_ppm"

// nextText says what happens next, in a sentence.
func (p reviewPage) nextText(v *console.Visit) string {
	return v.T("app.next." + string(p.app.State))
}

// section is a part of the form with its values.
type section struct {
	step  step
	facts []console.Fact
}

// sections are what was filled in. Of the account only a clerk sees the whole number, to compare it
// with the passbook.
func (p reviewPage) sections(v *console.Visit) (list []section) {
	f := p.app.Form
	for _, s := range append(slices.Clone(formSteps), stepTerms) {
		part := section{step: s}
		for _, e := range s.of() {
			value := *e.at(&f)
			if value == "" && !e.required {
				continue
			}
			part.facts = append(part.facts, console.Fact{Name: v.T("f." + e.name),
				Value: p.value(v, e, value)})
		}
		if s == stepTerms {
			part.facts = append(part.facts, termFacts(v, f)...)
		}
		list = append(list, part)
	}
	return list
}

func (p reviewPage) value(v *console.Visit, e entry, value string) templ.Component {
	if e.name == numberField && !v.May(clerks...) && value != "" {
		value = v.T("app.account.sealed", "last", lastDigits(p.app.Form.Bank))
	}
	text := console.Text(shown(v, e, value))
	if remark := p.remark(e.name); remark != "" {
		return remarked(v, text, remark)
	}
	return text
}

// remark is what the bank asked to be mended at a field.
func (p reviewPage) remark(name string) string {
	if p.app.State != signup.Returned {
		return ""
	}
	for _, r := range p.app.Remarks {
		if dotted(r.Pointer) == name {
			return r.Text
		}
	}
	return ""
}

// shown is a field's value in words.
func shown(v *console.Visit, e entry, value string) string {
	if value == "" {
		return "–"
	}
	switch e.kind {
	case asDigits:
		if strings.HasSuffix(e.name, "postal_code") && len(value) == 7 {
			return value[:3] + "-" + value[3:]
		}
	case asKind:
		return v.T("f.kind." + value)
	case asAccount:
		return v.T("f.bank.type." + value)
	case asPrefecture:
		return v.Prefecture(value)
	case asCategory:
		return category(v, value) + " · " + value
	}
	return value
}

func termFacts(v *console.Visit, f signup.Form) []console.Fact {
	limit := func(name string, n *int64) console.Fact {
		if n == nil {
			return console.Fact{Name: v.T("f." + name), Value: console.Text(v.T("word.no_limit"))}
		}
		return console.Fact{Name: v.T("f." + name), Value: v.Money(amount(*n))}
	}
	mdr := "–"
	if f.MDRPPM > 0 {
		mdr = percentText(f.MDRPPM) + " %"
	}
	refunds := v.T("till.refunds.no")
	if f.Terminal.CanRefund {
		refunds = v.T("till.refunds.yes")
	}
	return []console.Fact{{Name: v.T("f.mdr_ppm"), Value: console.Text(mdr)},
		limit("store.per_payment_max_minor", f.Store.PerPaymentMaxMinor),
		limit("store.per_day_max_minor", f.Store.PerDayMaxMinor),
		{Name: v.T("word.till"), Value: console.Text(refunds)}}
}

// moments is the history of an application.
func (p reviewPage) moments(v *console.Visit) []console.Moment {
	list := make([]console.Moment, 0, len(p.history))
	for _, e := range slices.Backward(p.history) {
		m := console.Moment{At: e.At, Title: didText(v, e), Who: byText(v, e.By)}
		if e.To != "" && e.To != e.From {
			m.Tone, m.Icon = stateSigns[e.To].tone, stateSigns[e.To].icon
		}
		list = append(list, m)
	}
	return list
}

// didText says what a step of the history was: by the kind of its event, or the state it led to.
func didText(v *console.Visit, e signup.Entry) string {
	kind := strings.TrimPrefix(e.Kind, "application.")
	for _, key := range []string{"app.did." + kind, "app.did." + string(e.To)} {
		if text := v.T(key); text != key {
			return text
		}
	}
	return v.T("app.did.other")
}

package acquirer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"watari/pay/webhook"
	"watari/ui/console"
)

// owner is whose endpoints the pages show: the bank's own.
func owner(v *console.Visit) webhook.Owner { return webhook.Owner{AcquirerNo: bank(v)} }

// hooksPage is the endpoints of the bank.
type hooksPage struct {
	list []webhook.Endpoint
}

func (a *app) listHooks(v *console.Visit) error {
	list, err := a.Hooks.List(v.Ctx(), owner(v))
	if err != nil {
		return err
	}
	frame := page(v.T("hook.title"), "webhooks")
	frame.Lead = v.T("hook.lead")
	return show(v, frame, hooks(v, hooksPage{list}))
}

// terms reads the form of an endpoint.
func hookTerms(v *console.Visit) webhook.Terms {
	return webhook.Terms{URL: v.Typed("url"), Description: v.Typed("description"),
		Kinds: slices.Clone(v.R.PostForm["kinds"])}
}

func (a *app) addHook(v *console.Visit) error {
	e, secret, err := a.Hooks.Add(v.Ctx(), owner(v), v.Caller.Actor, hookTerms(v))
	if v.Refused(err) {
		return a.listHooks(v)
	}
	if err != nil {
		return err
	}
	return a.showHookWith(v, e.ID, secret)
}

// hookPage is one endpoint with what was sent to it.
type hookPage struct {
	webhook.Endpoint
	secret string // that was just made; "" on other visits
	list   []webhook.Delivery
	next   int64
}

func (a *app) showHook(v *console.Visit) error {
	return a.showHookWith(v, v.R.PathValue("id"), "")
}

func (a *app) showHookWith(v *console.Visit, id, secret string) error {
	e, err := a.Hooks.Find(v.Ctx(), owner(v), id)
	if err != nil {
		return err
	}
	p := hookPage{Endpoint: e, secret: secret}
	f := webhook.DeliveryFilter{State: webhook.State(v.R.FormValue("state")),
		Before: number(v.R.FormValue("before"))}
	if p.list, p.next, err = a.Hooks.Deliveries(v.Ctx(), owner(v), id, f); err != nil {
		return fmt.Errorf("list deliveries: %w", err)
	}
	frame := page(v.T("hook.single"), "webhooks")
	frame.Lead, frame.Wide = e.Description, true
	frame.Crumbs = []console.Link{{Text: v.T("hook.title"), Href: link("webhooks")}}
	return show(v, frame, hookDetail(v, p))
}

// onHook does something to the endpoint of the address.
func (a *app) onHook(v *console.Visit, done string, do func(id string) error) error {
	id := v.R.PathValue("id")
	err := do(id)
	if v.Refused(err) {
		return a.showHook(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("webhooks", id), v.T(done))
}

func (a *app) changeHook(v *console.Visit) error {
	return a.onHook(v, "hook.done.changed", func(id string) error {
		_, err := a.Hooks.Change(v.Ctx(), owner(v), v.Caller.Actor, id, hookTerms(v))
		return err
	})
}

func (a *app) verifyHook(v *console.Visit) error {
	return a.onHook(v, "hook.done.verified", func(id string) error {
		_, err := a.Hooks.Verify(v.Ctx(), owner(v), v.Caller.Actor, id)
		return err
	})
}

func (a *app) disableHook(v *console.Visit) error {
	return a.onHook(v, "hook.done.disabled", func(id string) error {
		_, err := a.Hooks.Disable(v.Ctx(), owner(v), v.Caller.Actor, id)
		return err
	})
}

func (a *app) removeHook(v *console.Visit) error {
	err := a.Hooks.Remove(v.Ctx(), owner(v), v.Caller.Actor, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return v.SeeOther(link("webhooks"), v.T("hook.done.removed"))
}

// rotateHook makes another secret and shows it, this once (B5).
func (a *app) rotateHook(v *console.Visit) error {
	e, secret, err := a.Hooks.Rotate(v.Ctx(), owner(v), v.Caller.Actor, v.R.PathValue("id"))
	if v.Refused(err) {
		return a.showHook(v)
	}
	if err != nil {
		return err
	}
	return a.showHookWith(v, e.ID, secret)
}

// replayFailed sends again what was given up since a day.
func (a *app) replayFailed(v *console.Visit) error {
	since, ok := day(v.Typed("since"))
	if !ok {
		v.Mistake("since", v.T("mistake.since"))
		return a.showHook(v)
	}
	id := v.R.PathValue("id")
	n, err := a.Hooks.ReplayFailed(v.Ctx(), owner(v), v.Caller.Actor, id, since)
	if v.Refused(err) {
		return a.showHook(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("webhooks", id), v.N("hook.done.replayed", n))
}

func (a *app) showDelivery(v *console.Visit) error {
	id := v.R.PathValue("id")
	d, err := a.Hooks.Delivery(v.Ctx(), owner(v), id, v.R.PathValue("delivery"))
	if err != nil {
		return err
	}
	frame := page(kindText(v, d.Kind), "webhooks")
	frame.Lead = d.Kind
	frame.Crumbs = []console.Link{{Text: v.T("hook.title"), Href: link("webhooks")},
		{Text: v.T("hook.single"), Href: link("webhooks", id)}}
	return show(v, frame, deliveryDetail(v, d))
}

func (a *app) replay(v *console.Visit) error {
	id := v.R.PathValue("id")
	d, err := a.Hooks.Replay(v.Ctx(), owner(v), v.Caller.Actor, id, v.R.PathValue("delivery"))
	if v.Refused(err) {
		return a.showDelivery(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("webhooks", id, "deliveries", d.ID), v.T("hook.done.again"))
}

// failingHooks are the endpoints that do not take their messages.
func (a *app) failingHooks(v *console.Visit) (list []failing, err error) {
	all, err := a.Hooks.List(v.Ctx(), owner(v))
	if err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	for _, e := range all {
		if e.Status == webhook.Active && e.Fails > 0 {
			list = append(list, failing{id: e.ID, url: e.URL, since: e.FailingSince,
				waiting: e.Waiting})
		}
	}
	return list, nil
}

func hookBadge(v *console.Visit, e webhook.Endpoint) templ.Component {
	switch {
	case e.Status == webhook.Active && e.Fails > 0:
		return v.Badge(console.Wait, "alert", v.T("hook.failing"))
	case e.Status == webhook.Active:
		return v.Badge(console.Good, "tick", v.T("hook.active"))
	case e.Status == webhook.Disabled:
		return v.Badge(console.Stop, "stop", v.T("hook.disabled"))
	}
	return v.Badge(console.Wait, "wait", v.T("hook.unverified"))
}

func (p hooksPage) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("hook.title"), Columns: []console.Column{
		{Title: v.T("hook.url"), Main: true}, {Title: v.T("word.status")},
		{Title: v.T("hook.waiting"), Number: true}, {Title: v.T("hook.last")}},
		Empty: console.Empty{Icon: "send", Title: v.T("hook.none"),
			Text: v.T("hook.none.text")}}
	for _, e := range p.list {
		t.Rows = append(t.Rows, console.Row{Href: link("webhooks", e.ID),
			Cells: []templ.Component{console.Two(e.URL, e.Description), hookBadge(v, e),
				console.Text(v.Number(e.Waiting)), console.Text(ago(v, e.LastOK))}})
	}
	return t
}

func (p hookPage) facts(v *console.Visit) []console.Fact {
	list := []console.Fact{
		{Name: v.T("hook.url"), Value: console.Code(p.URL)},
		{Name: v.T("word.status"), Value: hookBadge(v, p.Endpoint)},
		{Name: v.T("hook.kinds"), Value: console.Text(kindsText(v, p.Kinds))},
		{Name: v.T("hook.secret"), Value: console.Code("whsec_…" + p.SecretEnd)},
		{Name: v.T("hook.waiting"), Value: console.Text(v.Number(p.Waiting))},
		{Name: v.T("hook.last"), Value: v.Time(p.LastOK)},
	}
	if p.Fails > 0 {
		list = append(list, console.Fact{Name: v.T("hook.since"), Value: v.Time(p.FailingSince)},
			console.Fact{Name: v.T("hook.next"), Value: v.Time(p.Next)})
	}
	if p.OldUntil.After(v.Now) {
		list = append(list, console.Fact{Name: v.T("hook.old"), Value: v.Time(p.OldUntil)})
	}
	return list
}

func kindsText(v *console.Visit, kinds []string) string {
	if len(kinds) == 0 {
		return v.T("hook.kinds.all")
	}
	text := ""
	for _, k := range kinds {
		text += kindText(v, k) + ", "
	}
	return text[:len(text)-2]
}

var deliverySigns = map[webhook.State]stateSign{
	webhook.Waiting:   {console.Wait, "wait"},
	webhook.Delivered: {console.Good, "tick"},
	webhook.GivenUp:   {console.Stop, "cross"},
}

func deliveryBadge(v *console.Visit, d webhook.Delivery) templ.Component {
	sign := deliverySigns[d.State]
	return v.Badge(sign.tone, sign.icon, v.T("hook.state."+string(d.State)))
}

// answerText is what an endpoint said.
func answerText(v *console.Visit, d webhook.Delivery) string {
	switch {
	case d.Tries == 0:
		return "–"
	case d.Answer == 0:
		return v.T("hook.no_answer")
	}
	return "HTTP " + strconv.Itoa(d.Answer) + " · " + d.Took.Round(time.Millisecond).String()
}

func (p hookPage) deliveries(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("hook.log"), Columns: []console.Column{
		{Title: v.T("word.what"), Main: true}, {Title: v.T("word.state")},
		{Title: v.T("word.when")}, {Title: v.T("hook.answer")},
		{Title: v.T("hook.tries"), Number: true}},
		Empty: console.Empty{Icon: "send", Title: v.T("hook.log.none"),
			Text: v.T("hook.log.none.text")}}
	for _, d := range p.list {
		t.Rows = append(t.Rows, console.Row{Href: link("webhooks", p.ID, "deliveries", d.ID),
			Cells: []templ.Component{console.Two(kindText(v, d.Kind), d.Subject),
				deliveryBadge(v, d), v.Time(d.Happened), console.Text(answerText(v, d)),
				console.Text(v.Number(d.Tries))}})
	}
	return t
}

// indented is a message for people: a member a line.
func indented(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}

func deliveryFacts(v *console.Visit, d webhook.Delivery) []console.Fact {
	list := []console.Fact{{Name: v.T("word.state"), Value: deliveryBadge(v, d)},
		{Name: v.T("word.when"), Value: v.Time(d.Happened)},
		{Name: v.T("hook.subject"), Value: subjectOf(d.Subject)},
		{Name: v.T("hook.tries"), Value: console.Text(v.Number(d.Tries))},
		{Name: v.T("hook.answer"), Value: console.Text(answerText(v, d))},
		{Name: "webhook-id", Value: console.Code(d.ID)}}
	if d.Note != "" {
		list = append(list, console.Fact{Name: v.T("word.why"), Value: console.Text(d.Note)})
	}
	return list
}

// chosenKind tells whether a kind is ticked, also in a form that came back.
func chosenKind(v *console.Visit, e webhook.Endpoint, name string) bool {
	if v.Wrong() && v.R.PostForm != nil {
		return slices.Contains(v.R.PostForm["kinds"], name)
	}
	return slices.Contains(e.Kinds, name)
}

// verifyText is what the challenge is called: it also begins again, or tries at once.
func verifyText(v *console.Visit, e webhook.Endpoint) string {
	switch {
	case e.Status == webhook.Disabled:
		return v.T("hook.enable")
	case e.Status == webhook.Active:
		return v.T("hook.try")
	}
	return v.T("hook.verify")
}

package merchant

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"watari/pay/webhook"
	"watari/ui/console"
)

// hookScreen is one webhook with its last messages.
type hookScreen struct {
	hook     webhook.Endpoint
	messages []webhook.Delivery
	next     int64
	secret   string // shown once
}

// owner is whose webhooks these are (S1).
func owner(v *console.Visit) webhook.Owner {
	return webhook.Owner{AcquirerNo: v.Caller.ParticipantNo, MerchantNo: v.Caller.MerchantNo}
}

func (a *app) listHooks(v *console.Visit) error {
	list, err := a.Hooks.List(v.Ctx(), owner(v))
	if err != nil {
		return err
	}
	p := console.Page{Title: v.T("hooks.title"), Tab: "webhooks", Lead: v.T("hooks.lead")}
	if len(list) > 0 {
		p.Actions = []console.Action{{Text: v.T("hooks.add"), Icon: "plus", Main: true,
			Href: "/merchant/webhooks/new"}}
	}
	return v.Show(http.StatusOK, p, hooksPage(v, list))
}

// hookCrumbs lead back from one webhook.
func hookCrumbs(v *console.Visit, more ...console.Link) []console.Link {
	return append([]console.Link{{Text: v.T("hooks.title"), Href: "/merchant/webhooks"}}, more...)
}

func (a *app) askHook(v *console.Visit) error {
	p := console.Page{Title: v.T("hooks.add"), Tab: "webhooks", Crumbs: hookCrumbs(v)}
	return v.Show(http.StatusOK, p, hookForm(v, "/merchant/webhooks/new", webhook.Terms{}))
}

// termsOf reads the form of a webhook: url, description, kinds.
func termsOf(v *console.Visit) webhook.Terms {
	t := webhook.Terms{URL: v.Typed("url"), Description: v.Typed("description")}
	for _, k := range webhook.Kinds(owner(v)) {
		if slices.Contains(v.R.PostForm["kinds"], k.Name) {
			t.Kinds = append(t.Kinds, k.Name)
		}
	}
	return t
}

func (a *app) addHook(v *console.Visit) error {
	e, secret, err := a.Hooks.Add(v.Ctx(), owner(v), v.Caller.Actor, termsOf(v))
	if v.Refused(err) {
		return a.askHook(v)
	}
	if err != nil {
		return err
	}
	return a.drawHook(v, hookScreen{hook: e, secret: secret})
}

// hook finds the webhook that an address names (S1).
func (a *app) hook(v *console.Visit) (webhook.Endpoint, error) {
	return a.Hooks.Find(v.Ctx(), owner(v), v.R.PathValue("id"))
}

func (a *app) showHook(v *console.Visit) error {
	e, err := a.hook(v)
	if err != nil {
		return err
	}
	return a.drawHook(v, hookScreen{hook: e})
}

func (a *app) drawHook(v *console.Visit, s hookScreen) error {
	before, _ := strconv.ParseInt(v.R.Form.Get("before"), 10, 64)
	var err error
	if s.messages, s.next, err = a.Hooks.Deliveries(v.Ctx(), owner(v), s.hook.ID,
		webhook.DeliveryFilter{State: messageState(v), Before: max(before, 0),
			Limit: pageRows}); err != nil {
		return err
	}
	p := console.Page{Title: hookName(s.hook), Tab: "webhooks", Crumbs: hookCrumbs(v), Wide: true}
	return v.Show(http.StatusOK, p, hookPage(v, s))
}

// messageState is which messages are listed; "" is all.
func messageState(v *console.Visit) webhook.State {
	for _, s := range []webhook.State{webhook.Waiting, webhook.Delivered, webhook.GivenUp} {
		if string(s) == v.R.Form.Get("state") {
			return s
		}
	}
	return ""
}

func (a *app) askHookChange(v *console.Visit) error {
	e, err := a.hook(v)
	if err != nil {
		return err
	}
	p := console.Page{Title: v.T("hooks.edit"), Tab: "webhooks", Crumbs: hookCrumbs(v,
		console.Link{Text: hookName(e), Href: "/merchant/webhooks/" + e.ID})}
	return v.Show(http.StatusOK, p, hookForm(v, "/merchant/webhooks/"+e.ID+"/edit",
		webhook.Terms{URL: e.URL, Description: e.Description, Kinds: e.Kinds}))
}

func (a *app) changeHook(v *console.Visit) error {
	e, err := a.Hooks.Change(v.Ctx(), owner(v), v.Caller.Actor, v.R.PathValue("id"), termsOf(v))
	if v.Refused(err) {
		return a.askHookChange(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/merchant/webhooks/"+e.ID, v.T("hooks.changed"))
}

// actOnHook does what one button asks: verify, disable, rotate, remove or replay.
func (a *app) actOnHook(v *console.Visit) error {
	o, who, id := owner(v), v.Caller.Actor, v.R.PathValue("id")
	at := "/merchant/webhooks/" + id
	var err error
	switch v.R.PathValue("what") {
	case "verify":
		if _, err = a.Hooks.Verify(v.Ctx(), o, who, id); v.Refused(err) {
			return a.showHook(v)
		}
		id = v.T("hooks.verified")
	case "disable":
		_, err = a.Hooks.Disable(v.Ctx(), o, who, id)
		id = v.T("hooks.disabled")
	case "remove":
		err = a.Hooks.Remove(v.Ctx(), o, who, id)
		at, id = "/merchant/webhooks", v.T("hooks.removed")
	case "rotate":
		var e webhook.Endpoint
		var secret string
		if e, secret, err = a.Hooks.Rotate(v.Ctx(), o, who, id); err == nil {
			return a.drawHook(v, hookScreen{hook: e, secret: secret})
		}
	case "replay":
		var n int64
		n, err = a.Hooks.ReplayFailed(v.Ctx(), o, who, id, v.Now.Add(-webhook.KeptFor))
		if v.Refused(err) {
			return a.showHook(v)
		}
		id = v.N("hooks.replayed", n)
	default:
		return v.NotFound()
	}
	if err != nil {
		return err
	}
	return v.SeeOther(at, id)
}

func (a *app) showMessage(v *console.Visit) error {
	e, err := a.hook(v)
	if err != nil {
		return err
	}
	d, err := a.Hooks.Delivery(v.Ctx(), owner(v), e.ID, v.R.PathValue("message"))
	if err != nil {
		return err
	}
	p := console.Page{Title: d.Kind, Tab: "webhooks", Crumbs: hookCrumbs(v,
		console.Link{Text: hookName(e), Href: "/merchant/webhooks/" + e.ID})}
	return v.Show(http.StatusOK, p, messagePage(v, e, d))
}

func (a *app) replay(v *console.Visit) error {
	id, message := v.R.PathValue("id"), v.R.PathValue("message")
	_, err := a.Hooks.Replay(v.Ctx(), owner(v), v.Caller.Actor, id, message)
	if v.Refused(err) {
		return a.showMessage(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/merchant/webhooks/"+id+"/messages/"+message, v.N("hooks.replayed", 1))
}

// hookName is what a webhook is called.
func hookName(e webhook.Endpoint) string {
	if e.Description != "" {
		return e.Description
	}
	return e.URL
}

// hookSign is how a webhook stands.
func hookSign(v *console.Visit, e webhook.Endpoint) sign {
	switch {
	case e.Status == webhook.Unverified:
		return sign{console.Wait, "wait", v.T("hooks.status.unverified")}
	case e.Status == webhook.Disabled:
		return sign{console.Stop, "slash", v.T("hooks.status.disabled")}
	case e.Fails > 0:
		return sign{console.Wait, "alert", v.T("hooks.status.failing")}
	}
	return sign{console.Good, "tick", v.T("hooks.status.active")}
}

// messageSign is how a message stands.
func messageSign(v *console.Visit, d webhook.Delivery) sign {
	switch d.State {
	case webhook.Delivered:
		return sign{console.Good, "tick", v.T("hooks.state.delivered")}
	case webhook.GivenUp:
		return sign{console.Stop, "cross", v.T("hooks.state.given_up")}
	}
	return sign{console.Wait, "wait", v.T("hooks.state.waiting")}
}

// answered is what an endpoint answered, and how fast.
func answered(v *console.Visit, d webhook.Delivery) string {
	switch {
	case d.LastTry.IsZero():
		return "–"
	case d.Answer == 0:
		return v.T("hooks.no_answer")
	}
	return strconv.Itoa(d.Answer) + " · " + strconv.FormatInt(d.Took.Milliseconds(), 10) + " ms"
}

// messageTable lists the messages of a webhook.
func (s hookScreen) messageTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("hooks.messages"), Brief: true, Columns: []console.Column{
		{Title: v.T("hooks.kind"), Main: true}, {Title: v.T("c.time")},
		{Title: v.T("hooks.answer")}, {Title: v.T("c.state"), Number: true}},
		Empty: console.Empty{Icon: "send", Title: v.T("hooks.messages.none"),
			Text: v.T("hooks.messages.none.text")}}
	for _, d := range s.messages {
		k := messageSign(v, d)
		t.Rows = append(t.Rows, console.Row{Href: "/merchant/webhooks/" + s.hook.ID +
			"/messages/" + d.ID, Cells: []templ.Component{console.Text(d.Kind),
			v.Time(d.Happened), console.Text(answered(v, d)),
			v.Badge(k.tone, k.icon, k.word)}})
	}
	return t
}

// hookFacts are what is known of a webhook.
func hookFacts(v *console.Visit, e webhook.Endpoint) []console.Fact {
	k := hookSign(v, e)
	list := []console.Fact{{Name: v.T("c.state"), Value: v.Badge(k.tone, k.icon, k.word)},
		{Name: v.T("hooks.url"), Value: console.Code(e.URL)},
		{Name: v.T("hooks.kinds"), Value: console.Text(kindsText(v, e.Kinds))},
		{Name: v.T("hooks.secret"), Value: console.Code("whsec_…" + e.SecretEnd)},
		{Name: v.T("hooks.last_ok"), Value: v.Time(e.LastOK)}}
	add := func(key string, t time.Time) {
		if !t.IsZero() {
			list = append(list, console.Fact{Name: v.T(key), Value: v.Time(t)})
		}
	}
	add("hooks.failing_since", e.FailingSince)
	add("hooks.next", e.Next)
	add("hooks.old_until", e.OldUntil)
	if e.Waiting > 0 {
		list = append(list, console.Fact{Name: v.T("hooks.waiting"),
			Value: console.Text(v.Number(e.Waiting))})
	}
	return list
}

// kindsText names the kinds of message that a webhook gets.
func kindsText(v *console.Visit, kinds []string) string {
	if len(kinds) == 0 {
		return v.T("hooks.kinds.all")
	}
	text := kinds[0]
	for _, k := range kinds[1:] {
		text += ", " + k
	}
	return text
}

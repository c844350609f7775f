package acquirer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"watari/kit/access/people"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/ui/console"
)

// Forms of actors, as events have them.
const (
	personActor   = "person:"
	keyActor      = "key:"
	terminalActor = "terminal:"
)

// whoDid names the actors of events for people of this bank. Whoever is not of the bank is named by
// what they are.
func (a *app) whoDid(v *console.Visit, list []event.Event) (map[string]string, error) {
	who := map[string]string{"": "–"}
	var labels map[string]string
	for _, e := range list {
		if _, known := who[e.Actor]; known {
			continue
		}
		kind, _, _ := strings.Cut(e.Actor, ":")
		switch kind + ":" {
		case personActor:
			name, err := a.personName(v, strings.TrimPrefix(e.Actor, personActor))
			if err != nil {
				return nil, err
			}
			who[e.Actor] = name
		case keyActor:
			if labels == nil {
				var err error
				if labels, err = a.keyLabels(v); err != nil {
					return nil, err
				}
			}
			who[e.Actor] = v.T("actor.key") + labels[strings.TrimPrefix(e.Actor, keyActor)]
		default:
			who[e.Actor] = actorKind(v, kind)
		}
	}
	return who, nil
}

func actorKind(v *console.Visit, kind string) string {
	if text := v.T("actor." + kind); text != "actor."+kind {
		return text
	}
	return v.T("actor.network")
}

func (a *app) personName(v *console.Visit, personID string) (string, error) {
	p, err := a.Staff.Find(v.Ctx(), v.Caller, personID)
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal):
		return v.T("actor.person"), nil
	case err != nil:
		return "", fmt.Errorf("find who did it: %w", err)
	}
	return personLabel(p), nil
}

func personLabel(p people.Person) string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

// keyLabels are the names of the bank's API keys, each with a sign before it.
func (a *app) keyLabels(v *console.Visit) (map[string]string, error) {
	keys, err := a.Keys.List(v.Ctx(), v.Caller, bank(v), 0)
	if err != nil {
		return nil, fmt.Errorf("name the keys: %w", err)
	}
	labels := make(map[string]string, len(keys))
	for _, k := range keys {
		labels[k.ID] = " · " + k.Label
	}
	return labels, nil
}

// moment is an event for people: in words where there are words, by its kind where there are none.
func moment(v *console.Visit, e event.Event, who map[string]string) console.Moment {
	tone, icon := kindSign(e.Kind)
	return console.Moment{At: e.At, Title: kindText(v, e.Kind), Who: who[e.Actor], Tone: tone,
		Icon: icon, Text: factsOf(e), DetailTitle: v.T("audit.data"), Detail: dataText(e)}
}

// kindText is what an event is called, or else what it is about.
func kindText(v *console.Visit, kind string) string {
	about, _, _ := strings.Cut(kind, ".")
	for _, key := range []string{"event." + kind, "events_of." + about} {
		if text := v.T(key); text != key {
			return text
		}
	}
	return kind
}

// kindSign is how an event is marked: by how its kind ends.
func kindSign(kind string) (tone, icon string) {
	_, last, _ := strings.Cut(kind, ".")
	switch last {
	case "captured", "approved", "live", "succeeded", "activated", "verified":
		return console.Good, "tick"
	case "declined", "refused", "failed", "closed", "ended", "stuck", "given_up":
		return console.Stop, "cross"
	case "pending", "unknown", "suspended", "locked", "authorising":
		return console.Wait, "wait"
	case "refunded", "returned":
		return console.Back, "return"
	}
	return console.Plain, "edit"
}

// factsOf is what an event tells that people understand at once: from one state to another, or why.
func factsOf(e event.Event) string {
	var data struct {
		Reason string `json:"reason"`
		Why    string `json:"why"`
		Note   string `json:"note"`
	}
	if json.Unmarshal(e.Data, &data) != nil {
		return ""
	}
	for _, text := range []string{data.Reason, data.Why, data.Note} {
		if text != "" {
			return text
		}
	}
	return ""
}

// dataText is all that an event tells, as it stands in the trail; nil when it is nothing.
func dataText(e event.Event) templ.Component {
	if len(e.Data) <= len("{}") {
		return nil
	}
	return rawData(string(e.Data))
}

// auditPage is a page of the audit trail.
type auditPage struct {
	list []event.Event
	who  map[string]string
	next string
}

// groups are the parts of the trail, by the beginning of the kinds.
var groups = []string{"application", "merchant", "store", "terminal", "payment", "refund",
	"person", "invitation", "api_key", "key", "payout-account", "import", "webhook",
	"change"}

// auditRows is how many events stand on a page.
const auditRows = 50

// ofPayments are the groups that only a look at payments shows: they would hide everything else.
var ofPayments = []string{"payment", "refund"}

func (a *app) showAudit(v *console.Visit) error {
	q := event.Query{AcquirerNo: bank(v), Actor: v.R.FormValue("actor"),
		Subject: strings.TrimSpace(v.R.FormValue("subject"))}
	if g := v.R.FormValue("group"); slices.Contains(groups, g) {
		q.Kind, q.Payments = g+".", slices.Contains(ofPayments, g)
	}
	q.Payments = q.Payments || q.Subject != ""
	if from, ok := day(v.R.FormValue("from")); ok {
		q.From = from
	}
	if until, ok := day(v.R.FormValue("until")); ok {
		q.Until = until.AddDate(0, 0, 1)
	}
	before, err := event.ParseCursor(v.R.FormValue("before"))
	if err != nil {
		return v.NotFound()
	}
	var p auditPage
	found, next, more, err := a.Events.Recent(v.Ctx(), before, q, auditRows)
	if err != nil {
		return err
	}
	if p.list = found; more {
		p.next = next.String()
	}
	if p.who, err = a.whoDid(v, p.list); err != nil {
		return err
	}
	frame := page(v.T("audit.title"), "audit")
	frame.Lead, frame.Wide = v.T("audit.lead"), true
	if v.May(admins...) {
		frame.Actions = []console.Action{{Text: v.T("audit.export"), Icon: "down",
			Download: true, Href: link("audit", "export")}}
	}
	return show(v, frame, audit(v, p))
}

func (p auditPage) clear(v *console.Visit) string {
	for _, name := range []string{"group", "subject", "actor", "from", "until"} {
		if v.R.FormValue(name) != "" {
			return link("audit")
		}
	}
	return ""
}

func groupOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Value: "", Label: v.T("word.all")}}
	for _, g := range groups {
		list = append(list, console.Option{Value: g, Label: v.T("audit.group." + g)})
	}
	return list
}

func (p auditPage) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("audit.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("word.what"), Main: true}, {Title: v.T("word.when")},
		{Title: v.T("word.who")}, {Title: v.T("audit.subject")},
		{Title: v.T("audit.place"), Small: true}},
		Empty: console.Empty{Icon: "history", Title: v.T("audit.empty"),
			Text: v.T("audit.empty.text")}}
	for _, e := range p.list {
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			told(v, e), v.Time(e.At), doer(v, e.Actor, p.who[e.Actor]),
			subjectOf(e.Subject), console.Code(fmt.Sprintf("%d.%d", e.Lane, e.Seq))}})
	}
	return t
}

// subjectOf leads to what an event is about, where the console has a page for it.
func subjectOf(subject string) templ.Component {
	kind, no, cut := strings.Cut(subject, ":")
	switch {
	case strings.HasPrefix(subject, "pay_"):
		return console.To(subject, link("payments", subject))
	case strings.HasPrefix(subject, "app_"):
		return console.To(subject, link("applications", subject))
	case cut && kind == "store" && number(no) > 0:
		return console.To(subject, link("shops", no))
	}
	return console.Code(subject)
}

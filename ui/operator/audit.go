package operator

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/audit"
	"watari/kit/event"
	"watari/pay/report"
	"watari/ui/console"
)

// groups are the sorts of events to choose from, by the beginning of their kinds; the words are
// "audit.<id>". The first is everything but what payments write.
var groups = []struct{ id, kind string }{
	{"people", ""}, {"changes", "change."}, {"alerts", "alert."}, {"access", "person."},
	{"keys", "api_key."}, {"directory", "participant."}, {"agreements", "agreement."},
	{"merchants", "merchant."}, {"applications", "application."}, {"webhooks", "webhook."},
	{"payments", "payment."}, {"all", ""},
}

// auditWindows are the times to choose from; the words are "window.<id>".
var auditWindows = []string{"7d", "24h", "31d", "1h"}

// auditLimit is how many events a page lists.
const auditLimit = 50

// trail is what is asked for, and the period that it says.
func trail(v *console.Visit) (q event.Query, p report.Period) {
	form := func(name string) string { return strings.TrimSpace(v.R.FormValue(name)) }
	chosen := auditWindows[0]
	for _, w := range auditWindows {
		if w == form("window") {
			chosen = w
		}
	}
	p = window(v, chosen, form("day"))
	q = event.Query{Actor: form("actor"), Subject: form("subject"), From: p.From,
		Until: p.Until, Payments: form("group") == "all" || form("group") == "payments"}
	for _, g := range groups {
		if g.id == form("group") {
			q.Kind = g.kind
		}
	}
	return q, p
}

// showAudit draws what was done, the newest first.
func (p *pages) showAudit(v *console.Visit) error {
	q, period := trail(v)
	before, err := event.ParseCursor(v.R.FormValue("after"))
	if err != nil {
		return v.SeeOther(Prefix+"/audit", "")
	}
	found, at, more, err := p.Log.Recent(v.Ctx(), before, q, auditLimit)
	if err != nil {
		return err
	}
	names, err := p.names(v.Ctx())
	if err != nil {
		return err
	}
	next := ""
	if more {
		next = at.String()
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.audit"), Tab: "audit", Wide: true,
		Lead: v.T("audit.lead"), Actions: []console.Action{{Text: v.T("audit.export"),
			Icon: "down", Download: true, Href: Prefix + "/audit/export"}}},
		auditPage(v, q, period, auditTable(v, found, names, p.actors(v, found)), next))
}

// auditTable lists events.
func auditTable(
	v *console.Visit, found []event.Event, names roll,
	actors map[string]string,
) console.Table {
	t := console.Table{Caption: v.T("nav.audit"), Columns: []console.Column{
		{Title: v.T("c.time")}, {Title: v.T("c.what"), Main: true},
		{Title: v.T("c.about")}, {Title: v.T("audit.actor")}, {Title: v.T("audit.data")}},
		Empty: console.Empty{Icon: "history", Title: v.T("audit.none"),
			Text: v.T("audit.none.text")}}
	for _, e := range found {
		about := console.Code(e.Subject)
		if href := subjectPath(e.Subject, names); href != "" {
			about = console.To(subjectText(v, e.Subject, names), href)
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{v.Time(e.At),
			console.Tagged(eventWord(v, e.Kind), e.Kind), about,
			actorCell(e.Actor, actors), dataCell(v, e)}})
	}
	return t
}

// actors are the e-mail addresses of the people who did what was found, by actor.
func (p *pages) actors(v *console.Visit, found []event.Event) map[string]string {
	known := map[string]string{}
	if p.People == nil {
		return known
	}
	for _, e := range found {
		id, person := strings.CutPrefix(e.Actor, "person:")
		if _, seen := known[e.Actor]; !person || seen {
			continue
		}
		known[e.Actor] = ""
		// Somebody who is not found stays an id: the trail outlives people.
		if who, err := p.People.Find(v.Ctx(), v.Caller, id); err == nil {
			known[e.Actor] = who.Email
		}
	}
	return known
}

// actorCell names who did something.
func actorCell(actor string, known map[string]string) templ.Component {
	if name := known[actor]; name != "" {
		return console.To(name, Prefix+"/people/"+strings.TrimPrefix(actor, "person:"))
	}
	return console.Code(actor)
}

// groupOptions are the sorts of events.
func groupOptions(v *console.Visit) (list []console.Option) {
	for _, g := range groups {
		list = append(list, console.Option{Value: g.id, Label: v.T("audit." + g.id)})
	}
	return list
}

func auditWindowOptions(v *console.Visit) (list []console.Option) {
	for _, w := range auditWindows {
		list = append(list, console.Option{Value: w, Label: v.T("window." + w)})
	}
	return list
}

// exportTime is how long an export may take to send.
const exportTime = 5 * time.Minute

// exportAudit writes the whole trail as lines of JSON, for `watari audit verify`.
func (p *pages) exportAudit(v *console.Visit) error {
	h := v.W.Header()
	h.Set("Content-Type", "application/jsonl; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="watari-audit.jsonl"`)
	h.Set("Cache-Control", "no-store")
	_ = http.NewResponseController(v.W).SetWriteDeadline(v.Now.Add(exportTime))
	out := &counted{w: v.W}
	_, err := audit.Export(v.Ctx(), p.Log, 0, "", 0, out)
	switch {
	case err == nil:
		return nil
	case out.n == 0: // what is answered is a page, and no file
		h.Del("Content-Disposition")
		h.Del("Content-Type")
		return fmt.Errorf("export the trail: %w", err)
	}
	// Some of it is sent: a broken connection says that it is not the whole.
	panic(http.ErrAbortHandler)
}

// counted counts what was written.
type counted struct {
	w http.ResponseWriter
	n int
}

// Write is part of io.Writer.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += n
	return n, err
}

// auditClear is the address without filters; "" when none is set.
func auditClear(v *console.Visit) string {
	if v.R.URL.RawQuery == "" {
		return ""
	}
	return Prefix + "/audit"
}

package operator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/money"
	"watari/pay/watch"
	"watari/ui/console"
)

// alertLimit is how many alerts a page lists.
const alertLimit = 50

// sortAlerts puts the gravest open ones first, then the newest.
func sortAlerts(list []watch.Alert) {
	weight := func(a watch.Alert) int {
		w := slices.Index(watch.Severities(), a.Severity)
		if a.State == watch.Acknowledged {
			w += 10
		}
		return w
	}
	slices.SortStableFunc(list, func(a, b watch.Alert) int { return weight(a) - weight(b) })
}

// facts are the members that alerts' data may have; each kind has some of them.
type facts struct {
	Wallet      string        `json:"wallet"`
	Name        string        `json:"name"`
	Calls       int64         `json:"calls"`
	Silent      int64         `json:"silent"`
	Payment     string        `json:"payment"`
	Refund      string        `json:"refund"`
	Amount      *money.Amount `json:"amount"`
	PayTo       *money.Amount `json:"pay_to"`
	Because     string        `json:"because"`
	Participant string        `json:"participant"`
	Role        string        `json:"role"`
	Currency    string        `json:"currency"`
	UsedMinor   int64         `json:"used_minor"`
	MaxMinor    int64         `json:"max_minor"`
	Percent     int64         `json:"percent"`
	Day         string        `json:"day"`
	Until       time.Time     `json:"until"`
	Version     int           `json:"version"`
	ChangeKind  string        `json:"change_kind"`
	Maker       string        `json:"maker"`
	Bank        string        `json:"bank"`
	Count       int64         `json:"count"`
	Endpoint    string        `json:"endpoint"`
}

func factsOf(a watch.Alert) (f facts) {
	// A member of another form is left out; the page shows the whole data too.
	_ = json.Unmarshal(a.Data, &f)
	return f
}

// alertTitle says what an alert is in a few words.
func alertTitle(v *console.Visit, a watch.Alert) string {
	return word(v, "alert."+string(a.Kind), string(a.Kind))
}

// alertText says what an alert is about, in one sentence.
func alertText(v *console.Visit, a watch.Alert) string {
	f := factsOf(a)
	key := "alert." + string(a.Kind) + ".text"
	who := f.Name
	if who == "" {
		who = a.Subject
	}
	switch a.Kind {
	case watch.WalletDown, watch.WalletFailing:
		return v.T(key, "who", who, "calls", v.Number(f.Calls), "silent", v.Number(f.Silent))
	case watch.LegStuck:
		amount := ""
		if f.PayTo != nil {
			amount = shown(v, *f.PayTo)
		}
		return v.T(key, "wallet", f.Wallet, "amount", amount, "because", f.Because)
	case watch.CapNear:
		cur := money.Currency(f.Currency)
		return v.T(key, "who", who, "percent", v.Number(f.Percent),
			"used", minor(v, f.UsedMinor, cur), "max", minor(v, f.MaxMinor, cur))
	case watch.DayNear:
		return v.T(key, "who", who, "percent", v.Number(f.Percent),
			"used", minor(v, f.UsedMinor, yen), "max", minor(v, f.MaxMinor, yen))
	case watch.RatesStale:
		if a.Severity == watch.Warning {
			return v.T("alert.rates.stale.soon", "currency", a.Subject, "until", at(v, f.Until))
		}
		return v.T(key, "currency", a.Subject, "day", f.Day)
	case watch.KeyEnding:
		if !f.Until.After(v.Now) {
			key = "alert.key.ending.over"
		}
		return v.T(key, "who", f.Participant, "until", at(v, f.Until))
	case watch.ChangeWaiting:
		return v.T(key, "kind", word(v, "change."+f.ChangeKind, f.ChangeKind), "maker", f.Maker)
	case watch.NoticeGivenUp:
		return v.T(key, "who", f.Bank, "n", v.Number(f.Count), "because", f.Because)
	case watch.ReturnsOwed:
		amount := ""
		if f.Amount != nil {
			amount = shown(v, *f.Amount)
		}
		return v.T(key, "who", f.Bank, "n", v.Number(f.Count), "amount", amount)
	case watch.LedgerClosed:
		return v.T(key)
	}
	return word(v, key, a.Subject)
}

// about is the page that an alert is about, and its name; "" when there is none.
func alertAbout(a watch.Alert) (href, name string) {
	f := factsOf(a)
	switch a.Kind {
	case watch.WalletDown, watch.WalletFailing, watch.DayNear:
		return walletPath(a.Subject), a.Subject
	case watch.LegStuck:
		return paymentPath(f.Payment), f.Payment
	case watch.CapNear, watch.KeyEnding:
		return participantPath(f.Participant), f.Participant
	case watch.NoticeGivenUp, watch.ReturnsOwed:
		return participantPath(f.Bank), f.Bank
	case watch.RatesStale:
		return Prefix + "/rates", a.Subject
	case watch.ChangeWaiting:
		return Prefix + "/changes/" + a.Subject, a.Subject
	case watch.LedgerClosed:
		return Prefix + "/ledger", "ledger"
	}
	if strings.HasPrefix(a.Subject, "pay_") {
		return paymentPath(a.Subject), a.Subject
	}
	return "", a.Subject
}

// alertTable lists alerts; a short one leaves out what there is no room for.
func alertTable(v *console.Visit, list []watch.Alert, short bool) console.Table {
	t := console.Table{Caption: v.T("nav.alerts"), Columns: []console.Column{
		{Title: v.T("c.what"), Main: true}, {Title: v.T("c.severity")},
	}, Empty: console.Empty{Icon: "tick", Title: v.T("alerts.none"),
		Text: v.T("alerts.none.text")}}
	if !short {
		t.Columns = append(t.Columns, console.Column{Title: v.T("c.since")},
			console.Column{Title: v.T("c.state")})
	}
	for _, a := range list {
		text := alertText(v, a)
		if short {
			text += " · " + ago(v, a.First)
		}
		cells := []templ.Component{console.Two(alertTitle(v, a), text),
			badge(v, severityLooks, "severity", a.Severity)}
		row := console.Row{Href: Prefix + "/alerts/" + a.ID}
		if !short {
			cells = append(cells, console.Text(ago(v, a.First)), alertState(v, a))
		}
		if a.State == watch.Open {
			row.Tone = severityLooks[a.Severity].tone
		}
		row.Cells = cells
		t.Rows = append(t.Rows, row)
	}
	return t
}

// alertState says who looks after an alert, or how it ended.
func alertState(v *console.Visit, a watch.Alert) templ.Component {
	switch a.State {
	case watch.Acknowledged:
		return console.Two(v.T("alertstate.acknowledged"), a.AcknowledgedBy)
	case watch.Ended:
		return console.Two(v.T("alertstate.ended"), endedBy(v, a))
	case watch.Open:
	}
	return console.Strong(v.T("alertstate.open"))
}

func endedBy(v *console.Visit, a watch.Alert) string {
	who := a.EndedBy
	if who == watch.System {
		who = v.T("alert.byitself")
	}
	return who + " · " + at(v, a.Ended)
}

// listAlerts draws the list of alerts.
func (p *pages) listAlerts(v *console.Visit) error {
	f := watch.Filter{Live: true, Limit: liveShown}
	past := v.R.FormValue("state") == "ended"
	if past {
		f = watch.Filter{State: watch.Ended, After: v.R.FormValue("after"),
			Limit: alertLimit + 1}
	}
	list, err := p.Watch.List(v.Ctx(), f)
	if err != nil {
		return err
	}
	next := ""
	if past && len(list) > alertLimit {
		list = list[:alertLimit]
		next = v.Here("after", list[alertLimit-1].ID)
	}
	if !past {
		sortAlerts(list)
	}
	page := console.Page{Title: v.T("nav.alerts"), Tab: "alerts", Wide: true}
	if !past {
		page.Refresh = refreshEvery
	}
	return v.Show(http.StatusOK, page, alertsPage(v, list, past, next))
}

// showAlert draws one alert.
func (p *pages) showAlert(v *console.Visit) error {
	a, err := p.Watch.Find(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return p.drawAlert(v, a)
}

func (p *pages) drawAlert(v *console.Visit, a watch.Alert) error {
	page := console.Page{Title: alertTitle(v, a), Tab: "alerts",
		Crumbs: []console.Link{{Text: v.T("nav.alerts"), Href: Prefix + "/alerts"}}}
	return v.Show(http.StatusOK, page, alertPage(v, a))
}

// acknowledge takes the word of somebody who looks after an alert.
func (p *pages) acknowledge(v *console.Visit) error {
	return p.decideAlert(v, "note", "alerts.acknowledged", func(note string) (watch.Alert, error) {
		return p.Watch.Acknowledge(v.Ctx(), v.R.PathValue("id"), by(v), note)
	})
}

// endAlert takes the word of somebody who has dealt with an alert.
func (p *pages) endAlert(v *console.Visit) error {
	return p.decideAlert(v, "end_note", "alerts.ended", func(note string) (watch.Alert, error) {
		return p.Watch.End(v.Ctx(), v.R.PathValue("id"), by(v), note)
	})
}

func (p *pages) decideAlert(
	v *console.Visit, field, done string, do func(note string) (watch.Alert, error),
) error {
	note := v.Typed(field)
	if len(note) > watch.NoteMax {
		v.Mistake(field, v.T("mistake.toolong"))
		return p.showAlert(v)
	}
	a, err := do(note)
	if v.Refused(err) {
		return p.showAlert(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(Prefix+"/alerts/"+a.ID, v.T(done))
}

// alertFacts are the lines about an alert.
func alertFacts(v *console.Visit, a watch.Alert) []console.Fact {
	list := []console.Fact{
		{Name: v.T("c.severity"), Value: badge(v, severityLooks, "severity", a.Severity)},
		{Name: v.T("c.state"), Value: alertState(v, a)},
		{Name: v.T("alert.first"), Value: v.Time(a.First)},
		{Name: v.T("alert.last"), Value: v.Time(a.Last)},
	}
	if a.Kind.Lasting() {
		list = append(list, console.Fact{Name: v.T("alert.times"),
			Value: console.Text(v.Number(a.Times))})
	}
	if href, name := alertAbout(a); href != "" {
		list = append(list, console.Fact{Name: v.T("c.about"), Value: console.To(name, href)})
	} else {
		list = append(list, console.Fact{Name: v.T("c.about"), Value: console.Code(a.Subject)})
	}
	if a.AcknowledgedBy != "" {
		list = append(list, console.Fact{Name: v.T("alert.taken"),
			Value: console.Two(a.AcknowledgedBy, at(v, a.Acknowledged))})
	}
	if a.Note != "" {
		list = append(list, console.Fact{Name: v.T("c.note"), Value: console.Text(a.Note)})
	}
	return append(list, console.Fact{Name: v.T("c.kind"), Value: console.Code(string(a.Kind))})
}

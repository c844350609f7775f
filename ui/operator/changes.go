package operator

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/pay/fx"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/ui/console"
)

// changeLooks are the looks of changes; the words are "changestate.<state>".
var changeLooks = map[foureyes.State]look{
	foureyes.Open: {console.Wait, ""}, foureyes.Approved: {console.Good, ""},
	foureyes.Rejected: {console.Stop, ""}, foureyes.Superseded: {console.Plain, "slash"},
}

// decidedShown is how many decided changes the list has at most.
const decidedShown = 200

// listChanges draws the changes that wait, or those that are decided.
func (p *pages) listChanges(v *console.Visit) error {
	open, err := p.Desk.List(v.Ctx(), foureyes.Filter{State: foureyes.Open})
	if err != nil {
		return err
	}
	list, past := open, v.R.FormValue("state") == "decided"
	if past {
		if list, err = p.Desk.List(v.Ctx(), foureyes.Filter{}); err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(r foureyes.Request) bool {
			return r.State == foureyes.Open
		})
		slices.SortStableFunc(list, func(a, b foureyes.Request) int {
			return b.Decided.Compare(a.Decided)
		})
		list = list[:min(len(list), decidedShown)]
	}
	names, err := p.names(v.Ctx())
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.changes"), Tab: "changes",
		Lead: v.T("changes.lead"), Wide: true},
		changesPage(v, changeTable(v, list, names, past), len(open), past))
}

// changeTable lists changes.
func changeTable(
	v *console.Visit, list []foureyes.Request, names roll, past bool,
) console.Table {
	t := console.Table{Caption: v.T("nav.changes"), Columns: []console.Column{
		{Title: v.T("c.what"), Main: true}, {Title: v.T("c.about")},
		{Title: v.T("changes.maker")}, {Title: v.T("c.state")}},
		Empty: console.Empty{Icon: "tick", Title: v.T("changes.none"),
			Text: v.T("changes.none.text")}}
	for _, r := range list {
		maker := console.Two(r.Maker, ago(v, r.Made))
		state := badge(v, changeLooks, "changestate", r.State)
		if past {
			state = console.Two(v.T("changestate."+string(r.State)),
				r.Checker+" · "+at(v, r.Decided))
		}
		t.Rows = append(t.Rows, console.Row{Href: Prefix + "/changes/" + r.ID,
			Cells: []templ.Component{console.Two(changeTitle(v, r), r.Note),
				console.Text(subjectText(v, r.Subject, names)), maker, state}})
	}
	return t
}

// changeTitle names the kind of a change.
func changeTitle(v *console.Visit, r foureyes.Request) string {
	return word(v, "change."+r.Kind, r.Kind)
}

// subjectText names what a change is about.
func subjectText(
	v *console.Visit, subject string, names roll,
) string {
	kind, rest, _ := strings.Cut(subject, ":")
	if no, err := strconv.ParseInt(rest, 10, 64); err == nil &&
		kind == string(party.KindParticipant) && names[no].Name != "" {
		return names[no].Name
	}
	if kind == "rates" {
		return rest
	}
	return subject
}

// subjectPath is the page of what a change is about; "" when there is none.
func subjectPath(subject string, names roll) string {
	kind, rest, _ := strings.Cut(subject, ":")
	no, err := strconv.ParseInt(rest, 10, 64)
	switch {
	case err == nil && kind == string(party.KindParticipant) && names[no].ID != "":
		return participantPath(names[no].ID)
	case kind == "rates":
		return Prefix + "/rates"
	case strings.HasPrefix(subject, "pay_"):
		return paymentPath(subject)
	}
	for _, one := range names {
		if one.ID == subject {
			return participantPath(subject)
		}
	}
	return ""
}

// showChange draws one change with all that it does.
func (p *pages) showChange(v *console.Visit) error {
	r, err := p.Desk.Find(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	names, err := p.names(v.Ctx())
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: changeTitle(v, r), Tab: "changes",
		Crumbs: []console.Link{{Text: v.T("nav.changes"), Href: Prefix + "/changes"}}},
		changePage(v, r, names))
}

// own says whether the visitor made the change, and so cannot approve it.
func own(v *console.Visit, r foureyes.Request) bool {
	return strings.EqualFold(strings.TrimSpace(r.Maker), strings.TrimSpace(v.Person.Email))
}

func (p *pages) approve(v *console.Visit) error {
	r, err := p.Desk.Approve(v.Ctx(), v.R.PathValue("id"), by(v))
	return p.decided(v, r, err, "changes.approved")
}

func (p *pages) reject(v *console.Visit) error {
	r, err := p.Desk.Reject(v.Ctx(), v.R.PathValue("id"), by(v))
	return p.decided(v, r, err, "changes.rejected")
}

// decided draws what came of a decision.
func (p *pages) decided(v *console.Visit, r foureyes.Request, err error, done string) error {
	if errors.Is(err, foureyes.ErrOwn) { // the page offers it to nobody, but may be sent by hand
		v.Refuse(v.T("changes.own"))
		return p.showChange(v)
	}
	if v.Refused(err) {
		return p.showChange(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(Prefix+"/changes/"+r.ID, v.T(done))
}

// changeFacts are who asked and who decided.
func changeFacts(
	v *console.Visit, r foureyes.Request, names roll,
) []console.Fact {
	about := console.Text(subjectText(v, r.Subject, names))
	if href := subjectPath(r.Subject, names); href != "" {
		about = console.To(subjectText(v, r.Subject, names), href)
	}
	list := []console.Fact{
		{Name: v.T("c.state"), Value: badge(v, changeLooks, "changestate", r.State)},
		{Name: v.T("c.about"), Value: about},
		{Name: v.T("changes.maker"), Value: console.Two(r.Maker, v.Lang.DateTime(r.Made))},
	}
	if r.Note != "" {
		list = append(list, console.Fact{Name: v.T("changes.why"), Value: console.Text(r.Note)})
	}
	if r.Checker != "" {
		list = append(list, console.Fact{Name: v.T("changes.checker"),
			Value: console.Two(r.Checker, v.Lang.DateTime(r.Decided))})
	}
	return append(list, console.Fact{Name: v.T("c.id"), Value: console.Code(r.ID)})
}

// difference is one member of what a change does.
type difference struct {
	name, was, becomes string
	differs            bool
}

// differences are the members of a change, those that differ first. A change without a past has
// members alone.
func differences(v *console.Visit, r foureyes.Request) (list []difference, pairs bool) {
	d := json.NewDecoder(bytes.NewReader(r.Body))
	d.UseNumber()
	var flat map[string]any
	if d.Decode(&flat) != nil {
		return nil, false
	}
	before, had := flat["was"].(map[string]any)
	after, has := flat["becomes"].(map[string]any)
	if had && has {
		cur, _ := after["currency"].(string)
		for _, name := range keysOf(after, before) {
			if name == "id" || name == "no" || name == "version" {
				continue
			}
			d := difference{name: fieldName(v, name),
				was:     fieldText(v, name, before[name], cur),
				becomes: fieldText(v, name, after[name], cur)}
			if name == "from_us" && isZero(after[name]) {
				d.becomes = v.T("terms.onapproval")
			}
			d.differs = d.was != d.becomes
			list = append(list, d)
		}
		slices.SortStableFunc(list, func(a, b difference) int {
			return strings.Compare(strconv.FormatBool(b.differs), strconv.FormatBool(a.differs))
		})
		return list, true
	}
	for _, name := range keysOf(flat) {
		list = append(list, difference{name: fieldName(v, name),
			becomes: fieldText(v, name, flat[name], "")})
	}
	return list, false
}

// isZero says whether a member is the number 0.
func isZero(value any) bool {
	n, ok := value.(json.Number)
	return ok && n.String() == "0"
}

// keysOf are the names of the members of objects, sorted.
func keysOf(objects ...map[string]any) (names []string) {
	for _, o := range objects {
		for name := range o {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// fieldName is what a member is called.
func fieldName(v *console.Visit, name string) string { return word(v, "field."+name, name) }

// fieldText writes a member so that people can compare it.
func fieldText(v *console.Visit, name string, value any, currency string) string {
	switch x := value.(type) {
	case nil:
		return v.T("terms.none")
	case bool:
		if x {
			return v.T("yes")
		}
		return v.T("no")
	case string:
		switch {
		case x == "":
			return "–"
		case name == "role":
			return word(v, "role."+x, x)
		case name == "as":
			return word(v, "found."+x, x)
		}
		if t, err := time.Parse(time.RFC3339, x); err == nil {
			return v.Lang.DateTime(t)
		}
		return x
	case json.Number:
		return numberText(v, name, x, currency)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "–"
	}
	var a money.Amount
	if json.Unmarshal(text, &a) == nil && a.Valid() {
		return shown(v, a)
	}
	return string(text)
}

// numberText writes a number by what its name says that it counts.
func numberText(v *console.Visit, name string, x json.Number, currency string) string {
	n, err := x.Int64()
	if err != nil {
		return x.String()
	}
	switch {
	case strings.HasSuffix(name, "_ppm"):
		return percentOf(n)
	case name == "cap_minor":
		return minor(v, n, money.Currency(currency))
	case strings.HasSuffix(name, "_minor"):
		return minor(v, n, yen)
	case strings.HasSuffix(name, "_us") && n == 0:
		return v.T("terms.open")
	case strings.HasSuffix(name, "_us"):
		return v.Lang.DateTime(clock.FromMicros(n))
	case name == "cut_off_min":
		return two(int(n)/60) + ":" + two(int(n)%60)
	}
	return v.Number(n)
}

// heldTable lists the rates that a change would apply.
func heldTable(v *console.Visit, r foureyes.Request) console.Table {
	var c fx.Change
	// A body of another form shows as an empty table, and whole below it.
	_ = json.Unmarshal(r.Body, &c)
	t := console.Table{Caption: v.T("change.fx.rates"), Columns: []console.Column{
		{Title: v.T("c.currency"), Main: true}, {Title: v.T("rates.was"), Number: true},
		{Title: v.T("rates.becomes"), Number: true}, {Title: v.T("rates.why")}},
		Empty: console.Empty{Icon: "swap", Title: v.T("rates.noheld")}}
	for _, h := range c.Held {
		was := nothing()
		if h.Was != "" {
			was = console.Two(h.Was, h.WasDay)
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Text(string(h.Currency)), was, console.Strong(h.Rate),
			console.Text(word(v, "rates.why."+string(h.Why), string(h.Why)))}})
	}
	return t
}

// isRates says whether a change is about rates.
func isRates(r foureyes.Request) bool { return r.Kind == fx.ChangeKind }

// warning is what to look at before a change of a kind is approved; "" is nothing.
func warning(v *console.Visit, r foureyes.Request) string {
	switch r.Kind {
	case party.ChangeKey:
		return v.T("key.compare")
	case payment.SettleKind:
		return v.T("leg.settle.check")
	}
	return ""
}

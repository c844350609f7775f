package operator

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/promo"
	"watari/pay/report"
	"watari/pay/watch"
	"watari/ui/console"
)

// member is a participant with what its page shows.
type member struct {
	party.Participant
	Agreements []party.Agreement // every version, the newest first
	Keys       []party.Key
	Secrets    []access.Key // its API keys
	Stands     []watch.Stand
	Changes    []foureyes.Request // open ones about it
	Pledges    []promo.Pledge     // wallets: what it gives for discounts
	Names      roll
	Month      report.Takings // banks: the last 30 days
	Stores     int
}

// wallet says whether the participant pays; the others sign shops.
func (m member) wallet() bool { return m.Connector != "" }

// listParticipants draws the banks and the wallets.
func (p *pages) listParticipants(v *console.Visit) error {
	all, err := p.Directory.Participants(v.Ctx())
	if err != nil {
		return err
	}
	terms, err := p.Directory.InForce(v.Ctx())
	if err != nil {
		return err
	}
	m, err := p.lastMonth(v)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.participants"),
		Tab: "participants", Wide: true}, participantsPage(v,
		memberTable(v, all, terms, m.banks, false), memberTable(v, all, terms, m.wallets, true)))
}

// monthly is what was taken in the last 30 days, by bank and by wallet.
type monthly struct{ banks, wallets []report.Row }

func (p *pages) lastMonth(v *console.Visit) (monthly, error) {
	period := report.Days(v.Now, 30)
	return p.month.get(v.Now, period.From.Format(time.DateOnly), monthKept,
		func() (m monthly, err error) {
			if m.banks, err = p.Reports.By(v.Ctx(), report.Scope{}, period, "",
				report.ByAcquirer); err == nil {
				m.wallets, err = p.Reports.By(v.Ctx(), report.Scope{}, period, "",
					report.ByWallet)
			}
			return m, err
		})
}

// memberTable lists banks, or wallets.
func memberTable(
	v *console.Visit, all []party.Participant, terms []party.Agreement, rows []report.Row,
	wallets bool,
) console.Table {
	title, icon := v.T("participants.banks"), "bank"
	if wallets {
		title, icon = v.T("nav.wallets"), "wallet"
	}
	t := console.Table{Caption: title, Columns: []console.Column{
		{Title: v.T("c.name"), Main: true}, {Title: v.T("c.status")},
		{Title: v.T("participants.terms")}, {Title: v.T("participants.month"), Number: true},
		{Title: v.T("participants.count"), Number: true}},
		Empty: console.Empty{Icon: icon, Title: v.T("participants.none"),
			Text: v.T("participants.none.text")}}
	took := map[int64]report.Takings{}
	for _, r := range rows {
		took[r.No(0)] = r.Takings
	}
	for _, one := range all {
		if (one.Connector != "") != wallets {
			continue
		}
		var agreed []string
		for _, a := range terms {
			if a.ParticipantNo == one.No {
				agreed = append(agreed, v.T("role."+string(a.Role))+" "+string(a.Currency))
			}
		}
		t.Rows = append(t.Rows, console.Row{Href: participantPath(one.ID),
			Cells: []templ.Component{console.Two(one.Name, one.ID),
				badge(v, statusLooks, "status", one.Status),
				orNothing(strings.Join(agreed, ", ")),
				console.Text(minor(v, took[one.No].SoldMinor, yen)),
				console.Text(v.Number(took[one.No].Sales))}})
	}
	return t
}

// showParticipant draws one participant.
func (p *pages) showParticipant(v *console.Visit) error {
	m, err := p.member(v)
	if err != nil {
		return err
	}
	return p.drawParticipant(v, m)
}

func (p *pages) drawParticipant(v *console.Visit, m member) error {
	actions := []console.Action{{Text: v.T("participant.edit"), Icon: "edit",
		Href: participantPath(m.ID) + "/edit"}}
	if m.wallet() {
		actions = append(actions, console.Action{Text: v.T("participant.health"),
			Icon: "chart", Href: walletPath(m.ID)})
	}
	return v.Show(http.StatusOK, console.Page{Title: m.Name, Tab: "participants", Wide: true,
		Crumbs: []console.Link{{Text: v.T("nav.participants"),
			Href: Prefix + "/participants"}}, Actions: actions}, participantPage(v, m))
}

// member reads everything about the participant that the address names.
func (p *pages) member(v *console.Visit) (m member, err error) {
	ctx := v.Ctx()
	if m.Participant, err = p.Directory.ByID(ctx, v.R.PathValue("id")); err != nil {
		return m, err
	}
	if m.Agreements, err = p.Directory.Agreements(ctx, m.No); err != nil {
		return m, err
	}
	if m.Keys, err = p.Directory.KeysOf(ctx, m.No); err != nil {
		return m, err
	}
	if m.wallet() {
		if m.Pledges, err = p.Pledges.List(ctx, m.No, 0, 0); err != nil {
			return m, err
		}
		if m.Names, err = p.names(ctx); err != nil {
			return m, err
		}
	}
	err = p.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		m.Secrets, err = p.Keys.List(ctx, tx, m.No)
		return err
	})
	if err != nil {
		return m, err
	}
	if m.Stands, err = watch.Stands(ctx, p.DB, p.Directory); err != nil {
		return m, err
	}
	m.Stands = slices.DeleteFunc(m.Stands, func(s watch.Stand) bool {
		return s.Agreement.ParticipantNo != m.No
	})
	open, err := p.Desk.List(ctx, foureyes.Filter{State: foureyes.Open, Limit: liveShown})
	if err != nil {
		return m, err
	}
	for _, r := range open {
		if r.Subject == party.Subject(party.KindParticipant, m.No) {
			m.Changes = append(m.Changes, r)
		}
	}
	if m.wallet() {
		return m, nil
	}
	stores, err := p.Reports.Stores(ctx, report.Scope{AcquirerNo: m.No})
	if err != nil {
		return m, err
	}
	m.Stores = len(stores)
	m.Month, err = p.Reports.Total(ctx, report.Scope{AcquirerNo: m.No}, report.Days(v.Now, 30))
	return m, err
}

// participantFacts are who a participant is.
func participantFacts(v *console.Visit, m member) []console.Fact {
	list := []console.Fact{
		{Name: v.T("c.status"), Value: badge(v, statusLooks, "status", m.Status)},
		{Name: v.T("c.id"), Value: console.Code(m.ID)},
		{Name: v.T("participant.client"), Value: idOrNothing(m.ClientID)},
	}
	yesNo := func(yes bool) templ.Component {
		if yes {
			return console.Text(v.T("yes"))
		}
		return console.Text(v.T("no"))
	}
	if m.wallet() {
		return append(list,
			console.Fact{Name: v.T("participant.protocol"), Value: console.Code(m.Connector)},
			console.Fact{Name: v.T("participant.url"), Value: idOrNothing(m.BaseURL)},
			console.Fact{Name: v.T("participant.owncodes"), Value: yesNo(m.OwnCodes)})
	}
	return append(list,
		console.Fact{Name: v.T("participant.stores"),
			Value: console.Text(v.Number(int64(m.Stores)))},
		console.Fact{Name: v.T("participants.month"),
			Value: console.Text(minor(v, m.Month.SoldMinor, yen))},
		console.Fact{Name: v.T("participant.onsight"), Value: yesNo(m.OnSight)})
}

// current are the newest versions of the agreements, one a role and currency.
func (m member) current() (list []party.Agreement) {
	seen := map[string]bool{}
	for _, a := range m.Agreements {
		if key := string(a.Role) + string(a.Currency); !seen[key] {
			seen[key] = true
			list = append(list, a)
		}
	}
	return list
}

// older are the versions before the newest of an agreement.
func (m member) older(of party.Agreement) (list []party.Agreement) {
	for _, a := range m.Agreements {
		if a.Role == of.Role && a.Currency == of.Currency && a.Version < of.Version {
			list = append(list, a)
		}
	}
	return list
}

// agreementPath is where the terms of an agreement are changed.
func agreementPath(id string, a party.Agreement) string {
	return participantPath(id) + "/agreements/" + string(a.Role) + "/" + string(a.Currency)
}

// agreementFacts are the terms of an agreement.
func agreementFacts(v *console.Visit, a party.Agreement) []console.Fact {
	list := []console.Fact{
		{Name: v.T("terms.version"), Value: console.Text(strconv.FormatInt(a.Version, 10))},
		{Name: v.T("terms.from"), Value: console.Text(validText(v, a))},
		{Name: v.T("terms.day"), Value: console.Text(dayText(a))},
		{Name: v.T("terms.cap"), Value: console.Text(mostText(v, a.CapMinor, a.Currency))},
	}
	if a.Role != party.Issuer {
		return list
	}
	return append(list,
		console.Fact{Name: v.T("terms.spread"), Value: console.Text(percentOf(a.SpreadPPM))},
		console.Fact{Name: v.T("terms.interchange"),
			Value: console.Text(percentOf(a.InterchangePPM))},
		console.Fact{Name: v.T("terms.scheme"), Value: console.Text(percentOf(a.SchemePPM))},
		console.Fact{Name: v.T("terms.payment"),
			Value: console.Text(mostText(v, a.PerPaymentMaxMinor, yen))},
		console.Fact{Name: v.T("terms.daymax"),
			Value: console.Text(mostText(v, a.PerDayMaxMinor, yen))})
}

// mostText is a cap or limit; there may be none.
func mostText(v *console.Visit, n *int64, c money.Currency) string {
	if n == nil {
		return v.T("terms.none")
	}
	return minor(v, *n, c)
}

// dayText is when the clearing day ends, and where.
func dayText(a party.Agreement) string {
	end := a.CutOffMin
	if end == 0 {
		end = 24 * 60
	}
	return strconv.Itoa(end/60) + ":" + two(end%60) + " " + a.Zone
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// validText is when an agreement is in force.
func validText(v *console.Visit, a party.Agreement) string {
	from := v.T("terms.always")
	if a.FromUS != 0 {
		from = v.Lang.DateTime(clock.FromMicros(a.FromUS))
	}
	if a.UntilUS != 0 {
		return from + " – " + v.Lang.DateTime(clock.FromMicros(a.UntilUS))
	}
	if a.FromUS > clock.Micros(v.Now) {
		return v.T("terms.later", "from", from)
	}
	return from
}

// keyTable lists the public keys of a participant's messages.
func keyTable(v *console.Visit, m member) console.Table {
	t := console.Table{Caption: v.T("participant.keys"), Columns: []console.Column{
		{Title: v.T("key.version"), Main: true}, {Title: v.T("c.state")},
		{Title: v.T("key.valid")}, {Title: v.T("key.used")}, {Title: v.T("key.print")},
		{Title: v.T("c.action"), Unseen: true}},
		Empty: console.Empty{Icon: "key", Title: v.T("keys.none"), Text: v.T("keys.none.text")}}
	for _, k := range m.Keys {
		tone, name := console.Good, "good"
		switch {
		case !k.Retired.IsZero():
			tone, name = console.Stop, "retired"
		case k.From.After(v.Now):
			tone, name = console.Wait, "later"
		case !k.Until.IsZero() && !k.Until.After(v.Now):
			tone, name = console.Stop, "over"
		}
		action := templ.Component(nothing())
		if name != "retired" && name != "over" {
			action = v.Action(console.Action{Text: v.T("key.retire"),
				Dialog: "retire-" + strconv.Itoa(k.Version)})
		}
		until := v.T("terms.open")
		if !k.Until.IsZero() {
			until = v.Lang.DateTime(k.Until)
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Text(strconv.Itoa(k.Version)), v.Badge(tone, "", v.T("keystate."+name)),
			console.Text(v.Lang.DateTime(k.From) + " – " + until), v.Time(k.LastUsed),
			console.Code(shortPrint(k.Fingerprint())), action}})
	}
	return t
}

// shortPrint is the beginning of a fingerprint, in groups.
func shortPrint(text string) string {
	text = strings.ReplaceAll(text, ":", "")
	var groups []string
	for i := 0; i+4 <= min(len(text), 16); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	return strings.Join(groups, " ")
}

// secretTable lists the API keys of a bank.
func secretTable(v *console.Visit, m member) console.Table {
	t := console.Table{Caption: v.T("participant.secrets"), Columns: []console.Column{
		{Title: v.T("c.name"), Main: true}, {Title: v.T("c.role")}, {Title: v.T("c.made")},
		{Title: v.T("key.used")}, {Title: v.T("c.state")}},
		Empty: console.Empty{Icon: "key", Title: v.T("secrets.none"),
			Text: v.T("secrets.none.text")}}
	for _, k := range m.Secrets {
		state := v.Badge(console.Good, "", v.T("keystate.good"))
		if !k.Good(v.Now) { // one that was replaced is good for a while
			state = v.Badge(console.Stop, "", v.T("keystate.revoked"))
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Two(k.Label, k.ID), console.Text(v.RoleName(k.Role)), v.Time(k.Created),
			v.Time(k.LastUsed), state}})
	}
	return t
}

// setStatus suspends, opens or closes a participant.
func (p *pages) setStatus(v *console.Visit) error {
	m, err := p.Directory.ByID(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	to := party.Status(v.Typed("status"))
	if statusLooks[to] == (look{}) {
		return v.NotFound()
	}
	err = p.Registry.Change(v.Ctx(), func(ctx context.Context, tx *db.Tx) error {
		return p.Registry.SetStatus(ctx, tx, v.Caller.Actor, party.KindParticipant, m.No, to)
	})
	if v.Refused(err) {
		return p.showParticipant(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(participantPath(m.ID), v.T("participant.status.set",
		"status", v.T("status."+string(to))))
}

// statusSteps are the statuses that a participant can be given now.
func statusSteps(m member) (list []party.Status) {
	for _, s := range []party.Status{party.Open, party.Suspended, party.Closed} {
		if s != m.Status && m.Status != party.Closed {
			list = append(list, s)
		}
	}
	return list
}

// japan reads a date and time of a form, in Japan's time.
func japan(text string) (time.Time, bool) {
	for _, form := range []string{"2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, text, clock.JST); err == nil {
			return t, true
		}
	}
	return time.Time{}, text == ""
}

package acquirer

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/pay/party/signup"
	"watari/ui/console"
)

// queue is one view of the applications: those in some states.
type queue struct {
	id     string
	states []signup.State
	oldest bool // first come, first served
}

// queues are the views, the one that wants work first.
var queues = []queue{
	{"waiting", []signup.State{signup.Applied, signup.InReview}, true},
	{"approved", []signup.State{signup.Approved}, true},
	{"returned", []signup.State{signup.Returned}, true},
	{"draft", []signup.State{signup.Draft}, false},
	{"live", []signup.State{signup.Live, signup.Suspended}, false},
	{"ended", []signup.State{signup.Refused, signup.Withdrawn, signup.Closed}, false},
	{"all", nil, false},
}

// queueOf finds a view by the parameter of its address.
func queueOf(id string) queue {
	for _, q := range queues {
		if q.id == id {
			return q
		}
	}
	return queues[0]
}

// listPage is the list of applications.
type listPage struct {
	queue  queue
	counts map[signup.State]int
	list   []signup.Application
	next   string
}

func (a *app) listApplications(v *console.Visit) error {
	q := queueOf(v.R.FormValue("queue"))
	p := listPage{queue: q}
	var err error
	if p.counts, err = a.Signup.Count(v.Ctx(), bank(v)); err != nil {
		return err
	}
	p.list, p.next, err = a.Signup.List(v.Ctx(), signup.Filter{AcquirerNo: bank(v),
		States: q.states, Oldest: q.oldest, Text: strings.TrimSpace(v.R.FormValue("q")),
		Prefecture: v.R.FormValue("prefecture"), After: v.R.FormValue("after")})
	if err != nil {
		return err
	}
	frame := page(v.T("apps.title"), "applications")
	frame.Wide = true
	if v.May(clerks...) {
		frame.Actions = []console.Action{
			{Text: v.T("apps.invite"), Href: link("applications", "invitations"), Icon: "send"},
			{Text: v.T("apps.new"), Href: link("applications", "new"), Icon: "plus",
				Main: true},
		}
	}
	return show(v, frame, applicationsPage(v, p))
}

// tabs are the views with how much is in each.
func (p listPage) tabs(v *console.Visit) []console.Tab {
	list := make([]console.Tab, len(queues))
	for i, q := range queues {
		n := 0
		for _, s := range q.states {
			n += p.counts[s]
		}
		list[i] = console.Tab{Text: v.T("apps.tab." + q.id), On: q.id == p.queue.id,
			Href: link("applications") + "?queue=" + q.id, Count: int64(n)}
	}
	return list
}

// clear is the view without filters; "" when there are none.
func (p listPage) clear(v *console.Visit) string {
	if v.R.FormValue("q") == "" && v.R.FormValue("prefecture") == "" {
		return ""
	}
	return link("applications") + "?queue=" + p.queue.id
}

func (p listPage) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("apps.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("apps.applicant"), Main: true}, {Title: v.T("word.state")},
		{Title: v.T("word.prefecture")}, {Title: v.T("word.category")},
		{Title: v.T("apps.age")}, {Title: v.T("apps.entered"), Small: true},
	}, Empty: console.Empty{Icon: "doc", Title: v.T("apps.empty")}}
	if v.May(clerks...) {
		t.Empty.Text = v.T("apps.empty.text")
		t.Empty.Action = console.Action{Text: v.T("apps.new"),
			Href: link("applications", "new"), Icon: "plus"}
	}
	for _, a := range p.list {
		t.Rows = append(t.Rows, console.Row{Href: link("applications", a.ID),
			Cells: []templ.Component{
				console.Two(shopName(v, a.Form), a.Form.LegalName),
				stateBadge(v, a.State),
				console.Text(orDash(v.Prefecture(shopPlace(a.Form).Prefecture))),
				console.Text(category(v, a.Form.MCC)),
				waited(v, a),
				console.Text(maker(v, a)),
			}})
	}
	return t
}

// waited is how long an application has waited for the bank; the time of its last change when it
// does not.
func waited(v *console.Visit, a signup.Application) templ.Component {
	if (a.State == signup.Applied || a.State == signup.InReview) && !a.Submitted.IsZero() {
		return console.Text(long(v, a.Submitted))
	}
	return v.Time(a.Changed)
}

// shopName is what customers know the shop as, or else what is known of it.
func shopName(v *console.Visit, f signup.Form) string {
	for _, name := range []string{inLang(v, f.TradeName, f.TradeNameJA), f.LegalName,
		f.LegalNameLatin} {
		if name != "" {
			return name
		}
	}
	return v.T("app.nameless")
}

// shopPlace is where the shop stands: at the merchant's address unless it has its own.
func shopPlace(f signup.Form) signup.Address {
	if f.Store.Address == (signup.Address{}) {
		return f.Address
	}
	return f.Store.Address
}

// maker is who filled an application in.
func maker(v *console.Visit, a signup.Application) string {
	switch a.Origin {
	case signup.ByMerchant:
		return v.T("apps.by_merchant")
	case signup.ByImport:
		return v.T("apps.by_import")
	case signup.ByProtocol:
		return v.T("apps.by_protocol")
	}
	if len(a.Makers) == 0 {
		return "–"
	}
	return a.Makers[0]
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// stateSign is how a state is shown.
type stateSign struct{ tone, icon string }

var stateSigns = map[signup.State]stateSign{
	signup.Draft:     {console.Plain, "edit"},
	signup.Applied:   {console.Wait, "doc"},
	signup.InReview:  {console.Wait, "eye"},
	signup.Returned:  {console.Back, "return"},
	signup.Refused:   {console.Stop, "cross"},
	signup.Withdrawn: {console.Stop, "slash"},
	signup.Approved:  {console.Good, "tick"},
	signup.Live:      {console.Good, "wallet"},
	signup.Suspended: {console.Stop, "stop"},
	signup.Closed:    {console.Stop, "lock"},
}

func stateBadge(v *console.Visit, s signup.State) templ.Component {
	sign := stateSigns[s]
	return v.Badge(sign.tone, sign.icon, v.T("app.state."+string(s)))
}

// invitationsPage is the list of links, with the one that was just made.
type invitationsPage struct {
	list []signup.Invitation
	made string // address of the link that was just made; "" on other visits
	last signup.Invitation
}

func (a *app) listInvitations(v *console.Visit) error {
	return a.showInvitations(v, invitationsPage{})
}

func (a *app) showInvitations(v *console.Visit, p invitationsPage) error {
	var err error
	if p.list, err = a.Signup.Invitations(v.Ctx(), bank(v)); err != nil {
		return err
	}
	frame := page(v.T("invite.title"), "applications")
	frame.Lead = v.T("invite.lead")
	frame.Crumbs = []console.Link{{Text: v.T("apps.title"), Href: link("applications")}}
	return show(v, frame, invitations(v, p))
}

// invite makes a link and shows it, this once (B5).
func (a *app) invite(v *console.Visit) error {
	inv := signup.Invitation{AcquirerNo: bank(v), Label: v.Typed("label"),
		Lang: v.Typed("lang"), Open: v.Typed("open") != ""}
	made, secret, err := a.Signup.Invite(v.Ctx(), me(v), inv)
	if v.Refused(err) {
		return a.showInvitations(v, invitationsPage{})
	}
	if err != nil {
		return err
	}
	return a.showInvitations(v, invitationsPage{made: a.applyURL(secret), last: made})
}

// linkApplication makes a link to one application, so that its merchant goes on with it.
func (a *app) linkApplication(v *console.Visit) error {
	app, err := a.Signup.Find(v.Ctx(), bank(v), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	inv := signup.Invitation{AcquirerNo: bank(v), Application: app.ID,
		Label: shorten(shopName(v, app.Form), labelMax)}
	made, secret, err := a.Signup.Invite(v.Ctx(), me(v), inv)
	if err != nil {
		return err
	}
	return a.showInvitations(v, invitationsPage{made: a.applyURL(secret), last: made})
}

// labelMax is the longest label of an invitation, in characters.
const labelMax = 100

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func (a *app) applyURL(secret string) string { return a.PublicURL + ApplyPath + "/" + secret }

func (a *app) revokeInvitation(v *console.Visit) error {
	err := a.Signup.Revoke(v.Ctx(), me(v), bank(v), v.R.PathValue("invitation"))
	if err != nil {
		return err
	}
	return v.SeeOther(link("applications", "invitations"), v.T("invite.revoked"))
}

func (p invitationsPage) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("invite.list"), Columns: []console.Column{
		{Title: v.T("invite.note"), Main: true}, {Title: v.T("invite.kind")},
		{Title: v.T("invite.ends")}, {Title: v.T("word.who"), Small: true},
		{Title: v.T("invite.revoke"), Unseen: true},
	}, Empty: console.Empty{Icon: "link", Title: v.T("invite.none"),
		Text: v.T("invite.none.text")}}
	for _, i := range p.list {
		row := console.Row{Cells: []templ.Component{console.Text(orDash(i.Label)),
			console.Text(invitationKind(v, i)), console.Text(v.Lang.Date(i.Until)),
			console.Text(i.By), console.Text("")}}
		if v.May(clerks...) {
			row.Cells[4] = v.Action(console.Action{Text: v.T("invite.revoke"),
				Href: link("applications", "invitations", i.ID, "revoke"),
				Post: map[string]string{}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func invitationKind(v *console.Visit, i signup.Invitation) string {
	switch {
	case i.Application != "":
		return v.T("invite.kind.single")
	case i.Open:
		return v.T("invite.kind.open")
	}
	return v.T("invite.kind.new")
}

// untilText is until when a link works.
func untilText(v *console.Visit, t time.Time) string {
	return v.T("invite.until", "day", v.Lang.Date(t))
}

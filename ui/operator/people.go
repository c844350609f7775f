package operator

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/pay/party"
	"watari/ui/console"
)

// People manages those who sign in; *people.People does.
type People interface {
	List(ctx context.Context, by access.Caller, f people.Filter) ([]people.Person, string, error)
	Find(ctx context.Context, by access.Caller, personID string) (people.Person, error)
	Invite(ctx context.Context, by access.Caller, in people.Invitation) (people.Link, error)
	Invitations(ctx context.Context, by access.Caller) ([]people.Invitation, error)
	Withdraw(ctx context.Context, by access.Caller, invitationID string) error
	ResetLink(ctx context.Context, by access.Caller, personID string, factors bool) (
		people.Link, error)
	Unlock(ctx context.Context, by access.Caller, personID string) error
	End(ctx context.Context, by access.Caller, personID string) error
}

// peoplePages adds the pages of people.
func (p *pages) peoplePages(k *console.Console) {
	k.Handle("GET /operator/people", nil, p.listPeople)
	k.Handle("GET /operator/people/invite", nil, p.invitePerson)
	k.Handle("POST /operator/people/invite", nil, p.sendInvitation)
	k.Handle("GET /operator/people/{id}", nil, p.showPerson)
	k.Handle("POST /operator/people/{id}/reset", nil, p.resetPerson)
	k.Handle("POST /operator/people/{id}/unlock", nil, p.unlockPerson)
	k.Handle("POST /operator/people/{id}/end", nil, p.endPerson)
	k.Handle("POST /operator/invitations/{id}/withdraw", nil, p.withdraw)
}

// personLooks are the looks of people; the words are "personstate.<status>".
var personLooks = map[people.Status]look{people.Active: {console.Good, ""},
	people.Locked: {console.Wait, "lock"}, people.Ended: {console.Stop, ""}}

// shownRoles are whose people the list shows: all others are looked after by their banks.
var shownRoles = []access.Role{access.Operator, access.Acquirer, access.AcquirerClerk,
	access.AcquirerViewer}

// listPeople draws the people of the network and of the banks.
func (p *pages) listPeople(v *console.Visit) error {
	f := people.Filter{Roles: shownRoles, Text: v.R.FormValue("q"),
		After: v.R.FormValue("after"), Limit: 50}
	if role := access.Role(v.R.FormValue("role")); slices.Contains(shownRoles, role) {
		f.Roles = []access.Role{role}
	}
	all, next, err := p.People.List(v.Ctx(), v.Caller, f)
	if err != nil {
		return err
	}
	open, err := p.People.Invitations(v.Ctx(), v.Caller)
	if err != nil {
		return err
	}
	names, err := p.names(v.Ctx())
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.people"), Tab: "people",
		Wide: true, Actions: []console.Action{{Text: v.T("people.invite"), Icon: "plus",
			Main: true, Href: Prefix + "/people/invite"}}},
		peoplePage(v, personTable(v, all, names), open, names, next))
}

// place is where somebody works.
func place(v *console.Visit, at people.Place, names roll) string {
	if at.ParticipantNo == 0 {
		return v.T("book.network")
	}
	return names[at.ParticipantNo].Name
}

// personTable lists people.
func personTable(
	v *console.Visit, all []people.Person, names roll,
) console.Table {
	t := console.Table{Caption: v.T("nav.people"), Columns: []console.Column{
		{Title: v.T("c.name"), Main: true}, {Title: v.T("c.role")},
		{Title: v.T("people.place")}, {Title: v.T("people.second")},
		{Title: v.T("people.seen")}, {Title: v.T("c.state")}},
		Empty: console.Empty{Icon: "users", Title: v.T("people.none"),
			Text: v.T("people.none.text")}}
	for _, who := range all {
		name := who.Name
		if name == "" {
			name = who.Email
		}
		t.Rows = append(t.Rows, console.Row{Href: Prefix + "/people/" + who.ID,
			Cells: []templ.Component{console.Two(name, who.Email),
				console.Text(v.RoleName(who.Role)), console.Text(place(v, who.Place, names)),
				console.Text(factorText(v, who)), v.Time(who.LastSeen),
				badge(v, personLooks, "personstate", who.Status)}})
	}
	return t
}

// factorText says what somebody has beside a password.
func factorText(v *console.Visit, who people.Person) string {
	switch {
	case who.Factors.Passkeys > 0:
		return v.T("people.passkey")
	case who.Factors.TOTP:
		return v.T("people.totp")
	case who.SSO:
		return v.T("people.sso")
	}
	return v.T("people.nofactor")
}

// showPerson draws one person.
func (p *pages) showPerson(v *console.Visit) error {
	who, err := p.People.Find(v.Ctx(), v.Caller, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return p.drawPerson(v, who, nil)
}

func (p *pages) drawPerson(v *console.Visit, who people.Person, link *people.Link) error {
	names, err := p.names(v.Ctx())
	if err != nil {
		return err
	}
	title := who.Name
	if title == "" {
		title = who.Email
	}
	return v.Show(http.StatusOK, console.Page{Title: title, Tab: "people",
		Crumbs: []console.Link{{Text: v.T("nav.people"), Href: Prefix + "/people"}}},
		personPage(v, who, personFacts(v, who, names), link))
}

// personFacts are the lines about somebody.
func personFacts(
	v *console.Visit, who people.Person, names roll,
) []console.Fact {
	return []console.Fact{
		{Name: v.T("c.state"), Value: badge(v, personLooks, "personstate", who.Status)},
		{Name: v.T("people.email"), Value: console.Text(who.Email)},
		{Name: v.T("c.role"), Value: console.Text(v.RoleName(who.Role))},
		{Name: v.T("people.place"), Value: console.Text(place(v, who.Place, names))},
		{Name: v.T("people.second"), Value: console.Text(factorText(v, who))},
		{Name: v.T("people.seen"), Value: v.Time(who.LastSeen)},
		{Name: v.T("c.made"), Value: v.Time(who.Created)},
		{Name: v.T("c.trail"), Value: console.To(v.T("people.trail"),
			Prefix+"/audit?group=all&actor=person:"+who.ID)},
	}
}

// invitePerson draws the form of an invitation.
func (p *pages) invitePerson(v *console.Visit) error {
	banks, err := p.banks(v.Ctx())
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("people.invite"), Tab: "people",
		Lead:   v.T("people.invite.lead"),
		Crumbs: []console.Link{{Text: v.T("nav.people"), Href: Prefix + "/people"}}},
		inviteForm(v, banks))
}

// sendInvitation makes the link of an invitation and shows it once.
func (p *pages) sendInvitation(v *console.Visit) error {
	in := people.Invitation{Email: v.Typed("email"), Name: v.Typed("name"),
		Lang: string(v.Lang), Place: people.Place{Role: access.Operator}}
	if at := v.Typed("place"); at != "" {
		bank, err := p.Directory.ByID(v.Ctx(), at)
		if err != nil {
			return err
		}
		in.Place = people.Place{Role: access.Acquirer, ParticipantNo: bank.No}
	}
	link, err := p.People.Invite(v.Ctx(), v.Caller, in)
	if v.Refused(err) {
		return p.invitePerson(v)
	}
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("people.invited"), Tab: "people",
		Crumbs: []console.Link{{Text: v.T("nav.people"), Href: Prefix + "/people"}}},
		linkPage(v, link))
}

// resetPerson makes a link for a new password and shows it once.
func (p *pages) resetPerson(v *console.Visit) error {
	who, err := p.People.Find(v.Ctx(), v.Caller, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	link, err := p.People.ResetLink(v.Ctx(), v.Caller, who.ID, v.R.PostForm.Has("factors"))
	if v.Refused(err) {
		return p.drawPerson(v, who, nil)
	}
	if err != nil {
		return err
	}
	return p.drawPerson(v, who, &link)
}

// unlockPerson lets somebody try again.
func (p *pages) unlockPerson(v *console.Visit) error {
	return p.changePerson(v, p.People.Unlock, "people.unlocked")
}

// endPerson ends somebody's access for ever.
func (p *pages) endPerson(v *console.Visit) error {
	return p.changePerson(v, p.People.End, "people.ended")
}

func (p *pages) changePerson(
	v *console.Visit, do func(context.Context, access.Caller, string) error, done string,
) error {
	id := v.R.PathValue("id")
	err := do(v.Ctx(), v.Caller, id)
	if v.Refused(err) {
		return p.showPerson(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(Prefix+"/people/"+id, v.T(done))
}

// withdraw ends a link.
func (p *pages) withdraw(v *console.Visit) error {
	if err := p.People.Withdraw(v.Ctx(), v.Caller, v.R.PathValue("id")); err != nil {
		return err
	}
	return v.SeeOther(Prefix+"/people", v.T("people.withdrawn"))
}

// roleOptions are the roles to choose from.
func roleOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("any")}}
	for _, r := range shownRoles {
		list = append(list, console.Option{Value: string(r), Label: v.RoleName(r)})
	}
	return list
}

// placeOptions are the places to invite to.
func placeOptions(v *console.Visit, banks []party.Participant) []console.Option {
	list := []console.Option{{Label: v.T("people.operators")}}
	for _, b := range banks {
		list = append(list, console.Option{Value: b.ID, Label: b.Name,
			Group: v.T("people.admins")})
	}
	return list
}

// peopleClear is the address without filters; "" when none is set.
func peopleClear(v *console.Visit) string {
	if v.R.FormValue("q") == "" && v.R.FormValue("role") == "" {
		return ""
	}
	return Prefix + "/people"
}

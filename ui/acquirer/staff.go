package acquirer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/ui/console"
)

// staffPage is who works at the bank, and who is invited.
type staffPage struct {
	list    []people.Person
	next    string
	invited []people.Invitation
	made    *people.Link // the link that was just made; nil on other visits
}

func (a *app) listStaff(v *console.Visit) error { return a.showStaff(v, staffPage{}) }

func (a *app) showStaff(v *console.Visit, p staffPage) error {
	var err error
	p.list, p.next, err = a.Staff.List(v.Ctx(), v.Caller, people.Filter{ParticipantNo: bank(v),
		Roles: all, Text: strings.TrimSpace(v.R.FormValue("q")),
		After: v.R.FormValue("after")})
	if err != nil {
		return fmt.Errorf("list people: %w", err)
	}
	if v.May(admins...) {
		if p.invited, err = a.Staff.Invitations(v.Ctx(), v.Caller); err != nil {
			return fmt.Errorf("list invitations: %w", err)
		}
	}
	frame := page(v.T("staff.title"), "staff")
	frame.Lead, frame.Wide = v.T("staff.lead"), true
	return show(v, frame, staff(v, p))
}

func (a *app) inviteStaff(v *console.Visit) error {
	lang := v.Typed("lang")
	if lang == "" {
		lang = string(v.Lang)
	}
	made, err := a.Staff.Invite(v.Ctx(), v.Caller, people.Invitation{Email: v.Typed("email"),
		Name: v.Typed("name"), Lang: lang, Place: people.Place{
			Role: access.Role(v.Typed("role")), ParticipantNo: bank(v)}})
	if v.Refused(err) {
		return a.listStaff(v)
	}
	if err != nil {
		return err
	}
	return a.showStaff(v, staffPage{made: &made})
}

func (a *app) withdrawInvitation(v *console.Visit) error {
	err := a.Staff.Withdraw(v.Ctx(), v.Caller, v.R.PathValue("invitation"))
	if err != nil {
		return err
	}
	return v.SeeOther(link("staff"), v.T("staff.withdrawn"))
}

// personPage is one person of the bank.
type personPage struct {
	person people.Person
	may    bool // the reader may change them
	made   *people.Link
}

func (a *app) person(v *console.Visit) (people.Person, error) {
	p, err := a.Staff.Find(v.Ctx(), v.Caller, v.R.PathValue("person"))
	if err != nil {
		return p, err
	}
	// People of merchants have pages of their own.
	if p.ParticipantNo != bank(v) || p.MerchantNo != 0 {
		return p, v.NotFound()
	}
	return p, nil
}

func (a *app) showPerson(v *console.Visit) error { return a.showPersonWith(v, nil) }

func (a *app) showPersonWith(v *console.Visit, made *people.Link) error {
	p, err := a.person(v)
	if err != nil {
		return err
	}
	frame := page(personLabel(p), "staff")
	frame.Lead = p.Email
	frame.Crumbs = []console.Link{{Text: v.T("staff.title"), Href: link("staff")}}
	return show(v, frame, personDetail(v, personPage{person: p, made: made,
		may: people.May(v.Caller, p)}))
}

// onPerson does something to the person of the address and says so on their page.
func (a *app) onPerson(v *console.Visit, done string, do func(people.Person) error) error {
	p, err := a.person(v)
	if err != nil {
		return err
	}
	err = do(p)
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Problem.Kind == fault.Forbidden {
		v.Refuse(v.T("staff.may_not"))
		return a.showPerson(v)
	}
	if v.Refused(err) {
		return a.showPerson(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("staff", p.ID), v.T(done))
}

func (a *app) setRole(v *console.Visit) error {
	return a.onPerson(v, "staff.done.role", func(p people.Person) error {
		return a.Staff.SetRole(v.Ctx(), v.Caller, p.ID, people.Place{
			Role: access.Role(v.Typed("role")), ParticipantNo: bank(v)})
	})
}

func (a *app) unlock(v *console.Visit) error {
	return a.onPerson(v, "staff.done.unlocked", func(p people.Person) error {
		return a.Staff.Unlock(v.Ctx(), v.Caller, p.ID)
	})
}

func (a *app) signOutPerson(v *console.Visit) error {
	return a.onPerson(v, "staff.done.out", func(p people.Person) error {
		return a.Staff.SignOutAll(v.Ctx(), v.Caller, p.ID)
	})
}

func (a *app) endPerson(v *console.Visit) error {
	return a.onPerson(v, "staff.done.ended", func(p people.Person) error {
		return a.Staff.End(v.Ctx(), v.Caller, p.ID)
	})
}

// resetPerson makes a link for a new password and shows it, this once (B5).
func (a *app) resetPerson(v *console.Visit) error {
	p, err := a.person(v)
	if err != nil {
		return err
	}
	made, err := a.Staff.ResetLink(v.Ctx(), v.Caller, p.ID, v.Typed("factors") != "")
	if v.Refused(err) {
		return a.showPerson(v)
	}
	if err != nil {
		return err
	}
	return a.showPersonWith(v, &made)
}

func bankRoles(v *console.Visit) []console.Option {
	list := make([]console.Option, 0, len(all))
	for _, r := range all {
		list = append(list, console.Option{Value: string(r), Label: v.T("role." + string(r)),
			Hint: v.T("role." + string(r) + ".may")})
	}
	return list
}

func langOptions() []console.Option {
	list := make([]console.Option, 0, len(i18n.Langs()))
	for _, l := range i18n.Langs() {
		list = append(list, console.Option{Value: string(l), Label: l.Name()})
	}
	return list
}

var personSigns = map[people.Status]stateSign{
	people.Active: {console.Good, "tick"},
	people.Locked: {console.Wait, "lock"},
	people.Ended:  {console.Stop, "slash"},
}

func personBadge(v *console.Visit, p people.Person) templ.Component {
	sign := personSigns[p.Status]
	return v.Badge(sign.tone, sign.icon, v.T("staff.status."+string(p.Status)))
}

func (p staffPage) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("staff.title"), Columns: []console.Column{
		{Title: v.T("word.name"), Main: true}, {Title: v.T("staff.role")},
		{Title: v.T("word.status")}, {Title: v.T("staff.second"), Small: true},
		{Title: v.T("shops.seen")}},
		Empty: console.Empty{Icon: "users", Title: v.T("staff.none")}}
	for _, person := range p.list {
		row := console.Row{Cells: []templ.Component{
			console.Two(personLabel(person), emailUnder(person)),
			console.Text(v.T("role." + string(person.Role))), personBadge(v, person),
			console.Text(factorText(v, person)), console.Text(ago(v, person.LastSeen))}}
		if v.May(admins...) {
			row.Href = link("staff", person.ID)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func emailUnder(p people.Person) string {
	if p.Name == "" {
		return ""
	}
	return p.Email
}

// factorText is what somebody has beside a password.
func factorText(v *console.Visit, p people.Person) string {
	switch {
	case p.Factors.TOTP && p.Factors.Passkeys > 0:
		return v.T("staff.second.both")
	case p.Factors.TOTP:
		return v.T("staff.second.app")
	case p.Factors.Passkeys > 0:
		return v.T("staff.second.passkey")
	}
	return v.T("word.none")
}

func (p staffPage) invitedTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("staff.invited"), Columns: []console.Column{
		{Title: v.T("staff.email"), Main: true}, {Title: v.T("staff.role")},
		{Title: v.T("invite.ends")}, {Title: v.T("staff.withdraw"), Unseen: true}}}
	for _, i := range p.invited {
		if i.ParticipantNo != bank(v) {
			continue
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{console.Text(i.Email),
			console.Text(v.RoleName(i.Role)), console.Text(v.Lang.Date(i.Until)),
			v.Action(console.Action{Text: v.T("staff.withdraw"), Post: map[string]string{},
				Href: link("staff", "invitations", i.ID, "withdraw")})}})
	}
	return t
}

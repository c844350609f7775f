package merchant

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/ui/console"
)

// staffMax is how many people the page lists.
const staffMax = 200

// staffScreen is who works here, and who was invited.
type staffScreen struct {
	place
	staff   []people.Person
	invited []people.Invitation
}

// personScreen is one of the staff with what can be changed.
type personScreen struct {
	place
	person people.Person
	may    bool // be changed by who is signed in
}

func (a *app) listStaff(v *console.Visit) error {
	s := staffScreen{}
	var err error
	if s.place, err = a.placeOf(v); err != nil {
		return err
	}
	if s.staff, _, err = a.People.List(v.Ctx(), v.Caller, people.Filter{
		ParticipantNo: v.Caller.ParticipantNo, MerchantNo: v.Caller.MerchantNo,
		Limit: staffMax}); err != nil {
		return err
	}
	if s.invited, err = a.People.Invitations(v.Ctx(), v.Caller); err != nil {
		return err
	}
	p := console.Page{Title: v.T("staff.title"), Tab: "staff", Actions: []console.Action{
		{Text: v.T("staff.invite"), Icon: "plus", Main: true, Href: "/merchant/staff/invite"}}}
	return v.Show(http.StatusOK, p, staffPage(v, s))
}

func (a *app) askInvitation(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("staff.invite"), Tab: "staff", Crumbs: []console.Link{
		{Text: v.T("staff.title"), Href: "/merchant/staff"}}}
	return v.Show(http.StatusOK, page, invitePage(v, p))
}

// placed reads the role and the store of a form. A store that is not the shop's is none (S1), and
// who is bound to a store invites for that one only.
func (a *app) placed(v *console.Visit, p place) people.Place {
	to := people.Place{Role: access.Role(v.Typed("role")),
		ParticipantNo: v.Caller.ParticipantNo, MerchantNo: v.Caller.MerchantNo,
		StoreNo: v.Caller.StoreNo}
	if st, ok := p.store(v.Typed("store")); ok && to.Role != access.MerchantOwner {
		to.StoreNo = st.No
	}
	return to
}

// invite makes a link for somebody new, and shows it once (S4): email, name, role, store.
func (a *app) invite(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	if v.Typed("email") == "" {
		v.Mistake("email", v.T("mistake.email"))
		return a.askInvitation(v)
	}
	link, err := a.People.Invite(v.Ctx(), v.Caller, people.Invitation{Email: v.Typed("email"),
		Name: v.Typed("name"), Lang: string(v.Lang), Place: a.placed(v, p)})
	if v.Refused(err) {
		return a.askInvitation(v)
	}
	if err != nil {
		return err
	}
	return a.showLink(v, link)
}

// showLink shows a link that is to be passed on.
func (a *app) showLink(v *console.Visit, link people.Link) error {
	title := v.T("staff.link.title")
	if link.Reset {
		title = v.T("staff.reset.title")
	}
	page := console.Page{Title: title, Tab: "staff", Crumbs: []console.Link{
		{Text: v.T("staff.title"), Href: "/merchant/staff"}}}
	return v.Show(http.StatusOK, page, linkPage(v, link))
}

func (a *app) withdraw(v *console.Visit) error {
	if err := a.People.Withdraw(v.Ctx(), v.Caller, v.R.PathValue("id")); err != nil {
		return err
	}
	return v.SeeOther("/merchant/staff", v.T("staff.withdrawn"))
}

// person finds one of the staff that an address names (S1).
func (a *app) person(v *console.Visit) (s personScreen, err error) {
	if s.place, err = a.placeOf(v); err != nil {
		return s, err
	}
	if s.person, err = a.People.Find(v.Ctx(), v.Caller, v.R.PathValue("id")); err != nil {
		return s, err
	}
	if s.person.MerchantNo != v.Caller.MerchantNo {
		return s, v.NotFound()
	}
	s.may = people.May(v.Caller, s.person)
	return s, nil
}

func (a *app) showPerson(v *console.Visit) error {
	s, err := a.person(v)
	if err != nil {
		return err
	}
	page := console.Page{Title: personName(s.person), Tab: "staff", Crumbs: []console.Link{
		{Text: v.T("staff.title"), Href: "/merchant/staff"}}}
	return v.Show(http.StatusOK, page, personPage(v, s))
}

func (a *app) setRole(v *console.Visit) error {
	s, err := a.person(v)
	if err != nil {
		return err
	}
	err = a.People.SetRole(v.Ctx(), v.Caller, s.person.ID, a.placed(v, s.place))
	if v.Refused(err) {
		return a.showPerson(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/merchant/staff/"+s.person.ID, v.T("staff.moved"))
}

// resetPassword makes a link for a new password, and shows it once (S4).
func (a *app) resetPassword(v *console.Visit) error {
	s, err := a.person(v)
	if err != nil {
		return err
	}
	link, err := a.People.ResetLink(v.Ctx(), v.Caller, s.person.ID, v.Typed("factors") == "yes")
	if v.Refused(err) {
		return a.showPerson(v)
	}
	if err != nil {
		return err
	}
	return a.showLink(v, link)
}

func (a *app) unlock(v *console.Visit) error {
	s, err := a.person(v)
	if err != nil {
		return err
	}
	if err := a.People.Unlock(v.Ctx(), v.Caller, s.person.ID); err != nil {
		return err
	}
	return v.SeeOther("/merchant/staff/"+s.person.ID, v.T("staff.unlocked"))
}

func (a *app) endPerson(v *console.Visit) error {
	s, err := a.person(v)
	if err != nil {
		return err
	}
	if err := a.People.End(v.Ctx(), v.Caller, s.person.ID); err != nil {
		return err
	}
	return v.SeeOther("/merchant/staff", v.T("staff.ended", "name", personName(s.person)))
}

// personName is what somebody is called.
func personName(p people.Person) string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

// at says where somebody works, in words.
func (p place) at(v *console.Visit, where people.Place) string {
	if where.StoreNo == 0 {
		return v.T("stores.all")
	}
	if st, ok := p.store(strconv.FormatInt(where.StoreNo, 10)); ok {
		return st.In(string(v.Lang))
	}
	return "–"
}

// statusOf is how somebody stands.
func statusOf(v *console.Visit, p people.Person) sign {
	switch p.Status {
	case people.Locked:
		return sign{console.Wait, "lock", v.T("staff.locked")}
	case people.Ended:
		return sign{console.Stop, "cross", v.T("staff.over")}
	}
	return sign{console.Good, "tick", v.T("staff.active")}
}

// roleOptions are the roles that who is signed in may give.
func roleOptions(v *console.Visit) (list []console.Option) {
	for _, r := range people.Manageable(v.Caller) {
		list = append(list, console.Option{Value: string(r), Label: v.RoleName(r),
			Hint: v.T("role." + string(r))})
	}
	return list
}

// staffTable lists the people.
func (s staffScreen) staffTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("staff.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("staff.name"), Main: true}, {Title: v.T("staff.email")},
		{Title: v.T("staff.role")},
		{Title: v.T("staff.store")}, {Title: v.T("staff.seen")},
		{Title: v.T("c.state"), Number: true}}}
	for _, p := range s.staff {
		if p.Status == people.Ended {
			continue
		}
		k := statusOf(v, p)
		t.Rows = append(t.Rows, console.Row{Href: "/merchant/staff/" + p.ID,
			Cells: []templ.Component{console.Text(personName(p)), console.Text(p.Email),
				console.Text(v.RoleName(p.Role)), console.Text(s.at(v, p.Place)),
				v.Time(p.LastSeen), v.Badge(k.tone, k.icon, k.word)}})
	}
	return t
}

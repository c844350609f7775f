package acquirer

import (
	"time"

	"watari/kit/id"
	"watari/pay/party"
	"watari/pay/report"
	"watari/ui/console"
)

// linkLife is how long a link to open a till works.
const linkLife = 24 * time.Hour

// tillsPage is the tills of a shop, with the link that was just made.
type tillsPage struct {
	shopAt
	tills []report.Till
	made  string // address that opens a till; "" on other visits
	of    party.Terminal
}

func (a *app) listTills(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	return a.showTills(v, tillsPage{shopAt: s})
}

func (a *app) showTills(v *console.Visit, p tillsPage) error {
	var err error
	p.tills, err = a.Reports.Tills(v.Ctx(), report.Scope{AcquirerNo: bank(v),
		StoreNo: p.Store.No})
	if err != nil {
		return err
	}
	return show(v, p.frame(v), shopTills(v, p))
}

// addTill adds a till. Its reference is the clerk's own, or one that is made.
func (a *app) addTill(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	t := party.Terminal{StoreNo: s.Store.No, ID: v.Typed("id"), Label: v.Typed("label"),
		Status: party.Open, CanRefund: v.Typed("refunds") != ""}
	if t.Label == "" {
		v.Mistake("label", v.T("mistake.till.label"))
		return a.showTills(v, tillsPage{shopAt: s})
	}
	if t.ID == "" {
		t.ID = id.New("trm", int(bank(v)))
	}
	_, err = a.Keeping.AddTill(v.Ctx(), v.Caller.Actor, t)
	if v.Refused(err) {
		return a.showTills(v, tillsPage{shopAt: s})
	}
	if err != nil {
		return err
	}
	return v.SeeOther(s.link("tills"), v.T("till.added"))
}

// till finds the till of the address when it stands in the shop of the address.
func (a *app) till(v *console.Visit) (s shopAt, t party.Terminal, err error) {
	if s, err = a.shop(v); err != nil {
		return s, t, err
	}
	at, err := a.Places.Terminal(v.Ctx(), number(v.R.PathValue("till")))
	if err != nil {
		return s, t, err
	}
	if at.Terminal == nil || at.Terminal.StoreNo != s.Store.No {
		return s, t, v.NotFound()
	}
	return s, *at.Terminal, nil
}

// linkTill makes a link that opens a till, and shows it, this once (B5).
func (a *app) linkTill(v *console.Visit) error {
	s, t, err := a.till(v)
	if err != nil {
		return err
	}
	made, err := a.Keeping.ActivationURL(v.Ctx(), v.Caller.Actor, t.No, linkLife)
	if v.Refused(err) {
		return a.showTills(v, tillsPage{shopAt: s})
	}
	if err != nil {
		return err
	}
	return a.showTills(v, tillsPage{shopAt: s, made: made, of: t})
}

func (a *app) signOutTill(v *console.Visit) error {
	s, t, err := a.till(v)
	if err != nil {
		return err
	}
	if err := a.Keeping.SignOutTill(v.Ctx(), v.Caller.Actor, t.No); err != nil {
		return err
	}
	return v.SeeOther(s.link("tills"), v.T("till.out.done"))
}

func (a *app) setTillStatus(v *console.Visit) error {
	s, t, err := a.till(v)
	if err != nil {
		return err
	}
	to := party.Status(v.Typed("status"))
	if to != party.Open && to != party.Suspended {
		return v.NotFound()
	}
	err = a.Keeping.SetTerminalStatus(v.Ctx(), v.Caller.Actor, t.No, to)
	if v.Refused(err) {
		return a.showTills(v, tillsPage{shopAt: s})
	}
	if err != nil {
		return err
	}
	return v.SeeOther(s.link("tills"), v.T("shop.done."+string(to)))
}

// setTillRefunds lets a till give refunds, or not.
func (a *app) setTillRefunds(v *console.Visit) error {
	s, t, err := a.till(v)
	if err != nil {
		return err
	}
	err = a.Keeping.SetRefunds(v.Ctx(), v.Caller.Actor, t.No, v.Typed("refunds") == "yes")
	if v.Refused(err) {
		return a.showTills(v, tillsPage{shopAt: s})
	}
	if err != nil {
		return err
	}
	return v.SeeOther(s.link("tills"), v.T("form.kept"))
}

// tillName is what a till is called.
func tillName(label, id string) string {
	if label != "" {
		return label
	}
	return id
}

// seenText says when a till was last used.
func seenText(v *console.Visit, t report.Till) string {
	if t.LastSeen.IsZero() {
		return v.T("till.unseen")
	}
	return v.T("till.seen", "ago", ago(v, t.LastSeen))
}

// tillActions are what a clerk can do with a till.
func (p tillsPage) tillActions(v *console.Visit, t report.Till) []console.Action {
	if !v.May(clerks...) || t.Status == party.Closed || p.status() == party.Closed {
		return nil
	}
	no := itoa(t.No)
	var list []console.Action
	if t.Status == party.Open {
		list = append(list, console.Action{Text: v.T("till.link.make"), Icon: "code",
			Href: p.link("tills", no, "link"), Post: map[string]string{},
			Main: t.Signed == 0 && p.made == ""})
	}
	if t.Signed > 0 {
		list = append(list, console.Action{Text: v.T("till.out"), Icon: "out",
			Dialog: "out-" + no})
	}
	refunds := console.Action{Text: v.T("till.refunds.allow"), Icon: "return",
		Href: p.link("tills", no, "refunds"), Post: map[string]string{"refunds": "yes"}}
	if t.CanRefund {
		refunds.Text = v.T("till.refunds.forbid")
		refunds.Post = map[string]string{"refunds": "no"}
	}
	list = append(list, refunds)
	if t.Status == party.Open {
		list = append(list, console.Action{Text: v.T("till.suspend"), Icon: "stop",
			Href: p.link("tills", no, "status"),
			Post: map[string]string{"status": string(party.Suspended)}})
	} else {
		list = append(list, console.Action{Text: v.T("till.resume"), Icon: "tick",
			Href: p.link("tills", no, "status"),
			Post: map[string]string{"status": string(party.Open)}})
	}
	return list
}

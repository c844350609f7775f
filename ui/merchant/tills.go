package merchant

import (
	"errors"
	"net/http"
	"strconv"

	"watari/pay/party"
	"watari/pay/report"
	"watari/ui/console"
)

// storeTills is a store with its tills.
type storeTills struct {
	report.Store
	tills []report.Till
	// hasPIN says that large refunds need a PIN; above is from where on.
	hasPIN bool
	above  int64
}

// tillsScreen is every store with its tills.
type tillsScreen struct{ stores []storeTills }

func (a *app) showTills(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	tills, err := a.Reports.Tills(v.Ctx(), p.scope)
	if err != nil {
		return err
	}
	var s tillsScreen
	for _, st := range p.stores {
		if st.Status == party.Closed {
			continue
		}
		point, err := a.Directory.Store(v.Ctx(), st.No)
		if err != nil {
			return err
		}
		one := storeTills{Store: st, hasPIN: point.Store.ManagerPINHash != "",
			above: point.Store.PINAboveMinor}
		for _, t := range tills {
			if t.Store.No == st.No && t.Status != party.Closed {
				one.tills = append(one.tills, t)
			}
		}
		s.stores = append(s.stores, one)
	}
	page := console.Page{Title: v.T("tills.title"), Tab: "tills", Lead: v.T("tills.lead")}
	return v.Show(http.StatusOK, page, tillsPage(v, s))
}

// till finds the till that an address names (S1).
func (a *app) till(v *console.Visit) (report.Till, error) {
	p, err := a.placeOf(v)
	if err != nil {
		return report.Till{}, err
	}
	no, err := strconv.ParseInt(v.R.PathValue("no"), 10, 64)
	if err != nil || no <= 0 {
		return report.Till{}, v.NotFound()
	}
	p.scope.TerminalNo = no
	found, err := a.Reports.Tills(v.Ctx(), p.scope)
	if err != nil {
		return report.Till{}, err
	}
	if len(found) == 0 || found[0].Status == party.Closed {
		return report.Till{}, v.NotFound()
	}
	return found[0], nil
}

// openTill makes this browser a till.
func (a *app) openTill(v *console.Visit) error {
	t, err := a.till(v)
	if err != nil {
		return err
	}
	path, err := a.Tills.Invite(v.Ctx(), v.Caller.Actor, t.No)
	if err != nil {
		return err
	}
	return v.SeeOther(path, "")
}

// linkTill makes a link for another device, and shows it once (S4).
func (a *app) linkTill(v *console.Visit) error {
	t, err := a.till(v)
	if err != nil {
		return err
	}
	path, err := a.Tills.Invite(v.Ctx(), v.Caller.Actor, t.No)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("tills.link.title"), Tab: "tills", Crumbs: []console.Link{
		{Text: v.T("tills.title"), Href: "/merchant/tills"}}}
	return v.Show(http.StatusOK, page, tillLinkPage(v, t, a.PublicURL+path))
}

// toTills answers who opens the address of a form that is only posted to.
func (a *app) toTills(v *console.Visit) error { return v.SeeOther("/merchant/tills", "") }

func (a *app) signTillOut(v *console.Visit) error {
	t, err := a.till(v)
	if err != nil {
		return err
	}
	n, err := a.Tills.SignOut(v.Ctx(), v.Caller.Actor, t.No)
	if err != nil {
		return err
	}
	return v.SeeOther("/merchant/tills", v.N("tills.signed_out", n))
}

// pinScreen asks for a new PIN of a store.
type pinScreen struct {
	report.Store
	has bool
}

// storeAt finds the store that an address names (S1).
func (a *app) storeAt(v *console.Visit) (report.Store, error) {
	p, err := a.placeOf(v)
	if err != nil {
		return report.Store{}, err
	}
	st, ok := p.store(v.R.PathValue("no"))
	if !ok || st.Status == party.Closed {
		return st, v.NotFound()
	}
	return st, nil
}

func (a *app) askPIN(v *console.Visit) error {
	st, err := a.storeAt(v)
	if err != nil {
		return err
	}
	point, err := a.Directory.Store(v.Ctx(), st.No)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("pin.title"), Tab: "tills", Lead: st.In(string(v.Lang)),
		Crumbs: []console.Link{{Text: v.T("tills.title"), Href: "/merchant/tills"}}}
	return v.Show(http.StatusOK, page, pinPage(v, pinScreen{st,
		point.Store.ManagerPINHash != ""}))
}

// setPIN sets a store's PIN: pin, again.
func (a *app) setPIN(v *console.Visit) error {
	st, err := a.storeAt(v)
	if err != nil {
		return err
	}
	pin := v.Typed("pin")
	hash, err := party.HashPIN(pin)
	if errors.Is(err, party.ErrInvalid) {
		v.Mistake("pin", v.T("mistake.pin"))
		return a.askPIN(v)
	}
	if err != nil {
		return err
	}
	if v.Typed("again") != pin {
		v.Mistake("again", v.T("pin.differs"))
		return a.askPIN(v)
	}
	if err := a.Tills.SetPIN(v.Ctx(), v.Caller.Actor, st.No, hash); err != nil {
		return err
	}
	return v.SeeOther("/merchant/tills", v.T("pin.set"))
}

func (a *app) removePIN(v *console.Visit) error {
	st, err := a.storeAt(v)
	if err != nil {
		return err
	}
	if err := a.Tills.SetPIN(v.Ctx(), v.Caller.Actor, st.No, ""); err != nil {
		return err
	}
	return v.SeeOther("/merchant/tills", v.T("pin.removed"))
}

// statusSign is how a store or a till stands; nothing to say when it is open.
func statusSign(v *console.Visit, s party.Status) (sign, bool) {
	switch s {
	case party.Suspended:
		return sign{console.Wait, "wait", v.T("status.suspended")}, true
	case party.Closed:
		return sign{console.Stop, "lock", v.T("status.closed")}, true
	}
	return sign{}, false
}

// signedText says on how many devices a till is open.
func signedText(v *console.Visit, t report.Till) string {
	if t.Signed == 0 {
		return v.T("tills.nowhere")
	}
	return v.N("tills.on", t.Signed)
}

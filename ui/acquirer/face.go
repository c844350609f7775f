package acquirer

import (
	"errors"

	"watari/pay/party"
	"watari/ui/console"
)

// editShop asks for other names, or another place, of a shop.
func (a *app) editShop(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	frame := s.frame(v)
	frame.Title, frame.Lead, frame.Wide = v.T("shop.edit"), v.T("shop.edit.lead"), false
	frame.Crumbs = append(frame.Crumbs, console.Link{Text: s.name, Href: s.link()})
	frame.Actions = nil
	return show(v, frame, shopFace(v, s))
}

// saveShop changes them: name, name_ja, prefecture, city, postal_code.
func (a *app) saveShop(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	err = a.Keeping.SetFace(v.Ctx(), v.Caller.Actor, s.Store.No, party.StoreFace{
		Name: v.Typed("name"), NameJA: v.Typed("name_ja"), Prefecture: v.Typed("prefecture"),
		City: v.Typed("city"), PostalCode: postalCode(v.Typed("postal_code"))})
	if v.Refused(err) {
		return a.editShop(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(s.link(), v.T("shop.edit.done"))
}

// postalCode takes the dash away that people write after the third digit.
func postalCode(typed string) string {
	if len(typed) == 8 && typed[3] == '-' {
		return typed[:3] + typed[4:]
	}
	return typed
}

// setPIN sets the manager's PIN of a shop: pin, again.
func (a *app) setPIN(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	pin := v.Typed("pin")
	hash, err := party.HashPIN(pin)
	switch {
	case errors.Is(err, party.ErrInvalid):
		v.Mistake("pin", v.T("pin.wrong"))
	case err != nil:
		return err
	case v.Typed("again") != pin:
		v.Mistake("again", v.T("pin.differs"))
	}
	if v.Wrong() {
		return a.showLimits(v)
	}
	return a.keepPIN(v, s, hash, "pin.done")
}

func (a *app) removePIN(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	return a.keepPIN(v, s, "", "pin.removed")
}

func (a *app) keepPIN(v *console.Visit, s shopAt, hash, done string) error {
	if err := a.Keeping.SetPIN(v.Ctx(), v.Caller.Actor, s.Store.No, hash); err != nil {
		return err
	}
	return v.SeeOther(s.link("limits"), v.T(done))
}

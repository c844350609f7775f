package merchant

import (
	"net/http"
	"slices"
	"strconv"

	"watari/kit/access"
	"watari/pay/party"
	"watari/ui/console"
)

// labelMax is the longest name of a key, in characters.
const labelMax = 100

// keysScreen is the API keys of the shop.
type keysScreen struct {
	place
	keys   []access.Key
	tills  []console.Option
	secret string // shown once
}

func (a *app) listKeys(v *console.Visit) error { return a.drawKeys(v, "") }

func (a *app) drawKeys(v *console.Visit, secret string) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	keys, err := a.Keys.List(v.Ctx(), v.Caller, v.Caller.ParticipantNo, v.Caller.MerchantNo)
	if err != nil {
		return err
	}
	slices.Reverse(keys)
	tills, err := a.tillOptions(v, p)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("keys.title"), Tab: "keys", Lead: v.T("keys.lead")}
	return v.Show(http.StatusOK, page, keysPage(v, keysScreen{p, keys, tills, secret}))
}

// tillOptions are the tills that a key can be for, none first.
func (a *app) tillOptions(v *console.Visit, p place) ([]console.Option, error) {
	p.scope.StoreNo = 0 // of all stores, whichever the form named
	tills, err := a.Reports.Tills(v.Ctx(), p.scope)
	list := []console.Option{{Value: "", Label: v.T("keys.till.none")}}
	for _, t := range tills {
		st, ok := p.store(strconv.FormatInt(t.Store.No, 10))
		if !ok || t.Status == party.Closed || st.Status == party.Closed {
			continue
		}
		label := t.ID
		if t.Name.Name != "" {
			label = t.Name.Name + " · " + t.ID
		}
		if p.many() {
			label = st.In(string(v.Lang)) + " · " + label
		}
		list = append(list, console.Option{Value: strconv.FormatInt(t.No, 10), Label: label})
	}
	return list, err
}

// tillOf finds the till that the form names (S1); 0 and 0 when it is none of the shop's.
func (a *app) tillOf(v *console.Visit, p place) (storeNo, terminalNo int64, err error) {
	no, err := strconv.ParseInt(v.Typed("till"), 10, 64)
	if err != nil || no <= 0 {
		return 0, 0, nil
	}
	p.scope.TerminalNo, p.scope.StoreNo = no, 0
	found, err := a.Reports.Tills(v.Ctx(), p.scope)
	if err != nil || len(found) == 0 || found[0].Status == party.Closed {
		return 0, 0, err
	}
	return found[0].Store.No, no, nil
}

// makeKey makes a key, and shows it once (S4): label, role, store or till.
func (a *app) makeKey(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	label := v.Typed("label")
	if n := len([]rune(label)); n == 0 || n > labelMax {
		v.Mistake("label", v.T("keys.label.missing"))
		return a.listKeys(v)
	}
	g := access.Grant{Role: access.Role(v.Typed("role")),
		ParticipantNo: v.Caller.ParticipantNo, MerchantNo: v.Caller.MerchantNo, Label: label}
	if !slices.ContainsFunc(keyRoles(v), func(o console.Option) bool {
		return o.Value == string(g.Role)
	}) {
		v.Mistake("role", v.T("mistake.type"))
		return a.listKeys(v)
	}
	if st, ok := p.store(v.Typed("store")); ok && g.Role != access.MerchantOwner {
		g.StoreNo = st.No
	}
	if g.Role == access.Terminal {
		if g.StoreNo, g.TerminalNo, err = a.tillOf(v, p); err != nil {
			return err
		}
		if g.TerminalNo == 0 {
			v.Mistake("till", v.T("keys.till.missing"))
			return a.listKeys(v)
		}
	}
	secret, _, err := a.Keys.Make(v.Ctx(), v.Caller, g)
	if v.Refused(err) {
		return a.listKeys(v)
	}
	if err != nil {
		return err
	}
	return a.drawKeys(v, secret)
}

func (a *app) endKey(v *console.Visit) error {
	if err := a.Keys.Revoke(v.Ctx(), v.Caller, v.R.PathValue("id")); err != nil {
		return err
	}
	return v.SeeOther("/merchant/keys", v.T("keys.ended"))
}

// keyRoles are the roles that a key can have, the widest first.
func keyRoles(v *console.Visit) (list []console.Option) {
	for _, r := range []access.Role{access.MerchantOwner, access.MerchantManager,
		access.MerchantCashier, access.Terminal} {
		list = append(list, console.Option{Value: string(r), Label: v.RoleName(r),
			Hint: v.T("keys.role." + string(r))})
	}
	return list
}

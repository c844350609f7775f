package merchant

import (
	"net/http"
	"slices"

	"watari/kit/access"
	"watari/ui/console"
)

// labelMax is the longest name of a key, in characters.
const labelMax = 100

// keysScreen is the API keys of the shop.
type keysScreen struct {
	place
	keys   []access.Key
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
	page := console.Page{Title: v.T("keys.title"), Tab: "keys", Lead: v.T("keys.lead")}
	return v.Show(http.StatusOK, page, keysPage(v, keysScreen{p, keys, secret}))
}

// makeKey makes a key, and shows it once (S4): label, role, store.
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
		access.MerchantCashier} {
		list = append(list, console.Option{Value: string(r), Label: v.RoleName(r),
			Hint: v.T("keys.role." + string(r))})
	}
	return list
}

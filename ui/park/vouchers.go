package park

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/ui/console"

	parks "watari/visit/park"
)

// vouchersScreen is a page of vouchers.
type vouchersScreen struct {
	label string
	list  []parks.Voucher
	next  string
	names map[string]string // of discounts
}

func (a *app) listVouchers(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := vouchersScreen{label: v.R.FormValue("label")}
	s.list, s.next, err = a.Parks.Vouchers(v.Ctx(), p.ID, s.label, v.R.FormValue("after"))
	if err != nil {
		return err
	}
	if s.names, err = a.discountNames(v, p); err != nil {
		return err
	}
	page := console.Page{Title: v.T("vouchers.title"), Tab: "vouchers", Wide: true,
		Lead: v.T("vouchers.lead"), Actions: []console.Action{
			{Text: v.T("voucher.new"), Icon: "plus", Href: "/park/vouchers/new"},
			{Text: v.T("csv"), Icon: "down", Download: true,
				Href: query("/park/vouchers.csv", "label", s.label)}}}
	return v.Show(http.StatusOK, page, vouchersPage(v, s))
}

// discountNames are the names of all discounts, also of those that ended.
func (a *app) discountNames(v *console.Visit, p parks.Park) (map[string]string, error) {
	rules, err := a.Parks.RuleNames(v.Ctx(), p.ID)
	names := map[string]string{}
	for id, t := range rules {
		names[id] = t.In(v.Lang)
	}
	return names, err
}

// stateOf is how a voucher stands.
func stateOf(v *console.Visit, one parks.Voucher) (tone, word string) {
	switch {
	case one.Revoked:
		return console.Stop, v.T("voucher.revoked")
	case one.Used >= one.Uses:
		return console.Plain, v.T("voucher.used_up")
	case !one.Until.IsZero() && !v.Now.Before(one.Until):
		return console.Plain, v.T("voucher.over")
	case v.Now.Before(one.From):
		return console.Wait, v.T("voucher.early")
	}
	return console.Good, v.T("voucher.valid")
}

// forWhat is what a voucher gives.
func (s vouchersScreen) forWhat(v *console.Visit, one parks.Voucher) string {
	if one.Places > 0 {
		return v.T("voucher.waits", "day", dayName(v, one.Day))
	}
	if one.Discount == "" {
		return v.T("voucher.nothing")
	}
	return nameOr(s.names, one.Discount)
}

// voucherForm makes vouchers.
type voucherForm struct{ discounts []parks.Discount }

func (f voucherForm) options(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("voucher.nothing")}}
	for _, d := range f.discounts {
		if d.Rule.Kind == parks.ForVoucher {
			list = append(list, console.Option{Value: d.Rule.ID, Label: d.Name.In(v.Lang)})
		}
	}
	return list
}

func (a *app) askVouchers(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	var f voucherForm
	if f.discounts, err = a.Parks.Discounts(v.Ctx(), p.ID); err != nil {
		return err
	}
	page := console.Page{Title: v.T("voucher.new"), Tab: "vouchers", Crumbs: []console.Link{
		{Text: v.T("vouchers.title"), Href: "/park/vouchers"}}}
	return v.Show(http.StatusOK, page, voucherPage(v, f))
}

func (a *app) makeVouchers(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	b := parks.VoucherBatch{Count: typedNumber(v, "count"), Code: v.Typed("code"),
		Discount: v.Typed("discount"), Label: v.Typed("label"), Uses: typedNumber(v, "uses"),
		From: moment(v, "from", 0), Until: moment(v, "until", 1)}
	if b.Label == "" {
		v.Mistake("label", v.T("voucher.label.missing"))
	}
	if v.Wrong() {
		return a.askVouchers(v)
	}
	made, err := a.Parks.MakeVouchers(v.Ctx(), p.ID, b, v.Typed("request"), v.Caller.Actor)
	if v.Refused(err) {
		return a.askVouchers(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(query("/park/vouchers", "label", b.Label),
		v.N("voucher.made", int64(len(made))))
}

func (a *app) revokeVoucher(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	err = a.Parks.RevokeVoucher(v.Ctx(), p.ID, v.R.PathValue("code"), v.Caller.Actor)
	if err != nil {
		return err
	}
	return v.SeeOther("/park/vouchers", v.T("voucher.revoked.done"))
}

// sheetMax is how many vouchers one file has.
const sheetMax = 50_000

// downloadVouchers is every voucher of a batch, to be printed and given away.
func (a *app) downloadVouchers(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	names, err := a.discountNames(v, p)
	if err != nil {
		return err
	}
	s := vouchersScreen{names: names}
	rows := [][]string{{v.T("c.code"), v.T("voucher.label"), v.T("c.discount"),
		v.T("voucher.uses"), v.T("voucher.used"), v.T("f.from"), v.T("f.to"), v.T("c.state")}}
	day := func(one parks.Voucher, until bool) string {
		t := one.From
		if until {
			if t = one.Until; !t.IsZero() {
				t = t.Add(-1)
			}
		}
		if t.IsZero() {
			return ""
		}
		return t.In(clock.JST).Format("2006-01-02")
	}
	for after := ""; len(rows) < sheetMax; {
		list, next, err := a.Parks.Vouchers(v.Ctx(), p.ID, v.R.FormValue("label"), after)
		if err != nil {
			return err
		}
		for _, one := range list {
			_, word := stateOf(v, one)
			rows = append(rows, []string{plain(one.Code), plain(one.Label),
				plain(s.forWhat(v, one)), strconv.FormatInt(one.Uses, 10),
				strconv.FormatInt(one.Used, 10), day(one, false), day(one, true), word})
		}
		if after = next; after == "" {
			break
		}
	}
	return sheet(v, "watari-park-vouchers.csv", rows)
}

func (s vouchersScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("vouchers.title"), Columns: []console.Column{
		{Title: v.T("c.code"), Main: true}, {Title: v.T("voucher.label")},
		{Title: v.T("c.discount")}, {Title: v.T("voucher.used"), Number: true},
		{Title: v.T("c.state")}, {Title: v.T("voucher.revoke"), Unseen: true}},
		Empty: console.Empty{Icon: "code", Title: v.T("vouchers.none"),
			Text: v.T("vouchers.none.text")}}
	for _, one := range s.list {
		tone, word := stateOf(v, one)
		act := console.Text("")
		if !one.Revoked && one.Used < one.Uses && one.Places == 0 {
			act = revoking(v, one.Code)
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{console.Code(one.Code),
			console.Text(one.Label), console.Text(s.forWhat(v, one)),
			console.Text(v.Number(one.Used) + " / " + v.Number(one.Uses)),
			v.Badge(tone, "", word), act}})
	}
	return t
}

// pager leads to the next page of the list.
func (s vouchersScreen) pager(v *console.Visit) console.Pager {
	p := console.Pager{}
	if s.next != "" {
		p.Next = v.Here("after", s.next)
	}
	if v.R.FormValue("after") != "" {
		p.First = v.Here("after", "")
	}
	return p
}

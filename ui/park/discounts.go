package park

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/pay/promo"
	"watari/ui/console"

	parks "watari/visit/park"
)

func (a *app) listDiscounts(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	list, err := a.Parks.Discounts(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("discounts.title"), Tab: "discounts", Wide: true,
		Lead: v.T("discounts.lead"), Actions: []console.Action{{Text: v.T("discount.new"),
			Icon: "plus", Href: "/park/discounts/new"}}}
	pledges, err := a.Pledges(v.Ctx(), p.MerchantNo)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, page, discountsPage(v, discountsTable(v, list, pledges),
		a.pledgeTable(v, pledges)))
}

// pledgeTable lists what wallets have agreed to give for discounts here.
func (a *app) pledgeTable(v *console.Visit, list []promo.Pledge) console.Table {
	t := console.Table{Caption: v.T("pledges.title"), Columns: []console.Column{
		{Title: v.T("pledge.wallet"), Main: true}, {Title: v.T("pledge.share"), Number: true},
		{Title: v.T("pledge.taken"), Number: true}, {Title: v.T("pledge.budget"), Number: true},
		{Title: v.T("pledge.until")}}, Empty: console.Empty{Icon: "wallet",
		Title: v.T("pledges.none"), Text: v.T("pledges.none.text")}}
	wallets, err := a.Wallets(v.Ctx())
	if err != nil {
		wallets = nil // their ids are shown
	}
	for _, p := range list {
		name, until := p.IssuerID, v.T("pledge.open")
		for _, w := range wallets {
			if w.No == p.IssuerNo {
				name = w.Name
			}
		}
		if !p.Until.IsZero() {
			until = v.Lang.DateTime(p.Until)
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{console.Text(name),
			console.Text(v.Percent(p.SharePPM, 1_000_000)), console.Text(yen(v, p.Taken)),
			console.Text(yen(v, p.Budget)), console.Text(until)}})
	}
	return t
}

// backed says whether somebody gives the wallet's part of a discount: nobody has to, or one of its
// wallets has agreed to it.
func backed(r parks.Rule, list []promo.Pledge, now time.Time) bool {
	return r.WalletPPM == 0 || slices.ContainsFunc(list, func(p promo.Pledge) bool {
		return p.Covers(r.WalletPPM, now) &&
			(len(r.Issuers) == 0 || slices.Contains(r.Issuers, p.IssuerID))
	})
}

func discountsTable(
	v *console.Visit, list []parks.Discount, pledges []promo.Pledge,
) console.Table {
	t := console.Table{Caption: v.T("discounts.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("c.discount"), Main: true}, {Title: v.T("discount.off"), Number: true},
		{Title: v.T("discount.kind")}, {Title: v.T("discount.wallet_share")}},
		Empty: console.Empty{Icon: "slash", Title: v.T("discounts.none"),
			Text: v.T("discounts.none.text")}}
	for _, d := range list {
		given := ""
		if d.Rule.WalletPPM > 0 {
			given = v.T("discount.wallet_gives", "share", v.Percent(d.Rule.WalletPPM, 1_000_000))
		}
		share := console.Text(given)
		if !backed(d.Rule, pledges, v.Now) {
			share = console.Two(given, v.T("pledge.waits"))
		}
		t.Rows = append(t.Rows, console.Row{Href: "/park/discounts/" + d.Rule.ID,
			Cells: []templ.Component{console.Tagged(d.Name.In(v.Lang), d.Rule.ID),
				console.Text(offText(v, d.Rule)),
				console.Text(v.T("rule." + string(d.Rule.Kind))),
				share}})
	}
	return t
}

// offText is how much a rule takes off.
func offText(v *console.Visit, r parks.Rule) string {
	if r.OffYen > 0 {
		return yen(v, r.OffYen)
	}
	return v.Percent(r.OffPPM, 1_000_000)
}

// discountScreen is a discount with what its form offers.
type discountScreen struct {
	parks.Discount
	products []parks.Product
	wallets  []Wallet
	fresh    bool
}

// ruleKinds are the kinds of discounts in the order in which they are offered.
func ruleKinds() []parks.RuleKind {
	return []parks.RuleKind{parks.ForWallet, parks.ForResidents, parks.ForMembers,
		parks.ForGroups, parks.ForVoucher}
}

func (a *app) askDiscount(v *console.Visit) error {
	return a.showDiscountForm(v, parks.Discount{Rule: parks.Rule{Kind: parks.ForWallet}})
}

func (a *app) showDiscount(v *console.Visit) error {
	d, err := a.discountOf(v)
	if err != nil {
		return err
	}
	return a.showDiscountForm(v, d)
}

// discountOf finds the discount of an address (R1).
func (a *app) discountOf(v *console.Visit) (parks.Discount, error) {
	p, err := a.park(v)
	if err != nil {
		return parks.Discount{}, err
	}
	all, err := a.Parks.Discounts(v.Ctx(), p.ID)
	if err != nil {
		return parks.Discount{}, err
	}
	for _, d := range all {
		if d.Rule.ID == v.R.PathValue("id") {
			return d, nil
		}
	}
	return parks.Discount{}, v.NotFound()
}

func (a *app) showDiscountForm(v *console.Visit, d parks.Discount) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := discountScreen{Discount: d, fresh: d.Version == 0}
	if s.products, err = a.Parks.Products(v.Ctx(), p.ID); err != nil {
		return err
	}
	if s.wallets, err = a.Wallets(v.Ctx()); err != nil {
		return err
	}
	title := d.Name.In(v.Lang)
	if s.fresh {
		title = v.T("discount.new")
	}
	page := console.Page{Title: title, Tab: "discounts", Crumbs: []console.Link{
		{Text: v.T("discounts.title"), Href: "/park/discounts"}}}
	return v.Show(http.StatusOK, page, discountPage(v, s))
}

func (s discountScreen) kinds(v *console.Visit) (list []console.Option) {
	for _, k := range ruleKinds() {
		list = append(list, console.Option{Value: string(k), Label: v.T("rule." + string(k))})
	}
	return list
}

func (s discountScreen) walletOptions() (list []console.Option) {
	for _, w := range s.wallets {
		list = append(list, console.Option{Value: w.ID, Label: w.Name})
	}
	return list
}

func (s discountScreen) unitOptions(v *console.Visit) []console.Option {
	return unitOptions(v)[1:]
}

// units are the age classes of the rule, as ticks take them.
func (s discountScreen) units() map[string]bool {
	set := map[string]bool{}
	for _, u := range s.Rule.Units {
		set[string(u)] = true
	}
	return set
}

// onePercent is a share in millionths, which have four decimals as percents.
const (
	onePercent = 10_000
	decimals   = 4
)

// percent is a share as it stands in its field, "12.5".
func percent(ppm int64) string {
	if ppm == 0 {
		return ""
	}
	whole, rest := strconv.FormatInt(ppm/onePercent, 10), ppm%onePercent
	if rest == 0 {
		return whole
	}
	digits := strconv.FormatInt(onePercent+rest, 10)[1:]
	return whole + "." + strings.TrimRight(digits, "0")
}

// window is a day of the sale as it stands in its field.
func (s discountScreen) window(until bool) string {
	t := s.From
	if until {
		if t = s.Until; !t.IsZero() {
			t = t.AddDate(0, 0, -1)
		}
	}
	if t.IsZero() {
		return ""
	}
	return t.In(clock.JST).Format("2006-01-02")
}

// action is where the form goes.
func (s discountScreen) action() string {
	if s.fresh {
		return "/park/discounts/new"
	}
	return "/park/discounts/" + s.Rule.ID
}

func (a *app) addDiscount(v *console.Visit) error {
	return a.putDiscount(v, parks.Discount{Rule: parks.Rule{ID: v.Typed("id")}})
}

func (a *app) changeDiscount(v *console.Visit) error {
	d, err := a.discountOf(v)
	if err != nil {
		return err
	}
	d.Version = typedNumber(v, "version")
	return a.putDiscount(v, d)
}

// typedDiscount reads the form of a discount over what it was.
func (a *app) typedDiscount(v *console.Visit, p parks.Park, d parks.Discount) (
	parks.Discount, error,
) {
	products, err := a.Parks.Products(v.Ctx(), p.ID)
	if err != nil {
		return d, err
	}
	wallets, err := a.Wallets(v.Ctx())
	if err != nil {
		return d, err
	}
	var codes, ids, units []string
	for _, one := range products {
		codes = append(codes, one.Code)
	}
	for _, w := range wallets {
		ids = append(ids, w.ID)
	}
	for _, u := range parks.Units() {
		units = append(units, string(u))
	}
	r := parks.Rule{ID: d.Rule.ID, Kind: parks.RuleKind(v.Typed("kind")),
		Products: typedTicks(v, "products", codes), Issuers: typedTicks(v, "issuers", ids),
		OffYen: typedNumber(v, "off_yen"), MinCount: typedNumber(v, "min_count"),
		OffPPM:    share(v, "off_ppm"),
		WalletPPM: share(v, "wallet_ppm"),
		Claim:     v.Typed("claim"), FirstDay: v.Typed("first_day"), LastDay: v.Typed("last_day")}
	for _, u := range typedTicks(v, "units", units) {
		r.Units = append(r.Units, parks.Unit(u))
	}
	d.ParkID, d.Rule, d.Name = p.ID, r, typedText(v, "name")
	d.From, d.Until = moment(v, "from", 0), moment(v, "until", 1)
	d.Channels = typedTicks(v, "channels", parks.Channels())
	return d, nil
}

// share reads a field with percents from 0 to 100, as millionths.
func share(v *console.Visit, name string) int64 {
	text := v.Typed(name)
	if text == "" {
		return 0
	}
	whole, rest, _ := strings.Cut(text, ".")
	rest += strings.Repeat("0", max(0, decimals-len(rest)))
	n, err1 := strconv.ParseUint(whole, 10, 16)
	part, err2 := strconv.ParseUint(rest, 10, 16)
	if err1 != nil || err2 != nil || len(rest) > decimals || n > 100 || n == 100 && part > 0 {
		v.Mistake(name, v.T("wrong.percent"))
		return 0
	}
	return int64(n)*onePercent + int64(part)
}

func (a *app) putDiscount(v *console.Visit, old parks.Discount) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	d, err := a.typedDiscount(v, p, old)
	if err != nil {
		return err
	}
	if v.Wrong() {
		return a.showDiscountForm(v, d)
	}
	_, err = a.Parks.PutDiscount(v.Ctx(), d, v.Caller.Actor)
	if v.Refused(err) {
		return a.showDiscountForm(v, d)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/discounts", v.T("saved"))
}

func (a *app) endDiscount(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	id := v.R.PathValue("id")
	if err := a.Parks.EndDiscount(v.Ctx(), p.ID, id, v.Caller.Actor); err != nil {
		return err
	}
	return v.SeeOther("/park/discounts", v.T("discount.ended"))
}

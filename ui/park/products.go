package park

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/ui/console"
	"watari/visit/park/queue"

	parks "watari/visit/park"
)

func (a *app) listProducts(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	list, err := a.Parks.Products(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	prices, err := a.Parks.Prices(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("products.title"), Tab: "products", Wide: true,
		Lead: v.T("products.lead"), Actions: []console.Action{{Text: v.T("product.new"),
			Icon: "plus", Href: "/park/products/new"}}}
	return v.Show(http.StatusOK, page, tablePage(v, productsTable(v, list, prices)))
}

func productsTable(v *console.Visit, list []parks.Product, prices []parks.Price) console.Table {
	t := console.Table{Caption: v.T("products.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("axis.product"), Main: true}, {Title: v.T("price.adult"), Number: true},
		{Title: v.T("product.kind")}, {Title: v.T("axis.channel"), Small: true}},
		Empty: console.Empty{Icon: "ticket", Title: v.T("products.none"),
			Text: v.T("products.none.text")}}
	for _, p := range list {
		channels := v.T("channel.all")
		for i, c := range p.Channels {
			if i == 0 {
				channels = channelName(v, c)
				continue
			}
			channels += v.T("comma") + channelName(v, c)
		}
		t.Rows = append(t.Rows, console.Row{Href: "/park/products/" + p.Code,
			Cells: []templ.Component{console.Tagged(p.Name.In(v.Lang), p.Code),
				console.Text(priceSpan(v, prices, p.Code)),
				console.Text(v.T("kind." + string(p.Kind))), console.Text(channels)}})
	}
	return t
}

// priceSpan is what an adult pays, from the cheapest day to the dearest.
func priceSpan(v *console.Visit, prices []parks.Price, code string) string {
	low, high := int64(-1), int64(-1)
	for _, p := range prices {
		if p.Product == code && p.Unit == parks.Adult {
			if low < 0 || p.Yen < low {
				low = p.Yen
			}
			high = max(high, p.Yen)
		}
	}
	switch {
	case low < 0:
		return v.T("price.none")
	case low == high:
		return yen(v, low)
	}
	return yen(v, low) + " – " + yen(v, high)
}

// productScreen is a product with what its form offers.
type productScreen struct {
	parks.Product
	pools  []parks.Pool
	queues []queue.Place
	types  []string // of days, "" first
	prices map[string]int64
	fresh  bool
}

func (a *app) askProduct(v *console.Visit) error {
	return a.showProductForm(v, parks.Product{Reentry: parks.AfterExit, Kind: parks.DayTicket})
}

func (a *app) showProduct(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	one, err := a.Parks.Product(v.Ctx(), p.ID, v.R.PathValue("code"))
	if err != nil {
		return err
	}
	if one.Ended {
		return v.NotFound()
	}
	return a.showProductForm(v, one)
}

func (a *app) showProductForm(v *console.Visit, one parks.Product) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := productScreen{Product: one, fresh: one.Version == 0, prices: map[string]int64{}}
	if s.pools, err = a.Parks.Pools(v.Ctx(), p.ID); err != nil {
		return err
	}
	if s.queues, err = a.Queues.Places(v.Ctx(), p.ID); err != nil {
		return err
	}
	prices, err := a.Parks.Prices(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	s.types = dayTypes(prices)
	for _, one := range prices {
		if one.Product == s.Code {
			s.prices[priceField(one.Unit, one.DayType)] = one.Yen
		}
	}
	title := one.Name.In(v.Lang)
	if s.fresh {
		title = v.T("product.new")
	}
	page := console.Page{Title: title, Tab: "products", Crumbs: []console.Link{
		{Text: v.T("products.title"), Href: "/park/products"}}}
	return v.Show(http.StatusOK, page, productPage(v, s))
}

// dayTypes are the types of days that can have a price: any, A to D, and those that have one.
func dayTypes(prices []parks.Price) []string {
	list := []string{"", "A", "B", "C", "D"}
	for _, p := range prices {
		if !slices.Contains(list, p.DayType) {
			list = append(list, p.DayType)
		}
	}
	slices.SortFunc(list[1:], cmp.Compare[string])
	return list
}

// priceField is the name of the field of a price.
func priceField(u parks.Unit, dayType string) string { return "price." + string(u) + "." + dayType }

// price is a price as it stands in its field.
func (s productScreen) price(u parks.Unit, dayType string) string {
	n, ok := s.prices[priceField(u, dayType)]
	if !ok {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (s productScreen) kinds(v *console.Visit) (list []console.Option) {
	for _, k := range parks.Kinds() {
		list = append(list, console.Option{Value: string(k), Label: v.T("kind." + string(k))})
	}
	return list
}

func (s productScreen) reentries(v *console.Visit) (list []console.Option) {
	for _, r := range []parks.Reentry{parks.Once, parks.AfterExit, parks.AnyTime} {
		list = append(list, console.Option{Value: string(r), Label: v.T("reentry." + string(r))})
	}
	return list
}

func (s productScreen) poolOptions(v *console.Visit) (list []console.Option) {
	for _, p := range s.pools {
		list = append(list, console.Option{Value: p.Code, Label: p.Name.In(v.Lang)})
	}
	return list
}

func (s productScreen) places(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("product.place.none")}}
	for _, q := range s.queues {
		list = append(list, console.Option{Value: q.Code, Label: q.Name.In(v.Lang)})
	}
	return list
}

// slotLines are the slots as they stand in their field, one a line.
func (s productScreen) slotLines() string {
	var lines []string
	for _, one := range s.Slots {
		lines = append(lines, clockText(one.From)+"-"+clockText(one.Until))
	}
	return strings.Join(lines, "\n")
}

// typedSlots reads the slots of a product, one a line: "10:00-11:00". The code is the beginning;
// a slot that begins like one of old keeps its code.
func typedSlots(v *console.Visit, old []parks.Slot) (list []parks.Slot) {
	for _, line := range strings.Fields(v.Typed("slots")) {
		from, until, ok := strings.Cut(line, "-")
		a, okA := minuteOf(from)
		b, okB := minuteOf(until)
		if !ok || !okA || !okB || from == "" || until == "" {
			v.Mistake("slots", v.T("wrong.slots"))
			return nil
		}
		s := parks.Slot{Code: clockText(a), From: a, Until: b}
		for _, o := range old {
			if o.From == a {
				s.Code = o.Code
			}
		}
		list = append(list, s)
	}
	return list
}

// typedTicks are the values of ticks that were ticked.
func typedTicks(v *console.Visit, name string, values []string) (list []string) {
	for _, one := range values {
		if v.Typed(name+"."+one) != "" {
			list = append(list, one)
		}
	}
	return list
}

// asSet is a list as ticks take it.
func asSet(list []string) map[string]bool {
	set := map[string]bool{}
	for _, one := range list {
		set[one] = true
	}
	return set
}

// typedProduct reads the form of a product over what it was.
func (a *app) typedProduct(v *console.Visit, p parks.Park, old parks.Product) (
	parks.Product, error,
) {
	pools, err := a.Parks.Pools(v.Ctx(), p.ID)
	if err != nil {
		return old, err
	}
	var codes []string
	for _, one := range pools {
		codes = append(codes, one.Code)
	}
	n := old
	n.ParkID, n.Name, n.About = p.ID, typedText(v, "name"), typedText(v, "about")
	n.Sort, n.Pools = typedNumber(v, "sort"), typedTicks(v, "pools", codes)
	n.Slots, n.From, n.Until = typedSlots(v, old.Slots), typedMinute(v, "from"),
		typedMinute(v, "until")
	n.Days, n.Ahead, n.LastSale = typedNumber(v, "days"), typedNumber(v, "ahead"),
		typedMinute(v, "last_sale")
	n.SaleFrom, n.SaleUntil = moment(v, "sale_from", 0), moment(v, "sale_until", 1)
	n.Channels = typedTicks(v, "channels", parks.Channels())
	n.MinCount, n.MaxCount = typedNumber(v, "min_count"), typedNumber(v, "max_count")
	n.PerVisitor = typedNumber(v, "per_visitor")
	n.VoucherOnly, n.Rotating = v.Typed("voucher_only") != "", v.Typed("rotating") != ""
	n.Reentry, n.Place = parks.Reentry(v.Typed("reentry")), v.Typed("place")
	return n, nil
}

func (a *app) addProduct(v *console.Visit) error {
	one := parks.Product{Code: v.Typed("code"), Kind: parks.Kind(v.Typed("kind"))}
	return a.putProduct(v, one)
}

func (a *app) changeProduct(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	one, err := a.Parks.Product(v.Ctx(), p.ID, v.R.PathValue("code"))
	if err != nil {
		return err
	}
	if one.Ended {
		return v.NotFound()
	}
	one.Kind, one.Version = parks.Kind(v.Typed("kind")), typedNumber(v, "version")
	return a.putProduct(v, one)
}

func (a *app) putProduct(v *console.Visit, old parks.Product) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	one, err := a.typedProduct(v, p, old)
	if err != nil {
		return err
	}
	if v.Wrong() {
		return a.showProductForm(v, one)
	}
	done, err := a.Parks.PutProduct(v.Ctx(), one, v.Caller.Actor)
	if v.Refused(err) {
		return a.showProductForm(v, one)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/products/"+done.Code, v.T("saved"))
}

func (a *app) endProduct(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	if err := a.Parks.EndProduct(v.Ctx(), p.ID, v.R.PathValue("code"), v.Caller.Actor); err != nil {
		return err
	}
	return v.SeeOther("/park/products", v.T("product.ended"))
}

// putPrices replaces the prices of a product.
func (a *app) putPrices(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	one, err := a.Parks.Product(v.Ctx(), p.ID, v.R.PathValue("code"))
	if err != nil {
		return err
	}
	all, err := a.Parks.Prices(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	var list []parks.Price
	for _, u := range parks.Units() {
		for _, t := range dayTypes(all) {
			name := priceField(u, t)
			if v.Typed(name) != "" {
				list = append(list, parks.Price{Product: one.Code, Unit: u, DayType: t,
					Yen: typedNumber(v, name)})
			}
		}
	}
	if len(list) == 0 {
		v.Refuse(v.T("price.missing"))
		return a.showProductForm(v, one)
	}
	if v.Wrong() {
		return a.showProductForm(v, one)
	}
	err = a.Parks.PutPrices(v.Ctx(), p.ID, list, v.Caller.Actor)
	if v.Refused(err) {
		return a.showProductForm(v, one)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/products/"+one.Code, v.T("price.saved"))
}

// day is a moment as it stands in a field for a day.
func dayField(s productScreen, until bool) string {
	t := s.SaleFrom
	if until {
		t = s.SaleUntil
		if !t.IsZero() {
			t = t.AddDate(0, 0, -1)
		}
	}
	if t.IsZero() {
		return ""
	}
	return t.In(clock.JST).Format("2006-01-02")
}

// typeName is a type of days in words.
func typeName(v *console.Visit, t string) string {
	if t == "" {
		return v.T("type.any")
	}
	return v.T("type.name", "type", t)
}

// productAction is where the form of a product goes.
func productAction(s productScreen) string {
	if s.fresh {
		return "/park/products/new"
	}
	return "/park/products/" + s.Code
}

package park

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/pay/report"
	"watari/ui/console"

	parks "watari/visit/park"
)

// shopsScreen is what the shops of a park took, by zone.
type shopsScreen struct {
	from, to string
	zones    []zone
	total    report.Takings
	tickets  report.Takings // of the store that sells the park's tickets, which is no shop
}

// zone is a part of the park with its shops.
type zone struct {
	code  string
	shops []shop
	total report.Takings
}

// shop is a store of the park's merchant.
type shop struct {
	report.Store
	report.Takings
	point string // id of its point, "" when it is on no map
}

// storesOf are the stores that the reader may see: the merchant's, or the one they are bound to.
func (a *app) storesOf(v *console.Visit, p parks.Park) ([]report.Store, error) {
	return a.Takings.Stores(v.Ctx(), report.Scope{AcquirerNo: p.AcquirerNo,
		MerchantNo: p.MerchantNo, StoreNo: v.Caller.StoreNo})
}

func (a *app) showShops(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s, err := a.shopsOf(v, p)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("shops.title"), Tab: "shops", Wide: true,
		Lead: v.T("shops.lead")}
	return v.Show(http.StatusOK, page, shopsPage(v, s))
}

func (a *app) shopsOf(v *console.Visit, p parks.Park) (s shopsScreen, err error) {
	s.from, s.to = period(v, 0)
	stores, err := a.storesOf(v, p)
	if err != nil {
		return s, err
	}
	m, err := a.Grounds.Map(v.Ctx(), p.ID)
	if err != nil {
		return s, err
	}
	rows, err := a.Takings.By(v.Ctx(), report.Scope{AcquirerNo: p.AcquirerNo,
		MerchantNo: p.MerchantNo, StoreNo: v.Caller.StoreNo},
		report.Period{From: parks.At(s.from, 0).In(clock.JST),
			Until: parks.At(addDays(s.to, 1), 0).In(clock.JST)}, "", report.ByStore)
	if err != nil {
		return s, err
	}
	took := map[int64]report.Takings{}
	for _, r := range rows {
		took[r.No(0)] = r.Takings
	}
	by := map[string]*zone{}
	for _, st := range stores {
		if st.No == p.StoreNo {
			s.tickets = took[st.No]
			continue
		}
		one, code := shop{Store: st, Takings: took[st.No]}, ""
		for _, q := range m.Points {
			if q.StoreNo == st.No {
				one.point, code = q.ID, q.Zone
			}
		}
		if by[code] == nil {
			by[code] = &zone{code: code}
		}
		by[code].shops = append(by[code].shops, one)
		by[code].total = by[code].total.Plus(one.Takings)
		s.total = s.total.Plus(one.Takings)
	}
	for _, z := range by {
		slices.SortStableFunc(z.shops, func(x, y shop) int {
			return cmp.Compare(y.NetMinor(), x.NetMinor())
		})
		s.zones = append(s.zones, *z)
	}
	slices.SortFunc(s.zones, func(x, y zone) int {
		return cmp.Or(cmp.Compare(y.total.NetMinor(), x.total.NetMinor()),
			cmp.Compare(x.code, y.code))
	})
	return s, nil
}

// chart compares the zones.
func (s shopsScreen) chart(v *console.Visit) console.BarChart {
	c := console.BarChart{Title: v.T("shops.chart"), LabelTitle: v.T("point.zone"),
		ValueTitle: v.T("shops.net")}
	for _, z := range s.zones {
		c.Bars = append(c.Bars, console.Bar{Label: zoneName(v, z.code),
			Short: zoneName(v, z.code), Value: max(z.total.NetMinor(), 0),
			Shown: yen(v, z.total.NetMinor())})
	}
	return c
}

func (z zone) table(v *console.Visit) console.Table {
	t := console.Table{Caption: zoneName(v, z.code), Brief: true, Columns: []console.Column{
		{Title: v.T("shops.shop"), Main: true}, {Title: v.T("shops.net"), Number: true},
		{Title: v.T("figure.returned"), Number: true, Small: true},
		{Title: v.T("shops.sales"), Number: true}}}
	for _, one := range z.shops {
		row := console.Row{Cells: []templ.Component{console.Text(one.Store.In(string(v.Lang))),
			console.Strong(yen(v, one.NetMinor())), console.Text(yen(v, one.RefundedMinor)),
			console.Text(v.Number(one.Sales))}}
		if one.point != "" {
			row.Href = "/park/map/points/" + one.point
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

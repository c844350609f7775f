package park

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"watari/ui/console"

	parks "watari/visit/park"
)

// quotasScreen is how much there is on a day.
type quotasScreen struct {
	day    string
	pools  []parks.Pool
	quotas []parks.Quota
}

func (a *app) showQuotas(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := quotasScreen{day: dayIn(v, "day", today(v))}
	if s.pools, err = a.Parks.Pools(v.Ctx(), p.ID); err != nil {
		return err
	}
	if s.quotas, err = a.Parks.Quotas(v.Ctx(), p.ID, s.day, s.day); err != nil {
		return err
	}
	page := console.Page{Title: v.T("quotas.title"), Tab: "quotas", Wide: true,
		Lead: v.T("quotas.lead"), Actions: []console.Action{{Text: v.T("quotas.edit"),
			Icon: "edit", Href: query("/park/quotas/edit", "from", s.day, "to", s.day)}}}
	return v.Show(http.StatusOK, page, quotasPage(v, s))
}

// table is the quotas of one pool.
func (s quotasScreen) table(v *console.Visit, pool parks.Pool) console.Table {
	t := console.Table{Caption: pool.Name.In(v.Lang), Brief: true, Columns: []console.Column{
		{Title: v.T("axis.slot"), Main: true}, {Title: v.T("quota.left"), Number: true},
		{Title: v.T("axis.channel")}, {Title: v.T("quota.taken")},
		{Title: v.T("quota.oversell"), Number: true, Small: true},
		{Title: v.T("quota.release"), Small: true}},
		Empty: console.Empty{Icon: "users", Title: v.T("quotas.none"),
			Text: v.T("quotas.none.text")}}
	for _, q := range s.quotas {
		if q.Pool != pool.Code {
			continue
		}
		slot := q.Slot
		if slot == "" {
			slot = v.T("slot.none")
		}
		taken, left, tone := v.T("quota.taken.unkept", "n", v.Number(q.Taken)), "–", ""
		if q.Size >= 0 {
			taken = v.T("quota.taken.of", "n", v.Number(q.Taken), "size", v.Number(q.Size))
			rest := max(0, q.Size+q.Oversell-q.Taken)
			left = v.Number(rest)
			if rest == 0 {
				tone = console.Wait
			}
		}
		if q.Channel != "" && !q.Release.IsZero() && !v.Now.Before(q.Release) {
			left, tone = v.T("quota.released"), "" // it is everybody's by now
		}
		release := console.Text("")
		if !q.Release.IsZero() {
			release = v.Time(q.Release)
		}
		t.Rows = append(t.Rows, console.Row{Tone: tone, Href: query("/park/quotas/edit", "from",
			q.Day, "to", q.Day, "pool", q.Pool, "slot", q.Slot, "channel", q.Channel),
			Cells: []templ.Component{console.Text(slot), console.Strong(left),
				console.Text(channelName(v, q.Channel)), console.Text(taken),
				console.Text(v.Number(q.Oversell)), release}})
	}
	return t
}

// quotaForm writes quotas of several days.
type quotaForm struct {
	span
	pools []parks.Pool
	slots []string
	now   parks.Quota // the first of them as it is
	known bool        // it is there
	hours int64       // before its day at which an allotment ends
}

func (a *app) askQuotas(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	f := quotaForm{span: spanIn(v), now: parks.Quota{Pool: v.R.FormValue("pool"),
		Slot: v.R.FormValue("slot"), Channel: v.R.FormValue("channel")}}
	if f.pools, err = a.Parks.Pools(v.Ctx(), p.ID); err != nil {
		return err
	}
	if f.slots, err = a.slotsOf(v, p, ""); err != nil {
		return err
	}
	there, err := a.Parks.Quotas(v.Ctx(), p.ID, f.from, f.from)
	if err != nil {
		return err
	}
	for _, q := range there {
		if q.Pool == f.now.Pool && q.Slot == f.now.Slot && q.Channel == f.now.Channel {
			f.now, f.known = q, true
		}
	}
	if !f.now.Release.IsZero() {
		f.hours = int64(parks.VisitBegins(f.now.Day).Sub(f.now.Release) / time.Hour)
	}
	page := console.Page{Title: v.T("quotas.edit"), Tab: "quotas", Crumbs: []console.Link{
		{Text: v.T("quotas.title"), Href: query("/park/quotas", "day", f.from)}}}
	return v.Show(http.StatusOK, page, quotaPage(v, f))
}

// slotsOf are the codes of the slots of products that take from a pool; "" is any pool.
func (a *app) slotsOf(v *console.Visit, p parks.Park, pool string) (list []string, err error) {
	products, err := a.Parks.Products(v.Ctx(), p.ID)
	known := map[string]bool{}
	for _, one := range products {
		if pool != "" && !asSet(one.Pools)[pool] {
			continue
		}
		for _, s := range one.Slots {
			if !known[s.Code] {
				known[s.Code] = true
				list = append(list, s.Code)
			}
		}
	}
	return list, err
}

func (f quotaForm) poolOptions(v *console.Visit) (list []console.Option) {
	for _, p := range f.pools {
		list = append(list, console.Option{Value: p.Code, Label: p.Name.In(v.Lang)})
	}
	return list
}

func (f quotaForm) slotOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("quota.every_slot")}}
	for _, s := range f.slots {
		list = append(list, console.Option{Value: s, Label: s})
	}
	return list
}

// size is the size as it stands in its field.
func (f quotaForm) size() string {
	if !f.known || f.now.Size < 0 {
		return ""
	}
	return strconv.FormatInt(f.now.Size, 10)
}

// putQuotas writes a quota of every day of the form, and of every slot of the pool.
func (a *app) putQuotas(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	list, err := a.typedQuotas(v, p)
	if err != nil {
		return err
	}
	if v.Wrong() {
		return a.askQuotas(v)
	}
	err = a.Parks.PutQuotas(v.Ctx(), p.ID, list, v.Caller.Actor)
	if v.Refused(err) {
		return a.askQuotas(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(query("/park/quotas", "day", list[0].Day),
		v.N("quotas.saved", int64(len(list))))
}

func (a *app) typedQuotas(v *console.Visit, p parks.Park) (list []parks.Quota, err error) {
	days := typedDays(v)
	q := parks.Quota{Pool: v.Typed("pool"), Channel: v.Typed("channel"),
		Size: typedNumber(v, "size"), Oversell: typedNumber(v, "oversell")}
	hours := typedNumber(v, "release")
	if v.Typed("size") == "" {
		q.Size = -1 // an allotment that ends
		if q.Channel == "" {
			v.Mistake("size", v.T("wrong.number"))
		}
	}
	pools, err := a.Parks.Pools(v.Ctx(), p.ID)
	if err != nil {
		return nil, err
	}
	slots := []string{""}
	for _, pool := range pools {
		if pool.Code != q.Pool || !pool.Slotted {
			continue
		}
		if slots, err = a.slotsOf(v, p, pool.Code); err != nil {
			return nil, err
		}
		if one := v.Typed("slot"); one != "" {
			slots = []string{one}
		}
	}
	for _, day := range days {
		for _, slot := range slots {
			one := q
			one.Day, one.Slot = day, slot
			if hours > 0 && q.Channel != "" && q.Size >= 0 {
				one.Release = parks.VisitBegins(day).Add(-time.Duration(hours) * time.Hour)
			}
			list = append(list, one)
		}
	}
	if len(list) == 0 && !v.Wrong() {
		v.Mistake("slot", v.T("wrong.span"))
	}
	return list, nil
}

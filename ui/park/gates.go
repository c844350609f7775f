package park

import (
	"net/http"

	"github.com/a-h/templ"

	"watari/ui/console"

	parks "watari/visit/park"
	gates "watari/visit/park/gate"
)

// gatesScreen is every gate with its devices, and a day at them.
type gatesScreen struct {
	day     string
	gates   []gates.Gate
	devices []gates.Device
	hours   []gates.Hour
	clashes []gates.Clash
	let     []gates.Override // in against a refusal
}

func (a *app) showGates(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := gatesScreen{day: dayIn(v, "day", today(v))}
	if s.gates, err = a.Gates.Gates(v.Ctx(), p.ID); err != nil {
		return err
	}
	if s.devices, err = a.Gates.Devices(v.Ctx(), p.ID); err != nil {
		return err
	}
	if s.hours, err = a.Gates.Hours(v.Ctx(), p.ID, s.day); err != nil {
		return err
	}
	if s.clashes, err = a.Gates.Clashes(v.Ctx(), p.ID, s.day); err != nil {
		return err
	}
	if s.let, err = a.Gates.Overrides(v.Ctx(), p.ID, s.day); err != nil {
		return err
	}
	page := console.Page{Title: v.T("gates.title"), Tab: "gates", Wide: true,
		Lead: v.T("gates.lead")}
	if v.May(keepers...) {
		page.Actions = []console.Action{
			{Text: v.T("gate.new"), Icon: "plus", Href: "/park/gates/new"},
			{Text: v.T("keys.title"), Icon: "key", Href: "/park/keys"}}
	}
	return v.Show(http.StatusOK, page, gatesPage(v, s))
}

// at are the devices of a gate.
func (s gatesScreen) at(gateID string) (out []gates.Device) {
	for _, d := range s.devices {
		if d.GateID == gateID {
			out = append(out, d)
		}
	}
	return out
}

// gateName is the name of a gate by its id, or the id.
func (s gatesScreen) gateName(v *console.Visit, id string) string {
	for _, g := range s.gates {
		if g.ID == id {
			return g.Name.In(v.Lang)
		}
	}
	return v.T("gate.ended")
}

// deviceText says how a device is doing.
func deviceText(v *console.Visit, d gates.Device) string {
	switch {
	case d.Activated.IsZero() && v.Now.Before(d.LinkOpen):
		return v.T("device.waits")
	case d.Activated.IsZero():
		return v.T("device.link_over")
	case d.Waiting > 0:
		return v.N("device.kept", d.Waiting)
	}
	return v.T("device.fine")
}

// hoursTable is who passed, by hour, gate and age class.
func (s gatesScreen) hoursTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("entries.chart"), Columns: []console.Column{
		{Title: v.T("c.hour"), Main: true}, {Title: v.T("c.gate")}, {Title: v.T("axis.unit")},
		{Title: v.T("entries.first"), Number: true}, {Title: v.T("entries.again"), Number: true},
		{Title: v.T("entries.exits"), Number: true},
		{Title: v.T("entries.offline"), Number: true, Small: true},
		{Title: v.T("entries.override"), Number: true, Small: true}},
		Empty: console.Empty{Icon: "users", Title: v.T("entries.none"),
			Text: v.T("entries.none.text")}}
	for _, h := range s.hours {
		t.Rows = append(t.Rows, console.Row{Cells: cells(v.Lang.Time(h.From),
			s.gateName(v, h.GateID), h.Unit.Name(v.Lang), v.Number(h.First), v.Number(h.Again),
			v.Number(h.Exits), v.Number(h.Offline), v.Number(h.Override))})
	}
	return t
}

// clashesTable is what was admitted and should not have been.
func (s gatesScreen) clashesTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("clashes.title"), Columns: []console.Column{
		{Title: v.T("c.ticket"), Main: true}, {Title: v.T("clash.what")},
		{Title: v.T("clash.this")}, {Title: v.T("clash.first")}},
		Empty: console.Empty{Icon: "tick", Title: v.T("clashes.none"),
			Text: v.T("clashes.none.text")}}
	for _, c := range s.clashes {
		first := console.Text("")
		if c.First != nil {
			first = s.passed(v, *c.First)
		}
		row := console.Row{Tone: console.Wait}
		if c.Ticket.OrderID != "" && v.May(keepers...) {
			row.Href = "/park/orders/" + c.Ticket.OrderID
		}
		row.Cells = []templ.Component{console.Code(c.Ticket.Code()),
			console.Text(v.T("clash." + string(c.Conflict))), s.passed(v, c.This), first}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// passed says when and where somebody went through.
func (s gatesScreen) passed(v *console.Visit, p gates.Pass) templ.Component {
	where := s.gateName(v, p.GateID)
	if p.Offline {
		where += " · " + v.T("clash.offline")
	}
	return console.Two(v.Lang.Time(p.At), where)
}

// gateForm is a gate that is made.
type gateForm struct{ products []parks.Product }

func (f gateForm) options(v *console.Visit) []console.Option {
	return productOptions(v, f.products)[1:]
}

func (a *app) askGate(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	products, err := a.Parks.Products(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("gate.new"), Tab: "gates", Crumbs: gateCrumbs(v)}
	return v.Show(http.StatusOK, page, gatePage(v, gateForm{products}))
}

func gateCrumbs(v *console.Visit) []console.Link {
	return []console.Link{{Text: v.T("gates.title"), Href: "/park/gates"}}
}

func (a *app) addGate(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	products, err := a.Parks.Products(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	g := gates.Gate{ParkID: p.ID, Code: v.Typed("code"), Name: typedText(v, "name")}
	for _, one := range products {
		if v.Typed("products."+one.Code) != "" {
			g.Products = append(g.Products, one.Code)
		}
	}
	_, err = a.Gates.AddGate(v.Ctx(), g, v.Caller.Actor)
	if v.Refused(err) {
		return a.askGate(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/gates", v.T("gate.made"))
}

func (a *app) endGate(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	if err := a.Gates.EndGate(v.Ctx(), p.ID, v.R.PathValue("id"), v.Caller.Actor); err != nil {
		return err
	}
	return v.SeeOther("/park/gates", v.T("gate.ended.done"))
}

// gateOf finds the gate of an address (R1).
func (a *app) gateOf(v *console.Visit, p parks.Park) (gates.Gate, error) {
	all, err := a.Gates.Gates(v.Ctx(), p.ID)
	if err != nil {
		return gates.Gate{}, err
	}
	for _, g := range all {
		if g.ID == v.R.PathValue("id") {
			return g, nil
		}
	}
	return gates.Gate{}, v.NotFound()
}

func (a *app) askDevice(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	g, err := a.gateOf(v, p)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("device.new"), Tab: "gates", Lead: g.Name.In(v.Lang),
		Crumbs: gateCrumbs(v)}
	return v.Show(http.StatusOK, page, devicePage(v, g))
}

// addDevice makes a device and shows its link, once (R3).
func (a *app) addDevice(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	d, secret, err := a.Gates.AddDevice(v.Ctx(), p.ID, v.R.PathValue("id"), v.Typed("label"),
		v.Caller.Actor)
	if v.Refused(err) {
		return a.askDevice(v)
	}
	if err != nil {
		return err
	}
	return a.showLink(v, d, secret)
}

// linkDevice makes another link for a device, and shows it once (R3).
func (a *app) linkDevice(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	d, secret, err := a.Gates.NewLink(v.Ctx(), p.ID, v.R.PathValue("id"), v.Caller.Actor)
	if err != nil {
		return err
	}
	return a.showLink(v, d, secret)
}

func (a *app) showLink(v *console.Visit, d gates.Device, secret string) error {
	page := console.Page{Title: v.T("device.link"), Tab: "gates", Lead: d.Label,
		Crumbs: gateCrumbs(v)}
	return v.Show(http.StatusOK, page, linkPage(v, a.PublicURL+gates.LinkPath+secret))
}

// toGates answers who opens the address of a form that is only posted to.
func (a *app) toGates(v *console.Visit) error { return v.SeeOther("/park/gates", "") }

func (a *app) endDevice(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	if err := a.Gates.EndDevice(v.Ctx(), p.ID, v.R.PathValue("id"), v.Caller.Actor); err != nil {
		return err
	}
	return v.SeeOther("/park/gates", v.T("device.ended"))
}

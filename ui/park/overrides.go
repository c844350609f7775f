package park

import (
	"github.com/a-h/templ"

	"watari/ui/console"

	gates "watari/visit/park/gate"
)

// mayText says whether staff at a device may let people in against a refusal.
func mayText(v *console.Visit, d gates.Device) string {
	if d.Overrides {
		return v.T("device.may")
	}
	return v.T("device.may_not")
}

// mayAction is the button that gives the right, or takes it.
func mayAction(v *console.Visit, d gates.Device) string {
	if d.Overrides {
		return v.T("device.take")
	}
	return v.T("device.give")
}

// mayIcon is the picture of that button.
func mayIcon(d gates.Device) string {
	if d.Overrides {
		return "lock"
	}
	return "shield"
}

// mayNext is what that button posts.
func mayNext(d gates.Device) string {
	if d.Overrides {
		return "no"
	}
	return "yes"
}

// allowOverrides gives staff at a device the right to let people in against a refusal, or takes it.
func (a *app) allowOverrides(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	allowed := v.Typed("allowed") == "yes"
	d, err := a.Gates.AllowOverrides(v.Ctx(), p.ID, v.R.PathValue("id"), allowed, v.Caller.Actor)
	if err != nil {
		return err
	}
	said := "device.taken"
	if d.Overrides {
		said = "device.given"
	}
	return v.SeeOther("/park/gates", v.T(said, "device", d.Label))
}

// overridesTable is who was let in against a refusal, where, and why.
func (s gatesScreen) overridesTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("overrides.title"), Columns: []console.Column{
		{Title: v.T("c.time"), Main: true}, {Title: v.T("c.gate")},
		{Title: v.T("overrides.refused")}, {Title: v.T("overrides.why")},
		{Title: v.T("c.ticket"), Small: true}},
		Empty: console.Empty{Icon: "tick", Title: v.T("overrides.none"),
			Text: v.T("overrides.none.text")}}
	for _, o := range s.let {
		row := console.Row{}
		if o.Ticket.OrderID != "" && v.May(keepers...) {
			row.Href = "/park/orders/" + o.Ticket.OrderID
		}
		code := console.Text("")
		if o.Number != "" {
			code = console.Code(o.Ticket.Code())
		}
		row.Cells = []templ.Component{console.Text(v.Lang.Time(o.At)),
			console.Two(s.gateName(v, o.GateID), s.deviceName(v, o.Pass)),
			console.Text(v.T("clash." + string(o.Reason))), console.Strong(o.Override), code}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// deviceName is the name of the device of a pass, and that it decided alone.
func (s gatesScreen) deviceName(v *console.Visit, p gates.Pass) string {
	name := v.T("device.gone")
	for _, d := range s.devices {
		if d.ID == p.DeviceID {
			name = d.Label
		}
	}
	if p.Offline {
		name += " · " + v.T("clash.offline")
	}
	return name
}

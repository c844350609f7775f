package merchant

import (
	"github.com/a-h/templ"

	"watari/pay/payment"
	"watari/pay/report"
	"watari/ui/console"
)

// lines say how a list of payments is drawn.
type lines struct {
	caption string
	stores  bool // name the store of each
	empty   console.Empty
}

// linesTable is a list of payments.
func linesTable(v *console.Visit, list []report.Line, how lines) console.Table {
	t := console.Table{Caption: how.caption, Brief: true, Empty: how.empty,
		Columns: []console.Column{{Title: v.T("c.payment"), Main: true}}}
	if how.stores {
		t.Columns = append(t.Columns, console.Column{Title: v.T("c.store")})
	}
	t.Columns = append(t.Columns, console.Column{Title: v.T("c.ref"), Small: true},
		console.Column{Title: v.T("c.state")},
		console.Column{Title: v.T("c.amount"), Number: true})
	for _, l := range list {
		cells := []templ.Component{lineName(v, l)}
		if how.stores {
			cells = append(cells, storeName(v, l.Store))
		}
		ref := console.Code("…" + ended(l.ID))
		if l.OrderRef != "" {
			ref = refName(l.OrderRef)
		}
		cells = append(cells, ref, lineState(v, l), lineAmount(v, l))
		t.Rows = append(t.Rows, console.Row{Href: "/merchant/payments/" + l.ID, Cells: cells})
	}
	return t
}

// isVoid says that no money moved in the end.
func isVoid(l report.Line) bool {
	return l.State == payment.Declined || l.State == payment.Cancelled
}

// shareRows are the rows of a table that compares parts of the shop.
func shareRows(v *console.Visit, list []share) (rows []console.Row) {
	for _, s := range list {
		rows = append(rows, console.Row{Href: s.href, Cells: []templ.Component{
			console.Text(s.name), console.Strong(yen(v, s.NetMinor())),
			console.Text(less(v, s.RefundedMinor)), console.Text(v.N("today.count", s.Sales))}})
	}
	return rows
}

// lastActions lead from the last payments to all of them.
func lastActions(v *console.Visit, s todayScreen) []console.Action {
	if len(s.last) == 0 {
		return nil
	}
	return []console.Action{{Text: v.T("today.all"),
		Href: query("/merchant/payments", "store", s.chosen)}}
}

// firstSteps is what to do when nothing was taken yet.
func firstSteps(v *console.Visit) console.Action {
	if !v.May(keepers...) {
		return console.Action{}
	}
	return console.Action{Text: v.T("today.start"), Href: "/merchant/tills", Icon: "till",
		Main: true}
}

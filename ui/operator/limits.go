package operator

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/watch"
	"watari/ui/console"
)

// standTone is how near a cap is.
func standTone(s watch.Stand) string {
	switch {
	case s.Share() >= 950:
		return console.Stop
	case s.Share() >= 800:
		return console.Wait
	}
	return console.Good
}

// unit is the currency of a cap or of a limit of a day.
func unit(s watch.Stand) money.Currency {
	if s.Daily {
		return yen
	}
	return s.Agreement.Currency
}

func standName(v *console.Visit, s watch.Stand) string {
	if s.Daily {
		return v.T("terms.daymax")
	}
	return v.T("terms.cap")
}

// standText is how much of how much is used.
func standText(v *console.Visit, s watch.Stand) string {
	return minor(v, s.UsedMinor, unit(s)) + " / " + minor(v, s.MaxMinor, unit(s)) + " (" +
		strconv.FormatInt(s.Share()/10, 10) + " %)"
}

// listLimits draws all fees, caps and limits that are in force.
func (p *pages) listLimits(v *console.Visit) error {
	terms, err := p.Directory.InForce(v.Ctx())
	if err != nil {
		return err
	}
	stands, err := watch.Stands(v.Ctx(), p.DB, p.Directory)
	if err != nil {
		return err
	}
	names, err := p.names(v.Ctx())
	if err != nil {
		return err
	}
	slices.SortFunc(stands, func(a, b watch.Stand) int { return cmp.Compare(b.Share(), a.Share()) })
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.limits"), Tab: "limits",
		Lead: v.T("limits.lead"), Wide: true}, limitsPage(v, stands, names,
		termsTable(v, terms, names, party.Issuer), termsTable(v, terms, names, party.Acquirer)))
}

// termsTable compares the terms of everybody in one role.
func termsTable(
	v *console.Visit, terms []party.Agreement, names roll,
	role party.Role,
) console.Table {
	t := console.Table{Caption: v.T("role." + string(role)), Columns: []console.Column{
		{Title: v.T("c.name"), Main: true}},
		Empty: console.Empty{Icon: "shield", Title: v.T("limits.none")}}
	if role == party.Issuer {
		t.Columns = append(t.Columns, console.Column{Title: v.T("terms.spread"), Number: true},
			console.Column{Title: v.T("terms.interchange"), Number: true},
			console.Column{Title: v.T("terms.scheme"), Number: true},
			console.Column{Title: v.T("terms.payment"), Number: true},
			console.Column{Title: v.T("terms.daymax"), Number: true})
	}
	t.Columns = append(t.Columns, console.Column{Title: v.T("terms.cap"), Number: true})
	for _, a := range terms {
		if a.Role != role {
			continue
		}
		who := names[a.ParticipantNo]
		cells := []templ.Component{console.Two(who.Name, string(a.Currency)+" · "+
			v.T("terms.version")+" "+strconv.FormatInt(a.Version, 10))}
		if role == party.Issuer {
			cells = append(cells, console.Text(percentOf(a.SpreadPPM)),
				console.Text(percentOf(a.InterchangePPM)), console.Text(percentOf(a.SchemePPM)),
				console.Text(mostText(v, a.PerPaymentMaxMinor, yen)),
				console.Text(mostText(v, a.PerDayMaxMinor, yen)))
		}
		cells = append(cells, console.Text(mostText(v, a.CapMinor, a.Currency)))
		t.Rows = append(t.Rows, console.Row{Href: agreementPath(who.ID, a), Cells: cells})
	}
	return t
}

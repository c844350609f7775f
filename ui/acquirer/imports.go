package acquirer

import (
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/a-h/templ"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/pay/party/signup"
	"watari/ui/console"
)

func (a *app) listImports(v *console.Visit) error {
	list, err := a.Signup.Imports(v.Ctx(), bank(v))
	if err != nil {
		return err
	}
	frame := page(v.T("imp.title"), "imports")
	frame.Lead = v.T("imp.lead")
	return show(v, frame, imports(v, list))
}

// startImport begins to read a file; the page of the import tells how it goes.
func (a *app) startImport(v *console.Visit) error {
	name, data, err := upload(v, "file", signup.ImportMax)
	if errors.Is(err, errNoFile) {
		v.Mistake("file", v.T("mistake.import.file"))
		return a.listImports(v)
	}
	if err != nil {
		return err
	}
	i, err := a.Signup.StartImport(v.Ctx(), me(v), bank(v), signup.Upload{Name: name,
		Data: data, DryRun: v.Typed("mode") != "real"})
	if v.Refused(lined(v, err)) {
		return a.listImports(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("imports", i.ID), "")
}

// lined shows beside the file what is wrong with it.
func lined(v *console.Visit, err error) error {
	var refusal *fault.Error
	if errors.As(err, &refusal) && refusal.Detail != "" {
		v.Mistake("file", refusal.Detail)
	}
	return err
}

// importPage is one import.
type importPage struct {
	signup.Import
	mistakes []signup.Mistake
	offset   int
}

// mistakesShown is how many mistakes stand on a page.
const mistakesShown = 100

func (a *app) showImport(v *console.Visit) error {
	i, err := a.Signup.FindImport(v.Ctx(), bank(v), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	p := importPage{Import: i, offset: int(number(v.R.FormValue("from")))}
	if i.Mistakes > 0 {
		p.mistakes, err = a.Signup.Mistakes(v.Ctx(), bank(v), i.ID, p.offset, mistakesShown)
		if err != nil {
			return fmt.Errorf("list mistakes: %w", err)
		}
	}
	frame := page(i.FileName, "imports")
	frame.Lead = i.By + " · " + v.Lang.DateTime(i.Started)
	frame.Crumbs = []console.Link{{Text: v.T("imp.title"), Href: link("imports")}}
	frame.Wide = true
	if i.State == signup.ImportRunning {
		frame.Refresh = 2
	}
	return show(v, frame, importDetail(v, p))
}

func (a *app) sendTemplate(v *console.Visit) error {
	return sendFile(v, "watari-shops.csv", "text/csv; charset=utf-8", signup.Template())
}

func (a *app) sendResult(v *console.Visit) error {
	i, err := a.Signup.FindImport(v.Ctx(), bank(v), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if i.State == signup.ImportRunning {
		return v.NotFound()
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment",
		map[string]string{"filename": "result-" + i.ID + ".csv"}))
	h.Set("Cache-Control", "no-store")
	v.W.WriteHeader(http.StatusOK)
	return a.Signup.WriteResult(v.Ctx(), v.W, bank(v), i.ID)
}

var importSigns = map[signup.ImportState]stateSign{
	signup.ImportRunning:     {console.Wait, "wait"},
	signup.ImportChecked:     {console.Good, "eye"},
	signup.ImportDone:        {console.Good, "tick"},
	signup.ImportFailed:      {console.Stop, "cross"},
	signup.ImportInterrupted: {console.Stop, "offline"},
}

func importBadge(v *console.Visit, s signup.ImportState) templ.Component {
	return v.Badge(importSigns[s].tone, importSigns[s].icon, v.T("imp.state."+string(s)))
}

func importsTable(v *console.Visit, list []signup.Import) console.Table {
	t := console.Table{Caption: v.T("imp.list"), Columns: []console.Column{
		{Title: v.T("imp.file"), Main: true}, {Title: v.T("word.state")},
		{Title: v.T("imp.lines"), Number: true}, {Title: v.T("imp.bad"), Number: true},
		{Title: v.T("word.when")}, {Title: v.T("word.who"), Small: true}},
		Empty: console.Empty{Icon: "up", Title: v.T("imp.none"), Text: v.T("imp.none.text")}}
	for _, i := range list {
		t.Rows = append(t.Rows, console.Row{Href: link("imports", i.ID),
			Cells: []templ.Component{console.Two(i.FileName, dryText(v, i)),
				importBadge(v, i.State), console.Text(v.Number(int64(i.Lines))),
				console.Text(v.Number(int64(i.BadLines))), v.Time(i.Started),
				console.Text(i.By)}})
	}
	return t
}

func dryText(v *console.Visit, i signup.Import) string {
	if i.DryRun {
		return v.T("imp.dry")
	}
	return v.T("imp.real")
}

func (p importPage) progress(v *console.Visit) console.Progress {
	return console.Progress{Label: v.T("imp.phase." + p.Phase), Done: int64(p.Percent()),
		Total: 100, Note: v.T("imp.progress", "checked", v.Number(int64(p.Checked)), "all",
			v.Number(int64(p.Lines)))}
}

func (p importPage) stats(v *console.Visit) []console.Stat {
	list := []console.Stat{
		{Label: v.T("imp.lines"), Value: v.Number(int64(p.Lines)), Note: p.Encoding},
		{Label: v.T("imp.merchants"), Value: v.Number(int64(p.Merchants))},
		{Label: v.T("imp.stores"), Value: v.Number(int64(p.Stores))},
		{Label: v.T("imp.terminals"), Value: v.Number(int64(p.Terminals))},
		{Label: v.T("imp.bad"), Value: v.Number(int64(p.BadLines)), Tone: console.Good,
			Note: v.T("imp.bad.none")},
	}
	if p.BadLines > 0 {
		list[4].Tone = console.Stop
		list[4].Note = v.N("imp.mistakes", int64(p.Mistakes))
	}
	return list
}

func (p importPage) mistakeTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("imp.bad"), Columns: []console.Column{
		{Title: v.T("imp.line"), Main: true, Number: true}, {Title: v.T("imp.column")},
		{Title: v.T("imp.wrong")}}}
	for _, m := range p.mistakes {
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Text(v.Number(int64(m.Line))), columnName(v, m.Field),
			columnMistake(v, m)}})
	}
	return t
}

// columnFields are the fields of the form that the columns of a file fill, where they are not of
// the same name.
var columnFields = map[string]string{"representative_name": "representative.name",
	"representative_kana":       "representative.kana",
	"representative_birth_date": "representative.birth_date",
	"postal_code":               "address.postal_code", "prefecture": "address.prefecture",
	"city": "address.city", "line": "address.line", "building": "address.building",
	"city_latin": "address.city_latin", "bank_code": "bank.bank_code",
	"branch_code": "bank.branch_code", "account_type": "bank.type",
	"account_number": "bank.number", "account_holder_kana": "bank.holder_kana",
	"store_id": "store.id", "store_name": "store.name", "store_name_ja": "store.name_ja",
	"store_postal_code": "store.address.postal_code",
	"store_prefecture":  "store.address.prefecture", "store_city": "store.address.city",
	"store_line": "store.address.line", "store_building": "store.address.building",
	"store_city_latin": "store.address.city_latin", "store_mcc": "store.mcc",
	"store_unified_id":          "store.unified_id",
	"store_per_payment_max_yen": "store.per_payment_max_minor",
	"store_per_day_max_yen":     "store.per_day_max_minor", "terminal_id": "terminal.id",
	"terminal_label": "terminal.label", "terminal_can_refund": "terminal.can_refund"}

// columnField is the field of the form that a column fills.
func columnField(column string) string {
	if field, ok := columnFields[column]; ok {
		return field
	}
	return column
}

// columnMistake is what is wrong with a cell: the page's words for the field, with those of the
// service where they say more.
func columnMistake(v *console.Visit, m signup.Mistake) templ.Component {
	key := "mistake." + columnField(m.Field)
	text := v.T(key)
	switch {
	case text == key:
		return console.Text(m.Text)
	case v.Lang == i18n.English:
		return console.Text(m.Text)
	}
	return console.Two(text, m.Text)
}

func (p importPage) pager(v *console.Visit) console.Pager {
	var at console.Pager
	if len(p.mistakes) == mistakesShown {
		at.Next = v.Here("from", itoa(int64(p.offset+mistakesShown)))
	}
	if p.offset > 0 {
		at.First = v.Here("from", "")
	}
	return at
}

func columnsTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("imp.columns"), Columns: []console.Column{
		{Title: v.T("imp.column"), Main: true}, {Title: v.T("imp.needed")},
		{Title: v.T("imp.meaning")}, {Title: v.T("imp.example")}}}
	for _, c := range signup.Columns() {
		need := v.T("f.optional")
		if c.Needed {
			need = v.T("f.required")
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{console.Code(c.Name),
			console.Text(need), console.Text(meaning(v, c)), console.Code(c.Example)}})
	}
	return t
}

// meaning is what a column is for, in the page's words or else the service's.
func meaning(v *console.Visit, c signup.Column) string {
	key := "f." + columnField(c.Name)
	if text := v.T(key); text != key && v.Lang != i18n.English {
		return text
	}
	return c.Meaning
}

// columnName is a column of the file, with what it is called on the form.
func columnName(v *console.Visit, column string) templ.Component {
	key := "f." + columnField(column)
	if text := v.T(key); text != key {
		return console.Two(text, column)
	}
	return console.Code(orDash(column))
}

package operator

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/ui/console"
)

// books is what the page of the ledger shows.
type books struct {
	Trial  []ledger.TrialLine
	Book   party.Participant // whose book is shown; its No is 0 for the network's own
	Lines  []ledger.Balance
	Closed bool
	Names  roll
	Banks  []party.Participant
}

// holds says whether debits and credits agree everywhere.
func (b books) holds() bool {
	return !slices.ContainsFunc(b.Trial, func(l ledger.TrialLine) bool {
		return l.Debits != l.Credits
	})
}

// showLedger draws the trial balance, and the accounts of one book.
func (p *pages) showLedger(v *console.Visit) error {
	ctx := v.Ctx()
	var b books
	err := p.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		b.Trial, err = ledger.Trial(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if b.Names, err = p.names(ctx); err != nil {
		return err
	}
	if b.Banks, err = p.banks(ctx); err != nil {
		return err
	}
	if id := v.R.FormValue("book"); id != "" {
		if b.Book, err = p.Directory.ByID(ctx, id); err != nil {
			return err
		}
	}
	all, err := p.Chart.Balances(ctx, b.Book.No)
	if err != nil {
		return err
	}
	b.Lines = merchantsTogether(all)
	ref, err := p.Directory.Reference(ctx)
	if err != nil {
		return err
	}
	b.Closed = ref.LedgerClosed
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.ledger"), Tab: "ledger",
		Wide: true}, ledgerPage(v, b))
}

// merchantsTogether leaves out accounts that were never used, and adds up what a bank owes all its
// merchants: there may be thousands. Number 0 marks the sum.
func merchantsTogether(all []ledger.Balance) (list []ledger.Balance) {
	sums := map[money.Currency]int{}
	for _, b := range all {
		if b.Debits == 0 && b.Credits == 0 {
			continue // opened, and never used
		}
		if b.Kind != ledger.MerchantPayable {
			list = append(list, b)
			continue
		}
		i, ok := sums[b.Currency]
		if !ok {
			i = len(list)
			sums[b.Currency] = i
			b.Owner, b.No = 0, 0
			list = append(list, b)
			continue
		}
		list[i].Debits += b.Debits
		list[i].Credits += b.Credits
	}
	slices.SortStableFunc(list, func(a, b ledger.Balance) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Owner, b.Owner))
	})
	return list
}

// bookName is whose book it is.
func (b books) bookName(v *console.Visit, no int64) string {
	if no == 0 {
		return v.T("book.network")
	}
	return v.T("book.bank", "name", b.Names[no].Name)
}

// trialTable compares debits with credits.
func trialTable(v *console.Visit, b books) console.Table {
	t := console.Table{Caption: v.T("ledger.trial"), Columns: []console.Column{
		{Title: v.T("c.book"), Main: true}, {Title: v.T("c.debit"), Number: true},
		{Title: v.T("c.credit"), Number: true}, {Title: v.T("c.state")}},
		Empty: console.Empty{Icon: "copy", Title: v.T("ledger.empty"),
			Text: v.T("ledger.empty.text")}}
	for _, l := range b.Trial {
		row := console.Row{Cells: []templ.Component{
			console.Two(b.bookName(v, l.Book), string(l.Currency)),
			console.Text(minor(v, l.Debits, l.Currency)),
			console.Text(minor(v, l.Credits, l.Currency)),
			v.Badge(console.Good, "", v.T("ledger.even"))}}
		if l.Debits != l.Credits {
			row.Tone = console.Stop
			row.Cells[3] = v.Badge(console.Stop, "", v.T("ledger.off",
				"by", minor(v, l.Debits-l.Credits, l.Currency)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// balanceTable lists the accounts of a book.
func balanceTable(v *console.Visit, b books) console.Table {
	t := console.Table{Caption: v.T("ledger.accounts"), Columns: []console.Column{
		{Title: v.T("c.account"), Main: true}, {Title: v.T("c.debit"), Number: true},
		{Title: v.T("c.credit"), Number: true}, {Title: v.T("ledger.net"), Number: true}},
		Empty: console.Empty{Icon: "copy", Title: v.T("ledger.empty"),
			Text: v.T("ledger.empty.text")}}
	for _, l := range b.Lines {
		owner := b.Names[l.Owner].Name
		if l.Kind == ledger.MerchantPayable {
			owner = v.T("ledger.merchants")
		}
		side := v.T("c.credit")
		if ledger.Kinds[l.Kind] == ledger.Debit {
			side = v.T("c.debit")
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Two(word(v, "account."+string(l.Kind), string(l.Kind)), owner),
			console.Text(minor(v, l.Debits, l.Currency)),
			console.Text(minor(v, l.Credits, l.Currency)),
			console.Two(minor(v, l.Net(), l.Currency), side)}})
	}
	return t
}

// bookTabs lead to the books.
func bookTabs(v *console.Visit, b books) []console.Tab {
	tabs := []console.Tab{{Text: v.T("book.network"), Href: Prefix + "/ledger",
		On: b.Book.No == 0}}
	for _, bank := range b.Banks {
		tabs = append(tabs, console.Tab{Text: bank.Name,
			Href: Prefix + "/ledger?book=" + bank.ID, On: b.Book.No == bank.No})
	}
	return tabs
}

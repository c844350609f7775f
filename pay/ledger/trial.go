package ledger

import (
	"context"
	"fmt"
	"sort"

	"watari/kit/db"
	"watari/kit/money"
)

// Finding is something that does not hold, in words an operator can act on.
type Finding struct {
	Rule string // the invariant, for example L5
	What string // which account, transfer or book
	Text string
}

// Report is what Recompute found.
type Report struct {
	Transfers int64
	Accounts  int64
	Trial     []TrialLine
	Findings  []Finding
}

// Holds reports whether every trial balance holds; other findings do not close the ledger.
func (r Report) Holds() bool {
	for _, l := range r.Trial {
		if l.Debits != l.Credits {
			return false
		}
	}
	return true
}

// pageMax is how many transfers Recompute holds in memory at once.
const pageMax = 5000

// Recompute reads every transfer and compares the sums of its postings with the balances
// (L5), checks each transfer (L1, L2) and each trial balance (L6). each, when not nil, is
// called with every transfer. It must run in one View: what is written meanwhile is not seen.
func Recompute(
	ctx context.Context, tx *db.Tx, each func(Transfer) error,
) (Report, error) {
	var rep Report
	all, err := balances(ctx, tx, -1)
	if err != nil {
		return rep, fmt.Errorf("read balances: %w", err)
	}
	rep.Accounts = int64(len(all))
	byNo := make(map[int64]*tally, len(all))
	for _, b := range all {
		byNo[b.No] = &tally{Balance: b}
	}
	acquirer, id := int64(-1), ""
	for {
		page, err := transfersAfter(ctx, tx, acquirer, id, pageMax)
		if err != nil {
			return rep, fmt.Errorf("read transfers after %s: %w", id, err)
		}
		for i := range page {
			t := &page[i]
			rep.Transfers++
			rep.Findings = append(rep.Findings, count(t, byNo)...)
			if each != nil {
				if err := each(t.Transfer); err != nil {
					return rep, err
				}
			}
		}
		if len(page) < pageMax {
			break
		}
		acquirer, id = page[len(page)-1].AcquirerNo, page[len(page)-1].ID
	}
	rep.Trial = trial(byNo)
	rep.Findings = append(rep.Findings, compare(byNo, rep.Trial)...)
	return rep, nil
}

// tally is a balance and what the postings say it should be.
type tally struct {
	Balance
	debits, credits int64
}

// count adds a transfer's postings to the tallies and checks it (L1, L2).
func count(t *storedTransfer, byNo map[int64]*tally) []Finding {
	for _, l := range t.lines {
		a := byNo[l.account]
		if a == nil {
			return []Finding{{"L2", t.ID, fmt.Sprintf("account %d does not exist", l.account)}}
		}
		t.Postings = append(t.Postings, Posting{a.Account, l.side, l.minor})
		if l.side == Debit {
			a.debits += l.minor
		} else {
			a.credits += l.minor
		}
	}
	if err := Balanced(t.Postings); err != nil {
		return []Finding{{"L2", t.ID, err.Error()}}
	}
	return nil
}

// trial sums the kept balances by book and currency.
func trial(byNo map[int64]*tally) []TrialLine {
	type pot struct {
		book int64
		cur  money.Currency
	}
	sums := map[pot]*TrialLine{}
	for _, a := range byNo {
		at := pot{a.Book, a.Currency}
		if sums[at] == nil {
			sums[at] = &TrialLine{Book: a.Book, Currency: a.Currency}
		}
		sums[at].Debits += a.Balance.Debits
		sums[at].Credits += a.Balance.Credits
	}
	out := make([]TrialLine, 0, len(sums))
	for _, l := range sums {
		out = append(out, *l)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Book != out[j].Book {
			return out[i].Book < out[j].Book
		}
		return out[i].Currency < out[j].Currency
	})
	return out
}

// compare lists the balances that differ from their postings (L5) and the books whose sides
// differ (L6).
func compare(byNo map[int64]*tally, lines []TrialLine) []Finding {
	var out []Finding
	for no, a := range byNo {
		if a.debits != a.Balance.Debits || a.credits != a.Balance.Credits {
			out = append(out, Finding{"L5", fmt.Sprintf("account %d", no), fmt.Sprintf(
				"%s of %d in %s: balance %d/%d, postings %d/%d", a.Kind, a.Owner, a.Currency,
				a.Balance.Debits, a.Balance.Credits, a.debits, a.credits)})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].What < out[j].What })
	for _, l := range lines {
		if l.Debits != l.Credits {
			out = append(out, Finding{"L6", fmt.Sprintf("book %d %s", l.Book, l.Currency),
				fmt.Sprintf("debits %d, credits %d", l.Debits, l.Credits)})
		}
	}
	return out
}

// Trial returns the trial balance of every book and currency from the kept balances (L6).
func Trial(ctx context.Context, tx *db.Tx) ([]TrialLine, error) {
	all, err := balances(ctx, tx, -1)
	if err != nil {
		return nil, err
	}
	byNo := make(map[int64]*tally, len(all))
	for _, b := range all {
		byNo[b.No] = &tally{Balance: b}
	}
	return trial(byNo), nil
}

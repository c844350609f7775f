package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/id"
	"watari/pay/ledger"
)

var sets = []fs.FS{ledger.Migrations}

// accounts opens a few accounts in two books and two currencies.
func accounts(t testing.TB, d *db.DB) []ledger.Account {
	t.Helper()
	c := ledger.NewChart(d)
	as, err := c.Ensure(context.Background(),
		ledger.Key{Kind: ledger.FXPosition, Currency: "JPY"},
		ledger.Key{Kind: ledger.AcquirerPayable, Owner: 1, Currency: "JPY"},
		ledger.Key{Kind: ledger.IssuerReceivable, Owner: 2, Currency: "CNY"},
		ledger.Key{Kind: ledger.FXPosition, Currency: "CNY"},
		ledger.Key{Book: 1, Kind: ledger.NetworkReceivable, Currency: "JPY"},
		ledger.Key{Book: 1, Kind: ledger.MerchantPayable, Owner: 7, Currency: "JPY"})
	if err != nil {
		t.Fatal(err)
	}
	return as
}

func transfer(as []ledger.Account, yen, fen int64) ledger.Transfer {
	return ledger.Transfer{AcquirerNo: 1, ID: ledger.TransferID(id.New("pay", 1),
		ledger.CauseApproval), PaymentID: id.New("pay", 1), IssuerNo: 2,
		Cause: ledger.CauseApproval, At: clock.Now(), AcquirerDay: "2026-11-22",
		IssuerDay: "2026-11-22", Postings: []ledger.Posting{
			ledger.Dr(as[0], yen), ledger.Cr(as[1], yen),
			ledger.Dr(as[2], fen), ledger.Cr(as[3], fen),
			ledger.Dr(as[4], yen), ledger.Cr(as[5], yen)}}
}

func post(d *db.DB, lane int, ts ...ledger.Transfer) error {
	return d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		if err := ledger.Post(ctx, tx, ts); err != nil {
			return err
		}
		return ledger.Move(ctx, tx, lane, ts)
	})
}

func recompute(t testing.TB, d *db.DB) ledger.Report {
	t.Helper()
	var rep ledger.Report
	err := d.View(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		rep, err = ledger.Recompute(ctx, tx, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// Goal: after any transfers on any lanes the balances are the sums of the postings and every
// book balances in every currency (L5, L6), and a mirror takes everything back.
func TestBooksBalanceAfterAnyTransfers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		as := accounts(t, d)
		rapid.Check(t, func(rt *rapid.T) {
			n := rapid.IntRange(1, 5).Draw(rt, "transfers")
			ts := make([]ledger.Transfer, n)
			for i := range ts {
				ts[i] = transfer(as, rapid.Int64Range(1, 1<<40).Draw(rt, "yen"),
					rapid.Int64Range(1, 1<<40).Draw(rt, "fen"))
			}
			if err := post(d, rapid.IntRange(1, 3).Draw(rt, "lane"), ts...); err != nil {
				rt.Fatal(err)
			}
			undo := ts[0]
			undo.ID, undo.Corrects = ledger.TransferID(id.New("pay", 1), ledger.CauseCancel),
				ts[0].ID
			undo.Cause, undo.Postings = ledger.CauseCancel, ledger.Mirror(undo.Postings)
			if err := post(d, 1, undo); err != nil {
				rt.Fatal(err)
			}
		})
		rep := recompute(t, d)
		if !rep.Holds() || len(rep.Findings) != 0 || len(rep.Trial) != 3 {
			t.Errorf("report %+v", rep)
		}
	})
}

// Goal: a transfer that does not balance in a book and currency is never written (L1, L2).
func TestUnbalancedTransfersAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		as := accounts(t, d)
		wrong := map[string][]ledger.Posting{
			"one side":    {ledger.Dr(as[0], 5)},
			"other sum":   {ledger.Dr(as[0], 5), ledger.Cr(as[1], 4)},
			"currencies":  {ledger.Dr(as[0], 5), ledger.Cr(as[3], 5)},
			"books":       {ledger.Dr(as[0], 5), ledger.Cr(as[5], 5)},
			"zero":        {ledger.Dr(as[0], 0), ledger.Cr(as[1], 0)},
			"negative":    {ledger.Dr(as[0], -5), ledger.Cr(as[1], -5)},
			"without any": {},
		}
		for name, ps := range wrong {
			err := func() (err error) {
				defer func() { err = caught(recover(), err) }()
				tr := transfer(as, 1, 1)
				tr.Postings = ps
				return post(d, 1, tr)
			}()
			var defect check.Defect
			if !errors.As(err, &defect) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if rep := recompute(t, d); rep.Transfers != 0 {
			t.Errorf("%d transfers were written", rep.Transfers)
		}
	})
}

// caught turns a recovered defect into an error.
func caught(v any, err error) error {
	if e, ok := v.(error); ok {
		return e
	}
	if v != nil {
		return fmt.Errorf("panic: %v", v)
	}
	return err
}

// Goal: two nodes that need new accounts at the same moment open each once and agree on its
// number; neither fails.
func TestNodesOpenAccountsTogether(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets...)
			var charts []*ledger.Chart
			for range 4 {
				charts = append(charts,
					ledger.NewChart(dbtest.Open(t, location, db.Options{MaxConns: 4})))
			}
			for round := range int64(12) {
				got := make([][]ledger.Account, len(charts))
				var wg sync.WaitGroup
				for i, c := range charts {
					wg.Go(func() {
						var err error
						got[i], err = c.Ensure(context.Background(),
							ledger.Key{Kind: ledger.AcquirerPayable, Owner: 0, Currency: "JPY"},
							ledger.Key{Kind: ledger.AcquirerPayable, Currency: "JPY",
								Owner: 100*(round+1) + int64(i)},
							ledger.Key{Book: round, Kind: ledger.MDRIncome, Currency: "JPY"})
						if err != nil {
							t.Errorf("round %d: %v", round, err)
						}
					})
				}
				wg.Wait()
				for _, as := range got[1:] {
					if len(as) != 3 || as[0] != got[0][0] || as[2] != got[0][2] {
						t.Fatalf("round %d: %v and %v", round, as, got[0])
					}
				}
			}
		})
	}
}

// Goal: the same step cannot be booked twice (L4).
func TestSameTransferTwiceIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		tr := transfer(accounts(t, d), 100, 5)
		if err := post(d, 1, tr); err != nil {
			t.Fatal(err)
		}
		if err := post(d, 1, tr); !db.IsUnique(err) {
			t.Errorf("got %v", err)
		}
		if rep := recompute(t, d); rep.Transfers != 1 || len(rep.Findings) != 0 {
			t.Errorf("report %+v", rep)
		}
	})
}

// Goal: a balance or a posting that was touched behind the program's back is found.
// Method: change one column after the other with plain SQL.
func TestRecomputeFindsWhatWasTouched(t *testing.T) {
	t.Parallel()
	for rule, q := range map[string]string{
		"L5": `update ledger_balance set debits_minor = debits_minor + 1 where account_no = 1`,
		"L2": `update ledger_transfer set postings = '1d100 2c99 3d5 4c5 5d100 6c100'`,
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
				if err := post(d, 1, transfer(accounts(t, d), 100, 5)); err != nil {
					t.Fatal(err)
				}
				err := d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
					_, err := tx.Exec(ctx, q)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				found := false
				rep := recompute(t, d)
				for _, f := range rep.Findings {
					found = found || f.Rule == rule
				}
				if !found || rule == "L5" && rep.Holds() {
					t.Errorf("report %+v", rep)
				}
			})
		})
	}
}

// Goal: accounts are made once, also when two nodes make them at the same moment.
func TestAccountsAreMadeOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		numbers := make(chan []ledger.Account, 8)
		for range cap(numbers) {
			go func() { numbers <- accounts(t, d) }()
		}
		first := <-numbers
		for range cap(numbers) - 1 {
			for i, a := range <-numbers {
				if a != first[i] {
					t.Errorf("account %d is %+v and %+v", i, first[i], a)
				}
			}
		}
	})
}

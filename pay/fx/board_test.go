package fx_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/pay/fx"
	"watari/sandbox/rates"
)

// each runs fn with a board on both engines.
func each(t *testing.T, cfg fx.Config, fn func(t *testing.T, b *fx.Board, d *db.DB)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{fx.Migrations}, func(t *testing.T, d *db.DB) {
		fn(t, fx.New(d, cfg), d)
	})
}

// Goal: importing the published file stores its newest days, once (X3). Method: import it twice,
// then a longer window of it.
func TestImportIsIdempotent(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{Keep: 60}, func(t *testing.T, b *fx.Board, d *db.DB) {
		first := load(t, b, string(rates.Recent), "job:rates")
		second := load(t, b, string(rates.Recent), "job:rates")
		longer := load(t, fx.New(d, fx.Config{}), string(rates.Recent), "job:rates")

		if first.Days != 60 || first.Newest != "2026-04-13" || first.Oldest != "2026-01-16" ||
			first.Applied != 60*29 || first.Same != 0 || len(first.First) != 29 {
			t.Errorf("first: got %+v", first)
		}
		if second.Applied != 0 || second.Same != 60*29 || len(second.First) != 0 {
			t.Errorf("second: got %+v", second)
		}
		if longer.Days != 90 || longer.Same != 60*29 || longer.Applied != 30*29 {
			t.Errorf("longer: got %+v", longer)
		}
		if first.Held+second.Held+longer.Held != 0 || len(first.Changes) != 0 {
			t.Errorf("the published file is held back: %+v", first)
		}
		newest, err := b.Newest(t.Context())
		if err != nil || len(newest) != 29 || newest["JPY"].Date != "2026-04-13" ||
			newest["JPY"].Rates[0].Rate.String() != "186.75" {
			t.Errorf("newest: got %v, %v", newest, err)
		}
	})
}

// Goal: nodes that import one file at once store it once (X3). Method: four boards, one database.
func TestImportsAtOnceFollowOneAnother(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, _ *fx.Board, d *db.DB) {
		reports := make([]fx.Report, 4)
		var wg sync.WaitGroup
		for i := range reports {
			wg.Go(func() { reports[i] = load(t, fx.New(d, fx.Config{}), string(rates.Recent), "job") })
		}
		wg.Wait()

		applied, same := 0, 0
		for _, r := range reports {
			applied, same = applied+r.Applied, same+r.Same
		}
		if applied != 90*29 || same != 3*90*29 {
			t.Errorf("applied %d, same %d", applied, same)
		}
	})
}

// Goal: a file that cannot be right is not imported. Method: a day to come, and no name.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, d *db.DB) {
		future := "Date,JPY\n2199-01-02,186.75\n"
		if _, err := b.Import(t.Context(), strings.NewReader(future), "ann"); !errors.Is(
			err, fx.ErrFile) {
			t.Errorf("a day to come: got %v", err)
		}
		if _, err := b.Import(t.Context(), bytes.NewReader(rates.Recent), " "); err == nil {
			t.Error("no name: want an error")
		}
		half := string(rates.Recent[:20_000])
		if _, err := b.Import(t.Context(), strings.NewReader(half), "ann"); !errors.Is(
			err, fx.ErrFile) {
			t.Errorf("half a file: got %v", err)
		}
		if newest, err := b.Newest(t.Context()); err != nil || len(newest) != 0 {
			t.Errorf("got %v, %v, want nothing", newest, err)
		}
		sandbox := fx.New(d, fx.Config{RepeatLastDay: true})
		if _, err := sandbox.Import(t.Context(), strings.NewReader(future), "ann"); err != nil {
			t.Errorf("the sandbox takes any day: got %v", err)
		}
	})
}

// day is one line of a small file: EUR to JPY, CNY and CHF.
type day struct{ date, jpy, cny, chf string }

// file writes days, given from old to new, as the bank does.
func file(days ...day) string {
	var b strings.Builder
	b.WriteString("Date,JPY,CNY,CHF,\n")
	for _, d := range slices.Backward(days) {
		fmt.Fprintf(&b, "%s,%s,%s,%s,\n", d.date, d.jpy, d.cny, d.chf)
	}
	return b.String()
}

var (
	monday  = day{"2026-04-13", "186.75", "7.9827", "0.9242"}
	tuesday = day{"2026-04-14", "187.10", "7.9901", "0.9238"}
)

// Goal: a rate more than 5 % off waits for a second person, the others go on (X4, X5). Method:
// a jump of the yuan; the maker tries, another approves.
func TestJumpWaitsForASecondPerson(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, _ *db.DB) {
		jump := day{"2026-04-14", "187.10", "8.3820", "0.9238"}
		load(t, b, file(monday), "ann")

		report := load(t, b, file(monday, jump), "ann")
		again := load(t, b, file(monday, jump), "bob")

		if report.Applied != 2 || report.Held != 1 || len(report.Changes) != 1 ||
			again.Held != 1 || len(again.Changes) != 0 {
			t.Fatalf("got %+v, then %+v", report, again)
		}
		change := only(t, b, fx.Open)
		want := fx.Held{Currency: "CNY", Rate: "8.382", Was: "7.9827", WasDay: "2026-04-13",
			Why: fx.Moved}
		if change.Maker != "ann" || change.Day != "2026-04-14" ||
			!slices.Equal(change.Held, []fx.Held{want}) || change.ID != report.Changes[0] {
			t.Errorf("got %+v", change)
		}
		// Yen to francs goes on with Tuesday, yen to yuan stays with Monday (X6).
		at := time.Date(2026, 4, 14, 16, 0, 0, 0, time.UTC)
		if q := quote(t, b, "CHF", at); q.Day != "2026-04-14" {
			t.Errorf("CHF: got %+v", q)
		}
		if q := quote(t, b, "CNY", at); q.Day != "2026-04-13" {
			t.Errorf("CNY: got %+v", q)
		}

		for _, own := range []string{"ann", "Ann "} {
			if err := b.Approve(t.Context(), change.ID, own); !errors.Is(err, fx.ErrChangeOwn) {
				t.Errorf("%q: got %v, want ErrChangeOwn", own, err)
			}
		}
		if err := b.Approve(t.Context(), change.ID, "bob"); err != nil {
			t.Fatal(err)
		}
		if q := quote(t, b, "CNY", at.Add(time.Hour)); q.Day != "2026-04-14" {
			t.Errorf("after approval: got %+v", q)
		}
		if done := only(t, b, fx.Approved); done.Checker != "bob" || done.Decided.IsZero() {
			t.Errorf("got %+v", done)
		}
		for _, decide := range []func(context.Context, string, string) error{b.Approve, b.Reject} {
			if err := decide(t.Context(), change.ID, "eve"); !errors.Is(err, fx.ErrChangeDecided) {
				t.Errorf("decided again: got %v", err)
			}
		}
		if last := load(t, b, file(monday, jump), "ann"); last.Held != 0 || last.Same != 6 {
			t.Errorf("after approval: got %+v", last)
		}
	})
}

// Goal: an inverted file changes nothing, not even where one cannot see it (X4). Method: the
// franc turned round near par is less than 5 % off; the yen gives the file away.
func TestInvertedFileIsHeldWhole(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, _ *db.DB) {
		parity := day{"2026-04-13", "186.75", "7.9827", "0.9842"}
		load(t, b, file(parity), "ann")

		inverted := day{"2026-04-14", "0.00534473543", "0.125153", "1.0160"}
		report := load(t, b, file(inverted), "ann")

		if report.Applied != 0 || report.Held != 3 {
			t.Fatalf("got %+v", report)
		}
		why := map[money.Currency]fx.Why{}
		for _, h := range only(t, b, fx.Open).Held {
			why[h.Currency] = h.Why
		}
		if why["JPY"] != fx.Inverted || why["CNY"] != fx.Inverted || why["CHF"] != fx.Doubtful {
			t.Errorf("got %v", why)
		}

		// The right file of that day supersedes the question.
		right := day{"2026-04-14", "187.10", "7.9901", "0.9838"}
		if good := load(t, b, file(parity, right), "job:rates"); good.Applied != 3 {
			t.Errorf("the right file: got %+v", good)
		}
		if old := only(t, b, fx.Superseded); old.Checker != "job:rates" {
			t.Errorf("got %+v", old)
		}
	})
}

// Goal: another rate for a day that is stored is a correction, and waits (X4). Method: a small
// difference, rejected; then another, approved.
func TestCorrectionWaits(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, _ *db.DB) {
		load(t, b, file(monday, tuesday), "ann")
		corrected := monday
		corrected.cny = "7.9830"

		report := load(t, b, file(corrected, tuesday), "ann")
		if report.Held != 1 || len(report.Changes) != 1 || report.Same != 5 {
			t.Fatalf("got %+v", report)
		}
		if h := only(t, b, fx.Open).Held[0]; h.Why != fx.Corrected || h.Was != "7.9827" {
			t.Errorf("got %+v", h)
		}
		if err := b.Reject(t.Context(), report.Changes[0], "ann"); err != nil {
			t.Errorf("the maker may reject: got %v", err)
		}
		if again := load(t, b, file(corrected, tuesday), "ann"); len(again.Changes) != 0 {
			t.Errorf("a rejected change is asked again: %+v", again)
		}

		corrected.cny = "7.9831"
		second := load(t, b, file(corrected, tuesday), "ann")
		if err := b.Approve(t.Context(), second.Changes[0], "bob"); err != nil {
			t.Fatal(err)
		}
		if last := load(t, b, file(corrected, tuesday), "ann"); last.Held != 0 {
			t.Errorf("after approval: got %+v", last)
		}
	})
}

// Goal: a lasting jump is approved once: the days after it compare with it. Method: approve the
// first of two days, import again.
func TestDaysAfterAnApprovedJumpFollow(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, _ *db.DB) {
		days := file(monday, day{"2026-04-14", "170.00", "7.9901", "0.9238"},
			day{"2026-04-15", "169.50", "7.9910", "0.9240"})
		load(t, b, file(monday), "ann")
		report := load(t, b, days, "ann")
		if report.Held != 2 || len(report.Changes) != 2 {
			t.Fatalf("got %+v", report)
		}
		if err := b.Approve(t.Context(), report.Changes[0], "bob"); err != nil {
			t.Fatal(err)
		}

		last := load(t, b, days, "ann")

		if last.Held != 0 || last.Applied != 1 {
			t.Errorf("got %+v", last)
		}
		if c := only(t, b, fx.Superseded); c.Day != "2026-04-15" {
			t.Errorf("got %+v", c)
		}
	})
}

// Goal: what is not there is said so. Method: unknown ids, no name.
func TestDecisionsNeedAChangeAndAName(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, d *db.DB) {
		if err := b.Approve(t.Context(), "fxc_none", "bob"); !errors.Is(err, fx.ErrChangeUnknown) {
			t.Errorf("got %v", err)
		}
		if err := b.Reject(t.Context(), "fxc_none", ""); err == nil {
			t.Error("no name: want an error")
		}
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := fx.Find(ctx, tx, "quo_none")
			return err
		})
		if !errors.Is(err, fx.ErrQuoteUnknown) {
			t.Errorf("got %v", err)
		}
	})
}

// load imports a file that must be sound.
func load(t *testing.T, b *fx.Board, text, by string) fx.Report {
	t.Helper()
	report, err := b.Import(t.Context(), strings.NewReader(text), by)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// only returns the one change in a state.
func only(t *testing.T, b *fx.Board, state fx.State) fx.Change {
	t.Helper()
	list, err := b.Changes(t.Context(), state)
	if err != nil || len(list) != 1 {
		t.Fatalf("%s changes: got %+v, %v, want one", state, list, err)
	}
	return list[0]
}

// quote returns a live quote from JPY for issuer 1 without a spread.
func quote(t *testing.T, b *fx.Board, to money.Currency, now time.Time) fx.Quote {
	t.Helper()
	q, err := b.Live(t.Context(), 1, "JPY", to, 0, now)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"watari/kit/audit"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
)

var sets = []fs.FS{event.Migrations()}

// filled is a log of two lanes with events of two acquirers.
func filled(t *testing.T, d *db.DB, n int) *event.Log {
	t.Helper()
	log := event.NewLog(d)
	for i := range n {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return log.Append(ctx, tx, 1+i%2, []event.Event{{Kind: "person.moved",
				Subject: fmt.Sprintf("per_%d", i), AcquirerNo: int64(1 + i%3), Actor: "person:名",
				Data: []byte(fmt.Sprintf(`{"n": %d, "text": "<&\u2028\"\\ 名"}`, i))}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return log
}

// export returns an export in parts of at most limit events.
func export(t *testing.T, log *event.Log, acquirerNo int64, limit int) (parts []string) {
	t.Helper()
	after := ""
	for {
		var b bytes.Buffer
		next, err := audit.Export(t.Context(), log, acquirerNo, after, limit, &b)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, b.String())
		if next == "" {
			return parts
		}
		after = next
	}
}

func verify(parts ...string) (audit.Report, error) {
	var rs []io.Reader
	for _, p := range parts {
		rs = append(rs, strings.NewReader(p))
	}
	return audit.Verify(rs...)
}

// Goal: an export of everything, in one part or many, is proved whole; one of an acquirer proves
// each of its events (T1, T2). Method: export and verify on both engines.
func TestExportIsVerifiedElsewhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		log := filled(t, d, 31)
		for _, limit := range []int{0, 1, 7, 31, 100} {
			parts := export(t, log, 0, limit)
			got, err := verify(parts...)
			if err != nil || !got.Whole || got.Events != 31 || len(got.Lanes) != 2 {
				t.Errorf("parts of %d: %+v, %v", limit, got, err)
			}
		}
		got, err := verify(export(t, log, 2, 4)...)
		if err != nil || got.Whole || got.Events != 10 || got.AcquirerNo != 2 {
			t.Errorf("of one acquirer: %+v, %v", got, err)
		}
		if err := log.VerifyChain(t.Context()); err != nil {
			t.Error(err)
		}
		if got, err = verify(export(t, event.NewLog(dbtest.New(t, d.Engine(), sets...)), 0,
			0)...); err != nil || !got.Whole || got.Events != 0 {
			t.Errorf("of nothing: %+v, %v", got, err)
		}
	})
}

// Goal: nothing can be altered unseen (T1). Method: one change of each sort to a good export.
func TestAlteredExportDoesNotVerify(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, sets...)
	log := filled(t, d, 12)
	good := export(t, log, 0, 0)[0]
	lines := strings.SplitAfter(strings.TrimSuffix(good, "\n"), "\n")
	join := func(ls ...[]string) string {
		var b strings.Builder
		for _, l := range ls {
			b.WriteString(strings.Join(l, ""))
		}
		return b.String()
	}
	swapped := append([]string(nil), lines...)
	swapped[2], swapped[3] = swapped[3], swapped[2]
	parts := export(t, log, 0, 5)
	for name, text := range map[string][]string{
		"one letter":       {strings.Replace(good, "per_4", "per_5", 1)},
		"a number":         {strings.Replace(good, `\"n\": 3`, `\"n\": 4`, 1)},
		"an actor":         {strings.Replace(good, "person:名", "person:x", 1)},
		"a line less":      {join(lines[:3], lines[4:])},
		"the end of one":   {join(lines[:6], lines[7:])},
		"swapped":          {join(swapped)},
		"twice":            {join(lines[:3], lines[2:])},
		"cut off":          {join(lines[:5])},
		"no first line":    {join(lines[1:])},
		"more behind":      {good + "{}\n"},
		"a part less":      {parts[0], parts[2]},
		"the first only":   {parts[0]},
		"parts of another": {parts[0], export(t, log, 1, 0)[0]},
		"nothing":          {},
		"an empty file":    {""},
		"not an export":    {"{\"a\":1}\n"},
		"a count": {strings.Replace(good, `"end":true,"events":12`, `"end":true,"events":11`,
			1)},
	} {
		_, err := verify(text...)
		if broken := new(audit.BrokenError); !errors.As(err, &broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := verify(parts...); err != nil {
		t.Error(err)
	}
}

// Goal: who looks back sees the newest first, page by page, with filters, and what came meanwhile
// does not shift the pages. Method: small pages against the whole list.
func TestLookingBackMissesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		log := filled(t, d, 25)
		var got []string
		var before event.Cursor
		for more := true; more; {
			var page []event.Event
			var err error
			page, before, more, err = log.Recent(t.Context(), before,
				event.Query{AcquirerNo: 3, Kind: "person."}, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				got = append(got, e.Subject)
			}
			if len(got) == 3 {
				filled(t, d, 4)
			}
		}
		want := "per_23 per_20 per_17 per_14 per_11 per_8 per_5 per_2"
		if strings.Join(got, " ") != want {
			t.Errorf("got %v", got)
		}
		one, _, more, err := log.Recent(t.Context(), event.Cursor{}, event.Query{AcquirerNo: 2,
			Subject: "per_1", Actor: "person:名"}, 5)
		if err != nil || more || len(one) != 2 || one[0].Subject != "per_1" {
			t.Errorf("of one subject: %v %v %v", one, more, err)
		}
		none, _, more, err := log.Recent(t.Context(), event.Cursor{},
			event.Query{Kind: "payment."}, 3)
		if err != nil || more || len(none) != 0 {
			t.Errorf("payments: %v %v %v", none, more, err)
		}
	})
}

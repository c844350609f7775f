package fx

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/money"
)

// Report says what an import did.
type Report struct {
	// Newest and Oldest are the days of the file that were looked at.
	Newest, Oldest string
	// Days is how many they are.
	Days int
	// Applied is how many rates are new and in use now; Same how many were stored before.
	Applied, Same int
	// First are the currencies that were seen for the first time: nothing vouches for them.
	First []money.Currency
	// Changes are the ids of changes that this import made.
	Changes []string
	// Held is how many rates of the file are not applied, those of earlier changes included.
	Held int
}

// Import reads a file of the European Central Bank (ReadECB) and applies what is new in its newest
// Config.Keep days. Suspicious rates are not applied and become changes, one a day (X4), made by
// the given person or job. Importing the same file again does nothing (X3).
//
// A file whose newest day is after today is refused, unless Config.RepeatLastDay is set.
//
// Errors: ErrFile; those of r and of the database. Nothing is applied then.
func (b *Board) Import(ctx context.Context, r io.Reader, by string) (Report, error) {
	if strings.TrimSpace(by) == "" {
		return Report{}, errors.New("whoever imports rates has a name")
	}
	days, err := b.read(r)
	if err != nil {
		return Report{}, err
	}
	var report Report
	err = b.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		report, err = b.apply(ctx, tx, days, by)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("import rates: %w", err)
	}
	b.desk.Wake()
	return report, nil
}

// read returns the newest days of a file, the oldest first. All of the file is checked.
func (b *Board) read(r io.Reader) ([]Day, error) {
	var days []Day
	for day, err := range ReadECB(r) {
		if err != nil {
			return nil, err
		}
		if len(days) < b.cfg.Keep {
			days = append(days, day)
		}
	}
	slices.Reverse(days)
	// Central Europe is ahead of UTC: its day begins at 22:00 in summer.
	today := clock.Now().Add(2 * time.Hour).Format(time.DateOnly)
	if newest := days[len(days)-1].Date; newest > today && !b.cfg.RepeatLastDay {
		return nil, ErrFile.Newf("the newest day, %s, is after today", newest).
			Set("line", 2).Set("column", 1)
	}
	return days, nil
}

// apply writes what is new in days, which go from old to new.
func (b *Board) apply(ctx context.Context, tx *db.Tx, days []Day, by string) (Report, error) {
	now := clock.Now()
	if err := lockBoard(ctx, tx, now); err != nil {
		return Report{}, err
	}
	stored, err := ratesSince(ctx, tx, days[0].Date)
	if err != nil {
		return Report{}, err
	}
	before, err := newestBefore(ctx, tx, days[0].Date)
	if err != nil {
		return Report{}, err
	}

	report := Report{Oldest: days[0].Date, Newest: days[len(days)-1].Date, Days: len(days)}
	var rates []applied
	var changes []Change
	from := pricedFrom(days, stored, before)
	for _, day := range days {
		s := sift(day, stored[day.Date], before, day.Date < from)
		for _, r := range s.apply {
			rates = append(rates, applied{day.Date, r})
		}
		follow(before, day.Date, s.apply, stored[day.Date])
		report.Same += s.same
		report.Held += len(s.held)
		for _, r := range s.first {
			report.First = append(report.First, r.Currency)
		}
		changes = append(changes, Change{Day: day.Date, Held: s.held, Source: b.cfg.Source})
	}
	report.Applied = len(rates)
	if err := insertRates(ctx, tx, rates, b.cfg.Source, by, now); err != nil {
		return Report{}, err
	}
	report.Changes, err = b.propose(ctx, tx, changes, foureyes.Person{Name: by})
	return report, err
}

// pricedFrom returns the first day of a file that can price a payment: days after the newest
// stored one, or the newest of the file where nothing is stored. Earlier days are history.
func pricedFrom(
	days []Day, stored map[string]map[money.Currency]money.Decimal,
	before map[money.Currency]known,
) string {
	newest := ""
	for day := range stored {
		newest = max(newest, day)
	}
	for _, k := range before {
		newest = max(newest, k.day)
	}
	if newest == "" {
		return days[len(days)-1].Date
	}
	return newest
}

// follow moves the newest known rates on to a day.
func follow(before map[money.Currency]known, day string, fresh []Reference,
	stored map[money.Currency]money.Decimal) {
	for c, rate := range stored {
		before[c] = known{day, rate}
	}
	for _, r := range fresh {
		before[r.Currency] = known{day, r.Rate}
	}
}

// propose stores the changes that hold something, and supersedes open ones of the same days that
// hold something else. It returns the ids of those that were not known.
func (b *Board) propose(
	ctx context.Context, tx *db.Tx, changes []Change, by foureyes.Person,
) ([]string, error) {
	open, err := foureyes.List(ctx, tx, foureyes.Filter{Kind: ChangeKind, State: Open})
	if err != nil {
		return nil, err
	}
	digests := map[string]string{}
	var fresh []foureyes.Request
	for _, c := range changes {
		r, err := c.request()
		if err != nil {
			return nil, fmt.Errorf("write held rates: %w", err)
		}
		digests[r.Subject] = r.Digest
		if len(c.Held) > 0 {
			fresh = append(fresh, r)
		}
	}
	for _, old := range open {
		if digest, ok := digests[old.Subject]; ok && digest != old.Digest {
			if err := b.desk.Supersede(ctx, tx, by, old); err != nil {
				return nil, err
			}
		}
	}
	made, err := b.desk.Propose(ctx, tx, by, fresh...)
	ids := make([]string, len(made))
	for i, r := range made {
		ids[i] = r.ID
	}
	return ids, err
}

// digest names what a change asks for: its day and rates, whoever made it and when.
func (c Change) digest() string {
	var text strings.Builder
	for _, h := range c.Held {
		fmt.Fprintf(&text, "%s %s\n", h.Currency, h.Rate)
	}
	sum := sha256.Sum256([]byte(c.Day + "\n" + text.String()))
	return hex.EncodeToString(sum[:])
}

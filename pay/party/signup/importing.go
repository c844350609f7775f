package signup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/pay/party"
)

// stride is after how many lines an import says how far it is.
const stride = 500

// errEnded says that somebody ended an import that was believed dead.
var errEnded = errors.New("the import was ended meanwhile")

// run does an import to its end, whatever that is.
func (s *Service) run(job Import, by foureyes.Person, text string) {
	ctx, cancel := context.WithCancel(s.life)
	defer cancel()
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		s.live(ctx, cancel, job.ID)
	}()
	wrong, err := s.work(ctx, &job, by, text)
	cancel()
	<-beating
	if err == nil {
		return
	}
	s.fail(job, wrong, err)
}

// errWrong says that a file has mistakes.
var errWrong = errors.New("the file has mistakes")

// endIn bounds how long the end of an import takes to be written once the service stops.
const endIn = 3 * time.Second

// fail writes the end of an import that made nothing.
func (s *Service) fail(job Import, wrong *mistakes, cause error) {
	job.State, job.Ended, job.Merchants, job.Stores, job.Terminals = ImportFailed, now(), 0, 0, 0
	kind := "import.failed"
	switch {
	case errors.Is(cause, errEnded):
		return
	case errors.Is(cause, errWrong):
		job.Reason = "lines are wrong; nothing was made"
	case s.life.Err() != nil:
		job.State, job.Reason, kind = ImportInterrupted, dead, "import.interrupted"
	default:
		d := check.Recovered(cause)
		job.Reason = "it could not be done; our reference is " + d.ID
		s.Logger.Error("import not done", "import", job.ID, "reference", d.ID, "error", cause)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.life), endIn)
	defer cancel()
	err := s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		if ok, err := endImport(ctx, tx, job); err != nil || !ok {
			return err
		}
		if err := insertMistakes(ctx, tx, job.ID, wrong.kept); err != nil {
			return err
		}
		return s.tellImport(ctx, tx, job, kind)
	})
	if err != nil {
		s.Logger.Error("end of an import not kept; it is seen as interrupted", "import", job.ID,
			"error", err)
	}
}

// live says that an import lives until ctx ends, and cancels it when somebody has ended it.
func (s *Service) live(ctx context.Context, cancel context.CancelFunc, importID string) {
	tick := time.NewTicker(s.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		alive := true
		err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			alive, err = beatImport(ctx, tx, importID, clock.Now().Add(s.leaseFor()))
			return err
		})
		if err == nil && !alive {
			cancel()
			return
		}
	}
}

// work reads, checks and makes. A defect is an error.
func (s *Service) work(
	ctx context.Context, job *Import, by foureyes.Person, text string,
) (wrong *mistakes, err error) {
	wrong = &mistakes{}
	defer func() {
		if v := recover(); v != nil {
			err = check.Recovered(v)
		}
	}()
	p := readPage(text)
	b := newBook(clock.Now(), p.wrong)
	wrong = &b.wrong
	job.Phase, job.Lines = phaseChecking, len(p.lines)
	for i, l := range p.lines {
		b.take(l)
		if job.Checked = i + 1; job.Checked%stride == 0 {
			if err := s.progress(ctx, job, &b.wrong); err != nil {
				return wrong, err
			}
		}
	}
	if err := s.taken(ctx, job.AcquirerNo, b); err != nil {
		return wrong, err
	}
	if len(b.entries) == 0 && b.wrong.count == 0 {
		b.wrong.add(1, "", "there is no line below the header")
	}
	job.Phase = phaseMaking
	if err := s.progress(ctx, job, &b.wrong); err != nil {
		return wrong, err
	}
	if b.wrong.count > 0 {
		return wrong, errWrong
	}
	return wrong, s.make(ctx, job, by, b)
}

// taken looks for ids that the acquirer has given to merchants before.
func (s *Service) taken(ctx context.Context, acquirerNo int64, b *book) error {
	var taken map[string]bool
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		taken, err = s.Registry.TakenIDs(ctx, tx, acquirerNo, b.ids())
		return err
	})
	if err != nil {
		return fmt.Errorf("look for ids that are taken: %w", err)
	}
	for _, e := range b.entries {
		if taken[e.form.MerchantID] {
			b.wrong.add(e.no, "merchant_id", "is taken: you have a merchant of this id")
		}
	}
	return nil
}

// progress says how far an import is.
func (s *Service) progress(ctx context.Context, job *Import, wrong *mistakes) error {
	job.Mistakes, job.BadLines = wrong.count, len(wrong.lines)
	job.lease = clock.Now().Add(s.leaseFor())
	alive := true
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		alive, err = noteImport(ctx, tx, *job)
		return err
	})
	if err == nil && !alive {
		err = errEnded
	}
	return err
}

// make makes everything in one transaction, which also says that it is done (U7). A dry run only
// says what would be.
func (s *Service) make(
	ctx context.Context, job *Import, by foureyes.Person, b *book,
) error {
	shops, of := b.group()
	job.Merchants, job.Stores, job.Terminals = len(shops), len(b.entries), len(b.entries)
	job.State, job.Ended = ImportChecked, now()
	kind := "import.checked"
	if !job.DryRun {
		job.State, kind = ImportDone, "import.done"
	}
	rows, err := s.sealed(job, by, b)
	if err != nil {
		return err
	}
	end := func(ctx context.Context, tx *db.Tx) (event.Event, error) {
		if ok, err := endImport(ctx, tx, *job); err != nil {
			return event.Event{}, err
		} else if !ok {
			return event.Event{}, errEnded
		}
		return s.importEvent(*job, kind)
	}
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		if !job.DryRun {
			return s.Registry.AddShops(ctx, tx, actorOf(by), job.AcquirerNo, shops,
				func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
					if err := s.fill(ctx, tx, job, by, b, shops, of, rows); err != nil {
						return nil, err
					}
					last, err := end(ctx, tx)
					if err != nil {
						return nil, err
					}
					evs, err := imported(job, by, rows)
					return append(evs, last), err
				})
		}
		last, err := end(ctx, tx)
		if err != nil {
			return err
		}
		return s.append(ctx, tx, last)
	})
	if err != nil {
		return fmt.Errorf("make the shops: %w", err)
	}
	return nil
}

// sealed are the applications of a file, ready to be written but for their numbers: what takes
// long is done before the transaction.
func (s *Service) sealed(job *Import, by foureyes.Person, b *book) ([]row, error) {
	if job.DryRun {
		return nil, nil
	}
	rows := make([]row, len(b.entries))
	for i := range b.entries {
		a := s.begin(job.AcquirerNo, ByImport, b.entries[i].form)
		a.State, a.ImportID, a.Makers, a.Decider = Live, job.ID, []string{by.Name}, by.Name
		a.Submitted, a.Decided = a.Created, a.Created
		a.Screening = Screening{Clear, by.Name, a.Created}
		if err := s.close(&a); err != nil {
			return nil, err
		}
		rows[i] = a
	}
	return rows, nil
}

// fill writes the applications and accounts of shops that have their numbers.
func (s *Service) fill(
	ctx context.Context, tx *db.Tx, job *Import, by foureyes.Person, b *book, shops []party.Shop,
	of [][]int, rows []row,
) error {
	var payouts []Payout
	results := make([]made, len(rows))
	for at := range shops {
		m := shops[at].Merchant
		p, err := s.newPayout(job.AcquirerNo, m.No, by.Name, b.entries[of[at][0]].form.Bank)
		if err != nil {
			return err
		}
		// Nobody but the one who sent the file has seen it: it waits like any new account (U6).
		p.State, p.Decided, p.From = PayoutHeld, p.Created, p.Created.Add(Hold)
		payouts = append(payouts, p)
		for j, i := range of[at] {
			branch := shops[at].Branches[j]
			a := &rows[i]
			a.MerchantNo, a.StoreNo = m.No, branch.Store.No
			a.TerminalNo = branch.Terminals[0].No
			results[i] = made{b.entries[i].no, a.ID, m.ID, branch.Store.ID,
				branch.Terminals[0].ID}
		}
	}
	if err := insertApplications(ctx, tx, rows); err != nil {
		return fmt.Errorf("insert applications: %w", err)
	}
	if err := insertPayouts(ctx, tx, payouts); err != nil {
		return fmt.Errorf("insert accounts: %w", err)
	}
	if err := insertMade(ctx, tx, job.ID, results); err != nil {
		return fmt.Errorf("insert results: %w", err)
	}
	return nil
}

// imported are the events of new applications.
func imported(job *Import, by foureyes.Person, rows []row) ([]event.Event, error) {
	evs := make([]event.Event, len(rows))
	for i := range rows {
		a := &rows[i]
		text, err := json.Marshal(facts{By: by.Name, To: Live, Import: job.ID,
			MerchantNo: a.MerchantNo, StoreNo: a.StoreNo, TerminalNo: a.TerminalNo})
		if err != nil {
			return nil, fmt.Errorf("write event data: %w", err)
		}
		evs[i] = event.Event{At: clock.Now(), Kind: "application.imported", Subject: a.ID,
			AcquirerNo: a.AcquirerNo, StoreNo: a.StoreNo, Actor: actorOf(by), Data: text}
	}
	return evs, nil
}

// WriteResult writes the result of an import as CSV, in UTF-8 with a byte order mark, safe to open
// in a spreadsheet: what is wrong by line, or the ids of what was made by line.
//
// Errors: ErrImport.
func (s *Service) WriteResult(
	ctx context.Context, w io.Writer, acquirerNo int64, importID string,
) error {
	job, err := s.FindImport(ctx, acquirerNo, importID)
	if err != nil {
		return err
	}
	var wrong []Mistake
	var done []made
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if wrong, err = mistakesOf(ctx, tx, importID, 0, MistakesMax); err != nil {
			return err
		}
		done, err = madeBy(ctx, tx, importID)
		return err
	})
	if err != nil {
		return err
	}
	lines := [][]string{{"line", "column", "mistake"}}
	if job.State == ImportDone {
		lines = [][]string{{"line", "merchant_id", "store_id", "terminal_id", "application_id"}}
	}
	for _, m := range done {
		lines = append(lines, []string{strconv.Itoa(m.line), safe(m.merchantID),
			safe(m.storeID), safe(m.terminalID), m.application})
	}
	for _, m := range wrong {
		lines = append(lines, []string{strconv.Itoa(m.Line), safe(m.Field), safe(m.Text)})
	}
	_, err = w.Write(sheetOf(lines))
	return err
}

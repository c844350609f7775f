package signup

import (
	"context"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/id"
)

// ImportState is where an import stands.
type ImportState string

// The states of an import.
const (
	ImportRunning     ImportState = "running"
	ImportChecked     ImportState = "checked"     // a dry run that found nothing wrong
	ImportDone        ImportState = "done"        // everything is made
	ImportFailed      ImportState = "failed"      // lines are wrong; nothing is made
	ImportInterrupted ImportState = "interrupted" // its node ended; nothing is made
)

// Bounds of an import.
const (
	ImportMax      = 12 << 20 // bytes of a file
	ImportLinesMax = 20_000   // lines of a file below its header
	MistakesMax    = 1_000    // mistakes that are kept of one import; more are counted
)

// Phases of an import that runs.
const (
	phaseReading  = "reading"
	phaseChecking = "checking"
	phaseMaking   = "making"
)

// Import is a file of shops, being made or made.
type Import struct {
	ID         string // "imp_…"
	AcquirerNo int64
	State      ImportState
	DryRun     bool
	FileName   string
	Encoding   string // "UTF-8" or "Shift_JIS"
	By         string
	// Phase is what is being done: "reading", "checking", "making", "" when it has ended.
	Phase string
	// Lines is how many there are below the header, Checked how many were looked at.
	Lines, Checked int
	// Merchants, Stores and Terminals were made, or would be.
	Merchants, Stores, Terminals int
	Mistakes                     int // found so far, all of them
	BadLines                     int // with a mistake
	Reason                       string
	Started, Ended               time.Time // Ended is zero while it runs
	actor                        string
	lease                        time.Time
}

// Percent is how far an import is, 0 to 100.
func (i Import) Percent() int {
	switch {
	case i.State != ImportRunning:
		return whole
	case i.Lines == 0:
		return 0
	}
	return i.Checked * making / i.Lines
}

// whole is 100 per cent, making the per cent at which everything is checked and is being made.
const (
	whole  = 100
	making = 90
)

// Mistake is what is wrong with one field of one line.
type Mistake struct {
	Line  int    // in the file, from 1: the header is line 1
	Field string // the column's name; "" is the line as a whole
	Text  string
}

// Upload is a file to import.
type Upload struct {
	Name   string
	Data   []byte // at most ImportMax bytes
	DryRun bool
}

// StartImport begins to read a file of shops and returns at once; FindImport tells how it goes. The
// columns are Columns(). A file that has a mistake anywhere makes nothing.
//
// Errors: ErrImportFile when it is empty, too large or no text; ErrImportBusy.
func (s *Service) StartImport(
	ctx context.Context, by foureyes.Person, acquirerNo int64, u Upload,
) (Import, error) {
	whoever(by)
	text, encoding, err := decode(u.Data)
	if err != nil {
		return Import{}, err
	}
	var f sheet
	if f.text("/name", &u.Name, nameOfFile, false); f.err != nil {
		u.Name = ""
	}
	job := Import{ID: id.New("imp", int(acquirerNo)), AcquirerNo: acquirerNo,
		State: ImportRunning, DryRun: u.DryRun, FileName: u.Name, Encoding: encoding,
		By: strings.TrimSpace(by.Name), Phase: phaseReading, Started: now(), actor: actorOf(by)}
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.reap(ctx, tx, acquirerNo); err != nil {
			return err
		}
		running, err := runningImport(ctx, tx, acquirerNo)
		if err != nil {
			return err
		}
		if running {
			return ErrImportBusy.Newf("wait until it has ended")
		}
		job.lease = clock.Now().Add(s.leaseFor())
		if err := insertImport(ctx, tx, job); err != nil {
			return err
		}
		return s.tellImport(ctx, tx, job, "import.started")
	})
	if db.IsUnique(err) {
		return Import{}, ErrImportBusy.Newf("wait until it has ended").Because(err)
	}
	if err != nil {
		return Import{}, err
	}
	s.busy.Go(func() { s.run(job, by, text) })
	return job, nil
}

// leaseFor is how long a running import is believed to live without a word.
func (s *Service) leaseFor() time.Duration { return beatsMissed * s.Beat }

// beatsMissed is how many beats a living import may miss: a pause of the machine, a long commit.
const beatsMissed = 8

// dead is the reason of an import whose node ended.
const dead = "the server that ran it ended before it was done; nothing was made"

// reap ends imports whose node died.
func (s *Service) reap(ctx context.Context, tx *db.Tx, acquirerNo int64) error {
	gone, err := deadImports(ctx, tx, acquirerNo, clock.Now())
	if err != nil {
		return err
	}
	for _, job := range gone {
		job.State, job.Reason, job.Phase, job.Ended = ImportInterrupted, dead, "", now()
		if ok, err := endImport(ctx, tx, job); err != nil || !ok {
			return err
		}
		if err := s.tellImport(ctx, tx, job, "import.interrupted"); err != nil {
			return err
		}
	}
	return nil
}

// importFacts are what an event of an import says.
type importFacts struct {
	By        string      `json:"by,omitempty"`
	State     ImportState `json:"state"`
	DryRun    bool        `json:"dry_run"`
	Lines     int         `json:"lines"`
	BadLines  int         `json:"bad_lines"`
	Merchants int         `json:"merchants"`
	Stores    int         `json:"stores"`
	Terminals int         `json:"terminals"`
}

// importEvent is an event of an import.
func (s *Service) importEvent(job Import, kind string) (event.Event, error) {
	return s.event(job.ID, job.AcquirerNo, foureyes.Person{Name: job.By, Actor: job.actor}, kind,
		importFacts{job.By, job.State, job.DryRun, job.Lines, job.BadLines, job.Merchants,
			job.Stores, job.Terminals})
}

func (s *Service) tellImport(ctx context.Context, tx *db.Tx, job Import, kind string) error {
	e, err := s.importEvent(job, kind)
	if err != nil {
		return err
	}
	return s.append(ctx, tx, e)
}

// FindImport returns an import. One whose node died is ended first, so that what is said of it is
// the truth: it was interrupted, and nothing of it is there (U7).
//
// Errors: ErrImport.
func (s *Service) FindImport(
	ctx context.Context, acquirerNo int64, importID string,
) (Import, error) {
	read := func() (job Import, err error) {
		err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			job, err = findImport(ctx, tx, importID)
			return err
		})
		return job, err
	}
	job, err := read()
	if err != nil {
		return job, err
	}
	if job.AcquirerNo != acquirerNo {
		return Import{}, ErrImport.Newf("")
	}
	if !job.overdue(clock.Now()) {
		return job, nil
	}
	if err := s.reapNow(ctx, acquirerNo); err != nil {
		return job, err
	}
	return read()
}

// overdue says whether the node of an import may have died.
func (i Import) overdue(at time.Time) bool {
	return i.State == ImportRunning && i.lease.Before(at)
}

// reapNow ends the imports of an acquirer whose node died. One that is just being made is over
// before its row can be written here, or loses its transaction.
func (s *Service) reapNow(ctx context.Context, acquirerNo int64) error {
	return s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.reap(ctx, tx, acquirerNo)
	})
}

// Imports returns the newest imports of an acquirer, at most 50.
func (s *Service) Imports(ctx context.Context, acquirerNo int64) ([]Import, error) {
	read := func() (all []Import, err error) {
		err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			all, err = importsOf(ctx, tx, acquirerNo, pageSize)
			return err
		})
		return all, err
	}
	all, err := read()
	at := clock.Now()
	if err != nil || !slices.ContainsFunc(all, func(i Import) bool { return i.overdue(at) }) {
		return all, err
	}
	if err := s.reapNow(ctx, acquirerNo); err != nil {
		return nil, err
	}
	return read()
}

// Mistakes returns what is wrong with a file, by line, from an offset on; limit is at most
// MistakesMax. Errors: ErrImport.
func (s *Service) Mistakes(
	ctx context.Context, acquirerNo int64, importID string, offset, limit int,
) (all []Mistake, err error) {
	if _, err := s.FindImport(ctx, acquirerNo, importID); err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = mistakesOf(ctx, tx, importID, max(offset, 0), min(max(limit, 1), MistakesMax))
		return err
	})
	return all, err
}

package signup_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/seal"
	"watari/pay/party"
	"watari/pay/party/signup"
)

// The environment of a process that runs one import and is killed while it does.
const (
	childLocation = "WATARI_TEST_IMPORT_LOCATION"
	childBank     = "WATARI_TEST_IMPORT_BANK"
)

// childLines is long enough to be killed in.
const childLines = 6000

// TestMain is also the process that is killed.
func TestMain(m *testing.M) {
	if location := os.Getenv(childLocation); location != "" {
		bank, _ := strconv.ParseInt(os.Getenv(childBank), 10, 64)
		fmt.Println(child(location, bank))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child runs an import and returns only when it has ended.
func child(location string, bank int64) error {
	ctx := context.Background()
	d, err := db.Open(ctx, location, db.Options{})
	if err != nil {
		return err
	}
	key := make([]byte, seal.KeyBytes)
	ring, err := seal.New(map[int][]byte{1: key})
	if err != nil {
		return err
	}
	const lane = event.FirstLane + 1
	log, dir := event.NewLog(d), party.NewDirectory(d)
	reg := party.NewRegistry(d, dir, log, lane, party.DefaultSight())
	desk := foureyes.New(d, log, lane)
	s := signup.New(signup.Config{DB: d, Log: log, Lane: lane, Registry: reg, Directory: dir,
		Ring: ring, Desk: desk, Beat: 200 * time.Millisecond})
	job, err := s.StartImport(ctx, ann, bank, signup.Upload{Data: shopsFile(childLines, nil)})
	for err == nil && job.State == signup.ImportRunning {
		time.Sleep(10 * time.Millisecond)
		job, err = s.FindImport(ctx, bank, job.ID)
	}
	return fmt.Errorf("ended: %+v, %w", job, err)
}

// Goal: an import whose process is killed leaves nothing half-made, says that it was interrupted,
// and the file can be sent again (U7). Method: processes that import 6,000 shops are killed when
// they begin to make them, and at later moments inside that transaction; then all tables are
// counted, the import is read and the file sent again.
func TestKilledImportLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			location := dbtest.Migrated(t, e, sets()...)
			d := dbtest.Open(t, location, db.Options{})
			o := newOffice(t, d, ring(t))
			o.bank = o.acquirer("GIFU")
			inside := 0
			for _, wait := range []time.Duration{0, 60, 150, 300} {
				if o.killed(location, wait*time.Millisecond) {
					inside++
				}
			}
			if inside == 0 {
				t.Error("no import was killed before it was done")
			}
			job := o.imported(shopsFile(20, nil), true)
			if job.State != signup.ImportChecked && job.State != signup.ImportFailed {
				t.Errorf("sent again: %+v", job)
			}
			if err := o.log.VerifyChain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// killed lets a process import, kills it a while after it began to make shops, and looks at what it
// left. It returns false when the import was done before.
func (o *office) killed(location string, wait time.Duration) bool {
	o.t.Helper()
	ctx, before := o.t.Context(), o.counted()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childLocation+"="+location,
		childBank+"="+strconv.FormatInt(o.bank, 10))
	must(o.t, 0, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	var job signup.Import
	eventually(o.t, "the import is being made", func() bool {
		all := must(o.t, first(o.Imports(ctx, o.bank)), nil)
		if len(all) > 0 && all[0].Started.After(job.Started) && all[0].Ended.IsZero() {
			return all[0].Phase == "making"
		}
		return len(all) > 0 && all[0].State == signup.ImportDone
	})
	time.Sleep(wait)
	must(o.t, 0, cmd.Process.Kill())
	_ = cmd.Wait()
	job = must(o.t, first(o.Imports(ctx, o.bank)), nil)[0]
	eventually(o.t, "the import has ended", func() bool {
		job = must(o.t, first(o.FindImport(ctx, o.bank, job.ID)), nil)
		return job.State != signup.ImportRunning
	})
	switch after := o.counted(); job.State {
	case signup.ImportInterrupted:
		if after != before || job.Reason == "" || job.Merchants != 0 {
			o.t.Errorf("interrupted: %+v, %s was %s", job, after, before)
		}
		return true
	case signup.ImportDone:
		if job.Merchants != childLines {
			o.t.Errorf("done: %+v, %s was %s", job, after, before)
		}
	case signup.ImportFailed: // the one before was done: every id is taken
		if after != before {
			o.t.Errorf("failed: %+v, %s was %s", job, after, before)
		}
	default:
		o.t.Errorf("ended as %+v", job)
	}
	return false
}

// Goal: an import that is stopped with its node says so at once. Method: close the service while
// one runs.
func TestStoppedImportSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		data := shopsFile(12_000, nil)
		job := must(t, first(o.StartImport(ctx, ann, o.bank, signup.Upload{Data: data})), nil)
		o.Close()
		got := must(t, first(o.FindImport(ctx, o.bank, job.ID)), nil)
		if got.State != signup.ImportInterrupted || o.counted() != "0 0 0 0 0 0" {
			t.Errorf("%+v %s", got, o.counted())
		}
	})
}

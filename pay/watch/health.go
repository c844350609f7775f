package watch

import (
	"context"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/link/guard"
)

// Health is how a wallet answered in a span of time, all nodes together.
type Health struct {
	IssuerNo int64
	From     time.Time // the span begins here
	// Asks is what payers waited for. Barred is calls that were not made.
	Asks      guard.Counts
	AskBarred int64
	// Follow-ups that gave proof of life, those without, and those that were not made.
	FollowProof, FollowSilent, FollowBarred int64
	// AskCircuit and FollowCircuit are the worst that the circuits were in.
	AskCircuit, FollowCircuit guard.State
	// Minutes is how many minutes of the span a node was running in.
	Minutes int64
}

// Asked is how many new requests were made to the wallet.
func (h Health) Asked() int64 { return h.Asks.Yes + h.Asks.No + h.Asks.Waiting + h.Asks.Silent }

// Calls is how many calls of every sort were made to the wallet.
func (h Health) Calls() int64 { return h.Asked() + h.FollowProof + h.FollowSilent }

// Silent is how many calls of every sort gave no proof that the wallet lives.
func (h Health) Silent() int64 { return h.Asks.Silent + h.FollowSilent }

// Answered is the share of calls with proof, in thousandths, of the new requests or of the
// follow-ups, whichever is worse; false when there were no calls. A wallet that answers every
// inquiry and no payer is not well.
func (h Health) Answered() (int64, bool) {
	asked, any := share(h.Asked()-h.Asks.Silent, h.Asked())
	followed, more := share(h.FollowProof, h.FollowProof+h.FollowSilent)
	switch {
	case any && more:
		return min(asked, followed), true
	case any:
		return asked, true
	}
	return followed, more
}

// When a wallet is said to be down, or failing.
const (
	downLeast    = 5   // calls of one sort, all without proof; fewer prove nothing
	failingLeast = 5   // new requests
	followsLeast = 10  // follow-ups
	failingShare = 200 // thousandths without proof
)

// Down says whether the wallet gives payers no sign of life: a circuit is open, or nothing that
// it was asked was answered.
func (h Health) Down() bool {
	follows := h.FollowProof + h.FollowSilent
	return h.AskCircuit == guard.Open || h.FollowCircuit == guard.Open ||
		h.Asked() >= downLeast && h.Asks.Silent == h.Asked() ||
		follows >= downLeast && h.FollowProof == 0 && h.Asks.Silent == h.Asked()
}

// Failing says whether the wallet leaves many calls without an answer.
func (h Health) Failing() bool {
	follows := h.FollowProof + h.FollowSilent
	return h.Asked() >= failingLeast && h.Asks.Silent*1000 >= h.Asked()*failingShare ||
		follows >= followsLeast && h.FollowSilent*1000 >= follows*failingShare
}

// Approved is the share of approvals among new requests that were decided, in thousandths; false
// when none was.
func (h Health) Approved() (int64, bool) {
	return share(h.Asks.Yes, h.Asks.Yes+h.Asks.No)
}

func share(part, whole int64) (int64, bool) {
	if whole <= 0 {
		return 0, false
	}
	return part * 1000 / whole, true
}

// Percentile estimates in which time that many percent of the answers came, by a straight line
// within the sort that it falls into; false when there were none. What took longer than all
// bounds counts as twice the last one.
func (h Health) Percentile(percent int64) (time.Duration, bool) {
	var all int64
	for _, n := range h.Asks.Took {
		all += n
	}
	if all == 0 {
		return 0, false
	}
	want := (all*percent + 99) / 100
	steps := guard.Steps()
	low := time.Duration(0)
	for i, n := range h.Asks.Took {
		high := 2 * steps[len(steps)-1]
		if i < len(steps) {
			high = steps[i]
		}
		if want <= n {
			return low + (high-low)*time.Duration(want)/time.Duration(n), true
		}
		want -= n
		low = high
	}
	return low, true
}

// add puts two spans of one wallet together.
func (h Health) add(o Health) Health {
	h.Asks.Yes += o.Asks.Yes
	h.Asks.No += o.Asks.No
	h.Asks.Waiting += o.Asks.Waiting
	h.Asks.Silent += o.Asks.Silent
	for i := range h.Asks.Took {
		h.Asks.Took[i] += o.Asks.Took[i]
	}
	h.AskBarred += o.AskBarred
	h.FollowProof += o.FollowProof
	h.FollowSilent += o.FollowSilent
	h.FollowBarred += o.FollowBarred
	h.AskCircuit = circuitOf(max(rank(h.AskCircuit), rank(o.AskCircuit)))
	h.FollowCircuit = circuitOf(max(rank(h.FollowCircuit), rank(o.FollowCircuit)))
	h.Minutes += o.Minutes
	return h
}

// Sum puts spans together: the totals of a chart.
func Sum(spans []Health) (all Health) {
	for i, h := range spans {
		if i == 0 {
			all = h
			continue
		}
		all = all.add(h)
	}
	return all
}

// rank is how a circuit is stored, the worst the highest.
func rank(s guard.State) int64 {
	switch s {
	case guard.Open:
		return 2
	case guard.HalfOpen:
		return 1
	case guard.Closed:
	}
	return 0
}

func circuitOf(rank int64) guard.State {
	return [...]guard.State{guard.Closed, guard.HalfOpen, guard.Open}[min(max(rank, 0), 2)]
}

// Span is a period of health and how it is cut.
type Span struct {
	IssuerNo    int64 // 0 is every wallet
	From, Until time.Time
	Step        time.Duration // whole minutes
}

// Bounds of a span.
const (
	// KeptFor is how long health is kept.
	KeptFor = 31 * 24 * time.Hour
	// StepsMax is how many steps one answer has at most.
	StepsMax = 750
)

func (s Span) check() error {
	switch {
	case s.Step < time.Minute || s.Step%time.Minute != 0:
		return ErrRange.Newf("a step is one minute or more, in whole minutes")
	case !s.From.Before(s.Until):
		return ErrRange.Newf("the period ends before it begins")
	case s.Until.Sub(s.From)/s.Step > StepsMax:
		return ErrRange.Newf("more than %d steps: take a longer step", StepsMax)
	}
	return nil
}

// History returns health by wallet and step, the oldest first; steps in which no node ran are
// missing.
//
// Errors: ErrRange.
func (w *Watch) History(ctx context.Context, s Span) (found []Health, err error) {
	s.From = s.From.Truncate(time.Minute)
	if err := s.check(); err != nil {
		return nil, err
	}
	err = w.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		found, err = readHealth(ctx, tx, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read health: %w", err)
	}
	return found, nil
}

// Recent returns the health of every wallet over the last minutes, by its number. A wallet that
// no row tells of is missing.
func (w *Watch) Recent(ctx context.Context, minutes int) (map[int64]Health, error) {
	now := clock.Now()
	from := now.Truncate(time.Minute).Add(-time.Duration(minutes-1) * time.Minute)
	all, err := w.History(ctx, Span{From: from, Until: now.Add(time.Minute), Step: time.Minute})
	if err != nil {
		return nil, err
	}
	found := map[int64]Health{}
	for _, h := range all {
		if before, ok := found[h.IssuerNo]; ok {
			h = before.add(h)
		}
		found[h.IssuerNo] = h
	}
	return found, nil
}

package guard

import (
	"sync/atomic"
	"time"

	"watari/pay/link"
)

// Steps are the upper bounds by which answers are sorted by how long they took; the last sort,
// without a bound, is what took longer than all.
func Steps() [StepsLen - 1]time.Duration {
	const ms = time.Millisecond
	return [...]time.Duration{50 * ms, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms,
		3200 * ms}
}

// StepsLen is the number of sorts: one more than Steps.
const StepsLen = 8

// Counts is how the calls of a lane ended since the start of the process. Calls whose own caller
// went away are in none.
type Counts struct {
	// Yes is approvals, and follow-ups that ended well.
	Yes int64
	// No is what the wallet declined.
	No int64
	// Waiting is answers that decide nothing yet and prove that the wallet lives (U1).
	Waiting int64
	// Silent is calls without proof (U1).
	Silent int64
	// Took is the answers with proof, sorted by Steps.
	Took [StepsLen]int64
}

// Since returns what was counted between an earlier reading and c.
func (c Counts) Since(earlier Counts) Counts {
	c.Yes -= earlier.Yes
	c.No -= earlier.No
	c.Waiting -= earlier.Waiting
	c.Silent -= earlier.Silent
	for i := range c.Took {
		c.Took[i] -= earlier.Took[i]
	}
	return c
}

// tally is Counts while calls run.
type tally struct {
	yes, no, waiting, silent atomic.Int64
	took                     [StepsLen]atomic.Int64
}

// add counts a call that ended: how judge found it, what it answered, how long it took.
func (t *tally) add(ended error, o link.Outcome, took time.Duration) {
	switch {
	case ended == errLeft:
		return
	case ended != nil:
		t.silent.Add(1)
		return
	case o == link.Approved:
		t.yes.Add(1)
	case o == link.Declined:
		t.no.Add(1)
	default:
		t.waiting.Add(1)
	}
	steps, i := Steps(), 0
	for i < len(steps) && took > steps[i] {
		i++
	}
	t.took[i].Add(1)
}

func (t *tally) counts() Counts {
	c := Counts{Yes: t.yes.Load(), No: t.no.Load(), Waiting: t.waiting.Load(),
		Silent: t.silent.Load()}
	for i := range t.took {
		c.Took[i] = t.took[i].Load()
	}
	return c
}

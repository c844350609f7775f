package wallet

import (
	"slices"
	"time"
)

// Mode is a way in which the wallet misbehaves towards the network's pay calls.
type Mode string

// The modes. ModeNone is how a good wallet behaves.
const (
	ModeNone     Mode = "none"
	ModeDecline  Mode = "decline"          // F, USER_BALANCE_NOT_ENOUGH
	ModeTimeout  Mode = "timeout"          // no debit, no answer
	ModeSlow     Mode = "slow"             // debit, S after Timing.Slow
	ModePIN      Mode = "pin"              // U until confirmed on the phone
	ModeTwice    Mode = "duplicate"        // S, then the notification twice
	ModeLate     Mode = "late_success"     // no answer; debit and notification after Timing.Late
	ModeDrop     Mode = "drop_after_debit" // debit, connection closed
	ModeBadlySig Mode = "bad_signature"    // debit, S wrongly signed
)

// modes lists them all.
var modes = []Mode{ModeNone, ModeDecline, ModeTimeout, ModeSlow, ModePIN, ModeTwice, ModeLate,
	ModeDrop, ModeBadlySig}

// known tells whether m is a mode.
func (m Mode) known() bool { return slices.Contains(modes, m) }

// Timing holds the times that tests shorten. Zero fields take the value of Published.
type Timing struct {
	Slow    time.Duration   // mode slow: from the debit to the answer
	Late    time.Duration   // mode late_success: from the request to the debit
	Silence time.Duration   // how long a connection that gets no answer is held open
	Twice   time.Duration   // mode duplicate: from the debit to the first notice
	Ask     time.Duration   // how long a PIN question stands if the network sets no end
	Call    time.Duration   // longest wait for an answer of the network
	Retry   []time.Duration // pauses between attempts of a notice; the last one repeats
}

// Published returns the times of the sandbox's contract: slow after 5 s, late after 12 s, and
// the protocol's 5 s for a call of the wallet to the network.
func Published() Timing {
	return Timing{
		Slow: 5 * time.Second, Late: 12 * time.Second, Silence: 30 * time.Second,
		Twice: 200 * time.Millisecond, Ask: time.Minute, Call: 5 * time.Second,
		Retry: []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
			30 * time.Second, time.Minute, 5 * time.Minute},
	}
}

// filled returns t with Published in the place of what is zero.
func (t Timing) filled() Timing {
	p := Published()
	for _, f := range []struct{ mine, its *time.Duration }{
		{&t.Slow, &p.Slow}, {&t.Late, &p.Late}, {&t.Silence, &p.Silence},
		{&t.Twice, &p.Twice}, {&t.Ask, &p.Ask}, {&t.Call, &p.Call},
	} {
		if *f.mine == 0 {
			*f.mine = *f.its
		}
	}
	if len(t.Retry) == 0 {
		t.Retry = p.Retry
	}
	return t
}

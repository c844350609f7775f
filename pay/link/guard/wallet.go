package guard

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"watari/kit/clock"
	"watari/pay/link"
)

// wallet is what is known of one wallet.
type wallet struct {
	no              int64
	asks, followUps *lane
}

func newWallet(to link.Endpoint, c Config) *wallet {
	return &wallet{no: to.IssuerNo, asks: newLane(to, Asks, c),
		followUps: newLane(to, FollowUps, c)}
}

// lane is the places and the circuit of one sort of calls.
type lane struct {
	issuerNo int64
	issuerID string
	name     Lane
	wait     time.Duration
	places   chan struct{} // has room for the calls that run
	circuit  *gobreaker.TwoStepCircuitBreaker[struct{}]
	// row is the answers without proof since the last proof, however long ago they began: the
	// circuit forgets what is older than its window. It is touched under the circuit's lock.
	row int

	opened, barred, crowded atomic.Int64
	tally                   tally
}

// How a call ended that gave no proof.
var (
	errNoProof = errors.New("no proof")
	errLeft    = errors.New("the caller went away")
)

func newLane(to link.Endpoint, name Lane, c Config) *lane {
	l := &lane{issuerNo: to.IssuerNo, issuerID: to.IssuerID, name: name, wait: c.Wait,
		places: make(chan struct{}, c.InFlight)}
	l.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: 1, Interval: c.Window, BucketPeriod: c.Window / windowParts,
		Timeout: c.OpenFor,
		ReadyToTrip: func(n gobreaker.Counts) bool {
			answers := int64(n.TotalFailures) + int64(n.TotalSuccesses)
			return l.row >= c.Row || answers >= int64(c.Least) &&
				int64(n.TotalFailures)*100 >= answers*int64(c.Share)
		},
		IsSuccessful: func(err error) bool {
			if l.row++; err == nil {
				l.row = 0
			}
			return err == nil
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errLeft) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			l.row = 0
			if to == gobreaker.StateOpen {
				l.opened.Add(1)
			}
			if c.Observe != nil {
				c.Observe(Change{l.issuerNo, l.issuerID, name, stateOf(from), stateOf(to)})
			}
		},
	})
	return l
}

func stateOf(s gobreaker.State) State {
	switch s {
	case gobreaker.StateOpen:
		return Open
	case gobreaker.StateHalfOpen:
		return HalfOpen
	case gobreaker.StateClosed:
	}
	return Closed
}

func (l *lane) state() State { return stateOf(l.circuit.State()) }

// failing says whether the circuit is open, or a probe of it runs now.
func (l *lane) failing() bool {
	switch l.state() {
	case Open:
		return true
	case HalfOpen:
		n := l.circuit.Counts()
		return n.Requests > n.TotalExclusions
	case Closed:
	}
	return false
}

func (l *lane) stat() Stat {
	return Stat{IssuerNo: l.issuerNo, IssuerID: l.issuerID, Lane: l.name, State: l.state(),
		InFlight: len(l.places), Opened: l.opened.Load(), Barred: l.barred.Load(),
		Crowded: l.crowded.Load(), Counts: l.tally.counts()}
}

// refusal is why a call was not made, for the operator.
type refusal string

const (
	open    refusal = "not asked: the circuit is open"
	crowded refusal = "not asked: too many calls are running"
)

// call makes a call in this lane, or says why not.
func (l *lane) call(ctx context.Context, fn func() link.Answer) (link.Answer, refusal) {
	if l.state() == Open { // nobody waits for a place to hear this
		l.barred.Add(1)
		return link.Answer{}, open
	}
	if !l.enter(ctx) {
		l.crowded.Add(1)
		return link.Answer{}, crowded
	}
	defer func() { <-l.places }()
	done, err := l.circuit.Allow()
	if err != nil {
		l.barred.Add(1)
		return link.Answer{}, open
	}
	ended, began := errNoProof, clock.Now() // no proof also when fn panics
	var a link.Answer
	defer func() {
		done(ended)
		l.tally.add(ended, a.Outcome, clock.Now().Sub(began))
	}()
	a = fn()
	ended = judge(ctx, l.name, a)
	return a, ""
}

// enter takes a place.
func (l *lane) enter(ctx context.Context) bool {
	select {
	case l.places <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(l.wait)
	defer timer.Stop()
	select {
	case l.places <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// judge says whether an answer proves that the wallet lives (U1).
func judge(ctx context.Context, name Lane, a link.Answer) error {
	switch {
	case a.Outcome != link.Unknown || a.Cause == nil || a.UserActing || a.Agreed || a.NoSuch:
		return nil
	case name == FollowUps && a.Code != "":
		return nil // it said, well signed, that it has not finished: a refund to a bank takes days
	case errors.Is(ctx.Err(), context.Canceled):
		return errLeft
	}
	return errNoProof
}

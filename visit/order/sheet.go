package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/promo"
)

// sheet is the working set of one transaction: orders that are locked and read, and what is to be
// written of them.
type sheet struct {
	s        *Service
	tx       *db.Tx
	now      time.Time
	read     *party.Reading
	orders   map[string]*Order
	attempts map[string][]*attempt
	returns  map[string][]*Return

	dirty         map[*Order]bool
	dirtyLines    map[lineKey]LineState // the state in which each was read
	dirtyAttempts map[*attempt]bool
	dirtyReturns  map[*Return]bool
	newAttempts   []*attempt
	newReturns    []*Return
	release       map[string][]*Order // holds that ended, by seller
	fulfil        map[string][]*Order // what was paid
	transfers     []ledger.Transfer
	events        []event.Event
	gave          map[string]promo.Given // what wallets gave when each order was read
	honoured      promo.Given            // what they give for holds that had ended
}

type lineKey struct {
	order string
	no    int64
}

// workTries is how often a transaction is tried whose rows others changed, or whose commit was in
// doubt.
const workTries = 5

// work locks and reads orders, lets fn decide, and writes what it decided, all in one transaction.
// fn may run more than once.
func (s *Service) work(
	ctx context.Context, ids []string, fn func(ctx context.Context, sh *sheet) error,
) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for try := 1; ; try++ {
		err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			sh, err := s.open(ctx, tx, ids)
			if err != nil {
				return err
			}
			if err := fn(ctx, sh); err != nil {
				return err
			}
			return sh.flush(ctx)
		})
		again := errors.Is(err, errMoved) || db.IsMaybeCommitted(err)
		if !again || try == workTries {
			s.Log.Wake()
			return err
		}
	}
}

// open locks and reads.
func (s *Service) open(ctx context.Context, tx *db.Tx, ids []string) (*sheet, error) {
	sh := &sheet{s: s, tx: tx, now: s.Now(), dirty: map[*Order]bool{},
		dirtyLines: map[lineKey]LineState{}, dirtyAttempts: map[*attempt]bool{},
		dirtyReturns: map[*Return]bool{}, release: map[string][]*Order{},
		fulfil: map[string][]*Order{}, gave: map[string]promo.Given{},
		honoured: promo.Given{}}
	var err error
	if sh.read, err = s.Directory.Read(ctx, tx); err != nil {
		return nil, err
	}
	if sh.read.LedgerClosed {
		return nil, ledger.ErrClosed.Newf("the books do not balance; an operator must look")
	}
	if err := lockOrders(ctx, tx, ids); err != nil {
		return nil, fmt.Errorf("lock orders: %w", err)
	}
	if sh.orders, err = readOrders(ctx, tx, ids); err != nil {
		return nil, err
	}
	for id, o := range sh.orders {
		sh.gave[id] = o.gives()
	}
	if sh.attempts, err = attemptsOf(ctx, tx, ids); err != nil {
		return nil, err
	}
	sh.returns, err = returnsOf(ctx, tx, ids)
	return sh, err
}

// flush lets the sellers do their part, and writes: orders, lines, attempts, returns, what wallets
// give, transfers, events, balances.
func (sh *sheet) flush(ctx context.Context) error {
	if err := sh.sell(ctx); err != nil {
		return err
	}
	lines := sh.changedLines()
	for _, step := range []func() error{
		func() error { return updateOrders(ctx, sh.tx, byID(members(sh.dirty))) },
		func() error { return updateLines(ctx, sh.tx, lines) },
		func() error { return insertAttempts(ctx, sh.tx, sh.newAttempts) },
		func() error { return updateAttempts(ctx, sh.tx, members(sh.dirtyAttempts)) },
		func() error { return insertReturns(ctx, sh.tx, sh.newReturns) },
		func() error { return updateReturns(ctx, sh.tx, members(sh.dirtyReturns)) },
		func() error { return sh.give(ctx) },
		func() error { return ledger.Post(ctx, sh.tx, sh.transfers) },
		func() error { return sh.s.Log.Append(ctx, sh.tx, sh.s.Lane, sh.events) },
		func() error { return ledger.Move(ctx, sh.tx, sh.s.Lane, sh.transfers) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("write orders: %w", err)
		}
	}
	for o := range sh.dirty {
		o.Version++
	}
	crash.At(crash.InBatch)
	return nil
}

// sell calls the sellers, each once, in the order of their names.
func (sh *sheet) sell(ctx context.Context) error {
	for _, kind := range kinds(sh.release) {
		if err := sh.s.seller(kind).Release(ctx, sh.tx, byID(sh.release[kind])); err != nil {
			return fmt.Errorf("release what %s held: %w", kind, err)
		}
	}
	for _, kind := range kinds(sh.fulfil) {
		err := sh.s.seller(kind).Fulfil(ctx, sh.tx, sh.now, byID(sh.fulfil[kind]))
		if err != nil {
			return fmt.Errorf("hand over what %s sold: %w", kind, err)
		}
	}
	return nil
}

func kinds(m map[string][]*Order) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func byID(os []*Order) []*Order {
	slices.SortFunc(os, func(a, b *Order) int { return strings.Compare(a.ID, b.ID) })
	return os
}

func members[R comparable](set map[R]bool) []R {
	out := make([]R, 0, len(set))
	for r := range set {
		out = append(out, r)
	}
	return out
}

func (sh *sheet) changedLines() []moved {
	var out []moved
	for k, was := range sh.dirtyLines {
		out = append(out, moved{orderID: k.order, was: was, line: *sh.orders[k.order].Line(k.no)})
	}
	slices.SortFunc(out, func(a, b moved) int {
		if c := strings.Compare(a.orderID, b.orderID); c != 0 {
			return c
		}
		return int(a.line.No - b.line.No)
	})
	return out
}

// touch returns a line that is going to be changed.
func (sh *sheet) touch(o *Order, no int64) *Line {
	l, k := o.Line(no), lineKey{o.ID, no}
	check.That(l != nil, "order %s has no line %d", o.ID, no)
	if _, ok := sh.dirtyLines[k]; !ok {
		sh.dirtyLines[k] = l.State
	}
	sh.dirty[o] = true
	return l
}

// advance moves an order one step (state.go).
func (sh *sheet) advance(o *Order, e Event) {
	to, ok := Steps.Next(o.State, e)
	check.That(ok, "order %s: %s has no step %s", o.ID, o.State, e)
	o.State = to
	sh.dirty[o] = true
}

// turn moves an attempt one step.
func (sh *sheet) turn(a *attempt, e attemptEvent) {
	to, ok := attempts.Next(a.state, e)
	check.That(ok, "attempt %d of %s: %s has no step %s", a.no, a.orderID, a.state, e)
	a.state = to
	sh.dirtyAttempts[a] = true
}

// move moves a return one step.
func (sh *sheet) move(r *Return, e returnEvent) {
	to, ok := returns.Next(r.State, e)
	check.That(ok, "return %s: %s has no step %s", r.ID, r.State, e)
	r.State = to
	sh.dirtyReturns[r] = true
}

// facts are the data of an event.
type facts map[string]any

// tell writes an event about an order.
func (sh *sheet) tell(o *Order, kind, actor string, f facts) {
	if f == nil {
		f = facts{}
	}
	f["state"] = string(o.State)
	data, err := json.Marshal(f)
	check.That(err == nil, "order %s: event %s: %v", o.ID, kind, err)
	sh.events = append(sh.events, event.Event{At: sh.now, Kind: "order." + kind, Subject: o.ID,
		AcquirerNo: o.Point.AcquirerNo, StoreNo: o.StoreNo, Actor: actor, Data: data})
}

// attempt returns a payment that was opened for an order, or nil.
func (sh *sheet) attempt(orderID string, no int64) *attempt {
	for _, a := range sh.attempts[orderID] {
		if a.no == no {
			return a
		}
	}
	return nil
}

// find returns a return of an order, or nil.
func (sh *sheet) find(orderID, returnID string) *Return {
	for _, r := range sh.returns[orderID] {
		if r.ID == returnID {
			return r
		}
	}
	return nil
}

// refused says whether an error is a refusal, which is an answer and not a failure.
func refused(err error) (*fault.Error, bool) {
	var f *fault.Error
	ok := errors.As(err, &f)
	return f, ok
}

package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/risk"
)

// Found is what an operator found out about a leg that is stuck: from the wallet's own statement,
// or from its people.
type Found string

// What can be found out. What it does to the books:
//
//   - Taken: the wallet has its user's money and keeps it. It owes it to the scheme, which owes it
//     to the user: the late yes stands in suspense, and is booked now when the wallet never said
//     it. The leg stays stuck until the money was given back by hand; then it is settled as
//     Returned.
//   - Returned: the wallet took the money and gave it back. A late yes is mirrored; the leg ends.
//   - Never: the wallet took nothing. The same, whatever it had said.
//
// The payment is not touched: it was closed, and what its shop was told stays true (P10).
const (
	Taken    Found = "taken"
	Returned Found = "returned"
	Never    Found = "never"
)

// SettleKind is the kind of the requests that settle legs (kit/foureyes).
const SettleKind = "leg.settle"

// The problems of settling a leg.
var (
	// ErrNotStuck: the leg does not wait for an operator.
	ErrNotStuck = fault.Define("leg-not-stuck", fault.Conflict,
		"The leg does not wait for an operator")
	// ErrNotSettled: the leg cannot be settled so.
	ErrNotSettled = fault.Define("leg-not-settled-so", fault.Unprocessable,
		"The leg cannot be settled so")
)

// SettleFaults are the problems that approving a settlement reports, beside those of kit/foureyes.
func SettleFaults() []*fault.Problem {
	return []*fault.Problem{ErrNotFound, ErrNotStuck, ErrNotSettled, ledger.ErrClosed}
}

// Settler ends legs that are stuck by the word of two people. It needs no wallet and no key, so a
// command can do it beside the running nodes.
type Settler struct{ s *Service }

// NewSettler returns a settler that writes events and balances in a lane.
func NewSettler(
	d *db.DB, log *event.Log, lane int, directory *party.Directory, chart *ledger.Chart,
) *Settler {
	return &Settler{&Service{db: d, log: log, lane: lane, directory: directory, chart: chart,
		now: func() time.Time { return clock.Now().Truncate(time.Microsecond) }}}
}

// StuckLeg is a leg that waits for an operator, with its payment.
type StuckLeg struct {
	Leg
	Payment Payment
}

// Stuck lists the legs that wait for an operator, at most a thousand.
func (t *Settler) Stuck(ctx context.Context) ([]StuckLeg, error) {
	var out []StuckLeg
	err := t.s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		legs, err := stuckLegs(ctx, tx)
		if err != nil {
			return err
		}
		keys := make([]pk, len(legs))
		for i, l := range legs {
			keys[i] = pk{l.AcquirerNo, l.PaymentID}
		}
		ps := map[pk]*Payment{}
		err = readPayments(ctx, tx, sorted(keys), func(p *Payment) { ps[p.key()] = p })
		for _, l := range legs {
			if p := ps[pk{l.AcquirerNo, l.PaymentID}]; p != nil {
				out = append(out, StuckLeg{*l, *p.as(l)})
			}
		}
		return err
	})
	return out, err
}

// settlement is the body of a request of SettleKind.
type settlement struct {
	Leg       string       `json:"leg"`
	Payment   string       `json:"payment"`
	Wallet    string       `json:"wallet"`
	Amount    money.Amount `json:"amount"`
	As        Found        `json:"as"`
	Because   string       `json:"stuck_because"`
	TheirID   string       `json:"their_id,omitempty"`
	LateStood bool         `json:"late_posted"`
}

// Propose asks a second person to settle a leg. note says how it was found out, and is needed.
//
// Errors: ErrNotFound, ErrNotStuck, ErrNotSettled.
func (t *Settler) Propose(
	ctx context.Context, desk *foureyes.Desk, by foureyes.Person, legID string, as Found,
	note string,
) (foureyes.Request, error) {
	var none foureyes.Request
	switch {
	case as != Taken && as != Returned && as != Never:
		return none, ErrNotSettled.Newf("it was %s, %s or %s", Taken, Returned, Never)
	case note == "" || len(note) > foureyes.NoteMax:
		return none, ErrNotSettled.Newf("a note of at most %d bytes says how it was found out",
			foureyes.NoteMax)
	}
	p, l, err := t.look(ctx, legID, as)
	if err != nil {
		return none, err
	}
	wallet, err := t.s.directory.Participant(ctx, l.IssuerNo)
	if err != nil {
		return none, err
	}
	body, err := json.Marshal(settlement{l.ID, p.ID, wallet.ID, l.Amount, as, l.Note,
		l.TheirID, l.LatePosted})
	if err != nil {
		return none, fmt.Errorf("write settlement: %w", err)
	}
	var made []foureyes.Request
	err = t.s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		made, err = desk.Propose(ctx, tx, by, foureyes.Request{Kind: SettleKind, Subject: p.ID,
			Body: body, Note: note})
		return err
	})
	if err != nil {
		return none, err
	}
	desk.Wake()
	return made[0], nil
}

// look reads a leg and refuses what cannot be settled.
func (t *Settler) look(ctx context.Context, legID string, as Found) (*Payment, *Leg, error) {
	key, err := legKey(legID)
	if err != nil {
		return nil, nil, err
	}
	l, err := t.s.loadLeg(ctx, pk{key.acquirer, legID})
	if err != nil {
		return nil, nil, err
	}
	p, err := t.s.load(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	err = t.s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := settleable(ctx, tx, p, l, as)
		return err
	})
	return p, l, err
}

// legKey returns the payment of a leg's id.
func legKey(legID string) (pk, error) {
	paymentID, ok := paymentOf(legID)
	shard, _ := id.Shard(paymentID)
	if !ok {
		return pk{}, ErrNotFound.Newf("no leg %q", legID)
	}
	return pk{int64(shard), paymentID}, nil
}

// settleable says whether a leg can be settled so, and whether its late yes was mirrored before.
func settleable(
	ctx context.Context, tx *db.Tx, p *Payment, l *Leg, as Found,
) (undone bool, err error) {
	if l.State != LegStuck {
		return false, ErrNotStuck.Newf("leg %s is %s", l.ID, l.State).
			Set("state", string(l.State))
	}
	if p.open() && !p.order() {
		return false, ErrNotSettled.Newf("payment %s is open; it is closed at %s, then settle its leg",
			p.ID, l.Deadline.Format(time.RFC3339))
	}
	found, err := ledger.ByID(ctx, tx, l.AcquirerNo,
		[]string{ledger.LegTransferID(p.ID, ledger.CauseLateUndone, legNo(l))})
	if err != nil {
		return false, fmt.Errorf("read transfers of %s: %w", l.ID, err)
	}
	undone = len(found) > 0
	if undone && as == Taken {
		return true, ErrNotSettled.Newf("its late yes was booked and undone already: have the wallet "+
			"return what it took the second time, then settle it as %s", Returned)
	}
	return undone, nil
}

// Attend lets the settler do what is approved at a desk.
func (t *Settler) Attend(desk *foureyes.Desk) { desk.Handle(SettleKind, t.kind) }

// kind finds everything a settlement needs before its transaction.
func (t *Settler) kind(ctx context.Context, r foureyes.Request) (foureyes.Apply, error) {
	var c settlement
	if err := json.Unmarshal(r.Body, &c); err != nil {
		return nil, fmt.Errorf("read settlement %s: %w", r.ID, err)
	}
	p, l, err := t.look(ctx, c.Leg, c.As)
	if err != nil {
		return nil, err
	}
	// No wallet is called, so a protocol that nobody speaks any more is no hindrance.
	f, err := t.s.frameOf(ctx, p.as(l))
	if f == nil {
		return nil, err
	}
	return func(ctx context.Context, tx *db.Tx) error {
		return t.settle(ctx, tx, c, f, claimOf(p.as(l)).Keys(), "change:"+r.ID)
	}, nil
}

// settle does what two people said about a leg.
func (t *Settler) settle(
	ctx context.Context, tx *db.Tx, c settlement, f *frame, counters []risk.Key, actor string,
) error {
	ref, err := t.s.directory.Read(ctx, tx)
	if err != nil {
		return err
	}
	if ref.LedgerClosed {
		return ledger.ErrClosed.Newf("the books do not balance; an operator must look")
	}
	key, err := legKey(c.Leg)
	if err != nil {
		return err
	}
	leg := pk{key.acquirer, c.Leg}
	sh, err := load(ctx, tx, &needs{now: t.s.now(), version: ref.Version, made: map[pk]made{},
		payments: []pk{key}, legs: []pk{leg}, counters: counters})
	if err != nil {
		return err
	}
	p, l := sh.payments[key], sh.legs[leg]
	if p == nil || l == nil {
		return ErrNotFound.Newf("no leg %q", c.Leg)
	}
	undone, err := settleable(ctx, tx, p, l, c.As)
	if err != nil {
		return err
	}
	if l.Note != c.Because || l.LatePosted != c.LateStood {
		return foureyes.ErrStale.Newf("the leg is stuck because %s by now", l.Note)
	}
	sh.settle(p, l, f, c.As, undone, actor)
	return sh.flush(ctx, tx, t.s.log, t.s.lane)
}

// settle moves a stuck leg and books what follows. undone: its late yes was mirrored before.
func (s *sheet) settle(
	p *Payment, l *Leg, f *frame, as Found, undone bool, actor string,
) {
	late := ledger.LegTransferID(p.ID, ledger.CauseLate, legNo(l))
	s.dirty[p] = true // whoever has read the leg before reads it again
	l.Note = "settled as " + string(as) + " by " + actor
	if as == Taken {
		s.step(l, LegOnTaken)
		if !l.LatePosted {
			l.LatePosted = true
			s.post(f, p, ledger.CauseLate, late, f.books.late(l.Amount.Minor()), "")
		}
	} else {
		s.step(l, LegOnSettled)
		l.Next = time.Time{}
		if l.Terms != nil && p.legID() != l.ID {
			claimOf(p.as(l)).Release(s.risk) // a leg of an order holds until it has ended
		}
		if l.LatePosted && !undone {
			s.post(f, p, ledger.CauseLateUndone,
				ledger.LegTransferID(p.ID, ledger.CauseLateUndone, legNo(l)),
				ledger.Mirror(f.books.late(l.Amount.Minor())), late)
		}
	}
	s.tell(p, event.Event{Kind: "leg.settled", Data: object(text("leg", l.ID),
		text("state", string(l.State)), text("as", string(as)))}, actor)
}

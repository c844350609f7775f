package payment

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/event"
	"watari/pay/code"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/risk"
)

// order is one thing to do to the books. It is decided in memory, on what the batch has
// claimed, locked and read; a batch that is tried again decides again, so an order changes
// nothing of itself.
type order interface {
	// batchKey keeps two orders about one thing out of the same batch.
	batchKey() string
	// need lists what the order will look at.
	need(n *needs)
	// decide changes the sheet. It does not touch the database.
	decide(s *sheet) reply
}

// reply is what became of an order.
type reply struct {
	payment *Payment
	leg     *Leg
	legs    []*Leg // that were closed with their payment
	refund  *Refund
	capture *Capture
	begun   bool   // this attempt made the payment or refund: call the wallet
	kept    pk     // an earlier try of this batch has kept the payment: read it
	again   string // the subject of the earlier request with the same id
	stale   bool   // the directory changed since the order was prepared: prepare it again
	doubted bool   // a yes that only an inquiry can tell from one that was undone before
	err     error
}

// needs is what a batch claims, locks and reads, in this order (rules of kit/batch).
type needs struct {
	now      time.Time
	version  int64
	claims   []*claim
	codes    []code.Key
	foreign  []code.Use
	counters []risk.Key
	payments []pk
	legs     []pk
	families []pk // payments of which every leg is needed
	refunds  []pk
	siblings []pk // payments of which every refund is needed
	captures []pk
	consents []pk
	made     map[pk]made
}

// made is a payment with its leg as the order that asks has made them itself.
type made struct {
	payment Payment
	leg     Leg
}

// sheet is the working set of one batch.
type sheet struct {
	now      time.Time
	version  int64 // of the directory, read in this transaction
	claims   map[claimKey]*claim
	won      map[claimKey]bool
	codes    map[code.Key]code.Row
	foreign  map[code.Key]bool
	consumed []code.Use
	risk     *risk.Sheet
	payments map[pk]*Payment
	legs     map[pk]*Leg
	refunds  map[pk]*Refund
	captures map[pk]*Capture
	consents map[pk]*Consent
	families map[pk][]*Leg // in the order of their ids
	// siblings are the wallet's ids of the refunds of a payment, by our own.
	siblings map[pk]map[string]string

	newPayments   []*Payment
	newLegs       []*Leg
	newRefunds    []*Refund
	newCaptures   []*Capture
	dirty         map[*Payment]bool
	dirtyLegs     map[*Leg]bool
	dirtyRefunds  map[*Refund]bool
	dirtyCaptures map[*Capture]bool
	transfers     []ledger.Transfer
	events        []event.Event
}

// commitTries is how often a batch is tried whose commit was in doubt.
const commitTries = 3

// run takes a batch of orders through one durable transaction. When the connection is lost
// while it commits, nobody knows whether it did: the batch is decided again, and finds what
// it has written itself, by the ids that its orders carry (P5).
func (s *Service) run(ctx context.Context, orders []order) ([]reply, error) {
	for try := 1; ; try++ {
		replies, err := s.once(ctx, orders)
		if err == nil || !db.IsMaybeCommitted(err) || try == commitTries {
			s.log.Wake()
			return replies, err
		}
		s.logger.Warn("a commit is in doubt; the batch is tried again", "orders", len(orders),
			"error", err)
	}
}

// once is one try of a batch.
func (s *Service) once(ctx context.Context, orders []order) ([]reply, error) {
	var replies []reply
	err := s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		ref, err := s.directory.Read(ctx, tx)
		if err != nil {
			return err
		}
		if ref.LedgerClosed {
			replies = closedFor(orders)
			return nil
		}
		n := &needs{now: s.now(), version: ref.Version, made: map[pk]made{}}
		for _, o := range orders {
			o.need(n)
		}
		sh, err := load(ctx, tx, n)
		if err != nil {
			return err
		}
		replies = make([]reply, len(orders))
		for i, o := range orders {
			replies[i] = o.decide(sh)
		}
		if err := sh.flush(ctx, tx, s.log, s.lane); err != nil {
			return err
		}
		crash.At(crash.InBatch)
		return nil
	})
	return replies, err
}

// closedFor answers every order while the ledger is closed: nothing is decided, and what is
// under way goes on when it is open again.
func closedFor(orders []order) []reply {
	out := make([]reply, len(orders))
	for i := range out {
		out[i].err = ledger.ErrClosed.Newf("the books do not balance; an operator must look")
	}
	return out
}

// load claims, locks and reads what the orders need.
func load(ctx context.Context, tx *db.Tx, n *needs) (*sheet, error) {
	sh := &sheet{now: n.now, version: n.version, claims: map[claimKey]*claim{},
		won: map[claimKey]bool{}, payments: map[pk]*Payment{}, legs: map[pk]*Leg{},
		refunds: map[pk]*Refund{}, dirty: map[*Payment]bool{}, dirtyLegs: map[*Leg]bool{},
		dirtyRefunds: map[*Refund]bool{}, captures: map[pk]*Capture{},
		dirtyCaptures: map[*Capture]bool{}, families: map[pk][]*Leg{},
		siblings: map[pk]map[string]string{}, consents: map[pk]*Consent{}}
	if err := sh.claim(ctx, tx, n.claims); err != nil {
		return nil, fmt.Errorf("claim request ids: %w", err)
	}
	var err error
	if len(n.codes) > 0 {
		if sh.codes, err = code.Lock(ctx, tx, n.codes); err != nil {
			return nil, fmt.Errorf("lock wallet codes: %w", err)
		}
	}
	if len(n.foreign) > 0 {
		if sh.foreign, err = code.ConsumeForeign(ctx, tx, n.foreign); err != nil {
			return nil, fmt.Errorf("consume wallet codes: %w", err)
		}
	}
	if sh.risk, err = risk.Load(ctx, tx, n.counters); err != nil {
		return nil, fmt.Errorf("lock limits: %w", err)
	}
	return sh, sh.read(ctx, tx, n)
}

// read locks the payments, and reads them with their legs and refunds in statements after the
// lock. A payment that the order itself has made, and nobody has touched since, is not read
// again: its version says so, and a leg never changes its state without it.
func (sh *sheet) read(ctx context.Context, tx *db.Tx, n *needs) error {
	stale := n.payments[:0:0]
	if len(n.payments) > 0 {
		err := lockPayments(ctx, tx, sorted(n.payments), func(k pk, version int64) {
			m, ok := n.made[k]
			if !ok || m.payment.Version != version {
				stale = append(stale, k)
				return
			}
			p, l := m.payment, m.leg
			sh.payments[k], sh.legs[l.key()] = &p, &l
		})
		if err != nil {
			return fmt.Errorf("lock payments: %w", err)
		}
	}
	if len(stale) > 0 {
		err := readPayments(ctx, tx, stale, func(p *Payment) { sh.payments[p.key()] = p })
		if err != nil {
			return fmt.Errorf("read payments: %w", err)
		}
	}
	legs := n.legs[:0:0]
	for _, k := range sorted(n.legs) {
		if sh.legs[k] == nil {
			legs = append(legs, k)
		}
	}
	if len(legs) > 0 {
		err := readLegs(ctx, tx, legs, func(l *Leg) {
			sh.legs[l.key()] = l
			sh.known(l)
		})
		if err != nil {
			return fmt.Errorf("read legs: %w", err)
		}
	}
	if err := sh.readFamilies(ctx, tx, n); err != nil {
		return err
	}
	if len(n.refunds) > 0 {
		err := readRefunds(ctx, tx, sorted(n.refunds), func(f *Refund) {
			sh.refunds[pk{f.AcquirerNo, f.ID}] = f
		})
		if err != nil {
			return fmt.Errorf("read refunds: %w", err)
		}
	}
	for _, k := range sorted(n.siblings) {
		found, err := refundsOf(ctx, tx, k.acquirer, k.id)
		if err != nil {
			return fmt.Errorf("read refunds of %s: %w", k.id, err)
		}
		sh.siblings[k] = map[string]string{}
		for _, f := range found {
			sh.siblings[k][f.ID] = f.TheirID
		}
	}
	if len(n.captures) > 0 {
		err := readCaptures(ctx, tx, sorted(n.captures), func(c *Capture) {
			sh.captures[c.key()] = c
		})
		if err != nil {
			return fmt.Errorf("read captures: %w", err)
		}
	}
	return sh.readConsents(ctx, tx, n)
}

// readConsents reads the consents that are charged. None of them is revoked before this batch is
// committed.
func (sh *sheet) readConsents(ctx context.Context, tx *db.Tx, n *needs) error {
	for _, k := range sorted(n.consents) {
		c, err := shareConsent(ctx, tx, k)
		if err != nil && !errors.Is(err, db.ErrNoRows) {
			return fmt.Errorf("read consent %s: %w", k.id, err)
		}
		if err == nil {
			sh.consents[k] = c
		}
	}
	return nil
}

// known gives a payment what the leg that pays it has from the wallet.
func (sh *sheet) known(l *Leg) {
	p := sh.payments[pk{l.AcquirerNo, l.PaymentID}]
	if p != nil && p.Step == l.step() {
		p.TheirID, p.QuoteID = l.TheirID, l.QuoteID
		if l.Terms != nil {
			p.Taken = l.Terms.Taken
		}
	}
}

// readFamilies reads every leg of some payments.
func (sh *sheet) readFamilies(ctx context.Context, tx *db.Tx, n *needs) error {
	if len(n.families) == 0 {
		return nil
	}
	err := legsOfPayments(ctx, tx, sorted(n.families), func(l *Leg) {
		k := pk{l.AcquirerNo, l.PaymentID}
		if was := sh.legs[l.key()]; was != nil {
			l = was
		}
		sh.legs[l.key()] = l
		sh.families[k] = append(sh.families[k], l)
		sh.known(l)
	})
	if err != nil {
		return fmt.Errorf("read the legs of payments: %w", err)
	}
	return nil
}

// sorted returns the keys once each, in order.
func sorted(keys []pk) []pk {
	sort.Slice(keys, func(i, j int) bool { return keys[i].less(keys[j]) })
	out := keys[:0]
	for i, k := range keys {
		if i == 0 || k != keys[i-1] {
			out = append(out, k)
		}
	}
	return out
}

// claim inserts the claims and reads those that were there before. Two of one key in the
// same batch: the first one has it.
func (sh *sheet) claim(ctx context.Context, tx *db.Tx, claims []*claim) error {
	if len(claims) == 0 {
		return nil
	}
	mine := make([]*claim, 0, len(claims))
	for _, c := range claims {
		if sh.claims[c.key] == nil {
			fresh := *c
			sh.claims[c.key] = &fresh
			mine = append(mine, &fresh)
		}
	}
	sort.Slice(mine, func(i, j int) bool { return mine[i].key.less(mine[j].key) })
	err := insertClaims(ctx, tx, mine, func(k claimKey) { sh.won[k] = true })
	if err != nil {
		return err
	}
	var lost []claimKey
	for _, c := range mine {
		if !sh.won[c.key] {
			lost = append(lost, c.key)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return readClaims(ctx, tx, lost, func(c *claim) { sh.claims[c.key] = c })
}

// flush writes what was decided: keys, codes, counters, payments, legs, refunds, postings,
// events, balances, in this order in every transaction.
func (sh *sheet) flush(ctx context.Context, tx *db.Tx, log *event.Log, lane int) error {
	steps := []func() error{
		func() error { return sh.flushClaims(ctx, tx) },
		func() error { return code.Consume(ctx, tx, sh.consumed) },
		func() error { return sh.risk.Flush(ctx, tx) },
		func() error { return sh.flushPayments(ctx, tx) },
		func() error { return sh.flushLegs(ctx, tx) },
		func() error { return sh.flushRefunds(ctx, tx) },
		func() error { return sh.flushCaptures(ctx, tx) },
		func() error { return ledger.Post(ctx, tx, sh.transfers) },
		func() error { return log.Append(ctx, tx, lane, sh.events) },
		func() error { return ledger.Move(ctx, tx, lane, sh.transfers) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("write batch: %w", err)
		}
	}
	return nil
}

func (sh *sheet) flushClaims(ctx context.Context, tx *db.Tx) error {
	var changed []*claim
	for _, c := range sh.claims {
		if c.changed {
			changed = append(changed, c)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	sort.Slice(changed, func(i, j int) bool { return changed[i].key.less(changed[j].key) })
	return updateClaims(ctx, tx, changed)
}

func (sh *sheet) flushPayments(ctx context.Context, tx *db.Tx) error {
	if err := insertPayments(ctx, tx, inOrder(sh.newPayments)); err != nil {
		return err
	}
	changed := inOrder(members(sh.dirty))
	var orders []*Payment
	for _, p := range changed {
		if p.Way != link.WayCode {
			orders = append(orders, p)
		}
	}
	// What is being captured goes down before what is captured goes up (P7).
	if err := updateOrders(ctx, tx, orders); err != nil {
		return err
	}
	if err := updatePayments(ctx, tx, changed); err != nil {
		return err
	}
	for _, p := range changed {
		p.Version++
	}
	return nil
}

func (sh *sheet) flushLegs(ctx context.Context, tx *db.Tx) error {
	if err := insertLegs(ctx, tx, inOrder(sh.newLegs)); err != nil {
		return err
	}
	changed := inOrder(members(sh.dirtyLegs))
	if err := updateLegs(ctx, tx, changed); err != nil {
		return err
	}
	var taken []*Leg
	for _, l := range changed {
		if l.Terms != nil {
			taken = append(taken, l)
		}
	}
	return updateTerms(ctx, tx, taken)
}

func (sh *sheet) flushCaptures(ctx context.Context, tx *db.Tx) error {
	if err := insertCaptures(ctx, tx, inOrder(sh.newCaptures)); err != nil {
		return err
	}
	return updateCaptures(ctx, tx, inOrder(members(sh.dirtyCaptures)))
}

func (sh *sheet) flushRefunds(ctx context.Context, tx *db.Tx) error {
	if err := insertRefunds(ctx, tx, inOrder(sh.newRefunds)); err != nil {
		return err
	}
	return updateRefunds(ctx, tx, inOrder(members(sh.dirtyRefunds)))
}

// keyed is a row of a hot table.
type keyed interface{ key() pk }

func (p *Payment) key() pk { return pk{p.AcquirerNo, p.ID} }
func (l *Leg) key() pk     { return pk{l.AcquirerNo, l.ID} }
func (f *Refund) key() pk  { return pk{f.AcquirerNo, f.ID} }

// inOrder sorts rows by key: two batches that write in opposite order deadlock.
func inOrder[R keyed](rows []R) []R {
	sort.Slice(rows, func(i, j int) bool { return rows[i].key().less(rows[j].key()) })
	return rows
}

func members[R comparable](set map[R]bool) []R {
	out := make([]R, 0, len(set))
	for r := range set {
		out = append(out, r)
	}
	return out
}

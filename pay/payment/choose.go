package payment

import (
	"context"
	"slices"
	"time"

	"watari/kit/crash"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/fee"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/risk"
)

// Choice is a payer's wish to pay an order with a wallet.
type Choice struct {
	Payment   *Payment // as ByToken or Find returned it
	IssuerNo  int64
	Way       link.Way // WayOrder, WayEntry or WayPage
	ReturnURL string   // where the wallet sends its user; the order's page when empty
	UserAgent string
	PayerIP   string
	Payer     string // the wallet's own id of the payer when a sign-in told it
	Began     time.Time
}

// Choices are the open wallets that an order can be paid with in a way, by name.
func (s *Service) Choices(ctx context.Context, p *Payment, way link.Way) ([]party.Wallet, error) {
	all, err := s.directory.Wallets(ctx)
	if err != nil {
		return nil, err
	}
	var out []party.Wallet
	for _, w := range all {
		f := &frame{wallet: w}
		if w.InService() && p.takes(w.Issuer.No) && f.connect(s) == nil &&
			f.able(way, p != nil && p.Hold) {
			out = append(out, w)
		}
	}
	return out, nil
}

// takes says whether a payment may be paid with a wallet; a nil one with every wallet.
func (p *Payment) takes(issuerNo int64) bool {
	return p == nil || len(p.OnlyIssuers) == 0 || slices.Contains(p.OnlyIssuers, issuerNo)
}

// able says whether a wallet can be paid in a way.
func (f *frame) able(way link.Way, hold bool) bool {
	_, prepares := f.connector.(link.Preparer)
	_, holds := f.connector.(link.Holder)
	return f.caps.Can(way) && (prepares || f.caps.Resolves) &&
		(!hold || holds && f.caps.HoldLife > 0)
}

// Choose asks a wallet to make an order that its user then pays, and returns how the user gets
// there. The leg is kept before the wallet is asked (P2). Choosing the same wallet in the same way
// again returns the same form.
//
// Errors: ErrClosed (paid, cancelled or expired), ErrWay, ErrWalletClosed, ErrWalletOnly, ErrTries,
// ErrDeclined with the member "reason", ErrBusy when the wallet gave no answer, those of
// fx.Board.Live and risk.Check.
func (s *Service) Choose(ctx context.Context, c Choice) (link.Form, error) {
	until := c.Began.Add(AnswerEnd)
	ctx, end := context.WithDeadline(ctx, until)
	defer end()
	t, f, err := s.prepareTake(ctx, c.Payment, c.IssuerNo, c.Way, c.Began)
	if err != nil {
		return link.Form{}, err
	}
	preparer, ok := f.connector.(link.Preparer)
	if !ok {
		// The wallet asks us what the order's own code means, and gets its leg then (Resolve).
		return link.Form{CodeText: s.CodeURL(c.Payment), Expires: c.Payment.Expires}, nil
	}
	r, err := s.submit(ctx, t, until)
	switch {
	case err != nil:
		return link.Form{}, err
	case r.stale:
		return link.Form{}, ErrBusy.Newf("the order was changed; try again")
	case !r.begun && r.leg.Terms.Form != nil:
		return *r.leg.Terms.Form, nil
	case !r.begun:
		return link.Form{}, ErrBusy.Newf("the wallet is being asked; try again")
	}
	p := r.payment.as(r.leg)
	if c.ReturnURL == "" {
		c.ReturnURL = s.CodeURL(p)
	}
	callCtx, cancel := context.WithDeadline(context.WithoutCancel(ctx),
		c.Began.Add(min(CallEnd, f.caps.CallMax)))
	defer cancel()
	crash.At(crash.BeforeCall)
	form, answer := preparer.Prepare(callCtx, f.endpoint(), link.Prepare{Way: c.Way,
		Authorise: s.prepared(p, r.leg, f, t.quote), ReturnURL: c.ReturnURL,
		CancelURL: c.ReturnURL, UserAgent: c.UserAgent, PayerIP: c.PayerIP, Payer: c.Payer})
	crash.At(crash.AfterCall)
	s.unheard("prepare", r.leg.ID, f, answer)
	if answer.Outcome == link.Approved {
		// Nothing is paid by making an order; what it is worth, an inquiry tells.
		answer = link.Answer{Outcome: link.Unknown, Cause: errPrepared, TheirID: answer.TheirID}
	}
	kept, err := s.submit(ctx, &formed{conclude: conclude{key: p.key(), leg: r.leg.ID,
		answer: sound(answer), frame: f, claim: claimOf(p), order: true, taken: r.leg,
		customer: true, actor: "wallet:" + f.wallet.Issuer.ID}, form: form}, until)
	crash.At(crash.BeforeAnswer)
	switch {
	case err != nil:
		return link.Form{}, err
	case answer.Outcome == link.Declined:
		return link.Form{}, ErrDeclined.Newf("%s does not take this payment",
			f.wallet.Issuer.Name).Set("reason", string(answer.Reason))
	case !answer.UserActing:
		return link.Form{}, ErrBusy.Newf("%s does not answer; try again",
			f.wallet.Issuer.Name).Because(answer.Cause)
	case kept.leg.State != LegUnknown:
		return link.Form{}, ErrClosed.Newf("the order is %s", kept.payment.State)
	}
	return form, nil
}

// prepared is what a wallet is asked to make an order of.
func (s *Service) prepared(p *Payment, l *Leg, f *frame, q link.Quote) link.Authorise {
	b := &begin{frame: f, leg: *l, description: p.Description, quote: q}
	a := b.request(p)
	a.Expires, a.Hold = p.Expires, p.Hold
	return a
}

// prepareTake prices an order for a wallet.
func (s *Service) prepareTake(
	ctx context.Context, p *Payment, issuerNo int64, way link.Way, began time.Time,
) (*take, *frame, error) {
	if !p.order() || !p.open() || !s.now().Before(p.Expires) {
		return nil, nil, ErrClosed.Newf("the order is not open any more").
			Set("state", string(p.State))
	}
	wallet, err := s.directory.Wallet(ctx, issuerNo)
	if err != nil {
		return nil, nil, err
	}
	if !p.takes(issuerNo) {
		return nil, nil, ErrWalletOnly.Newf("%s cannot pay this order: its price is for another "+
			"wallet", wallet.Issuer.Name)
	}
	if !wallet.InService() {
		return nil, nil, ErrWalletClosed.Newf("%s does not take payments now",
			wallet.Issuer.Name)
	}
	f := &frame{wallet: wallet, issuerTerms: wallet.Agreement}
	if f.point, err = s.pointOf(ctx, p); err != nil {
		return nil, nil, err
	}
	if err := f.point.Usable(); err != nil { // it may have been suspended since the order was made
		return nil, nil, err
	}
	f.acquirerTerms = f.point.Agreement
	if err := f.connect(s); err != nil {
		return nil, nil, err
	}
	if !f.able(way, p.Hold) {
		return nil, nil, ErrWay.Newf("%s cannot be paid this way", wallet.Issuer.Name)
	}
	cur := wallet.Agreement.Currency
	if f.books, err = s.booksOf(ctx, p.AcquirerNo, p.MerchantNo, issuerNo, p.Order.Currency(),
		cur); err != nil {
		return nil, nil, err
	}
	now := s.now()
	q, err := s.board.Live(ctx, issuerNo, p.Order.Currency(), cur, wallet.Agreement.SpreadPPM, now)
	if err != nil {
		return nil, nil, err
	}
	payTo, mid, err := q.Convert(p.Order)
	if err != nil || payTo.IsZero() {
		return nil, nil, ErrAmount.Newf("%s cannot be paid in %s", p.Order, cur).Because(err)
	}
	coef, exp := q.Rate.Columns()
	t := &take{key: p.key(), frame: f, rules: s.rules, began: began,
		quote: link.Quote{ID: q.ID, Rate: q.Rate, From: q.From, Until: q.Until},
		order: p.Order,
		leg: Leg{AcquirerNo: p.AcquirerNo, PaymentID: p.ID, Direction: Outbound,
			Connector: wallet.Issuer.Connector, IssuerNo: issuerNo,
			Agreement: wallet.Agreement.Version, Amount: payTo, QuoteID: q.ID, State: LegAsked,
			Next: began.Add(firstInquiry), Deadline: p.Expires,
			WalletUntil: f.caps.WalletUntil(now)},
		terms: Terms{Way: way, RateCoef: coef, RateExp: exp, Mid: mid.Minor(),
			Fees: fee.Of(plan(f), p.Order), CancelUntil: f.caps.CancelUntil(now),
			AcquirerAgreement: f.point.Agreement.Version,
			IssuerAgreement:   wallet.Agreement.Version, Taken: now}}
	return t, f, nil
}

// pointOf finds the place of a payment that exists.
func (s *Service) pointOf(ctx context.Context, p *Payment) (party.Point, error) {
	if p.TerminalNo != 0 {
		return s.directory.Terminal(ctx, p.TerminalNo)
	}
	return s.directory.Store(ctx, p.StoreNo)
}

// take is the order that gives an order a leg: a wallet, at a price, within the limits.
type take struct {
	key      pk
	frame    *frame
	rules    risk.Rules
	leg      Leg
	terms    Terms
	quote    link.Quote
	order    money.Amount
	began    time.Time
	customer string                                       // sealed; of a wallet that resolves
	same     func(l *Leg) (mine bool, other *fault.Error) // of such a wallet: is this its leg?
}

func (t *take) batchKey() string { return t.key.id }

func (t *take) need(n *needs) {
	n.payments = append(n.payments, t.key)
	n.families = append(n.families, t.key)
	n.counters = append(n.counters, t.rules.Keys(t.frame.point, t.frame.wallet, t.terms.Taken)...)
}

func (t *take) decide(s *sheet) reply {
	p := s.payments[t.key]
	switch {
	case p == nil:
		return reply{err: ErrNotFound.Newf("no payment %s", t.key.id)}
	case s.now.Sub(t.began) >= CallEnd:
		return reply{err: ErrBusy.Newf("the request waited too long; try again")}
	case t.frame.point.Seen < s.version || t.frame.wallet.Seen < s.version:
		return reply{stale: true}
	}
	family := s.families[t.key]
	for _, l := range family {
		mine, err := t.mine(l, s.now)
		if err != nil {
			return reply{err: err}
		}
		if mine {
			return reply{payment: p, leg: l}
		}
	}
	switch {
	case !p.open() || !s.now.Before(p.Expires):
		return reply{err: ErrClosed.Newf("the order is not open any more").
			Set("state", string(p.State))}
	case len(family) >= legsMax:
		return reply{err: ErrTries.Newf("%d wallets were tried; make a new order", legsMax)}
	}
	f := t.frame
	if err := t.rules.Check(f.point, f.wallet, t.order, t.leg.Amount, s.risk.Used,
		t.terms.Taken); err != nil {
		return reply{err: err}
	}
	l, terms := t.leg, t.terms
	l.ID = legOf(p.ID, byte(firstLeg+len(family)))
	terms.Held = t.rules.Reserve(s.risk, f.point, f.wallet, t.order, l.Amount, terms.Taken)
	terms.Customer = t.customer
	l.Terms = &terms
	s.newLegs = append(s.newLegs, &l)
	s.families[t.key] = append(family, &l)
	s.dirty[p] = true // a new version: who reads the order now finds the leg
	s.tell(p, legEvent("leg.asked", &l), "wallet:"+f.wallet.Issuer.ID)
	return reply{payment: p, leg: &l, begun: true}
}

// mine says whether a leg is the answer to this very wish: the same wallet in the same way, and
// still open. A leg without a form whose wallet is not being asked any more is none: its answer was
// lost, so no payer can get to it, and it would keep them from this wallet as long as the order
// lives. It ends with the order.
func (t *take) mine(l *Leg, now time.Time) (bool, *fault.Error) {
	if t.same != nil {
		return t.same(l)
	}
	switch f := l.Terms.Form; {
	case f == nil && !now.Before(l.Terms.Taken.Add(AnswerEnd)):
		return false, nil
	case f != nil && !f.Expires.IsZero() && !now.Before(f.Expires):
		return false, nil // the wallet's own code is over before the order is
	}
	return l.IssuerNo == t.leg.IssuerNo && l.Terms.Way == t.terms.Way &&
		(l.State == LegAsked || l.State == LegUnknown), nil
}

// formed is the order that takes a wallet's answer to Prepare, with the form.
type formed struct {
	conclude
	form link.Form
}

func (f *formed) decide(s *sheet) reply {
	r := f.conclude.decide(s)
	if r.leg != nil && r.leg.Terms != nil && f.answer.UserActing {
		r.leg.Terms.Form = &f.form
		s.dirtyLegs[r.leg] = true
	}
	return r
}

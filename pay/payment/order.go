package payment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"watari/kit/crash"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
)

// Order is a payment that waits for its payer: the shop shows a code, or a page sends the payer to
// a wallet.
type Order struct {
	Origin
	MerchantID, StoreID, TerminalID string // the acquirer's references; TerminalID may be ""
	OrderRef, Description           string
	Amount                          money.Amount
	SettleCurrency                  money.Currency // "" is the agreement's
	NotifyURL                       string
	ReturnURL                       string    // where a page sends the payer when all is done
	Expires                         time.Time // zero is ten minutes; at most a day
	Way                             link.Way  // any but WayCode and WayAgreement
	Hold                            bool      // promise it, and capture later
	Merchant                        *NewMerchant
	OnlyIssuers                     []int64 // numbers of the wallets that may pay; none is all
}

// Times of an order.
const (
	orderLife    = 10 * time.Minute
	orderLifeMax = 24 * time.Hour
	orderLifeMin = 10 * time.Second
)

// Open makes an order. It is Pending until a payer pays it with any wallet, the shop cancels it, or
// it expires; then it is Captured (or Authorised with Hold) or Cancelled.
//
// Errors: ErrRequestID, ErrInconsistent, ErrClosed, ErrAmount, ErrCurrency, ErrSettle, ErrWay,
// ErrExpiry, ErrBusy, those of party.Directory.Point and party.Point.Usable. Every refusal but
// ErrRequestID and ErrBusy is kept with the request id and repeated verbatim.
func (s *Service) Open(ctx context.Context, o Order) (*Payment, error) {
	if err := checkRequestID(o.RequestID); err != nil {
		return nil, err
	}
	until := o.Began.Add(AnswerEnd)
	ctx, end := context.WithDeadline(ctx, until)
	defer end()
	crash.At(crash.BeforeBegin)
	for range 3 {
		b, err := s.prepareOrder(ctx, o)
		if err != nil {
			return nil, inTime(err)
		}
		r, err := s.submit(ctx, b, until)
		switch {
		case err != nil:
			return nil, err
		case r.stale:
			continue
		case r.again != "":
			return s.load(ctx, pk{o.AcquirerNo, r.again})
		case r.kept.id != "":
			return s.load(ctx, r.kept)
		}
		crash.At(crash.BeforeAnswer)
		return r.payment, nil
	}
	return nil, ErrBusy.Newf("the directory is changing; try again")
}

// opening is the order that makes a payment without a leg.
type opening struct {
	claim   *claim
	compare []Field
	refusal *fault.Error
	point   party.Point
	payment Payment
	began   time.Time
}

// prepareOrder finds everything an order needs. A refusal found here is carried, to be stored.
func (s *Service) prepareOrder(ctx context.Context, o Order) (*opening, error) {
	pid := id.New("pay", int(o.AcquirerNo))
	b := &opening{compare: o.Compare, began: o.Began, claim: &claim{
		key:      claimKey{o.AcquirerNo, string(o.Channel) + "." + opPay, o.RequestID},
		subject:  pid,
		compared: compareText(o.Compare)}}
	err := s.fillOrder(ctx, b, o)
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal):
		b.refusal = refusal
	case err != nil:
		return nil, err
	}
	return b, nil
}

func (s *Service) fillOrder(ctx context.Context, b *opening, o Order) error {
	sale := Sale{Origin: o.Origin, MerchantID: o.MerchantID, StoreID: o.StoreID,
		TerminalID: o.TerminalID, Amount: o.Amount, SettleCurrency: o.SettleCurrency,
		Merchant: o.Merchant}
	point, err := s.place(ctx, sale)
	if err != nil {
		return err
	}
	if err := checkAmount(sale, point); err != nil {
		return err
	}
	now := s.now()
	if o.Expires.IsZero() {
		o.Expires = now.Add(orderLife)
	}
	life := o.Expires.Sub(now)
	switch {
	case o.Way == link.WayCode || o.Way == link.WayAgreement || o.Way == "":
		return ErrWay.Newf("%q is not a way to pay an order", o.Way)
	case life < orderLifeMin || life > orderLifeMax:
		return ErrExpiry.Newf("%s does not lie %.0f seconds to %.0f hours after now",
			o.Expires.UTC().Format(time.RFC3339), orderLifeMin.Seconds(), orderLifeMax.Hours())
	}
	zero := money.MustNew(0, o.Amount.Currency())
	until := o.Expires.UTC().Truncate(time.Microsecond)
	b.point = point
	b.payment = Payment{ID: b.claim.subject, AcquirerNo: o.AcquirerNo, RequestID: o.RequestID,
		State: Pending, Version: 1, MerchantNo: point.Merchant.No, StoreNo: point.Store.No,
		OrderRef: o.OrderRef, Channel: o.Channel, Order: o.Amount, PayTo: zero,
		Settle: o.Amount, Created: now, CancelUntil: until, NotifyURL: o.NotifyURL,
		AcquirerAgreement: point.Agreement.Version, Actor: o.Actor, Way: o.Way, Hold: o.Hold,
		ReturnURL: o.ReturnURL, Description: o.Description, Expires: until, Due: until,
		OnlyIssuers: o.OnlyIssuers}
	if point.Terminal != nil {
		b.payment.TerminalNo = point.Terminal.No
	}
	return nil
}

func (b *opening) batchKey() string { return b.claim.key.String() }

func (b *opening) need(n *needs) {
	if n.now.Sub(b.began) < CallEnd && (b.refusal != nil || b.point.Seen >= n.version) {
		n.claims = append(n.claims, b.claim)
	}
}

func (b *opening) decide(s *sheet) reply {
	switch {
	case s.now.Sub(b.began) >= CallEnd:
		return reply{err: ErrBusy.Newf("the request waited too long; try again")}
	case b.refusal == nil && b.point.Seen < s.version:
		return reply{stale: true}
	}
	c := s.claims[b.claim.key]
	switch {
	case c.subject != b.claim.subject:
		return repeated(c, b.compare)
	case !s.won[c.key] && c.refusal != "":
		return refusedBefore(c)
	case !s.won[c.key]:
		return reply{kept: b.payment.key()}
	case b.refusal != nil:
		return s.refuse(c, b.refusal)
	}
	p := b.payment
	s.newPayments = append(s.newPayments, &p)
	s.tell(&p, event.Event{Kind: "payment." + string(Pending), Data: object(
		text("to", string(p.State)), text("way", string(p.Way)), amount("order", p.Order),
		number("terminal", p.TerminalNo))}, p.Actor)
	return reply{payment: &p}
}

// Token is how a payment is named in the addresses that payers open: public, and not guessed.
func (p *Payment) Token() string { return strings.TrimPrefix(p.ID, "pay_") }

// ByToken returns the payment that an address names.
//
// Errors: ErrNotFound.
func (s *Service) ByToken(ctx context.Context, token string) (*Payment, error) {
	pid := "pay_" + token
	acquirer, ok := id.Shard(pid)
	if !ok || len(pid) != id.Len {
		return nil, ErrNotFound.Newf("no such order")
	}
	p, err := s.load(ctx, pk{int64(acquirer), pid})
	if err == nil && !p.order() {
		err = ErrNotFound.Newf("no such order")
	}
	return p, err
}

// CodeURL is the text of the QR code of an order, and the address of its page.
func (s *Service) CodeURL(p *Payment) string { return s.public + "/q/" + p.Token() }

// CheckoutURL is where a web page sends the payer of an order.
func (s *Service) CheckoutURL(p *Payment) string { return s.public + "/pay/" + p.Token() }

// lapse closes what nobody has paid, or captured, in time. Just before it each wallet that was
// asked is inquired once more.
func (s *Service) lapse(ctx context.Context, p *Payment) error {
	for n := range legsMax {
		l, err := s.loadLeg(ctx, pk{p.AcquirerNo, legOf(p.ID, byte(firstLeg+n))})
		if isNotFound(err) {
			break
		}
		if err != nil {
			return err
		}
		if l.State != LegAsked && l.State != LegUnknown {
			continue
		}
		q := p.as(l)
		f, err := s.frameOf(ctx, q)
		if err != nil {
			return fmt.Errorf("find the wallet of leg %s: %w", l.ID, err)
		}
		if err := s.inquire(ctx, q, l, f); err != nil {
			return fmt.Errorf("inquire leg %s: %w", l.ID, err)
		}
	}
	now, err := s.load(ctx, p.key())
	if err != nil {
		return err
	}
	if now.State == Captured && now.Hold {
		_, err := s.submit(ctx, &release{key: now.key(), claim: claimOf(now)},
			s.now().Add(AnswerEnd))
		return err
	}
	r, err := s.submit(ctx, &closing{key: now.key(), claim: claimOf(now), order: now.order(),
		actor: "system:expiry", system: true, lapsed: true, step: now.Step},
		s.now().Add(AnswerEnd))
	if err != nil {
		return err
	}
	s.undoAll(ctx, r, s.now())
	return nil
}

package payment

import (
	"context"
	"errors"
	"time"

	"watari/kit/crash"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/code"
	"watari/pay/fee"
	"watari/pay/link"
	"watari/pay/party"
)

// opPay is the operation part of a claim's scope.
const opPay = "pay"

// Sell takes a payment by a wallet code that a till scanned, and answers by AnswerEnd after
// the request began. The payment is Captured, Declined with a Reason, or Pending when the
// wallet's answer is not known yet; it is concluded later and the event log tells.
//
// A repeat of a request id with the same compared fields waits for the first one and returns
// its payment; it never reaches the wallet (P5, P6).
//
// Errors: ErrRequestID, ErrInconsistent, ErrClosed (the id was cancelled before it came),
// ErrAmount, ErrCurrency, ErrSettle, ErrCodeUsed, ErrCodeExpired, ErrWalletClosed, ErrBusy,
// those of code.Table.Classify, party.Directory.Point, party.Point.Usable, fx.Board.Live and
// risk.Check. Every refusal but ErrRequestID and ErrBusy is kept with the request id and
// repeated verbatim.
func (s *Service) Sell(ctx context.Context, sale Sale) (*Payment, error) {
	if err := checkRequestID(sale.RequestID); err != nil {
		return nil, err
	}
	ctx, end := context.WithDeadline(ctx, sale.Began.Add(AnswerEnd))
	defer end()
	p, err := s.sell(ctx, sale)
	return p, inTime(err)
}

func (s *Service) sell(ctx context.Context, sale Sale) (*Payment, error) {
	crash.At(crash.BeforeBegin)
	for range 3 {
		b, err := s.prepare(ctx, sale)
		if err != nil {
			return nil, err
		}
		r, err := s.submit(ctx, b, sale.Began.Add(AnswerEnd))
		switch {
		case err != nil:
			return nil, err
		case r.stale:
			continue
		case r.again != "":
			return s.await(ctx, sale.Origin, r.again)
		case r.kept.id != "":
			// What the limits and the code have added is known only to what was kept.
			if r.payment, err = s.load(ctx, r.kept); err != nil {
				return nil, err
			}
		}
		return s.ask(ctx, r.payment, b)
	}
	return nil, ErrBusy.Newf("the directory is changing; try again")
}

// checkRequestID refuses ids that no protocol allows.
func checkRequestID(rid string) error {
	rid = ownID(rid)
	if rid == "" || len(rid) > 64 {
		return ErrRequestID.Newf("it has 1 to 64 characters, not %d", len(rid))
	}
	for i := range len(rid) {
		if rid[i] <= ' ' || rid[i] > '~' {
			return ErrRequestID.Newf("it has printable ASCII characters only")
		}
	}
	return nil
}

// prepare finds everything a payment needs before the batch: its place, wallet, quote, fees
// and accounts. A refusal found here is carried in the order, to be stored.
func (s *Service) prepare(ctx context.Context, sale Sale) (*begin, error) {
	pid := id.New("pay", int(sale.AcquirerNo))
	b := &begin{origin: sale.Origin, rules: s.rules, compare: sale.Compare, claim: &claim{
		key:      claimKey{sale.AcquirerNo, string(sale.Channel) + "." + opPay, sale.RequestID},
		subject:  pid,
		compared: compareText(sale.Compare)}}
	err := s.fill(ctx, b, sale)
	var refusal *fault.Error
	switch {
	case errors.As(err, &refusal):
		b.refusal = refusal
	case err != nil:
		return nil, err
	}
	return b, nil
}

// fill makes the payment and the leg of an order.
func (s *Service) fill(ctx context.Context, b *begin, sale Sale) error {
	point, err := s.place(ctx, sale)
	if err != nil {
		return err
	}
	wallet, err := s.payerOf(ctx, b, sale, point)
	if err != nil {
		return err
	}
	if !wallet.InService() {
		return ErrWalletClosed.Newf("%s does not take payments now", wallet.Issuer.Name)
	}
	f := &frame{point: point, wallet: wallet, acquirerTerms: point.Agreement,
		issuerTerms: wallet.Agreement}
	if err := f.connect(s); err != nil {
		return err
	}
	if err := checkAmount(sale, point); err != nil {
		return err
	}
	b.frame = f
	f.books, err = s.booksOf(ctx, sale.AcquirerNo, point.Merchant.No, wallet.Issuer.No,
		sale.Amount.Currency(), wallet.Agreement.Currency)
	if err != nil {
		return err
	}
	if err := s.price(ctx, b, sale); err != nil {
		return err
	}
	if sale.ConsentID != "" {
		b.payment.Way, b.payment.CodeLast4 = link.WayAgreement, ""
		b.payment.Customer = b.customer
		return nil
	}
	b.use = code.Use{Key: code.Key{IssuerNo: wallet.Issuer.No, Hash: code.Hash(sale.Code)},
		PaymentID: b.payment.ID, Last4: b.payment.CodeLast4}
	return nil
}

// payerOf finds the wallet of a sale: by the code that was scanned, or by the payer's consent.
func (s *Service) payerOf(
	ctx context.Context, b *begin, sale Sale, point party.Point,
) (party.Wallet, error) {
	if sale.ConsentID != "" {
		c, wallet, plain, err := s.consented(ctx, sale, point)
		if err != nil {
			return wallet, err
		}
		b.token, b.customer, b.consent = plain, c.Customer, pk{c.AcquirerNo, c.ID}
		_, err = s.agreer(point, wallet)
		return wallet, err
	}
	match, err := s.codes.Classify(sale.Code)
	if err != nil {
		return party.Wallet{}, err
	}
	w, err := s.directory.WalletByGroup(ctx, match.Wallet)
	if errors.Is(err, party.ErrWalletUnknown) {
		const text = "the code is of a wallet that is not taken here"
		err = party.ErrWalletUnknown.Newf(text).At("/code", text)
	}
	return w, err
}

// place finds the merchant, store and terminal, and brings them when the acquirer may.
func (s *Service) place(ctx context.Context, sale Sale) (party.Point, error) {
	if sale.MerchantID == "" {
		store, err := s.directory.StoreByID(ctx, sale.AcquirerNo, sale.StoreID)
		if err != nil {
			return store, err
		}
		sale.MerchantID = store.Merchant.ID
	}
	find := func() (party.Point, error) {
		return s.directory.Point(ctx, sale.AcquirerNo, sale.MerchantID, sale.StoreID,
			sale.TerminalID)
	}
	point, err := find()
	if isUnknownPlace(err) && sale.Merchant != nil {
		point, err = s.bring(ctx, sale)
	}
	if err != nil {
		return point, err
	}
	return point, point.Usable()
}

func isUnknownPlace(err error) bool {
	return errors.Is(err, party.ErrMerchantUnknown) || errors.Is(err, party.ErrStoreUnknown) ||
		errors.Is(err, party.ErrTerminalUnknown)
}

// checkAmount refuses amounts and currencies that no payment has.
func checkAmount(sale Sale, point party.Point) *fault.Error {
	switch {
	case sale.Amount.IsZero():
		return ErrAmount.Newf("the amount is zero")
	case sale.Amount.Currency() != point.Agreement.Currency:
		return ErrCurrency.Newf("%s pays in %s, not in %s", point.Acquirer.ID,
			point.Agreement.Currency, sale.Amount.Currency())
	case sale.SettleCurrency != "" && sale.SettleCurrency != point.Agreement.Currency:
		return ErrSettle.Newf("%s settles in %s", point.Acquirer.ID, point.Agreement.Currency)
	}
	return nil
}

// price locks the quote and computes what the wallet pays and what everybody earns.
func (s *Service) price(ctx context.Context, b *begin, sale Sale) error {
	f := b.frame
	now, cur := s.now(), f.wallet.Agreement.Currency
	q, err := s.board.Live(ctx, f.wallet.Issuer.No, sale.Amount.Currency(), cur,
		f.wallet.Agreement.SpreadPPM, now)
	if err != nil {
		return err
	}
	payTo, mid, err := q.Convert(sale.Amount)
	if err != nil || payTo.IsZero() {
		return ErrAmount.Newf("%s cannot be paid in %s", sale.Amount, cur).Because(err)
	}
	m := f.point.Merchant
	p := Payment{ID: b.claim.subject, AcquirerNo: sale.AcquirerNo, RequestID: sale.RequestID,
		State: Authorising, Version: 1, MerchantNo: m.No, StoreNo: f.point.Store.No,
		IssuerNo: f.wallet.Issuer.No, OrderRef: sale.OrderRef, Channel: sale.Channel,
		Order: sale.Amount, PayTo: payTo, Settle: sale.Amount, QuoteID: q.ID, Rate: q.Rate,
		Mid: mid.Minor(), Fees: fee.Of(plan(f), sale.Amount), CodeLast4: code.Last4(sale.Code),
		Created: now, CancelUntil: f.caps.CancelUntil(now), NotifyURL: sale.NotifyURL,
		AcquirerAgreement: f.point.Agreement.Version,
		IssuerAgreement:   f.wallet.Agreement.Version, Actor: sale.Actor, Way: link.WayCode,
		Step: firstLeg}
	if f.point.Terminal != nil {
		p.TerminalNo = f.point.Terminal.No
	}
	b.payment, b.code, b.description = p, sale.Code, sale.Description
	b.quote = link.Quote{ID: q.ID, Rate: q.Rate, From: q.From, Until: q.Until}
	b.leg = Leg{AcquirerNo: p.AcquirerNo, ID: legID(p.ID), PaymentID: p.ID,
		Direction: Outbound, Connector: f.wallet.Issuer.Connector, IssuerNo: p.IssuerNo,
		Agreement: p.IssuerAgreement, Amount: payTo, QuoteID: q.ID, State: LegAsked,
		Next: sale.Began.Add(firstInquiry), Deadline: now.Add(f.caps.Deadline),
		WalletUntil: f.caps.WalletUntil(now)}
	return nil
}

// plan is the fee plan of a payment: the merchant's rate and the issuer's agreement.
func plan(f *frame) fee.Plan {
	return fee.Plan{MDR: money.PPM(f.point.Merchant.MDRPPM),
		Interchange: money.PPM(f.wallet.Agreement.InterchangePPM),
		Scheme:      money.PPM(f.wallet.Agreement.SchemePPM)}
}

// ask calls the wallet and concludes with its answer. No transaction is open (P1).
func (s *Service) ask(ctx context.Context, p *Payment, b *begin) (*Payment, error) {
	f := b.frame
	callCtx, cancel := context.WithDeadline(context.WithoutCancel(ctx),
		b.origin.Began.Add(min(CallEnd, f.caps.CallMax)))
	defer cancel()
	crash.At(crash.BeforeCall)
	answer := f.connector.Authorise(callCtx, f.endpoint(), b.request(p))
	crash.At(crash.AfterCall)
	s.unheard("pay", b.leg.ID, f, answer)
	until := b.origin.Began.Add(AnswerEnd)
	done, err := s.conclude(ctx, &conclude{key: p.key(), leg: b.leg.ID, answer: answer,
		frame: f, claim: claimOf(p), actor: "wallet:" + f.wallet.Issuer.ID,
		known: &made{*p, b.leg}}, until)
	if err != nil {
		// The safety net was written before the call: the schedule concludes it (P2).
		s.logger.Error("payment not concluded yet", "payment", p.ID, "error", err)
		p.State = Pending
		return p, nil
	}
	crash.At(crash.BeforeAnswer)
	return done, nil
}

// request is what the wallet is asked.
func (b *begin) request(p *Payment) link.Authorise {
	f := b.frame
	return link.Authorise{OurRequestID: b.leg.ID, AcquirerID: f.point.Acquirer.ID,
		IssuerID: f.wallet.Issuer.ID, PaymentID: p.ID, OrderRef: p.OrderRef,
		Description: b.description, Code: b.code, Order: p.Order, PayTo: p.PayTo,
		Quote: b.quote, Shop: f.shop(), Expires: p.Created.Add(f.caps.CodeLife),
		Token: b.token}
}

// shop is what the payer is shown about the place.
func (f *frame) shop() link.Shop {
	shop := link.Shop{MerchantID: f.point.Merchant.ID, MerchantName: f.point.Merchant.Name,
		StoreID: f.point.Store.ID, StoreName: f.point.Store.Name, MCC: f.point.Store.MCC,
		Prefecture: "JP-" + f.point.Store.Prefecture}
	if f.point.Terminal != nil {
		shop.TerminalID = f.point.Terminal.ID
	}
	return shop
}

// pauseMin and pauseMax bound the pauses between two looks at a payment that another request
// is waiting for.
const (
	pauseMin = 40 * time.Millisecond
	pauseMax = 250 * time.Millisecond
)

// await waits within the budget of a repeated request for the first one (P6).
func (s *Service) await(ctx context.Context, o Origin, subject string) (*Payment, error) {
	key := pk{o.AcquirerNo, subject}
	pause := pauseMin
	for {
		p, err := s.load(ctx, key)
		if err != nil {
			return nil, err
		}
		done := p.State != Authorising && p.State != Pending
		if done || !s.now().Add(pause).Before(o.Began.Add(CallEnd)) {
			return p, nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return p, nil
		}
		pause = min(2*pause, pauseMax)
	}
}

package risk

import (
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/party"
)

// orderCurrency is the currency of all limits but those on exposure: what shops ask.
const orderCurrency money.Currency = "JPY"

// Rules are the limits that stand in no agreement, store or terminal.
type Rules struct {
	// FailuresMax is how many payments may fail in a minute at a terminal that sets no number
	// of its own, before its next one is refused. 0 is no limit.
	FailuresMax int64
	// PINTriesMax is how many wrong manager's PINs a terminal may try in a day. 0 is no limit.
	PINTriesMax int64
}

// Default returns the rules of a new network: 100 failures a minute, 10 wrong PINs a day.
func Default() Rules { return Rules{FailuresMax: 100, PINTriesMax: 10} }

// limit is one limit that a payment or refund must keep: used + adds may not pass max.
type limit struct {
	name    string // the member "limit"
	problem *fault.Problem
	key     Key            // no Kind: the limit is on one payment and nothing is counted
	held    Held           // what the payment holds when it passes; 0 when nothing is counted now
	adds    int64          // minor units
	max     int64          // minor units; failures when the key is loose
	unit    money.Currency // of adds and max; "" for failures
	show    bool           // max and used are the caller's own figures (K7)
}

// Keys lists the counters that Check and Reserve ask for. now must be the same for all three,
// and is what Claim.At says later: the payment's time, not the batch's, or what is reserved
// just after midnight would be given back to the day before.
func (r Rules) Keys(p party.Point, w party.Wallet, now time.Time) []Key {
	return keysOf(r.limits(p, w, 0, 0, now))
}

// Check says whether a payment is within every limit: per payment, failures, per day, exposure,
// in this order. order is in yen, payTo in the currency of w.Agreement; used is Sheet.Used or
// the like. It changes nothing.
//
// It returns nil or ErrLimitPayment, ErrLimitVelocity, ErrLimitDay, ErrLimitExposure.
func (r Rules) Check(
	p party.Point, w party.Wallet, order, payTo money.Amount, used UsedFunc, now time.Time,
) *fault.Error {
	known(w, order, payTo)
	return first(r.limits(p, w, order.Minor(), payTo.Minor(), now), used, now)
}

// Reserve counts a payment that Check has passed and returns what it holds from now on: the
// caller keeps that with the payment (K3).
func (r Rules) Reserve(
	s *Sheet, p party.Point, w party.Wallet, order, payTo money.Amount, now time.Time,
) Held {
	known(w, order, payTo)
	held := reserve(s, r.limits(p, w, order.Minor(), payTo.Minor(), now))
	if p.Agreement.CapMinor != nil {
		held |= HeldAcquirerNet // counted when the wallet approves
	}
	return held
}

func known(w party.Wallet, order, payTo money.Amount) {
	check.That(order.Currency() == orderCurrency, "risk: order in %s", order.Currency())
	check.That(payTo.Currency() == w.Agreement.Currency, "risk: pay-to in %s, agreed is %s",
		payTo.Currency(), w.Agreement.Currency)
}

// limits is every limit of a payment of that size, in the order in which they are checked.
func (r Rules) limits(
	p party.Point, w party.Wallet, order, payTo int64, now time.Time,
) []limit {
	var all []limit
	yen := func(name string, pr *fault.Problem, k Key, h Held, max *int64, show bool) {
		if max != nil {
			all = append(all, limit{name: name, problem: pr, key: k, held: h, adds: order,
				max: *max, unit: orderCurrency, show: show})
		}
	}
	yen("store_payment", ErrLimitPayment, Key{}, 0, p.Store.PerPaymentMaxMinor, true)
	yen("wallet_payment", ErrLimitPayment, Key{}, 0, w.Agreement.PerPaymentMaxMinor, true)
	if p.Terminal != nil {
		if max := r.failuresMax(p.Terminal); max > 0 {
			all = append(all, limit{name: "terminal_failures", problem: ErrLimitVelocity,
				key: FailKey(p.Terminal.No, now), adds: 1, max: max, show: true})
		}
	}
	yen("store_day", ErrLimitDay, storeDay(p.Store.No, now), HeldStoreDay,
		p.Store.PerDayMaxMinor, true)
	yen("wallet_day", ErrLimitDay, issuerDay(w.Issuer.No, now), HeldIssuerDay,
		w.Agreement.PerDayMaxMinor, false)
	if w.Agreement.CapMinor != nil {
		all = append(all, limit{name: "wallet_exposure", problem: ErrLimitExposure,
			key: OwedKey(w.Issuer.No, w.Agreement.Currency), held: HeldIssuerOwed, adds: payTo,
			max: *w.Agreement.CapMinor, unit: w.Agreement.Currency})
	}
	return all
}

func (r Rules) failuresMax(t *party.Terminal) int64 {
	if t.FailuresMax > 0 {
		return int64(t.FailuresMax)
	}
	return r.FailuresMax
}

// RefundKeys lists the counters that CheckRefund and ReserveRefund ask for; now is as in Keys.
// till says that the refund was asked for at a till and not by an acquirer's system.
func (r Rules) RefundKeys(p party.Point, till bool, now time.Time) []Key {
	return keysOf(r.refundLimits(p, till, 0, 0, now))
}

// CheckRefund says whether a refund is within every limit: the caps a day of the terminal and
// the store for refunds at a till, and how far the acquirer may be behind. order is in yen,
// settle in the currency of p.Agreement.
//
// It returns nil or ErrLimitDay, ErrLimitExposure.
func (r Rules) CheckRefund(
	p party.Point, till bool, order, settle money.Amount, used UsedFunc, now time.Time,
) *fault.Error {
	return first(r.refundLimits(p, till, order.Minor(), settle.Minor(), now), used, now)
}

// ReserveRefund counts a refund that CheckRefund has passed and returns what it holds. paid is
// what its payment held.
func (r Rules) ReserveRefund(
	s *Sheet, p party.Point, till bool, order, settle money.Amount, paid Held, now time.Time,
) Held {
	held := reserve(s, r.refundLimits(p, till, order.Minor(), settle.Minor(), now))
	return held | paid&HeldIssuerOwed // less is owed when the refund succeeds
}

// refundLimits is every limit of a refund of that size.
func (r Rules) refundLimits(
	p party.Point, till bool, order, settle int64, now time.Time,
) []limit {
	var all []limit
	yen := func(name string, k Key, h Held, max *int64) {
		if max != nil {
			all = append(all, limit{name: name, problem: ErrLimitDay, key: k, held: h,
				adds: order, max: *max, unit: orderCurrency, show: true})
		}
	}
	if till && p.Terminal != nil {
		yen("terminal_refund_day", terminalRefundDay(p.Terminal.No, now),
			HeldTerminalRefundDay, p.Terminal.RefundDayMaxMinor)
	}
	if till {
		yen("store_refund_day", storeRefundDay(p.Store.No, now), HeldStoreRefundDay,
			p.Store.RefundDayMaxMinor)
	}
	if p.Agreement.CapMinor != nil {
		all = append(all, limit{name: "acquirer_exposure", problem: ErrLimitExposure,
			key: NetKey(p.Acquirer.No, p.Agreement.Currency), held: HeldAcquirerNet,
			adds: settle, max: *p.Agreement.CapMinor, unit: p.Agreement.Currency, show: true})
	}
	return all
}

// counted says whether l has a counter.
func (l limit) counted() bool { return l.key.Kind != "" }

func keysOf(all []limit) []Key {
	var keys []Key
	for _, l := range all {
		if l.counted() {
			keys = append(keys, l.key)
		}
	}
	return keys
}

func reserve(s *Sheet, all []limit) Held {
	var held Held
	for _, l := range all {
		if l.held != 0 {
			var count int64 = 1
			if l.key.Kind.endless() {
				count = 0
			}
			s.Add(l.key, l.adds, count)
			held |= l.held
		}
	}
	return held
}

// first returns the refusal of the first limit that would be passed, or nil.
func first(all []limit, used UsedFunc, now time.Time) *fault.Error {
	for _, l := range all {
		var before int64
		if l.counted() {
			minor, count := used(l.key)
			before = minor
			if l.unit == "" {
				before = count
			}
		}
		if sum(before, l.adds) > l.max {
			return l.refusal(before, now)
		}
	}
	return nil
}

// refusal tells the caller its own figures, and the log all of them (K7).
func (l limit) refusal(before int64, now time.Time) *fault.Error {
	e := l.problem.Newf("").Set("limit", l.name)
	if l.unit == "" {
		next := now.Truncate(time.Minute).Add(time.Minute)
		return e.Set("max", l.max).Set("used", before).
			Set("retry_after_s", int64(next.Sub(now)/time.Second)+1)
	}
	if l.show {
		e.Set("max", amount(l.max, l.unit))
		if l.counted() {
			e.Set("used", amount(max(before, 0), l.unit))
		}
		return e
	}
	return e.Because(fmt.Errorf("%s %d: %d %s used, %d more asked, %d allowed",
		l.name, l.key.Subject, before, l.unit, l.adds, l.max))
}

// amount writes figures into members; what no amount can hold stands as a number.
func amount(minor int64, c money.Currency) any {
	a, err := money.New(minor, c)
	if err != nil {
		return minor
	}
	return a
}

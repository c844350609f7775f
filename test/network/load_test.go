package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
)

// Sizes of the load over Alipay+: a phase for each mode of the wallet, 1,008 requests in all.
const (
	atOnce      = 100
	phaseSales  = 90 // in a phase; the rest of its requests are about the same sales
	phaseTwins  = 11 // sent twice, at once
	phaseOthers = 11 // sent again with another field
	faulty      = 15 // calls in a phase that the wallet spoils
)

// faultModes are the wallet's modes in the order in which they are tried; the late debits come
// early, so that they are over at the end.
func faultModes() []string {
	return []string{"none", "late_success", "decline", "timeout", "slow", "pin", "duplicate",
		"drop_after_debit", "bad_signature"}
}

// The goal is that nothing is lost or doubled while the wallet misbehaves in every way it can. The
// method: 1,008 requests, 100 at a time, over Alipay+, then 1,000 at once on /v1, a tenth of them
// repeats, a tenth changed, each fault in turn; then every payment becomes final, and the wallet's
// own list is the network's to the fen, while the server runs and after it was stopped. A code that
// was shown at the beginning has expired at the end.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		old, err := w.sale(0)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		_, expires, err := w.wallet.code(old.user)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}

		l := &load{w: w}
		l.overAlipayPlus(t)
		l.onV1(t)
		w.settle(settleWait)
		time.Sleep(l.lateUntil.Sub(clock.Now()))
		all := w.agree(settleWait)
		l.check(t, all)
		l.giveBack(t)
		w.agree(settleWait)

		time.Sleep(expires.Add(time.Second).Sub(clock.Now()))
		wants(t, "F EXPIRED_CODE")(old.pay(documented(), nil))
		w.verify()
		if status := w.server.Stop(t); status != 0 {
			t.Errorf("the server ends with %d", status)
		}
		if v := w.verify(); len(v.InFlight) > 0 || v.Payments != int64(len(all)) {
			t.Errorf("after the end %d payments, want %d; in flight: %v", v.Payments, len(all),
				v.InFlight)
		}
	})
}

// load is what was asked for and what was answered.
type load struct {
	w         *world
	taken     []*taken
	cancelled int // by this test, before their outcome was known
	confirmed int // PIN questions that were answered
	unsure    int // answers that came too late, though the wallet did what it should
	lateUntil time.Time
	posted    []*posted
}

// taken is a sale over Alipay+ with its first answer.
type taken struct {
	*sale
	style style
	first answer
}

// overAlipayPlus takes a phase of sales for each mode of the wallet.
func (l *load) overAlipayPlus(t *testing.T) {
	t.Helper()
	for i, mode := range faultModes() {
		all, err := l.w.sales(i*phaseSales, phaseSales)
		if err != nil {
			t.Fatalf("obtain codes: %v", err)
		}
		if mode != "none" {
			if err := l.w.wallet.fault(mode, faulty); err != nil {
				t.Fatalf("set the wallet to %s: %v", mode, err)
			}
		}
		began := clock.Now()
		phase, err := l.phase(all)
		if err != nil {
			t.Errorf("while the wallet's mode is %s: %v", mode, err)
		}
		took := clock.Now().Sub(began)
		t.Logf("%s: %d requests, %d at a time, in %s", mode,
			phaseSales+phaseTwins+phaseOthers, atOnce, took.Round(time.Millisecond))
		if err := l.after(mode, phase); err != nil {
			t.Errorf("after the mode %s: %v", mode, err)
		}
	}
}

// phase sends the requests of some sales: all once, some twice at once, some changed.
func (l *load) phase(all []*sale) ([]*taken, error) {
	phase := make([]*taken, len(all))
	for i, s := range all {
		phase[i] = &taken{sale: s, style: styles()[i%len(styles())]}
	}
	l.taken = append(l.taken, phase...)
	var mu sync.Mutex
	return phase, crowd(phaseTwins+len(all), atOnce, func(i int) error {
		if i < 2*phaseTwins { // the sales in front come twice
			p := phase[i/2]
			got, err := p.pay(p.style, nil)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if i%2 == 1 {
				got, p.first = p.first, got
			}
			if got.text == "" {
				return nil
			}
			return sameAnswers(got, p.first)
		}
		p := phase[i-phaseTwins]
		var err error
		if p.first, err = p.pay(p.style, nil); err != nil || i >= 3*phaseTwins+phaseOthers {
			return err
		}
		return p.changed(i)
	})
}

// changed sends the sale once more with another field than before.
func (p *taken) changed(n int) error {
	fields := []string{"paymentAmount", "order.orderAmount",
		"settlementStrategy.settlementCurrency"}
	field := fields[n%len(fields)]
	got, err := p.pay(p.style, func(m object) {
		switch field {
		case "paymentAmount":
			m["paymentAmount"] = p.style.yen(p.yen + 1)
		case "order.orderAmount":
			m["order"].(object)["orderAmount"] = p.style.yen(p.yen + 1)
		default:
			m["settlementStrategy"] = object{"settlementCurrency": "JPY"}
		}
	})
	if err != nil || got.Result.Code == "REQUEST_TRAFFIC_EXCEED_LIMIT" {
		return err
	}
	return inconsistent(got, field)
}

// after checks the answers of a phase, and does what a bank or a user does then: some late
// payments are cancelled before they arrive, some PIN questions answered.
func (l *load) after(mode string, phase []*taken) error {
	answers := map[string]int{}
	var unknown []*taken
	for _, p := range phase {
		answers[p.first.Result.String()]++
		if p.first.Result.Status == "U" {
			unknown = append(unknown, p)
		}
	}
	l.unsure += max(0, len(unknown)-spoiled(mode))
	silent := mode == "timeout" || mode == "pin" || mode == "late_success" ||
		mode == "drop_after_debit" || mode == "bad_signature"
	// A twin waits for the outcome, which the network may have asked for meanwhile.
	if silent && len(unknown) < faulty-phaseTwins {
		return fmt.Errorf("the answers are %v", answers)
	}
	var errs []error
	switch mode {
	case "bad_signature":
		if log := l.w.server.Log(); !strings.Contains(log, "no answer of the wallet") ||
			!strings.Contains(log, "signature does not verify") {
			errs = append(errs, errors.New("the log has no line about the wallet's signature"))
		}
	case "late_success":
		l.lateUntil = clock.Now().Add(lateDebit)
		for _, p := range unknown[:len(unknown)/2] {
			got, err := p.cancel(p.style)
			if err == nil && got.Result.String() != "S SUCCESS" {
				err = fmt.Errorf("the cancel is answered %s", got.text)
			}
			errs = append(errs, err)
			l.cancelled++
		}
	case "pin":
		for _, p := range unknown[:len(unknown)/2] {
			errs = append(errs, l.confirm(p))
		}
		if l.confirmed == 0 {
			errs = append(errs, errors.New("no payment tells the wallet's id"))
		}
	}
	return errors.Join(errs...)
}

// spoiled is how many payments a mode leaves without an answer in time, at most.
func spoiled(mode string) int {
	if mode == "none" || mode == "decline" || mode == "duplicate" {
		return 0
	}
	return faulty
}

// confirm types the PIN for a payment that waits for it. One that the wallet was too slow to answer
// is left.
func (l *load) confirm(p *taken) error {
	var known payment
	err := p.bank.api.read("/v1/payments/"+p.first.PaymentID, &known)
	if err != nil || known.WalletID == "" {
		return err
	}
	l.confirmed++
	return l.w.confirm(p.user, known.WalletID)
}

// check holds every answer over Alipay+ against what became of the payment, repeats a tenth once
// more, and counts.
func (l *load) check(t *testing.T, all []payment) {
	t.Helper()
	byID := map[string]payment{}
	states := map[string]int{}
	for _, p := range all {
		byID[p.RequestID] = p
	}
	refused := 0
	for i, k := range l.taken {
		p := byID[k.id]
		states[p.State]++
		if p.ID == "" {
			refused++
		}
		if err := k.became(p); err != nil {
			t.Error(err)
		}
		if i%10 == 0 {
			again, err := k.pay(k.style, nil)
			if err == nil {
				err = sameAnswers(k.first, again)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	// Of the timeouts none debits, nor of the PIN questions those that nobody answered; late yeses
	// come to nothing where the payment was cancelled before. On a slow machine a payment may have
	// had no answer in time though nobody asked for a PIN: its confirmation counted for nothing. A
	// question that nobody answered ends by itself after a minute. Nor do we know of those whose
	// answer was late on such a machine: a call that did not reach the wallet debits nobody.
	least := faulty + faulty + faulty - l.confirmed + l.cancelled
	unpaid := states["declined"] + states["cancelled"]
	if refused == 0 && (states["declined"] < faulty-l.unsure || states["declined"] > 2*faulty ||
		unpaid < least-l.unsure || unpaid > least+l.confirmed+l.unsure ||
		states["captured"] != len(l.taken)-unpaid) {
		t.Errorf("over Alipay+ the payments are %v, want %d declined, %d in all unpaid; %d answers "+
			"were late", states, faulty, least, l.unsure)
	}
	for _, p := range l.posted {
		end := byID[p.id]
		if end.ID == "" {
			refused++
		}
		if err := p.became(end); err != nil {
			t.Error(err)
		}
	}
	if want := len(l.taken) + len(l.posted) - refused; len(all) != want || len(byID) != want {
		t.Errorf("%d payments with %d request ids, want %d", len(all), len(byID), want)
	}
	if refused > 0 {
		t.Logf("%d sales had no payment: the machine was too slow for their codes", refused)
	}
}

// became compares the first answer with the end: what was final must have stayed so.
func (k *taken) became(p payment) error {
	ok := p.ID != "" && p.Amount.Value == k.yen && (k.first.PaymentID == "" ||
		k.first.PaymentID == p.ID)
	switch r := k.first.Result; {
	case r.Code == "EXPIRED_CODE":
		ok = p.ID == "" || p.State == "declined"
	case r.Code == "REQUEST_TRAFFIC_EXCEED_LIMIT":
		ok = true // nobody was told anything
	case r.Status == "S":
		ok = ok && p.State == "captured"
	case r.Status == "F":
		ok = ok && p.State == "declined"
	}
	if !ok {
		return fmt.Errorf("the answer was %s, the payment is %+v", k.first.text, p)
	}
	return nil
}

// givenBack is how many payments are refunded, with four requests each and their repeats.
const givenBack = 24

// giveBack asks at once for the three parts of a payment, and for a yen more, each twice: never is
// more given back than was paid, and a repeat has the same answer.
func (l *load) giveBack(t *testing.T) {
	t.Helper()
	var paid []*taken
	for _, k := range l.taken {
		if k.first.Result.Status == "S" && len(paid) < givenBack {
			paid = append(paid, k)
		}
	}
	const parts, times = 4, 2
	answers := make([]answer, len(paid)*parts*times)
	err := crowd(len(answers), 32, func(i int) (err error) {
		k, part := paid[i/times/parts], i/times%parts
		yen := []int64{k.yen / 3, k.yen / 3, k.yen - k.yen/3*2, 1}[part]
		answers[i], err = k.refund(k.style, fmt.Sprintf("%s-%d", k.id, part), yen)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for i := 0; i < len(answers); i += times {
		if err := sameAnswers(answers[i], answers[i+1]); err != nil {
			t.Error(err)
		}
	}
	for i, k := range paid {
		refused := 0
		for _, a := range answers[i*parts*times : (i+1)*parts*times] {
			switch a.Result.String() {
			case "F REFUND_AMOUNT_EXCEED":
				refused++
			case "S SUCCESS", "U PAYMENT_IN_PROCESS":
			default:
				t.Errorf("a refund of %s is answered %s", k.id, a.text)
			}
		}
		if refused != times {
			t.Errorf("of the refunds of %s %d were refused, want %d", k.id, refused, times)
		}
	}
}

// Sizes of the load on /v1: 1,000 requests in all.
const (
	postedSales  = 800
	postedTwins  = 100
	postedOthers = 100
)

// posted is a sale over /v1 with the answers of all requests about it.
type posted struct {
	*sale
	mu      sync.Mutex
	answers []reply
}

// onV1 sends all requests at once, while the wallet goes through its modes again and again.
func (l *load) onV1(t *testing.T) {
	t.Helper()
	all, err := l.w.sales(0, postedSales)
	if err != nil {
		t.Fatalf("obtain codes: %v", err)
	}
	l.posted = make([]*posted, len(all))
	for i, s := range all {
		l.posted[i] = &posted{sale: s}
	}
	over := make(chan struct{})
	var modes sync.WaitGroup
	modes.Go(func() { l.misbehave(t, over) })
	began := clock.Now()
	count := postedSales + postedTwins + postedOthers
	err = crowd(count, count, func(i int) error {
		p := l.posted[i%postedSales]
		var change func(object)
		if i >= postedSales+postedTwins {
			change = otherField(i)
		}
		got, err := p.post(change)
		if err != nil {
			return err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.answers = append(p.answers, got)
		return nil
	})
	took := clock.Now().Sub(began)
	close(over)
	modes.Wait()
	if err != nil {
		t.Error(err)
	}
	l.lateUntil = clock.Now().Add(lateDebit)
	t.Logf("/v1: %d requests at once in %s", count, took.Round(time.Millisecond))
	for _, p := range l.posted {
		if err := p.consistent(); err != nil {
			t.Error(err)
		}
	}
}

// misbehave goes through the wallet's modes until it is told that all is over.
func (l *load) misbehave(t *testing.T, over <-chan struct{}) {
	defer func() {
		if err := l.w.wallet.fault("none", 0); err != nil {
			t.Errorf("let the wallet behave: %v", err)
		}
	}()
	for {
		for _, mode := range faultModes() {
			select {
			case <-over:
				return
			case <-time.After(150 * time.Millisecond):
			}
			if err := l.w.wallet.fault(mode, faulty); err != nil {
				t.Errorf("set the wallet to %s: %v", mode, err)
				return
			}
		}
	}
}

// otherField changes one field of a sale.
func otherField(n int) func(object) {
	return func(m object) {
		switch n % 3 {
		case 0:
			m["amount"].(object)["value"] = 7
		case 1:
			m["order_ref"] = "another order"
		default:
			m["terminal_id"] = ""
		}
	}
}

// consistent checks the answers about one sale: those that were taken are about one payment, final
// ones are the same, and a changed request was refused with the name of the field, or was the
// first to come and the others are refused. On a slow machine a code may have expired before its
// request was heard, or no request have been heard in time.
func (p *posted) consistent() error {
	final, id := "", ""
	unheard := 0
	for _, a := range p.answers {
		switch a.status {
		case http.StatusCreated:
			var got payment
			if err := json.Unmarshal(a.text, &got); err != nil {
				return err
			}
			if id != "" && id != got.ID {
				return fmt.Errorf("%s has the payments %s and %s", p.id, id, got.ID)
			}
			id = got.ID
			if got.isOpen() {
				continue
			}
			if final != "" && final != string(a.text) {
				return fmt.Errorf("%s has the answers\n%s\n%s", p.id, final, a.text)
			}
			final = string(a.text)
		default:
			what, err := a.problem()
			if err != nil {
				return err
			}
			switch what.slug() {
			case "request-inconsistent":
				if what.Field != "amount" && what.Field != "order_ref" &&
					what.Field != "terminal_id" {
					return fmt.Errorf("%s is refused with %s", p.id, a.text)
				}
			case "wallet-code-expired", "network-busy":
				unheard++
			default:
				return fmt.Errorf("%s is answered with HTTP %d: %s", p.id, a.status, a.text)
			}
		}
	}
	if id == "" && unheard == 0 {
		return fmt.Errorf("no request of %s was taken", p.id)
	}
	return nil
}

// became compares the answers with the end.
func (p *posted) became(end payment) error {
	for _, a := range p.answers {
		var got payment
		if a.status != http.StatusCreated {
			continue
		}
		if err := json.Unmarshal(a.text, &got); err != nil {
			return err
		}
		if got.ID != end.ID || !got.isOpen() && got.State != end.State {
			return fmt.Errorf("the answer was %s, the payment is %+v", a.text, end)
		}
	}
	return nil
}

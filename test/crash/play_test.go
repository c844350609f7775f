package crash

import (
	"time"

	"watari/kit/id"
	"watari/test/program"
)

// play is one sale and what follows it, as one client of a bank does it. It is played again after
// each restart, with the same ids: what came through the first time is then a repeat.
type play struct {
	w    *world
	bank bank
	sale sale
	back giveback
	// What was heard in all rounds, in order.
	sold, undone, given []heard
}

// newPlay prepares a sale of ¥1,980 to a user of each wallet of a scenario, of which ¥660 may go
// back, at a shop of a bank.
func (s scenario) newPlay(w *world) *play {
	w.t.Helper()
	acquirer := w.about.Acquirers[0]
	p := &play{w: w, sale: sale{request: id.New("crq", 0), store: w.storesOf(acquirer)[0],
		yen: 1980}, back: giveback{request: id.New("crr", 0), yen: 660}}
	var payers []program.User
	for _, wallet := range s.wallets() {
		payers = append(payers, w.usersOf(wallet.in(w))[0])
	}
	p.sale.user = payers[0]
	switch s.over {
	case v1, aps:
		p.bank = w.over(s.over, acquirer)
		if p.sale.code = w.code(p.sale.user); p.sale.code == "" {
			w.t.Fatal("the wallet gives no code")
		}
	case agreed:
		p.bank = &consents{plain: plain{w, acquirer}, payer: p.sale.user}
	default:
		b := &orders{plain: plain{w, acquirer}, way: "order_code", hold: s.over == promise,
			keep: s.keep, life: s.life, idle: s.idle, payers: payers}
		if s.over == page {
			b.way = page
		}
		if s.away > 0 {
			b.chosen = func() {
				w.network.Load().Kill()
				time.Sleep(s.away)
			}
		}
		p.bank = b
	}
	return p
}

// over returns a client of a bank over one of the interfaces.
func (w *world) over(which string, acquirer program.Acquirer) bank {
	if which == aps {
		return newSigned(w.t, w, acquirer)
	}
	return plain{w, acquirer}
}

// alive tells whether the network runs.
func (w *world) alive() bool {
	select {
	case <-w.network.Load().Done():
		return false
	default:
		return true
	}
}

// sell sends the sale, once.
func (p *play) sell() heard {
	h := p.bank.sell(p.sale)
	p.sold = append(p.sold, h)
	return h
}

// sellOut sells, and inquires as long as the outcome is open and the network runs.
func (p *play) sellOut() heard { return p.sellWhile(func() {}) }

// sellWhile is sellOut; it does something else before each inquiry.
func (p *play) sellWhile(also func()) heard {
	h := p.sell()
	for end := time.After(settleMax); h.word == open && p.w.alive(); {
		also()
		select {
		case <-end:
			p.w.t.Errorf("the payment is open for %s", settleMax)
			return h
		case <-time.After(lookEvery):
		}
		h = p.bank.inquire(p.sale)
		p.sold = append(p.sold, h)
	}
	return h
}

// cancel gives the sale up.
func (p *play) cancel() { p.undone = append(p.undone, p.bank.cancel(p.sale)) }

// refund asks for a part back, and again as long as the outcome is open and the network runs.
func (p *play) refund() {
	for end := time.After(settleMax); ; {
		h := p.bank.refund(p.sale, p.back)
		p.given = append(p.given, h)
		if h.word != open || !p.w.alive() {
			return
		}
		select {
		case <-end:
			p.w.t.Errorf("the refund is open for %s", settleMax)
			return
		case <-time.After(lookEvery):
		}
	}
}

// What a bank's client does, as a whole.

// buy pays.
func buy(p *play) { p.sellOut() }

// buyAndCancel pays, and cancels what was paid.
func buyAndCancel(p *play) {
	if p.sellOut().word != silence {
		p.cancel()
	}
}

// keepAndCancel pays a promise, and gives it up.
func keepAndCancel(p *play) {
	if h := p.sellOut(); h.word == kept || h.word == closed {
		p.cancel()
	}
}

// buyAndReturn pays, and gives a part back.
func buyAndReturn(p *play) {
	if p.sellOut().word == paid {
		p.refund()
	}
}

// buyByPIN pays, and the user confirms on the phone.
func buyByPIN(p *play) { p.sellWhile(func() { p.w.confirm(p.sale.user) }) }

// buyOrGiveUp cancels what it cannot wait for: a payment whose outcome is open, and one to which
// it got no answer. It sends the payment once more to see what became of it.
func buyOrGiveUp(p *play) {
	if len(p.sold) == 0 {
		if p.sell().word == open {
			p.cancel()
		}
		return
	}
	p.cancel()
	p.sell()
}

// giveUpAndBuy cancels before it pays: messages of a client can overtake each other.
func giveUpAndBuy(p *play) {
	p.cancel()
	p.sell()
}

package crash

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/id"
	"watari/test/program"
)

const (
	stormRounds  = 5
	stormClients = 100 // a round
	// stormPatience is how long an outcome may stay unknown.
	stormPatience = 20 * time.Second
	// stormMax is how long one client repeats itself. A refund at LINE Pay whose answer was lost is
	// looked for until its history has been quiet for a minute, and only then sent again.
	stormMax = 4 * time.Minute
)

// stormModes is how the wallet misbehaves in each round, in some of its calls.
var stormModes = [stormRounds]string{good, drops, "duplicate", deaf, "bad_signature"}

// The goal is that nobody loses money when the process is killed at a moment that nobody chose,
// with a hundred clients at work, five times in a row. The method: banks' clients that pay, cancel
// and refund over both interfaces, by codes, orders and promises with every wallet, some of them
// everything twice at once, and repeat themselves through the kills until they know; then the lists
// of both sides and the verifier.
func TestNobodyLosesMoneyInAStormOfKills(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			storm(t, engine)
		})
	}
}

func storm(t *testing.T, engine db.Engine) {
	w := newWorld(t, engine)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var clients []*client
	var working sync.WaitGroup
	w.start(stormPatience)
	for _, mode := range stormModes {
		for _, wallet := range w.about.Wallets {
			w.misbehave(wallet, mode, stormClients/20)
		}
		for range stormClients {
			c := newClient(w, rand.New(rand.NewPCG(rng.Uint64(), 0)))
			clients = append(clients, c)
			working.Go(c.work)
		}
		w.killAfter(int64(stormClients/5+rng.IntN(3*stormClients)),
			time.Duration(rng.IntN(20_000))*time.Microsecond)
		w.start(stormPatience)
	}
	working.Wait()
	if !w.until(settleMax, "both sides agree", func() error { return w.agreeBut(true) }) {
		return
	}
	books, err := w.books()
	if err != nil {
		t.Fatal(err)
	}
	byRequest := map[string]booked{}
	for _, p := range books {
		if _, twice := byRequest[p.RequestID]; twice {
			t.Errorf("request %s made two payments", p.RequestID)
		}
		byRequest[p.RequestID] = p
	}
	ends := map[string]int{}
	for _, c := range clients {
		p := byRequest[c.sale.request]
		delete(byRequest, c.sale.request)
		ends[fmt.Sprintf("%s, sold %s, cancelled %s, refunded %s", p.State, c.sold.word,
			c.undone.word, c.given.word)]++
		if err := c.agrees(p); err != nil {
			t.Errorf("request %s: %v", c.sale.request, err)
		}
	}
	for request := range byRequest {
		t.Errorf("nobody made the request %s", request)
	}
	t.Logf("ends: %v", ends)
}

// killAfter kills the network when so many more answers were heard, and a moment has passed.
func (w *world) killAfter(answers int64, moment time.Duration) {
	answers += w.heard.Load()
	for end := clock.Now().Add(deathMax); w.heard.Load() < answers && clock.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(moment)
	w.network.Load().Kill()
}

// client is a bank's client that does one sale and what follows it. It never gives up before it
// has a final answer to each request.
type client struct {
	w     *world
	rng   *rand.Rand
	bank  bank
	sale  sale
	back  giveback
	plan  int  // of ten
	coded bool // the payer shows a code; else they open an order
	// The last answers.
	sold, undone, given heard
}

func newClient(w *world, rng *rand.Rand) *client {
	acquirer := w.about.Acquirers[rng.IntN(len(w.about.Acquirers))]
	stores := w.storesOf(acquirer)
	amount := 300 + rng.Int64N(2000)
	part := []int64{amount, 100 + rng.Int64N(amount-100)}[rng.IntN(2)]
	users := w.usersOf(w.about.Wallets[rng.IntN(len(w.about.Wallets))])
	c := &client{w: w, rng: rng, plan: rng.IntN(10),
		sale: sale{request: id.New("crq", 0), user: users[rng.IntN(len(users))],
			store: stores[rng.IntN(len(stores))], yen: amount},
		back: giveback{request: id.New("crr", 0), yen: part}}
	if c.coded = rng.IntN(2) == 0; c.coded {
		c.bank = w.over([]string{v1, aps}[rng.IntN(2)], acquirer)
		return c
	}
	b := &orders{plain: plain{w, acquirer}, way: []string{"order_code", page}[rng.IntN(2)],
		payers: []program.User{c.sale.user}}
	switch protocol := speech(w.of(c.sale.user).Protocol); {
	case c.plan == 8 && (protocol == paypay || protocol == line):
		b.hold = true
	case c.plan == 7: // a stranger scans it as well
		others := w.about.Users
		b.payers = append(b.payers, others[rng.IntN(len(others))])
	}
	c.bank = b
	return c
}

// work is a client's life.
func (c *client) work() {
	for end := clock.Now().Add(stormMax); c.coded && c.sale.code == ""; {
		if clock.Now().After(end) {
			c.w.t.Error("no payment code in all this time")
			return
		}
		if c.sale.code = c.w.code(c.sale.user); c.sale.code == "" {
			c.pause()
		}
	}
	sell := func() heard {
		if h := c.bank.sell(c.sale); h.word != open {
			return h
		}
		return c.bank.inquire(c.sale)
	}
	if c.plan == 9 { // at a till where the customer has left
		c.sold = c.bank.sell(c.sale)
		c.undone = c.persist(func() heard { return c.bank.cancel(c.sale) })
		return
	}
	c.sold = c.persist(sell)
	if c.sold.word != paid {
		return
	}
	switch c.plan {
	case 0, 1:
		c.undone = c.persist(func() heard { return c.bank.cancel(c.sale) })
	case 2, 3, 4:
		c.given = c.persist(func() heard { return c.bank.refund(c.sale, c.back) })
	}
}

// persist sends a request until the answer is final; every tenth client sends it twice at once.
func (c *client) persist(send func() heard) heard {
	for end := clock.Now().Add(stormMax); ; c.pause() {
		var twin sync.WaitGroup
		if c.rng.IntN(10) == 0 {
			twin.Go(func() { send() })
		}
		h := send()
		twin.Wait()
		if h.final() {
			return h
		}
		if clock.Now().After(end) {
			c.w.t.Errorf("request %s: still %+v", c.sale.request, h)
			return h
		}
	}
}

func (c *client) pause() { time.Sleep(time.Duration(50+c.rng.IntN(200)) * time.Millisecond) }

// agrees compares what the client heard with what the network has of its sale; the zero booked
// is nothing.
func (c *client) agrees(p booked) error {
	var back, heardBack int64
	for _, r := range p.refunds {
		if r.RequestID != c.back.request || r.State != "succeeded" {
			return fmt.Errorf("it has the refund %+v, the client heard %+v", r, c.given)
		}
		back += r.Amount.Value
	}
	if c.given.word == paid {
		heardBack = c.back.yen
	}
	last := c.sold.word
	if c.undone.word != "" {
		last = c.undone.word
	}
	if back != heardBack || !slices.Contains(truths[p.State], last) {
		return fmt.Errorf("it is %q with %d refunded; the client heard sale %+v, cancel %+v, "+
			"refund %+v of %d", p.State, back, c.sold, c.undone, c.given, c.back.yen)
	}
	return nil
}

// truths are the last words that a client may have heard of a payment in each state. A code that
// has expired is refused by the network or by the wallet, and Alipay+ calls some of that closed.
var truths = map[string][]word{"captured": {paid}, "refunded": {paid}, "cancelled": {closed},
	"declined": {declined, refused, closed}, "": {refused, closed}}

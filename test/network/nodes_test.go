package network

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/test/program"
)

// pair is two processes on one PostgreSQL database, each seen as a world of its own.
type pair struct {
	t     *testing.T // of the whole test: what it starts outlives a step
	args  [2][]string
	nodes [2]*world
}

// startPair starts both at once on an empty database, so that they race for everything that
// happens once.
func startPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{t: t}
	location := dbtest.Location(t, db.Postgres)
	var servers [2]*program.Server
	var starting sync.WaitGroup
	for i := range servers {
		p.args[i] = []string{"--sandbox", "--data=" + t.TempDir(), "--database=" + location}
		starting.Go(func() { servers[i] = program.Serve(t, p.args[i]...) })
	}
	starting.Wait()
	for i := range servers {
		if servers[i] == nil {
			t.Fatal("a process did not start")
		}
		p.nodes[i] = open(t, servers[i], p.args[i])
	}
	return p
}

// host returns which process runs the simulated wallet: the one that said so last.
func (p *pair) host(t *testing.T) int {
	t.Helper()
	for i, n := range p.nodes {
		if strings.Contains(n.server.Log(), `"sandbox: a wallet is up" wallet=`+n.box.Wallets[0].ID) {
			return i
		}
	}
	t.Fatal("no process runs the wallet")
	return 0
}

// The goal is that two processes on one database are one network. The method: start both at once on
// an empty database; pay at both, with the same request, the same code and the same refund at both
// at the same time; follow at one what happens at the other; kill the one that runs the simulated
// wallet while payments are under way; start it again. At the end the wallet and the network agree
// and the books hold.
func TestTwoProcessesAreOneNetwork(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	steps := []struct {
		name string
		run  func(t *testing.T, p *pair)
	}{
		{"seeded once", seededOnce},
		{"both take payments", bothPay},
		{"one code pays once", oneCodePaysOnce},
		{"one request is one payment", oneRequest},
		{"refunds never exceed the rest", refundsAtBoth},
		{"a cancel meets its payment", cancelMeetsPay},
		{"seen at the other within a second", seenAtTheOther},
		{"the wallet lives on", walletLivesOn},
		{"back again", backAgain},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			for _, n := range p.nodes {
				n.t = t
			}
			s.run(t, p)
		})
	}
	for i, n := range p.nodes {
		n.t = t
		if status := n.server.Stop(t); status != 0 {
			t.Errorf("process %d ends with %d", i, status)
		}
		n.verify()
	}
}

// seededOnce compares what both processes tell of the world.
func seededOnce(t *testing.T, p *pair) {
	a, b := p.nodes[0].box, p.nodes[1].box
	if !slices.Equal(a.Acquirers, b.Acquirers) || !slices.Equal(a.Wallets, b.Wallets) ||
		!slices.Equal(a.Users, b.Users) || len(a.Stores) != len(b.Stores) {
		t.Error("the two know different banks, wallets, users or shops")
	}
	if len(a.Acquirers) != 2 || len(a.Stores) < 94 || len(a.Users) != 10 {
		t.Errorf("%d banks, %d shops, %d users", len(a.Acquirers), len(a.Stores), len(a.Users))
	}
	p.nodes[0].agree(settleWait)
}

// at returns the sale as the other bank computer sees it: the same request to another process.
func (s *sale) at(w *world) *sale {
	same := *s
	for _, b := range w.banks {
		if b.ID == s.bank.ID {
			same.bank = b
		}
	}
	return &same
}

// bothPay takes payments at both, on both ways to ask. All are captured, at once or, on a machine
// that is too busy to answer in time, a little later.
func bothPay(t *testing.T, p *pair) {
	const count = 60
	asked := make([]string, count)
	err := crowd(count, 20, func(i int) error {
		s, err := p.nodes[i%2].sale(i)
		if err != nil {
			return err
		}
		asked[i] = s.id
		if i%4 < 2 {
			return notRefused(s.pay(documented(), nil))
		}
		got, err := s.post(nil)
		if err == nil && got.status != http.StatusCreated {
			err = fmt.Errorf("the payment is answered %d %s", got.status, got.text)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	state := map[string]string{}
	for _, end := range p.nodes[1].agree(settleWait) {
		state[end.RequestID] = end.State
	}
	for _, id := range asked {
		if state[id] != "captured" {
			t.Errorf("payment %s is %q", id, state[id])
		}
	}
}

// notRefused wants a payment to be made, or under way.
func notRefused(a answer, err error) error {
	if r := a.Result.String(); err == nil && r != "S SUCCESS" && r != "U PAYMENT_IN_PROCESS" {
		err = fmt.Errorf("the payment is answered %s", a.text)
	}
	return err
}

// both runs two things at once.
func both(a, b func()) {
	var running sync.WaitGroup
	running.Go(a)
	running.Go(b)
	running.Wait()
}

// oneCodePaysOnce shows one code at two banks, each asking another process.
func oneCodePaysOnce(t *testing.T, p *pair) {
	for round := range 12 {
		a, err := p.nodes[0].sale(2 * round)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		b, err := p.nodes[1].sale(2*round + 1)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		b.code = a.code
		var got [2]answer
		var errs [2]error
		both(func() { got[0], errs[0] = a.pay(documented(), nil) },
			func() { got[1], errs[1] = b.pay(documented(), nil) })
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		results := []string{got[0].Result.String(), got[1].Result.String()}
		slices.Sort(results)
		if results[0] != "F INVALID_CODE" || results[1] != "S SUCCESS" &&
			results[1] != "U PAYMENT_IN_PROCESS" {
			t.Errorf("one code is answered %v", results)
		}
	}
	p.nodes[0].agree(settleWait)
}

// oneRequest sends one request to both at once.
func oneRequest(t *testing.T, p *pair) {
	for round := range 12 {
		a, err := p.nodes[0].sale(round)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		b := a.at(p.nodes[1])
		var got [2]answer
		var errs [2]error
		both(func() { got[0], errs[0] = a.pay(documented(), nil) },
			func() { got[1], errs[1] = b.pay(documented(), nil) })
		if err := errors.Join(append(errs[:], notRefused(got[0], nil), notRefused(got[1], nil),
			sameAnswers(got[0], got[1]))...); err != nil {
			t.Error(err)
		}
		other, err := b.pay(documented(), func(m object) {
			m["paymentAmount"] = documented().yen(a.yen + 1)
		})
		if err == nil {
			err = inconsistent(other, "paymentAmount")
		}
		if err != nil {
			t.Error(err)
		}
	}
	p.nodes[0].agree(settleWait)
}

// refundsAtBoth asks both for more than half of a payment.
func refundsAtBoth(t *testing.T, p *pair) {
	for round := range 8 {
		a, err := p.nodes[0].sale(round)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		b := a.at(p.nodes[1])
		wants(t, "S SUCCESS")(a.pay(documented(), nil))
		part := a.yen/2 + 1
		var got [2]answer
		var errs [2]error
		both(func() { got[0], errs[0] = a.refund(documented(), a.id+"-a", part) },
			func() { got[1], errs[1] = b.refund(documented(), a.id+"-b", part) })
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		results := []string{got[0].Result.String(), got[1].Result.String()}
		slices.Sort(results)
		if !slices.Equal(results, []string{"F REFUND_AMOUNT_EXCEED", "S SUCCESS"}) {
			t.Errorf("two refunds over the rest are answered %v", results)
		}
	}
	p.nodes[1].agree(settleWait)
}

// cancelMeetsPay cancels at one process what is being paid at the other. Whoever comes first, the
// payment ends cancelled and the user has the money.
func cancelMeetsPay(t *testing.T, p *pair) {
	for round := range 12 {
		a, err := p.nodes[0].sale(round)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		b := a.at(p.nodes[1])
		both(func() {
			got, err := a.pay(documented(), nil)
			if err != nil {
				t.Error(err)
			} else if r := got.Result.String(); r != "S SUCCESS" && r != "F ORDER_IS_CLOSED" &&
				r != "U PAYMENT_IN_PROCESS" {
				t.Errorf("the payment is answered %s", got.text)
			}
		}, func() {
			time.Sleep(time.Duration(round) * 4 * time.Millisecond)
			wants(t, "S SUCCESS")(b.cancel(documented()))
		})
		asked := wants(t, "S SUCCESS")(a.inquire(documented()))
		if asked.PaymentResult == nil || asked.PaymentResult.String() != "F ORDER_IS_CLOSED" {
			t.Errorf("after the cancel the inquiry is answered %s", asked.text)
		}
	}
	p.nodes[0].agree(settleWait)
}

// seenAtTheOther follows at one process, in the event feed and on a till's live stream, what is
// paid at the other. The machine may be busy, so of several payments the fastest has to be there
// within the second.
func seenAtTheOther(t *testing.T, p *pair) {
	here, there := p.nodes[0], p.nodes[1]
	const rounds = 5
	feed, live := time.Hour, time.Hour
	for range rounds {
		s, err := here.sale(0)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		bankThere := s.at(there).bank
		cursor, err := bankThere.api.head()
		if err != nil {
			t.Fatalf("read events: %v", err)
		}
		stream := there.openTill(t, s.shop.ID)
		began := clock.Now()
		p := created(t, s)
		ended := clock.Now()
		stream.waitFor(t, p.ID, "captured")
		live = min(live, clock.Now().Sub(ended))
		eventually(t, 20*time.Second, "the event feed tells", func() error {
			return bankThere.api.tells(cursor, p.ID, "payment.captured")
		})
		feed = min(feed, clock.Now().Sub(ended))
		stream.close()
		t.Logf("paid in %s", ended.Sub(began).Round(time.Millisecond))
	}
	t.Logf("seen at the other process: on the till after %s, in the feed after %s",
		live.Round(time.Millisecond), feed.Round(time.Millisecond))
	if live > time.Second || feed > time.Second {
		t.Errorf("the till saw it after %s, the feed after %s", live, feed)
	}
}

// head returns the cursor at the end of the event feed.
func (c *client) head() (cursor string, err error) {
	for {
		var page struct {
			Items []object `json:"items"`
			Next  string   `json:"next_cursor"`
		}
		if err := c.read("/v1/events?limit=500&cursor="+cursor, &page); err != nil {
			return "", err
		}
		if len(page.Items) == 0 {
			return cursor, nil
		}
		cursor = page.Next
	}
}

// tells looks for an event of a payment after a cursor.
func (c *client) tells(cursor, paymentID, kind string) error {
	var page struct {
		Items []struct {
			Kind    string `json:"kind"`
			Subject string `json:"subject"`
		} `json:"items"`
	}
	if err := c.read("/v1/events?limit=500&cursor="+cursor, &page); err != nil {
		return err
	}
	for _, e := range page.Items {
		if e.Subject == paymentID && e.Kind == kind {
			return nil
		}
	}
	return errNotYet
}

// stream is the live stream of a till.
type stream struct {
	lines chan string
	close func()
}

// openTill activates the till of a shop by its link and opens its live stream. The link works once,
// so the session is kept.
func (w *world) openTill(t *testing.T, storeID string) *stream {
	t.Helper()
	if w.till == nil {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatalf("make a cookie jar: %v", err)
		}
		w.till = &http.Client{Jar: jar}
		i := slices.IndexFunc(w.box.Stores, func(s program.Store) bool { return s.ID == storeID })
		res, err := w.till.Get(w.box.Stores[i].TillURL)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("activate the till: %v %v", res, err)
		}
		_ = res.Body.Close()
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.BaseURL+"/till/live", nil)
	if err != nil {
		t.Fatalf("make the request: %v", err)
	}
	res, err := w.till.Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("open the live stream: %v %v", res, err)
	}
	s := &stream{make(chan string, 100), cancel}
	go func() {
		defer close(s.lines)
		defer res.Body.Close()
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			s.lines <- lines.Text()
		}
	}()
	s.wait(t, func(line string) bool { return line == "event: hello" })
	return s
}

// wait reads until a line is found.
func (s *stream) wait(t *testing.T, is func(line string) bool) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case line, open := <-s.lines:
			if !open {
				t.Fatal("the live stream has ended")
			}
			if is(line) {
				return
			}
		case <-limit:
			t.Fatal("the live stream says nothing")
		}
	}
}

// waitFor reads until the stream tells the state of a payment.
func (s *stream) waitFor(t *testing.T, paymentID, state string) {
	t.Helper()
	s.wait(t, func(line string) bool {
		data, isData := strings.CutPrefix(line, "data: ")
		var change struct{ Payment, State string }
		return isData && json.Unmarshal([]byte(data), &change) == nil &&
			change.Payment == paymentID && change.State == state
	})
}

// walletLivesOn kills the process that runs the simulated wallet while banks pay at both. A bank
// that gets no answer asks the other process, with the same request.
func walletLivesOn(t *testing.T, p *pair) {
	host := p.host(t)
	alive := p.nodes[1-host]
	sales, err := alive.sales(0, 120)
	if err != nil {
		t.Fatalf("obtain codes: %v", err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		time.Sleep(150 * time.Millisecond)
		p.nodes[host].server.Kill()
		at := clock.Now()
		eventually(t, 20*time.Second, "the wallet is back at its address", func() error {
			_, err := alive.wallet.account(alive.user(0))
			return err
		})
		t.Logf("the wallet is back %s after its process was killed",
			clock.Now().Sub(at).Round(time.Millisecond))
	})
	err = crowd(len(sales), 12, func(i int) error {
		s := sales[i]
		if i%2 == 0 {
			other := s.at(p.nodes[host])
			if _, err := other.bank.aps.call(context.Background(), documented(), pathPay,
				other.message(documented())); err == nil {
				return nil
			}
		}
		_, err := s.pay(documented(), nil)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	running.Wait()
	s, err := alive.sale(1)
	if err != nil {
		t.Fatalf("obtain a code: %v", err)
	}
	wants(t, "S SUCCESS")(s.pay(documented(), nil))
	alive.settle(settleWait)
	alive.agree(settleWait)
}

// backAgain starts the killed process once more, on its own folder.
func backAgain(t *testing.T, p *pair) {
	i := 0
	for n := range p.nodes {
		select {
		case <-p.nodes[n].server.Done():
			i = n
		default:
		}
	}
	p.nodes[i] = open(t, program.Serve(p.t, p.args[i]...), p.args[i])
	if got, want := p.nodes[i].box.Wallets, p.nodes[1-i].box.Wallets; !slices.Equal(got, want) {
		t.Errorf("the wallet is at %v, before at %v", got, want)
	}
	bothPay(t, p)
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/clock"
	"watari/kit/id"
)

// Load is how payments are asked for.
type Load struct {
	Addr        string // HOST:PORT of the server
	Keys        []string
	Stores      []Shop
	Concurrency int
	Duration    time.Duration
	Prefix      string // of the wallet codes, digits
}

// Shop is where payments are asked for.
type Shop struct{ StoreID, TerminalID string }

// Result is what a load came to.
type Result struct {
	Payments int
	Errors   int
	FirstErr error
	Elapsed  time.Duration
	times    []time.Duration
}

// PerSecond is the rate of approved payments.
func (r Result) PerSecond() float64 { return float64(r.Payments) / r.Elapsed.Seconds() }

// Quantile returns the time within which a share of the payments was answered.
func (r Result) Quantile(q float64) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	return r.times[min(int(q*float64(len(r.times))), len(r.times)-1)]
}

// Run asks for payments over kept connections until the time is over.
func (l Load) Run(ctx context.Context) (Result, error) {
	conns := make([]*conn, l.Concurrency)
	for i := range conns {
		c, err := dial(ctx, l.Addr, "/v1/payments", l.Keys[i%len(l.Keys)])
		if err != nil {
			return Result{}, fmt.Errorf("open connection %d: %w", i, err)
		}
		defer c.nc.Close()
		conns[i] = c
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var r Result
	var n atomic.Int64
	seed := time.Duration(clock.Now().UnixNano())
	begin := clock.Now()
	for i, c := range conns {
		wg.Go(func() {
			one := l.worker(c, i, begin.Add(l.Duration), &n, int64(seed))
			mu.Lock()
			defer mu.Unlock()
			r.Payments += one.Payments
			r.Errors += one.Errors
			r.times = append(r.times, one.times...)
			if r.FirstErr == nil {
				r.FirstErr = one.FirstErr
			}
		})
	}
	wg.Wait()
	r.Elapsed = clock.Now().Sub(begin)
	slices.Sort(r.times)
	return r, nil
}

// codeDigits is how many digits of a wallet code follow its prefix.
const codeDigits = 16

// worker asks for one payment after the other.
func (l Load) worker(c *conn, i int, end time.Time, n *atomic.Int64, seed int64) Result {
	var r Result
	body := make([]byte, 0, 256)
	shops := l.Stores[i%len(l.Keys):]
	for k := i; ; k++ {
		start := clock.Now()
		if !start.Before(end) {
			return r
		}
		shop := shops[(k*len(l.Keys))%len(shops)/len(l.Keys)*len(l.Keys)]
		body = append(body[:0], `{"store_id":"`...)
		body = append(body, shop.StoreID...)
		body = append(body, `","terminal_id":"`...)
		body = append(body, shop.TerminalID...)
		body = append(body, `","amount":{"currency":"JPY","value":`...)
		body = strconv.AppendInt(body, int64(100+k%4900), 10)
		body = append(body, `},"code":"`...)
		body = append(body, l.Prefix...)
		body = appendCode(body, uint64(seed)+uint64(n.Add(1)))
		body = append(body, `","order_ref":"bench"}`...)
		status, answer, err := c.post(id.New("bch", 0), body)
		if err == nil && status != http.StatusCreated {
			err = fmt.Errorf("status %d: %s", status, answer)
		}
		if err == nil && !captured(answer) {
			err = fmt.Errorf("not captured: %s", answer)
		}
		if err != nil {
			r.Errors++
			r.FirstErr = errors.Join(r.FirstErr, err)
			if status == 0 || r.Errors > 100 {
				return r
			}
			continue
		}
		r.Payments++
		r.times = append(r.times, clock.Now().Sub(start))
	}
}

// appendCode writes sixteen digits that differ for every n and look random, as codes do: the
// number is scattered by a multiplication that has an inverse modulo 10^16.
func appendCode(b []byte, n uint64) []byte {
	const modulus, factor = 10_000_000_000_000_000, 6_180_339_887_498_947
	hi, lo := bits.Mul64(n%modulus, factor)
	digits := strconv.AppendUint(nil, bits.Rem64(hi, lo, modulus), 10)
	for range codeDigits - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}

// captured looks for the state in an answer.
func captured(answer []byte) bool {
	const want = `"state":"captured"`
	for i := 0; i+len(want) <= len(answer); i++ {
		if string(answer[i:i+len(want)]) == want {
			return true
		}
	}
	return false
}

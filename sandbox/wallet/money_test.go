package wallet_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// books is a wallet without sockets, with one user, and what the test expects of it.
type books struct {
	t *rapid.T
	w *wallet.Wallet
	d *db.DB

	user     string
	requests []string
	ids      map[string]string // request id to payment id
	refunds  int
}

const opening = 10_000_00

// profile is a wallet of the tests.
func profile() wallet.Profile {
	return wallet.Profile{ID: "lotus-pay", Protocol: "test", Name: "Lotus Pay", Currency: "CNY",
		Opening: opening, PINAbove: 1_000_00, Lang: "zh-Hans"}
}

// quick are times that a test can wait for.
func quick() wallet.Timing {
	return wallet.Timing{Slow: 100 * time.Millisecond, Late: 300 * time.Millisecond,
		Silence: time.Second, Twice: 10 * time.Millisecond, Ask: time.Minute,
		Retry: []time.Duration{50 * time.Millisecond}}
}

// Goal: W2: whatever is asked in whatever order, the balance is the opening less every debit plus
// every cancel and refund, no payment returns more than it took, and nobody owes money.
// Method: random sequences of all operations, several users on one database, checked after each.
func TestMoneyIsConservedByAnySequence(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, []fs.FS{wallet.Migrations}, func(t *testing.T, d *db.DB) {
		w := wallet.New(d, profile(), quick(), slog.New(slog.DiscardHandler))
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			runs++
			b := &books{t: rt, w: w, d: d, user: fmt.Sprintf("user-%d", runs),
				ids: map[string]string{}}
			if err := w.AddUsers(t.Context(), wallet.User{ID: b.user}); err != nil {
				rt.Fatal(err)
			}
			rt.Repeat(map[string]func(*rapid.T){
				"": func(*rapid.T) { b.check() }, "pay": b.pay, "repeat": b.repeat,
				"cancel": b.cancel, "refund": b.refund, "confirm": b.confirm, "fault": b.fault,
				"order": b.order, "complete": b.complete, "capture": b.capture,
			})
		})
	})
}

func (b *books) charge(requestID string, fen int64) wallet.Charge {
	return wallet.Charge{RequestID: requestID, Code: "c" + requestID,
		Order: money.MustNew(fen*20, "JPY"), Debit: money.MustNew(fen, "CNY"),
		Compared: fmt.Sprint(fen)}
}

func (b *books) pay(t *rapid.T) {
	id := fmt.Sprintf("%s-%d", b.user, len(b.requests))
	fen := rapid.Int64Range(1, opening/2).Draw(t, "fen")
	b.mint("c" + id)
	c := b.charge(id, fen)
	c.Hold = rapid.Bool().Draw(t, "hold")
	b.send(c)
	b.requests = append(b.requests, id)
}

func (b *books) mint(code string) {
	now := clock.Now()
	if err := b.w.MintCode(context.Background(), b.user, wallet.Code{Value: code, From: now,
		Until: now.Add(time.Minute)}); err != nil {
		b.t.Fatal(err)
	}
}

// order opens an order that the user takes.
func (b *books) order(t *rapid.T) {
	id := fmt.Sprintf("%s-%d", b.user, len(b.requests))
	c := b.charge(id, rapid.Int64Range(1, opening/2).Draw(t, "fen"))
	c.Code, c.Hold = "", rapid.Bool().Draw(t, "hold")
	c.TwoStep = rapid.Bool().Draw(t, "two steps")
	s, err := b.w.Open(context.Background(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	if s.Payment == nil {
		return // the mode took no notice
	}
	b.requests = append(b.requests, id)
	b.ids[id] = s.Payment.PaymentID
	if _, err := b.w.Take(context.Background(), id, b.user); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) complete(t *rapid.T) {
	if _, err := b.w.Complete(context.Background(), b.any(t)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) capture(t *rapid.T) {
	b.refunds += rapid.IntRange(0, 1).Draw(t, "new id")
	fen := rapid.Int64Range(1, opening/3).Draw(t, "fen")
	_, err := b.w.Capture(context.Background(), wallet.CaptureAsk{
		CaptureID: fmt.Sprintf("c-%s-%d", b.user, b.refunds), RequestID: b.any(t),
		Order: money.MustNew(fen*20, "JPY"), Last: rapid.Bool().Draw(t, "last")})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) send(c wallet.Charge) {
	s, err := b.w.Pay(context.Background(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	if s.Payment != nil {
		b.ids[c.RequestID] = s.Payment.PaymentID
	}
}

func (b *books) any(t *rapid.T) string {
	if len(b.requests) == 0 {
		t.Skip("nothing was paid")
	}
	return rapid.SampledFrom(b.requests).Draw(t, "request")
}

func (b *books) repeat(t *rapid.T) {
	b.send(b.charge(b.any(t), rapid.Int64Range(1, 100).Draw(t, "other amount")))
}

func (b *books) cancel(t *rapid.T) {
	if _, err := b.w.Cancel(context.Background(), b.any(t)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) refund(t *rapid.T) {
	id := b.any(t)
	b.refunds += rapid.IntRange(0, 1).Draw(t, "new id")
	fen := rapid.Int64Range(1, opening/3).Draw(t, "fen")
	ask := wallet.RefundAsk{RefundRequestID: fmt.Sprintf("r-%s-%d", b.user, b.refunds),
		RequestID: id, Order: money.MustNew(fen*20, "JPY"), Compared: fmt.Sprint(id, fen)}
	if back := money.MustNew(fen, "CNY"); rapid.Bool().Draw(t, "named") {
		ask.Debit = &back
	}
	_, _, err := b.w.Refund(context.Background(), ask)
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) confirm(t *rapid.T) {
	pin := rapid.SampledFrom([]string{wallet.PIN, "wrong"}).Draw(t, "pin")
	_, _ = b.w.Confirm(context.Background(), b.user, b.ids[b.any(t)], pin)
}

func (b *books) fault(t *rapid.T) {
	one := int64(1)
	mode := rapid.SampledFrom([]wallet.Mode{wallet.ModeNone, wallet.ModeDecline, wallet.ModePIN,
		wallet.ModeTwice, wallet.ModeTimeout}).Draw(t, "mode")
	if err := b.w.SetFault(context.Background(), mode, &one); err != nil {
		b.t.Fatal(err)
	}
}

// check compares the balance with the entries and every payment with its own.
func (b *books) check() {
	ctx := context.Background()
	a, err := b.w.Account(ctx, b.user)
	if err != nil {
		b.t.Fatal(err)
	}
	sums := map[string]int64{}
	err = b.d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.Each(ctx, func(r db.Row) error {
			var kind, request string
			var minor int64
			if err := r.Scan(&kind, &request, &minor); err != nil {
				return err
			}
			if kind == "debit" || kind == "hold" {
				minor = -minor
			}
			sums[request] += minor
			sums["all"] += minor
			return nil
		}, `select kind, request_id, entry_minor from sim_entry where user_id = $1
			order by id`, b.user)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if a.Balance.Minor() != sums["all"] || sums["all"] < 0 {
		b.t.Fatalf("balance %s, entries %d", a.Balance, sums["all"])
	}
	list, err := b.w.Payments(ctx, b.user, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range list {
		kept := p.HeldMinor + p.DebitedMinor - p.ReturnedMinor
		if -sums[p.RequestID] != kept || kept < 0 {
			b.t.Fatalf("payment %+v keeps %d, entries say %d", p, kept, -sums[p.RequestID])
		}
		if p.State != wallet.Paid && p.State != wallet.Held && kept != 0 {
			b.t.Fatalf("payment %+v is not paid and keeps %d", p, kept)
		}
	}
}

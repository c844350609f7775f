package wallet_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"testing"

	"pgregory.net/rapid"

	"watari/connect/alipayplus/wire"
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

// Goal: W2: whatever is asked in whatever order, the balance is the opening less every debit plus
// every cancel and refund, no payment returns more than it took, and nobody owes money.
// Method: random sequences of all operations, several users on one database, checked after each.
func TestMoneyIsConservedByAnySequence(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, []fs.FS{wallet.Migrations}, func(t *testing.T, d *db.DB) {
		w := wallet.New(d, quick(), slog.New(slog.DiscardHandler))
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			runs++
			b := &books{t: rt, w: w, d: d, user: fmt.Sprintf("user-%d", runs),
				ids: map[string]string{}}
			b.update(func(ctx context.Context, tx *db.Tx) error {
				return wallet.AddUser(ctx, tx, wallet.User{ID: b.user}, opening)
			})
			rt.Repeat(map[string]func(*rapid.T){
				"": func(*rapid.T) { b.check() }, "pay": b.pay, "repeat": b.repeat,
				"cancel": b.cancel, "refund": b.refund, "confirm": b.confirm, "fault": b.fault,
			})
		})
	})
}

func (b *books) update(fn func(context.Context, *db.Tx) error) {
	if err := b.d.Update(context.Background(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) charge(requestID string, fen int64) wallet.Charge {
	return wallet.Charge{RequestID: requestID, AcquirerID: "hida", Code: "c" + requestID,
		Order: money.MustNew(fen*20, "JPY"), PayTo: money.MustNew(fen, "CNY"),
		Compared: fmt.Sprint(fen)}
}

func (b *books) pay(t *rapid.T) {
	id := fmt.Sprintf("%s-%d", b.user, len(b.requests))
	fen := rapid.Int64Range(1, opening/2).Draw(t, "fen")
	b.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into sim_code (code, user_id, from_us, until_us)
			values ($1, $2, 0, $3)`, "c"+id, b.user, clock.Micros(clock.Now())+60_000_000)
		return err
	})
	b.send(b.charge(id, fen))
	b.requests = append(b.requests, id)
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
	if _, err := b.w.Cancel(context.Background(), b.any(t), "hida"); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) refund(t *rapid.T) {
	id := b.any(t)
	b.refunds += rapid.IntRange(0, 1).Draw(t, "new id")
	fen := rapid.Int64Range(1, opening/3).Draw(t, "fen")
	_, _, err := b.w.Refund(context.Background(), wallet.Reversal{
		RefundRequestID: fmt.Sprintf("r-%s-%d", b.user, b.refunds), RequestID: id,
		Order: money.MustNew(fen*20, "JPY"), From: money.MustNew(fen, "CNY"),
		Compared: fmt.Sprint(id, fen)})
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
			if kind == "debit" {
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
		kept := p.DebitedMinor - p.ReturnedMinor
		if -sums[p.RequestID] != kept || kept < 0 {
			b.t.Fatalf("payment %+v keeps %d, entries say %d", p, kept, -sums[p.RequestID])
		}
		if p.Result().Code != wire.CodeSuccess && kept != 0 {
			b.t.Fatalf("payment %+v is not paid and keeps %d", p, kept)
		}
	}
}

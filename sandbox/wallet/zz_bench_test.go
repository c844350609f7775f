package wallet_test

import (
	"sync"
	"testing"
	"context"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
	"log/slog"
	"fmt"
)

func BenchmarkPayDirect(b *testing.B) {
	for _, e := range dbtest.Engines {
	b.Run(e.String(), func(b *testing.B) {
	d := dbtest.New(b, e, wallet.Migrations)
	w := wallet.New(d, quick(), slog.New(slog.DiscardHandler))
	err := d.Update(b.Context(), func(ctx context.Context, tx *db.Tx) error {
		for u := range 10 {
			if err := wallet.AddUser(ctx, tx, wallet.User{ID: fmt.Sprint("u", u)}, 1<<50); err != nil {
				return err
			}
		}
		for i := range b.N {
			if _, err := tx.Exec(ctx, `insert into sim_code (code, user_id, from_us, until_us)
			values ($1, $2, 0, $3)`, fmt.Sprint("c", i), fmt.Sprint("u", i%10), clock.Micros(clock.Now())+600_000_000); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	var wg sync.WaitGroup
	ch := make(chan int)
	for range 64 {
		wg.Go(func() {
			for i := range ch {
				s, err := w.Pay(context.Background(), wallet.Charge{RequestID: fmt.Sprint("r", i), Code: fmt.Sprint("c", i),
					Order: money.MustNew(100, "JPY"), PayTo: money.MustNew(100, "CNY"), Compared: "x"})
				if err != nil || s.Result.Code != "SUCCESS" {
					b.Error(err, s.Result)
				}
			}
		})
	}
	for i := range b.N {
		ch <- i
	}
	close(ch)
	wg.Wait()
	})
	}
}

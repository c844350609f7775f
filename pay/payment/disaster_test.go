package payment_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// Goal: one code that is scanned in shops of two banks at the same moment, on two nodes, is
// debited once.
func TestOneCodeAtTwoBanks(t *testing.T) {
	t.Parallel()
	location := dbtest.Migrated(t, db.Postgres, sets()...)
	a := newRig(t, dbtest.Open(t, location, db.Options{}), 1)
	b := a.second(dbtest.Open(t, location, db.Options{}))
	var bank party.Participant
	a.change(func(ctx context.Context, tx *db.Tx) (err error) {
		if bank, err = a.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "ACQ_SHIMA", Name: "Shima Bank", ClientID: "SHIMA"}); err != nil {
			return err
		}
		if _, err = a.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: bank.No, Role: party.Acquirer, Currency: "JPY",
			Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		m, err := a.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: bank.No,
			ID: "M1", Name: "Pearls", NameJA: "真珠", MCC: "5944"})
		if err != nil {
			return err
		}
		_, err = a.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: bank.No,
			MerchantNo: m.No, ID: "S1", Name: "Pearls Toba", NameJA: "真珠 鳥羽",
			Prefecture: "24", MCC: "5944"})
		return err
	})
	for range 8 {
		s, q := a.sale(700), a.sale(700)
		q.AcquirerNo, q.TerminalID, q.Code = bank.No, "", s.Code
		before := len(a.wallet.debits)
		s.Began, q.Began = a.now(), a.now()
		onePassed(t, both(
			func() error { _, err := a.Sell(context.Background(), s); return err },
			func() error { _, err := b.Sell(context.Background(), q); return err }),
			payment.ErrCodeUsed)
		if n := len(a.wallet.debits) - before; n != 1 {
			t.Errorf("%d debits", n)
		}
	}
	a.verify()
}

// Goal: a disk that is full when the wallet's answer is to be kept loses nothing: the payment
// stays pending, and is concluded when there is room again.
// Method: SQLite is given no more pages while wallets are asked.
func TestDiskFullBetweenTheTwoCommits(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...), 1)
	const n = 200 // more than what the last pages have room for
	sales := make([]payment.Sale, n)
	for i := range sales {
		sales[i] = r.sale(1000)
	}
	var all sync.WaitGroup // every payment has begun before the disk is full
	all.Add(n)
	var full sync.Once
	var free func()
	r.wallet.meeting(func(call, _ string, _ int64) {
		if call == "authorise" {
			all.Done()
			all.Wait()
			full.Do(func() { free = dbtest.FillDisk(t, r.db) })
		}
	})
	var wg sync.WaitGroup
	for _, s := range sales {
		s.Began = r.now()
		wg.Go(func() {
			if _, err := r.Sell(context.Background(), s); err != nil {
				t.Errorf("sell: %v", err)
			}
		})
	}
	wg.Wait()
	r.wallet.meeting(nil)
	count := func(states ...payment.State) int {
		ps, _, err := r.List(context.Background(), payment.Filter{AcquirerNo: r.bank.No,
			States: states, Limit: n})
		r.do("list", err)
		return len(ps)
	}
	if count(payment.Authorising, payment.Pending) == 0 {
		t.Error("the disk was not full: the test shows nothing")
	}
	if _, err := r.Sell(context.Background(), sales[0]); err != nil &&
		errors.Is(err, payment.ErrCodeUsed) {
		t.Errorf("a repeat while the disk is full: %v", err)
	}
	free()
	r.forward(time.Minute)
	r.schedule()
	r.soon("all captured", func() bool { return count(payment.Captured) == n })
	r.verify()
}

// Goal: a store that is restored from a backup older than the wallets' books mints no id
// twice, takes payments again, and is not moved by what wallets tell of payments it does not
// know: they are breaks for reconciliation.
func TestRestoreFromAnOldBackup(t *testing.T) {
	t.Parallel()
	location := dbtest.Migrated(t, db.SQLite, sets()...)
	d, err := db.Open(context.Background(), location, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, d, 1)
	kept := r.sell(1980)
	r.Close()
	r.do("stop", d.Close())
	raw, err := os.ReadFile(location)
	r.do("back up", err)
	backup := filepath.Join(t.TempDir(), "backup.db")
	r.do("back up", os.WriteFile(backup, raw, 0o600))

	r = r.second(dbtest.Open(t, location, db.Options{}))
	var orphans []*payment.Payment
	for range 20 {
		orphans = append(orphans, r.sell(500))
	}
	r.verify()

	again := r.second(dbtest.Open(t, backup, db.Options{}))
	for _, p := range orphans {
		err := again.notify(leg(p), r.wallet.yes(leg(p)))
		if !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("notice of an orphan: %v", err)
		}
	}
	ids := map[string]bool{}
	for _, p := range orphans {
		ids[p.ID] = true
	}
	for range 20 {
		p := again.sell(500)
		if ids[p.ID] || again.wallet.asked[leg(p)] != 1 {
			t.Errorf("id %s was minted twice", p.ID)
		}
	}
	if _, err := again.refund(kept, 1980); err != nil {
		t.Errorf("refund of what the backup has: %v", err)
	}
	// The same order that was paid before the disaster is paid again only with a fresh code,
	// and the wallet's yes to another of its payments is not believed.
	again.wallet.change = func(a *link.Answer) { a.RequestID = leg(orphans[0]) }
	p := again.sell(500)
	if p = again.find(p.ID); p.LegState != payment.LegStuck {
		t.Errorf("leg is %s", p.LegState)
	}
	again.verify()
}

package app

import (
	"context"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/risk"
)

// caps is a bank and a wallet without caps, and the desk at which they get some.
type caps struct {
	t            *testing.T
	db           *db.DB
	registry     *party.Registry
	desk         *foureyes.Desk
	bank, wallet party.Agreement
}

func newCaps(t *testing.T, d *db.DB) *caps {
	t.Helper()
	log, directory := event.NewLog(d), party.NewDirectory(d)
	c := &caps{t: t, db: d, registry: party.NewRegistry(d, directory, log, commandLane,
		party.DefaultSight()),
		bank:   party.Agreement{Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"},
		wallet: party.Agreement{Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai"}}
	c.desk = newDesk(d, log, commandLane, c.registry, directory)
	c.update(func(ctx context.Context, tx *db.Tx) error {
		for _, a := range []*party.Agreement{&c.bank, &c.wallet} {
			p, err := c.registry.AddParticipant(ctx, tx, "test", party.Participant{
				ID: string(a.Role), Name: string(a.Role)})
			if err != nil {
				return err
			}
			a.ParticipantNo = p.No
			if *a, err = c.registry.AddAgreement(ctx, tx, "test", *a); err != nil {
				return err
			}
		}
		return nil
	})
	return c
}

func (c *caps) update(fn func(ctx context.Context, tx *db.Tx) error) {
	c.t.Helper()
	if err := c.db.Update(c.t.Context(), fn); err != nil {
		c.t.Fatal(err)
	}
}

// set gives a participant a cap, by two people.
func (c *caps) set(a party.Agreement) {
	c.t.Helper()
	most := int64(1_000_000)
	a.CapMinor, a.FromUS = &most, 0
	var r foureyes.Request
	c.update(func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = c.registry.ProposeAgreement(ctx, tx, foureyes.Person{Name: "ann"}, a, "")
		return err
	})
	if _, err := c.desk.Approve(c.t.Context(), r.ID, foureyes.Person{Name: "ben"}); err != nil {
		c.t.Fatal(err)
	}
}

// look returns the counters without an end, and what verify finds about them.
func (c *caps) look() (all []risk.Standing, found []ledger.Finding) {
	c.t.Helper()
	err := c.db.View(c.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		if all, err = risk.Endless(ctx, tx); err != nil {
			return err
		}
		found, err = counters(ctx, tx)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return all, found
}

// Goal: a cap that two people set where there was none begins with what the ledger says is owed, in
// the transaction that sets it, and the store verifies. Method: a bank and a wallet with balances
// that no cap has counted, some of them in suspense; a cap on each; then a counter that is off.
func TestCapBeginsWithTheLedger(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, schema(), func(t *testing.T, d *db.DB) {
		c := newCaps(t, d)
		owe(t, d, c.bank.ParticipantNo, c.wallet.ParticipantNo)
		c.set(c.bank)
		c.set(c.wallet)
		owed := risk.OwedKey(c.wallet.ParticipantNo, "CNY")
		want := map[risk.Key]int64{risk.NetKey(c.bank.ParticipantNo, "JPY"): -1980, owed: 8464}
		all, found := c.look()
		for _, s := range all {
			if s.Minor != want[s.Key] || s.Base != s.Minor {
				t.Errorf("%v stands at %d with base %d, want %d", s.Key, s.Minor, s.Base,
					want[s.Key])
			}
		}
		if len(all) != len(want) || len(found) > 0 {
			t.Errorf("got %+v, verify says %+v", all, found)
		}
		c.update(func(ctx context.Context, tx *db.Tx) error {
			s, err := risk.Load(ctx, tx, []risk.Key{owed})
			if err != nil {
				return err
			}
			s.Add(owed, -5, 0)
			return s.Flush(ctx, tx)
		})
		if _, found := c.look(); len(found) != 1 || found[0].Rule != "K9" {
			t.Errorf("a counter that is off: %+v", found)
		}
	})
}

// owe books what a wallet owes and a bank is owed, and a late yes that goes back.
func owe(t *testing.T, d *db.DB, bank, wallet int64) {
	t.Helper()
	key := func(kind ledger.Kind, owner int64, c money.Currency) ledger.Key {
		return ledger.Key{Kind: kind, Owner: owner, Currency: c}
	}
	a, err := ledger.NewChart(d).Ensure(t.Context(), key(ledger.FXPosition, 0, "JPY"),
		key(ledger.AcquirerPayable, bank, "JPY"), key(ledger.IssuerReceivable, wallet, "CNY"),
		key(ledger.FXPosition, 0, "CNY"), key(ledger.SuspenseReversal, wallet, "CNY"))
	if err != nil {
		t.Fatal(err)
	}
	ts := []ledger.Transfer{{AcquirerNo: bank, ID: "trf_1", PaymentID: "pay_1", IssuerNo: wallet,
		Cause: ledger.CauseApproval, AcquirerDay: "2026-11-22", IssuerDay: "2026-11-22",
		Postings: []ledger.Posting{ledger.Dr(a[0], 1980), ledger.Cr(a[1], 1980),
			ledger.Dr(a[2], 8464), ledger.Cr(a[3], 8464), ledger.Dr(a[2], 700),
			ledger.Cr(a[4], 700)}}}
	err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := ledger.Post(ctx, tx, ts); err != nil {
			return err
		}
		return ledger.Move(ctx, tx, commandLane, ts)
	})
	if err != nil {
		t.Fatal(err)
	}
}

package promo_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/pay/party"
	"watari/pay/promo"
)

// pledgeRig is a network with a wallet, and a merchant of a bank.
type pledgeRig struct {
	*promo.Pledges
	t   *testing.T
	d   *db.DB
	key promo.PledgeKey
}

func pledges(t *testing.T, fn func(r *pledgeRig)) {
	t.Helper()
	sets := []fs.FS{event.Migrations(), foureyes.Migrations(), party.Migrations, promo.Migrations}
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		r := &pledgeRig{t: t, d: d}
		log, dir := event.NewLog(d), party.NewDirectory(d)
		reg := party.NewRegistry(d, dir, log, event.FirstLane, party.DefaultSight())
		r.Pledges = promo.NewPledges(promo.PledgesConfig{DB: d, Log: log,
			Lane: event.FirstLane, Directory: dir, Desk: foureyes.New(d, log, event.FirstLane)})
		r.do(d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			bank, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "BANK",
				Name: "Bank", ClientID: "BANK"})
			if err != nil {
				return err
			}
			wallet, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "WALLET",
				Name: "Wallet", ClientID: "WALLET", Connector: "none",
				BaseURL: "http://127.0.0.1:1", CodeGroup: "wallet"})
			if err != nil {
				return err
			}
			m, err := reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: bank.No,
				ID: "PARK", Name: "Park", MCC: "7996"})
			r.key = promo.PledgeKey{IssuerNo: wallet.No, MerchantNo: m.No}
			return err
		}))
		fn(r)
	})
}

func (r *pledgeRig) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// take asks for yen, one order after the other, and tells which are refused.
func (r *pledgeRig) take(yen ...int64) (refused []bool) {
	r.t.Helper()
	r.do(r.d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		asks := make([]promo.Given, len(yen))
		for i, n := range yen {
			asks[i] = promo.Given{r.key: n}
		}
		why, err := promo.Take(ctx, tx, clock.Now(), asks)
		refused = nil
		for _, one := range why {
			if one != nil && !errors.Is(one, promo.ErrPledge) {
				r.t.Errorf("refused with %v", one)
			}
			refused = append(refused, one != nil)
		}
		return err
	}))
	return refused
}

func (r *pledgeRig) taken() int64 {
	r.t.Helper()
	p, err := r.Find(context.Background(), r.key)
	r.do(err)
	return p.Taken
}

// Goal: a wallet owes nothing before two people have entered what it agreed to, never more than
// that, and nothing new when it has ended.
func TestAWalletGivesWhatItAgreedTo(t *testing.T) {
	t.Parallel()
	pledges(t, func(r *pledgeRig) {
		ctx := context.Background()
		if got := r.take(1); !got[0] {
			r.t.Error("a discount was taken before the wallet agreed to any")
		}
		p := promo.Pledge{PledgeKey: r.key, SharePPM: 500_000, Budget: 1000}
		asked, err := r.Propose(ctx, foureyes.Person{Name: "Aoki"}, p, "contract 12")
		r.do(err)
		if got := r.take(1); !got[0] {
			r.t.Error("a discount was taken before a second person approved it")
		}
		_, err = r.Desk.Approve(ctx, asked.ID, foureyes.Person{Name: "aoki "})
		if !errors.Is(err, foureyes.ErrOwn) {
			r.t.Errorf("its maker approves it: %v", err)
		}
		_, err = r.Desk.Approve(ctx, asked.ID, foureyes.Person{Name: "Baba"})
		r.do(err)
		if got := r.take(600, 500, 400, 1); got[0] || !got[1] || got[2] || !got[3] {
			r.t.Errorf("of 1,000 yen 600, 500, 400 and 1 are refused: %v", got)
		}
		if n := r.taken(); n != 1000 {
			r.t.Errorf("%d yen are taken", n)
		}
		r.do(r.d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return promo.Move(ctx, tx, promo.Given{r.key: -400})
		}))
		if got := r.take(400); got[0] || r.taken() != 1000 {
			r.t.Errorf("what was given back is not there again: %v, %d", got, r.taken())
		}
		stale, err := r.Propose(ctx, foureyes.Person{Name: "Aoki"}, promo.Pledge{
			PledgeKey: r.key, SharePPM: 1_000_000, Budget: 9000}, "")
		r.do(err)
		r.do(r.End(ctx, "test", r.key))
		if got := r.take(0, 1); got[0] || !got[1] {
			r.t.Errorf("after its end: %v", got)
		}
		_, err = r.Desk.Approve(ctx, stale.ID, foureyes.Person{Name: "Baba"})
		if !errors.Is(err, foureyes.ErrStale) {
			r.t.Errorf("what was asked before its end: %v", err)
		}
	})
}

// Goal: what a pledge cannot be is refused with the field, and changes nothing.
func TestPledgesThatCannotBe(t *testing.T) {
	t.Parallel()
	pledges(t, func(r *pledgeRig) {
		now := clock.Now()
		for field, p := range map[string]promo.Pledge{
			"/share_ppm": {Budget: 1},
			"/budget":    {SharePPM: 1, Budget: -1},
			"/until":     {SharePPM: 1, Budget: 1, From: now, Until: now.Add(-time.Hour)},
		} {
			p.PledgeKey = r.key
			_, err := r.Propose(context.Background(), foureyes.Person{Name: "Aoki"}, p, "")
			var f *fault.Error
			if !errors.As(err, &f) || !errors.Is(err, promo.ErrInvalid) {
				r.t.Errorf("%s: %v", field, err)
				continue
			}
			if len(f.Fields) != 1 || f.Fields[0].Pointer != field {
				r.t.Errorf("%s: at %+v", field, f.Fields)
			}
		}
		open, err := r.Desk.List(context.Background(), foureyes.Filter{})
		if r.do(err); len(open) != 0 {
			r.t.Errorf("%d are asked", len(open))
		}
	})
}

// Goal: verifying sees a pledge that counts other than the orders do, and one that is missing.
func TestVerifySeesWhatPledgesCount(t *testing.T) {
	t.Parallel()
	pledges(t, func(r *pledgeRig) {
		ctx := context.Background()
		r.do(r.Set(ctx, "test", promo.Pledge{PledgeKey: r.key, SharePPM: 1, Budget: 100}))
		r.take(70)
		other := promo.PledgeKey{IssuerNo: 99, MerchantNo: 99}
		for want, given := range map[int]promo.Given{0: {r.key: 70}, 1: {r.key: 69},
			2: {other: 1}} {
			r.do(r.d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
				found, err := promo.VerifyPledges(ctx, tx, given)
				if len(found) != want {
					r.t.Errorf("%v: found %v", given, found)
				}
				return err
			}))
		}
	})
}

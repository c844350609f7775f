package promo_test

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/id"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/promo"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, ledger.Migrations}
}

// network is a bank and a wallet that agreed on something.
type network struct {
	booker  *promo.Booker
	parties promo.Parties
}

func newNetwork(t *testing.T, d *db.DB) network {
	t.Helper()
	dir := party.NewDirectory(d)
	reg := party.NewRegistry(d, dir, event.NewLog(d), event.FirstLane, party.DefaultSight())
	n := network{booker: promo.New(ledger.NewChart(d), dir)}
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		bank, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "B", Name: "B",
			ClientID: "B"})
		if err != nil {
			return err
		}
		wallet, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "W", Name: "W",
			ClientID: "W", Connector: "x", BaseURL: "http://127.0.0.1:1", CodeGroup: "w"})
		if err != nil {
			return err
		}
		a, err := reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: bank.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"})
		if err != nil {
			return err
		}
		i, err := reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: wallet.No,
			Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai"})
		n.parties = promo.Parties{AcquirerNo: bank.No, MerchantNo: 7, IssuerNo: wallet.No,
			AcquirerTerms: a.Version, IssuerTerms: i.Version, PayTo: "CNY"}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Goal: what is granted and taken back leaves what stands, on each account and in the clearing days
// of the agreements, and a part that grows stands on the side of the grant (B1 to B3). Method: a
// grant and two returns, posted; the balances and the days.
func TestDiscountsStandToTheYen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNetwork(t, d)
		b, err := n.booker.Books(t.Context(), n.parties)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 22, 15, 30, 0, 0, time.UTC) // 00:30 in Tokyo, 23:30 in Shanghai
		o := id.New("ord", 0)
		var ts []ledger.Transfer
		take := func(tr ledger.Transfer, some bool) {
			if !some {
				t.Fatal("nothing to book")
			}
			ts = append(ts, tr)
		}
		take(b.Grant(o, "pay_1", at, promo.Shares{Wallet: 100, Merchant: 60}))
		take(b.Back(id.New("ret", 1), o, "pay_1", at, promo.Shares{Wallet: 40, Merchant: -5}, true))
		take(b.Back(id.New("ret", 1), o, "pay_1", at, promo.Shares{Merchant: 65}, true))
		if _, some := b.Back(id.New("ret", 1), o, "pay_1", at, promo.Shares{}, true); some {
			t.Error("nothing was booked")
		}
		if g := ts[0]; g.AcquirerDay != "2026-11-23" || g.IssuerDay != "2026-11-22" ||
			g.IssuerNo != n.parties.IssuerNo || ts[1].Corrects != g.ID || ts[2].IssuerNo != 0 {
			t.Errorf("%+v", ts)
		}
		err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := ledger.Post(ctx, tx, ts); err != nil {
				return err
			}
			return ledger.Move(ctx, tx, 1, ts)
		})
		if err != nil {
			t.Fatal(err)
		}
		all, err := ledger.NewChart(d).Balances(t.Context(), -1)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			want := int64(0)
			if a.Kind != ledger.MerchantPromotion && a.Kind != ledger.MerchantPromotionGiven {
				want = 60
			}
			if a.Net() != want {
				t.Errorf("%s: %d, want %d", a.Kind, a.Net(), want)
			}
		}
	})
}

// Goal: a sale without a wallet has discounts of the merchant alone, and its days are Japan's where
// nothing is agreed. Method: a merchant of a bank without an agreement.
func TestDiscountWithoutAWallet(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, sets()...)
	n := newNetwork(t, d)
	b, err := n.booker.Books(t.Context(), promo.Parties{AcquirerNo: n.parties.IssuerNo,
		MerchantNo: 7})
	if err != nil {
		t.Fatal(err)
	}
	tr, some := b.Grant(id.New("ord", 0), "", clock.FromMicros(0), promo.Shares{Merchant: 5})
	if !some || tr.AcquirerDay != "1970-01-01" || tr.IssuerDay != "" || len(tr.Postings) != 2 {
		t.Errorf("%+v", tr)
	}
}

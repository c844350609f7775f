package report_test

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
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/report"
	"watari/pay/risk"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations}
}

// rig is two banks with a merchant each; the first merchant has two stores.
type rig struct {
	*report.Reports
	t           *testing.T
	db          *db.DB
	hida, kyoto party.Participant
	wallet      party.Participant
	soba, tea   party.Merchant
	east, west  party.Store // of soba
	gion        party.Store // of tea
	till        party.Terminal
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := &rig{Reports: report.New(d), t: t, db: d}
		r.seed()
		fn(t, r)
	})
}

func (r *rig) update(fn func(ctx context.Context, tx *db.Tx) error) {
	r.t.Helper()
	if err := r.db.Update(context.Background(), fn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) seed() {
	r.t.Helper()
	log := event.NewLog(r.db)
	reg := party.NewRegistry(r.db, party.NewDirectory(r.db), log, event.FirstLane,
		party.DefaultSight())
	r.update(func(ctx context.Context, tx *db.Tx) (err error) {
		keep := func(e error) {
			if err == nil {
				err = e
			}
		}
		add := func(p party.Participant) party.Participant {
			out, e := reg.AddParticipant(ctx, tx, "test", p)
			keep(e)
			return out
		}
		sign := func(m party.Merchant) party.Merchant {
			out, e := reg.AddMerchant(ctx, tx, "test", m)
			keep(e)
			return out
		}
		open := func(s party.Store) party.Store {
			out, e := reg.AddStore(ctx, tx, "test", s)
			keep(e)
			return out
		}
		r.hida = add(party.Participant{ID: "HIDA", Name: "Hida Bank", ClientID: "HIDA"})
		r.kyoto = add(party.Participant{ID: "KYOTO", Name: "Kyoto Bank", ClientID: "KYOTO"})
		r.wallet = add(party.Participant{ID: "PANDA", Name: "Panda Pay", ClientID: "PANDA",
			Connector: "scripted", BaseURL: "http://127.0.0.1:1", CodeGroup: "panda"})
		r.soba = sign(party.Merchant{AcquirerNo: r.hida.No, ID: "M1", Name: "Soba",
			NameJA: "そば", MCC: "5812"})
		r.tea = sign(party.Merchant{AcquirerNo: r.kyoto.No, ID: "M1", Name: "Tea",
			NameJA: "茶", MCC: "5499"})
		r.east = open(party.Store{MerchantNo: r.soba.No, ID: "S1", Name: "East",
			NameJA: "東店", Prefecture: "21", MCC: "5812"})
		r.west = open(party.Store{MerchantNo: r.soba.No, ID: "S2", Name: "West",
			NameJA: "西店", Prefecture: "23", MCC: "5812"})
		r.gion = open(party.Store{MerchantNo: r.tea.No, ID: "S1", Name: "Gion",
			NameJA: "祇園", Prefecture: "26", MCC: "5499"})
		var e error
		r.till, e = reg.AddTerminal(ctx, tx, "test", party.Terminal{AcquirerNo: r.hida.No,
			StoreNo: r.east.No, ID: "T1", Label: "Counter"})
		keep(e)
		return err
	})
}

// idAt is an id as it would have been made at a time.
func idAt(prefix string, s party.Store, at time.Time) string {
	const timeEnd = 13
	return id.Floor(prefix, at)[:timeEnd] + id.New(prefix, int(s.AcquirerNo))[timeEnd:]
}

// row is a payment to insert. Fees are 2 % of it.
type row struct {
	store    party.Store
	at       time.Time
	state    payment.State
	minor    int64
	currency string
	ref      string
	terminal int64
	captured int64 // of a promise; else minor when it is paid
	hold     bool
}

// pay inserts a payment and returns its id.
func (r *rig) pay(p row) string {
	r.t.Helper()
	pid := idAt("pay", p.store, p.at)
	if p.currency == "" {
		p.currency = "JPY"
	}
	merchant := p.store.MerchantNo
	if !p.hold && (p.state == payment.Captured || p.state == payment.Refunded) {
		p.captured = p.minor
	}
	r.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into payment (acquirer_no, id, request_id, channel, state,
				version, merchant_no, store_no, terminal_no, issuer_no, order_ref, order_minor,
				order_currency, pay_to_minor, pay_to_currency, settle_minor, settle_currency,
				rate_coef, rate_exp, mid_minor, mdr_minor, interchange_minor, scheme_minor,
				captured_minor, refunded_minor, refunding_minor, given_pay_to_minor,
				given_mid_minor, given_mdr_minor, given_interchange_minor, given_scheme_minor,
				reason, code_last4, customer, created_at_us, concluded_at_us, cancel_until_us,
				acquirer_agreement, issuer_agreement, notify_url, held, actor, way, step, hold,
				return_url, description, expires_at_us, capturing_minor, captures)
			values ($1, $2, $3, 'v1', $4, 1, $5, $6, $7, $8, $9, $10, $11, 1, 'CNY', $10, $11,
				0, 0, 0, $12, 0, 0, $13, 0, 0, 0, 0, 0, 0, 0, '', '4711', '', $14, 0, 0, 1, 1,
				'', 0, 'test', 'wallet_code', 'a', $15, '', '', 0, 0, 0)`,
			p.store.AcquirerNo, pid, "req"+pid, string(p.state), merchant, p.store.No,
			p.terminal, r.wallet.No, p.ref, p.minor, p.currency, p.minor/50, p.captured,
			clock.Micros(p.at), p.hold)
		return err
	})
	return pid
}

// capture inserts a capture of a promise that paid a fee.
func (r *rig) capture(p row, paymentID string, minor, fee int64) {
	r.t.Helper()
	r.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into payment_capture (acquirer_no, id, payment_id,
				request_id, state, order_minor, order_currency, pay_to_minor, pay_to_currency,
				mid_minor, mdr_minor, interchange_minor, scheme_minor, final, failure, issuer_no,
				tries, created_at_us, concluded_at_us, actor)
			values ($1, $2, $3, 'c', 'succeeded', $4, 'JPY', 1, 'CNY', 0, $5, 0, 0, false, '',
				$6, 0, $7, 0, 'test')`,
			p.store.AcquirerNo, "cap"+paymentID[3:], paymentID, minor, fee, r.wallet.No,
			clock.Micros(p.at))
		return err
	})
}

// refund inserts a refund of a payment and returns its id.
func (r *rig) refund(
	s party.Store, paymentID string, at time.Time, minor int64, state payment.RefundState,
) string {
	r.t.Helper()
	rid := idAt("rfd", s, at)
	r.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into payment_refund (acquirer_no, id, payment_id,
				request_id, state, order_minor, order_currency, pay_to_minor, pay_to_currency,
				mid_minor, mdr_minor, interchange_minor, scheme_minor, reason, failure, their_id,
				store_no, terminal_no, tries, doubts, held, created_at_us, concluded_at_us,
				actor)
			values ($1, $2, $3, 'r', $4, $5, 'JPY', 1, 'CNY', 0, $6, 0, 0, '', '', '', $7, 0, 0,
				0, 0, $8, 0, 'test')`,
			s.AcquirerNo, rid, paymentID, string(state), minor, minor/50, s.No,
			clock.Micros(at))
		return err
	})
	return rid
}

// total adds up a scope and period.
func (r *rig) total(s report.Scope, p report.Period) report.Takings {
	r.t.Helper()
	got, err := r.Total(context.Background(), s, p)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

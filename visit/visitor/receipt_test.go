package visitor_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/sandbox/rates"
	"watari/visit/visitor"
)

// generous is a wallet that pays everything, 1 yen being 5 fen to its user.
type generous struct{}

func (generous) Name() string { return "alipayplus" }

func (generous) Capabilities() link.Capabilities {
	return link.Capabilities{IDMax: 64, CallMax: time.Second, InquiryMax: time.Second,
		Inquiries: []time.Duration{time.Hour}, Deadline: 48 * time.Hour, CodeLife: time.Minute,
		PartialRefund: true, RefundWindow: 1000 * time.Hour, Ways: []link.Way{link.WayCode},
		CancelUntil: func(t time.Time) time.Time { return t.Add(time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(2 * time.Hour) }}
}

func (generous) Authorise(_ context.Context, _ link.Endpoint, r link.Authorise) link.Answer {
	payer := money.MustNew(r.Order.Minor()*5, "CNY")
	return link.Answer{Outcome: link.Approved, TheirID: "W" + r.OurRequestID, Code: "OK",
		Payer: &payer}
}

func (generous) Inquire(context.Context, link.Endpoint, link.Inquire) link.Answer {
	return link.Answer{Outcome: link.Unknown, Code: "WAIT"}
}

func (generous) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved, Code: "OK"}
}

func (generous) Refund(_ context.Context, _ link.Endpoint, r link.Refund) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "R" + r.RefundID, Code: "OK"}
}

// till takes payments of the rig's shop.
type till struct {
	*payment.Service
	r *rig
	n int
}

func newTill(r *rig) *till {
	r.t.Helper()
	board := fx.New(r.db, fx.Config{RepeatLastDay: true})
	_, err := board.Import(r.t.Context(), strings.NewReader(string(rates.Recent)), "test")
	r.do(err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do(err)
	s := payment.New(payment.Config{ClientID: "NET", DB: r.db, Log: r.log, Lane: 1,
		Directory: r.dir, Registry: party.NewRegistry(r.db, r.dir, r.log, 1,
			party.DefaultSight()), Board: board, Codes: table, Chart: ledger.NewChart(r.db),
		Seal: r.ring, Connectors: map[string]link.Connector{"alipayplus": generous{}},
		CIIs: map[string]string{"alipay": "251001"}, Rules: risk.Default(),
		Logger: slog.New(slog.DiscardHandler)})
	r.t.Cleanup(s.Close)
	return &till{Service: s, r: r}
}

func (k *till) origin() payment.Origin {
	k.n++
	return payment.Origin{AcquirerNo: k.r.bank.No, Channel: payment.ChannelAPI,
		RequestID: fmt.Sprintf("req-%d", k.n), Actor: "test", Began: clock.Now()}
}

// sell takes a payment of a user of the Alipay+ wallet.
func (k *till) sell(user string, yen int64) *payment.Payment {
	k.r.t.Helper()
	codes, err := k.IssueCodes(k.r.t.Context(), k.r.issuers["alipayplus"].No, user, "CN", 1)
	k.r.do(err)
	p, err := k.Sell(k.r.t.Context(), payment.Sale{Origin: k.origin(), MerchantID: "M1",
		StoreID: "S1", OrderRef: "1", Description: "ramen", Amount: money.MustNew(yen, "JPY"),
		Code: codes[0].Code})
	k.r.do(err)
	if p.State != payment.Captured {
		k.r.t.Fatalf("payment: %+v", p)
	}
	return p
}

// run runs the service until the test ends.
func (r *rig) run() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	r.t.Cleanup(func() { stop(); <-done })
}

// receipts waits until a visitor has n of them.
func (r *rig) receipts(v visitor.Visitor, n int) []visitor.Receipt {
	r.t.Helper()
	for until := clock.Now().Add(20 * time.Second); ; {
		list, _, err := r.Receipts(r.t.Context(), v, "", 50)
		r.do(err)
		if len(list) == n {
			return list
		}
		if clock.Now().After(until) {
			r.t.Fatalf("%d receipts, want %d: %+v", len(list), n, list)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Goal: a visitor finds what they paid in shops since they first signed in, with what it was in
// their own money, and nobody else's; nothing is kept of who never signed in (V5). Method: payments
// of two users before and after one of them signs in, a refund in part, paging.
func TestReceiptsAreTheVisitorsOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx, shop := t.Context(), newTill(r)
		r.run()
		const ann, bob = "alipayplus-ann", "alipayplus-bob"
		shop.sell(ann, 500)
		shop.sell(bob, 600)
		e := r.enter("alipayplus", ann)
		first := shop.sell(ann, 1980)
		shop.sell(bob, 700)
		last := shop.sell(ann, 850)
		list := r.receipts(e.Visitor, 2)
		got := list[1]
		if list[0].PaymentID != last.ID || got.PaymentID != first.ID ||
			got.Shop != "Noodles Takayama" || got.ShopJA != "麺 高山" || got.For != "" ||
			got.Paid != money.MustNew(1980, "JPY") || got.State != visitor.ReceiptPaid ||
			got.Own == nil || *got.Own != money.MustNew(9900, "CNY") || got.Rate != "0.05" ||
			got.Wallet != "Wallet alipayplus" || got.OrderID != "" || !got.Refunded.IsZero() {
			t.Errorf("receipts: %+v", list)
		}
		if _, err := shop.Refund(ctx, payment.Giveback{Origin: shop.origin(),
			Ref: payment.Ref{PaymentID: first.ID}, Amount: money.MustNew(980, "JPY")}); err != nil {
			t.Fatal(err)
		}
		list = r.receipts(e.Visitor, 2)
		if got := list[1]; got.State != visitor.ReceiptPart ||
			got.Refunded != money.MustNew(980, "JPY") {
			t.Errorf("after a refund: %+v", got)
		}
		page, next, err := r.Receipts(ctx, e.Visitor, "", 1)
		r.do(err)
		rest, end, err := r.Receipts(ctx, e.Visitor, next, 1)
		r.do(err)
		if len(page) != 1 || len(rest) != 1 || page[0].PaymentID != last.ID ||
			rest[0].PaymentID != first.ID || end != "" {
			t.Errorf("pages: %+v, %q, %+v, %q", page, next, rest, end)
		}
		if odd, _, err := r.Receipts(ctx, e.Visitor, "'; x", 5); err != nil || len(odd) != 2 {
			t.Errorf("a cursor of nobody: %+v, %v", odd, err)
		}
		r.do(r.Forget(ctx, e.Visitor.ID))
		n, err := r.kept()
		if err != nil || n != 0 {
			t.Errorf("%d payments are kept of nobody, %v", n, err)
		}
	})
}

// kept is how many payments are kept for visitors.
func (r *rig) kept() (n int64, err error) {
	err = r.db.View(r.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		n, err = db.One(ctx, tx, func(row db.Row) (n int64, err error) {
			err = row.Scan(&n)
			return n, err
		}, `select count(payment_id) from visitor_payment`)
		return err
	})
	return n, err
}

package alipayplus_test

import (
	"context"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link"
	"watari/pay/link/linktest"
	"watari/sandbox/alipay"
	"watari/sandbox/wallet"
)

// simulated is the sandbox's wallet as the suite drives it.
type simulated struct {
	*wallet.Wallet
	t    testing.TB
	db   *db.DB
	user string
}

// simulatedModes are the suite's modes in the sandbox's words.
var simulatedModes = map[linktest.Mode]wallet.Mode{
	linktest.Approve: wallet.ModeNone, linktest.Decline: wallet.ModeDecline,
	linktest.Pending: wallet.ModePIN, linktest.Silence: wallet.ModeTimeout,
	linktest.Slow: wallet.ModeSlow, linktest.Late: wallet.ModeLate,
	linktest.Drop: wallet.ModeDrop}

func (s *simulated) Set(m linktest.Mode) {
	if err := s.SetFault(context.Background(), simulatedModes[m], nil); err != nil {
		s.t.Errorf("set %s: %v", m, err)
	}
}

func (s *simulated) payment(id string) *wallet.Payment {
	p, err := s.Payment(context.Background(), id)
	if err != nil {
		s.t.Errorf("read the wallet's books: %v", err)
	}
	if p == nil {
		return &wallet.Payment{}
	}
	return p
}

func (s *simulated) Debits(id string) int {
	if s.payment(id).DebitedMinor > 0 {
		return 1
	}
	return 0
}

func (s *simulated) Taken(id string) int64 {
	p := s.payment(id)
	return p.DebitedMinor - p.ReturnedMinor
}

func (s *simulated) Refunds(id string) (n int) {
	err := s.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, func(r db.Row) (n int, err error) { return n, r.Scan(&n) },
			`select count(*) from sim_refund where refund_request_id = $1
				and state = 'succeeded'`, id)
		return err
	})
	if err != nil {
		s.t.Errorf("count refunds: %v", err)
	}
	return n
}

func (s *simulated) Confirm(id string) {
	if _, err := s.Wallet.Confirm(context.Background(), s.user, s.payment(id).PaymentID,
		wallet.PIN); err != nil {
		s.t.Errorf("confirm: %v", err)
	}
}

// The goal is that two implementations of the protocol agree: this connector and the wallet of
// the sandbox, which was written apart from it and gets its codes from the real server. The
// wallet lies in its answers to pay only, so the rules about lies are left out.
func TestConnectorAgreesWithTheSandbox(t *testing.T) {
	t.Parallel()
	unable := append(linktest.Lies(), linktest.Deaf, linktest.OtherAmount)
	linktest.Run(t, func(t testing.TB) linktest.Case {
		r := newRig(t)
		d := dbtest.New(t, db.SQLite, wallet.Migrations)
		timing := wallet.Timing{Slow: callMax / 5, Late: 2 * callMax, Silence: 2 * callMax}
		log := slog.New(slog.DiscardHandler)
		w := wallet.New(d, wallet.Profile{ID: walletID, Protocol: "alipayplus", Name: "Test",
			Currency: "CNY", Opening: 10_000_00, PINAbove: 1_000_00, Lang: "zh-Hans",
			Terms: alipay.Terms()}, timing, log)
		r.do("open an account", w.AddUsers(t.Context(),
			wallet.User{ID: "U1", Name: "李娜", NameEN: "Li Na"}))
		front := alipay.New(wallet.Parts{Wallet: w, Timing: w.Timing(), Log: log,
			Networks: func(context.Context) ([]string, error) {
				return []string{r.server.URL}, nil
			},
			ClientID: walletClient, Signer: keyNamed(t, "wallet").signer,
			NetworkClientID: ourClient,
			NetworkKeys:     map[int]*rsa.PublicKey{r.network.version: r.network.public()}})
		mux := http.NewServeMux()
		wallet.NewServer(w, front, log).Register(mux)
		server := httptest.NewServer(mux)
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { w.Run(ctx, front) })
		t.Cleanup(func() {
			stop()
			running.Wait()
			server.CloseClientConnections()
			server.Close()
			front.Close()
		})
		var count atomic.Int64
		return linktest.Case{Connector: newClient(t), Patience: 2 * callMax,
			Wallet: &simulated{w, t, d, "U1"},
			Endpoint: link.Endpoint{IssuerNo: walletNo, IssuerID: walletID,
				ClientID: ourClient, BaseURL: server.URL},
			Sale: func() link.Authorise {
				code, err := w.NewCode(context.Background(), front, "U1")
				if err != nil {
					t.Errorf("get a code: %v", err)
				}
				s := sale(fmt.Sprintf("leg_0000000000000000000000%d", count.Add(1)))
				s.Code, s.Expires = code.Value, s.Expires.Add(time.Minute)
				return s
			}}
	}, unable...)
}

package alipay

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// Front is the Alipay+ side of a wallet. It is safe for concurrent use.
type Front struct {
	wallet  *wallet.Wallet
	network *network
	me      identity
	log     *slog.Logger
	parts   wallet.Parts
	app     application // for sign-in
}

var _ wallet.Front = (*Front)(nil)

// New returns the Alipay+ side of a wallet.
func New(p wallet.Parts) *Front {
	check.That(p.Wallet != nil && p.Networks != nil && p.Log != nil && p.Signer != nil &&
		len(p.NetworkKeys) > 0, "alipay: New with a part missing")
	me := identity{issuerID: p.Wallet.Profile().ID, clientID: p.ClientID, signer: p.Signer,
		networkClientID: p.NetworkClientID, networkKeys: p.NetworkKeys}
	return &Front{wallet: p.Wallet, network: newNetwork(me, p.Timing.Call, p.Networks), me: me,
		log: p.Log, parts: p, app: openApplication(p.SignIn)}
}

// Terms are the times that the protocol sets: a wallet honours the network's cancel until 00:30
// (UTC+8) of the next day, and refunds for 366 days at least.
func Terms() wallet.Terms {
	return wallet.Terms{RefundFor: 367 * 24 * time.Hour,
		CancelUntil: func(paid time.Time) time.Time {
			y, m, d := paid.In(clock.CST).Date()
			return time.Date(y, m, d+1, 0, 30, 0, 0, clock.CST)
		}}
}

// Register adds the protocol's paths.
func (f *Front) Register(mux *http.ServeMux) {
	mux.HandleFunc("/aps/", f.aps)
	mux.HandleFunc("GET /oauth2/publicAppAuthorize.htm", f.authorise)
	mux.HandleFunc("POST /gateway.do", f.gateway)
}

// Close drops idle connections.
func (f *Front) Close() { f.network.client.CloseIdleConnections() }

// Code obtains a code from the network.
func (f *Front) Code(ctx context.Context, userID string) (wallet.Code, error) {
	asked := clock.Now()
	got, err := f.network.codes(ctx, userID, 1)
	if err != nil {
		return wallet.Code{}, err
	}
	c, err := codeOf(got[0], asked)
	if err != nil {
		return wallet.Code{}, err
	}
	return c, f.wallet.MintCode(ctx, userID, c)
}

func codeOf(got wire.PaymentCode, asked time.Time) (wallet.Code, error) {
	until, ok := wire.ParseTime(got.ExpiryAt)
	if !ok {
		return wallet.Code{}, fmt.Errorf("the network's code ends at %q, which is no time",
			got.ExpiryAt)
	}
	from, ok := wire.ParseTime(got.StartTime)
	if !ok {
		from = asked
	}
	return wallet.Code{Value: got.Code, From: from, Until: until}, nil
}

// Notify tells the network how a payment ended.
func (f *Front) Notify(ctx context.Context, n wallet.Notice) error {
	if n.Kind != wallet.NoticePayment {
		return nil
	}
	result := stands(n.State, n.Why)
	if result.Status == wire.Unclear {
		return nil
	}
	return f.network.notify(ctx, &wire.WalletNotice{PaymentResult: result,
		Debited: debited(n.Payment)})
}

// Explain is the protocol's code for a reason.
func (f *Front) Explain(why wallet.Why) string { return string(codeFor(why)) }

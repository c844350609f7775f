package linepay

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/id"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// The times of the protocol.
const (
	requestLife = 20 * time.Minute
	keyLife     = 5 * time.Minute
	keyLength   = 18 // digits, in Taiwan
	refundLife  = 60 * 24 * time.Hour
	holdLife    = 7 * 24 * time.Hour
)

// KeyPrefix is how this wallet's one-time keys begin. LINE Pay's own have no public prefix, so the
// network's code table needs an entry for it.
const KeyPrefix = "39"

// Secrets are what the wallet knows of its agreement with the network.
type Secrets struct {
	ChannelID     string         `json:"channel_id"`
	ChannelSecret string         `json:"channel_secret"`
	Currency      money.Currency `json:"currency"` // of the merchant account
}

// Credentials makes the agreement of a wallet with the network: what each side keeps of it. The
// merchant account is kept in US dollars.
func Credentials(string) (network, secrets json.RawMessage, err error) {
	text, err := json.Marshal(Secrets{ChannelID: wallet.Digits(10),
		ChannelSecret: id.Secret(20), Currency: "USD"})
	if err != nil {
		return nil, nil, fmt.Errorf("write the credentials: %w", err)
	}
	return text, text, nil
}

// Terms are the times that the protocol sets.
func Terms() wallet.Terms {
	return wallet.Terms{RefundFor: refundLife, HoldFor: holdLife, AgreedFor: requestLife}
}

// Front is the LINE Pay side of a wallet. It is safe for concurrent use.
type Front struct {
	wallet  *wallet.Wallet
	parts   wallet.Parts
	secrets Secrets
	rate    money.Rate // of the merchant's currency, in the users'
	nonces  nonces
	log     *slog.Logger
	channel SignIn // for sign-in

	// agreed holds the requests for consents that the merchant has confirmed, by transaction.
	agreed sync.Map
}

var _ wallet.Front = (*Front)(nil)

// New returns the LINE Pay side of a wallet.
//
// Errors: secrets that are not whole, or a currency without a rate.
func New(p wallet.Parts) (*Front, error) {
	check.That(p.Wallet != nil && p.Log != nil, "linepay: New with a part missing")
	f := &Front{wallet: p.Wallet, parts: p, log: p.Log, channel: openChannel(p.SignIn)}
	if err := json.Unmarshal(p.Secrets, &f.secrets); err != nil {
		return nil, fmt.Errorf("read the secrets: %w", err)
	}
	if f.secrets.ChannelID == "" || f.secrets.ChannelSecret == "" {
		return nil, fmt.Errorf("the secrets of %s lack a channel", p.Wallet.Profile().ID)
	}
	var err error
	f.rate, err = rateOf(f.secrets.Currency, p.Wallet.Profile().Currency)
	return f, err
}

// Register adds the protocol's paths.
func (f *Front) Register(mux *http.ServeMux) {
	for pattern, serve := range f.online() {
		mux.HandleFunc(pattern, f.signed(serve))
	}
	for pattern, serve := range f.offline() {
		mux.HandleFunc(strings.Replace(pattern, "/v*/", "/v4/", 1), f.signed(serve))
		mux.HandleFunc(strings.Replace(pattern, "/v*/", "/v2/", 1), f.trusted(serve))
	}
	mux.HandleFunc("GET /oauth2/v2.1/authorize", f.authorise)
	mux.HandleFunc("POST /oauth2/v2.1/token", f.token)
}

func (f *Front) online() map[string]serve {
	return map[string]serve{
		"POST /v3/payments/request":                         f.request,
		"GET /v3/payments/requests/{id}/check":              f.check,
		"POST /v3/payments/{id}/confirm":                    f.confirm,
		"POST /v3/payments/{id}/refund":                     f.byID(f.refund),
		"GET /v3/payments":                                  f.details,
		"POST /v3/payments/authorizations/{id}/capture":     f.byID(f.capture),
		"POST /v3/payments/authorizations/{id}/void":        f.byID(f.void),
		"POST /v3/payments/preapprovedPay/{regKey}/payment": f.charge,
		"GET /v3/payments/preapprovedPay/{regKey}/check":    f.checkConsent,
		"POST /v3/payments/preapprovedPay/{regKey}/expire":  f.expireConsent,
	}
}

func (f *Front) offline() map[string]serve {
	return map[string]serve{
		"POST /v*/payments/oneTimeKeys/pay":        f.payByKey,
		"GET /v*/payments/orders/{order}/check":    f.checkOrder,
		"POST /v*/payments/orders/{order}/refund":  f.byOrder(f.refund),
		"POST /v*/payments/orders/{order}/capture": f.byOrder(f.capture),
		"POST /v*/payments/orders/{order}/void":    f.byOrder(f.void),
		"GET /v*/payments":                         f.details,
	}
}

// Close has nothing to close: this wallet calls nobody.
func (f *Front) Close() {}

// Code makes a one-time key.
func (f *Front) Code(ctx context.Context, userID string) (wallet.Code, error) {
	return f.wallet.MintDigits(ctx, userID, KeyPrefix, keyLength, keyLife)
}

// Scan opens what is an address. The wallet's own pay pages are known to the wallet itself.
func (f *Front) Scan(_ context.Context, _, text string, _ *money.Amount) (wallet.Scanned, error) {
	page, ok := wallet.PageOf(text)
	if !ok || f.parts.BaseURL != "" && strings.HasPrefix(page, f.parts.BaseURL+"/") {
		return wallet.Scanned{}, wallet.ErrUnreadable
	}
	return wallet.Scanned{OpenURL: page}, nil
}

// Notify tells nobody: the merchant asks (L8).
func (f *Front) Notify(context.Context, wallet.Notice) error { return nil }

// Explain is the protocol's code for a reason.
func (f *Front) Explain(why wallet.Why) string { return string(codeFor(why)) }

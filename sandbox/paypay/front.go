package paypay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watari/connect/paypay/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

const (
	// yen is the currency of everything.
	yen money.Currency = wire.Currency
	// codePrefix and codeDigits are the form of a user's payment code.
	codePrefix, codeDigits = "90008181", 24
	// codeLife is how long a user's payment code can be used.
	codeLife = 5 * time.Minute
	// orderLife is how long a code of the merchant's can be paid.
	orderLife = 5 * time.Minute
	// consentLife is how long a consent stands.
	consentLife = 365 * 24 * time.Hour
	// repeatsMax is how often a notice is sent again.
	repeatsMax = 3
	// noticeWait is how long the answer to a notice is waited for: 1.5 s.
	noticeWait = 1500 * time.Millisecond
)

// Front is PayPay's side of a wallet. It is safe for concurrent use.
type Front struct {
	wallet  *wallet.Wallet
	parts   wallet.Parts
	secrets Secrets
	nonces  nonces
	client  *http.Client
	log     *slog.Logger
}

var _ wallet.Front = (*Front)(nil)

// New returns PayPay's side of a wallet whose accounts are in yen.
//
// Errors: secrets that are not whole.
func New(p wallet.Parts) (*Front, error) {
	check.That(p.Wallet != nil && p.Networks != nil && p.Log != nil,
		"paypay: New with a part missing")
	check.That(p.Wallet.Profile().Currency == yen, "paypay: a wallet in another currency than JPY")
	s, err := read(p.Secrets)
	if err != nil {
		return nil, err
	}
	return &Front{wallet: p.Wallet, parts: p, secrets: s, log: p.Log,
		nonces: nonces{used: map[string]time.Time{}},
		client: &http.Client{Timeout: noticeWait}}, nil
}

// Terms are the times that PayPay sets: a cancel is honoured to the end of 00:14:59 (JST) of the
// next day, a refund for 365 days to the end of the day, a promise for 30 days.
func Terms() wallet.Terms {
	return wallet.Terms{RefundFor: 366 * 24 * time.Hour, HoldFor: 30 * 24 * time.Hour,
		CancelUntil: func(paid time.Time) time.Time {
			y, m, d := paid.In(clock.JST).Date()
			return time.Date(y, m, d+1, 0, 15, 0, 0, clock.JST)
		}}
}

// Close drops idle connections.
func (f *Front) Close() { f.client.CloseIdleConnections() }

// Register adds the protocol's paths, the address in a code, and the way back from a consent.
func (f *Front) Register(mux *http.ServeMux) {
	for pattern, do := range map[string]func(*http.Request, []byte) (answer, error){
		"POST " + wire.PathCodes:                f.makeCode,
		"DELETE " + wire.PathCodes + "/{id}":    f.deleteCode,
		"GET " + wire.PathCodePayments + "{id}": f.codePayment,
		"POST " + wire.PathPayments:             f.charge,
		"POST " + wire.PathHold:                 f.holdCharge,
		"GET " + wire.PathPayments + "/{id}":    f.payment,
		"DELETE " + wire.PathPayments + "/{id}": f.cancel,
		"POST " + wire.PathCapture:              f.capture,
		"POST " + wire.PathRevert:               f.revert,
		"POST " + wire.PathRefunds:              f.refund,
		"GET " + wire.PathRefunds + "/{id}":     f.refundOf,
		"POST " + wire.PathSessions:             f.session,
		"GET " + wire.PathConsents:              f.consent,
		"DELETE " + wire.PathConsents + "/{id}": f.unlink,
		"POST " + wire.PathSimulatedScan:        f.scan,
		"/v1/":                                  f.nowhere,
		"/v2/":                                  f.nowhere,
	} {
		mux.HandleFunc(pattern, f.call(do))
	}
	mux.HandleFunc("GET "+qrPath+"{key}", f.openCode)
	mux.HandleFunc("GET "+returnPath+"{id}", f.goBack)
	mux.HandleFunc("GET "+linkedPath+"{id}", f.linked)
}

// nowhere answers calls that there are not.
func (f *Front) nowhere(*http.Request, []byte) (answer, error) {
	return refuse(wire.OutOfScope), nil
}

// Code makes the code that a user's phone shows.
func (f *Front) Code(ctx context.Context, userID string) (wallet.Code, error) {
	return f.wallet.MintDigits(ctx, userID, codePrefix, codeDigits, codeLife)
}

// Scan takes a code of this wallet's for a user, by its address or by the address that opens the
// app, and says of every other address that it is to be opened.
func (f *Front) Scan(ctx context.Context, userID, text string, _ *money.Amount,
) (wallet.Scanned, error) {
	if ref, ok := refIn(text); ok {
		p, err := f.wallet.ByRef(ctx, ref)
		if err != nil {
			return wallet.Scanned{}, err
		}
		if p != nil {
			s, err := f.wallet.Take(ctx, p.RequestID, userID)
			if err != nil || s.Why != wallet.WhyNone {
				return wallet.Scanned{Why: s.Why}, err
			}
			return wallet.Scanned{RequestID: p.RequestID}, nil
		}
	}
	if page, ok := wallet.PageOf(text); ok {
		return wallet.Scanned{OpenURL: page}, nil
	}
	return wallet.Scanned{}, fmt.Errorf("%w: it is no code of PayPay's and no address",
		wallet.ErrUnreadable)
}

// Addresses of a code.
const (
	qrPath     = "/qr/"
	qrPrefix   = "28180104" // before the codeId's own signs
	refPrefix  = "04-"
	deepScheme = "paypay"
	deepHost   = "payment"
	deepQuery  = "link_key"
)

// addresses are where a code is paid: in a browser, and in the app.
func (f *Front) addresses(ref string) (web, app string) {
	web = f.parts.BaseURL + qrPath + qrPrefix + strings.TrimPrefix(ref, refPrefix)
	deep := url.URL{Scheme: deepScheme, Host: deepHost,
		RawQuery: url.Values{deepQuery: {web}}.Encode()}
	return web, deep.String()
}

// refIn returns the codeId in an address of a code.
func refIn(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil {
		return "", false
	}
	if u.Scheme == deepScheme && u.Host == deepHost {
		if u, err = url.Parse(u.Query().Get(deepQuery)); err != nil {
			return "", false
		}
	}
	key, ok := strings.CutPrefix(u.Path, qrPath+qrPrefix)
	return refPrefix + key, ok
}

// openCode sends a browser from a code to the page on which it is paid.
func (f *Front) openCode(w http.ResponseWriter, r *http.Request) {
	ref, ok := refIn(r.URL.String())
	if ok {
		p, err := f.wallet.ByRef(r.Context(), ref)
		if err == nil && p != nil {
			http.Redirect(w, r, f.parts.PayURL(p.RequestID), http.StatusSeeOther)
			return
		}
	}
	http.Error(w, "there is no such code", http.StatusNotFound)
}

// Notify posts what a merchant is told (S8): promises, payments and their failures, refunds.
func (f *Front) Notify(ctx context.Context, n wallet.Notice) error {
	state := wire.State("")
	switch {
	case n.Kind == wallet.NoticeRefund && n.Refund.Succeeded:
		state = wire.StateRefunded
	case n.Kind != wallet.NoticePayment:
	case n.State == wallet.Held:
		state = wire.StateAuthorised
	case n.State == wallet.Paid:
		state = wire.StateCompleted
	case n.State == wallet.Failed && n.Payment.PaidUS == 0 && n.Why != wallet.WhyExpired:
		state = wire.StateFailed
	case n.State == wallet.Cancelled && n.Payment.Hold:
		state = stateOf(n.Payment)
	}
	if state == "" || n.Payment == nil {
		return nil
	}
	err := f.post(ctx, f.noticeOf(n.Payment, state, n.At))
	if err != nil && n.Attempts >= repeatsMax {
		f.log.Warn("wallet: a notice is given up", "wallet", f.wallet.Profile().ID, "error", err)
		return nil
	}
	return err
}

// noticeOf is a notice of a payment.
func (f *Front) noticeOf(p *wallet.Payment, state wire.State, at time.Time) *wire.Notice {
	amount, _ := json.Marshal(p.OrderMinor) // a number has a JSON form
	n := &wire.Notice{Type: wire.NoticeTransaction, MerchantID: f.secrets.MerchantID,
		OrderID: p.PaymentID, MerchantOrderID: p.RequestID, OrderAmount: amount, State: state,
		StoreID: extraOf(p).StoreID, PosID: extraOf(p).TerminalID}
	text := at.UTC().Format(time.RFC3339)
	switch state {
	case wire.StateAuthorised:
		n.HeldAt = text
		n.ExpiresAt = clock.FromMicros(p.DueUS).UTC().Format(time.RFC3339)
	case wire.StateCompleted:
		n.PaidAt = text
	}
	return n
}

// post sends a notice to the first process of the network that takes it.
func (f *Front) post(ctx context.Context, n *wire.Notice) error {
	bases, err := f.parts.Networks(ctx)
	if err != nil {
		return fmt.Errorf("find the network: %w", err)
	}
	tried := wallet.ErrNetwork
	for _, base := range bases {
		address := base + "/wallets/" + Protocol + "/" + f.wallet.Profile().ID
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address,
			bytes.NewReader(wire.Encode(n)))
		if err != nil {
			return fmt.Errorf("make the notice: %w", err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := f.client.Do(req)
		if err != nil {
			tried = fmt.Errorf("%w; %s: %w", tried, base, err)
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
		tried = fmt.Errorf("%w; %s answers HTTP %d", tried, base, res.StatusCode)
	}
	return tried
}

// Protocol is the folder of the connector that speaks to this front.
const Protocol = "paypay"

// Explain is the protocol's code for a reason.
func (f *Front) Explain(why wallet.Why) string { return string(codeFor(why)) }

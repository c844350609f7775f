package till

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

//go:embed lang/*.json
var langFiles embed.FS

// Payments is what a till asks of the payment service. payment.Service is one.
type Payments interface {
	Sell(ctx context.Context, s payment.Sale) (*payment.Payment, error)
	Find(ctx context.Context, acquirerNo int64, ch payment.Channel, ref payment.Ref) (
		*payment.Payment, error)
	List(ctx context.Context, f payment.Filter) ([]payment.Payment, string, error)
	Similar(ctx context.Context, acquirerNo, storeNo, terminalNo int64, amount money.Amount) (
		*payment.Payment, error)
	Refund(ctx context.Context, g payment.Giveback) (*payment.Refund, error)
	Refunds(ctx context.Context, acquirerNo int64, paymentID string) ([]payment.Refund, error)
	Cancel(ctx context.Context, c payment.Cancellation) (*payment.Payment, error)
	// Open makes an order, which a QR code on the till's screen lets a customer pay.
	Open(ctx context.Context, o payment.Order) (*payment.Payment, error)
	// Choices are the open wallets that an order can be paid with in a way.
	Choices(ctx context.Context, p *payment.Payment, way link.Way) ([]party.Wallet, error)
	// Choose asks a wallet for a code of its own.
	Choose(ctx context.Context, c payment.Choice) (link.Form, error)
	// CodeURL is the text of an order's QR code.
	CodeURL(p *payment.Payment) string
	// RefundedToday counts what was given back since midnight in Japan, in minor yen, refunds
	// in process included.
	RefundedToday(ctx context.Context, acquirerNo, storeNo, terminalNo int64) (
		terminal, store int64, err error)
}

// Terminals knows which browser is which terminal.
type Terminals interface {
	// Activate uses a one-time link up and returns the secret of a session.
	// Errors: party.ErrActivation.
	Activate(ctx context.Context, secret string) (session string, t party.Terminal, err error)
	// TerminalSession finds the terminal of a session. Errors: party.ErrSession.
	TerminalSession(ctx context.Context, session string) (party.Point, error)
}

// Events tells what happened to a payment, and of changes as they happen. event.Log is one.
type Events interface {
	Subject(ctx context.Context, subject string) ([]event.Event, error)
	Subscribe(ctx context.Context, f event.Filter) <-chan event.Event
}

// Wallets knows all wallets, and each by its issuer's number. party.Directory is one.
type Wallets interface {
	Wallets(ctx context.Context) ([]party.Wallet, error)
	Wallet(ctx context.Context, issuerNo int64) (party.Wallet, error)
}

// Config is what the pages need. Every field is needed but Done, Logger and Now.
type Config struct {
	Payments  Payments
	Terminals Terminals
	Events    Events
	Wallets   Wallets
	// Done ends the live streams when it is closed, so that a server can stop.
	Done   <-chan struct{}
	Logger *slog.Logger     // nil is slog.Default
	Now    func() time.Time // nil is clock.Now
}

// app is the handler's state.
type app struct {
	Config
	texts *i18n.Catalogue
	pins  attempts
}

// New returns the pages of the till. They answer paths from /till/ on and are to be mounted at
// both "/till" and "/till/".
func New(c Config) http.Handler {
	check.That(c.Payments != nil && c.Terminals != nil && c.Events != nil && c.Wallets != nil,
		"till: a part of the configuration is missing")
	a := &app{Config: c, texts: i18n.MustLoad(langFiles, "lang/*.json")}
	if a.Now == nil {
		a.Now = clock.Now
	}
	if a.Logger == nil {
		a.Logger = slog.Default()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /till", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/till/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /till/activate/{secret}", a.activate)
	mux.HandleFunc("POST /till/activate", a.activateBy)
	mux.HandleFunc("GET /till/manifest.webmanifest", a.manifest)
	mux.HandleFunc("GET /till/worker.js", a.worker)
	mux.HandleFunc("GET /till/away", a.away)
	mux.HandleFunc("POST /till/settings", a.keepSettings)
	for pattern, screen := range map[string]screen{
		"GET /till/{$}":                         a.showPad,
		"GET /till/scan":                        a.showScan,
		"POST /till/sales":                      a.sell,
		"GET /till/sales":                       a.noSale,
		"POST /till/orders":                     a.openOrder,
		"GET /till/orders":                      a.noSale,
		"POST /till/payments/{id}/code":         a.showOwnCode,
		"GET /till/payments/{id}/code":          a.noRefund,
		"GET /till/waiting":                     a.showWaiting,
		"GET /till/live":                        a.live,
		"GET /till/day":                         a.showDay,
		"GET /till/settings":                    a.showSettings,
		"GET /till/payments/{id}":               a.showReceipt,
		"GET /till/payments/{id}/result":        a.showResult,
		"GET /till/payments/{id}/refund":        a.showRefundForm,
		"POST /till/payments/{id}/refund":       a.reviewRefund,
		"POST /till/payments/{id}/refunds":      a.giveBack,
		"GET /till/payments/{id}/refunds":       a.noRefund,
		"GET /till/payments/{id}/refunds/{ref}": a.showRefund,
		"GET /till/payments/{id}/cancel":        a.reviewCancel,
		"POST /till/payments/{id}/cancel":       a.cancel,
		"/till/":                                a.nowhere,
	} {
		mux.Handle(pattern, a.activated(screen))
	}
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(a.foreign))
	return guard.Handler(a.guarded(mux))
}

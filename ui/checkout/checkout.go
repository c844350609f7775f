package checkout

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
	"watari/kit/limit"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

//go:embed lang/*.json
var langFiles embed.FS

// Payments is what the pages ask of the payment service. payment.Service is one.
type Payments interface {
	// ByToken returns the order that an address names. Errors: payment.ErrNotFound.
	ByToken(ctx context.Context, token string) (*payment.Payment, error)
	// StoreByToken returns the store of a printed code. Errors: party.ErrStoreUnknown.
	StoreByToken(ctx context.Context, token string) (party.Point, error)
	Open(ctx context.Context, o payment.Order) (*payment.Payment, error)
	// Choices are the open wallets that an order, or any order when it is nil, can be paid with.
	Choices(ctx context.Context, p *payment.Payment, way link.Way) ([]party.Wallet, error)
	Choose(ctx context.Context, c payment.Choice) (link.Form, error)
	Poke(ctx context.Context, issuerNo int64, ourRequestID string) error
	CodeURL(p *payment.Payment) string
	CheckoutURL(p *payment.Payment) string
}

// Places knows stores and wallets by their numbers. party.Directory is one.
type Places interface {
	Store(ctx context.Context, storeNo int64) (party.Point, error)
	Wallet(ctx context.Context, issuerNo int64) (party.Wallet, error)
	ByID(ctx context.Context, id string) (party.Participant, error)
}

// Events tells what happened to a payment, and of changes as they happen. event.Log is one.
type Events interface {
	Subject(ctx context.Context, subject string) ([]event.Event, error)
	Subscribe(ctx context.Context, f event.Filter) <-chan event.Event
}

// Config is what the pages need. Payments, Places and Events are needed.
type Config struct {
	Payments Payments
	Places   Places
	Events   Events
	// PublicURL is where payers reach the pages, without a trailing slash. "" is the host that
	// the browser names.
	PublicURL string
	Logger    *slog.Logger     // nil is slog.Default
	Now       func() time.Time // nil is clock.Now
}

// Paths are the prefixes at which the handler of New is to be mounted.
func Paths() []string { return []string{"/q/", "/pay/", "/s/"} }

// app is the handler's state.
type app struct {
	Config
	texts  *i18n.Catalogue
	reads  *limit.Limiter
	writes *limit.Limiter
}

// New returns the payer's pages.
func New(c Config) http.Handler {
	check.That(c.Payments != nil && c.Places != nil && c.Events != nil,
		"checkout: a part of the configuration is missing")
	a := &app{Config: c, texts: i18n.MustLoad(langFiles, "lang/*.json"),
		reads: limit.New(readsAMinute), writes: limit.New(writesAMinute)}
	if a.Now == nil {
		a.Now = clock.Now
	}
	if a.Logger == nil {
		a.Logger = slog.Default()
	}
	mux := http.NewServeMux()
	for _, base := range []string{orderPath, payPath} {
		mux.Handle("GET "+base+"{token}", a.screen(a.reads, a.showOrder))
		mux.Handle("POST "+base+"{token}", a.screen(a.writes, a.choose))
		mux.Handle("GET "+base+"{token}/back", a.screen(a.writes, a.comeBack))
		mux.Handle("GET "+base+"{token}/live", a.screen(a.reads, a.live))
	}
	mux.Handle("GET "+entryPath+"{token}", a.screen(a.reads, a.showEntry))
	mux.Handle("POST "+entryPath+"{token}", a.screen(a.writes, a.enter))
	mux.Handle("/", a.screen(a.reads, a.nowhere))
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(a.screen(a.reads, a.foreign))
	return guard.Handler(mux)
}

// The pages, by the first part of their address.
const (
	orderPath = "/q/"
	payPath   = "/pay/"
	entryPath = "/s/"
)

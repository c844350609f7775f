package alipayplus

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/private"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/money"
	"watari/kit/outbound"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// Prefix is where the protocol lives.
const Prefix = "/aps/"

// The addresses of the network.
const (
	PathPay       = "/aps/api/v1/payments/pay"
	PathInquiry   = "/aps/api/v1/payments/inquiryPayment"
	PathCancel    = "/aps/api/v1/payments/cancelPayment"
	PathRefund    = "/aps/api/v1/payments/refund"
	PathConsult   = "/aps/api/v1/payments/consultPayment"
	PathNotify    = "/aps/api/v1/payments/notifyPayment"
	PathInitiated = "/aps/api/v1/payments/userInitiatedPay"
	PathCodes     = "/aps/api/v1/codes/getPaymentCode"
	PathRules     = "/aps/api/v1/codes/inquiryCodeRules"
	PathQuote     = "/aps/v1/payments/inquiryForeignExchangeQuote" // has no /api
)

// BodyMax is the longest request, in bytes.
const BodyMax = 64 << 10

// Payments is the core as this protocol needs it; *payment.Service does.
type Payments interface {
	Sell(ctx context.Context, s payment.Sale) (*payment.Payment, error)
	Find(ctx context.Context, acquirerNo int64, ch payment.Channel, ref payment.Ref) (
		*payment.Payment, error)
	Cancel(ctx context.Context, c payment.Cancellation) (*payment.Payment, error)
	Refund(ctx context.Context, g payment.Giveback) (*payment.Refund, error)
	Refunds(ctx context.Context, acquirerNo int64, paymentID string) ([]payment.Refund, error)
	Notify(ctx context.Context, issuerNo int64, n link.Notice) error
	IssueCodes(ctx context.Context, issuerNo int64, customer, region string, n int) (
		[]payment.PaymentCode, error)
	Open(ctx context.Context, o payment.Order) (*payment.Payment, error)
	Resolve(ctx context.Context, sc payment.Scan) (payment.Resolved, error)
	Choices(ctx context.Context, p *payment.Payment, way link.Way) ([]party.Wallet, error)
	CodeURL(p *payment.Payment) string
	CheckoutURL(p *payment.Payment) string
}

// Owners know whose a private order code is; *private.Book does.
type Owners interface {
	Owner(ctx context.Context, text string) (private.Owner, bool, error)
	All(ctx context.Context) ([]private.Owner, error)
}

// Rates tell what a payment would be converted at now.
type Rates interface {
	// Indicative returns the rate from base to quote with a spread in parts per million. A
	// pair without a rate is a fault.
	Indicative(ctx context.Context, issuerNo int64, base, quote money.Currency,
		spreadPPM int64) (link.Quote, error)
}

// Directory knows the participants; *party.Directory does.
type Directory interface {
	call.Keys
	ByClient(ctx context.Context, clientID string) (party.Participant, error)
	Participant(ctx context.Context, no int64) (party.Participant, error)
	Agreement(ctx context.Context, participantNo int64, role party.Role, cur money.Currency) (
		party.Agreement, error)
}

// Unsealer opens the payer's id for the acquirer; *seal.Ring does.
type Unsealer interface {
	Unseal(sealed string) (string, error)
}

// ServerConfig is what a Server is made of. Payments, Directory, Signers and Seal are required.
type ServerConfig struct {
	Payments  Payments
	Directory Directory
	Signers   call.Signers
	Seal      Unsealer
	Logger    *slog.Logger // nil is slog.Default
	// Skew is how far a request's time may be from ours; 0 is sign.Skew.
	Skew time.Duration
	// PublicURL is where payers and wallets reach this network, without a trailing slash; it is
	// the core's as well. Without one no orders are taken.
	PublicURL string
	Owners    Owners    // nil: there are no private order codes
	Rates     Rates     // nil: no rates are told
	Registrar Registrar // nil: no merchants are registered
	// Local allows acquirers to be asked at addresses that are not on the public internet, and
	// over plain HTTP: in the sandbox everybody is on one machine.
	Local bool
}

// Server takes requests of acquirers and wallets. It is an http.Handler for everything below
// Prefix, and safe for concurrent use.
type Server struct {
	teller
	payments  Payments
	signers   call.Signers
	skew      time.Duration
	public    string
	owners    Owners
	rates     Rates
	registrar Registrar
	asker     *call.Caller
	local     bool
	routes    map[string]route
}

// route is one operation: who may ask for it, and what answers.
type route struct {
	role   party.Role
	answer func(ctx context.Context, x *exchange) (wire.Message, *refusal)
}

// NewServer makes a Server. It panics when a required field is missing.
func NewServer(c ServerConfig) *Server {
	check.That(c.Payments != nil && c.Directory != nil && c.Signers != nil && c.Seal != nil,
		"alipayplus: a part of the server's configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Skew == 0 {
		c.Skew = sign.Skew
	}
	guard := outbound.PublicOnly
	if c.Local {
		guard = nil
	}
	s := &Server{payments: c.Payments, signers: c.Signers, skew: c.Skew, public: c.PublicURL,
		owners: c.Owners, rates: c.Rates, registrar: c.Registrar, local: c.Local,
		asker: call.New(call.Config{Signers: c.Signers, Keys: c.Directory, Skew: c.Skew,
			Guard: guard}),
		teller: teller{directory: c.Directory, seal: c.Seal, log: c.Logger}}
	s.routes = map[string]route{
		PathPay:       {party.Acquirer, s.pay},
		PathInquiry:   {party.Acquirer, s.inquire},
		PathCancel:    {party.Acquirer, s.cancel},
		PathRefund:    {party.Acquirer, s.refund},
		PathConsult:   {party.Acquirer, s.consult},
		PathCodes:     {party.Issuer, s.issueCodes},
		PathInitiated: {party.Issuer, s.userInitiated},
		PathNotify:    {party.Issuer, s.notify},
		PathRules:     {party.Issuer, s.codeRules},
		PathQuote:     {party.Issuer, s.quote},

		PathRegistration:        {party.Acquirer, s.register},
		PathRegistrationInquiry: {party.Acquirer, s.inquireRegistration},
	}
	return s
}

// Close ends idle connections to acquirers.
func (s *Server) Close() { s.asker.Close() }

// Mount puts the server onto a mux, under Prefix.
func (s *Server) Mount(mux *http.ServeMux) { mux.Handle(Prefix, s) }

// plays tells whether a participant has a role. A wallet has a connector; an acquirer has none,
// or has an agreement to acquire as well.
func (s *Server) plays(ctx context.Context, p party.Participant, role party.Role) (bool, error) {
	if role == party.Issuer {
		return p.Connector == Name, nil
	}
	if p.Connector == "" {
		return true, nil
	}
	_, err := s.directory.Agreement(ctx, p.No, party.Acquirer, "JPY")
	if slugOf(err) != "" {
		return false, nil
	}
	return err == nil, err
}

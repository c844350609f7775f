package alipayplus

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// Prefix is where the protocol lives.
const Prefix = "/aps/"

// The addresses of the network.
const (
	PathPay     = "/aps/api/v1/payments/pay"
	PathInquiry = "/aps/api/v1/payments/inquiryPayment"
	PathCancel  = "/aps/api/v1/payments/cancelPayment"
	PathRefund  = "/aps/api/v1/payments/refund"
	PathNotify  = "/aps/api/v1/payments/notifyPayment"
	PathCodes   = "/aps/api/v1/codes/getPaymentCode"
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
}

// Directory knows the participants; *party.Directory does.
type Directory interface {
	Keys
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
	Signers   Signers
	Seal      Unsealer
	Logger    *slog.Logger // nil is slog.Default
	// Skew is how far a request's time may be from ours; 0 is sign.Skew.
	Skew time.Duration
}

// Server takes requests of acquirers and wallets. It is an http.Handler for everything below
// Prefix, and safe for concurrent use.
type Server struct {
	teller
	payments Payments
	signers  Signers
	skew     time.Duration
	routes   map[string]route
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
	s := &Server{payments: c.Payments, signers: c.Signers, skew: c.Skew,
		teller: teller{directory: c.Directory, seal: c.Seal, log: c.Logger}}
	s.routes = map[string]route{
		PathPay:     {party.Acquirer, s.pay},
		PathInquiry: {party.Acquirer, s.inquire},
		PathCancel:  {party.Acquirer, s.cancel},
		PathRefund:  {party.Acquirer, s.refund},
		PathCodes:   {party.Issuer, s.issueCodes},
		PathNotify:  {party.Issuer, s.notify},
	}
	return s
}

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

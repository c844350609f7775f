package paypay

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"watari/connect/paypay/wire"
	"watari/kit/check"
	"watari/kit/fault"
	"watari/pay/link"
)

// NoticeMax is the longest notice, in bytes.
const NoticeMax = 64 << 10

// PayPay waits 1.5 s for the answer to a notice, and sends it up to three times more.
const (
	noticeWait = time.Second
	pokeMax    = 15 * time.Second // the longest that one look may take
	pokesMax   = 64               // looks at once; more notices are refused
)

// ServerConfig is what a Server is made of. Receiver, Credentials and Issuers are required.
type ServerConfig struct {
	Receiver    link.Receiver
	Credentials func(issuerID string) (Credentials, error)
	// Issuers gives the number of a wallet; an error when there is none of that name.
	Issuers func(ctx context.Context, issuerID string) (no int64, err error)
	// From tells who sent a request, behind a proxy that can be believed; nil is the other end of
	// the connection.
	From   func(r *http.Request) (netip.Addr, bool)
	Logger *slog.Logger // nil is slog.Default
}

// Server takes PayPay's notices. It is an http.Handler for a pattern with the wildcard {issuer},
// and safe for concurrent use. It believes nothing of a notice but that it may be worth a look
// (P8).
type Server struct {
	config ServerConfig
	slots  chan struct{}
	looks  sync.WaitGroup
}

// NewServer makes a Server. It panics when a required field is missing.
func NewServer(c ServerConfig) *Server {
	check.That(c.Receiver != nil && c.Credentials != nil && c.Issuers != nil,
		"paypay: a part of the server's configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.From == nil {
		c.From = peer
	}
	return &Server{config: c, slots: make(chan struct{}, pokesMax)}
}

// Close waits for the looks that are under way.
func (s *Server) Close() { s.looks.Wait() }

// peer is the other end of the connection.
func peer(r *http.Request) (netip.Addr, bool) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return from.Addr().Unmap(), err == nil
}

// ServeHTTP takes one notice.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	issuer := r.PathValue("issuer")
	no, err := s.config.Issuers(r.Context(), issuer)
	if err != nil {
		answer(w, http.StatusNotFound, "no such wallet")
		return
	}
	by, err := identity(s.config.Credentials, issuer)
	if err != nil {
		s.config.Logger.Error("paypay notice: credentials", "wallet", issuer, "error", err)
		answer(w, http.StatusServiceUnavailable, "not now")
		return
	}
	from, ok := s.config.From(r)
	if !ok || !slices.ContainsFunc(by.NoticesFrom, func(p netip.Prefix) bool {
		return p.Contains(from)
	}) {
		s.config.Logger.Warn("paypay notice from an address that is not on the list",
			"wallet", issuer, "from", from)
		answer(w, http.StatusForbidden, "not from here")
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed, "only POST")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, NoticeMax))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, "too long")
		return
	}
	n, err := wire.ParseNotice(body)
	if err != nil {
		answer(w, http.StatusBadRequest, "not a notice")
		return
	}
	status, text := s.take(r.Context(), no, issuer, by, n)
	answer(w, status, text)
}

// take does what a notice is worth.
func (s *Server) take(
	ctx context.Context, no int64, issuer string, by Credentials, n wire.Notice,
) (int, string) {
	log := s.config.Logger.With("wallet", issuer)
	switch {
	case n.Type == wire.NoticeFile:
		log.Info("paypay notice: a file is ready; files are not fetched")
		return http.StatusOK, "OK"
	case n.Type != wire.NoticeTransaction:
		log.Info("paypay notice of a kind that is not used")
		return http.StatusOK, "OK"
	case n.MerchantID != by.MerchantID:
		return http.StatusBadRequest, "for another merchant"
	case !wire.IsID(n.MerchantOrderID) || !isState(n.State):
		return http.StatusBadRequest, "not a notice of a payment"
	}
	return s.look(ctx, log, no, n.MerchantOrderID)
}

func isState(state wire.State) bool { return slices.Contains(wire.States(), state) }

// look lets the core look at a payment. PayPay hears of it before it is done when it takes long.
func (s *Server) look(
	ctx context.Context, log *slog.Logger, no int64, id string,
) (int, string) {
	select {
	case s.slots <- struct{}{}:
	default:
		return http.StatusServiceUnavailable, "not now"
	}
	done := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pokeMax)
	s.looks.Go(func() {
		defer func() { cancel(); <-s.slots }()
		done <- s.config.Receiver.Poke(ctx, no, id)
	})
	wait := time.NewTimer(noticeWait)
	defer wait.Stop()
	select {
	case <-wait.C:
		return http.StatusOK, "OK"
	case err := <-done:
		if err == nil {
			return http.StatusOK, "OK"
		}
		if f := new(fault.Error); errors.As(err, &f) && f.Problem.Kind == fault.NotFound {
			log.Warn("paypay notice of a payment that is not ours", "id", id)
			return http.StatusOK, "OK" // sending it again would not help
		}
		log.Error("paypay notice: look at the payment", "id", id, "error", err)
		return http.StatusServiceUnavailable, "not now"
	}
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.Copy(w, strings.NewReader(text))
}

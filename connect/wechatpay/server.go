package wechatpay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"watari/connect/wechatpay/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/pay/link"
)

// noticeMax is the longest notice that is read, in bytes.
const noticeMax = 64 << 10

// ServerConfig is what a Server is made of. Receiver and Issuers are required, and Client or
// Credentials.
type ServerConfig struct {
	Receiver link.Receiver
	// Issuers finds a wallet by its id, as the address has it. A fault is answered as one of
	// Receiver's is.
	Issuers func(ctx context.Context, issuerID string) (no int64, err error)
	// Client shares its keys with the server, so that certificates are fetched once for both.
	Client *Client
	// Credentials as in ClientConfig; without a Client.
	Credentials func(issuerID string) (Credentials, error)
	// Endpoint is where certificates are fetched when a notice names one that is not known.
	// Without it, and without a Client, notices are believed by keys in the credentials only.
	Endpoint func(ctx context.Context, issuerID string) (link.Endpoint, error)
	Logger   *slog.Logger // nil is slog.Default
}

// Server takes what WeChat Pay tells on its own, POST …/{issuer}. It is safe for concurrent use.
type Server struct {
	config ServerConfig
	keys   *keyring
	log    *slog.Logger
	seen   replays
}

// NewServer makes a Server. It panics when a required field is missing.
func NewServer(c ServerConfig) *Server {
	check.That(c.Receiver != nil && c.Issuers != nil && (c.Client != nil || c.Credentials != nil),
		"wechatpay: a part of the server's configuration is missing")
	s := &Server{config: c, log: c.Logger, seen: replays{at: map[string]time.Time{}}}
	if s.log == nil {
		s.log = slog.Default()
	}
	if c.Client != nil {
		s.keys = c.Client.keys
	} else {
		s.keys = newKeyring(c.Credentials)
	}
	return s
}

// refusal is why a notice is not taken. text is public.
type refusal struct {
	status int
	text   string
	cause  error // private
}

// ServeHTTP takes one notice: 204 when it is committed, else a status from 400 with {code,
// message}, and the network sends it again.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refused := s.take(w, r)
	if refused == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	level := slog.LevelWarn
	if refused.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.log.Log(r.Context(), level, "wechatpay notice refused", "issuer", cut(issuerOf(r), 64),
		"status", refused.status, "detail", refused.text, "error", refused.cause,
		"remote", r.RemoteAddr)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(refused.status)
	w.Write(wire.Encode(wire.Failure{Code: "FAIL", Message: refused.text}))
}

// issuerOf is the wallet that the address names: the path value issuer, else its last part.
func issuerOf(r *http.Request) string {
	if id := r.PathValue("issuer"); id != "" {
		return id
	}
	return path.Base(r.URL.Path)
}

// take believes a notice in this order: known wallet, signature over the raw bytes and its time,
// not seen before; then it is parsed, opened and handed on. A defect is told to the network as
// our own trouble, so that the notice comes again.
func (s *Server) take(w http.ResponseWriter, r *http.Request) (refused *refusal) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			d := check.Recovered(v)
			refused = &refusal{http.StatusInternalServerError, "our reference is " + d.ID, d}
		}
	}()
	if r.Method != http.MethodPost {
		return &refusal{http.StatusMethodNotAllowed, "only POST", nil}
	}
	ctx, issuerID := r.Context(), issuerOf(r)
	no, err := s.config.Issuers(ctx, issuerID)
	if refused := refusedBy(err); refused != nil {
		return refused
	}
	keys, err := s.keys.of(issuerID)
	if err != nil {
		return &refusal{http.StatusInternalServerError, "the keys are not there", err}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, noticeMax))
	if err != nil {
		return &refusal{http.StatusBadRequest, "the body cannot be read", err}
	}
	v := verifier{ring: keys, download: s.download(issuerID, keys)}
	if refused := s.believe(ctx, v, r.Header, body); refused != nil {
		return refused
	}
	nonce := issuerID + "\n" + r.Header.Get(consts.WechatPayTimestamp) + "\n" +
		r.Header.Get(consts.WechatPayNonce)
	if s.seen.known(nonce, clock.Now()) {
		return &refusal{http.StatusUnauthorized, "the notice was taken before", nil}
	}
	if refused := s.tell(ctx, no, keys.account, body); refused != nil {
		return refused
	}
	s.seen.add(nonce, clock.Now())
	return nil
}

// download returns how certificates are fetched, or nil.
func (s *Server) download(issuerID string, keys *ring) func(context.Context) error {
	if s.config.Client == nil || s.config.Endpoint == nil {
		return nil
	}
	return func(ctx context.Context) error {
		to, err := s.config.Endpoint(ctx, issuerID)
		if err != nil {
			return fmt.Errorf("find the wallet's address: %w", err)
		}
		ctx, cancel := context.WithTimeout(ctx, s.config.Client.config.CallMax)
		defer cancel()
		_, err = s.config.Client.certificates(ctx, to, keys)
		return err
	}
}

// believe checks signature and time.
func (s *Server) believe(
	ctx context.Context, v verifier, h http.Header, body []byte,
) *refusal {
	kind := h.Get("Wechatpay-Signature-Type")
	if kind != "" && kind != "WECHATPAY2-SHA256-RSA2048" {
		return &refusal{http.StatusUnauthorized, "the signature is of another type", nil}
	}
	whole := &http.Request{Header: h, Body: io.NopCloser(strings.NewReader(string(body)))}
	if err := validators.NewWechatPayNotifyValidator(v).Validate(ctx, whole); err != nil {
		return &refusal{http.StatusUnauthorized, "the signature does not verify", err}
	}
	return nil
}

// tell opens a notice and hands it on.
func (s *Server) tell(ctx context.Context, no int64, acc *account, body []byte) *refusal {
	var n wire.Notice
	if err := wire.Decode(body, &n); err != nil {
		return &refusal{http.StatusBadRequest, "the body is not a notice", err}
	}
	text, err := unseal(acc, n.Resource)
	if err != nil {
		return &refusal{http.StatusBadRequest, "the resource cannot be opened", err}
	}
	switch {
	case n.EventType == wire.EventPaid:
		return s.paid(ctx, no, acc, []byte(text))
	case strings.HasPrefix(n.EventType, "REFUND."):
		return s.refunded(ctx, no, acc, []byte(text))
	}
	return &refusal{http.StatusBadRequest, "the event is not known", nil}
}

// paid hands a payment on. A state that is not final proves nothing: the order is inquired.
func (s *Server) paid(ctx context.Context, no int64, acc *account, text []byte) *refusal {
	var t wire.Transaction
	if err := wire.Decode(text, &t); err != nil {
		return &refusal{http.StatusBadRequest, "the resource is not a transaction", err}
	}
	if t.OutTradeNo == "" || !acc.concerns(t.Merchant) {
		return &refusal{http.StatusBadRequest, "the transaction is not ours", nil}
	}
	a := told(&t)
	if a.Outcome == link.Unknown {
		return refusedBy(s.config.Receiver.Poke(ctx, no, t.OutTradeNo))
	}
	return refusedBy(s.config.Receiver.Notify(ctx, no,
		link.Notice{OurRequestID: t.OutTradeNo, Answer: a}))
}

// refunded hands the news of a refund on. It proves nothing by itself: the payment that it
// belongs to is looked at again.
func (s *Server) refunded(ctx context.Context, no int64, acc *account, text []byte) *refusal {
	var f wire.Refund
	if err := wire.Decode(text, &f); err != nil {
		return &refusal{http.StatusBadRequest, "the resource is not a refund", err}
	}
	if f.OutTradeNo == "" || f.State() == "" || !acc.concerns(f.Merchant) {
		return &refusal{http.StatusBadRequest, "the refund is not ours", nil}
	}
	return refusedBy(s.config.Receiver.Poke(ctx, no, f.OutTradeNo))
}

// statuses is how a fault of the core is answered. Whatever is not here is a conflict.
var statuses = map[fault.Kind]int{fault.NotFound: http.StatusNotFound,
	fault.Unavailable: http.StatusServiceUnavailable,
	fault.TooMany:     http.StatusServiceUnavailable}

// refusedBy turns an error of the core into a refusal; its cause is only logged.
func refusedBy(err error) *refusal {
	if err == nil {
		return nil
	}
	var occurrence *fault.Error
	var problem *fault.Problem
	switch {
	case errors.As(err, &occurrence):
		problem = occurrence.Problem
	case !errors.As(err, &problem):
		return &refusal{http.StatusInternalServerError, "the notice was not taken", err}
	}
	status, known := statuses[problem.Kind]
	if !known {
		status = http.StatusConflict
	}
	return &refusal{status, problem.Title, err}
}

// replays remembers the notices that were taken for as long as their signatures are believed. It
// is per process and only spares work: the core takes a notice twice without harm.
type replays struct {
	mu sync.Mutex
	at map[string]time.Time
}

// replaysMax bounds the memory of replays.
const replaysMax = 1 << 16

// known tells whether a notice was taken before.
func (p *replays) known(nonce string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, seen := p.at[nonce]
	return seen && now.Sub(at) <= 2*consts.FiveMinute*time.Second
}

// add remembers a notice. When there are too many, those whose time is over are forgotten, and
// all of them when that is not enough.
func (p *replays) add(nonce string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.at) >= replaysMax {
		for n, at := range p.at {
			if now.Sub(at) > 2*consts.FiveMinute*time.Second {
				delete(p.at, n)
			}
		}
		if len(p.at) >= replaysMax {
			clear(p.at)
		}
	}
	p.at[nonce] = now
}

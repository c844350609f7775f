package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/pay/link"
)

// NoticeMax is the longest notice, in bytes.
const NoticeMax = 64 << 10

// ServerConfig is what a Server is made of. Receiver, Client and Issuers are required.
type ServerConfig struct {
	Receiver link.Receiver
	Client   *Client // whose credentials notices are checked with
	// Issuers gives the number of a network; an error when there is none of that name.
	Issuers func(ctx context.Context, issuerID string) (no int64, err error)
	Logger  *slog.Logger // nil is slog.Default
}

// Server takes notifyPayment of other networks. It is an http.Handler for a pattern with the
// wildcard {issuer}, and safe for concurrent use.
type Server struct{ config ServerConfig }

// NewServer makes a Server. It panics when a required field is missing.
func NewServer(c ServerConfig) *Server {
	check.That(c.Receiver != nil && c.Client != nil && c.Issuers != nil,
		"upstream: a part of the server's configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Server{config: c}
}

// ServeHTTP takes one notice. As soon as we know who we are to whoever calls, every answer is HTTP
// 200 and signed.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	issuer := r.PathValue("issuer")
	no, err := s.config.Issuers(r.Context(), issuer)
	if err != nil {
		http.Error(w, "no such network", http.StatusNotFound)
		return
	}
	us, err := s.config.Client.callers.of(issuer)
	if err != nil {
		s.config.Logger.Error("upstream notice: credentials", "network", issuer, "error", err)
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, NoticeMax))
	if err != nil {
		return
	}
	code, part, cause := s.take(r, us, no, body)
	if code != wire.CodeSuccess {
		s.config.Logger.Warn("upstream notice refused", "network", issuer, "code", string(code),
			"part", part, "error", cause)
	}
	s.reply(w, r, us, wire.ResultOf(code).With(part))
}

// take believes, reads and hands on a notice. It returns the result code, and what is wrong.
func (s *Server) take(
	r *http.Request, us *caller, no int64, body []byte,
) (code wire.Code, part string, cause error) {
	if r.Method != http.MethodPost {
		return wire.CodeMethod, "", nil
	}
	if code, part, cause = us.believe(r, body); code != "" {
		return code, part, cause
	}
	var m wire.PaymentNotice
	if err := wire.DecodeRequest(body, &m); err != nil {
		return wire.CodeParam, err.Error(), nil
	}
	a := alipayplus.Judge(m.PaymentResult)
	if a.Outcome == link.Unknown {
		return wire.CodeParam, "paymentResult cannot be true of a payment that is over", nil
	}
	tell(&a, &m.Paid)
	if a = us.ours(a, m.AcquirerID, m.PaymentRequestID); a.Outcome == link.Unknown {
		return wire.CodeParam, "acquirerId is not ours", nil
	}
	err := s.config.Receiver.Notify(r.Context(), no,
		link.Notice{OurRequestID: m.PaymentRequestID, Answer: a})
	var problem *fault.Error
	switch {
	case err == nil:
		return wire.CodeSuccess, "", nil
	case !errors.As(err, &problem):
		return wire.CodeUnknown, "", err
	case problem.Problem.Kind == fault.NotFound:
		return wire.CodeOrderNotExist, "", nil
	case problem.Problem.Kind == fault.Conflict:
		return wire.CodeInconsistent, problem.Detail, nil
	}
	return wire.CodeUnknown, "", err
}

// believe checks who signed a notice, for whom and when (U6). An empty code is yes.
func (c *caller) believe(r *http.Request, body []byte) (wire.Code, string, error) {
	client := r.Header.Get(sign.HeaderClient)
	if client != c.ClientID && (c.NetworkClientID == "" || client != c.NetworkClientID) {
		return wire.CodeClient, "", nil
	}
	h, err := sign.ParseHeader(r.Header.Get(sign.HeaderSignature))
	if err != nil {
		return wire.CodeSignature, err.Error(), nil
	}
	key := c.keys[h.Version]
	if key == nil {
		return wire.CodeKeyNotFound, fmt.Sprintf("there is no key of version %d", h.Version), nil
	}
	at := r.Header.Get(sign.HeaderRequestTime)
	m := sign.Message{Method: r.Method, Path: r.URL.Path, ClientID: client, At: at, Body: body}
	if err := sign.Verify(key, m, h.Value); err != nil {
		return wire.CodeSignature, err.Error(), nil
	}
	if err := sign.Fresh(at, clock.Now(), sign.Skew); err != nil {
		return wire.CodeSignature, err.Error(), nil
	}
	return "", "", nil
}

// reply signs and writes an answer.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, us *caller, result wire.Result) {
	body, at := wire.Encode(&wire.Ack{Result: result}), wire.FormatTime(clock.Now())
	client := r.Header.Get(sign.HeaderClient)
	if !isID(client) {
		client = us.ClientID
	}
	header, err := sign.Sign(us.signer, sign.Message{Method: r.Method, Path: r.URL.Path,
		ClientID: client, At: at, Body: body})
	if err != nil {
		s.config.Logger.Error("upstream answer not signed", "error", err)
		http.Error(w, "the answer could not be signed", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set(sign.HeaderClient, strings.Clone(client))
	h.Set(sign.HeaderResponseTime, at)
	h.Set(sign.HeaderSignature, header)
	if _, err := w.Write(body); err != nil {
		s.config.Logger.Info("upstream answer not taken", "client", client)
	}
}

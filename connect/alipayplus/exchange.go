package alipayplus

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/pay/party"
	"watari/pay/payment"
)

// exchange is one request and what is known of it so far.
type exchange struct {
	w      http.ResponseWriter
	r      *http.Request
	began  time.Time
	client string // as the request names it; believed only once from is known
	from   party.Participant
	body   []byte
}

// refusal is why a request got no answer of its own.
type refusal struct {
	code    wire.Code
	part    string // what an operator has to look at
	message string // public; "" is the table's
	cause   error  // private
}

// ServeHTTP answers one request (A1).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{w: w, r: r, began: clock.Now()}
	answer, refused := s.answer(r.Context(), x)
	if refused != nil {
		s.note(x, refused)
		answer = &wire.Ack{Result: wire.ResultOf(refused.code).With(refused.message)}
	}
	s.reply(x, answer)
}

// answer finds out what to answer. A defect is answered as unknown: what it left behind is for
// the core's own repair.
func (s *Server) answer(ctx context.Context, x *exchange) (m wire.Message, refused *refusal) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			d := check.Recovered(v)
			m, refused = nil, &refusal{wire.CodeUnknown, "defect",
				"the result is not known, our reference is " + d.ID, d}
		}
	}()
	route, refused := s.receive(ctx, x)
	if refused != nil {
		return nil, refused
	}
	return route.answer(ctx, x)
}

// receive reads a request and decides whether it is believed (A2).
func (s *Server) receive(ctx context.Context, x *exchange) (route, *refusal) {
	x.client = one(x.r.Header, sign.HeaderClient)
	if !presentable(x.client) {
		x.client = ""
	}
	found, ok := s.routes[x.r.URL.Path]
	switch {
	case !ok:
		return found, &refusal{wire.CodeNoInterface, "path", "", nil}
	case x.r.Method != http.MethodPost:
		return found, &refusal{wire.CodeMethod, "method", "", nil}
	case !isJSON(x.r.Header):
		return found, &refusal{wire.CodeMediaType, "content type", "", nil}
	case x.client == "":
		return found, &refusal{wire.CodeClient, "header Client-Id",
			"the header Client-Id is missing or malformed", nil}
	}
	from, err := s.directory.ByClient(ctx, x.client)
	switch {
	case slugOf(err) != "":
		return found, &refusal{wire.CodeClient, "header Client-Id", "", nil}
	case err != nil:
		return found, &refusal{wire.CodeUnknown, "directory", "", err}
	}
	x.from = from
	if refused := x.read(); refused != nil {
		return found, refused
	}
	if refused := s.believe(ctx, x); refused != nil {
		return found, refused
	}
	may, err := s.plays(ctx, from, found.role)
	switch {
	case err != nil:
		return found, &refusal{wire.CodeUnknown, "directory", "", err}
	case !may:
		return found, &refusal{wire.CodeAccessDenied, "role",
			fmt.Sprintf("only an %s may call this", found.role), nil}
	}
	return found, nil
}

// read takes the raw bytes of the body.
func (x *exchange) read() *refusal {
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, BodyMax))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &refusal{wire.CodeParam, "body",
			fmt.Sprintf("the body is over %d bytes", BodyMax), nil}
	case err != nil:
		return &refusal{wire.CodeParam, "body", "the body did not arrive whole", err}
	}
	x.body = body
	return nil
}

// believe checks the signature over the raw bytes, and then the time.
func (s *Server) believe(ctx context.Context, x *exchange) *refusal {
	h, err := sign.ParseHeader(one(x.r.Header, sign.HeaderSignature))
	if err != nil {
		return &refusal{wire.CodeSignature, "header Signature", err.Error(), nil}
	}
	at := one(x.r.Header, sign.HeaderRequestTime)
	if at == "" {
		return &refusal{wire.CodeSignature, "header Request-Time",
			"the header Request-Time is missing", nil}
	}
	if h.Version < 0 {
		return &refusal{wire.CodeKeyNotFound, "header Signature",
			"the header Signature names no keyVersion", nil}
	}
	_, key, err := s.directory.Keys(ctx, x.from.No, h.Version)
	switch {
	case slugOf(err) != "":
		return &refusal{wire.CodeKeyNotFound, fmt.Sprintf("keyVersion %d", h.Version),
			fmt.Sprintf("there is no valid key of version %d of %s", h.Version, x.client), nil}
	case err != nil:
		return &refusal{wire.CodeUnknown, "directory", "", err}
	}
	m := sign.Message{Method: x.r.Method, Path: x.r.URL.Path, ClientID: x.client, At: at,
		Body: x.body}
	if err := sign.Verify(key, m, h.Value); err != nil {
		digest := sha256.Sum256(m.Content())
		return &refusal{wire.CodeSignature, fmt.Sprintf("signature by keyVersion %d over text "+
			"with SHA-256 %x; see watari explain-signature", h.Version, digest),
			fmt.Sprintf("%v; expected: %s %s, line feed, %s.%s. and %d bytes, SHA-256 %x", err,
				m.Method, m.Path, m.ClientID, m.At, len(m.Body), digest), nil}
	}
	if err := sign.Fresh(at, x.began, s.skew); err != nil {
		return &refusal{wire.CodeSignature, "header Request-Time", err.Error(), nil}
	}
	return nil
}

// reply signs and writes an answer (A1). Header names are written in lower case, as documented.
func (s *Server) reply(x *exchange, m wire.Message) {
	body, now := wire.Encode(m), clock.Now()
	at := wire.FormatTime(now)
	var header string
	by, err := s.signers.Current(now)
	if err == nil {
		header, err = sign.Sign(by, sign.Message{Method: x.r.Method, Path: x.r.URL.Path,
			ClientID: x.client, At: at, Body: body})
	}
	if err != nil {
		s.log.Error("alipay+ answer not signed", "path", x.r.URL.Path, "error", err)
		http.Error(x.w, "the answer could not be signed", http.StatusInternalServerError)
		return
	}
	h := x.w.Header()
	h["Content-Type"] = nil // else net/http adds its own beside ours
	h["content-type"] = []string{"application/json; charset=UTF-8"}
	h["client-id"] = []string{x.client}
	h["response-time"] = []string{at}
	h["signature"] = []string{header}
	x.w.WriteHeader(http.StatusOK)
	if _, err := x.w.Write(body); err != nil {
		s.log.Info("alipay+ answer not taken", "client", x.client, "path", x.r.URL.Path)
	}
}

// note writes the one line about a refused request. It never holds a body or a wallet code.
func (s *Server) note(x *exchange, r *refusal) {
	level := slog.LevelWarn
	if r.code == wire.CodeUnknown {
		level = slog.LevelError
	}
	path := x.r.URL.Path
	if len(path) > 128 {
		path = path[:128]
	}
	attrs := []any{"client", x.client, "path", path, "code", string(r.code), "part", r.part,
		"remote", x.r.RemoteAddr}
	if r.message != "" && r.code != wire.CodeSignature {
		attrs = append(attrs, "detail", r.message)
	}
	if r.cause != nil {
		attrs = append(attrs, "error", r.cause)
	}
	s.log.Log(x.r.Context(), level, "alipay+ request refused", attrs...)
}

// origin says to the core who asks.
func (x *exchange) origin(requestID string, compare ...payment.Field) payment.Origin {
	return payment.Origin{AcquirerNo: x.from.No, Channel: payment.ChannelAlipayPlus,
		RequestID: requestID, Compare: compare, Actor: "aps:" + x.from.ID, Began: x.began}
}

// decode reads the body.
func (x *exchange) decode(m wire.Message) *refusal {
	err := wire.DecodeRequest(x.body, m)
	if err == nil {
		return nil
	}
	part := "body"
	var wrong *wire.Error
	if errors.As(err, &wrong) && wrong.Field != "" {
		part = wrong.Field
	}
	return &refusal{wire.CodeParam, part, err.Error(), nil}
}

// illegal refuses a field that is well formed and cannot be.
func illegal(field, text string) *refusal {
	return &refusal{wire.CodeParam, field, field + " " + text, nil}
}

// one returns a header that may be sent several times, but with one value.
func one(h http.Header, name string) string {
	values := h.Values(name)
	for _, v := range values {
		if v != values[0] {
			return ""
		}
	}
	if len(values) == 0 {
		return ""
	}
	return strings.TrimSpace(values[0])
}

// presentable tells whether a client id can be repeated in an answer and in the log.
func presentable(client string) bool {
	for i := range len(client) {
		if client[i] <= ' ' || client[i] > '~' {
			return false
		}
	}
	return client != "" && len(client) <= 128
}

// isJSON tells whether a body is JSON in UTF-8. Official clients send the header twice, some none.
func isJSON(h http.Header) bool {
	for _, v := range h.Values("Content-Type") {
		kind, parameters, err := mime.ParseMediaType(v)
		charset := parameters["charset"]
		if err != nil || kind != "application/json" ||
			charset != "" && !strings.EqualFold(charset, "UTF-8") &&
				!strings.EqualFold(charset, "UTF8") {
			return false
		}
	}
	encoding := h.Get("Content-Encoding")
	return encoding == "" || strings.EqualFold(encoding, "identity")
}

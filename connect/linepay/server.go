package linepay

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watari/connect/linepay/wire"
	"watari/kit/check"
	"watari/kit/fault"
	"watari/pay/link"
)

// Prefix is where users come back: Prefix + issuer id + "/return".
const Prefix = "/wallets/linepay/"

// pokeMax is how long a user who comes back waits for us to ask LINE Pay.
const pokeMax = 8 * time.Second

// ServerConfig is what a Server is made of. Receiver, Issuers and Origin are required.
type ServerConfig struct {
	Receiver link.Receiver
	// Issuers gives the number of an issuer that LINE Pay is, or an error.
	Issuers func(ctx context.Context, issuerID string) (no int64, err error)
	// Origin is our public address, scheme and host, such as "https://pay.example": users are
	// sent on to pages there and nowhere else.
	Origin string
	Logger *slog.Logger // nil is slog.Default
}

// Server is where a LINE user's browser comes back to: GET Prefix{issuer}/return. What the address
// says proves nothing, so it only makes us ask LINE Pay; then the browser goes on to the page of
// ours that the address names. It is an http.Handler for everything below Prefix and safe for
// concurrent use.
type Server struct {
	config ServerConfig
	origin *url.URL
}

// NewServer makes a Server. It panics when a required field is missing.
func NewServer(c ServerConfig) *Server {
	check.That(c.Receiver != nil && c.Issuers != nil, "linepay: a part of the server is missing")
	u, err := url.Parse(c.Origin)
	check.That(err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") &&
		strings.Trim(u.Path, "/") == "", "linepay: %q is not an origin", c.Origin)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Server{config: c, origin: u}
}

// Mount puts the server onto a mux, under Prefix.
func (s *Server) Mount(mux *http.ServeMux) { mux.Handle(Prefix, s) }

// ServeHTTP answers 303 to a page of ours, 200 with a line of text when the address names none,
// and 400, 404 or 405 to what is not a return.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	issuerID, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	if issuerID == "" || "/"+rest != returnPath {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet {
		h.Set("Allow", http.MethodGet)
		http.Error(w, "Only GET.", http.StatusMethodNotAllowed)
		return
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, "The address cannot be read.", http.StatusBadRequest)
		return
	}
	requestID, ok := returning(q)
	next, ours := s.next(q)
	if !ok || !ours {
		http.Error(w, "The address is not one of a payment.", http.StatusBadRequest)
		return
	}
	if err := s.poke(r.Context(), issuerID, requestID); errors.Is(err, errNoPayment) {
		http.Error(w, "There is no such payment.", http.StatusNotFound)
		return
	}
	if next == "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("付款結果請見商店的畫面，您可以關閉此頁。\n" +
			"You may close this page; the shop shows how the payment stands.\n"))
		return
	}
	h.Set("Location", next)
	w.WriteHeader(http.StatusSeeOther)
}

var errNoPayment = errors.New("no such payment")

// poke makes the core ask LINE Pay. Whatever goes wrong but an unknown payment, the user goes on:
// the schedule asks as well.
func (s *Server) poke(ctx context.Context, issuerID, requestID string) error {
	ctx, cancel := context.WithTimeout(ctx, pokeMax)
	defer cancel()
	no, err := s.config.Issuers(ctx, issuerID)
	if err == nil {
		err = s.config.Receiver.Poke(ctx, no, requestID)
	}
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known) && known.Problem.Kind == fault.NotFound:
		return errNoPayment
	}
	s.config.Logger.Warn("a user came back, and LINE Pay was not asked", "issuer", issuerID,
		"request_id", requestID, "error", err)
	return nil
}

// returning reads our request id. LINE Pay adds its own two parameters; where they are, they have
// to be of the same payment.
func returning(q url.Values) (requestID string, ok bool) {
	for _, name := range []string{paramRequest, "orderId"} {
		switch values := q[name]; {
		case len(values) == 0:
		case len(values) > 1 || !isRequestID(values[0]):
			return "", false
		case requestID != "" && requestID != values[0]:
			return "", false
		default:
			requestID = values[0]
		}
	}
	if t := q["transactionId"]; len(t) > 1 || len(t) == 1 && !wire.ID(t[0]).Valid() {
		return "", false
	}
	return requestID, requestID != ""
}

// isRequestID tells whether an id has the form of ours.
func isRequestID(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// next is the page that the browser goes on to, "" for none. ok is false when it is not ours.
func (s *Server) next(q url.Values) (address string, ok bool) {
	values := q[paramTo]
	if len(values) == 0 {
		return "", true
	}
	if len(values) > 1 || strings.ContainsAny(values[0], "\\\r\n\t") {
		return "", false
	}
	u, err := url.Parse(values[0])
	if err != nil || u.User != nil || u.Opaque != "" || u.Host != s.origin.Host ||
		u.Scheme != s.origin.Scheme {
		return "", false
	}
	return u.String(), true
}

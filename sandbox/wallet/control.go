package wallet

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"watari/kit/money"
)

// listMax is how many payments of a user the control interface lists.
const listMax = 100_000

// control serves the control interface: what a test may ask of the wallet and what no real
// wallet offers.
//
//	POST /users/{id}/payment-code   {"code", "expires_at"}
//	POST /users/{id}/scan           {"code_value", "amount"?} → how the payment stands
//	GET  /users/{id}                {"balance", "payments"}
//	POST /faults                    {"mode", "count"?} → 204
func (s *Server) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /users/{id}/payment-code", s.controlCode)
	mux.HandleFunc("POST /users/{id}/scan", s.controlScan)
	mux.HandleFunc("GET /users/{id}", s.controlUser)
	mux.HandleFunc("POST /faults", s.controlFaults)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "sandbox-control-unknown",
			"The control interface has no such call")
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// loopbackOnly lets this machine pass and nobody else; nor a page that a browser on this machine
// was tricked into showing under another name.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !from.Addr().Unmap().IsLoopback() || !loopbackName(r.Host) {
			problem(w, http.StatusForbidden, "sandbox-control-loopback",
				"The control interface answers this machine only")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopbackName tells whether a Host header names this machine.
func loopbackName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}

func (s *Server) controlCode(w http.ResponseWriter, r *http.Request) {
	c, err := s.wallet.NewCode(r.Context(), s.front, r.PathValue("id"))
	if err != nil {
		s.controlError(w, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{
		"code": c.Value, "expires_at": c.Until.UTC().Format(time.RFC3339Nano)})
}

// shownPayment is a payment as the control interface lists it. A cancelled payment stands at
// nothing paid and nothing refunded, because it ended as if it had never been.
type shownPayment struct {
	PaymentRequestID string       `json:"payment_request_id"`
	PaymentID        string       `json:"payment_id"`
	State            State        `json:"state"` // paid, failed or cancelled
	Paid             money.Amount `json:"paid"`
	Refunded         money.Amount `json:"refunded"`
	// OrderTaken and OrderRefunded are the same in what the network asked for.
	OrderTaken    money.Amount `json:"order_taken"`
	OrderRefunded money.Amount `json:"order_refunded"`
	Time          string       `json:"time"` // RFC 3339
	// Reason is the protocol's own code of a failure; absent otherwise.
	Reason string `json:"reason,omitempty"`
}

func (s *Server) controlUser(w http.ResponseWriter, r *http.Request) {
	account, err := s.wallet.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		s.controlError(w, err)
		return
	}
	list, err := s.wallet.Payments(r.Context(), account.ID, listMax)
	if err != nil {
		s.controlError(w, err)
		return
	}
	shown := []shownPayment{}
	for _, p := range list {
		if p.Ended() {
			shown = append(shown, s.shown(p))
		} // else nothing has happened yet
	}
	reply(w, http.StatusOK, map[string]any{"balance": account.Balance, "payments": shown})
}

// shown is a payment as the control interface tells it.
func (s *Server) shown(p *Payment) shownPayment {
	own := s.wallet.profile.Currency
	one := shownPayment{PaymentRequestID: p.RequestID, PaymentID: p.PaymentID, State: p.State,
		Paid: money.MustNew(0, own), Refunded: money.MustNew(0, own),
		OrderTaken:    amount(0, p.OrderCurrency),
		OrderRefunded: amount(0, p.OrderCurrency), Time: p.Time().Format(time.RFC3339Nano)}
	switch p.State {
	case Deaf:
		one.State = Cancelled
	case Paid:
		one.Paid = money.MustNew(p.DebitedMinor, own)
		one.Refunded = money.MustNew(p.RefundedMinor, own)
		one.OrderTaken, one.OrderRefunded = p.TakenOrder(), p.Refunded()
	case Failed:
		one.Reason = s.front.Explain(p.Why)
	}
	return one
}

func (s *Server) controlFaults(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Mode  Mode   `json:"mode"`
		Count *int64 `json:"count"`
	}
	if !readBody(w, r, &ask, `{"mode": …, "count": …}`) {
		return
	}
	if !ask.Mode.known() || ask.Count != nil && *ask.Count < 1 {
		problem(w, http.StatusUnprocessableEntity, "sandbox-mode-unknown",
			"The wallet has no such mode, or the count is below 1")
		return
	}
	if err := s.wallet.SetFault(r.Context(), ask.Mode, ask.Count); err != nil {
		s.controlError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// bodyMax is the longest body that is read, in bytes.
const bodyMax = 64 << 10

// readBody reads one JSON object of known fields; false when it is not one, which it has said.
func readBody(w http.ResponseWriter, r *http.Request, into any, form string) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMax))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		problem(w, http.StatusBadRequest, "sandbox-control-malformed", "The body is not "+form)
		return false
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		problem(w, http.StatusBadRequest, "sandbox-control-malformed",
			"The body has more text after its end")
		return false
	}
	return true
}

// controlError says why a call of the control interface could not be done.
func (s *Server) controlError(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrNoUser):
		problem(w, http.StatusNotFound, "sandbox-user-unknown", "The wallet has no such user")
	case errors.Is(err, errNoAmount):
		problem(w, http.StatusUnprocessableEntity, "sandbox-scan-amount",
			"The code names no amount; send one")
	case errors.Is(err, ErrUnreadable):
		s.log.Info("wallet: a code cannot be read", "error", err)
		problem(w, http.StatusUnprocessableEntity, "sandbox-scan-unreadable",
			"The code is nothing that this wallet can pay")
	case errors.Is(err, ErrNoQuestion):
		problem(w, http.StatusConflict, "sandbox-scan-taken",
			"The order does not wait for this user")
	case errors.Is(err, ErrNetwork):
		s.log.Warn("wallet: the network cannot be reached", "error", err)
		problem(w, http.StatusServiceUnavailable, "sandbox-network-unreachable",
			"The network gave the wallet no answer")
	default:
		s.log.Error("wallet: control interface", "error", err)
		problem(w, http.StatusInternalServerError, "sandbox-control-failed",
			"The wallet could not do this; its log says why")
	}
}

// problem writes an RFC 9457 document. The control interface is no part of the network, so its
// problems are not in the network's registry and have no page.
func problem(w http.ResponseWriter, status int, slug, title string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "urn:watari:problem:" + slug, "title": title, "status": status})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

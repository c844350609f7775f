package wallet

import (
	"context"
	"log/slog"
	"net/http"

	"watari/kit/check"
)

// Server is the wallet's HTTP side: the protocol for the network and the control interface for
// tests.
type Server struct {
	wallet *Wallet
	front  Front
	log    *slog.Logger
}

// NewServer returns the HTTP side of a wallet.
func NewServer(w *Wallet, f Front, log *slog.Logger) *Server {
	check.That(w != nil && f != nil && log != nil, "wallet: NewServer with a part missing")
	return &Server{wallet: w, front: f, log: log}
}

// Register adds the wallet's routes: the protocol's own, and the control interface under
// /control/, which answers loopback only.
func (s *Server) Register(mux *http.ServeMux) {
	s.front.Register(mux)
	mux.Handle("/control/", http.StripPrefix("/control", loopbackOnly(s.control())))
}

// Behave makes an answer misbehave as a mode says, before it is written: it waits for slow, and
// ends the request without an answer for timeout, late_success and drop_after_debit (by the panic
// http.ErrAbortHandler). The rest is up to the front: bad_signature returns false, and the front
// signs something else, where the protocol signs its answers.
func (w *Wallet) Behave(ctx context.Context, m Mode) (signWell bool) {
	switch m {
	case ModeTimeout, ModeLate:
		pause(ctx, w.timing.Silence)
		panic(http.ErrAbortHandler)
	case ModeDrop:
		panic(http.ErrAbortHandler)
	case ModeSlow:
		pause(ctx, w.timing.Slow)
	}
	return m != ModeBadlySig
}

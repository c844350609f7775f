package wallet

import (
	"log/slog"
	"net/http"

	"watari/kit/check"
)

// Server is the wallet's HTTP side: the protocol for the network and the control interface for
// tests.
type Server struct {
	wallet  *Wallet
	network *Network
	me      Identity
	timing  Timing
	log     *slog.Logger
}

// NewServer returns the HTTP side of a wallet.
func NewServer(w *Wallet, n *Network, me Identity, log *slog.Logger) *Server {
	check.That(w != nil && n != nil && log != nil, "wallet: NewServer with a part missing")
	return &Server{wallet: w, network: n, me: me, timing: w.timing, log: log}
}

// Register adds the wallet's routes: the protocol under /aps/, the control interface under
// /control/, which answers loopback only.
func (s *Server) Register(mux *http.ServeMux) {
	mux.HandleFunc("/aps/", s.aps)
	mux.Handle("/control/", http.StripPrefix("/control", loopbackOnly(s.control())))
}

package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watari/kit/limit"
)

// Server answers HTTP requests: operations, pages, protocols and files on one mux.
//
// Register, Page, Handle and Static are called while the program is put together, before the
// first request; they panic on a mistake, for it is one of the program.
type Server struct {
	config   Config
	mux      *http.ServeMux
	document *document31
	metrics  *metrics
	governor governor
	origins  *http.CrossOriginProtection
	public   *limit.Limiter // of all public operations together

	buffers  sync.Pool     // of *bytes.Buffer, for making answers
	closing  chan struct{} // closed when the server begins to stop
	stopping atomic.Bool
	full     atomic.Int64 // when noteFull last wrote, Unix seconds

	mu        sync.Mutex
	listeners []*Listener
	undone    map[string]bool // undeclared faults, see Undeclared
}

// New makes a server with its own addresses: /healthz, /readyz, /metrics, /openapi.json, /docs and
// /problems.
func New(c Config) *Server {
	c.complete()
	s := &Server{
		config:  c,
		mux:     http.NewServeMux(),
		origins: http.NewCrossOriginProtection(),
		public:  limit.New(publicAMinute),
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
		closing: make(chan struct{}),
		undone:  map[string]bool{},
	}
	s.document = newDocument(s)
	s.metrics = newMetrics(s, c.Metrics)

	s.Handle("GET /healthz", http.HandlerFunc(healthy))
	s.Page("GET /readyz", s.ready)
	s.Handle("GET /metrics", s.metrics.handler())
	s.Page("GET /openapi.json", s.serveOpenAPI)
	s.mountDocs()
	s.mountProblems()
	return s
}

// putBuffer gives a buffer back, unless it grew large.
func (s *Server) putBuffer(b *bytes.Buffer) {
	if b.Cap() <= DefaultMaxBody {
		b.Reset()
		s.buffers.Put(b)
	}
}

// Metrics is where other parts of the program register their figures.
func (s *Server) Metrics() prometheus.Registerer { return s.metrics.registry }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ex := s.open(w, r)
	defer s.metrics.observe(ex)
	ex.serve(s.mux)
	if ex.status == 0 {
		ex.status = http.StatusOK // net/http answers so when a handler says nothing
	}
}

// Serve answers requests on ln until ctx ends, then lets those under way finish within Grace and
// returns nil. It closes ln. Connections are bounded as Limit says.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	limited, ok := ln.(*Listener)
	if !ok {
		limited = Limit(ln, s.config.MaxConns)
	}
	limited.full = s.noteFull
	s.mu.Lock()
	s.listeners = append(s.listeners, limited)
	s.mu.Unlock()
	hs := s.httpServer(limited)
	stopped := make(chan error, 1)
	finished := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			stopped <- s.stop(hs)
		case <-finished:
			stopped <- nil
		}
	}()

	err := hs.Serve(limited)
	close(finished)
	if stopErr := <-stopped; errors.Is(err, http.ErrServerClosed) {
		err = stopErr
	}
	if err != nil {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return nil
}

// httpServer is net/http's server with every time bounded.
func (s *Server) httpServer(ln *Listener) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.config.HeaderTimeout,
		ReadTimeout:       s.config.ReadTimeout,
		WriteTimeout:      s.config.WriteTimeout,
		IdleTimeout:       s.config.IdleTimeout,
		MaxHeaderBytes:    maxHeader,
		ConnState:         ln.state,
		ConnContext:       withConn,
		ErrorLog:          log.New(serverLog{s}, "", 0),
		Protocols:         protocols,
		// OPTIONS * needs no answer of its own: ServeMux says what it says to the others.
		DisableGeneralOptionsHandler: true,
	}
}

// stop ends the server: streams at once, other requests within Grace.
func (s *Server) stop(hs *http.Server) error {
	if s.stopping.CompareAndSwap(false, true) {
		close(s.closing)
	}
	grace, cancel := context.WithTimeout(context.Background(), s.config.Grace)
	defer cancel()
	if err := hs.Shutdown(grace); err != nil {
		s.config.Log.Warn("requests were cut off at the end of the grace period")
		return hs.Close()
	}
	return nil
}

// stats adds up the listeners.
func (s *Server) stats() (sum ListenerStats) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, l := range s.listeners {
		st := l.Stats()
		sum.Open += st.Open
		sum.Max += st.Max
		sum.Refused += st.Refused
		sum.Evicted += st.Evicted
	}
	return sum
}

// healthy says that the process answers, nothing more.
func healthy(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h["Cache-Control"] = noStore
	fmt.Fprintln(w, "ok")
}

// ready says whether requests can be worked on.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	if s.stopping.Load() {
		return ErrNotReady.Newf("the server is stopping")
	}
	if s.config.Ready != nil {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := s.config.Ready(ctx); err != nil {
			return ErrNotReady.Newf("the server cannot work now").Because(err)
		}
	}
	healthy(w, r)
	return nil
}

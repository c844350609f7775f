package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/fault"
)

// linesPerSecond bounds the log of refusals: a flood of bad requests must not fill the disk.
// Failures of our own are always logged.
const linesPerSecond = 100

// governor lets through so many lines a second and counts the others.
type governor struct {
	mu      sync.Mutex
	second  int64
	lines   int
	dropped int
}

// pass tells whether a line may be written now, and how many were left out since the last.
func (g *governor) pass(now time.Time) (ok bool, dropped int) {
	g.mu.Lock()
	defer g.mu.Unlock()

	if s := now.Unix(); s != g.second {
		g.second, g.lines = s, 0
	}
	if g.lines >= linesPerSecond {
		g.dropped++
		return false, 0
	}
	g.lines++
	dropped, g.dropped = g.dropped, 0
	return true, dropped
}

// note logs and counts a problem: one line, with the private cause. The address is named by its
// pattern, because the path may hold a secret such as a one-time link.
func (s *Server) note(ex *exchange, e *fault.Error, err error) {
	s.metrics.problems.WithLabelValues(e.Problem.Slug).Inc()
	status := Status(e.Problem)
	if ex.op != nil {
		ex.op.declared(e.Problem)
	}
	level := slog.LevelWarn
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	own := e.Problem == ErrInternal
	ok, dropped := true, 0
	if !own {
		ok, dropped = s.governor.pass(clock.Now())
	}
	if !ok || !s.config.Log.Enabled(context.Background(), level) {
		return
	}

	attrs := []slog.Attr{
		slog.String("request", ex.id),
		slog.String("problem", e.Problem.Slug),
		slog.Int("status", status),
		slog.String("method", ex.r.Method),
		slog.String("address", ex.label()),
		slog.String("from", remoteHost(ex.r)),
		slog.Duration("after", clock.Now().Sub(ex.began)),
	}
	if c, ok := access.FromContext(ex.ctx); ok {
		attrs = append(attrs, slog.String("caller", c.Actor))
	}
	attrs = append(attrs, slog.String("cause", err.Error()))
	if dropped > 0 {
		attrs = append(attrs, slog.Int("lines_left_out", dropped))
	}
	var d check.Defect
	if errors.As(err, &d) {
		attrs = append(attrs, slog.String("defect", d.ID))
	}
	var p *panicked
	if errors.As(err, &p) {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	text := "request refused"
	if own {
		text = "request failed" // by us: nothing was wrong with it
	}
	// The request may be over; its line must still be written.
	s.config.Log.LogAttrs(context.WithoutCancel(ex.ctx), level, text, attrs...)
}

// noteGone logs an answer that could not be written, because its caller hung up or was too slow.
func (s *Server) noteGone(ex *exchange, err error) {
	if ok, _ := s.governor.pass(clock.Now()); ok {
		s.config.Log.LogAttrs(context.WithoutCancel(ex.ctx), slog.LevelInfo,
			"answer not delivered", slog.String("request", ex.id),
			slog.String("address", ex.label()), slog.String("from", remoteHost(ex.r)),
			slog.Duration("after", clock.Now().Sub(ex.began)),
			slog.String("cause", err.Error()))
	}
}

// noteFull says, at most every ten seconds, that connections find no room.
func (s *Server) noteFull(st ListenerStats) {
	now := clock.Now().Unix()
	last := s.full.Load()
	if now-last < 10 || !s.full.CompareAndSwap(last, now) {
		return
	}
	s.config.Log.Warn("no room for more connections: "+
		"raise the limit on open files, or see who holds them open",
		"open", st.Open, "max", st.Max, "refused", st.Refused, "closed_quiet", st.Evicted)
}

// label names what was asked for, without what only this request has.
func (ex *exchange) label() string {
	switch {
	case ex.op != nil:
		return ex.op.op.ID
	case ex.r.Pattern != "":
		return ex.r.Pattern
	default:
		return "unknown"
	}
}

// remoteHost is the address of the other end of the connection, without its port.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// serverLog gives what net/http complains of, such as broken requests, to the structured log,
// within the same bound as refusals.
type serverLog struct{ s *Server }

// Write is part of io.Writer.
func (l serverLog) Write(p []byte) (int, error) {
	if ok, dropped := l.s.governor.pass(clock.Now()); ok {
		l.s.config.Log.Warn("http server", "cause", string(p), "lines_left_out", dropped)
	}
	return len(p), nil
}

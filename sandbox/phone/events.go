package phone

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"watari/kit/clock"
	"watari/kit/i18n"
)

// beatEvery is how often a comment is sent on a quiet connection, so that nobody in between
// closes it.
const beatEvery = 15 * time.Second

// events sends the parts of the page as they change, until the page goes away.
func (p *Phone) events(w http.ResponseWriter, r *http.Request) error {
	ctx, user, lang := r.Context(), r.PathValue("user"), i18n.Match(r)
	if _, err := p.wallet.Account(ctx, user); err != nil {
		return err
	}
	changes, stop := p.wallet.Watch(user)
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	s := stream{w: w, flush: http.NewResponseController(w), last: map[string][]byte{}}
	look, beat := time.NewTicker(lookEvery), time.NewTicker(beatEvery)
	defer look.Stop()
	defer beat.Stop()
	renew := time.NewTimer(0)
	defer renew.Stop()
	<-renew.C

	for {
		next, err := p.tell(ctx, &s, user, lang)
		if err != nil {
			return err
		}
		renew.Reset(next)
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		case <-renew.C:
		case <-look.C:
		case <-beat.C:
			s.comment()
		}
	}
}

// tell sends every part that has changed, and returns after how long the code is to be renewed.
func (p *Phone) tell(ctx context.Context, s *stream, user string, lang i18n.Lang,
) (time.Duration, error) {
	v, err := p.view(ctx, user, lang)
	if err != nil {
		return 0, err
	}
	p.fillCode(ctx, &v)
	for _, part := range []struct {
		name string
		draw func(View) Component
	}{{"balance", p.screens.Balance}, {"ask", p.screens.Ask}, {"receipt", p.screens.Receipts},
		{"code", p.screens.Code}} {
		text, err := draw(ctx, part.draw(v))
		if err != nil {
			return 0, err
		}
		if err := s.send(part.name, text); err != nil {
			return 0, fmt.Errorf("send an event: %w", err)
		}
	}
	if v.Code.Value == "" {
		return retryAfter, nil
	}
	return max(v.Code.ExpiresAt.Sub(clock.Now())-renewAhead, time.Second), nil
}

// stream is a connection of server-sent events (WHATWG HTML, 9.2).
type stream struct {
	w     http.ResponseWriter
	flush *http.ResponseController
	last  map[string][]byte // by event, what was sent last
}

// send writes an event unless its text is what was sent last.
func (s *stream) send(event string, text []byte) error {
	if last, sent := s.last[event]; sent && bytes.Equal(last, text) {
		return nil
	}
	s.last[event] = text
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\n", event)
	for line := range bytes.Lines(text) {
		fmt.Fprintf(&b, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	if len(text) == 0 {
		b.WriteString("data:\n")
	}
	b.WriteByte('\n')
	if _, err := s.w.Write(b.Bytes()); err != nil {
		return err
	}
	return s.flush.Flush()
}

// comment keeps the connection alive.
func (s *stream) comment() {
	if _, err := s.w.Write([]byte(": \n\n")); err == nil {
		_ = s.flush.Flush()
	}
}

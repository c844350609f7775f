package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"watari/kit/clock"
)

// Times of a stream of events.
const (
	// heartbeat is how often something is sent when nothing happens, so that both sides see a
	// connection that broke, and proxies do not close it.
	heartbeat = 15 * time.Second
	// eventTime bounds the time in which one event must be taken.
	eventTime = 10 * time.Second
	// reconnect is how long browsers wait before they come back, in milliseconds.
	reconnect = "2000"
)

// Event is one server-sent event (HTML Living Standard, section 9.2).
type Event struct {
	// ID is where to go on after this event; "" leaves it as it was. It has no line end.
	ID string
	// Name is the type that listeners ask for; "" is "message". It has no line end.
	Name string
	// Data may have several lines.
	Data []byte
}

// LastEventID returns the ID of the last event that a browser has seen when it comes back: the
// header Last-Event-ID, or the parameter last_event_id for the first time on a page that was drawn
// up to some event. "" when there is none; at most 256 bytes.
func LastEventID(r *http.Request) string {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last_event_id")
	}
	if len(last) > 256 || !isText(last) {
		return ""
	}
	return last
}

// Events sends what comes from ch as server-sent events until ch is closed, the caller leaves or
// the server stops; the browser then comes back by itself with LastEventID. The time that the
// server allows a request does not end it, but each event must be taken within ten seconds. It
// returns nil in all these cases; the first event may be long in coming.
func Events(w http.ResponseWriter, r *http.Request, ch <-chan Event) error {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Time{}); err != nil &&
		!errors.Is(err, http.ErrNotSupported) {
		return err
	}
	closing := context.Background().Done()
	if ex, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		ex.stream = true
		closing = ex.server.closing
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back

	s := stream{w: w, control: control}
	s.send([]byte("retry: " + reconnect + "\n\n"))
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for s.err == nil {
		select {
		case e, open := <-ch:
			if !open {
				return nil
			}
			s.send(e.encode())
			beat.Reset(heartbeat)
		case <-beat.C:
			s.send([]byte(":\n\n"))
		case <-r.Context().Done():
			return nil
		case <-closing:
			return nil
		}
	}
	return nil // the caller left
}

// stream is the way out of events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

// send writes one piece and sees it off.
func (s *stream) send(p []byte) {
	err := s.control.SetWriteDeadline(clock.Now().Add(eventTime))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.err = err
		return
	}
	if _, s.err = s.w.Write(p); s.err == nil {
		s.err = s.control.Flush()
	}
}

// encode writes an event as the standard says.
func (e Event) encode() []byte {
	var b bytes.Buffer
	oneLine := strings.NewReplacer("\n", "", "\r", "", "\x00", "")
	if e.ID != "" {
		b.WriteString("id: " + oneLine.Replace(e.ID) + "\n")
	}
	if e.Name != "" {
		b.WriteString("event: " + oneLine.Replace(e.Name) + "\n")
	}
	data := bytes.ReplaceAll(e.Data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		b.WriteString("data: ")
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.Bytes()
}

package till

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"watari/kit/event"
	"watari/pay/payment"
)

// The live stream: a comment now and then keeps the line open, and after streamMax it ends, so
// that the browser comes back with its cookie and a closed terminal is noticed.
const (
	streamBeat  = 15 * time.Second
	streamMax   = 10 * time.Minute
	streamWrite = 20 * time.Second // longest wait for a slow browser
)

// change is what the stream tells of one payment of the store.
type change struct {
	Payment string `json:"payment"`
	State   string `json:"state,omitempty"`
	Tone    string `json:"tone,omitempty"`
	Text    string `json:"text,omitempty"` // of a payment that has ended: this terminal's, or no one's
	News    bool   `json:"news,omitempty"` // nobody at a till waits for it: by a printed code
}

// live tells what happens in the store, as server-sent events (WHATWG HTML, 9.2).
func (a *app) live(t *visit) error {
	ctx, p := t.ctx(), t.point()
	events := a.Events.Subscribe(ctx, event.Filter{AcquirerNo: p.Acquirer.No,
		StoreNo: p.Store.No})
	h := t.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := stream{w: t.w, c: http.NewResponseController(t.w), now: a.Now}
	end, beat := time.NewTimer(streamMax), time.NewTicker(streamBeat)
	defer end.Stop()
	defer beat.Stop()

	err := out.send("retry: 1000\nevent: hello\ndata: {}\n\n")
	for err == nil {
		select {
		case e, open := <-events:
			if !open {
				return nil
			}
			err = out.tell(t.changeOf(e))
		case <-beat.C:
			err = out.send(": still here\n\n")
		case <-end.C:
			return nil
		case <-a.Done:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
	return nil // the browser has gone
}

// changeOf reads what an event is about. An event about no payment is a change all the same.
func (t *visit) changeOf(e event.Event) change {
	c := change{Payment: e.Subject}
	p, err := t.app.Payments.Find(t.ctx(), t.point().Acquirer.No, payment.ChannelTill,
		payment.Ref{PaymentID: e.Subject})
	if err != nil || p.StoreNo != t.point().Store.No {
		return c
	}
	c.State = string(p.State)
	c.News = p.TerminalNo == 0 && e.Kind == "payment."+string(payment.Captured)
	if c.News || p.TerminalNo == t.point().Terminal.No && !isOpen(p.State) {
		s := t.v.sign(p)
		c.Tone, c.Text = s.tone, t.v.T("live.ended", "amount", t.v.money(p.Order),
			"state", s.word)
	}
	return c
}

// stream writes server-sent events to a browser that may be slow.
type stream struct {
	w   http.ResponseWriter
	c   *http.ResponseController
	now func() time.Time
}

func (s stream) tell(c change) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode change: %w", err)
	}
	return s.send("event: change\ndata: " + string(data) + "\n\n")
}

func (s stream) send(text string) error {
	// A server without deadlines for one response keeps its own.
	_ = s.c.SetWriteDeadline(s.now().Add(streamWrite))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.c.Flush()
}

package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/web"
)

// hub sends what changes on the boards of parks to whoever listens: one goroutine a node draws each
// board once and writes each frame once, however many listen.
type hub struct {
	mu    sync.Mutex
	parks map[string]*channel
	poke  chan struct{}
}

// channel is a park that somebody listens to.
type channel struct {
	subs map[*listener]struct{}
	// items are what was sent last, by place; whole is all of it as one frame.
	items map[string]sent
	order []string
	whole web.Event
	drawn bool
	beat  int64
	looks int
}

// sent is a place as it was sent last.
type sent struct {
	item liveItem
	text json.RawMessage
}

// listener is somebody who listens.
type listener struct{ frames chan web.Event }

const (
	// lag is how many frames a listener may be behind; one who is further is cut off, comes back
	// by itself and gets the whole board.
	lag = 8
	// lookEvery is how often the pulse of parks is felt for what other nodes wrote.
	lookEvery = time.Second
	// drawEvery is after how many looks a board is drawn although nothing was written: what is
	// shown grows old.
	drawEvery = 15
)

// Subscribe returns frames of a park's board for a stream of server-sent events: the whole board
// first, then what changes. The channel is closed when the receiver lags behind, and after stop.
// Run must run on this node.
//
// Errors: ErrUnknown for the park.
func (q *Queues) Subscribe(
	ctx context.Context, parkID string,
) (frames <-chan web.Event, stop func(), err error) {
	park, err := q.park(ctx, parkID)
	if err != nil {
		return nil, nil, err
	}
	if err := q.hub.ensure(ctx, q, park.ID); err != nil {
		return nil, nil, err
	}
	l := &listener{make(chan web.Event, lag)}
	q.hub.mu.Lock()
	defer q.hub.mu.Unlock()
	c := q.hub.parks[park.ID]
	c.subs[l] = struct{}{}
	l.frames <- c.whole
	return l.frames, func() { q.hub.leave(park.ID, l) }, nil
}

// Listeners is how many listen on this node.
func (q *Queues) Listeners() (n int) {
	q.hub.mu.Lock()
	defer q.hub.mu.Unlock()
	for _, c := range q.hub.parks {
		n += len(c.subs)
	}
	return n
}

// ensure has a channel for a park whose board is drawn.
func (h *hub) ensure(ctx context.Context, q *Queues, parkID string) error {
	h.mu.Lock()
	c := h.parks[parkID]
	h.mu.Unlock()
	if c != nil && c.drawn {
		return nil
	}
	waits, err := q.Live(ctx, parkID)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.parks[parkID] == nil {
		h.parks[parkID] = &channel{subs: map[*listener]struct{}{}, items: map[string]sent{}}
	}
	if c := h.parks[parkID]; !c.drawn {
		c.change(waits, q.now())
		c.drawn = true
	}
	return nil
}

func (h *hub) leave(parkID string, l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parks[parkID].drop(l)
}

// drop closes a listener; the channel of a park stays, it is small.
func (c *channel) drop(l *listener) {
	if _, ok := c.subs[l]; ok {
		delete(c.subs, l)
		close(l.frames)
	}
}

// wake lets the hub look at once.
func (h *hub) wake() {
	select {
	case h.poke <- struct{}{}:
	default: // it will look anyway
	}
}

// run looks until ctx ends, and then closes every listener.
func (h *hub) run(ctx context.Context, q *Queues) {
	defer h.close()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-h.poke:
		}
		if err := h.look(ctx, q); err != nil && ctx.Err() == nil {
			q.cfg.Logger.Warn("boards were not drawn; it is tried again", "error", err)
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.parks {
		for l := range c.subs {
			c.drop(l)
		}
	}
}

// look draws the boards that changed and sends what did.
func (h *hub) look(ctx context.Context, q *Queues) error {
	for _, parkID := range h.listenedTo() {
		var n int64
		err := q.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = pulse(ctx, tx, parkID)
			return err
		})
		if err != nil {
			return err
		}
		if !h.due(parkID, n) {
			continue
		}
		q.forget(parkID)
		waits, err := q.Live(ctx, parkID)
		if err != nil {
			return err
		}
		h.send(parkID, waits, q.now())
	}
	return nil
}

func (h *hub) listenedTo() (ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, c := range h.parks {
		switch {
		case len(c.subs) > 0:
			ids = append(ids, id)
		default:
			c.drawn = false // who comes next gets it drawn anew
		}
	}
	return ids
}

// due tells whether a board has to be drawn.
func (h *hub) due(parkID string, beat int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.parks[parkID]
	c.looks++
	if c.beat == beat && c.looks < drawEvery {
		return false
	}
	c.beat, c.looks = beat, 0
	return true
}

// send gives every listener what changed. Who lags is cut off.
func (h *hub) send(parkID string, waits []Wait, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.parks[parkID]
	frame, changed := c.change(waits, now)
	if !changed {
		return
	}
	for l := range c.subs {
		select {
		case l.frames <- frame:
		default:
			c.drop(l)
		}
	}
}

// change takes a board and returns the frame of what is another than before.
func (c *channel) change(waits []Wait, now time.Time) (frame web.Event, changed bool) {
	var parts []json.RawMessage
	order := make([]string, 0, len(waits))
	items := make(map[string]sent, len(waits))
	for _, w := range waits {
		item := liveOf(w)
		old, ok := c.items[w.Place.ID]
		order = append(order, w.Place.ID)
		if ok && old.item.alike(item) {
			items[w.Place.ID] = old
			continue
		}
		text, err := json.Marshal(item)
		if err != nil {
			continue // a struct of texts and numbers always marshals
		}
		items[w.Place.ID] = sent{item, text}
		parts = append(parts, text)
	}
	changed = len(parts) > 0 || len(items) != len(c.items)
	c.items, c.order = items, order
	if changed || !c.drawn {
		all := make([]json.RawMessage, 0, len(order))
		for _, id := range order {
			all = append(all, items[id].text)
		}
		c.whole = frameOf(all, now, true)
	}
	return frameOf(parts, now, false), changed
}

// frameOf writes a frame: {"at":…,"whole":…,"waits":[…]}.
func frameOf(parts []json.RawMessage, now time.Time, whole bool) web.Event {
	var b bytes.Buffer
	b.WriteString(`{"at":"` + now.In(clock.JST).Format(time.RFC3339) + `"`)
	if whole {
		b.WriteString(`,"whole":true`)
	}
	b.WriteString(`,"waits":[`)
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(p)
	}
	b.WriteString("]}")
	return web.Event{Name: "waits", Data: b.Bytes()}
}

// liveItem is a place in a frame: what is shown, without names, which the page has.
type liveItem struct {
	ID        string     `json:"id"`
	State     State      `json:"state"`
	Minutes   *int64     `json:"minutes"`
	AtMost    bool       `json:"at_most,omitempty"`
	TimedOnly bool       `json:"timed_only,omitempty"`
	Low       *int64     `json:"low,omitempty"`
	High      *int64     `json:"high,omitempty"`
	Fresh     Freshness  `json:"freshness"`
	Observed  *time.Time `json:"observed_at,omitempty"`
	Last      *int64     `json:"last_minutes,omitempty"`
	LastAt    *time.Time `json:"last_at,omitempty"`
	Trend     int        `json:"trend,omitempty"`
	Virtual   *liveLine  `json:"virtual,omitempty"`
}

// liveLine is a virtual queue in a frame.
type liveLine struct {
	State  LineState  `json:"state"`
	From   *time.Time `json:"from,omitempty"`
	Called int64      `json:"called,omitempty"`
}

// liveOf is what is sent of a wait. Times are sent where they are shown: of what is not fresh.
func liveOf(w Wait) liveItem {
	item := liveItem{ID: w.Place.ID, State: w.State, Minutes: w.Minutes, AtMost: w.AtMost,
		TimedOnly: w.TimedOnly, Low: w.Low, High: w.High, Fresh: w.Fresh, Trend: w.Trend}
	if w.Fresh != Fresh {
		item.Observed = timeOrNil(w.ObservedAt)
	}
	if w.Minutes == nil && w.State == Operating || w.State == Unknown || w.State == Down {
		item.Last, item.LastAt = w.Last, timeOrNil(w.LastAt)
	}
	if v := w.Virtual; v != nil {
		item.Virtual = &liveLine{v.State, timeOrNil(v.NextFrom.Truncate(5 * time.Minute)), v.Called}
	}
	return item
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(clock.JST).Truncate(time.Second)
	return &t
}

// alike tells whether nothing changed that is worth a frame: bounds move every minute and are sent
// with what moves the wait.
func (a liveItem) alike(b liveItem) bool {
	sameTime := func(x, y *time.Time) bool {
		return x == nil && y == nil || x != nil && y != nil && x.Equal(*y)
	}
	sameLine := a.Virtual == nil && b.Virtual == nil || a.Virtual != nil && b.Virtual != nil &&
		a.Virtual.State == b.Virtual.State && a.Virtual.Called == b.Virtual.Called &&
		sameTime(a.Virtual.From, b.Virtual.From)
	return a.State == b.State && same(a.Minutes, b.Minutes) && a.AtMost == b.AtMost &&
		a.TimedOnly == b.TimedOnly && a.Fresh == b.Fresh && sameTime(a.Observed, b.Observed) &&
		same(a.Last, b.Last) && sameTime(a.LastAt, b.LastAt) && a.Trend == b.Trend && sameLine
}

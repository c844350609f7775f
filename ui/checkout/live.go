package checkout

import (
	"context"
	"time"

	"watari/kit/event"
	"watari/kit/web"
)

// streamMax is how long a stream of events lives; a page that is still open comes back.
const streamMax = 10 * time.Minute

// live tells when something happened to an order, as server-sent events (WHATWG HTML, 9.2). What
// it was, the page reads for itself (V1).
func (a *app) live(t *visit) error {
	p, err := t.order()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(t.ctx(), streamMax)
	defer stop()
	events := a.Events.Subscribe(ctx, event.Filter{AcquirerNo: p.AcquirerNo, Subject: p.ID})
	out := make(chan web.Event)
	go func() {
		defer close(out)
		for {
			select {
			case _, open := <-events:
				if !open {
					return // it fell behind: the page comes back and looks
				}
			case <-ctx.Done():
				return
			}
			select {
			case out <- web.Event{Name: "change", Data: []byte("{}")}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return web.Events(t.w, t.r, out)
}

package merchant

import (
	"context"
	"slices"
	"strings"

	"watari/kit/event"
	"watari/kit/web"
	"watari/ui/console"
)

// live tells the first page that something has happened in the shop. It says nothing else: the page
// asks for itself anew.
func (a *app) live(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	var stores []int64
	for _, s := range p.stores {
		stores = append(stores, s.No)
	}
	ctx, cancel := context.WithCancel(v.Ctx())
	defer cancel()
	f := event.Filter{AcquirerNo: v.Caller.ParticipantNo}
	if len(stores) == 1 {
		f.StoreNo = stores[0]
	}
	changes := make(chan web.Event)
	go func() {
		defer close(changes)
		for e := range a.Events.Subscribe(ctx, f) {
			if !slices.Contains(stores, e.StoreNo) || !aboutMoney(e.Kind) {
				continue
			}
			select {
			case changes <- web.Event{Name: "change", Data: []byte("{}")}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return web.Events(v.W, v.R, changes)
}

// aboutMoney says whether an event changes what the first page shows.
func aboutMoney(kind string) bool {
	return strings.HasPrefix(kind, "payment.") || strings.HasPrefix(kind, "refund.")
}

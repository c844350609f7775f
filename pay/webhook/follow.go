package webhook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
	"watari/pay/party"
)

// listener is an active endpoint as the follower sees it.
type listener struct {
	id         string
	merchantNo int64
	kinds      []string // none is all
	since      event.Cursor
}

func (l listener) wants(k Kind, merchantNo int64, e event.Event) bool {
	return (l.merchantNo == 0 || l.merchantNo == merchantNo && !k.AcquirerOnly) &&
		(len(l.kinds) == 0 || slices.Contains(l.kinds, k.Name)) && e.Seq > l.since.Seq(e.Lane)
}

// audience is who listens, by acquirer.
type audience map[int64][]listener

// errMoved says that another node moved the place meanwhile, or an endpoint changed.
var errMoved = errors.New("the place was moved")

// follow reads what happened and queues a message for every endpoint that wants it (W2).
func (s *Service) follow(ctx context.Context) error {
	for {
		more, err := s.followPage(ctx)
		if err != nil {
			s.heard, s.placed = -1, false // whatever became of it, everything is read again
		}
		if errors.Is(err, errMoved) {
			return nil
		}
		if err != nil || !more {
			return err
		}
	}
}

func (s *Service) followPage(ctx context.Context) (more bool, err error) {
	// The head is read first: nobody who starts to listen after it is older than what lies
	// before it.
	head, err := s.Log.Head(ctx)
	if err != nil {
		return false, fmt.Errorf("read the end of the log: %w", err)
	}
	p, err := s.listen(ctx)
	if err != nil {
		return false, err
	}
	if len(s.audience) == 0 {
		s.at = head
		return false, s.keep(ctx, p, nil)
	}
	evs, next, err := s.Log.Read(ctx, s.at, event.Filter{Kinds: eventKinds()}, page)
	if err != nil {
		return false, fmt.Errorf("read events: %w", err)
	}
	ds, err := s.messages(ctx, evs)
	if err != nil {
		return false, err
	}
	s.at = next
	return len(evs) == page, s.keep(ctx, p, ds)
}

// listen reads the place and, when anything changed, who listens.
func (s *Service) listen(ctx context.Context) (p placeRow, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if p, err = readPlace(ctx, tx); err != nil || p.version == s.heard {
			return err
		}
		s.audience, err = readAudience(ctx, tx)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return s.begin(ctx)
	}
	if err != nil {
		return p, fmt.Errorf("read the place: %w", err)
	}
	if s.heard = p.version; s.placed && p.place == s.written {
		return p, nil
	}
	s.at, err = event.ParseCursor(p.place)
	s.written, s.placed = p.place, err == nil
	return p, err
}

// begin writes the first place, the beginning of the log: an endpoint may have been proved before
// anybody followed, and each begins at its own place. While there is none, the place moves on to
// the head at once.
func (s *Service) begin(ctx context.Context) (placeRow, error) {
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return insertPlace(ctx, tx, event.Cursor{}.String())
	})
	if err != nil {
		return placeRow{}, fmt.Errorf("write the first place: %w", err)
	}
	return placeRow{}, errMoved
}

// keep queues messages and writes the place behind them, in one transaction. Without messages the
// place is written only now and then: what lies before it is read again after a crash.
func (s *Service) keep(ctx context.Context, p placeRow, ds []Delivery) error {
	now := clock.Now()
	to := s.at.String()
	if len(ds) == 0 && (to == s.written || now.Sub(s.kept) < keepEvery) {
		return nil
	}
	var gone bool
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		moved, err := movePlace(ctx, tx, p, to, p.seq+int64(len(ds)))
		if err != nil {
			return err
		}
		if !moved {
			return errMoved
		}
		ids := endpointsOf(ds)
		active, err := lockActive(ctx, tx, ids)
		if err != nil {
			return err
		}
		gone = len(active) < len(ids)
		fresh := slices.DeleteFunc(number(ds, p.seq, now), func(d Delivery) bool {
			return !active[d.EndpointID]
		})
		if err := insertDeliveries(ctx, tx, fresh); err != nil {
			return err
		}
		return wake(ctx, tx, endpointsOf(fresh), now)
	})
	if err != nil {
		return fmt.Errorf("queue messages: %w", err)
	}
	if s.written, s.kept = to, now; gone {
		s.heard = -1
	}
	return nil
}

// number gives messages their places in the queues.
func number(ds []Delivery, last int64, now time.Time) []Delivery {
	all := slices.Clone(ds)
	for i := range all {
		all[i].Seq, all[i].Queued = last+1+int64(i), now
	}
	return all
}

func endpointsOf(ds []Delivery) []string {
	ids := make([]string, len(ds))
	for i, d := range ds {
		ids[i] = d.EndpointID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// messages makes what is to be told of events, in their order.
func (s *Service) messages(ctx context.Context, evs []event.Event) ([]Delivery, error) {
	var all []Delivery
	for _, e := range evs {
		k, ok := causedBy(e.Kind)
		if !ok || len(s.audience[e.AcquirerNo]) == 0 {
			continue
		}
		some, err := s.messagesOf(ctx, k, e)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	s.unbuilt = 0
	return all, nil
}

// messagesOf makes the messages of one event: one body for merchants, one for acquirers.
func (s *Service) messagesOf(ctx context.Context, k Kind, e event.Event) ([]Delivery, error) {
	merchantNo, err := s.merchantNo(ctx, e)
	if err != nil {
		return nil, err
	}
	var all []Delivery
	bodies := map[bool]string{}
	for _, l := range s.audience[e.AcquirerNo] {
		if !l.wants(k, merchantNo, e) {
			continue
		}
		merchant := l.merchantNo != 0
		if bodies[merchant] == "" {
			if bodies[merchant], err = s.bodyOr(ctx, k, e, merchant); err != nil {
				return nil, err
			}
		}
		all = append(all, Delivery{ID: id.New("msg", int(e.AcquirerNo)), EndpointID: l.id,
			Kind: k.Name, State: Waiting, Subject: e.Subject, Happened: e.At,
			Body: bodies[merchant]})
	}
	return all, nil
}

// merchantNo says which merchant an event is about; 0 is none.
func (s *Service) merchantNo(ctx context.Context, e event.Event) (int64, error) {
	if e.StoreNo == 0 {
		return merchantOf(e), nil
	}
	p, err := s.Directory.Store(ctx, e.StoreNo)
	if err != nil && !errors.Is(err, party.ErrStoreUnknown) {
		return 0, fmt.Errorf("find the store of an event: %w", err)
	}
	return p.Merchant.No, nil
}

// unbuiltMax is how many looks wait for a body that cannot be made.
const unbuiltMax = 20

// bodyOr makes a body. One that cannot be made again and again holds up nobody: its receiver reads
// the resource by its id.
func (s *Service) bodyOr(
	ctx context.Context, k Kind, e event.Event, merchant bool,
) (string, error) {
	text, err := s.body(ctx, k, e, merchant)
	if err == nil || ctx.Err() != nil {
		return text, err
	}
	if s.unbuilt++; s.unbuilt < unbuiltMax {
		return "", fmt.Errorf("make the message of %s %s: %w", e.Kind, e.Subject, err)
	}
	s.Logger.Error("webhook message sent without its resource, which cannot be shown",
		"kind", e.Kind, "subject", e.Subject, "error", err)
	return thin(k, e)
}

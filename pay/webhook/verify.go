package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
)

// challengeBytes is how much chance a challenge has.
const challengeBytes = 20

// challenge is the data of the message that verifies an endpoint.
type challenge struct {
	EndpointID string `json:"endpoint_id"`
	Challenge  string `json:"challenge"`
}

// Verify sends the challenge and makes the endpoint active when it is echoed (W1): also one that
// was disabled, and one that is active, whose queue then goes on at once. It takes up to 15 s.
//
// Errors: ErrUnknown; ErrChallenge, whose detail says what the endpoint did.
func (s *Service) Verify(ctx context.Context, o Owner, actor, id string) (Endpoint, error) {
	var row endpointRow
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		row, err = find(ctx, tx, o, id)
		return err
	})
	if err != nil {
		return Endpoint{}, err
	}
	if err := s.challenge(ctx, row); err != nil {
		return Endpoint{}, err
	}
	head, err := s.Log.Head(ctx)
	if err != nil {
		return Endpoint{}, fmt.Errorf("read the end of the log: %w", err)
	}
	return s.edit(ctx, o, id, func(
		_ context.Context, _ *db.Tx, e *endpointRow,
	) (event.Event, error) {
		if e.URL != row.URL {
			return event.Event{}, ErrChallenge.Newf("the address was changed meanwhile")
		}
		now := clock.Now()
		if e.Status != Active {
			e.since, e.sincePlace = now, head.String()
		}
		e.turnTo(onEcho)
		e.Note, e.Verified, e.Next = "", now, now
		e.Fails, e.FailingSince, e.alarmed, e.slow = 0, time.Time{}, false, false
		return e.event("webhook.verified", actor, nil), nil
	})
}

// challenge asks an endpoint to echo what is sent to it, once at a time. Errors: ErrChallenge.
func (s *Service) challenge(ctx context.Context, row endpointRow) error {
	if !s.asks(row.ID) {
		return ErrChallenge.Newf("a challenge is on its way to it: wait for its answer")
	}
	defer s.asked(row.ID)
	c := challenge{row.ID, id.Secret(challengeBytes)}
	body, err := encode(challengeKind, clock.Now(), c)
	if err != nil {
		return err
	}
	a := s.send(ctx, row, id.New("msg", int(row.AcquirerNo)), body)
	switch {
	case a.broken:
		return errors.New("the process ends")
	case a.note != "":
		return ErrChallenge.Newf("%s", a.note).Set("answer", a.status)
	case !echoes(a.body, c.Challenge):
		return ErrChallenge.Newf("it answered %d without the challenge: answer "+
			`{"challenge": "…"} with data.challenge of the message`, a.status).
			Set("answer", a.status)
	}
	return nil
}

// asks tells whether nobody else here waits for the echo of an endpoint (W6).
func (s *Service) asks(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asking[id] {
		return false
	}
	s.asking[id] = true
	return true
}

func (s *Service) asked(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asking, id)
}

// echoes tells whether an answer holds the challenge: as a member of an object, or alone.
func echoes(body, challenge string) bool {
	var said struct {
		Challenge string `json:"challenge"`
	}
	body = strings.TrimSpace(body)
	return body == challenge || json.Unmarshal([]byte(body), &said) == nil &&
		said.Challenge == challenge
}

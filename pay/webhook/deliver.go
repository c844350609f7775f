package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/outbound"
)

// Run follows the log and delivers until ctx ends; attempts that have begun have a few seconds.
func (s *Service) Run(ctx context.Context) {
	var busy sync.WaitGroup
	defer busy.Wait()
	tick := time.NewTicker(s.Look)
	defer tick.Stop()
	for {
		err := errors.Join(s.follow(ctx), s.deliver(ctx, &busy), s.sweep(ctx))
		if err != nil && ctx.Err() == nil {
			s.Logger.Error("webhooks not looked after; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// job is a message that is to be sent now, and the endpoint as it is held.
type job struct {
	endpointRow
	delivery Delivery
}

// deliver begins to serve every endpoint that is due and has a place.
func (s *Service) deliver(ctx context.Context, busy *sync.WaitGroup) error {
	now := clock.Now()
	var due bool
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		due, err = anyDue(ctx, tx, now)
		return err
	})
	if err != nil || !due {
		return err
	}
	var jobs []job
	err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		jobs = nil
		for _, slow := range []bool{false, true} {
			some, err := s.hold(ctx, tx, slow, now)
			if err != nil {
				return err
			}
			jobs = append(jobs, some...)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("hold due endpoints: %w", err)
	}
	for _, j := range jobs {
		p := s.take(j.slow)
		busy.Go(func() {
			defer p.leave()
			s.serve(ctx, j, p)
		})
	}
	return nil
}

// hold takes endpoints that are due, as far as there are places (W5, W6).
func (s *Service) hold(ctx context.Context, tx *db.Tx, slow bool, now time.Time) (
	[]job, error,
) {
	s.mu.Lock()
	free := s.Places - s.serving[slow]
	s.mu.Unlock()
	if free <= 0 {
		return nil, nil
	}
	rows, err := dueEndpoints(ctx, tx, slow, now, free)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for _, row := range rows {
		d, err := head(ctx, tx, row.ID)
		if errors.Is(err, db.ErrNoRows) {
			row.Next = time.Time{}
		} else if err != nil {
			return nil, err
		} else {
			row.turn, row.heldUntil = row.turn+1, now.Add(s.Hold)
			jobs = append(jobs, job{row, d})
		}
		if err := updateEndpoint(ctx, tx, row); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// place is one that an endpoint has while it is served.
type place struct {
	s          *Service
	slow, left bool // s.mu guards them
}

func (s *Service) take(slow bool) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving[slow]++
	return &place{s: s, slow: slow}
}

// slowDown moves on to a place of the slow, whether one is free or not: the quick ones are not
// kept waiting by who turns out to be slow.
func (p *place) slowDown() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if !p.slow && !p.left {
		p.slow = true
		p.s.serving[false]--
		p.s.serving[true]++
	}
}

func (p *place) leave() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.left = true
	p.s.serving[p.slow]--
}

// serve sends an endpoint its messages, one after another, until one fails, none is left, or
// others want the place.
func (s *Service) serve(ctx context.Context, j job, p *place) {
	work := context.WithoutCancel(ctx)
	crash.At(crash.AfterLease)
	for n := 1; ; n++ {
		late := time.AfterFunc(slowAfter, p.slowDown)
		a := s.send(ctx, j.endpointRow, j.delivery.ID, j.delivery.Body)
		late.Stop()
		if a.broken {
			s.letGo(work, j)
			return
		}
		crash.At(crash.AfterPost)
		next, err := s.record(work, j, a, n < runMax && ctx.Err() == nil)
		if err != nil {
			s.Logger.Error("webhook delivery not recorded; it is sent again",
				"delivery", j.delivery.ID, "error", err)
			return
		}
		if next == nil {
			return
		}
		j = *next
	}
}

// letGo gives back an endpoint whose message was not sent; its hold ends by itself otherwise.
func (s *Service) letGo(ctx context.Context, j job) {
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := lockEndpoint(ctx, tx, j.ID)
		if err != nil || row.turn != j.turn {
			return err
		}
		row.heldUntil = time.Time{}
		return updateEndpoint(ctx, tx, row)
	})
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		s.Logger.Error("webhook endpoint not given back", "endpoint", j.ID, "error", err)
	}
}

// attempt is how one attempt went.
type attempt struct {
	status     int // 0 without an answer
	body       string
	took       time.Duration
	note       string // why it does not count
	retryAfter time.Duration
	broken     bool // the process ends: it is not known how it went
}

func (a attempt) took2xx() bool { return a.status >= 200 && a.status <= 299 }

// gone is the status by which an endpoint says that it wants no more messages.
const gone = 410

// send posts a message once. A defect is an attempt that does not count.
func (s *Service) send(ctx context.Context, e endpointRow, id, body string) (a attempt) {
	defer func() {
		if v := recover(); v != nil {
			s.Logger.Error("defect in a webhook delivery", "delivery", id,
				"error", check.Recovered(v))
			a.note = "a defect on our side"
		}
	}()
	now := clock.Now()
	secrets, err := s.secrets(e, now)
	if err != nil {
		s.Logger.Error("webhook secret cannot be read", "endpoint", e.ID, "error", err)
		return attempt{note: "a defect on our side"}
	}
	header, err := sign(id, now, body, secrets)
	if err != nil {
		return attempt{note: "a defect on our side"}
	}
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), AttemptMax)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(graceFor, cancel) })
	defer stop()
	answer, err := s.poster.Post(work, outbound.Message{URL: e.URL, Header: header,
		Body: []byte(body)}, ExcerptMax)
	a = attempt{took: clock.Now().Sub(now), status: answer.Status,
		retryAfter: answer.RetryAfter, body: asText(answer.Body)}
	if err != nil {
		a.broken = ctx.Err() != nil && errors.Is(err, context.Canceled)
		a.note = whyNot(err)
	} else if !a.took2xx() {
		a.note = whyStatus(answer.Status)
	}
	return a
}

// secrets are those that sign now, the newest first.
func (s *Service) secrets(e endpointRow, now time.Time) ([]string, error) {
	newest, err := s.Ring.Unseal(e.secret)
	if err != nil || e.oldSecret == "" || !now.Before(e.OldUntil) {
		return []string{newest}, err
	}
	old, err := s.Ring.Unseal(e.oldSecret)
	return []string{newest, old}, err
}

// asText makes text of what may be anything.
func asText(body []byte) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(string(body), "\uFFFD"))
}

// whyNot says why there was no answer, without what only we should know, such as our name servers.
func whyNot(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.Is(err, outbound.ErrPrivate):
		return outbound.ErrPrivate.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer in %d seconds", int(AttemptMax.Seconds()))
	case errors.As(err, &name):
		return "the host has no address"
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "the certificate is not valid for the host"
	}
	return "no connection, or it broke off"
}

func whyStatus(status int) string {
	if status >= 300 && status <= 399 {
		return fmt.Sprintf("it answered %d: redirects are not followed", status)
	}
	return fmt.Sprintf("it answered %d", status)
}

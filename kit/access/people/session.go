package people

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// IdleTime is after how long without a request somebody of a role is signed out.
func IdleTime(r access.Role) time.Duration {
	if NeedsSecond(r) {
		return 30 * time.Minute
	}
	return 30 * 24 * time.Hour
}

// SessionTime is after how long somebody of a role is signed out whatever they do.
func SessionTime(r access.Role) time.Duration {
	if NeedsSecond(r) {
		return 12 * time.Hour
	}
	return 90 * 24 * time.Hour
}

// Session returns who a session's secret belongs to. It reads the database at most about once a
// second for each session and writes nothing: a session that ended elsewhere is refused at most
// two seconds later, one that ended on this node at once.
//
// The session of somebody whose place is closed has ended (access, A6).
//
// Errors: ErrSignedOut; others are the database's.
func (p *People) Session(ctx context.Context, secret string) (access.Caller, Person, error) {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return access.Caller{}, Person{}, err
	}
	return s.caller(), s.Person, nil
}

// seat returns a session that is neither over nor idle.
func (p *People) seat(ctx context.Context, secret string) (seat, error) {
	if !formed(secret, sessionPrefix) {
		return seat{}, ErrSignedOut.Newf("there is no session")
	}
	e, err := p.cache.Get(ctx, sha256.Sum256([]byte(secret)))
	if err != nil {
		return seat{}, fmt.Errorf("look up session: %w", err)
	}
	s, at := e.Value, clock.Now()
	if !e.Known || at.After(s.until) {
		return seat{}, ErrSignedOut.Newf("the session is not known or has ended")
	}
	if at.Sub(s.seen) > IdleTime(s.Role) && at.Sub(p.lastSight(s.hash)) > IdleTime(s.Role) {
		return seat{}, ErrSignedOut.Newf("the session was not used for %s", IdleTime(s.Role))
	}
	if e.Noted.CompareAndSwap(false, true) {
		p.noteSight(s.hash, s.ID)
	}
	return s, nil
}

// fresh is seat for who changes what they sign in with.
//
// Errors: ErrSignedOut, ErrConfirm.
func (p *People) fresh(ctx context.Context, secret string) (seat, error) {
	s, err := p.seat(ctx, secret)
	if err == nil && !s.justConfirmed() {
		err = ErrConfirm.Newf("enter the password again first")
	}
	return s, err
}

func (s seat) justConfirmed() bool {
	age := clock.Now().Sub(s.confirmed)
	return age >= -time.Minute && age < ConfirmTime
}

func (p *People) noteSight(hash, personID string) {
	us := clock.Micros(clock.Now())
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[hash] = sight{personID, us}
}

func (p *People) lastSight(hash string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return clock.FromMicros(p.seen[hash].atUS)
}

// forget lets the next request with a session ask the database.
func (p *People) forget(secret string) { p.cache.Forget(sha256.Sum256([]byte(secret))) }

// welcome refuses somebody whose place is closed.
//
// Errors: access.ErrClosed.
func (p *People) welcome(ctx context.Context, tx *db.Tx, a account, f From) error {
	c := a.Caller()
	stands, err := p.Standing.Of(ctx, tx, c)
	if err != nil || stands != access.Closed {
		return err
	}
	if err := p.note(ctx, tx, "person.refused", a.ID, a.Place, "anonymous",
		fact{"wrong": "closed", "address": f.Address}); err != nil {
		return err
	}
	c.Standing = stands
	return c.AllowChange()
}

// enter signs a person in.
//
// Errors: access.ErrClosed.
func (p *People) enter(
	ctx context.Context, tx *db.Tx, a account, m Method, f From,
) (Step, error) {
	if err := p.welcome(ctx, tx, a, f); err != nil {
		return Step{}, err
	}
	secret, at := newSecret(sessionPrefix), now()
	s := Session{ID: id.New("ses", 0), Made: at, Until: at.Add(SessionTime(a.Role)),
		Address: f.Address, Agent: f.Agent, Method: m}
	if err := holdPerson(ctx, tx, a.ID); err != nil {
		return Step{}, err
	}
	if err := addSession(ctx, tx, hashOf(secret), a.ID, s); err != nil {
		return Step{}, err
	}
	if err := p.note(ctx, tx, "person.signed_in", a.ID, a.Place, a.Caller().Actor,
		fact{"method": m, "address": f.Address, "session": s.ID}); err != nil {
		return Step{}, err
	}
	return Step{Need: Nothing, Secret: secret, Until: s.Until, Person: a.Person}, nil
}

// advance signs a person in who has shown the password, or asks for more.
//
// Errors: access.ErrClosed.
func (p *People) advance(
	ctx context.Context, tx *db.Tx, a account, m Method, f From,
) (Step, error) {
	need := NeedSecond
	switch {
	case a.Factors.Any():
	case NeedsSecond(a.Role) && !p.Sandbox:
		need = NeedEnrol
	default:
		return p.enter(ctx, tx, a, m, f)
	}
	if err := p.welcome(ctx, tx, a, f); err != nil {
		return Step{}, err
	}
	return p.ask(ctx, tx, a, need)
}

// SignOut ends a session. An unknown secret is no error.
func (p *People) SignOut(ctx context.Context, secret string) error {
	s, err := p.seat(ctx, secret)
	if errors.Is(err, ErrSignedOut) {
		return nil
	}
	if err != nil {
		return err
	}
	defer p.forget(secret)
	return p.change(ctx, "sign out", func(ctx context.Context, tx *db.Tx) error {
		n, err := endSession(ctx, tx, s.hash)
		if err != nil || n == 0 {
			return err
		}
		return p.note(ctx, tx, "person.signed_out", s.ID, s.Place, s.Caller().Actor,
			fact{"session": s.sessionID})
	})
}

// Sessions lists the caller's own, the newest first.
//
// Errors: ErrSignedOut.
func (p *People) Sessions(ctx context.Context, secret string) (all []Session, err error) {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return nil, err
	}
	all, err = p.sessions(ctx, s.ID)
	for i := range all {
		all[i].Current = all[i].ID == s.sessionID
	}
	return all, err
}

func (p *People) sessions(ctx context.Context, personID string) (all []Session, err error) {
	err = p.view(ctx, "list sessions", func(ctx context.Context, tx *db.Tx) error {
		all, err = sessionsOf(ctx, tx, personID)
		return err
	})
	return all, err
}

// EndSession ends one of the caller's own. An unknown one is no error.
//
// Errors: ErrSignedOut.
func (p *People) EndSession(ctx context.Context, secret, sessionID string) error {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return err
	}
	defer p.cache.Clear()
	return p.change(ctx, "end session", func(ctx context.Context, tx *db.Tx) error {
		n, err := endSessionByID(ctx, tx, s.ID, sessionID)
		if err != nil || n == 0 {
			return err
		}
		return p.note(ctx, tx, "person.session_ended", s.ID, s.Place, s.Caller().Actor,
			fact{"session": sessionID})
	})
}

// EndOtherSessions ends all of the caller's own but the one that asks, and returns how many.
//
// Errors: ErrSignedOut.
func (p *People) EndOtherSessions(ctx context.Context, secret string) (n int, err error) {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return 0, err
	}
	defer p.cache.Clear()
	err = p.change(ctx, "end sessions", func(ctx context.Context, tx *db.Tx) error {
		ended, err := endSessions(ctx, tx, s.ID, s.hash)
		n = int(ended)
		if err != nil || n == 0 {
			return err
		}
		return p.note(ctx, tx, "person.sessions_ended", s.ID, s.Place, s.Caller().Actor,
			fact{"count": n})
	})
	return n, err
}

// Confirmed tells whether the session was signed in or confirmed in the last ten minutes, which
// changes of passwords, second factors and passkeys need (ErrConfirm).
//
// Errors: ErrSignedOut.
func (p *People) Confirmed(ctx context.Context, secret string) (bool, error) {
	s, err := p.seat(ctx, secret)
	return err == nil && s.justConfirmed(), err
}

// Confirm asks somebody who is signed in for the password, or a TOTP code, again.
//
// Errors: ErrSignedOut, ErrRefused, ErrLocked, ErrBusy.
func (p *People) Confirm(ctx context.Context, secret, passwordOrCode string, f From) error {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return err
	}
	if err := p.prove(ctx, s.account, passwordOrCode, f.clean()); err != nil {
		return err
	}
	defer p.forget(secret)
	return p.change(ctx, "confirm session", func(ctx context.Context, tx *db.Tx) error {
		return confirmSession(ctx, tx, s.hash, now())
	})
}

// SetProfile changes the name and language of the caller.
//
// Errors: ErrSignedOut, ErrInvalid with fields /name and /lang.
func (p *People) SetProfile(ctx context.Context, secret, name, lang string) error {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return err
	}
	clean, err := checkProfile(name, lang)
	if err != nil {
		return err
	}
	defer p.cache.Clear()
	return p.change(ctx, "change profile", func(ctx context.Context, tx *db.Tx) error {
		if err := setProfile(ctx, tx, s.ID, clean, lang); err != nil || clean == s.Name {
			return err
		}
		return p.note(ctx, tx, "person.renamed", s.ID, s.Place, s.Caller().Actor, nil)
	})
}

package party

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
)

const (
	// secretBytes is the entropy of activation links and sessions: too much to guess.
	secretBytes = 32
	// secretMax is the longest text that is looked up as a secret.
	secretMax = 128
	// sessionsMax bounds the sessions kept in memory; beyond, all are dropped.
	sessionsMax = 100_000
)

// hashed is the form in which a secret is kept (R10).
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// NewActivation returns the secret of a link that activates a terminal once, within ttl.
// Errors: ErrTerminalUnknown, ErrTerminalNotOpen when it is closed, or what it is in.
func (r *Registry) NewActivation(
	ctx context.Context, tx *db.Tx, actor string, terminalNo int64, ttl time.Duration,
) (secret string, err error) {
	t, err := terminalByNo(ctx, tx, terminalNo)
	if err != nil {
		return "", err
	}
	closed, err := terminalClosed(ctx, tx, t)
	if err == nil && closed {
		err = notOpen(ErrTerminalNotOpen, Closed, "terminal", t.ID)
	}
	if err != nil {
		return "", err
	}
	secret = id.Secret(secretBytes)
	until := clock.Now().Add(ttl)
	if err := insertActivation(ctx, tx, hashed(secret), t.No, clock.Micros(until)); err != nil {
		return "", fmt.Errorf("insert activation: %w", err)
	}
	return secret, r.note(ctx, tx, event.Event{Kind: "terminal.invited", Actor: actor,
		Subject: Subject(KindTerminal, t.No), AcquirerNo: t.AcquirerNo, StoreNo: t.StoreNo},
		map[string]any{"until": stamp(until)})
}

// Activate uses an activation link up and opens a session on its terminal. It commits by
// itself. Errors: ErrActivation.
func (r *Registry) Activate(
	ctx context.Context, secret string,
) (sessionSecret string, t Terminal, err error) {
	if len(secret) > secretMax {
		return "", Terminal{}, ErrActivation.Newf("")
	}
	err = r.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		no, err := useActivation(ctx, tx, hashed(secret))
		if err != nil {
			return err
		}
		if t, err = terminalByNo(ctx, tx, no); err != nil {
			return err
		}
		closed, err := terminalClosed(ctx, tx, t)
		if err == nil && closed {
			err = ErrActivation.Newf("")
		}
		if err != nil {
			return err
		}
		sessionSecret = id.Secret(secretBytes)
		if err := insertSession(ctx, tx, hashed(sessionSecret), no); err != nil {
			return fmt.Errorf("insert session: %w", err)
		}
		return r.note(ctx, tx, event.Event{Kind: "terminal.activated",
			Actor: Subject(KindTerminal, no), Subject: Subject(KindTerminal, no),
			AcquirerNo: t.AcquirerNo, StoreNo: t.StoreNo}, map[string]any{})
	})
	if err != nil {
		return "", Terminal{}, err
	}
	return sessionSecret, t, nil
}

// RevokeSessions ends all sessions of a terminal, and the links that could open another, and
// returns how many sessions there were.
// Errors: ErrTerminalUnknown.
func (r *Registry) RevokeSessions(
	ctx context.Context, tx *db.Tx, actor string, terminalNo int64,
) (int64, error) {
	if err := r.begin(ctx, tx); err != nil {
		return 0, err
	}
	t, err := terminalByNo(ctx, tx, terminalNo)
	if err != nil {
		return 0, err
	}
	n, err := revokeSessions(ctx, tx, terminalNo)
	if err != nil {
		return 0, fmt.Errorf("revoke sessions: %w", err)
	}
	if err := endActivations(ctx, tx, terminalNo); err != nil {
		return 0, fmt.Errorf("end activation links: %w", err)
	}
	return n, r.note(ctx, tx, event.Event{Kind: "terminal.revoked", Actor: actor,
		Subject: Subject(KindTerminal, t.No), AcquirerNo: t.AcquirerNo, StoreNo: t.StoreNo},
		map[string]any{"sessions": n})
}

// TerminalSession returns the terminal that a session secret belongs to, with its store. It
// may be suspended: ask Usable; a session has ended when its terminal is closed, or the store,
// merchant or acquirer. It notes the use, which RecordUse writes later.
//
// Errors: ErrSession.
func (d *Directory) TerminalSession(ctx context.Context, secret string) (Point, error) {
	if secret == "" || len(secret) > secretMax {
		return Point{}, ErrSession.Newf("")
	}
	hash := hashed(secret)
	m, err := d.current(ctx)
	if err != nil {
		return Point{}, err
	}
	m.mu.RLock()
	no := m.sessions[hash]
	m.mu.RUnlock()
	if no == 0 {
		if no, err = d.readSession(ctx, hash); err != nil {
			return Point{}, err
		}
	}
	p, err := d.Terminal(ctx, no)
	if err != nil {
		return Point{}, err
	}
	if p.closed() {
		return Point{}, ErrSession.Newf("")
	}
	d.uses.session(hash).at.Store(clock.Micros(clock.Now()))
	return p, nil
}

func (d *Directory) readSession(ctx context.Context, hash string) (no int64, err error) {
	err = d.read(ctx, func(ctx context.Context, tx *db.Tx, m *memory) (err error) {
		if no, err = sessionTerminal(ctx, tx, hash); err != nil {
			return err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.sessions) >= sessionsMax {
			clear(m.sessions)
		}
		m.sessions[hash] = no
		return nil
	})
	return no, err
}

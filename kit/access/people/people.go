package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"watari/kit/access"
	"watari/kit/access/recent"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/id"
	"watari/kit/seal"
)

// Config is what People needs.
type Config struct {
	DB   *db.DB
	Log  *event.Log
	Lane int
	// Ring seals TOTP secrets, passkeys and unfinished sign-ins.
	Ring *seal.Ring
	// Desk asks a second operator before a new operator is let in; nil refuses to invite one.
	Desk *foureyes.Desk
	// Exists tells whether a place is there: the merchant is the participant's, the store the
	// merchant's. nil believes every place that is asked for.
	Exists func(ctx context.Context, at Place) (bool, error)
	// Terminal tells whether a terminal is there, and the store's; nil believes every one.
	Terminal func(ctx context.Context, storeNo, terminalNo int64) (bool, error)
	// Standing tells how the place of somebody stands (access, A6); nil: every place is open.
	Standing access.Standings
	// PublicURL is where browsers reach the pages, without a trailing slash.
	PublicURL string
	// Sandbox: no role needs a second factor, and passwords are hashed cheaply: they are printed
	// in a file anyway.
	Sandbox bool
	// Logger is told of what nobody waits for; nil is slog.Default().
	Logger *slog.Logger
}

// The limits of this package.
const (
	// MostPeople is how many may sign in at one place: the operators, one bank with its clerks
	// and viewers, or one merchant.
	MostPeople = 1000
	// MostInvitations is how many links of one place may be good at a time.
	MostInvitations = 200
	// MostSessions is how many browsers one person may be signed in with; the one that was signed
	// in first ends when there is one more.
	MostSessions = 10
	// MostPasskeys is how many passkeys one person may have.
	MostPasskeys = 10
	// EmailMax, NameMax and AgentMax are lengths in bytes.
	EmailMax = 190
	NameMax  = 100
	AgentMax = 300
)

// The times of this package.
const (
	// InvitationTime is how long a link is good.
	InvitationTime = 7 * 24 * time.Hour
	// TicketTime is how long the next step of a sign-in may take.
	TicketTime = 10 * time.Minute
	// ConfirmTime is for how long after a sign-in or Confirm somebody may change what they sign in
	// with.
	ConfirmTime = 10 * time.Minute

	noteEvery = time.Minute
)

// People knows who signs in. It is safe for concurrent use.
type People struct {
	Config
	cache   *recent.Cache[seat]
	hashing *hashing
	keys    *webauthn.WebAuthn
	keyHost string // the host name for which passkeys are made

	mu   sync.Mutex
	seen map[string]sight // hash of a session to its last use, not yet written
}

// sight is that a session was used.
type sight struct {
	personID string
	atUS     int64
}

// New returns the people of a database that has Migrations. The desk knows what to do by Attend.
func New(c Config) *People {
	check.That(c.DB != nil && c.Log != nil && c.Ring != nil, "people: a part is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	p := &People{Config: c, seen: map[string]sight{}, hashing: newHashing(c.Sandbox)}
	p.cache = recent.New(p.load)
	p.keys, p.keyHost = relyingParty(c.PublicURL)
	return p
}

// Run writes once a minute who was seen and removes what is over, until ctx ends, and then once
// more.
func (p *People) Run(ctx context.Context) error {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			// What could not be written is tried again in a minute.
			if err := errors.Join(p.Flush(ctx), p.purge(ctx)); err != nil && ctx.Err() == nil {
				p.Logger.Warn("who was seen is not kept yet", "error", err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			return p.Flush(last)
		}
	}
}

// Flush writes who was seen since the last time. What cannot be written is kept.
func (p *People) Flush(ctx context.Context) error {
	p.mu.Lock()
	seen := p.seen
	p.seen = map[string]sight{}
	p.mu.Unlock()
	if len(seen) == 0 {
		return nil
	}
	err := p.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return noteSeen(ctx, tx, seen)
	})
	if err == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for hash, s := range seen {
		if p.seen[hash].atUS < s.atUS {
			p.seen[hash] = s
		}
	}
	return fmt.Errorf("note who was seen: %w", err)
}

// purge removes sessions, tickets and counts that are over.
func (p *People) purge(ctx context.Context) error {
	err := p.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return removeOver(ctx, tx, clock.Now())
	})
	if err != nil {
		return fmt.Errorf("remove what is over: %w", err)
	}
	return nil
}

// change writes, and tells those who follow the events.
func (p *People) change(
	ctx context.Context, what string, fn func(context.Context, *db.Tx) error,
) error {
	if err := p.DB.Update(ctx, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	p.Log.Wake()
	return nil
}

// entering is change for a sign-in. One that a closed place refuses is kept as an event (P8).
func (p *People) entering(
	ctx context.Context, what string, fn func(context.Context, *db.Tx) error,
) error {
	var shut error
	err := p.change(ctx, what, func(ctx context.Context, tx *db.Tx) error {
		shut = nil
		err := fn(ctx, tx)
		if errors.Is(err, access.ErrClosed) {
			shut, err = err, nil
		}
		return err
	})
	return errors.Join(err, shut)
}

// view reads.
func (p *People) view(
	ctx context.Context, what string, fn func(context.Context, *db.Tx) error,
) error {
	if err := p.DB.View(ctx, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// fact is the data of an event. It names nobody but by id.
type fact = map[string]any

// note appends an event about a person or an invitation (P8).
func (p *People) note(
	ctx context.Context, tx *db.Tx, kind, subject string, at Place, actor string, data fact,
) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write event data: %w", err)
	}
	return p.Log.Append(ctx, tx, p.Lane, []event.Event{{Kind: kind, Subject: subject,
		AcquirerNo: at.ParticipantNo, Actor: actor, Data: text}})
}

// The beginnings of secrets, so that somebody who finds one knows what it is.
const (
	sessionPrefix = "ws_"
	ticketPrefix  = "wt_"
	linkPrefix    = "wi_"
	secretBytes   = 32
	secretLen     = 3 + 52
)

func newSecret(prefix string) string { return prefix + id.Secret(secretBytes) }

// formed tells whether a text has the form of a secret, so that anything else costs no look-up.
func formed(secret, prefix string) bool {
	if len(secret) != secretLen || !strings.HasPrefix(secret, prefix) {
		return false
	}
	return !strings.ContainsFunc(secret[len(prefix):], func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// now is the time as the database keeps it.
func now() time.Time { return clock.Now().UTC().Truncate(time.Microsecond) }

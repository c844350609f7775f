package event

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
)

//go:embed sql/*.sql
var files embed.FS

// Migrations returns the tables of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// Event is one thing that happened.
type Event struct {
	// Lane and Seq are its place; Append sets them.
	Lane int
	Seq  int64
	// At is the time in UTC to the microsecond; Append sets it when it is zero.
	At time.Time
	// Kind says what happened, e.g. "payment.captured".
	Kind string
	// Subject is the id of what it happened to.
	Subject string
	// AcquirerNo and StoreNo say whom it concerns, 0: nobody in particular.
	AcquirerNo, StoreNo int64
	// Actor is who did it: an API key, a cashier, "system".
	Actor string
	// Data is a JSON object; Append makes {} of nil. It is stored as it is.
	Data json.RawMessage
	// Hash is the chain up to this event (E3); Append sets it.
	Hash []byte
}

// Log appends and reads events of a database. It is safe for concurrent use.
type Log struct {
	d *db.DB

	mu   sync.Mutex
	subs map[*sub]struct{}
	tail *tail
}

// NewLog makes a log on a database that has the tables of Migrations.
func NewLog(d *db.DB) *Log {
	check.That(d != nil, "event: no database")
	return &Log{d: d, subs: make(map[*sub]struct{})}
}

var errControl = errors.New("kind, subject and actor must not hold control characters")

// Append adds events to a lane, in their order, and fills in Lane, Seq, At, Data and Hash.
// It locks the lane until tx ends, so it comes late in a transaction. Call Wake after the
// commit.
func (l *Log) Append(ctx context.Context, tx *db.Tx, lane int, evs []Event) error {
	if len(evs) == 0 {
		return nil
	}
	seq, hash, err := lockHead(ctx, tx, lane)
	if err != nil {
		return fmt.Errorf("event lane %d: %w", lane, err)
	}
	now := clock.Now()
	rows := make([][]any, len(evs))
	cells := make([]any, len(evs)*len(eventKinds))
	line := make([]byte, 0, 1024)
	for i := range evs {
		e := &evs[i]
		if at := e.At; at.IsZero() {
			e.At = now
		}
		e.At = e.At.UTC().Truncate(time.Microsecond)
		if len(e.Data) == 0 {
			e.Data = json.RawMessage("{}")
		}
		if controlled(e.Kind) || controlled(e.Subject) || controlled(e.Actor) {
			return errControl
		}
		seq++
		e.Lane, e.Seq = lane, seq
		line = canonical(append(line[:0], hash...), e)
		sum := sha256.Sum256(line)
		hash = sum[:]
		e.Hash = hash
		rows[i] = e.row(cells[i*len(eventKinds) : (i+1)*len(eventKinds)])
	}
	if _, err := tx.Bulk(ctx, insertEvents, eventKinds, rows, nil); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update event_lane set seq = $2, hash = $3 where lane = $1`,
		lane, seq, hash)
	return err
}

func controlled(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 {
			return true
		}
	}
	return false
}

// canonical appends the canonical line of an event (E3).
func canonical(b []byte, e *Event) []byte {
	b = strconv.AppendInt(b, int64(e.Lane), 10)
	b = strconv.AppendInt(append(b, '\t'), e.Seq, 10)
	b = strconv.AppendInt(append(b, '\t'), clock.Micros(e.At), 10)
	b = append(append(b, '\t'), e.Kind...)
	b = append(append(b, '\t'), e.Subject...)
	b = strconv.AppendInt(append(b, '\t'), e.AcquirerNo, 10)
	b = strconv.AppendInt(append(b, '\t'), e.StoreNo, 10)
	b = append(append(b, '\t'), e.Actor...)
	return append(append(b, '\t'), e.Data...)
}

// VerifyChain recomputes the hashes of all events up to the heads that it finds at its
// start, while others go on appending.
//
// Errors: a *ChainError for the first event of a lane that does not fit.
func (l *Log) VerifyChain(ctx context.Context) error {
	heads, err := l.heads(ctx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if err := l.verifyLane(ctx, h); err != nil {
			return err
		}
	}
	return l.verifyStrays(ctx, heads)
}

// ChainError says where the chain is broken.
type ChainError struct {
	// Lane and Seq name the event.
	Lane int
	Seq  int64
	// Reason says what does not fit.
	Reason string
}

// Error returns the place and the reason.
func (e *ChainError) Error() string {
	return fmt.Sprintf("event chain broken at lane %d, event %d: %s", e.Lane, e.Seq, e.Reason)
}

func (l *Log) verifyLane(ctx context.Context, h head) error {
	const page = 1000
	last, hash := int64(0), make([]byte, sha256.Size)
	var line []byte
	for last < h.seq {
		var evs []Event
		err := l.d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			evs, err = readLane(ctx, tx, h.lane, last, h.seq, Filter{}, page)
			return err
		})
		if err != nil {
			return err
		}
		for i := range evs {
			e := &evs[i]
			if e.Seq != last+1 {
				return &ChainError{h.lane, last + 1, "it is missing"}
			}
			line = canonical(append(line[:0], hash...), e)
			sum := sha256.Sum256(line)
			if !bytes.Equal(sum[:], e.Hash) {
				return &ChainError{h.lane, e.Seq, "its hash does not follow from its content"}
			}
			last, hash = e.Seq, e.Hash
		}
		if len(evs) == 0 {
			return &ChainError{h.lane, last + 1, "it is missing"}
		}
	}
	if !bytes.Equal(hash, h.hash) {
		return &ChainError{h.lane, h.seq, "the head of the lane has another hash"}
	}
	return nil
}

// verifyStrays looks for lanes that have events and no head.
func (l *Log) verifyStrays(ctx context.Context, heads []head) error {
	known := make(map[int]bool, len(heads))
	for _, h := range heads {
		known[h.lane] = true
	}
	return l.d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		lanes, err := laneNumbers(ctx, tx)
		if err != nil {
			return err
		}
		heads, err := readHeads(ctx, tx) // a lane may have begun meanwhile
		if err != nil {
			return err
		}
		for _, h := range heads {
			known[h.lane] = true
		}
		for _, lane := range lanes {
			if !known[lane] {
				return &ChainError{lane, 1, "the lane has no head"}
			}
		}
		return nil
	})
}

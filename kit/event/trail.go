package event

import (
	"context"
	"crypto/sha256"
	"time"

	"watari/kit/check"
	"watari/kit/db"
)

// Query chooses events for somebody who looks back. Zero fields let everything through but
// payments and orders.
type Query struct {
	AcquirerNo     int64
	Subject, Actor string
	// Kind is how the kind begins: "person." or "person.ended".
	Kind        string
	From, Until time.Time
	// Payments shows also what payments, captures, refunds and orders wrote.
	Payments bool
}

// Recent returns events the newest first, at most limit (at least 1), and the cursor of the page
// behind them. before is the zero Cursor for the newest. more is false on the last page. Events of
// a lane come in its order, lanes are merged by time.
func (l *Log) Recent(
	ctx context.Context, before Cursor, q Query, limit int,
) (found []Event, next Cursor, more bool, err error) {
	check.That(limit > 0, "event: recent with limit %d", limit)
	err = l.d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, next, more = nil, before, false
		heads, err := readHeads(ctx, tx)
		if err != nil {
			return err
		}
		var lanes [][]Event
		for _, h := range heads {
			from, known := before.seqs[h.lane]
			if !known {
				if len(before.seqs) > 0 {
					continue // a lane that began after the first page
				}
				from = h.seq + 1
				next = next.with(h.lane, from)
			}
			evs, err := readBack(ctx, tx, h.lane, from, q, limit+1)
			if err != nil {
				return err
			}
			if len(evs) > 0 {
				lanes = append(lanes, evs)
			}
		}
		for len(found) < limit && len(lanes) > 0 {
			best := 0
			for i := range lanes {
				if lanes[i][0].At.After(lanes[best][0].At) {
					best = i
				}
			}
			e := lanes[best][0]
			found, next = append(found, e), next.with(e.Lane, e.Seq)
			if lanes[best] = lanes[best][1:]; len(lanes[best]) == 0 {
				lanes = append(lanes[:best], lanes[best+1:]...)
			}
		}
		more = len(lanes) > 0
		return nil
	})
	return found, next, more, err
}

// Link is an event with the hash of its predecessor: with both anybody can recompute its own.
type Link struct {
	Event
	Prev []byte // 32 zero bytes before the first of a lane
}

// Holds tells whether the hash of the event follows from its content and its predecessor's hash
// (E3).
func (l Link) Holds() bool {
	sum := sha256.Sum256(canonical(append([]byte(nil), l.Prev...), &l.Event))
	return string(sum[:]) == string(l.Hash)
}

// Head is the end of a lane.
type Head struct {
	Lane int
	Seq  int64
	Hash []byte
}

// Heads returns the ends of all lanes, by lane.
func (l *Log) Heads(ctx context.Context) ([]Head, error) {
	hs, err := l.heads(ctx)
	out := make([]Head, len(hs))
	for i, h := range hs {
		out[i] = Head{h.lane, h.seq, h.hash}
	}
	return out, err
}

// Links returns the events of a lane after one number and up to another, in order, at most limit;
// those of one acquirer, or of all with 0.
func (l *Log) Links(
	ctx context.Context, lane int, after, upTo, acquirerNo int64, limit int,
) (links []Link, err error) {
	check.That(limit > 0, "event: links with limit %d", limit)
	err = l.d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		links, err = readLinks(ctx, tx, lane, after, upTo, acquirerNo, limit)
		return err
	})
	for i := range links {
		if links[i].Seq == 1 {
			links[i].Prev = make([]byte, sha256.Size)
		}
	}
	return links, err
}

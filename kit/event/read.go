package event

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"watari/kit/check"
	"watari/kit/db"
)

// Filter chooses events; zero fields let everything through.
type Filter struct {
	AcquirerNo, StoreNo int64
	Subject             string
	// Kinds lists the wanted kinds; empty: all.
	Kinds []string
}

// match says whether an event passes, as the query of readLane does.
func (f *Filter) match(e *Event) bool {
	return (f.AcquirerNo == 0 || f.AcquirerNo == e.AcquirerNo) &&
		(f.StoreNo == 0 || f.StoreNo == e.StoreNo) &&
		(f.Subject == "" || f.Subject == e.Subject) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, e.Kind))
}

// Cursor is a place in the log: the number reached in each lane. The zero value is the
// beginning. It is a value, reading never changes one.
type Cursor struct{ seqs map[int]int64 }

// String returns the text that ParseCursor reads: letters that need no escaping in URLs,
// otherwise nobody's business. The zero cursor is "".
func (c Cursor) String() string {
	var b []byte
	for i, lane := range slices.Sorted(maps.Keys(c.seqs)) {
		if i > 0 {
			b = append(b, '-')
		}
		b = strconv.AppendInt(b, int64(lane), 10)
		b = append(b, '.')
		b = strconv.AppendInt(b, c.seqs[lane], 10)
	}
	return string(b)
}

// ErrCursor says that a text is not a cursor.
var ErrCursor = errors.New("event: not a cursor")

// maxCursorLanes bounds what ParseCursor takes from a stranger.
const maxCursorLanes = 1024

// ParseCursor reads the text of a cursor. Errors: ErrCursor.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	parts := strings.Split(s, "-")
	if len(parts) > maxCursorLanes {
		return Cursor{}, ErrCursor
	}
	seqs := make(map[int]int64, len(parts))
	for _, p := range parts {
		a, b, ok := strings.Cut(p, ".")
		lane, err1 := strconv.ParseUint(a, 10, 31)
		seq, err2 := strconv.ParseUint(b, 10, 63)
		if !ok || err1 != nil || err2 != nil {
			return Cursor{}, ErrCursor
		}
		if _, twice := seqs[int(lane)]; twice {
			return Cursor{}, ErrCursor
		}
		seqs[int(lane)] = int64(seq)
	}
	return Cursor{seqs}, nil
}

// with returns a cursor that has reached seq in a lane.
func (c Cursor) with(lane int, seq int64) Cursor {
	m := maps.Clone(c.seqs)
	if m == nil {
		m = make(map[int]int64, 1)
	}
	m[lane] = seq
	return Cursor{m}
}

// Head returns the cursor after everything committed so far.
func (l *Log) Head(ctx context.Context) (Cursor, error) {
	heads, err := l.heads(ctx)
	if err != nil {
		return Cursor{}, err
	}
	c := Cursor{make(map[int]int64, len(heads))}
	for _, h := range heads {
		c.seqs[h.lane] = h.seq
	}
	return c, nil
}

// Read returns the events behind a cursor that pass the filter, at most limit (at least 1),
// and the cursor to go on from. Fewer than limit events mean that there are no more for
// now. Events of a lane come in its order, lanes are merged by time.
func (l *Log) Read(
	ctx context.Context, after Cursor, f Filter, limit int,
) ([]Event, Cursor, error) {
	check.That(limit > 0, "event: read with limit %d", limit)
	var lanes [][]Event
	next := after
	err := l.d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		lanes, next = nil, after
		heads, err := readHeads(ctx, tx)
		if err != nil {
			return err
		}
		for _, h := range heads {
			from := after.seqs[h.lane]
			if from >= h.seq {
				continue
			}
			evs, err := readLane(ctx, tx, h.lane, from, h.seq, f, limit)
			if err != nil {
				return err
			}
			if len(evs) < limit { // all up to the head was looked at
				next = next.with(h.lane, h.seq)
			} else {
				next = next.with(h.lane, evs[len(evs)-1].Seq)
			}
			if len(evs) > 0 {
				lanes = append(lanes, evs)
			}
		}
		return nil
	})
	if err != nil {
		return nil, after, err
	}
	out, rest := merge(lanes, limit)
	for _, evs := range rest { // not taken: come back to just before the first of them
		next = next.with(evs[0].Lane, evs[0].Seq-1)
	}
	return out, next, nil
}

// Subject returns all events of a subject, those of a lane in its order, lanes merged by
// time.
func (l *Log) Subject(ctx context.Context, subject string) ([]Event, error) {
	var lanes [][]Event
	err := l.d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		lanes = nil
		all, err := db.All(ctx, tx, scanEvent, `select `+eventCols+` from event
			where subject = $1 order by lane, seq`, subject)
		for start := range all {
			if start == 0 || all[start].Lane != all[start-1].Lane {
				end := start
				for end < len(all) && all[end].Lane == all[start].Lane {
					end++
				}
				lanes = append(lanes, all[start:end])
			}
		}
		return err
	})
	out, _ := merge(lanes, math.MaxInt)
	return out, err
}

// merge takes up to limit events from the lanes, always the earliest of their first ones,
// and returns what is left of the lanes.
func merge(lanes [][]Event, limit int) (out []Event, rest [][]Event) {
	for len(out) < limit && len(lanes) > 0 {
		best := 0
		for i := range lanes {
			if lanes[i][0].At.Before(lanes[best][0].At) {
				best = i
			}
		}
		out = append(out, lanes[best][0])
		if lanes[best] = lanes[best][1:]; len(lanes[best]) == 0 {
			lanes = slices.Delete(lanes, best, best+1)
		}
	}
	return out, lanes
}

// Seq returns the number reached in a lane; 0 in one that the cursor does not know.
func (c Cursor) Seq(lane int) int64 { return c.seqs[lane] }

// With returns a cursor that has reached seq in a lane.
func (c Cursor) With(lane int, seq int64) Cursor { return c.with(lane, seq) }

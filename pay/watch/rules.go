package watch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/id"
)

// refreshEvery is how often an alert that only goes on is written anew.
const refreshEvery = 5 * time.Minute

// about names what can have one live alert (W1).
type about struct {
	kind    Kind
	subject string
}

// known is what is stored of one thing: its live alert, and when its newest one ended.
type known struct {
	live  *Alert
	ended time.Time
}

// move is what one alert becomes; was is the state it is moved from, "" for a new one.
type move struct {
	Alert
	was  State
	step step // "" when only its figures change
}

// judge compares what was found with what is stored. covered are the kinds that were looked at:
// their standing alerts that were not found end (W2).
func judge(
	stored map[about]known, found []Condition, covered map[Kind]bool, now time.Time,
) ([]move, error) {
	var moves []move
	seen := map[about]bool{}
	for _, c := range found {
		at := about{c.Kind, c.Subject}
		if seen[at] {
			continue
		}
		seen[at] = true
		data, err := json.Marshal(c.Data)
		if err != nil {
			return nil, fmt.Errorf("write data of %s: %w", c.Kind, err)
		}
		m, ok := c.meet(stored[at], data, now)
		if ok {
			moves = append(moves, m)
		}
	}
	for at, k := range stored {
		if k.live == nil || seen[at] || !covered[at.kind] || at.kind.Lasting() {
			continue
		}
		a := *k.live
		was := a.State
		a.State, a.Ended, a.EndedBy, a.Last = Ended, now, System, now
		moves = append(moves, move{a, was, end})
	}
	return moves, nil
}

// meet says what a condition does to what is stored.
func (c Condition) meet(k known, data []byte, now time.Time) (move, bool) {
	lasting := c.Kind.Lasting()
	at := now
	if lasting {
		at = clock.FromMicros(clock.Micros(c.At))
	}
	if k.live == nil {
		if c.Severity == "" {
			return move{}, false // W8
		}
		if lasting && !at.After(k.ended) {
			return move{}, false // W4
		}
		return move{Alert{ID: id.New("alr", 0), Kind: c.Kind, Subject: c.Subject,
			Severity: c.Severity, State: Open, Times: max(c.Times, 1), Data: data,
			First: at, Last: at}, "", worsen}, true
	}
	a := *k.live
	if c.Severity == "" || c.Holds != "" && a.Severity == c.Holds { // W8
		c.Severity = c.Holds
	}
	if c.Data == nil {
		data = a.Data
	}
	m := move{Alert: a, was: a.State}
	again := lasting && at.After(a.Last) // W4
	switch {
	case again:
		m.Times = max(a.Times+1, c.Times)
		m.step = worsen
	case lasting:
		return m, false
	case c.Severity.graver(a.Severity):
		m.step = worsen
	case c.Severity == a.Severity && bytes.Equal(data, a.Data) &&
		now.Sub(a.Last) < refreshEvery:
		return m, false
	}
	m.Severity, m.Data, m.Last = c.Severity, data, at
	if m.step == worsen && a.State == Acknowledged { // W3
		m.State, m.AcknowledgedBy, m.Acknowledged = Open, "", time.Time{}
	}
	return m, true
}

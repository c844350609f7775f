package payment

import (
	"strconv"
	"time"

	"watari/kit/check"
	"watari/kit/event"
	"watari/kit/money"
)

// advance moves a payment one step and writes the event (state.go).
func (s *sheet) advance(p *Payment, e Event, actor string, more ...member) {
	from := p.State
	to, ok := Steps.Next(from, e)
	check.That(ok, "payment %s: %s has no step %s", p.ID, from, e)
	p.State = to
	s.dirty[p] = true
	more = append([]member{text("from", string(from)), text("to", string(to)),
		number("terminal", p.TerminalNo), number("notify", wanted(p))}, more...)
	s.tell(p, event.Event{Kind: "payment." + string(to), Data: object(more...)}, actor)
}

// wanted is 1 when the acquirer named an address at which it wants to be told: whoever tells it
// looks at the event, and reads no payment in vain.
func wanted(p *Payment) int64 {
	if p.NotifyURL == "" {
		return 0
	}
	return 1
}

// step moves a leg; its event is written by the caller when people should see it.
func (s *sheet) step(l *Leg, e LegEvent) {
	to, ok := LegSteps.Next(l.State, e)
	check.That(ok, "leg %s: %s has no step %s", l.ID, l.State, e)
	if to != l.State {
		l.Tries = 0
	}
	l.State = to
	s.dirtyLegs[l] = true
}

// turn moves a refund one step and writes the event.
func (s *sheet) turn(p *Payment, f *Refund, e RefundEvent, actor string) {
	from := f.State
	to, ok := RefundSteps.Next(from, e)
	check.That(ok, "refund %s: %s has no step %s", f.ID, from, e)
	f.State = to
	s.dirtyRefunds[f] = true
	if from == to {
		return
	}
	s.tell(p, event.Event{Kind: "refund." + string(to), Data: object(text("refund", f.ID),
		text("from", string(from)), text("to", string(to)),
		amount("amount", f.Order), number("terminal", p.TerminalNo))}, actor)
}

// tell writes an event about a payment.
func (s *sheet) tell(p *Payment, e event.Event, actor string) {
	e.At, e.Subject, e.AcquirerNo, e.StoreNo, e.Actor =
		s.now, p.ID, p.AcquirerNo, p.StoreNo, actor
	s.events = append(s.events, e)
}

// member is one member of an event's data. Events are written twice a payment, so they are
// put together by hand; encoding/json costs ten times as much.
type member struct {
	name string
	text string
	raw  bool
}

func text(name, value string) member { return member{name, value, false} }

func number(name string, v int64) member {
	return member{name, strconv.FormatInt(v, 10), true}
}

func amount(name string, a money.Amount) member {
	return member{name, `{"currency":"` + string(a.Currency()) + `","value":` +
		strconv.FormatInt(a.Minor(), 10) + `}`, true}
}

// object writes the members as an object, leaving out what is empty or zero.
func object(ms ...member) []byte {
	b := make([]byte, 1, 160)
	b[0] = '{'
	for _, m := range ms {
		if m.text == "" || m.raw && m.text == "0" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, m.name)
		b = append(b, ':')
		if m.raw {
			b = append(b, m.text...)
		} else {
			b = appendJSONString(b, m.text)
		}
	}
	return append(b, '}')
}

// appendJSONString writes s as a JSON string; s is valid UTF-8 by the time it is stored.
func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// backoff is the pause before try n of something that must be repeated until it is final:
// seconds at first, a quarter of an hour in the end.
func backoff(n int64) time.Duration {
	pauses := [...]time.Duration{time.Second, 2 * time.Second, 5 * time.Second,
		10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
		15 * time.Minute}
	return pauses[min(max(n, 0), int64(len(pauses)-1))]
}

// refundAlarm is an event about a refund that an operator must look at.
func refundAlarm(kind string, f *Refund) event.Event {
	e := refundEvent(f)
	e.Kind = kind
	return e
}

// refundEvent is the event of a refund that was asked for, or answered with another amount.
func refundEvent(f *Refund) event.Event {
	return event.Event{Kind: "refund." + string(f.State), Data: object(text("refund", f.ID),
		text("to", string(f.State)), amount("amount", f.Order),
		number("terminal", f.TerminalNo))}
}

package gate

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"watari/visit/park"
	"watari/visit/park/ticket"
)

// Phone decides as a device without a network does. The script of the pages does the same
// (ui/web/src/gate/decide.js), and is held to what this decides by testdata/verdicts.json.
type Phone struct {
	Pack  Pack
	known map[string]PackTicket
	own   map[string][]Pass
}

// NewPhone takes a pack along.
func NewPhone(p Pack) *Phone {
	f := &Phone{own: map[string][]Pass{}}
	f.Take(p)
	return f
}

// Take takes another pack along, or a difference to the one before.
func (f *Phone) Take(p Pack) {
	if f.known == nil || !p.Delta {
		f.known = map[string]PackTicket{}
	}
	for _, t := range p.Tickets {
		f.known[t.Number] = t
	}
	f.Pack = p
}

// Knows tells whether a ticket was taken along.
func (f *Phone) Knows(number string) bool { _, ok := f.known[number]; return ok }

// Decide judges a scan at a moment of the corrected clock, and remembers what it admits.
func (f *Phone) Decide(in ScanInput, at time.Time) (Reason, bool) {
	number, reason := f.judge(in, at)
	admitted := reason == Admitted || in.Override != "" && reason.Overridable()
	if admitted && number != "" {
		f.own[number] = append(f.own[number], Pass{Kind: in.Kind, At: at})
	}
	return reason, admitted
}

func (f *Phone) judge(in ScanInput, at time.Time) (string, Reason) {
	number, typed := numberOf(in.Text)
	fs := facts{form: Admitted, alone: true, kind: in.Kind, at: at, digits: true}
	var claim ticket.Claim
	digits := ""
	if typed = typed && in.Typed; !typed {
		keys := map[uint16]ed25519.PublicKey{}
		for no, key := range f.Pack.Keys {
			n, _ := strconv.Atoi(no)
			keys[uint16(n)], _ = hex.DecodeString(key)
		}
		var err error
		claim, digits, err = ticket.Verify(keys, in.Text)
		switch err {
		case nil:
		case ticket.ErrForm:
			return "", Invalid
		case ticket.ErrKey:
			return "", Foreign
		default:
			return "", Forged
		}
		number = claim.Ticket.String()
	}
	t, known := f.known[number]
	if !known && typed {
		return number, Unknown
	}
	product := f.Pack.Products[strconv.FormatInt(int64(claim.Product), 10)]
	fs.known, fs.listed, fs.reentry = known, product.Listed, product.Reentry
	fs.notBefore, fs.notAfter = claim.NotBefore, claim.NotAfter
	changes := claim.Changes
	if known {
		fs.listed, fs.reentry = t.Listed, t.Reentry
		fs.notBefore, fs.notAfter = time.Unix(t.NotBefore*60, 0), time.Unix(t.NotAfter*60, 0)
		fs.revoked = []Reason{"", Cancelled, Replaced}[t.State]
		changes = changes || typed && t.Rotating
		fs.entries, fs.inside = t.Entries, t.Inside
		if t.Last > 0 {
			fs.today = sameDay(time.UnixMilli(t.Last), at)
		}
	}
	if changes {
		fs.digits = f.fresh(number, digits, at)
	}
	for _, p := range f.own[number] {
		if known && p.At.UnixMilli() <= t.Last {
			continue
		}
		fs.today = sameDay(p.At, at)
		if fs.inside = p.Kind == Entry; fs.inside {
			fs.entries++
		}
	}
	return number, judge(fs)
}

func (f *Phone) fresh(number, digits string, at time.Time) bool {
	key, err := hex.DecodeString(f.Pack.Days[park.DayOf(at)])
	if err != nil || len(key) == 0 {
		return false
	}
	id, err := ticket.ParseID(number)
	return err == nil && ticket.CheckDigits(ticket.Secret(key, id), digits, at) == nil
}

// UnmarshalJSON reads the array that MarshalJSON writes.
func (t *PackTicket) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	var rule, listed, rotating, inside int64
	to := []any{&t.Number, &t.ProductNo, &t.Class, &t.NotBefore, &t.NotAfter, &t.State, &rule,
		&listed, &rotating, &t.Entries, &inside, &t.Last, &t.Group, &t.Claims}
	for i, part := range raw {
		if err := json.Unmarshal(part, to[i]); err != nil {
			return err
		}
	}
	t.Reentry, t.Listed, t.Rotating, t.Inside = reentries[rule], listed == 1, rotating == 1,
		inside == 1
	return nil
}

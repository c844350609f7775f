package gate

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"watari/kit/i18n"
	"watari/visit/park"
	"watari/visit/park/ticket"
)

var update = flag.Bool("update", false, "write testdata/verdicts.json anew")

const vectors = "testdata/verdicts.json"

// vector is one scan that a device without a network decides.
type vector struct {
	Name  string `json:"name"`
	Text  string `json:"text"`
	Typed bool   `json:"typed,omitempty"`
	Kind  Kind   `json:"kind"`
	At    int64  `json:"at"`
	// Own are the passes of the ticket that the device saw itself.
	Own    []ownPass `json:"own,omitempty"`
	Number string    `json:"number"`
	Want   Reason    `json:"want"`
}

type ownPass struct {
	Kind Kind  `json:"kind"`
	At   int64 `json:"at"`
}

// made are what the vectors are made from.
type maker struct {
	key   ed25519.PrivateKey
	park  []byte
	noon  time.Time
	pack  Pack
	cases []vector
}

func newMaker() *maker {
	m := &maker{key: ed25519.NewKeyFromSeed([]byte("a seed of thirty-two bytes, said")),
		park: []byte("the park's own key of the digits"), noon: park.At("2026-12-24", 12*60)}
	day := func(d string) string { return hex.EncodeToString(ticket.DayKey(m.park, d)) }
	m.pack = Pack{ParkID: "prk_x", Clock: m.noon.UnixMilli(),
		Until: m.noon.Add(PackFor).UnixMilli(), Park: i18n.Text{i18n.English: "Fuji Kogen"},
		Gate: i18n.Text{i18n.English: "Main Entrance"}, DeviceID: "gdv_x", Label: "Phone 1",
		Keys: map[string]string{"1": hex.EncodeToString(m.key.Public().(ed25519.PublicKey))},
		Days: map[string]string{"2026-12-24": day("2026-12-24"), "2026-12-25": day("2026-12-25")},
		Products: map[string]PackProduct{"1": {Listed: true, Reentry: park.AfterExit},
			"2": {Listed: true, Reentry: park.Once}, "3": {Listed: true, Reentry: park.AnyTime},
			"4": {Reentry: park.Once}, "5": {Listed: true, Reentry: onceADay}}}
	return m
}

// claim is a ticket of the day, by a small number.
func (m *maker) claim(no byte, product uint32, changes bool) ticket.Claim {
	return ticket.Claim{Key: 1, Ticket: ticket.ID{0, 0, 0, 0, 0, 0, 0x10, no}, Product: product,
		NotBefore: park.At("2026-12-24", 9*60), NotAfter: park.At("2026-12-24", 20*60),
		Changes: changes, Class: 1}
}

// know puts a ticket into the pack.
func (m *maker) know(c ticket.Claim, more func(*PackTicket)) {
	p := m.pack.Products[string('0'+rune(c.Product))]
	t := PackTicket{Number: c.Ticket.String(), ProductNo: int64(c.Product), Class: 1,
		NotBefore: c.NotBefore.Unix() / 60, NotAfter: c.NotAfter.Unix() / 60, Reentry: p.Reentry,
		Listed: p.Listed, Rotating: c.Changes, Group: 7}
	if more != nil {
		more(&t)
	}
	m.pack.Tickets = append(m.pack.Tickets, t)
}

// shown is the text of a ticket with its digits of a moment.
func (m *maker) shown(c ticket.Claim, at time.Time) string {
	secret := ticket.Secret(ticket.DayKey(m.park, park.DayOf(at)), c.Ticket)
	return ticket.Sign(m.key, c) + ticket.Digits(secret, at)
}

func (m *maker) add(name, text string, at time.Time, own ...ownPass) *vector {
	m.cases = append(m.cases, vector{Name: name, Text: text, Kind: Entry, At: at.UnixMilli(),
		Own: own})
	return &m.cases[len(m.cases)-1]
}

func (m *maker) passes(kinds ...Kind) (own []ownPass) {
	for i, k := range kinds {
		own = append(own, ownPass{k, m.noon.Add(time.Duration(i-len(kinds)) *
			time.Minute).UnixMilli()})
	}
	return own
}

// fill makes the pack and the cases.
func (m *maker) fill() {
	noon := m.noon
	day, once := m.claim(1, 1, true), m.claim(2, 2, false)
	m.know(day, nil)
	m.know(once, nil)
	m.add("good", m.shown(day, noon), noon)
	m.add("good and static", ticket.Sign(m.key, once), noon)
	for _, off := range []time.Duration{-61, -30, 30, 61, 300} {
		m.add("digits of another moment", m.shown(day, noon.Add(off*time.Second)), noon)
	}
	m.add("no digits", ticket.Sign(m.key, day), noon)
	m.add("typed", codeOf(day.Ticket.String()), noon).Typed = true
	m.add("typed and static", codeOf(once.Ticket.String()), noon).Typed = true
	m.add("typed with blanks", " 0000 0000 0000 1002", noon).Typed = true
	m.add("typed and unknown", "ffff-ffff-ffff-ffff", noon).Typed = true
	m.add("a text typed", ticket.Sign(m.key, once), noon).Typed = true
	m.add("a code as a text", codeOf(once.Ticket.String()), noon)
	for _, at := range []time.Duration{-3*time.Hour - time.Millisecond, -3 * time.Hour,
		8*time.Hour + 59999*time.Millisecond, 8*time.Hour + time.Minute, -26 * time.Hour} {
		m.add("at another time", m.shown(day, noon.Add(at)), noon.Add(at))
	}
	m.add("out when it is late", ticket.Sign(m.key, day), noon.Add(9*time.Hour)).Kind = Exit
	m.fillUsed(day, once)
	m.fillDays(day)
	m.fillStates()
	m.fillBad(once)
}

// fillDays has tickets for several days, and people who were not seen going out.
func (m *maker) fillDays(day ticket.Claim) {
	noon, later := m.noon, m.noon.Add(24*time.Hour)
	pass, lost := m.claim(12, 5, false), m.claim(13, 1, false)
	pass.NotAfter, lost.NotAfter = noon.AddDate(0, 0, 300), noon.AddDate(0, 0, 2)
	m.know(pass, nil)
	m.know(lost, func(t *PackTicket) {
		t.Entries, t.Inside, t.Last = 1, true, noon.Add(-time.Hour).UnixMilli()
	})
	entry := m.passes(Entry)
	m.add("for many days", ticket.Sign(m.key, pass), noon)
	m.add("for many days, once on each", ticket.Sign(m.key, pass), noon, entry...)
	m.add("for many days, on the next", ticket.Sign(m.key, pass), later, entry...)
	m.add("for many days, twice on the next", ticket.Sign(m.key, pass), later,
		append(entry, ownPass{Entry, later.Add(-time.Minute).UnixMilli()})...)
	sold := m.claim(14, 5, false)
	sold.NotAfter = pass.NotAfter
	m.add("for many days, sold since", ticket.Sign(m.key, sold), noon, entry...)
	m.add("for many days, sold since, on the next", ticket.Sign(m.key, sold), later, entry...)
	m.add("inside", ticket.Sign(m.key, lost), noon)
	m.add("never seen going out, on the next day", ticket.Sign(m.key, lost), later)
	m.add("used, and its digits are missing", ticket.Sign(m.key, day), noon, entry...)
	m.add("used, and its code typed", codeOf(day.Ticket.String()), noon, entry...).Typed = true
}

func (m *maker) fillUsed(day, once ticket.Claim) {
	noon := m.noon
	free := m.claim(3, 3, false)
	m.know(free, nil)
	for _, own := range [][]Kind{{Entry}, {Entry, Exit}, {Entry, Exit, Entry}, {Exit}} {
		m.add("seen itself, may come back", m.shown(day, noon), noon, m.passes(own...)...)
		m.add("seen itself, once", ticket.Sign(m.key, once), noon, m.passes(own...)...)
		m.add("seen itself, whenever", ticket.Sign(m.key, free), noon, m.passes(own...)...)
	}
	inside, left := m.claim(4, 1, false), m.claim(5, 1, false)
	last := noon.Add(-time.Hour).UnixMilli()
	m.know(inside, func(t *PackTicket) { t.Entries, t.Inside, t.Last = 1, true, last })
	m.know(left, func(t *PackTicket) { t.Entries, t.Last = 1, last })
	m.add("used elsewhere", ticket.Sign(m.key, inside), noon)
	m.add("used elsewhere, left here", ticket.Sign(m.key, inside), noon, m.passes(Exit)...)
	m.add("left elsewhere", ticket.Sign(m.key, left), noon)
	m.add("left elsewhere, entered here", ticket.Sign(m.key, left), noon, m.passes(Entry)...)
	m.add("what the pack knows counts once", ticket.Sign(m.key, left), noon,
		ownPass{Entry, last - 60_000}, ownPass{Exit, last})
	sold := m.claim(6, 1, false)
	m.add("sold since", ticket.Sign(m.key, sold), noon)
	m.add("sold since, seen", ticket.Sign(m.key, sold), noon, m.passes(Entry)...)
	m.add("sold since, out", ticket.Sign(m.key, sold), noon, m.passes(Entry)...).Kind = Exit
}

func (m *maker) fillStates() {
	noon := m.noon
	cancelled, replaced, ride := m.claim(7, 2, false), m.claim(8, 2, false), m.claim(9, 4, false)
	m.know(cancelled, func(t *PackTicket) { t.State = 1 })
	m.know(replaced, func(t *PackTicket) { t.State = 2 })
	m.know(ride, nil)
	for _, k := range []Kind{Entry, Exit} {
		m.add("cancelled", ticket.Sign(m.key, cancelled), noon).Kind = k
		m.add("replaced", ticket.Sign(m.key, replaced), noon).Kind = k
	}
	m.add("a ride's", ticket.Sign(m.key, ride), noon)
	m.add("an unknown product", ticket.Sign(m.key, m.claim(10, 9, false)), noon)
	listed := m.claim(11, 9, false)
	m.pack.Products["9"] = PackProduct{}
	m.know(listed, func(t *PackTicket) { t.Listed, t.Reentry = true, park.Once })
	m.add("known of an ended product", ticket.Sign(m.key, listed), noon)
}

func (m *maker) fillBad(once ticket.Claim) {
	noon := m.noon
	good := ticket.Sign(m.key, once)
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32)))
	m.add("forged", ticket.Sign(other, once), noon)
	c := once
	c.Key = 2
	m.add("another park's", ticket.Sign(m.key, c), noon)
	for _, text := range []string{"https://park.example", "281001000000000000000000",
		good[:137], good + "1", good + "12345x", strings.ToLower(good), strings.Repeat(":", 138)} {
		m.add("no ticket", text, noon)
	}
	for _, i := range []int{0, 10, 30, 44, 90, 137} {
		r := "0"
		if good[i] == '0' {
			r = "1"
		}
		m.add("changed", good[:i]+r+good[i+1:], noon)
	}
}

// family is what one code shows of people who come together, and what it is taken apart into.
type family struct {
	Text  string   `json:"text"`
	Parts []string `json:"parts"`
}

func (m *maker) together() (all []family) {
	var shown []string
	for i := range ticket.TogetherMax + 1 {
		c := m.claim(byte(0x20+i), 1, i%2 == 0)
		text := ticket.Sign(m.key, c)
		if c.Changes {
			text = m.shown(c, m.noon)
		}
		shown = append(shown, text)
	}
	for n := 1; n <= len(shown); n++ {
		text := strings.Join(shown[:n], "")
		all = append(all, family{text, ticket.Split(text)})
	}
	for _, text := range []string{"x", shown[0] + "x", shown[0] + shown[1] + shown[0],
		shown[1] + shown[1], shown[0][:138] + shown[1], shown[0] + shown[1][:137]} {
		all = append(all, family{text, ticket.Split(text)})
	}
	return all
}

// Goal: devices without a network decide as the network does. Method: the verdicts of this package
// over cases that the tests of the pages' script read; a difference fails one of the two.
func TestVerdictsOfDevices(t *testing.T) {
	t.Parallel()
	m := newMaker()
	m.fill()
	seen := map[Reason]bool{}
	for i := range m.cases {
		v := &m.cases[i]
		f := NewPhone(m.pack)
		in := ScanInput{Text: v.Text, Typed: v.Typed, Kind: v.Kind}
		number, _ := f.judge(in, time.UnixMilli(v.At))
		for _, p := range v.Own {
			f.own[number] = append(f.own[number], Pass{Kind: p.Kind, At: time.UnixMilli(p.At)})
		}
		v.Number, v.Want = f.judge(in, time.UnixMilli(v.At))
		seen[v.Want] = true
	}
	for _, r := range Reasons() {
		if !seen[r] {
			t.Errorf("no case is %s", r)
		}
	}
	got, err := json.MarshalIndent(map[string]any{"pack": m.pack, "cases": m.cases,
		"together": m.together()}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectors, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(vectors)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is decided now: run this test with -update", vectors)
	}
}

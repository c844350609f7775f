package ticket_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watari/visit/park/ticket"
)

var (
	seed = []byte("a seed of thirty-two bytes, said")
	key  = ed25519.NewKeyFromSeed(seed)
	keys = map[uint16]ed25519.PublicKey{7: key.Public().(ed25519.PublicKey)}
	noon = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
)

func claim() ticket.Claim {
	return ticket.Claim{Key: 7, Ticket: ticket.ID{1, 2, 3, 4, 5, 6, 7, 8}, Product: 9, Slot: 10,
		NotBefore: noon, NotAfter: noon.Add(8 * time.Hour), Changes: true, Class: 3}
}

// Goal: the layout never changes under tickets that are printed. Method: a text written down.
func TestLayoutIsFixed(t *testing.T) {
	t.Parallel()
	const want = "V50%*0KB0*M0DY0N01000961000-B17GP%P69GP.N2FT4B6L-HTOXP%CN$V7LHS6E4A70" +
		"Z8JMYT%YGNC9R ISL1ND7XDUWU0OT7%YC*LLKRB1RV:K3 %S/OD5-U TT6*9E-CJP4W0C"
	got := ticket.Sign(key, claim())
	if len(got) != ticket.TextLen || ticket.TextLen != 138 {
		t.Fatalf("%d characters", len(got))
	}
	c, digits, err := ticket.Verify(keys, got)
	if err != nil || c != claim() || digits != "" {
		t.Fatalf("read back %+v %q, %v", c, digits, err)
	}
	if ticket.Sign(key, claim()) != got {
		t.Error("the same ticket has two texts")
	}
	if got != want {
		t.Errorf("the text is\n%s, want\n%s", got, want)
	}
}

// Goal: whatever was signed is read back as it was.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(0, 1<<31).Draw(t, "from")
		c := ticket.Claim{Key: 7, Ticket: ticket.NewID(),
			Product: rapid.Uint32().Draw(t, "product"), Slot: rapid.Uint32().Draw(t, "slot"),
			NotBefore: time.Unix(from*60, 0).UTC(),
			NotAfter:  time.Unix((from+rapid.Int64Range(0, 1<<20).Draw(t, "for"))*60, 0).UTC(),
			Changes:   rapid.Bool().Draw(t, "changes"),
			Class:     ticket.Class(rapid.IntRange(0, 7).Draw(t, "class"))}
		got, _, err := ticket.Verify(keys, ticket.Sign(key, c))
		if err != nil || got != c {
			t.Fatalf("%+v is read as %+v, %v", c, got, err)
		}
		id, err := ticket.ParseID(c.Ticket.String())
		if err != nil || id != c.Ticket {
			t.Fatalf("%s is read as %s, %v", c.Ticket, id, err)
		}
	})
}

// Goal: a ticket that was changed anywhere, or signed by another park, is refused.
func TestForgeriesAreRefused(t *testing.T) {
	t.Parallel()
	good := ticket.Sign(key, claim())
	for i := range good {
		for _, r := range []string{"0", "Z", ":"} {
			bad := good[:i] + r + good[i+1:]
			if bad == good {
				continue
			}
			if _, _, err := ticket.Verify(keys, bad); err == nil {
				t.Fatalf("character %d as %q is taken", i, r)
			}
		}
	}
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32)))
	_, _, err := ticket.Verify(keys, ticket.Sign(other, claim()))
	if !errors.Is(err, ticket.ErrSignature) {
		t.Errorf("another park's: %v", err)
	}
	c := claim()
	c.Key = 8
	if _, _, err := ticket.Verify(keys, ticket.Sign(key, c)); !errors.Is(err, ticket.ErrKey) {
		t.Errorf("an unknown key: %v", err)
	}
	for _, bad := range []string{"", "x", good + "1", good + "12345x", strings.ToLower(good),
		good[:137], good + good, "https://park.example/t/1"} {
		if _, _, err := ticket.Verify(keys, bad); !errors.Is(err, ticket.ErrForm) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Goal: the digits are those of RFC 6238 with SHA-256. Method: the vectors of its appendix B, whose
// last six of eight digits are those of six, for the secret of 32 bytes.
func TestDigitsAreTOTP(t *testing.T) {
	t.Parallel()
	secret, err := hex.DecodeString(
		"3132333435363738393031323334353637383930313233343536373839303132")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[int64]string{59: "119246", 1111111109: "084774",
		1111111111: "062674", 1234567890: "819424", 2000000000: "698825",
		20000000000: "737706"} {
		if got := ticket.Digits(secret, time.Unix(at, 0)); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

// Goal: a screenshot is worth nothing after a minute, and a clock that is half a minute off is no
// hindrance. Method: digits of other moments.
func TestDigitsGrowOld(t *testing.T) {
	t.Parallel()
	day := ticket.DayKey([]byte("the park's own key"), "2026-11-23")
	secret := ticket.Secret(day, claim().Ticket)
	for off, ok := range map[time.Duration]bool{0: true, 30 * time.Second: true,
		-30 * time.Second: true, 61 * time.Second: false, -time.Minute: false,
		time.Hour: false} {
		err := ticket.CheckDigits(secret, ticket.Digits(secret, noon.Add(off)), noon)
		if (err == nil) != ok {
			t.Errorf("%s off: %v", off, err)
		}
	}
	if ticket.CheckDigits(secret, "", noon) == nil {
		t.Error("no digits are taken")
	}
	other := ticket.Secret(day, ticket.ID{9})
	if ticket.CheckDigits(secret, ticket.Digits(other, noon), noon) == nil {
		t.Error("another ticket's digits are taken")
	}
	tomorrow := ticket.DayKey([]byte("the park's own key"), "2026-11-24")
	if ticket.CheckDigits(ticket.Secret(tomorrow, claim().Ticket),
		ticket.Digits(secret, noon), noon) == nil {
		t.Error("yesterday's digits are taken")
	}
	shown := ticket.Sign(key, claim()) + ticket.Digits(secret, noon)
	if _, digits, err := ticket.Verify(keys, shown); err != nil || len(digits) != 6 {
		t.Errorf("as shown: digits %q, %v", digits, err)
	}
}

// Goal: several tickets in one code are taken apart as they were put together, none counts twice,
// and what is no such code stays whole. Method: families of changing and of printed tickets.
func TestTicketsTogether(t *testing.T) {
	t.Parallel()
	family := func(n int, changes bool) (shown []string) {
		for i := range n {
			c := claim()
			c.Ticket, c.Changes = ticket.ID{byte(i + 1)}, changes
			text := ticket.Sign(key, c)
			if changes {
				text += "12345" + string('0'+rune(i))
			}
			shown = append(shown, text)
		}
		return shown
	}
	for n := 1; n <= ticket.TogetherMax; n++ {
		for _, all := range [][]string{family(n, true), family(n, false),
			append(family(n-1, false), family(n, true)[n-1])} {
			if got := ticket.Split(ticket.Join(all...)); !slices.Equal(got, all) {
				t.Errorf("%d are taken apart as %q", n, got)
			}
		}
	}
	two := family(2, true)
	if got := ticket.Split(two[0] + two[1] + two[0]); !slices.Equal(got, two) {
		t.Errorf("one twice: %q", got)
	}
	many := strings.Join(family(ticket.TogetherMax+1, false), "")
	if ticket.Join(family(ticket.TogetherMax+1, false)...) != "" {
		t.Error("too many fit")
	}
	for _, bad := range []string{"", "x", many, two[0] + "x", two[0] + two[1][:140], "1" + two[0]} {
		if got := ticket.Split(bad); len(got) != 1 || got[0] != bad {
			t.Errorf("%q is taken apart: %q", bad, got)
		}
	}
}

// FuzzVerify feeds the reader what a camera may see.
func FuzzVerify(f *testing.F) {
	f.Add(ticket.Sign(key, claim()))
	f.Add(ticket.Sign(key, claim()) + "123456")
	f.Add(strings.Repeat(":", ticket.TextLen))
	f.Fuzz(func(t *testing.T, text string) {
		c, digits, err := ticket.Verify(keys, text)
		if err == nil && ticket.Sign(key, c)+digits != text {
			t.Errorf("%q is a second text of %+v", text, c)
		}
	})
}

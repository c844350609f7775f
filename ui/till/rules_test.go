package till

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"watari/pay/party"
)

// Goal: each rule alone decides, and what no PIN can change is said before one is asked for.
// Method: a giving that is allowed, changed in one point each.
func TestGivingIsJudged(t *testing.T) {
	t.Parallel()
	most := func(n int64) *int64 { return &n }
	good := Giving{Minor: 3000, Rest: 5000, CanRefund: true, PINAbove: 5000, HasPIN: true}
	for _, c := range []struct {
		name   string
		change func(*Giving)
		want   Verdict
	}{
		{"as it is", func(*Giving) {}, Allowed},
		{"no permission", func(g *Giving) { g.CanRefund = false }, NoPermission},
		{"zero", func(g *Giving) { g.Minor = 0 }, NoAmount},
		{"negative", func(g *Giving) { g.Minor = -1 }, NoAmount},
		{"the rest", func(g *Giving) { g.Minor = 5000 }, Allowed},
		{"over the rest", func(g *Giving) { g.Minor = 5001 }, OverRest},
		{"terminal's cap reached", func(g *Giving) { g.TerminalMax = most(3000) }, Allowed},
		{"over the terminal's cap", func(g *Giving) {
			g.TerminalMax, g.TerminalGiven = most(3000), 1
		}, OverTerminal},
		{"over the store's cap", func(g *Giving) { g.StoreMax, g.StoreGiven = most(9000), 6001 },
			OverStore},
		{"a cap of zero", func(g *Giving) { g.StoreMax = most(0) }, OverStore},
		{"PIN needed", func(g *Giving) { g.PINAbove = 2999 }, NeedPIN},
		{"PIN wrong", func(g *Giving) { g.PINAbove, g.PINGiven = 2999, true }, WrongPIN},
		{"PIN right", func(g *Giving) {
			g.PINAbove, g.PINGiven, g.PINGood = 2999, true, true
		}, Allowed},
		{"paused", func(g *Giving) {
			g.PINAbove, g.PINGiven, g.PINGood, g.Paused = 2999, true, true, true
		}, PINPaused},
		{"no PIN set", func(g *Giving) { g.PINAbove, g.HasPIN = 2999, false }, NoPINSet},
		{"no PIN rule at all", func(g *Giving) { g.PINAbove, g.HasPIN = 0, false }, Allowed},
		{"a PIN for everything", func(g *Giving) { g.PINAbove = 0 }, NeedPIN},
		{"over the cap before the PIN", func(g *Giving) {
			g.PINAbove, g.StoreMax = 2999, most(2999)
		}, OverStore},
	} {
		g := good
		c.change(&g)
		if got := g.Judge(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Goal: what is allowed never exceeds the rest nor a cap, and exactly the room passes. Method:
// random givings.
func TestAllowedGivingStaysInItsRoom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := func(name string) *int64 {
			if rapid.Bool().Draw(t, name+"?") {
				n := rapid.Int64Range(0, 1<<53-1).Draw(t, name)
				return &n
			}
			return nil
		}
		amount := rapid.Int64Range(0, 1<<53-1)
		g := Giving{Minor: amount.Draw(t, "minor"), Rest: amount.Draw(t, "rest"),
			CanRefund: true, TerminalMax: limit("terminal"), StoreMax: limit("store"),
			TerminalGiven: amount.Draw(t, "given"), StoreGiven: amount.Draw(t, "givenAll"),
			PINAbove: 1<<53 - 1}
		if g.Judge() == Allowed && g.Minor > g.Room() {
			t.Fatalf("%d is allowed, the room is %d", g.Minor, g.Room())
		}
		if g.Minor = g.Room(); g.Minor > 0 && g.Judge() != Allowed {
			t.Fatalf("the whole room of %d is %s", g.Minor, g.Judge())
		}
	})
}

// Goal: five wrong PINs pause a store, not its neighbour, and only for a while; a right one
// begins anew. Method: a clock that is put forward.
func TestWrongPINsPauseAStore(t *testing.T) {
	t.Parallel()
	hash, err := party.HashPIN("2468")
	if err != nil {
		t.Fatal(err)
	}
	store := party.Store{No: 1, ManagerPINHash: hash}
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	var a attempts

	for range pinTries - 1 {
		a.try(store, "0000", now)
	}
	if !a.try(store, "2468", now) {
		t.Error("the right PIN is refused before the pause")
	}
	for i := range pinTries {
		a.try(store, "0000", now.Add(time.Duration(i)*time.Second))
	}
	if a.try(store, "2468", now.Add(time.Minute)) || !a.paused(1, now.Add(time.Minute)) {
		t.Error("the right PIN is taken during the pause")
	}
	if a.paused(2, now.Add(time.Minute)) {
		t.Error("another store is paused too")
	}
	if !a.try(store, "2468", now.Add(pinWindow)) {
		t.Error("the pause does not end")
	}
}

// Goal: the bars of a day stay in their picture. Method: random days.
func TestHourBarsStayInThePicture(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var hours [24]int64
		for i := range hours {
			hours[i] = rapid.Int64Range(0, 1<<53-1).Draw(t, "yen")
		}
		for _, b := range chart(hours).bars {
			y, height := number(t, b.y), number(t, b.height)
			if y < 0 || height < 1 || y+height != 64 {
				t.Fatalf("%s: y %d, height %d", b.label, y, height)
			}
		}
	})
}

func number(t *rapid.T, s string) (n int) {
	for _, c := range s {
		if c < '0' || c > '9' {
			t.Fatalf("%q is no number", s)
		}
		n = n*10 + int(c-'0')
	}
	return n
}

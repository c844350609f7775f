package fx

import (
	"watari/kit/money"
)

// moveMax is how far a rate may be from the one before it without a second person (X4).
const moveMax money.PPM = 50_000

// Why says why a rate is held back.
type Why string

// The reasons to hold a rate back.
const (
	// Moved: it is more than 5 % off the one before it.
	Moved Why = "moved"
	// Inverted: it is moved, and looks like the one before it turned round.
	Inverted Why = "inverted"
	// Corrected: the same day has another rate already.
	Corrected Why = "corrected"
	// Doubtful: another rate of the day is inverted.
	Doubtful Why = "doubtful"
)

// known is the newest applied rate of a currency before the one that is judged.
type known struct {
	day  string
	rate money.Decimal
}

// judge returns why a rate is held back in view of the one before it; "" when it is not.
func judge(rate, before money.Decimal) Why {
	switch {
	case rate.Near(before, moveMax):
		return ""
	case rate.NearInverse(before, moveMax):
		return Inverted
	}
	return Moved
}

// sieve is a day's rates, told apart.
type sieve struct {
	apply []Reference // new and sound
	first []Reference // the ones in apply with nothing to compare with
	same  int         // stored already
	held  []Held      // not applied, in the order of the file
}

// sift tells a day's rates apart: stored are those of the same day that are applied, before the
// newest applied ones of earlier days. Currencies that no amount can have are left out. Of
// history, which prices nothing, only what contradicts a stored rate is held: ten years of rates
// have days on which a currency fell by a fifth, and nobody would look at each of them.
func sift(
	day Day, stored map[money.Currency]money.Decimal, before map[money.Currency]known,
	history bool,
) (s sieve) {
	inverted := false
	for _, r := range day.Rates {
		if _, ok := r.Currency.Digits(); !ok {
			continue
		}
		was, told := before[r.Currency]
		if there, ok := stored[r.Currency]; ok {
			if there == r.Rate {
				s.same++
				continue
			}
			why := Corrected
			if judge(r.Rate, there) == Inverted {
				why, inverted = Inverted, true
			}
			s.held = append(s.held, held(r, known{day.Date, there}, why))
			continue
		}
		if !told {
			s.first = append(s.first, r)
			s.apply = append(s.apply, r)
			continue
		}
		why := judge(r.Rate, was.rate)
		if why == "" || history {
			s.apply = append(s.apply, r)
			continue
		}
		inverted = inverted || why == Inverted
		s.held = append(s.held, held(r, was, why))
	}
	if !inverted {
		return s
	}
	for _, r := range s.apply {
		s.held = append(s.held, held(r, before[r.Currency], Doubtful))
	}
	s.apply, s.first = nil, nil
	return s
}

// held notes a rate that is not applied.
func held(r Reference, was known, why Why) Held {
	h := Held{Currency: r.Currency, Rate: r.Rate.String(), Why: why}
	if was.day != "" {
		h.Was, h.WasDay = was.rate.String(), was.day
	}
	return h
}

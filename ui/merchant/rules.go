package merchant

// Verdict says whether money may be given back, and what is missing.
type Verdict string

// The verdicts. NeedPIN is asked again with the PIN; all others but Allowed are refusals.
const (
	Allowed   Verdict = "allowed"
	NeedPIN   Verdict = "need_pin"   // above the store's limit, and no PIN was given
	WrongPIN  Verdict = "wrong_pin"  // a PIN was given, and it is not the manager's
	NoAmount  Verdict = "no_amount"  // zero
	OverRest  Verdict = "over_rest"  // more than is left of the payment
	OverStore Verdict = "over_store" // more than the store may give back in a day
	NoPINSet  Verdict = "no_pin_set" // above the store's limit, and no PIN was ever set
	PINPaused Verdict = "pin_paused" // too many wrong PINs; later
)

// Giving is money that a shop wants to give back. Amounts are minor units of JPY.
type Giving struct {
	Minor int64 // what goes back now
	Rest  int64 // what is left of the payment, after refunds and those in process

	StoreMax          *int64 // a day; nil is no limit
	StoreGiven        int64  // today, those in process included
	PINAbove          int64  // above this the manager's PIN is needed; see HasPIN
	HasPIN            bool   // the store has a PIN; without one and with PINAbove 0 no rule is set
	PINGiven, PINGood bool   // a PIN came with the request, and it is the manager's
	Paused            bool   // too many wrong PINs were tried
}

// Judge decides whether money may be given back, by the store's rules for its tills: who is signed
// in may have left the phone on the counter. It is pure. What no PIN can change is said before one
// is asked for.
func (g Giving) Judge() Verdict {
	switch {
	case g.Minor <= 0:
		return NoAmount
	case g.Minor > g.Rest:
		return OverRest
	case g.StoreMax != nil && g.StoreGiven+g.Minor > *g.StoreMax:
		return OverStore
	case g.Minor <= g.PINAbove || !g.HasPIN && g.PINAbove == 0:
		return Allowed
	case !g.HasPIN:
		return NoPINSet
	case g.Paused:
		return PINPaused
	case !g.PINGiven:
		return NeedPIN
	case !g.PINGood:
		return WrongPIN
	}
	return Allowed
}

// Room is the most that can go back at once: the rest of the payment, or less.
func (g Giving) Room() int64 {
	room := g.Rest
	if g.StoreMax != nil {
		room = min(room, *g.StoreMax-g.StoreGiven)
	}
	return max(room, 0)
}

// needsPIN tells whether the form must ask for the manager's PIN.
func (g Giving) needsPIN() bool { return g.HasPIN && g.Minor > g.PINAbove }

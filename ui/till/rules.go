package till

// Verdict says whether a till may give money back, and what is missing.
type Verdict string

// The verdicts. NeedPIN is asked again with the PIN; all others but Allowed are refusals.
const (
	Allowed      Verdict = "allowed"
	NeedPIN      Verdict = "need_pin"      // above the store's limit, and no PIN was given
	WrongPIN     Verdict = "wrong_pin"     // a PIN was given, and it is not the manager's
	NoPermission Verdict = "no_permission" // this terminal does not give money back
	NoAmount     Verdict = "no_amount"     // zero
	OverRest     Verdict = "over_rest"     // more than is left of the payment
	OverTerminal Verdict = "over_terminal" // more than the terminal may give back in a day
	OverStore    Verdict = "over_store"    // more than the store's tills may give back in a day
	NoPINSet     Verdict = "no_pin_set"    // above the store's limit, and no PIN was ever set
	PINPaused    Verdict = "pin_paused"    // too many wrong PINs; later
)

// Giving is money that a till wants to give back. Amounts are minor units of JPY.
type Giving struct {
	Minor int64 // what goes back now
	Rest  int64 // what is left of the payment, after refunds and those in process

	CanRefund         bool   // the terminal's permission
	TerminalMax       *int64 // a day; nil is no limit
	StoreMax          *int64 // a day; nil is no limit
	TerminalGiven     int64  // today, those in process included
	StoreGiven        int64  // today, those in process included
	PINAbove          int64  // above this the manager's PIN is needed; see HasPIN
	HasPIN            bool   // the store has a PIN; without one and with PINAbove 0 no rule is set
	PINGiven, PINGood bool   // a PIN came with the request, and it is the manager's
	Paused            bool   // too many wrong PINs were tried
}

// Judge decides whether money may be given back at a till. It is pure: the same Giving has the
// same verdict. The order matters: what no PIN can change is said before one is asked for.
func (g Giving) Judge() Verdict {
	switch {
	case !g.CanRefund:
		return NoPermission
	case g.Minor <= 0:
		return NoAmount
	case g.Minor > g.Rest:
		return OverRest
	case over(g.TerminalGiven, g.Minor, g.TerminalMax):
		return OverTerminal
	case over(g.StoreGiven, g.Minor, g.StoreMax):
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

// over says whether given and more together exceed most. Both are at most 2^53, so the sum
// cannot overflow.
func over(given, more int64, most *int64) bool { return most != nil && given+more > *most }

// Room is the most that the caps leave for one refund: the rest of the payment or less.
func (g Giving) Room() int64 {
	room := g.Rest
	if g.TerminalMax != nil {
		room = min(room, *g.TerminalMax-g.TerminalGiven)
	}
	if g.StoreMax != nil {
		room = min(room, *g.StoreMax-g.StoreGiven)
	}
	return max(room, 0)
}

// needsPIN tells whether the form must ask for the manager's PIN.
func (g Giving) needsPIN() bool { return g.HasPIN && g.Minor > g.PINAbove }

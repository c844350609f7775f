package wallet

// Why is a reason for which something was not done, in no protocol's words. Each front maps it
// to its protocol's own code.
type Why string

// The reasons.
const (
	WhyNone         Why = ""
	WhyBalance      Why = "balance"       // the user has not enough
	WhyCode         Why = "code"          // not a code of this wallet and user, or it paid before
	WhyCodeExpired  Why = "code_expired"  // a code that is over
	WhyToken        Why = "token"         // no consent stands under this token
	WhyNobody       Why = "nobody"        // the wallet has no such user
	WhyCurrency     Why = "currency"      // not the currency that is expected
	WhyLimit        Why = "limit"         // above a limit of the wallet
	WhyUser         Why = "user"          // the user said no
	WhyPIN          Why = "pin"           // too many wrong PINs
	WhyClosed       Why = "closed"        // cancelled before
	WhyExpired      Why = "expired"       // nobody answered, or paid, in time
	WhyTaken        Why = "taken"         // another user is paying this order
	WhyInconsistent Why = "inconsistent"  // the id was used for something else
	WhyUnknown      Why = "unknown"       // there is no such payment
	WhyState        Why = "state"         // not as the payment stands
	WhyAmount       Why = "amount"        // more than was promised, or nothing
	WhyCancelWindow Why = "cancel_window" // too late to cancel
	WhyRefundWindow Why = "refund_window" // too late to refund
	WhyRefundOver   Why = "refund_over"   // more than is left of the payment
)

// Whys are all reasons but WhyNone; a front has a code for each.
func Whys() []Why {
	return []Why{WhyBalance, WhyCode, WhyCodeExpired, WhyToken, WhyNobody, WhyCurrency, WhyLimit,
		WhyUser, WhyPIN, WhyClosed, WhyExpired, WhyTaken, WhyInconsistent, WhyUnknown, WhyState,
		WhyAmount, WhyCancelWindow, WhyRefundWindow, WhyRefundOver}
}

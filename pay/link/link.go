package link

import (
	"context"
	"slices"
	"time"

	"watari/kit/money"
)

// Outcome is what a wallet said of one step. The zero value is not an outcome.
type Outcome string

// The three outcomes. Every switch over an outcome has three cases.
const (
	Approved Outcome = "approved"
	Declined Outcome = "declined"
	Unknown  Outcome = "unknown"
)

// Reason says why a wallet declined, in words a cashier can be told. Pages translate it.
type Reason string

// The reasons. A connector maps each documented code of its protocol to one of these.
const (
	ReasonNone          Reason = ""
	ReasonBalance       Reason = "insufficient_funds"
	ReasonLimitAmount   Reason = "over_payment_limit"
	ReasonLimitTotal    Reason = "over_user_limit"
	ReasonLimitCount    Reason = "too_many_payments"
	ReasonCodeInvalid   Reason = "code_invalid"
	ReasonCodeExpired   Reason = "code_expired"
	ReasonUserBlocked   Reason = "user_blocked"
	ReasonUserUnknown   Reason = "user_unknown"
	ReasonVerification  Reason = "verification_failed"
	ReasonRisk          Reason = "risk"
	ReasonRegulation    Reason = "regulation"
	ReasonMerchant      Reason = "merchant_not_accepted"
	ReasonClosed        Reason = "order_closed"
	ReasonConfiguration Reason = "configuration"
	ReasonWindow        Reason = "window_exceeded"
	ReasonAmount        Reason = "refund_amount_exceeded"
	ReasonOther         Reason = "declined"
	// ReasonUnavailable: the wallet was not asked, because it does not answer now. Nothing can
	// have been debited; package guard says it.
	ReasonUnavailable Reason = "wallet_unavailable"
)

// Shop is what a wallet shows its user about the place of the payment.
type Shop struct {
	MerchantID, MerchantName string // the acquirer's reference; name in Latin or local script
	StoreID, StoreName       string
	TerminalID               string
	MCC                      string // four digits, ISO 18245
	Prefecture               string // ISO 3166-2:JP, for example JP-21; may be empty
}

// Quote is the rate that was locked for a payment and printed on its receipt.
type Quote struct {
	ID          string
	Rate        money.Rate // order currency to pay-to currency
	From, Until time.Time
}

// Authorise asks a wallet to debit its user.
type Authorise struct {
	OurRequestID string // minted by us, unique for ever, at most Capabilities.IDMax characters
	AcquirerID   string
	IssuerID     string
	PaymentID    string
	OrderRef     string // the acquirer's order number; shown on receipts
	Description  string
	Code         string       // the wallet code as it was scanned
	Order        money.Amount // what the shop asked
	PayTo        money.Amount // what the wallet will owe us
	Quote        Quote
	Shop         Shop
	Expires      time.Time // after this the wallet must refuse to debit
	// Hold asks for a promise that is captured later; only with a Holder.
	Hold bool
	// Token is the payer's standing consent, instead of Code; only with an Agreer.
	Token string
}

// About names an earlier Authorise or Prepare, with what its connector may need to find it: a
// connector keeps nothing itself (C3).
type About struct {
	OurRequestID, AcquirerID, IssuerID string
	TheirID                            string // "" when the wallet has not named one
	PreparedID                         string // of the Form; "" when there was none
	Way                                Way
	Order, PayTo                       money.Amount // as they were asked
	At                                 time.Time    // when it was asked
	Held                               bool         // it was a Hold
}

// Inquire asks for the state of an earlier Authorise or Prepare.
type Inquire struct{ About }

// Cancel asks a wallet to give the whole of a payment back, whatever its state.
type Cancel struct{ About }

// Refund asks a wallet to give part of a payment back. Resending uses the same id.
type Refund struct {
	About                 // the payment; its Order and PayTo are what was paid as a whole
	RefundID string       // minted by us, unique for ever
	Order    money.Amount // what is returned, in the order currency
	PayTo    money.Amount // what is returned, in the settlement currency
	Reason   string
	// Known are the wallet's ids of this payment's other refunds that succeeded, for wallets
	// that do not keep our refund ids; nil when the caller cannot say.
	Known []string
}

// Answer is what a wallet said. Fields it did not send have their zero value; the core
// compares those that are present with what it asked (C2).
type Answer struct {
	Outcome    Outcome
	Reason     Reason        // with Declined
	UserActing bool          // unknown because the user must still confirm, a PIN for example
	Agreed     bool          // unknown because the wallet waits for our Complete
	NoSuch     bool          // unknown because the wallet does not know the id (inquiry)
	GivenBack  bool          // approved, and its user has money of it back (inquiry)
	RequestID  string        // our request id as the wallet repeated it; "" if it did not
	TheirID    string        // the wallet's own id of the payment or refund
	Customer   string        // the wallet's id of the payer; personal data
	Order      *money.Amount // the order amount as the wallet repeated it
	PayTo      *money.Amount // the settlement amount as the wallet repeated it
	Payer      *money.Amount // what the user's account was debited; shown, never posted
	At         time.Time     // when the wallet says it happened; zero if it did not say
	Code       string        // the wallet's own result code, for the operator
	Cause      error         // why the outcome is unknown; private, for the log
}

// Notice is what a wallet tells us on its own about an earlier Authorise or Prepare.
type Notice struct {
	OurRequestID string
	Answer       Answer // never Unknown
}

// Receiver takes what wallets tell on their own; the payment core is one.
type Receiver interface {
	// Notify takes a verified notice. It returns when the notice is committed.
	Notify(ctx context.Context, issuerNo int64, n Notice) error
	// Poke says that something may have happened to a request: it is inquired at once. For
	// notices that prove nothing by themselves, and for users who come back from a wallet. An
	// id that is not one of this wallet's is an error.
	Poke(ctx context.Context, issuerNo int64, ourRequestID string) error
}

// Capabilities is what a connector can do and within which times. Limits are inclusive.
type Capabilities struct {
	IDMax         int             // longest request id, characters
	CallMax       time.Duration   // longest wait for authorise, cancel and refund
	InquiryMax    time.Duration   // longest wait for inquire
	Inquiries     []time.Duration // pauses between inquiries; the last one repeats
	Deadline      time.Duration   // from the request to giving up and cancelling
	CodeLife      time.Duration   // how long a user has for a payer code payment
	PartialRefund bool
	ZeroRefund    bool          // a refund that rounds to zero in PayTo may be sent
	RefundWindow  time.Duration // from the payment
	// Ways are how payers of this wallet can pay. WayCode is Connector.Authorise; WayOrder and
	// WayPage need a Preparer, or a protocol in which the wallet resolves our codes itself
	// (WayMerchant and WayOrder with OwnCodes); WayAgreement needs an Agreer.
	Ways []Way
	// Resolves says that the wallet asks us what a code of ours means, and then debits and
	// tells us: it needs no Prepare for WayOrder and WayMerchant.
	Resolves bool
	// HoldLife is how long a promise stands before the wallet drops it, 0 when the wallet
	// cannot promise (no Holder). Captures is how often one promise may be captured.
	HoldLife time.Duration
	Captures int
	// CancelUntil is the end of the window in which a payment made at t can be cancelled
	// by the acquirer; WalletUntil is the end of the window in which the wallet honours it.
	CancelUntil func(t time.Time) time.Time
	WalletUntil func(t time.Time) time.Time
}

// Can says whether payers can pay in a way.
func (c Capabilities) Can(w Way) bool { return slices.Contains(c.Ways, w) }

// Connector speaks one wallet's protocol. It is safe for concurrent use. What not every protocol
// has is in Preparer, Completer, Holder and Agreer: a connector fulfils those that it can.
type Connector interface {
	Name() string // the folder under connect/
	Capabilities() Capabilities
	Authorise(ctx context.Context, to Endpoint, r Authorise) Answer
	Inquire(ctx context.Context, to Endpoint, r Inquire) Answer
	Cancel(ctx context.Context, to Endpoint, r Cancel) Answer
	Refund(ctx context.Context, to Endpoint, r Refund) Answer
}

// Endpoint is where and as whom a wallet is called; it comes from the directory.
type Endpoint struct {
	IssuerNo int64
	IssuerID string
	ClientID string // how we name ourselves to the wallet
	BaseURL  string // no trailing slash
	// NotifyURL is where this wallet's notices reach us; "" when we are not reachable.
	NotifyURL string
}

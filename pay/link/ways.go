package link

import (
	"context"
	"time"

	"watari/kit/money"
)

// Way is how a payer and a shop meet.
type Way string

// The ways to pay.
const (
	WayCode      Way = "wallet_code"   // the shop scans a code on the payer's phone
	WayOrder     Way = "order_code"    // the payer scans a code that holds one order
	WayMerchant  Way = "merchant_code" // the payer scans a printed code and types the amount
	WayEntry     Way = "entry_code"    // a scanned link opens a page in the wallet's own browser
	WayPage      Way = "page"          // a web page or mini-app sends the payer to the wallet
	WayAgreement Way = "agreement"     // a consent given before; the payer does nothing
)

// Ways are all ways, in the order of the documents.
func Ways() []Way {
	return []Way{WayCode, WayOrder, WayMerchant, WayEntry, WayPage, WayAgreement}
}

// Prepare asks a wallet to make an order that its user pays afterwards.
type Prepare struct {
	Authorise        // Code and Token are empty
	Way       Way    // WayOrder, WayEntry or WayPage
	ReturnURL string // where the wallet sends its user when it is done; "" for WayOrder
	CancelURL string // where it sends a user who gave up; ReturnURL when empty
	UserAgent string // of the payer's browser, as it said; "" when not known
	PayerIP   string // of the payer's browser; "" when not known
	Payer     string // the wallet's own id of the user when a sign-in told it, else ""
}

// Form is how the user gets to the order in the wallet. At least one field is set.
type Form struct {
	CodeText string            // text of a QR code that the wallet's scanner understands
	PageURL  string            // https address to send the user's browser to
	AppURL   string            // address that opens the wallet's app
	Params   map[string]string // arguments of the wallet's own in-page payment call
	Expires  time.Time         // zero when the wallet did not say
	// PreparedID is the wallet's id of the order as long as it is not paid, of a wallet that gives
	// the payment another one (Answer.TheirID). It comes back in About.
	PreparedID string
}

// Preparer is a connector whose wallet makes orders before they are paid.
//
// The answer to Prepare is Unknown with UserActing when the order stands and its user may pay,
// Declined when the wallet will not have it, and Unknown with a Cause otherwise. It is never
// Approved. Sending the same request again returns the same order or an error of the wallet,
// never a second order. Inquire, Cancel and Refund take the same OurRequestID.
type Preparer interface {
	Prepare(ctx context.Context, to Endpoint, r Prepare) (Form, Answer)
}

// Completer is a connector whose wallet debits only when we say so after its user has agreed
// (Answer.Agreed). Complete may be sent again; it debits once.
type Completer interface {
	Complete(ctx context.Context, to Endpoint, r About) Answer
}

// Capture takes part or all of what was promised.
type Capture struct {
	About                  // the promise
	CaptureID string       // minted by us, unique for ever
	Order     money.Amount // what is taken, in the order currency
	PayTo     money.Amount // what is taken, in the settlement currency
	Last      bool         // nothing more will be taken: the rest may be released
}

// Holder is a connector whose wallet can promise an amount and pay it later. Cancel releases a
// promise of which nothing was captured.
type Holder interface {
	// Capture takes money. An answer that is Unknown is followed by the same Capture.
	Capture(ctx context.Context, to Endpoint, r Capture) Answer
}

// Consent asks a wallet's user to allow later charges without being asked each time.
type Consent struct {
	OurConsentID string // minted by us, unique for ever
	AcquirerID   string
	IssuerID     string
	Shop         Shop
	Description  string // what the charges will be for
	ReturnURL    string
	UserAgent    string
	TheirID      string // of a consent that was asked before; "" when asking
}

// ConsentAnswer is how a consent stands. Token is set with Approved.
type ConsentAnswer struct {
	Answer
	Token   string    // what a charge names; secret, kept sealed
	Expires time.Time // zero when it has no end
}

// Agreer is a connector whose wallet keeps standing consents. Charges are Authorise with Token.
type Agreer interface {
	// AskConsent starts; its answer is like Prepare's.
	AskConsent(ctx context.Context, to Endpoint, r Consent) (Form, ConsentAnswer)
	// ConsentState asks how it stands. returned are the parameters that the user's browser
	// brought back to ReturnURL, nil when it did not; they are not to be trusted unverified.
	ConsentState(ctx context.Context, to Endpoint, r Consent,
		returned map[string]string) ConsentAnswer
	// Revoke ends a consent. Approved when the wallet knows it no more.
	Revoke(ctx context.Context, to Endpoint, r Consent, token string) Answer
}

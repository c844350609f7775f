package visitor

import (
	"time"

	"watari/kit/i18n"
)

// Wallet is one that people can sign in with.
type Wallet struct {
	IssuerNo int64
	IssuerID string
	Name     string
	// Connector is the protocol that the wallet speaks, a folder of connect.
	Connector string
	// InsideOnly says that the wallet lets people in only from its own browser.
	InsideOnly bool
}

// Beginning is a wish to sign in.
type Beginning struct {
	IssuerID string
	// Next is where to go afterwards: a path of this site. Anything else becomes "/visit".
	Next string
	// ReturnURL is where the wallet sends the browser back to, on this site.
	ReturnURL string
	// Inside says that the browser is the wallet's own.
	Inside bool
	Lang   i18n.Lang
}

// Start is where a browser goes, and the cookie that it takes along: HttpOnly, SameSite=Lax,
// Secure under TLS, for TripTime.
type Start struct {
	URL    string
	Cookie string
}

// Entry is a sign-in that succeeded.
type Entry struct {
	// Secret is the session's, for a cookie; it ends at Until.
	Secret  string
	Until   time.Time
	Visitor Visitor
	// Next is where to go now: a path of this site.
	Next string
	// First says that the visitor was not known before.
	First bool
}

package link

import (
	"context"
	"errors"
	"net/url"
)

// SignInTrip is one visit of a browser to its wallet, to be signed in. Who makes it keeps it until
// the browser comes back, where nobody else can change it.
type SignInTrip struct {
	IssuerID string
	// BaseURL is where the wallet is called, and PageURL where browsers find it; both as the
	// directory has them, without a trailing slash. A protocol has addresses of its own unless the
	// credentials say that they are these.
	BaseURL, PageURL string
	// State and Nonce are unguessable, at least 128 bits in letters and digits. State comes back
	// as the parameter of that name and is compared by who made the trip; Nonce comes back inside
	// what the wallet proves, where its protocol has a place for it, and is compared by the
	// connector.
	State, Nonce string
	// Verifier is the secret of PKCE (RFC 7636, 4.1), for protocols that have it.
	Verifier string
	// ReturnURL is where the wallet sends the browser back to: one for each wallet, so that the
	// answer of another wallet is noticed. It has no query.
	ReturnURL string
	// Inside says that the browser is the wallet's own.
	Inside bool
	// Lang is the language of the page, BCP 47.
	Lang string
}

// SignInSubject is who came back, as the wallet says.
type SignInSubject struct {
	// App is the application of ours that ID belongs to: wallets give one user another id in each.
	App string
	// ID is the wallet's lasting id of its user in App.
	ID string
	// Customer is the id by which this wallet's payments name the same user; "" when they do not.
	Customer string
	// Name is what the user wants to be called; "" when the wallet does not say.
	Name string
}

// SignIn lets users of a wallet in: OAuth 2.0 (RFC 6749) or what the wallet has in its place. A
// connector to sign-in keeps nothing; it is safe for concurrent use.
type SignIn interface {
	// Offered tells whether users of a wallet can be signed in, and whether only from its own
	// browser.
	Offered(issuerID string) (offered, insideOnly bool)
	// Start returns where the browser goes.
	//
	// Errors: ErrSignInFailed.
	Start(ctx context.Context, t SignInTrip) (string, error)
	// Finish proves who came back by the parameters that the browser brought. A proof works once.
	//
	// Errors: ErrSignInDenied, ErrSignInFailed.
	Finish(ctx context.Context, t SignInTrip, back url.Values) (SignInSubject, error)
}

var (
	// ErrSignInDenied says that the user or the wallet said no, or that what came back proves
	// nothing.
	ErrSignInDenied = errors.New("the wallet did not let its user in")
	// ErrSignInFailed says that the wallet does not answer, or not as it should.
	ErrSignInFailed = errors.New("the wallet's sign-in does not work")
)

package visitor

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrSignedOut: there is no such session, whatever the reason.
	ErrSignedOut = fault.Define("visitor-signed-out", fault.Unauthenticated,
		"The visitor is not signed in")
	// ErrTrip: the browser that came back from a wallet is not the one that was sent, comes a
	// second time, or too late.
	ErrTrip = fault.Define("visitor-sign-in-over", fault.Conflict,
		"This sign-in is over: begin again")
	// ErrDenied: the visitor, or their wallet, said no.
	ErrDenied = fault.Define("visitor-sign-in-denied", fault.Forbidden,
		"The wallet did not let the visitor in")
	// ErrWallet: the wallet does not answer, or not as it should.
	ErrWallet = fault.Define("visitor-sign-in-failed", fault.Unavailable,
		"The wallet's sign-in does not work now")
	// ErrWalletUnknown: nobody signs in with this wallet here.
	ErrWalletUnknown = fault.Define("visitor-wallet-unknown", fault.NotFound,
		"Visitors do not sign in with this wallet")
	// ErrInsideOnly: the wallet lets people in only from its own browser.
	ErrInsideOnly = fault.Define("visitor-wallet-browser-needed", fault.Conflict,
		"This wallet lets people in only from its own browser")
	// ErrUnknown: there is no such visitor.
	ErrUnknown = fault.Define("visitor-unknown", fault.NotFound, "There is no such visitor")
)

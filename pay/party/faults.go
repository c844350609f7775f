package party

import "watari/kit/fault"

// The problems that this package reports.
var (
	ErrParticipantUnknown = fault.Define("participant-unknown", fault.NotFound,
		"No such participant")
	ErrMerchantUnknown = fault.Define("merchant-unknown", fault.NotFound, "No such merchant")
	ErrStoreUnknown    = fault.Define("store-unknown", fault.NotFound, "No such store")
	ErrTerminalUnknown = fault.Define("terminal-unknown", fault.NotFound, "No such terminal")
	// ErrWalletUnknown: no issuer of this number or code group is connected.
	ErrWalletUnknown = fault.Define("wallet-unknown", fault.NotFound, "No such wallet")
	// ErrAgreementUnknown: nothing was agreed in this role and currency, or it has ended.
	ErrAgreementUnknown = fault.Define("agreement-unknown", fault.Unprocessable,
		"Nothing is agreed in this role and currency")
	// ErrKeyUnknown: the participant has no key of this version that is valid now.
	ErrKeyUnknown = fault.Define("key-unknown", fault.Unauthenticated,
		"No valid key of this version")
	// ErrKeyVersionUnknown: the caller of the API never had a key of this version.
	ErrKeyVersionUnknown = fault.Define("key-version-unknown", fault.NotFound,
		"No such key version")

	ErrAcquirerNotOpen = fault.Define("acquirer-not-open", fault.Forbidden,
		"The acquirer does not take payments now")
	ErrMerchantNotOpen = fault.Define("merchant-not-open", fault.Unprocessable,
		"The merchant does not take payments now")
	ErrStoreNotOpen = fault.Define("store-not-open", fault.Unprocessable,
		"The store does not take payments now")
	ErrTerminalNotOpen = fault.Define("terminal-not-open", fault.Unprocessable,
		"The terminal does not take payments now")
	// ErrCategory: a merchant that nobody checked may not be of this category.
	ErrCategory = fault.Define("merchant-category-banned", fault.Unprocessable,
		"The category is not admitted without a check")

	// ErrInvalid names each wrong field of a participant, agreement, merchant, store,
	// terminal or key.
	ErrInvalid = fault.Define("party-invalid", fault.Unprocessable, "A field is not valid")
	// ErrTaken: the owner has used this id, client id, code group or key version already.
	ErrTaken = fault.Define("party-taken", fault.Conflict, "The id is taken")
	// ErrStatus: the status cannot change so; closed is final.
	ErrStatus = fault.Define("party-status-conflict", fault.Conflict,
		"The status cannot change so")

	// ErrActivation: the link is not known, was used, or has expired; which is not said.
	ErrActivation = fault.Define("terminal-activation-invalid", fault.NotFound,
		"The activation link does not work any more")
	// ErrSession: the session is not known, was revoked, or its terminal is closed.
	ErrSession = fault.Define("terminal-session-unknown", fault.Unauthenticated,
		"The terminal is not activated")
)

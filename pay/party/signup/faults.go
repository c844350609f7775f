package signup

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrUnknown: the acquirer has no such application.
	ErrUnknown = fault.Define("application-unknown", fault.NotFound, "No such application")
	// ErrInvalid names each wrong field by its JSON pointer into the form.
	ErrInvalid = fault.Define("application-invalid", fault.Unprocessable,
		"A field of the application is not valid")
	// ErrState: the application cannot do this step from where it stands.
	ErrState = fault.Define("application-state-conflict", fault.Conflict,
		"The application is in another state")
	// ErrStale: somebody changed the application since the version that was named.
	ErrStale = fault.Define("application-changed", fault.Conflict,
		"The application was changed since")
	// ErrOwn: who filled the form in asked to approve it (U2).
	ErrOwn = fault.Define("application-own", fault.Forbidden,
		"An application is approved by a second person")
	// ErrIncomplete names what an approval lacks: screening, documents (U3).
	ErrIncomplete = fault.Define("application-incomplete", fault.Unprocessable,
		"Something is missing for an approval")
	// ErrCategory: merchants of this category are not signed.
	ErrCategory = fault.Define("application-category-refused", fault.Unprocessable,
		"Merchants of this category are not signed")
	// ErrDocument: the application has no such document.
	ErrDocument = fault.Define("document-unknown", fault.NotFound, "No such document")
	// ErrDocumentInvalid: not a PDF, JPEG or PNG, too large, or too many.
	ErrDocumentInvalid = fault.Define("document-invalid", fault.Unprocessable,
		"The document is not accepted")
	// ErrInvitation: the link is not known, was revoked or has expired; which is not said.
	ErrInvitation = fault.Define("invitation-invalid", fault.NotFound,
		"The invitation does not work any more")
	// ErrBusy: the link has begun as many applications today as it may.
	ErrBusy = fault.Define("invitation-busy", fault.TooMany,
		"This link has begun too many applications today")
	// ErrPayout: the merchant has no such payout account.
	ErrPayout = fault.Define("payout-account-unknown", fault.NotFound, "No such payout account")
	// ErrPayoutState: it was decided or stopped already, or is in force.
	ErrPayoutState = fault.Define("payout-account-state-conflict", fault.Conflict,
		"The payout account is in another state")
	// ErrPayouts: as many accounts of the merchant wait for a second person as may.
	ErrPayouts = fault.Define("payout-account-too-many", fault.Conflict,
		"Too many payout accounts wait")
	// ErrImport: the acquirer has no such import.
	ErrImport = fault.Define("import-unknown", fault.NotFound, "No such import")
	// ErrImportFile: the file cannot be read at all; member "line" says where.
	ErrImportFile = fault.Define("import-file-invalid", fault.Unprocessable,
		"The file cannot be read")
	// ErrImportBusy: another import of this acquirer is running.
	ErrImportBusy = fault.Define("import-running", fault.Conflict,
		"Another import is running")
	// ErrUnderReview: the registration before of this merchant is not decided yet.
	ErrUnderReview = fault.Define("registration-under-review", fault.Conflict,
		"The registration before is under review")
	// ErrRegistration: the acquirer registered no such merchant by protocol.
	ErrRegistration = fault.Define("registration-unknown", fault.NotFound,
		"No such registration")
	// ErrCursor: the cursor is not one that a list gave out.
	ErrCursor = fault.Define("application-cursor-invalid", fault.Invalid,
		"The cursor is not valid")
)

package people

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrSignedOut: there is no such session, or it ended.
	ErrSignedOut = fault.Define("signed-out", fault.Unauthenticated, "Please sign in")
	// ErrRefused: the e-mail address and the password do not belong together; which of the two
	// is wrong is not said.
	ErrRefused = fault.Define("sign-in-refused", fault.Unauthenticated,
		"The e-mail address or the password is not right")
	// ErrLocked: too many wrong passwords or codes, for the account or from the address.
	ErrLocked = fault.Define("sign-in-locked", fault.TooMany,
		"Too many attempts: try again later")
	// ErrBusy: more people sign in at this moment than this computer can check.
	ErrBusy = fault.Define("sign-in-busy", fault.Unavailable, "Too many people sign in now")
	// ErrCode: the code is wrong, over or was used before.
	ErrCode = fault.Define("sign-in-code-refused", fault.Unprocessable, "The code is not right")
	// ErrTicket: the step before is too long ago, or was finished.
	ErrTicket = fault.Define("sign-in-ticket-over", fault.Conflict,
		"Please begin the sign-in again")
	// ErrConfirm: the session must be confirmed by the password first.
	ErrConfirm = fault.Define("sign-in-confirm", fault.Forbidden,
		"Please enter your password again first")
	// ErrPassword: the password is too short, too long, or the e-mail address.
	ErrPassword = fault.Define("password-weak", fault.Unprocessable,
		"The password cannot be used")
	// ErrPasskey: the browser's answer does not fit, or nobody has this passkey.
	ErrPasskey = fault.Define("passkey-refused", fault.Unprocessable,
		"The passkey was not accepted")
	// ErrHasTOTP: there is an authenticator app already.
	ErrHasTOTP = fault.Define("totp-exists", fault.Conflict,
		"An authenticator app is set up already")
	// ErrNoFactor: recovery codes stand in for a second factor, and there is none.
	ErrNoFactor = fault.Define("second-factor-missing", fault.Conflict,
		"There is no second factor")
	// ErrLastFactor: the role must have a second factor and this is the last.
	ErrLastFactor = fault.Define("second-factor-last", fault.Conflict,
		"This role needs a second factor, and this is the last one")
	// ErrInvitation: no link has that secret, or it was used, withdrawn or is over.
	ErrInvitation = fault.Define("invitation-not-found", fault.NotFound,
		"The link is not valid any more")
	// ErrInvitationWaits: a second operator has not approved it yet.
	ErrInvitationWaits = fault.Define("invitation-waits", fault.Conflict,
		"The invitation waits for a second operator")
	// ErrTaken: the e-mail address belongs to somebody who is here already.
	ErrTaken = fault.Define("person-exists", fault.Conflict,
		"Somebody with this e-mail address is here already")
	// ErrNotInvited: the bank's provider answers for somebody whom the bank has not let in.
	ErrNotInvited = fault.Define("sign-in-not-invited", fault.Forbidden,
		"Your bank has not invited you")
	// ErrPlace: no bank, merchant or store has that id, or none that the caller may see.
	ErrPlace = fault.Define("place-not-found", fault.NotFound,
		"No such bank, merchant or store")
	// ErrPerson: nobody with that id, or nobody whom the caller may see.
	ErrPerson = fault.Define("person-not-found", fault.NotFound, "No such person")
	// ErrMayNot: the caller sees the person and may not do this to them.
	ErrMayNot = fault.Define("person-not-yours", fault.Forbidden,
		"Your role does not reach that far")
	// ErrInvalid: a name, address, language or place that cannot be; Fields say which.
	ErrInvalid = fault.Define("person-invalid", fault.Unprocessable,
		"Something about the person cannot be right")
	// ErrTooMany: a limit on people, invitations, passkeys or keys of one place is reached.
	ErrTooMany = fault.Define("people-limit", fault.Conflict, "There are too many of them")
)

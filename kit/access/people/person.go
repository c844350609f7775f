package people

import (
	"time"

	"watari/kit/access"
)

// Place is what a person is, and where: one membership, with the numbers that access.Grant asks
// for (A4).
type Place struct {
	Role          access.Role
	ParticipantNo int64 // 0 for operators
	MerchantNo    int64 // of owners, managers and cashiers
	StoreNo       int64 // the one store of a manager or cashier; 0 is all of the merchant
}

// Status says whether somebody can sign in.
type Status string

// The statuses.
const (
	Active Status = "active"
	// Locked is somebody whose password was tried wrongly too often. It ends by itself after
	// LockTime, or by Unlock. Passkeys and single sign-on go on working.
	Locked Status = "locked"
	// Ended is for ever; the e-mail address is free for another person.
	Ended Status = "ended"
)

// Factors are what a person has beside a password.
type Factors struct {
	TOTP     bool
	Passkeys int
	Recovery int // recovery codes that are left
}

// Any tells whether there is a second factor. Recovery codes alone are none.
func (f Factors) Any() bool { return f.TOTP || f.Passkeys > 0 }

// Person is somebody who signs in.
type Person struct {
	ID    string // "per_…"
	Email string // as it was written; compared without case
	Name  string
	Lang  string // one of Langs
	Place
	Status      Status
	Factors     Factors
	HasPassword bool // false for those who sign in by passkey or by their bank alone
	SSO         bool // has signed in by the bank's single sign-on
	Created     time.Time
	LastSeen    time.Time // zero: never; about a minute behind
	LockedUntil time.Time // zero unless Status is Locked
}

// Caller returns the person as what operations and pages check.
func (p Person) Caller() access.Caller {
	return access.Caller{Role: p.Role, ParticipantNo: p.ParticipantNo, MerchantNo: p.MerchantNo,
		StoreNo: p.StoreNo, PersonID: p.ID, Actor: "person:" + p.ID, Label: p.Email}
}

// NeedsSecond tells whether a role may not go without a second factor: operators and the people
// of banks.
func NeedsSecond(r access.Role) bool {
	switch r {
	case access.Operator, access.Acquirer, access.AcquirerClerk, access.AcquirerViewer:
		return true
	}
	return false
}

// Langs are the languages of pages, as people choose them.
func Langs() []string { return []string{"ja", "en", "zh-Hans", "zh-Hant", "ko"} }

// Need is what is missing before somebody is signed in.
type Need string

// The needs.
const (
	// Nothing: signed in; Step has a Secret.
	Nothing Need = ""
	// NeedSecond: call SecondFactor with the Ticket, or sign in by passkey.
	NeedSecond Need = "second-factor"
	// NeedEnrol: the role must have a second factor and the person has none: call EnrolTOTP or
	// BeginPasskey with Holder{Ticket}, then ConfirmTOTP or FinishPasskey.
	NeedEnrol Need = "enrol"
)

// Step is how far a sign-in came.
type Step struct {
	Need   Need
	Secret string    // of the session, for the cookie; "" unless Need is Nothing
	Until  time.Time // when the session ends at the latest; of the ticket when there is one
	Ticket string    // for the next step, ten minutes; "" when Need is Nothing
	Person Person
}

// Holder is who changes their own second factors: somebody signed in (the secret of the session,
// not the person's id), or somebody who must enrol first (a ticket). One of the two.
type Holder struct {
	Session string
	Ticket  string
}

// Session is a browser that is signed in.
type Session struct {
	ID      string // names it for EndSession; not the secret
	Made    time.Time
	Seen    time.Time // about a minute behind
	Until   time.Time // at the latest
	Address string
	Agent   string
	Method  Method
	Current bool // the one that asks
}

// Method is how somebody signed in.
type Method string

// The methods.
const (
	ByPassword Method = "password"
	ByTOTP     Method = "password+totp"
	ByRecovery Method = "password+recovery"
	ByPasskey  Method = "passkey"
	BySSO      Method = "sso"
	ByLink     Method = "invitation"
)

// Passkey is a passkey of a person.
type Passkey struct {
	ID    string
	Label string
	Made  time.Time
	Used  time.Time // zero: never
	// Backed says that it is kept by a service beyond the one device.
	Backed bool
}

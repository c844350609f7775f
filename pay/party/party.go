package party

import (
	"time"

	"watari/kit/money"
)

// Status is whether a participant, merchant, store or terminal may be used.
type Status string

// The statuses. Closed is final.
const (
	Open      Status = "open"
	Suspended Status = "suspended"
	Closed    Status = "closed"
)

// Role is what a participant does under an agreement. One participant may have both.
type Role string

// The roles of a participant.
const (
	Acquirer Role = "acquirer"
	Issuer   Role = "issuer"
)

// Participant is a member of the scheme: a bank that signs shops, or a wallet operator.
type Participant struct {
	No        int64  // small number, also the shard in ids; from 1
	ID        string // as the protocol names it, at most 64 characters
	Name      string // shown to people
	ClientID  string // as it names itself in signed messages
	Status    Status
	Connector string // issuers: the folder under connect/; "" for acquirers
	BaseURL   string // issuers: where the wallet is called; no trailing slash
	CodeGroup string // issuers: the wallet key in the code table, for example "alipay"
	OwnCodes  bool   // issuers: wallet codes are issued by us (getPaymentCode)
	OnSight   bool   // acquirers: may bring unknown merchants by protocol
}

// Agreement is what was agreed with a participant in one role and one currency. A payment
// keeps the version that it was made under.
type Agreement struct {
	ID                        string
	ParticipantNo             int64
	Role                      Role
	Currency                  money.Currency // what is settled in
	Zone                      string         // IANA name, of the clearing day
	CutOffMin                 int            // minutes after midnight when the clearing day ends
	SpreadPPM                 int64          // issuers: added to the mid rate
	InterchangePPM, SchemePPM int64
	// CapMinor is the most an issuer may owe unsettled, or the most an acquirer's position
	// may be negative, in Currency minor units. Nil is no cap.
	CapMinor                           *int64
	PerPaymentMaxMinor, PerDayMaxMinor *int64 // issuers, order currency (JPY); nil is no limit
	FromUS, UntilUS                    int64  // valid from (inclusive) to (exclusive); 0 is open
	Version                            int64

	zone *time.Location // of Zone, when the directory read it; nil otherwise
}

// Merchant is a legal seller, signed by one acquirer.
type Merchant struct {
	No         int64
	AcquirerNo int64
	ID         string // the acquirer's own reference, at most 64 characters
	Name       string // Latin
	NameJA     string
	MCC        string
	MDRPPM     int64 // merchant discount rate, parts per million of the captured amount
	Status     Status
	Unverified bool // brought by protocol and not yet checked: low caps, no payout
}

// Store is a place where a merchant sells.
type Store struct {
	No         int64
	AcquirerNo int64
	MerchantNo int64
	ID         string // the acquirer's own reference
	Name       string
	NameJA     string
	Prefecture string // two digits, JIS X 0401
	City       string // Latin letters, for printed codes; may be empty
	PostalCode string // seven digits, for printed codes; may be empty
	// UnifiedID is the first level of the store's id in JPQR, 13 digits, as the Payments Japan
	// Association has given it; empty when it has none.
	UnifiedID                          string
	MCC                                string
	Status                             Status
	Unverified                         bool   // brought by protocol and not yet checked
	PerPaymentMaxMinor, PerDayMaxMinor *int64 // JPY; nil is no limit
	RefundDayMaxMinor                  *int64 // JPY refunded by tills in a day; nil is no limit
	ManagerPINHash                     string // "" when no PIN is set
	PINAboveMinor                      int64  // refunds above this need the manager's PIN
}

// Terminal is a till or a QR stand of a store.
type Terminal struct {
	No                int64
	AcquirerNo        int64
	StoreNo           int64
	ID                string // the acquirer's own reference
	Label             string
	Status            Status
	CanRefund         bool
	RefundDayMaxMinor *int64 // JPY a day on this terminal; nil is no limit
	FailuresMax       int    // failures a minute before the terminal is paused; 0 is the default
}

// Point is everything the payment path needs to know about where it is: found in one
// look-up of the directory. Its pointers are shared with the directory: never write through
// them.
type Point struct {
	Acquirer  Participant
	Agreement Agreement // the acquirer's
	Merchant  Merchant
	Store     Store
	Terminal  *Terminal // nil when the message named none
	Seen      int64     // the reference version that it was read at
}

// Wallet is everything the payment path needs to know about an issuer. As with Point, never
// write through its pointers.
type Wallet struct {
	Issuer    Participant
	Agreement Agreement // the issuer's
	Seen      int64     // the reference version that it was read at
}

// Key is one version of a participant's public key for signed messages.
type Key struct {
	ParticipantNo int64
	Version       int       // as the protocol names it, 0 to 999999
	PublicDER     []byte    // SPKI
	From, Until   time.Time // valid from (inclusive) to (exclusive); zero Until is open
	Retired       time.Time // zero while it is not retired
	LastUsed      time.Time // to the minute; zero when it was never used
}

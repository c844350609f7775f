package signup

import (
	"time"

	"watari/kit/access"
	"watari/kit/foureyes"
	"watari/pay/party"
)

// Origin is how an application came.
type Origin string

// The origins.
const (
	ByBank     Origin = "bank"     // somebody at the bank filled it in
	ByMerchant Origin = "merchant" // the merchant did, over an invitation link
	ByImport   Origin = "import"   // a line of a file
	ByProtocol Origin = "protocol" // a registration message of the acquirer's system
)

// Kind is what sort of seller a merchant is in law.
type Kind string

// The kinds.
const (
	Corporation Kind = "corporation" // 法人: has a corporate number
	SoleTrader  Kind = "sole_trader" // 個人事業主
)

// Application is one merchant that is to be signed, or was.
type Application struct {
	ID         string // "app_…", 31 characters
	AcquirerNo int64
	State      State
	Origin     Origin
	Form       Form
	Screening  Screening
	Remarks    []Remark // what has to be mended, while the state is Returned; kept until submitted
	Reason     string   // why it was refused
	// MerchantNo, StoreNo and TerminalNo are what an approval made; 0 before.
	MerchantNo, StoreNo, TerminalNo int64
	Makers                          []string // names of those who filled the form in (U2)
	Reviewer                        string   // who took it into review
	Decider                         string   // who approved or refused it
	ImportID                        string   // of the import that made it; "" for others
	RequestID                       string   // of a registration by protocol; "" for others
	NotifyURL                       string   // where its end is told, by protocol; may be ""
	Version                         int64    // grows with every change; whoever changes names it
	Created, Changed                time.Time
	Submitted, Decided              time.Time // zero while not yet
}

// Form is what is filled in. Lengths are characters. A draft may lack anything; Check says what is
// wrong with it. Fields of the bank are kept as they are when a merchant saves over a link.
type Form struct {
	Kind            Kind           `json:"kind,omitempty" enum:"corporation,sole_trader"`
	LegalName       string         `json:"legal_name,omitempty" maxLength:"256" doc:"As registered, in Japanese."`
	LegalNameKana   string         `json:"legal_name_kana,omitempty" maxLength:"256" doc:"Full-width katakana."`
	LegalNameLatin  string         `json:"legal_name_latin,omitempty" maxLength:"256" doc:"In Latin letters."`
	CorporateNumber string         `json:"corporate_number,omitempty" maxLength:"13" doc:"13 digits with their check digit; corporations only."`
	Representative  Representative `json:"representative,omitzero"`
	Address         Address        `json:"address,omitzero" doc:"Of the business."`
	Phone           string         `json:"phone,omitempty" maxLength:"20" doc:"Japanese number, 10 or 11 digits, hyphens allowed."`
	Email           string         `json:"email,omitempty" maxLength:"254"`
	Website         string         `json:"website,omitempty" maxLength:"300" doc:"http or https."`
	TradeName       string         `json:"trade_name,omitempty" maxLength:"256" doc:"In Latin letters, as customers know the shop."`
	TradeNameJA     string         `json:"trade_name_ja,omitempty" maxLength:"256"`
	MCC             string         `json:"mcc,omitempty" maxLength:"4" doc:"Merchant category code, four digits, ISO 18245."`
	LicenceNumber   string         `json:"licence_number,omitempty" maxLength:"64" doc:"Of the licence that the category needs."`
	Bank            Account        `json:"bank,omitzero" doc:"Where the merchant is paid."`
	Store           Store          `json:"store,omitzero"`
	Terminal        Terminal       `json:"terminal,omitzero"`
	MerchantID      string         `json:"merchant_id,omitempty" maxLength:"64" doc:"The bank's own reference; made when it is left out."`
	MDRPPM          int64          `json:"mdr_ppm,omitempty" minimum:"0" maximum:"100000" doc:"The bank's: what the merchant pays, parts per million of a payment, at most ten per cent."`
}

// Representative is who acts for the merchant in law.
type Representative struct {
	Name      string `json:"name,omitempty" maxLength:"256"`
	Kana      string `json:"kana,omitempty" maxLength:"256" doc:"Full-width katakana."`
	BirthDate string `json:"birth_date,omitempty" maxLength:"10" doc:"YYYY-MM-DD; at least 18 years ago."`
}

// Address is a place in Japan. Line is the part of the town and the numbers.
type Address struct {
	PostalCode string `json:"postal_code,omitempty" maxLength:"8" doc:"Seven digits; a hyphen after the third is allowed."`
	Prefecture string `json:"prefecture,omitempty" maxLength:"2" doc:"Two digits, JIS X 0401."`
	City       string `json:"city,omitempty" maxLength:"100"`
	Line       string `json:"line,omitempty" maxLength:"200"`
	Building   string `json:"building,omitempty" maxLength:"200"`
	CityKana   string `json:"city_kana,omitempty" maxLength:"100" doc:"Full-width katakana."`
	LineKana   string `json:"line_kana,omitempty" maxLength:"200" doc:"Full-width katakana, digits and hyphens."`
	CityLatin  string `json:"city_latin,omitempty" maxLength:"100" doc:"In Latin letters: stands in printed codes."`
	LineLatin  string `json:"line_latin,omitempty" maxLength:"200" doc:"In Latin letters."`
}

// Store is where the merchant sells. What is left out is taken from the merchant.
type Store struct {
	ID                 string  `json:"id,omitempty" maxLength:"64" doc:"The bank's own reference; made when it is left out."`
	Name               string  `json:"name,omitempty" maxLength:"256" doc:"In Latin letters; the trade name when it is left out."`
	NameJA             string  `json:"name_ja,omitempty" maxLength:"256"`
	Address            Address `json:"address,omitzero" doc:"The business address when it is left out."`
	MCC                string  `json:"mcc,omitempty" maxLength:"4" doc:"The merchant's when it is left out."`
	UnifiedID          string  `json:"unified_id,omitempty" maxLength:"13" doc:"The store's id in JPQR, 13 digits, once it has one."`
	PerPaymentMaxMinor *int64  `json:"per_payment_max_minor,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The bank's: yen a payment; none when it is left out."`
	PerDayMaxMinor     *int64  `json:"per_day_max_minor,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The bank's: yen a day; none when it is left out."`
}

// Terminal is the first till or QR stand of the store.
type Terminal struct {
	ID        string `json:"id,omitempty" maxLength:"64" doc:"The bank's own reference; made when it is left out."`
	Label     string `json:"label,omitempty" maxLength:"256" doc:"Shown on the till."`
	CanRefund bool   `json:"can_refund,omitempty" doc:"The bank's: refunds may be made at this till."`
}

// AccountType is the sort of a bank account, as Zengin files know it.
type AccountType string

// The sorts of accounts.
const (
	Ordinary AccountType = "ordinary" // 普通, 1
	Current  AccountType = "current"  // 当座, 2
	Savings  AccountType = "savings"  // 貯蓄, 4
)

// Account is a bank account in Japan.
type Account struct {
	BankCode   string      `json:"bank_code,omitempty" maxLength:"4" doc:"Four digits, Zengin."`
	BranchCode string      `json:"branch_code,omitempty" maxLength:"3" doc:"Three digits, Zengin."`
	Type       AccountType `json:"type,omitempty" enum:"ordinary,current,savings"`
	Number     string      `json:"number,omitempty" maxLength:"7" doc:"Seven digits; shorter numbers are filled with zeros in front."`
	HolderKana string      `json:"holder_kana,omitempty" maxLength:"60" doc:"As the bank has it; kept in the half-width characters of Zengin files, at most 30."`
}

// Hint is the account as people who may not see it are shown it: its last three digits.
func (a Account) Hint() string {
	if len(a.Number) < hintDigits {
		return ""
	}
	return "****" + a.Number[len(a.Number)-hintDigits:]
}

// hintDigits are shown of an account number.
const hintDigits = 3

// Remark says what is wrong with one field of a form.
type Remark struct {
	Pointer string `json:"pointer" maxLength:"100" doc:"Which field: JSON pointer into the form, such as /bank/holder_kana; empty is the form as a whole."`
	Text    string `json:"text" minLength:"1" maxLength:"500" doc:"What has to be mended, for the applicant."`
}

// Outcome is what a screening came to.
type Outcome string

// The outcomes of a screening.
const (
	Pending Outcome = "pending" // not done, or not finished
	Clear   Outcome = "clear"   // nothing against it
	Hit     Outcome = "hit"     // on a list, or something else speaks against it
)

// Screening is the last word of a screening against lists: sanctions, anti-social forces, the
// bank's own.
type Screening struct {
	Outcome Outcome
	By      string // name; "" while nobody said anything
	At      time.Time
}

// Note is what somebody at the bank wrote about an application. Merchants never see it.
type Note struct {
	ID   string
	Text string // at most 2,000 characters
	By   string
	At   time.Time
}

// Place is what an approval made: where payments are taken.
type Place struct {
	Merchant party.Merchant
	Store    party.Store
	Terminal party.Terminal
}

// PersonOf is whoever a caller is, for the rules about two people: the person, or whoever is behind
// the key.
func PersonOf(c access.Caller) foureyes.Person {
	return foureyes.Person{Name: c.Name(), Actor: c.Actor}
}

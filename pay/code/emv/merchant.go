package emv

import "watari/kit/money"

// The longest values of a merchant code, in characters.
const (
	NameMax       = 25 // merchant name, in both languages
	CityMax       = 15 // in both languages
	PostalMax     = 10
	AdditionalMax = 25 // each field of the additional data
	GUIDMax       = 32
	// TemplateMax is the whole of a template, its identifier and the tags and lengths inside
	// included.
	TemplateMax = valueMax
)

// The ranges of tags.
const (
	firstNetwork, lastNetwork       = 2, 25
	firstAccount, lastAccount       = 26, 51
	firstReserved, lastReserved     = 65, 79
	firstUnreserved, lastUnreserved = 80, 99
)

// Initiation says whether a code is printed once or made for one order (tag 01).
type Initiation string

// The ways in which a merchant code comes to be. A code without tag 01 is Unsaid.
const (
	Unsaid  Initiation = ""
	Static  Initiation = "11"
	Dynamic Initiation = "12"
)

// TipMode says who decides on a tip or convenience fee (tag 55).
type TipMode string

// The modes of a tip.
const (
	NoTip      TipMode = ""
	TipAsked   TipMode = "01" // the wallet asks its user
	TipFixed   TipMode = "02" // Tip.Fixed is added
	TipPercent TipMode = "03" // Tip.Percent of the amount is added
)

// AskPayer as a value of Additional asks the wallet's user to type it.
const AskPayer = "***"

// MerchantCode is an EMVCo merchant-presented code. The zero value of a field is its absence;
// MCC, Currency, Country, Name, City, and one of Networks and Accounts, are always there.
type MerchantCode struct {
	Initiation Initiation
	Networks   []Field    // tags 02 to 25: accounts of card networks
	Accounts   []Template // tags 26 to 51
	MCC        string     // four digits, ISO 18245
	Currency   money.Currency
	Amount     money.Amount // not Valid when the payer types it; above zero
	Tip        Tip
	Country    string // ISO 3166-1 alpha-2
	Name       string // at most NameMax characters
	City       string // at most CityMax
	PostalCode string // at most PostalMax
	Additional *Additional
	Local      *Local
	Reserved   []Field    // tags 65 to 79: without a meaning yet
	Unreserved []Template // tags 80 to 99

	order    []string // tags as they were read, nil when ascending
	spelling spelling
}

// spelling is how numbers were written where that differs from how they would be written here.
type spelling struct{ amount, fixed, percent string }

// Tip is a tip or convenience fee.
type Tip struct {
	Mode    TipMode
	Fixed   money.Amount // with TipFixed, in the code's currency; above zero
	Percent money.PPM    // with TipPercent: 100 (0.01 %) to 999,900 (99.99 %), whole hundreds
}

// Template is an account or another template that begins with a globally unique identifier.
type Template struct {
	Tag    string  // two digits
	Fields []Field // 00 is the identifier
}

// Account returns a template of an identifier and further fields.
func Account(tag, guid string, fields ...Field) Template {
	return Template{Tag: tag, Fields: append([]Field{{Tag: "00", Value: guid}}, fields...)}
}

// GUID returns the identifier: an AID, a UUID without hyphens, or a reverse domain name.
func (t Template) GUID() string { return t.Value("00") }

// Value returns the value of a field, "" when it is absent.
func (t Template) Value(tag string) string {
	for _, f := range t.Fields {
		if f.Tag == tag {
			return f.Value
		}
	}
	return ""
}

// Account returns the first account with an identifier, and whether there is one. Case matters.
func (m *MerchantCode) Account(guid string) (Template, bool) {
	for _, t := range m.Accounts {
		if t.GUID() == guid {
			return t, true
		}
	}
	return Template{}, false
}

// Additional is the additional data of tag 62. Each field has at most AdditionalMax characters;
// AskPayer asks the user for it.
type Additional struct {
	Bill, Mobile, Store, Loyalty, Reference, Customer, Terminal, Purpose string
	// DataRequest is what the wallet is asked to send: A address, M mobile, E email; each once.
	DataRequest string
	Others      []Field // tags 10 to 99

	order []string
}

// Local is the merchant's name in another language (tag 64).
type Local struct {
	Language string  // ISO 639-1, two letters, such as "JA"
	Name     string  // at most NameMax characters
	City     string  // at most CityMax; may be absent
	Others   []Field // tags 03 to 99

	order []string
}

// slots are the fields of the additional data by their tags, 01 to 09.
func (a *Additional) slots() []*string {
	return []*string{&a.Bill, &a.Mobile, &a.Store, &a.Loyalty, &a.Reference, &a.Customer,
		&a.Terminal, &a.Purpose, &a.DataRequest}
}

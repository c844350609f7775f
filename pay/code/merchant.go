package code

import (
	"errors"
	"strings"

	"watari/kit/check"
	"watari/kit/money"
	"watari/pay/code/emv"
)

// NetworkGUID is the identifier of this network's own account template, unless configured.
const NetworkGUID = "org.watari"

// The network's own account template: tag 27, and its fields behind the identifier.
const (
	networkTag = "27"
	tokenTag   = "01" // the store's token
	addressTag = "02" // the entry or order address, when it fits
	orderTag   = "03" // the order's token, in a dynamic code

	jpqrTag = "26"
)

// country and yen are where stores are, and what they ask for when nothing else is said.
const (
	country = "JP"
	yen     = money.Currency("JPY")
)

// MerchantCode is an EMVCo merchant-presented code; see package emv.
type MerchantCode = emv.MerchantCode

// UnifiedStore is a store's id in the register of the Payments Japan Association.
type UnifiedStore = emv.UnifiedStore

// Store is what a merchant code says of a store in Japan. Names are cut to their limits, never
// inside a character; the other texts are refused when they do not fit.
type Store struct {
	ID   string // the acquirer's reference; printed instead of a name without Latin letters
	Name string // in Latin letters, as far as there are any; cut to 25 characters
	// NameJA is the name in Japanese, cut to 25 characters; "" when there is none.
	NameJA string
	City   string // in Latin letters, cut to 15 characters; "JAPAN" when there are none
	// PostalCode is the Japanese postal code, seven digits with or without a hyphen; "" when the
	// directory does not know it.
	PostalCode string
	MCC        string // four digits, ISO 18245
	// Unified is the store's id in the unified register. Without LV1 (13 digits) the code is no
	// JPQR code. Empty LV2 to LV4 are those of a store without branches: 0001, 000001, 000001.
	Unified UnifiedStore

	GUID    string // the network's identifier, at most 32 characters; "" is NetworkGUID
	Token   string // the store's token, 1 to 81 characters with the default GUID
	Address string // the store's entry address; left out when it does not fit the template
}

// Order is what a dynamic code adds to its store.
type Order struct {
	Amount money.Amount // above zero
	// Token names the order in the network's template; "" when Reference names it alone.
	Token string
	// Reference is the order's number for the payer (tag 62.05). One that is not 1 to 25
	// printable ASCII characters is left out when there is a Token: cut, it would name another.
	Reference string
	Terminal  string // the till's label (tag 62.07); left out when it does not fit likewise
	Address   string // the order's address; left out when it does not fit the template
}

// StaticStore returns the text of a code that is printed once for a store: the payer types the
// amount.
//
// The code is JPQR when the store has a unified id, a Japanese name and a postal code. When one of
// them is missing the JPQR account is left out and the code is plain EMVCo: a code that claims a
// profile and breaks it is refused by the wallets that know the profile.
//
// Errors: ErrMerchant.
func StaticStore(s Store) (string, error) {
	return s.text(emv.Static, yen, s.Address, nil)
}

// DynamicStore returns the text of a code for one order of a store. It is JPQR under the
// conditions of StaticStore, and when the amount is in yen.
//
// Errors: ErrMerchant, also for an order that neither Token nor Reference names.
func DynamicStore(s Store, o Order) (string, error) {
	if !o.Amount.Valid() {
		return "", ErrMerchant.Newf("a dynamic code has an amount").Set("tag", "54")
	}
	if !fitsAdditional(o.Reference) {
		o.Reference = ""
	}
	if !fitsAdditional(o.Terminal) {
		o.Terminal = ""
	}
	if o.Token == "" && o.Reference == "" {
		return "", ErrMerchant.Newf("neither a token nor a reference of at most %d printable "+
			"ASCII characters names the order", emv.AdditionalMax).Set("tag", "62.05")
	}
	return s.text(emv.Dynamic, o.Amount.Currency(), o.Address, &o)
}

// text makes and writes a code; o is nil for a static one.
func (s Store) text(how emv.Initiation, c money.Currency, address string, o *Order) (string,
	error) {
	m := &MerchantCode{Initiation: how, MCC: s.MCC, Currency: c, Country: country,
		Name: s.latinName(), City: s.latinCity(),
		PostalCode: strings.ReplaceAll(s.PostalCode, "-", "")}
	if name := clip(plainText(s.NameJA), emv.NameMax); name != "" {
		m.Local = &emv.Local{Language: "JA", Name: name}
	}
	order := ""
	if o != nil {
		m.Amount, order = o.Amount, o.Token
		if o.Reference != "" || o.Terminal != "" {
			m.Additional = &emv.Additional{Reference: o.Reference, Terminal: o.Terminal}
		}
	}
	if m.PostalCode != "" && !postal(m.PostalCode) {
		return "", ErrMerchant.Newf("a postal code has seven digits").Set("tag", "61")
	}
	if s.Unified.LV1 != "" && m.PostalCode != "" && m.Local != nil && c == yen {
		m.Accounts = append(m.Accounts, s.unified().Template(jpqrTag))
	}
	own, err := s.account(order, address)
	if err != nil {
		return "", err
	}
	m.Accounts = append(m.Accounts, own)
	text, err := m.Text()
	if err == nil {
		_, _, err = m.UnifiedStore()
	}
	if err != nil {
		return "", merchantFault(err)
	}
	return text, nil
}

// unified fills the levels that a store without branches leaves empty.
func (s Store) unified() UnifiedStore {
	u := s.Unified
	if u.LV2 == "" && u.LV3 == "" && u.LV4 == "" {
		u.LV2, u.LV3, u.LV4 = "0001", "000001", "000001"
	}
	return u
}

// account returns the network's own template, with the address when it fits.
func (s Store) account(order, address string) (emv.Template, error) {
	guid := s.GUID
	if guid == "" {
		guid = NetworkGUID
	}
	const around = 4 // of each field: tag and length
	size := 0
	for _, part := range []struct{ tag, what, value string }{{"00", "network's identifier", guid},
		{tokenTag, "store's token", s.Token}, {orderTag, "order's token", order}} {
		if part.tag == orderTag && order == "" {
			continue
		}
		if !visible(part.value) {
			return emv.Template{}, ErrMerchant.Newf("the %s is not printable ASCII without blanks",
				part.what).Set("tag", networkTag+"."+part.tag)
		}
		size += around + len(part.value)
	}
	if size > emv.TemplateMax {
		return emv.Template{}, ErrMerchant.Newf("identifier and tokens take %d characters, at "+
			"most %d", size, emv.TemplateMax).Set("tag", networkTag)
	}
	fields := []emv.Field{{Tag: tokenTag, Value: s.Token}}
	if visible(address) && size+around+len(address) <= emv.TemplateMax {
		fields = append(fields, emv.Field{Tag: addressTag, Value: address})
	}
	if order != "" {
		fields = append(fields, emv.Field{Tag: orderTag, Value: order})
	}
	return emv.Account(networkTag, guid, fields...), nil
}

// StoreCode is what a merchant code says of a store of this network.
type StoreCode struct {
	Token   string // the store's token; "" when only the unified register names the store
	Order   string // the order's token; "" in a static code
	Address string // the entry or order address; "" when it did not fit
	// Unified is the store's id in the unified register, empty when the code is no JPQR code.
	Unified UnifiedStore
	Code    *MerchantCode
}

// ReadStore reads a merchant code and finds what names a store of this network: the account
// template with the network's identifier ("" is NetworkGUID), the JPQR account, or both. Whether
// such a store exists is for the directory to say.
//
// Errors: ErrMerchant; ErrForeign.
func ReadStore(text, guid string) (StoreCode, error) {
	if guid == "" {
		guid = NetworkGUID
	}
	m, err := emv.ParseMerchant(text)
	if err != nil {
		return StoreCode{}, merchantFault(err)
	}
	s := StoreCode{Code: m}
	own, ours := m.Account(guid)
	if ours {
		s.Token, s.Address, s.Order = own.Value(tokenTag), own.Value(addressTag),
			own.Value(orderTag)
		if s.Token == "" {
			return StoreCode{}, ErrMerchant.Newf("the network's account names no store").
				Set("tag", own.Tag+"."+tokenTag)
		}
	}
	unified := false
	if s.Unified, unified, err = m.UnifiedStore(); err != nil {
		return StoreCode{}, merchantFault(err)
	}
	if !ours && !unified {
		return StoreCode{}, ErrForeign.Newf("it has no account of %s or %s", guid, emv.JPQR)
	}
	return s, nil
}

// merchantFault turns an error of package emv into ErrMerchant.
func merchantFault(err error) error {
	var e *emv.Error
	check.That(errors.As(err, &e), "code: %v is no refusal of a merchant code", err)
	refusal := ErrMerchant.Newf("%s", e.Error())
	if e.Tag != "" {
		refusal.Set("tag", e.Tag)
	}
	if e.At > 0 {
		refusal.Set("position", e.At)
	}
	return refusal
}

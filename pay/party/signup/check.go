package signup

import (
	"maps"
	"time"

	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/party"
)

// Rule is what is asked of merchants of a category.
type Rule struct {
	Banned bool   // never signed; otherwise a licence must be seen
	Why    string // in English, for people at the bank
}

// categories are those (ISO 18245) whose merchants are not signed, or need a licence.
var categories = map[string]Rule{
	"4829": {false, "money transfers: registered or licensed"},
	"5912": {false, "pharmacies: a pharmacy's permit"},
	"5921": {false, "liquor to take away: a liquor sales licence"},
	"5931": {false, "second-hand goods: a second-hand dealer's permit"},
	"5932": {false, "antiques: a second-hand dealer's permit"},
	"5933": {false, "pawn shops: a pawnbroker's permit"},
	"5967": {true, "telephone and adult services: not admitted by most wallets"},
	"5993": {false, "tobacco: a tobacco retail licence"},
	"6010": {true, "cash at a bank counter: not a sale"},
	"6011": {true, "cash machines: not a sale"},
	"6051": {false, "money orders, foreign and crypto currency: registered or licensed"},
	"6211": {false, "securities: a registration"},
	"7011": {false, "lodging: an inn's or private lodging's permit"},
	"7273": {true, "dating and escort services: not admitted by most wallets"},
	"7801": {true, "online gambling: forbidden in Japan"},
	"7802": {true, "race betting: reserved to public bodies in Japan"},
	"7995": {true, "betting and casino chips: forbidden in Japan"},
}

// Categories returns the categories whose merchants are not signed, or need a licence, by MCC.
func Categories() map[string]Rule { return maps.Clone(categories) }

// licensed says whether a category needs a licence.
func licensed(mcc string) bool {
	r, ok := categories[mcc]
	return ok && !r.Banned
}

// Check says what is wrong with a form that is handed in: nil, or a *fault.Error of ErrInvalid with
// a pointer into the form for each field, or of ErrCategory. With ofBank the bank's own fields are
// needed as well. It returns the form as it is kept: trimmed, narrowed, with numbers as digits.
func Check(f Form, ofBank bool, now time.Time) (Form, error) {
	var s sheet
	s.form(&f, now)
	if ofBank && f.MDRPPM == 0 {
		s.bad("/mdr_ppm", "is needed")
	}
	if err := s.result(); err != nil {
		return f, err
	}
	if r, ok := categories[f.MCC]; ok && r.Banned {
		return f, banned(f.MCC, r)
	}
	if r, ok := categories[f.Store.MCC]; ok && r.Banned {
		return f, banned(f.Store.MCC, r)
	}
	return f, nil
}

func banned(mcc string, r Rule) *fault.Error {
	return ErrCategory.Newf("category %s is not signed: %s", mcc, r.Why).Set("mcc", mcc).
		At("/mcc", "is not signed")
}

// sketch cleans a draft and refuses only what no form may have.
func sketch(f Form, now time.Time) (Form, error) {
	s := sheet{draft: true}
	s.form(&f, now)
	return f, s.result()
}

func (s *sheet) form(f *Form, now time.Time) {
	switch f.Kind {
	case Corporation, SoleTrader:
	case "":
		s.bad("/kind", "is needed")
	default:
		s.never("/kind", "must be corporation or sole_trader")
	}
	s.text("/legal_name", &f.LegalName, nameMax, true)
	s.kana("/legal_name_kana", &f.LegalNameKana, nameMax, true)
	s.latin("/legal_name_latin", &f.LegalNameLatin, nameMax, false)
	s.corporate("/corporate_number", &f.CorporateNumber, f.Kind)
	s.text("/representative/name", &f.Representative.Name, nameMax, true)
	s.kana("/representative/kana", &f.Representative.Kana, nameMax, true)
	s.birth("/representative/birth_date", &f.Representative.BirthDate, now)
	s.address("/address", &f.Address, true)
	s.phone("/phone", &f.Phone)
	s.email("/email", &f.Email)
	s.website("/website", &f.Website)
	s.latin("/trade_name", &f.TradeName, nameMax, true)
	s.text("/trade_name_ja", &f.TradeNameJA, nameMax, false)
	s.digits("/mcc", &f.MCC, mccDigits, true)
	s.text("/licence_number", &f.LicenceNumber, licenceMax, false)
	s.account("/bank", &f.Bank)
	s.store(&f.Store)
	s.id("/terminal/id", f.Terminal.ID)
	s.text("/terminal/label", &f.Terminal.Label, nameMax, false)
	s.id("/merchant_id", f.MerchantID)
	if f.MDRPPM < 0 || f.MDRPPM > mdrMax {
		s.bad("/mdr_ppm", "must be 0 to 100000 parts per million")
	}
}

const mccDigits, unifiedDigits, licenceMax = 4, 13, 64

func (s *sheet) store(f *Store) {
	s.id("/store/id", f.ID)
	s.latin("/store/name", &f.Name, nameMax, false)
	s.text("/store/name_ja", &f.NameJA, nameMax, false)
	s.address("/store/address", &f.Address, f.Address != Address{})
	s.digits("/store/mcc", &f.MCC, mccDigits, false)
	s.digits("/store/unified_id", &f.UnifiedID, unifiedDigits, false)
	for pointer, v := range map[string]*int64{
		"/store/per_payment_max_minor": f.PerPaymentMaxMinor,
		"/store/per_day_max_minor":     f.PerDayMaxMinor,
	} {
		if v != nil && (*v < 1 || *v > money.MinorMax) {
			s.bad(pointer, "must be 1 to 2^53-1 yen")
		}
	}
}

// shop is what an approval makes of a form that was checked; the ids must be there.
func (f *Form) shop(status party.Status) party.Shop {
	m := party.Merchant{ID: f.MerchantID, Name: f.TradeName, NameJA: f.TradeNameJA, MCC: f.MCC,
		MDRPPM: f.MDRPPM, Status: status}
	if m.NameJA == "" {
		m.NameJA = f.LegalName
	}
	return party.Shop{Merchant: m, Branches: []party.Branch{f.branch()}}
}

// branch is the store of a form, with its terminal.
func (f *Form) branch() party.Branch {
	a := f.Store.Address
	if (a == Address{}) {
		a = f.Address
	}
	s := party.Store{ID: f.Store.ID, Name: either(f.Store.Name, f.TradeName),
		NameJA: either(f.Store.NameJA, f.TradeNameJA), Prefecture: a.Prefecture,
		City: a.CityLatin, PostalCode: a.PostalCode, UnifiedID: f.Store.UnifiedID,
		MCC: either(f.Store.MCC, f.MCC), Status: party.Open,
		PerPaymentMaxMinor: f.Store.PerPaymentMaxMinor, PerDayMaxMinor: f.Store.PerDayMaxMinor}
	t := party.Terminal{ID: f.Terminal.ID, Label: f.Terminal.Label, Status: party.Open,
		CanRefund: f.Terminal.CanRefund}
	return party.Branch{Store: s, Terminals: []party.Terminal{t}}
}

// either is the first text, or the second where it is empty.
func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

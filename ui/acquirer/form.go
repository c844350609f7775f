package acquirer

import (
	"errors"
	"strconv"
	"strings"

	"watari/kit/fault"
	"watari/pay/party/signup"
	"watari/ui/console"
	"watari/ui/theme"
)

// step is a part of the application form: one screen of the public form, one section of the
// bank's.
type step string

// The steps, in their order.
const (
	stepBusiness  step = "business"
	stepPerson    step = "person"
	stepAddress   step = "address"
	stepShop      step = "shop"
	stepAccount   step = "account"
	stepDocuments step = "documents"
	stepSend      step = "send"
	// stepTerms are the bank's own fields; guests never see them.
	stepTerms step = "terms"
)

// guestSteps are the screens of the public form, formSteps those of them that have fields.
var (
	guestSteps = []step{stepBusiness, stepPerson, stepAddress, stepShop, stepAccount,
		stepDocuments, stepSend}
	formSteps = guestSteps[:5]
)

// kind is how a field is filled in.
type kind int

const (
	asText       kind = iota
	asDigits          // a number pad on phones
	asDate            //
	asPrefecture      // one of the 47
	asCategory        // a merchant category
	asKind            // company or sole trader
	asAccount         // the sort of a bank account
	asEmail           //
	asPhone           //
	asURL             //
	asKana            // katakana
	asLatin           // Latin letters
)

// entry is one field of the form. Its name is its JSON pointer with dots, so that what is wrong
// with it finds it.
type entry struct {
	step     step
	name     string
	kind     kind
	required bool
	at       func(f *signup.Form) *string
}

// entries are all fields of the form but those that are no text (bankTerms).
var entries = []entry{
	{stepBusiness, "kind", asKind, true,
		func(f *signup.Form) *string { return (*string)(&f.Kind) }},
	{stepBusiness, "legal_name", asText, true,
		func(f *signup.Form) *string { return &f.LegalName }},
	{stepBusiness, "legal_name_kana", asKana, true,
		func(f *signup.Form) *string { return &f.LegalNameKana }},
	{stepBusiness, "legal_name_latin", asLatin, false,
		func(f *signup.Form) *string { return &f.LegalNameLatin }},
	{stepBusiness, "corporate_number", asDigits, false,
		func(f *signup.Form) *string { return &f.CorporateNumber }},
	{stepPerson, "representative.name", asText, true,
		func(f *signup.Form) *string { return &f.Representative.Name }},
	{stepPerson, "representative.kana", asKana, true,
		func(f *signup.Form) *string { return &f.Representative.Kana }},
	{stepPerson, "representative.birth_date", asDate, true,
		func(f *signup.Form) *string { return &f.Representative.BirthDate }},
	{stepAddress, "address.postal_code", asDigits, true,
		func(f *signup.Form) *string { return &f.Address.PostalCode }},
	{stepAddress, "address.prefecture", asPrefecture, true,
		func(f *signup.Form) *string { return &f.Address.Prefecture }},
	{stepAddress, "address.city", asText, true,
		func(f *signup.Form) *string { return &f.Address.City }},
	{stepAddress, "address.line", asText, true,
		func(f *signup.Form) *string { return &f.Address.Line }},
	{stepAddress, "address.building", asText, false,
		func(f *signup.Form) *string { return &f.Address.Building }},
	{stepAddress, "address.city_kana", asKana, false,
		func(f *signup.Form) *string { return &f.Address.CityKana }},
	{stepAddress, "address.line_kana", asKana, false,
		func(f *signup.Form) *string { return &f.Address.LineKana }},
	{stepAddress, "address.city_latin", asLatin, false,
		func(f *signup.Form) *string { return &f.Address.CityLatin }},
	{stepAddress, "address.line_latin", asLatin, false,
		func(f *signup.Form) *string { return &f.Address.LineLatin }},
	{stepAddress, "phone", asPhone, true,
		func(f *signup.Form) *string { return &f.Phone }},
	{stepAddress, "email", asEmail, false,
		func(f *signup.Form) *string { return &f.Email }},
	{stepAddress, "website", asURL, false,
		func(f *signup.Form) *string { return &f.Website }},
	{stepShop, "trade_name_ja", asText, false,
		func(f *signup.Form) *string { return &f.TradeNameJA }},
	{stepShop, "trade_name", asLatin, true,
		func(f *signup.Form) *string { return &f.TradeName }},
	{stepShop, "mcc", asCategory, true,
		func(f *signup.Form) *string { return &f.MCC }},
	{stepShop, "licence_number", asText, false,
		func(f *signup.Form) *string { return &f.LicenceNumber }},
	{stepShop, "terminal.label", asText, false,
		func(f *signup.Form) *string { return &f.Terminal.Label }},
	{stepShop, "store.address.postal_code", asDigits, false,
		func(f *signup.Form) *string { return &f.Store.Address.PostalCode }},
	{stepShop, "store.address.prefecture", asPrefecture, false,
		func(f *signup.Form) *string { return &f.Store.Address.Prefecture }},
	{stepShop, "store.address.city", asText, false,
		func(f *signup.Form) *string { return &f.Store.Address.City }},
	{stepShop, "store.address.line", asText, false,
		func(f *signup.Form) *string { return &f.Store.Address.Line }},
	{stepShop, "store.address.city_latin", asLatin, false,
		func(f *signup.Form) *string { return &f.Store.Address.CityLatin }},
	{stepAccount, "bank.bank_code", asDigits, true,
		func(f *signup.Form) *string { return &f.Bank.BankCode }},
	{stepAccount, "bank.branch_code", asDigits, true,
		func(f *signup.Form) *string { return &f.Bank.BranchCode }},
	{stepAccount, "bank.type", asAccount, true,
		func(f *signup.Form) *string { return (*string)(&f.Bank.Type) }},
	{stepAccount, "bank.number", asDigits, true,
		func(f *signup.Form) *string { return &f.Bank.Number }},
	{stepAccount, "bank.holder_kana", asKana, true,
		func(f *signup.Form) *string { return &f.Bank.HolderKana }},
	{stepTerms, "merchant_id", asText, false,
		func(f *signup.Form) *string { return &f.MerchantID }},
	{stepTerms, "store.id", asText, false,
		func(f *signup.Form) *string { return &f.Store.ID }},
	{stepTerms, "terminal.id", asText, false,
		func(f *signup.Form) *string { return &f.Terminal.ID }},
}

// numberField is the account number, which is never shown again (B3); sameField says that the shop
// stands at the merchant's address.
const (
	numberField = "bank.number"
	sameField   = "store_same"
	storePlace  = "store.address."
)

// hints are the fields with a sentence under their label.
var hints = map[string]bool{"legal_name": true, "corporate_number": true,
	"address.postal_code": true, "trade_name": true, "mcc": true, "terminal.label": true,
	"licence_number": true, "email": true,
	"bank.bank_code": true, "bank.branch_code": true, "bank.number": true,
	"bank.holder_kana": true}

// of returns the fields of a step.
func (s step) of() (list []entry) {
	for _, e := range entries {
		if e.step == s {
			list = append(list, e)
		}
	}
	return list
}

// stepOf is the step in which a field stands; "" for what is no field.
func stepOf(name string) step {
	best := step("")
	for _, e := range entries {
		if e.name == name {
			return e.step
		}
		// What is wrong with a group as a whole is shown where its fields are.
		if strings.HasPrefix(e.name, name+".") && best == "" {
			best = e.step
		}
	}
	switch name {
	case "mdr_ppm", "store.per_payment_max_minor", "store.per_day_max_minor",
		"terminal.can_refund":
		return stepTerms
	}
	if best == "" && strings.HasPrefix(name, "store") {
		return stepShop
	}
	return best
}

// fill takes what was typed in some steps into a form. What the form had in other steps stays.
func fill(v *console.Visit, f *signup.Form, steps ...step) {
	for _, s := range steps {
		for _, e := range s.of() {
			typed := v.Typed(e.name)
			if e.name == numberField && typed == "" {
				continue
			}
			*e.at(f) = typed
		}
		switch s {
		case stepBusiness:
			if f.Kind == signup.SoleTrader {
				f.CorporateNumber = "" // companies have one
			}
		case stepShop:
			if v.Typed(sameField) != "" {
				f.Store.Address = signup.Address{}
			}
		case stepTerms:
			fillTerms(v, f)
		}
	}
}

// fillTerms takes the bank's own terms, which are no text. A mistake is noted in the visit.
func fillTerms(v *console.Visit, f *signup.Form) {
	f.Terminal.CanRefund = v.Typed("terminal.can_refund") != ""
	ppm, ok := percent(v.Typed("mdr_ppm"))
	if !ok {
		v.Mistake("mdr_ppm", v.T("mistake.mdr_ppm"))
	}
	f.MDRPPM = ppm
	for name, at := range map[string]**int64{
		"store.per_payment_max_minor": &f.Store.PerPaymentMaxMinor,
		"store.per_day_max_minor":     &f.Store.PerDayMaxMinor,
	} {
		limit, ok := wholeYen(v.Typed(name))
		if !ok {
			v.Mistake(name, v.T("mistake."+name))
			continue
		}
		*at = limit
	}
}

// mdrMax is ten per cent, in parts per million.
const mdrMax = 100_000

// percent reads a per cent such as "1.98" as parts per million; empty is 0.
func percent(s string) (ppm int64, ok bool) {
	s = strings.TrimSuffix(strings.ReplaceAll(s, ",", "."), "%")
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	before, after, _ := strings.Cut(s, ".")
	if len(after) > 4 || len(before) > 3 || before == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(before+after+strings.Repeat("0", 4-len(after)), 10, 32)
	if err != nil || n > mdrMax {
		return 0, false
	}
	return int64(n), true
}

// percentText is percent the other way.
func percentText(ppm int64) string {
	if ppm == 0 {
		return ""
	}
	rest := strings.TrimRight(strconv.FormatInt(10_000+ppm%10_000, 10)[1:], "0")
	if rest == "" {
		return strconv.FormatInt(ppm/10_000, 10)
	}
	return strconv.FormatInt(ppm/10_000, 10) + "." + rest
}

// yenMost is the largest limit that is taken: what an amount can be.
const yenMost = 1<<53 - 1

// wholeYen reads a limit: nil for an empty field.
func wholeYen(s string) (*int64, bool) {
	s = strings.NewReplacer(",", "", "¥", "", "￥", "", "円", "", " ", "").Replace(s)
	if s == "" {
		return nil, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || n > yenMost {
		return nil, false
	}
	return &n, true
}

// yenField writes a limit into a field.
func yenField(limit *int64) string {
	if limit == nil {
		return ""
	}
	return theme.GroupedYen(amount(*limit))
}

// wrong is what is wrong with a form: the text by field, and by step how much it is.
type wrong struct {
	fields map[string]string
	steps  map[step]int
	all    int
}

// judge says what is wrong with a form, in the page's language.
func judge(v *console.Visit, f signup.Form, ofBank bool) (wrong, error) {
	_, err := signup.Check(f, ofBank, v.Now)
	return mistakesOf(v, err)
}

// mistakesOf puts a refusal's fields into words; an error that is no refusal is returned.
func mistakesOf(v *console.Visit, err error) (w wrong, _ error) {
	w = wrong{fields: map[string]string{}, steps: map[step]int{}}
	if err == nil {
		return w, nil
	}
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return w, err
	}
	for _, f := range refusal.Fields {
		name := dotted(f.Pointer)
		if _, told := w.fields[name]; told {
			continue
		}
		w.fields[name] = mistake(v, name, f.Detail)
		w.steps[stepOf(name)]++
		w.all++
	}
	if w.all == 0 {
		w.fields["mcc"] = mistake(v, "mcc", refusal.Detail)
		w.steps[stepShop]++
		w.all++
	}
	return w, nil
}

// mistake is what is wrong with a field, in the page's words or else in the service's.
func mistake(v *console.Visit, name, detail string) string {
	key := "mistake." + name
	if text := v.T(key); text != key {
		return text
	}
	return detail
}

// dotted is a JSON pointer as the name of a field.
func dotted(pointer string) string {
	return strings.ReplaceAll(strings.Trim(pointer, "/"), "/", ".")
}

// fieldName is what a field is called on the page.
func fieldName(v *console.Visit, name string) string {
	for _, key := range []string{"f." + name, "doc." + strings.TrimPrefix(name, "documents.")} {
		if text := v.T(key); text != key {
			return text
		}
	}
	switch name {
	case "screening":
		return v.T("app.check.screening")
	case "":
		return v.T("app.check.four_eyes")
	}
	if s := stepOf(name); s != "" {
		return v.T("step." + string(s))
	}
	return name
}

// begun tells whether anything was filled in in a step.
func (s step) begun(f *signup.Form) bool {
	for _, e := range s.of() {
		if *e.at(f) != "" {
			return true
		}
	}
	return false
}

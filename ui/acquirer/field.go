package acquirer

import (
	"strings"

	"watari/kit/i18n"
	"watari/pay/party/signup"
	"watari/ui/console"
)

func isStorePlace(name string) bool { return strings.HasPrefix(name, storePlace) }

func accountTypes(v *console.Visit) []console.Option {
	list := make([]console.Option, 0, 3)
	for _, t := range []signup.AccountType{signup.Ordinary, signup.Current, signup.Savings} {
		list = append(list, console.Option{Value: string(t), Label: v.T("f.bank.type." +
			string(t))})
	}
	return list
}

// textField is a field of letters or digits.
func textField(v *console.Visit, e entry, f signup.Form) console.Field {
	field := console.Field{Name: e.name, Label: v.T("f." + e.name), Value: *e.at(&f),
		Required: e.required, Max: longest[e.name]}
	if hints[e.name] {
		field.Hint = v.T("f." + e.name + ".hint")
	}
	if e.step == stepTerms {
		field.Hint = v.T("f.own_id.hint")
	}
	if e.name == numberField {
		field.Value, field.Autocomplete = "", "off"
		if last := lastDigits(f.Bank); last != "" {
			field.Required = false
			field.Hint = v.T("f.bank.number.kept", "last", last)
		}
	}
	switch e.kind {
	case asDigits:
		field.Inputmode, field.Narrow = "numeric", true
	case asDate:
		field.Type, field.Narrow, field.High = "date", true, v.Now.Format("2006-01-02")
	case asEmail:
		field.Type, field.Autocomplete = "email", "email"
	case asPhone:
		field.Type, field.Autocomplete, field.Narrow = "tel", "tel", true
	case asURL:
		field.Type, field.Inputmode, field.Placeholder = "url", "url", "https://"
	case asLatin:
		field.Lang = "en"
	case asKana:
		field.Lang = "ja"
	}
	if field.Autocomplete == "" {
		field.Autocomplete = autocompletes[e.name]
	}
	return field
}

// longest are the most characters of fields that are short.
var longest = map[string]int{"legal_name": 256, "legal_name_kana": 256, "legal_name_latin": 256,
	"corporate_number": 13, "representative.name": 256, "representative.kana": 256,
	"address.postal_code": 8, "address.city": 100, "address.line": 200, "address.building": 200,
	"phone": 20, "email": 254, "website": 300, "trade_name": 256, "trade_name_ja": 256,
	"bank.bank_code": 4, "bank.branch_code": 3, "bank.number": 7, "bank.holder_kana": 60,
	"merchant_id": 64, "store.id": 64, "terminal.id": 64, "terminal.label": 256}

// autocompletes help browsers to fill fields in (HTML, autofill field names).
var autocompletes = map[string]string{"legal_name": "organization",
	"representative.name": "name", "representative.birth_date": "bday",
	"address.postal_code": "postal-code", "website": "url"}

// lastDigits is what is shown of an account number.
func lastDigits(a signup.Account) string {
	if len(a.Number) < 3 {
		return ""
	}
	return a.Number[len(a.Number)-3:]
}

// papers are the kinds of documents, in the order in which they are asked for.
var papers = []signup.Paper{signup.Identity, signup.Registry, signup.Licence, signup.Photo,
	signup.Other}

// need says whether a paper must be there for a form: yes, perhaps, or it may be left out.
type need int

const (
	mayHave need = iota
	perhaps
	mustHave
)

func needs(p signup.Paper, f signup.Form) need {
	rule, ruled := signup.Categories()[f.MCC]
	switch {
	case p == signup.Identity:
		return mustHave
	case p == signup.Registry && f.Kind == signup.Corporation:
		return mustHave
	case p == signup.Registry:
		return perhaps
	case p == signup.Licence && ruled && !rule.Banned:
		return mustHave
	case p == signup.Licence:
		return perhaps
	}
	return mayHave
}

// has tells whether there is a paper of a kind.
func has(docs []signup.Document, p signup.Paper) bool {
	for _, d := range docs {
		if d.Paper == p {
			return true
		}
	}
	return false
}

// sizeText is a file's size for people.
func sizeText(n int64) string {
	if n < 1<<20 {
		return itoa((n+1023)>>10) + " KB"
	}
	return itoa(n>>20) + "." + itoa(n%(1<<20)*10>>20) + " MB"
}

// paperTypes are what a paper may be, for the file dialog of browsers.
const paperTypes = "application/pdf,image/jpeg,image/png"

func paperOptions(v *console.Visit) []console.Option {
	list := make([]console.Option, len(papers))
	for i, p := range papers {
		list[i] = console.Option{Value: string(p), Label: v.T("doc." + string(p))}
	}
	return list
}

// shownIn is what an application has in a field.
func shownIn(v *console.Visit, e entry, f signup.Form) string {
	if e.name == numberField && f.Bank.Number != "" {
		return v.T("app.account.sealed", "last", lastDigits(f.Bank))
	}
	return shown(v, e, *e.at(&f))
}

// languages are the languages of a link, the browser's first.
func languages(v *console.Visit) []console.Option {
	list := []console.Option{{Value: "", Label: v.T("invite.lang.any")}}
	for _, l := range i18n.Langs() {
		list = append(list, console.Option{Value: string(l), Label: l.Name()})
	}
	return list
}

// pager leads to the next page of a list, and from any but the first back to the beginning.
func pager(v *console.Visit, name, next string) console.Pager {
	var p console.Pager
	if next != "" {
		p.Next = v.Here(name, next)
	}
	if v.R.FormValue(name) != "" {
		p.First = v.Here(name, "")
	}
	return p
}

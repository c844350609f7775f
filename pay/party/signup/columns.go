package signup

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"watari/kit/check"
	"watari/pay/party/prefecture"
)

// Column is one column of the file to import.
type Column struct {
	Name    string // as in the header
	Needed  bool
	Of      string // "merchant", "store" or "terminal"
	Meaning string // in English
	Example string
	pointer string // into the form
	set     func(f *Form, cell string) (mistake string)
}

// Columns returns the columns of the file to import, in the order of the template.
func Columns() []Column { return slices.Clone(columns) }

// What a column is of.
const (
	ofMerchant = "merchant"
	ofStore    = "store"
	ofTerminal = "terminal"
)

// columns are all of them.
var columns = slices.Concat(merchantColumns, bankColumns, storeColumns)

var merchantColumns = []Column{
	text("merchant_id", false, ofMerchant, "Your own reference; made when it is empty. Lines with "+
		"the same one are stores of one merchant.", "M-0001", "/merchant_id",
		func(f *Form) *string { return &f.MerchantID }),
	{"kind", true, ofMerchant, "corporation (法人) or sole_trader (個人).", "corporation", "/kind",
		func(f *Form, c string) string {
			return oneOf(&f.Kind, c, map[string]Kind{"corporation": Corporation, "法人": Corporation,
				"sole_trader": SoleTrader, "個人": SoleTrader, "個人事業主": SoleTrader})
		}},
	text("legal_name", true, ofMerchant, "As registered, in Japanese.", "株式会社飛騨そば",
		"/legal_name", func(f *Form) *string { return &f.LegalName }),
	text("legal_name_kana", true, ofMerchant, "In katakana.", "カブシキガイシャヒダソバ",
		"/legal_name_kana", func(f *Form) *string { return &f.LegalNameKana }),
	text("legal_name_latin", false, ofMerchant, "In Latin letters.", "Hida Soba K.K.",
		"/legal_name_latin", func(f *Form) *string { return &f.LegalNameLatin }),
	text("corporate_number", false, ofMerchant, "13 digits, for corporations.", "8700110005901",
		"/corporate_number", func(f *Form) *string { return &f.CorporateNumber }),
	text("representative_name", true, ofMerchant, "Who acts for it.", "飛騨 太郎",
		"/representative/name", func(f *Form) *string { return &f.Representative.Name }),
	text("representative_kana", true, ofMerchant, "In katakana.", "ヒダ タロウ",
		"/representative/kana", func(f *Form) *string { return &f.Representative.Kana }),
	text("representative_birth_date", true, ofMerchant, "YYYY-MM-DD.", "1970-04-01",
		"/representative/birth_date",
		func(f *Form) *string { return &f.Representative.BirthDate }),
	text("postal_code", true, ofMerchant, "Seven digits.", "506-0846", "/address/postal_code",
		func(f *Form) *string { return &f.Address.PostalCode }),
	region("prefecture", true, ofMerchant, "21", "/address/prefecture",
		func(f *Form) *string { return &f.Address.Prefecture }),
	text("city", true, ofMerchant, "City, ward or town.", "高山市", "/address/city",
		func(f *Form) *string { return &f.Address.City }),
	text("line", true, ofMerchant, "Part of the town and numbers.", "上三之町1-2", "/address/line",
		func(f *Form) *string { return &f.Address.Line }),
	text("building", false, ofMerchant, "Building and floor.", "", "/address/building",
		func(f *Form) *string { return &f.Address.Building }),
	text("city_latin", false, ofMerchant, "Stands in printed codes.", "Takayama",
		"/address/city_latin", func(f *Form) *string { return &f.Address.CityLatin }),
	text("phone", true, ofMerchant, "10 or 11 digits.", "0577-00-0000", "/phone",
		func(f *Form) *string { return &f.Phone }),
	text("email", false, ofMerchant, "Of the merchant.", "soba@example.jp", "/email",
		func(f *Form) *string { return &f.Email }),
	text("website", false, ofMerchant, "http or https.", "", "/website",
		func(f *Form) *string { return &f.Website }),
	text("trade_name", true, ofMerchant, "In Latin letters, as customers know it.", "Hida Soba",
		"/trade_name", func(f *Form) *string { return &f.TradeName }),
	text("trade_name_ja", false, ofMerchant, "In Japanese.", "飛騨そば", "/trade_name_ja",
		func(f *Form) *string { return &f.TradeNameJA }),
	text("mcc", true, ofMerchant, "Category, four digits, ISO 18245.", "5812", "/mcc",
		func(f *Form) *string { return &f.MCC }),
	text("licence_number", false, ofMerchant, "Of the licence that the category needs: you have "+
		"seen it.", "", "/licence_number", func(f *Form) *string { return &f.LicenceNumber }),
	{"mdr_ppm", true, ofMerchant, "What the merchant pays, parts per million: 29500 is 2.95 %.",
		"29500", "/mdr_ppm", func(f *Form, c string) string {
			n, mistake := number(c)
			f.MDRPPM = n
			return mistake
		}},
}

var bankColumns = []Column{
	text("bank_code", true, ofMerchant, "Four digits.", "0152", "/bank/bank_code",
		func(f *Form) *string { return &f.Bank.BankCode }),
	text("branch_code", true, ofMerchant, "Three digits.", "101", "/bank/branch_code",
		func(f *Form) *string { return &f.Bank.BranchCode }),
	{"account_type", true, ofMerchant, "ordinary (普通, 1), current (当座, 2) or savings (貯蓄, 4).",
		"ordinary", "/bank/type", func(f *Form, c string) string {
			return oneOf(&f.Bank.Type, c, map[string]AccountType{
				"ordinary": Ordinary, "普通": Ordinary, "1": Ordinary,
				"current": Current, "当座": Current, "2": Current,
				"savings": Savings, "貯蓄": Savings, "4": Savings})
		}},
	text("account_number", true, ofMerchant, "At most seven digits.", "1234567", "/bank/number",
		func(f *Form) *string { return &f.Bank.Number }),
	text("account_holder_kana", true, ofMerchant, "As the bank has it, in katakana.", "ｶ)ﾋﾀﾞｿﾊﾞ",
		"/bank/holder_kana", func(f *Form) *string { return &f.Bank.HolderKana }),
}

var storeColumns = []Column{
	text("store_id", false, ofStore, "Your own reference; made when it is empty.", "S-0001",
		"/store/id", func(f *Form) *string { return &f.Store.ID }),
	text("store_name", false, ofStore, "In Latin letters; the trade name when it is empty.", "",
		"/store/name", func(f *Form) *string { return &f.Store.Name }),
	text("store_name_ja", false, ofStore, "In Japanese.", "", "/store/name_ja",
		func(f *Form) *string { return &f.Store.NameJA }),
	text("store_postal_code", false, ofStore, "The store's address is the merchant's when all its "+
		"cells are empty.", "", "/store/address/postal_code",
		func(f *Form) *string { return &f.Store.Address.PostalCode }),
	region("store_prefecture", false, ofStore, "", "/store/address/prefecture",
		func(f *Form) *string { return &f.Store.Address.Prefecture }),
	text("store_city", false, ofStore, "City, ward or town.", "", "/store/address/city",
		func(f *Form) *string { return &f.Store.Address.City }),
	text("store_line", false, ofStore, "Part of the town, numbers.", "", "/store/address/line",
		func(f *Form) *string { return &f.Store.Address.Line }),
	text("store_building", false, ofStore, "Building and floor.", "", "/store/address/building",
		func(f *Form) *string { return &f.Store.Address.Building }),
	text("store_city_latin", false, ofStore, "Stands in printed codes.", "",
		"/store/address/city_latin",
		func(f *Form) *string { return &f.Store.Address.CityLatin }),
	text("store_mcc", false, ofStore, "The merchant's when it is empty.", "", "/store/mcc",
		func(f *Form) *string { return &f.Store.MCC }),
	text("store_unified_id", false, ofStore, "13 digits, JPQR.", "", "/store/unified_id",
		func(f *Form) *string { return &f.Store.UnifiedID }),
	yen("store_per_payment_max_yen", "/store/per_payment_max_minor",
		func(f *Form) **int64 { return &f.Store.PerPaymentMaxMinor }),
	yen("store_per_day_max_yen", "/store/per_day_max_minor",
		func(f *Form) **int64 { return &f.Store.PerDayMaxMinor }),
	text("terminal_id", false, ofTerminal, "Your own reference; made when it is empty.", "T-1",
		"/terminal/id", func(f *Form) *string { return &f.Terminal.ID }),
	text("terminal_label", false, ofTerminal, "Shown on the till.", "", "/terminal/label",
		func(f *Form) *string { return &f.Terminal.Label }),
	{"terminal_can_refund", false, ofTerminal, "yes or no (1, 0, はい, いいえ).", "yes",
		"/terminal/can_refund", func(f *Form, c string) string {
			return oneOf(&f.Terminal.CanRefund, c, map[string]bool{"yes": true, "true": true,
				"1": true, "はい": true, "no": false, "false": false, "0": false, "いいえ": false})
		}},
}

// text is a column that is taken as it is.
func text(
	name string, needed bool, of, meaning, example, pointer string, field func(*Form) *string,
) Column {
	return Column{name, needed, of, meaning, example, pointer,
		func(f *Form, cell string) string {
			*field(f) = strings.TrimSpace(cell)
			return ""
		}}
}

// region is a column with a prefecture, by its two digits or its Japanese name.
func region(
	name string, needed bool, of, example, pointer string, field func(*Form) *string,
) Column {
	return Column{name, needed, of, "Two digits, JIS X 0401, or the Japanese name.", example,
		pointer,
		func(f *Form, cell string) string {
			cell = strings.TrimSpace(norm.NFKC.String(cell))
			for _, p := range prefecture.All() {
				if cell == p.JA || len(cell) == 1 && "0"+cell == p.Code {
					cell = p.Code
				}
			}
			*field(f) = cell
			return ""
		}}
}

// yen is a column with a limit; empty is none.
func yen(name, pointer string, field func(*Form) **int64) Column {
	return Column{name, false, ofStore, "A limit in yen; none when it is empty.", "", pointer,
		func(f *Form, cell string) string {
			if strings.TrimSpace(cell) == "" {
				return ""
			}
			n, mistake := number(cell)
			*field(f) = &n
			return mistake
		}}
}

// number reads a whole number, with or without commas.
func number(cell string) (int64, string) {
	cell = strings.ReplaceAll(strings.TrimSpace(norm.NFKC.String(cell)), ",", "")
	if cell == "" {
		return 0, ""
	}
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		return 0, "must be a whole number"
	}
	return n, ""
}

// oneOf reads a word of a table, in any case.
func oneOf[T any](to *T, cell string, table map[string]T) string {
	cell = strings.ToLower(strings.TrimSpace(norm.NFKC.String(cell)))
	if cell == "" {
		return ""
	}
	v, ok := table[cell]
	if !ok {
		return "is none of the words that are known"
	}
	*to = v
	return ""
}

// Template is a file to fill in: the header and one example, in UTF-8 with a byte order mark.
func Template() []byte {
	var header, example []string
	for _, c := range columns {
		header, example = append(header, c.Name), append(example, c.Example)
	}
	return sheetOf([][]string{header, example})
}

// sheetOf writes lines as CSV that spreadsheets read.
func sheetOf(lines [][]string) []byte {
	var b bytes.Buffer
	b.WriteString(bom)
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	err := w.WriteAll(lines)
	check.That(err == nil, "signup: write CSV to memory: %v", err)
	return b.Bytes()
}

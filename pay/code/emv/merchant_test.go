package emv_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"watari/kit/money"
	"watari/pay/code/emv"
)

// Published merchant codes, and three that were made for this network.
const (
	// The example of EMVCo's specification, in an order that is not ascending.
	transport = "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678" +
		"520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.72" +
		"53031565502016233030412340603***0708A60086670902ME91320016A011223344998877" +
		"0708123456786304A13A"
	// A JPQR code of the tests of the package go-emv-code.
	jpqrCafe = "0002016003xxx01021129300012D156000000000510A93FO3230Q31280012D1560000000103081234" +
		"567826680019jp.or.paymentsjapan0113000000000000102040001030600000104060000015303392" +
		"5903xxx64180002JA0108メルペイ カフェ520441115802JP610710661436304DEE9"
	hongKong = "00020101021226340012HK.COM.HKICL010300402070009999520400005303344540555.00" +
		"5802NA5902NA6002NA620063046734"
	static = "00020101021126680019jp.or.paymentsjapan011300000000000010204000103060000010406000001" +
		"5204581253033925802JP5911WATARI CAFE6005KYOTO6107600821664160002JA0106ワタリカフェ630440FB"
	dynamic = "00020101021226680019jp.or.paymentsjapan011300000000000010204000103060000010406000001" +
		"520458125303392540412805802JP5911WATARI CAFE6005KYOTO61076008216" +
		"62380110INV-0001230511ORD202600010705POS0164160002JA0106ワタリカフェ6304B217"
	tipped = "00020101021126680019jp.or.paymentsjapan01130000000000001020400010306000001040600000127" +
		"370018net.example.watari0111W00000000015204701153033925502035702105802JP" +
		"5913WATARI RYOKAN6006HAKONE6107250031164140002JA0104渡り旅館6304D90C"
	// A public sample whose checksum fits none of its encodings.
	wrongSum = "00020164210002JA0111JPQRMPM本舗食堂53033925903xxx6003xxx610710600325802JP01021126680019" +
		"jp.or.paymentsjapan0113000000000000102040001030600000104060000015204412163046D60"
)

// samples are the codes that are sound.
var samples = []string{transport, jpqrCafe, hongKong, static, dynamic, tipped}

// Goal: every published code reads and is written again to the letter (E1). Method: the samples.
func TestPublishedCodesReadAndWriteToTheLetter(t *testing.T) {
	t.Parallel()
	for _, text := range samples {
		m, err := emv.ParseMerchant(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := m.Text(); err != nil || got != text {
			t.Errorf("got  %s, %v\nwant %s", got, err, text)
		}
	}
}

// Goal: each field comes to its place, templates included. Method: EMVCo's example in full.
func TestFieldsOfTheSpecificationsExample(t *testing.T) {
	t.Parallel()
	m := parse(t, transport)
	want := &emv.MerchantCode{
		Initiation: emv.Dynamic,
		Accounts: []emv.Template{
			emv.Account("29", "D15600000000", emv.Field{Tag: "05", Value: "A93FO3230Q"}),
			emv.Account("31", "D15600000001", emv.Field{Tag: "03", Value: "12345678"})},
		MCC: "4111", Currency: "CNY", Amount: money.MustNew(2372, "CNY"),
		Tip: emv.Tip{Mode: emv.TipAsked}, Country: "CN", Name: "BEST TRANSPORT", City: "BEIJING",
		Additional: &emv.Additional{Store: "1234", Customer: emv.AskPayer, Terminal: "A6008667",
			DataRequest: "ME"},
		Local: &emv.Local{Language: "ZH", Name: "最佳运输", City: "北京"},
		Unreserved: []emv.Template{
			emv.Account("91", "A011223344998877", emv.Field{Tag: "07", Value: "12345678"})},
	}
	if !same(m, want) {
		t.Errorf("got  %+v\nwant %+v", m, want)
	}
	if a, ok := m.Account("D15600000001"); !ok || a.Tag != "31" || a.Value("03") != "12345678" {
		t.Errorf("got %+v, %v", a, ok)
	}
	if _, ok := m.Account("d15600000001"); ok {
		t.Error("an identifier was found in another case")
	}
}

// Goal: amounts are exact and tips are read. Method: the samples that have them.
func TestAmountsAndTipsAreExact(t *testing.T) {
	t.Parallel()
	if m := parse(t, hongKong); m.Amount != money.MustNew(5500, "HKD") || m.Additional == nil {
		t.Errorf("got %+v", m)
	}
	if m := parse(t, dynamic); m.Amount != money.MustNew(1280, "JPY") ||
		m.Additional.Bill != "INV-000123" || m.Additional.Reference != "ORD20260001" ||
		m.Additional.Terminal != "POS01" {
		t.Errorf("got %+v", m)
	}
	if m := parse(t, tipped); m.Amount.Valid() ||
		m.Tip != (emv.Tip{Mode: emv.TipPercent, Percent: 100_000}) {
		t.Errorf("got %+v", m)
	}
}

// Goal: numbers are read as the specification allows and keep their spelling (E1); a changed
// number is written in the usual one. Method: spellings of one amount and one percentage.
func TestNumbersKeepTheirSpelling(t *testing.T) {
	t.Parallel()
	for spelt, minor := range map[string]int64{"98.73": 9873, "98": 9800, "98.": 9800,
		"98.7": 9870, "0098.70": 9870, "0.01": 1, "00000000000.1": 10, "9999999999.99": 999999999999} {
		text := with(t, "54", spelt, "53", "156", "55", "02", "56", spelt)
		m := parse(t, text)
		if m.Amount != money.MustNew(minor, "CNY") || m.Tip.Fixed != m.Amount {
			t.Errorf("%s: got %v, %v", spelt, m.Amount, m.Tip)
		}
		if got, err := m.Text(); err != nil || got != text {
			t.Errorf("%s: got %s, %v", spelt, got, err)
		}
		m.Amount = money.MustNew(5, "CNY")
		if got, err := m.Text(); err != nil || !strings.Contains(got, "54040.05") {
			t.Errorf("%s: changed: got %s, %v", spelt, got, err)
		}
	}
	for spelt, ppm := range map[string]money.PPM{"00.01": 100, "99.99": 999_900, "10": 100_000,
		"10.": 100_000, "8.5": 85_000, "08.50": 85_000, "8.25": 82_500} {
		text := with(t, "55", "03", "57", spelt)
		m := parse(t, text)
		if m.Tip.Percent != ppm {
			t.Errorf("%s: got %v", spelt, m.Tip)
		}
		if got, err := m.Text(); err != nil || got != text {
			t.Errorf("%s: got %s, %v", spelt, got, err)
		}
	}
}

// Goal: the code with a wrong checksum is refused, and so is every changed character. Method: the
// public sample; each character of a sound code replaced.
func TestChangedCodeIsRefused(t *testing.T) {
	t.Parallel()
	refused(t, wrongSum, "63", "checksum is wrong")
	for i, r := range static {
		for _, other := range "0A本" {
			if other == r {
				continue
			}
			text := static[:i] + string(other) + static[i+utf8.RuneLen(r):]
			if m, err := emv.ParseMerchant(text); err == nil {
				t.Fatalf("%s was read as %+v", text, m)
			}
		}
	}
}

// body is a code with what every code has, without its checksum.
const body = "000201010211" + "2614" + "0010org.watari" + "52045812" + "5303392" + "5802JP" +
	"5901A" + "6001B"

// Goal: what breaks the format is refused with the tag and the reason (E4). Method: a code with one
// mistake, sealed with the right checksum, a line each.
func TestBrokenCodesAreRefusedByPlace(t *testing.T) {
	t.Parallel()
	if m := parse(t, seal(body)); m.Initiation != emv.Static {
		t.Fatalf("got %+v", m)
	}
	for _, c := range []struct{ text, tag, why string }{
		{"", "", "empty"},
		{"\x00", "", "U+0000"},
		{seal(body + "6101\x00"), "", "U+0000"},
		{seal(body + "6101\n"), "", "U+000A"},
		{seal(body + "6101\u202e"), "", "U+202E"},
		{seal(body + "6101\xff"), "", "UTF-8"},
		{strings.Repeat("1", 513), "", "513 characters"},
		{seal(body + filler(5)), "", "at most 512"},
		{"0002", "00", "length is 2, but 0"},
		{"000", "", "3 characters are left over"},
		{"00a2", "", "two digits"},
		{"０0020", "", "two digits"},
		{seal("010211" + body[12:]), "00", "000201"},
		{seal("000202" + body[6:]), "00", "000201"},
		{body, "63", "does not end with its checksum"},
		{body[:12] + "6304A13A" + body[12:], "63", "not the last"},
		{seal(body) + "6101A", "63", "not the last"},
		{seal(body) + "6304A13A", "63", "comes twice"},
		{strings.TrimSuffix(static, "40FB") + "40fb", "63", "checksum is wrong"},
		{seal(body + "6199A"), "61", "length is 99"},
		{seal(body + "5901B"), "59", "comes twice"},
		{seal(body + "6100"), "61", "0 characters, not 1 to 10"},
		{seal(body + "611112345678901"), "61", "not 1 to 10"},
		{seal(body[:6] + "010213" + body[12:]), "01", "11 or 12"},
	} {
		refused(t, c.text, c.tag, c.why)
	}
}

// Goal: a field with a wrong value is refused likewise, in templates too. Method: as above.
func TestBrokenFieldsAreRefusedByPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, tag, why string }{
		{body + "63", "", "2 characters are left over"},
		{seal(body + "54011" + "5502AB"), "55", "digits"},
		{seal(body + "54010"), "54", "zero"},
		{seal(body + "54041.50"), "54", "0 decimals, not 2"},
		{seal(body + "54021,"), "54", "one point"},
		{seal(body + "5403-10"), "54", "one point"},
		{seal(body + "5402.5"), "54", "one point"},
		{seal(body + "54051.2.3"), "54", "one point"},
		{seal(body + "540512 00"), "54", "one point"},
		{seal(body + "541412345678901234"), "54", "14 characters, not 1 to 13"},
		{seal(body + "550204"), "55", "01, 02 or 03"},
		{seal(body + "56011"), "56", "only with 02"},
		{seal(body + "57011"), "57", "only with 03"},
		{seal(body + "550202"), "56", "missing"},
		{seal(body + "550203"), "57", "missing"},
		{seal(body + "550203" + "57010"), "57", "00.01"},
		{seal(body + "550203" + "5703100"), "57", "00.01"},
		{seal(body + "550203" + "57051.234"), "57", "00.01"},
		{seal(body + "550202" + "56011" + "57011"), "57", "only with 03"},
		{seal(body + "2704" + "0101"), "27.01", "length is 1"},
		{seal(body + "2705" + "0101A"), "27", "no identifier"},
		{seal(body + "2737" + "0033" + strings.Repeat("A", 33)), "27.00", "33 characters"},
		{seal(body + "2710" + "0001A0001B"), "27.00", "comes twice"},
		{seal(body + "2708" + "0001Axyz"), "27", "3 characters are left over"},
		{seal(body + "8005" + "0101A"), "80", "no identifier"},
		{seal(body + "6230" + "0526" + strings.Repeat("A", 26)), "62.05", "26 characters"},
		{seal(body + "6205" + "0001A"), "62.00", "no field 00"},
		{seal(body + "6206" + "0902AA"), "62.09", "A, M and E"},
		{seal(body + "6406" + "0002JA"), "64", "a name in 01"},
		{seal(body + "6405" + "0101A"), "64", "a language in 00"},
		{seal(body + "6411" + "0002J1" + "0101A"), "64.00", "letters"},
		{seal("000201" + body[30:]), "", "no account"},
		{seal(body[:30] + body[38:]), "52", "missing"},
		{seal(strings.Replace(body, "5303392", "", 1)), "53", "missing"},
		{seal(strings.Replace(body, "5303392", "5303999", 1)), "53", "ISO 4217"},
		{seal(strings.Replace(body, "5802JP", "", 1)), "58", "missing"},
		{seal(strings.Replace(body, "5802JP", "5802jp", 1)), "58", "capital"},
		{seal(strings.Replace(body, "5901A", "", 1)), "59", "missing"},
		{seal(strings.Replace(body, "5901A", "5926"+strings.Repeat("A", 26), 1)), "59", "26"},
		{seal(strings.Replace(body, "6001B", "", 1)), "60", "missing"},
		{seal(strings.Replace(body, "6001B", "6016"+strings.Repeat("B", 16), 1)), "60", "16"},
		{seal(strings.Replace(body, "52045812", "520458A2", 1)), "52", "digits"},
	} {
		refused(t, c.text, c.tag, c.why)
	}
}

// Goal: lengths count characters and not bytes. Method: a name of 25 kanji, and one of 26.
func TestLengthsCountCharacters(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("渡", emv.NameMax)
	m := parse(t, with(t, "64", "0002JA0125"+name))
	if m.Local.Name != name {
		t.Errorf("got %q", m.Local.Name)
	}
	m.Local.Name += "渡"
	if text, err := m.Text(); err == nil {
		t.Errorf("26 characters were written: %s", text)
	}
	m.Local.Name = name
	text, err := m.Text()
	if err != nil || !strings.Contains(text, "64350002JA0125渡") {
		t.Errorf("got %s, %v", text, err)
	}
}

// Goal: a code with a wrong field is not written (E2). Method: one wrong field each.
func TestWrongFieldsAreNotWritten(t *testing.T) {
	t.Parallel()
	for tag, spoil := range map[string]func(m *emv.MerchantCode){
		"52":    func(m *emv.MerchantCode) { m.MCC = "581" },
		"53":    func(m *emv.MerchantCode) { m.Currency = "XXX" },
		"54":    func(m *emv.MerchantCode) { m.Amount = money.MustNew(1, "CNY") },
		"56":    func(m *emv.MerchantCode) { m.Tip.Fixed = money.MustNew(1, "JPY") },
		"57":    func(m *emv.MerchantCode) { m.Tip.Percent = 123 },
		"58":    func(m *emv.MerchantCode) { m.Country = "" },
		"59":    func(m *emv.MerchantCode) { m.Name = strings.Repeat("A", 100) },
		"62.05": func(m *emv.MerchantCode) { m.Additional.Reference = strings.Repeat("A", 26) },
		"62.09": func(m *emv.MerchantCode) { m.Additional.Others = []emv.Field{{Tag: "09"}} },
		"64.02": func(m *emv.MerchantCode) { m.Local.Others = []emv.Field{{Tag: "02"}} },
		"26":    func(m *emv.MerchantCode) { m.Networks = []emv.Field{{Tag: "26", Value: "A"}} },
		"66":    func(m *emv.MerchantCode) { m.Accounts[0].Tag = "66" },
		"1":     func(m *emv.MerchantCode) { m.Reserved = []emv.Field{{Tag: "1", Value: "A"}} },
		"27.0x": func(m *emv.MerchantCode) {
			m.Accounts = append(m.Accounts, emv.Account("27", "a", emv.Field{Tag: "0x", Value: "A"}))
		},
		"28": func(m *emv.MerchantCode) {
			m.Accounts = append(m.Accounts, emv.Account("28", "a", emv.Field{Tag: "01",
				Value: strings.Repeat("A", 99)}))
		},
	} {
		m := parse(t, dynamic)
		spoil(m)
		_, err := m.Text()
		var refusal *emv.Error
		if !errors.As(err, &refusal) || refusal.Tag != tag {
			t.Errorf("%s: got %v", tag, err)
		}
	}
	if _, err := new(emv.MerchantCode).Text(); err == nil {
		t.Error("an empty code was written")
	}
}

// parse reads a code that must be sound.
func parse(t *testing.T, text string) *emv.MerchantCode {
	t.Helper()
	m, err := emv.ParseMerchant(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// refused wants a code to be refused at a tag for a reason.
func refused(t *testing.T, text, tag, why string) {
	t.Helper()
	m, err := emv.ParseMerchant(text)
	var refusal *emv.Error
	switch {
	case !errors.As(err, &refusal) || m != nil:
		t.Errorf("%q was read as %+v, %v", text, m, err)
	case !strings.Contains(refusal.What, why) || refusal.Tag != tag:
		t.Errorf("%q: got tag %q, %v, want tag %q, %s", text, refusal.Tag, err, tag, why)
	}
}

// with returns the static code with fields put into it or replaced, sealed.
func with(t *testing.T, pairs ...string) string {
	t.Helper()
	rest, fields := []rune(static), [][2]string{}
	for len(rest) > 8 {
		n := int(rest[2]-'0')*10 + int(rest[3]-'0')
		fields = append(fields, [2]string{string(rest[:2]), string(rest[4 : 4+n])})
		rest = rest[4+n:]
	}
	for pair := range slices.Chunk(pairs, 2) {
		fields = slices.DeleteFunc(fields, func(f [2]string) bool { return f[0] == pair[0] })
		fields = append(fields, [2]string{pair[0], pair[1]})
	}
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "%s%02d%s", f[0], utf8.RuneCountInString(f[1]), f[1])
	}
	return seal(b.String())
}

// seal appends the checksum, worked out as the remainder of a long division, bit by bit.
func seal(body string) string {
	body += "6304"
	bits := make([]byte, 0, 8*len(body)+16)
	for i := range len(body) {
		for shift := 7; shift >= 0; shift-- {
			bits = append(bits, body[i]>>shift&1)
		}
	}
	bits = append(bits, make([]byte, 16)...)
	for i := range 16 {
		bits[i] ^= 1
	}
	divisor := []byte{1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}
	for i := range len(bits) - 16 {
		if bits[i] == 0 {
			continue
		}
		for j, d := range divisor {
			bits[i+j] ^= d
		}
	}
	sum := 0
	for _, b := range bits[len(bits)-16:] {
		sum = sum<<1 | int(b)
	}
	return body + fmt.Sprintf("%04X", sum)
}

// filler returns n reserved fields of 99 characters.
func filler(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d99%s", 65+i, strings.Repeat("x", 99))
	}
	return b.String()
}

// same compares what callers see of two codes.
func same(a, b *emv.MerchantCode) bool {
	return reflect.DeepEqual(visible(a), visible(b))
}

// visible returns the exported fields, pointers followed.
func visible(v any) any {
	x := reflect.ValueOf(v)
	for x.Kind() == reflect.Pointer {
		if x.IsNil() {
			return nil
		}
		x = x.Elem()
	}
	if _, isAmount := x.Interface().(money.Amount); isAmount || x.Kind() != reflect.Struct {
		return x.Interface()
	}
	fields := map[string]any{}
	for i := range x.NumField() {
		if f := x.Type().Field(i); f.IsExported() {
			fields[f.Name] = visible(x.Field(i).Interface())
		}
	}
	return fields
}

package emv_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/money"
	"watari/pay/code/emv"
)

// Goal: every code that can be written reads back the same (E2). Method: drawn codes.
func TestWrittenCodesReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := anyMerchant(rt)
		text, err := m.Text()
		if err != nil {
			rt.Fatal(err)
		}
		read, err := emv.ParseMerchant(text)
		if err != nil || !same(m, read) {
			rt.Fatalf("got  %+v, %v\nwant %+v", read, err, m)
		}
		if again, err := read.Text(); err != nil || again != text {
			rt.Fatalf("got  %s, %v\nwant %s", again, err, text)
		}
	})
}

// Goal: fields in any order between the first and the last read the same, and are written in that
// order (E1). Method: permutations of the fields of a sample.
func TestAnyOrderIsReadAndKept(t *testing.T) {
	t.Parallel()
	fields := []string{"010212", "26680019jp.or.paymentsjapan011300000000000010204000103060000010" +
		"406000001", "52045812", "5303392", "54041280", "5802JP", "5911WATARI CAFE", "6005KYOTO",
		"61076008216", "64160002JA0106ワタリカフェ", "02164000000000000001", "6501x",
		"62380110INV-0001230511ORD202600010705POS01"}
	want := parse(t, dynamic)
	want.Networks = []emv.Field{{Tag: "02", Value: "4000000000000001"}}
	want.Reserved = []emv.Field{{Tag: "65", Value: "x"}}
	rapid.Check(t, func(rt *rapid.T) {
		body := "000201"
		for _, f := range rapid.Permutation(fields).Draw(rt, "fields") {
			body += f
		}
		text := seal(body)
		m, err := emv.ParseMerchant(text)
		if err != nil || !same(m, want) {
			rt.Fatalf("%s: got %+v, %v", text, m, err)
		}
		if got, err := m.Text(); err != nil || got != text {
			rt.Fatalf("got  %s, %v\nwant %s", got, err, text)
		}
	})
}

// Goal: no text breaks the reader, and what it reads is written to the letter (E1). Method: fuzz,
// from the samples; the checksum is put right, or hardly any text would come through.
func FuzzParseMerchant(f *testing.F) {
	for _, text := range append(samples, wrongSum, "", "000201", "0002016304", "00020163041D3D",
		with(&testing.T{}, "54", "1.", "55", "03", "57", "00.01")) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, text := range []string{text, resealed(text)} {
			m, err := emv.ParseMerchant(text)
			if err != nil {
				continue
			}
			if got, err := m.Text(); err != nil || got != text {
				t.Errorf("got  %q, %v\nwant %q", got, err, text)
			}
			_, _, _ = m.UnifiedStore()
		}
	})
}

// resealed puts the right checksum in the place of the last eight bytes.
func resealed(text string) string {
	return seal(text[:max(0, len(text)-8)])
}

// anyMerchant draws a code whose parts are within their limits, together too.
func anyMerchant(t *rapid.T) *emv.MerchantCode {
	c := rapid.SampledFrom([]money.Currency{"JPY", "CNY", "TWD", "KWD", "USD"}).Draw(t, "currency")
	m := &emv.MerchantCode{
		Initiation: rapid.SampledFrom([]emv.Initiation{emv.Unsaid, emv.Static, emv.Dynamic}).
			Draw(t, "initiation"),
		MCC: rapid.StringMatching(`[0-9]{4}`).Draw(t, "mcc"), Currency: c,
		Country:    rapid.StringMatching(`[A-Z]{2}`).Draw(t, "country"),
		Name:       anyText(t, "name", 1, emv.NameMax),
		City:       anyText(t, "city", 1, emv.CityMax),
		PostalCode: rapid.StringMatching(`[0-9A-Z -]{0,10}`).Draw(t, "postal code"),
		Accounts:   anyTemplates(t, "accounts", 26),
		Unreserved: anyTemplates(t, "unreserved", 80),
	}
	m.Accounts = append(m.Accounts, emv.Account("51", "org.example"))
	if rapid.Bool().Draw(t, "has an amount") {
		m.Amount = anyAmount(t, c)
	}
	if rapid.Bool().Draw(t, "has a network") {
		m.Networks = []emv.Field{{Tag: "15", Value: anyText(t, "network", 1, 8)}}
	}
	if rapid.Bool().Draw(t, "has a reserved field") {
		m.Reserved = []emv.Field{{Tag: "79", Value: anyText(t, "reserved", 1, 8)}}
	}
	switch m.Tip.Mode = rapid.SampledFrom([]emv.TipMode{emv.NoTip, emv.TipAsked, emv.TipFixed,
		emv.TipPercent}).Draw(t, "tip"); m.Tip.Mode {
	case emv.TipFixed:
		m.Tip.Fixed = anyAmount(t, c)
	case emv.TipPercent:
		m.Tip.Percent = 100 * money.PPM(rapid.Int64Range(1, 9999).Draw(t, "hundredths"))
	}
	if rapid.Bool().Draw(t, "has additional data") {
		m.Additional = &emv.Additional{Bill: anyText(t, "bill", 0, 9),
			Reference:   rapid.SampledFrom([]string{"", emv.AskPayer, "A-1"}).Draw(t, "reference"),
			DataRequest: rapid.SampledFrom([]string{"", "A", "ME", "EMA"}).Draw(t, "request")}
		if rapid.Bool().Draw(t, "has more") {
			m.Additional.Others = []emv.Field{{Tag: "10", Value: "x"}, {Tag: "99", Value: "y"}}
		}
	}
	if rapid.Bool().Draw(t, "has a local name") {
		m.Local = &emv.Local{Language: "JA", Name: anyText(t, "local name", 1, emv.NameMax),
			City: anyText(t, "local city", 0, emv.CityMax)}
	}
	return m
}

// anyAmount draws an amount that 13 characters can hold.
func anyAmount(t *rapid.T, c money.Currency) money.Amount {
	return money.MustNew(rapid.Int64Range(1, 999_999_999_999).Draw(t, "minor"), c)
}

// anyText draws characters of one to four bytes.
func anyText(t *rapid.T, what string, least, most int) string {
	return rapid.StringOfN(rapid.RuneFrom([]rune("AZaz09 -*/é渡りカフェ店𠮷😀")), least, most, -1).
		Draw(t, what)
}

// anyTemplates draws up to two templates with tags from first.
func anyTemplates(t *rapid.T, what string, first int) []emv.Template {
	var list []emv.Template
	for i := range rapid.IntRange(0, 2).Draw(t, what) {
		list = append(list, emv.Account(fmt.Sprint(first+i), anyText(t, "guid", 1, 16),
			emv.Field{Tag: "07", Value: anyText(t, "value", 1, 8)},
			emv.Field{Tag: "01", Value: anyText(t, "value", 1, 8)}))
	}
	return list
}

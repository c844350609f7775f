package emv_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"watari/pay/code/emv"
)

// Published payer codes: EMVCo's example, and one of the package jpqr-cpm.
const (
	emvPayer = "hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MWETTwegAAAAZmZmUAhQcm9kdWN0MmJJWggSNFZ4kBI0" +
		"WF8gDkNBUkRIT0xERVIvRU1WXy0IcnVlc2RlZW5kIZ8QBwYBCgMAAACfJghYT9OF+iNLzJ82AgABnzcEbVjvEw=="
	jpqrPayer = "hQVKUFFSMWElTwgxMjM0NTY3OFcIODc2NTQzMjGZD3sia2V5IjoidmFsdWUifQ=="
)

// Goal: EMVCo's example is read in full and written again to the letter (E1). Method: the names,
// labels and data of its description.
func TestEMVCoPayerCode(t *testing.T) {
	t.Parallel()
	p := parsePayer(t, emvPayer)
	apps := p.Applications()
	if p.Format != emv.CPV01 || len(apps) != 2 || len(p.Objects) != 3 {
		t.Fatalf("got %+v", p)
	}
	for i, name := range []string{"a0000000555555", "a0000000666666"} {
		if hex.EncodeToString(apps[i].Name) != name || apps[i].Payment != nil ||
			string(apps[i].Objects[1].Value) != "Product"+string(rune('1'+i)) {
			t.Errorf("got %+v", apps[i])
		}
	}
	common := map[uint32]string{}
	for _, o := range p.Objects[2].Children {
		common[o.Tag] = hex.EncodeToString(o.Value)
	}
	want := map[uint32]string{0x5A: "1234567890123458", 0x9F10: "06010a03000000",
		0x5F20: hex.EncodeToString([]byte("CARDHOLDER/EMV")), 0x9F26: "584fd385fa234bcc",
		0x5F2D: hex.EncodeToString([]byte("ruesdeen")), 0x9F36: "0001", 0x9F37: "6d58ef13"}
	// The last four are inside the transparent template 64.
	for _, o := range p.Objects[2].Children {
		if o.Tag == 0x64 {
			delete(common, 0x64)
			for _, c := range o.Children {
				common[c.Tag] = hex.EncodeToString(c.Value)
			}
		}
	}
	if !reflect.DeepEqual(common, want) {
		t.Errorf("got %v\nwant %v", common, want)
	}
	if got, err := p.Text(); err != nil || got != emvPayer {
		t.Errorf("got %s, %v", got, err)
	}
}

// Goal: a JPQR payer code gives the operator and the payment, and is made from them. Method: the
// public sample.
func TestJPQRPayerCode(t *testing.T) {
	t.Parallel()
	p := parsePayer(t, jpqrPayer)
	apps := p.Applications()
	if p.Format != emv.JPQR1 || len(apps) != 1 || string(apps[0].Name) != "12345678" ||
		string(apps[0].Payment) != "87654321" || string(apps[0].Free) != `{"key":"value"}` {
		t.Errorf("got %+v", p)
	}
	made := emv.JPQRPayer("12345678", "87654321", `{"key":"value"}`)
	for _, c := range []*emv.PayerCode{p, made} {
		if got, err := c.Text(); err != nil || got != jpqrPayer {
			t.Errorf("got %s, %v", got, err)
		}
	}
	if text, err := emv.JPQRPayer("12345678", "1", "").Text(); err != nil ||
		parsePayer(t, text).Applications()[0].Free != nil {
		t.Errorf("without free data: %s, %v", text, err)
	}
}

// Goal: what breaks the format is refused (E4). Method: bytes with one mistake, a line each.
func TestBrokenPayerCodesAreRefused(t *testing.T) {
	t.Parallel()
	const head, app = "85054350563031", "61074F05A000000001"
	if _, err := emv.ParsePayer(encoded(t, head+app)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ hex, why string }{
		{"", "does not begin with its format"},
		{app, "does not begin with its format"},
		{app + head, "does not begin with its format"},
		{"85054350563032" + app, "neither CPV01 nor JPQR1"},
		{"850443505630" + app, "neither CPV01 nor JPQR1"},
		{head, "no application"},
		{head + "6100", "no name"},
		{head + "6103500141", "no name"},
		{head + "61024F00", "no name"},
		{head + "61064F04A0000000", "4 bytes"},
		{head + "61134F11A0000000000000000000000000000000FF", "17 bytes"},
		{head + app + head, "85, position 17: the tag comes twice"},
		{head + app + "62006200", "62, position 19: the tag comes twice"},
		{head + "610B4F05A00000000150004F00", "tag comes twice"},
		{head + app + "00", "00 is no tag"},
		{head + app + "FF00", "FF is no tag"},
		{head + app + "9F", "not complete"},
		{head + app + "9F8181818100", "not complete, or longer"},
		{head + app + "50", "length is missing"},
		{head + app + "5002AA", "length is 2, but 1"},
		{head + app + "508102AAAA", "longer than it has to be"},
		{head + app + "50820002AAAA", "longer than it has to be"},
		{head + app + "5080", "form that is not used"},
		{head + app + "50830000AA", "form that is not used"},
		{head + app + "5082", "form that is not used"},
		{head + app + "62096207620562036201", "length is 9, but 8"},
		{head + app + "620A6208620662046202" + "5000", "deeper than 4"},
		{"85054A50515231" + "61044F0131" + "", "length is 4, but 3"},
		{"85054A50515231" + "61034F0131", "no payment id"},
		{"85054A50515231" + "61064F0120570131", "operator's id is not printable"},
		{"85054A50515231" + "61064F0131570180", "no payment id"},
	} {
		text := encoded(t, c.hex)
		p, err := emv.ParsePayer(text)
		var refusal *emv.Error
		if !errors.As(err, &refusal) || p != nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: got %+v, %v, want %q", c.hex, p, err, c.why)
		}
	}
	sound := encoded(t, head+app)
	for _, text := range []string{sound[:len(sound)-1], sound + "=", sound + "\n", " " + sound,
		strings.TrimRight(jpqrPayer, "="), strings.Replace(emvPayer, "+", "-", 1), "hQV本",
		jpqrPayer[:len(jpqrPayer)-3] + "R==", strings.Repeat("A", 513), sound + sound} {
		if p, err := emv.ParsePayer(text); err == nil {
			t.Errorf("%q was read as %+v", text, p)
		}
	}
}

// Goal: lengths of one to three bytes are written and read. Method: values around the borders.
func TestLongValuesKeepTheirLength(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 127, 128, 255, 256, 340} {
		p := &emv.PayerCode{Format: emv.CPV01, Objects: []emv.Object{
			{Tag: emv.TagApplication, Children: []emv.Object{
				{Tag: emv.TagName, Value: []byte{0xa0, 0, 0, 0, 1}}}},
			{Tag: 0x9F10, Value: bytes.Repeat([]byte{7}, n)}}}
		text, err := p.Text()
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		if got := parsePayer(t, text); !reflect.DeepEqual(got, p) {
			t.Errorf("%d: got %+v", n, got)
		}
	}
}

// Goal: what is not BER-TLV is not written (E2). Method: one mistake each.
func TestBrokenObjectsAreNotWritten(t *testing.T) {
	t.Parallel()
	sound := emv.JPQRPayer("12345678", "1", "").Objects
	for what, o := range map[string]emv.Object{
		"tag 0":            {Tag: 0},
		"half a tag":       {Tag: 0x9F, Value: []byte("12345")},
		"two tags":         {Tag: 0x5050},
		"four bytes":       {Tag: 0x9F818101},
		"value":            {Tag: 0x62, Value: []byte("1")},
		"children":         {Tag: 0x50, Children: []emv.Object{{Tag: 0x50}}},
		"wrong child":      {Tag: 0x62, Children: []emv.Object{{Tag: 0x1F}}},
		"too long":         {Tag: 0x50, Value: make([]byte, 70_000)},
		"too long as text": {Tag: 0x50, Value: make([]byte, 400)},
	} {
		p := &emv.PayerCode{Format: emv.JPQR1, Objects: append(sound[:1:1], o)}
		if text, err := p.Text(); err == nil {
			t.Errorf("%s: wrote %s", what, text)
		}
	}
}

// Goal: every code that can be written reads back the same (E2). Method: drawn objects.
func TestWrittenPayerCodesReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.SliceOfN(rapid.Byte(), 0, 30)
		app := func(_ int) emv.Object {
			return emv.Object{Tag: emv.TagApplication, Children: []emv.Object{
				{Tag: emv.TagName, Value: rapid.SliceOfN(rapid.Byte(), 5, 16).Draw(rt, "name")},
				{Tag: 0x5F20, Value: value.Draw(rt, "cardholder")},
				{Tag: 0x63, Children: []emv.Object{{Tag: 0x9F26, Value: value.Draw(rt, "data")}}}}}
		}
		p := &emv.PayerCode{Format: emv.CPV01}
		for i := range rapid.IntRange(1, 3).Draw(rt, "applications") {
			p.Objects = append(p.Objects, app(i))
		}
		text, err := p.Text()
		if err != nil {
			rt.Fatal(err)
		}
		read, err := emv.ParsePayer(text)
		if err != nil || !reflect.DeepEqual(read, p) {
			rt.Fatalf("got  %+v, %v\nwant %+v", read, err, p)
		}
	})
}

// Goal: no text breaks the reader, and what it reads is written to the letter (E1). Method: fuzz,
// texts as they are and bytes behind a sound beginning.
func FuzzParsePayer(f *testing.F) {
	f.Add(emvPayer, []byte{0x62, 0})
	f.Add(jpqrPayer, []byte{0x9F, 0x10, 1, 1})
	f.Add("hQV", []byte{0x62, 3, 0x64, 0x81, 0x80})
	f.Fuzz(func(t *testing.T, text string, tail []byte) {
		behind := append([]byte("\x85\x05CPV01\x61\x07\x4F\x05\xA0\x00\x00\x00\x01"), tail...)
		for _, text := range []string{text, base64.StdEncoding.EncodeToString(behind)} {
			p, err := emv.ParsePayer(text)
			if err != nil {
				continue
			}
			if got, err := p.Text(); err != nil || got != text {
				t.Errorf("got  %q, %v\nwant %q", got, err, text)
			}
		}
	})
}

// parsePayer reads a code that must be sound.
func parsePayer(t *testing.T, text string) *emv.PayerCode {
	t.Helper()
	p, err := emv.ParsePayer(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

// encoded returns hexadecimal digits as the text of a code.
func encoded(t *testing.T, digits string) string {
	t.Helper()
	data, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatalf("%s: %v", digits, err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

package code_test

import (
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"watari/kit/fault"
	"watari/kit/money"
	"watari/kit/qr"
	"watari/pay/code"
	"watari/pay/code/emv"
)

// cafe is a store of which the directory knows everything.
func cafe() code.Store {
	return code.Store{ID: "S-0001", Name: "Watari Café", NameJA: "ワタリカフェ", City: "Kyōto",
		PostalCode: "600-8216", MCC: "5812", Token: "q3v7m2x9t4",
		Unified: code.UnifiedStore{LV1: "0000000000001"},
		Address: "https://pay.watari.example/s/q3v7m2x9t4"}
}

// order is an order of that store.
func order() code.Order {
	return code.Order{Amount: money.MustNew(1280, "JPY"), Token: "0c7m2h5x01004k8d2n9q3v7m2x9",
		Reference: "ORD20260001", Terminal: "POS01",
		Address: "https://pay.watari.example/q/0c7m2h5x01004k8d2n9q3v7m2x9"}
}

// Goal: a static code is JPQR with the network's own account, and names its store. Method: the text
// in full, field by field as the specifications order them.
func TestStaticCodeOfAStore(t *testing.T) {
	t.Parallel()
	text, err := code.StaticStore(cafe())
	const want = "000201" + "010211" +
		"2668" + "0019jp.or.paymentsjapan" + "01130000000000001" + "02040001" + "0306000001" +
		"0406000001" +
		"2771" + "0010org.watari" + "0110q3v7m2x9t4" +
		"0239https://pay.watari.example/s/q3v7m2x9t4" +
		"52045812" + "5303392" + "5802JP" + "5911Watari Cafe" + "6005Kyoto" + "61076008216" +
		"6416" + "0002JA" + "0106ワタリカフェ" + "6304"
	if err != nil || text[:len(text)-4] != want {
		t.Fatalf("got  %s, %v\nwant %s", text, err, want)
	}
	got, err := code.ReadStore(text, "")
	if err != nil || got.Token != "q3v7m2x9t4" || got.Order != "" ||
		got.Address != cafe().Address || got.Unified.LV1 != "0000000000001" ||
		got.Unified.LV2 != "0001" || got.Code.Initiation != emv.Static {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Goal: a dynamic code carries amount, order and reference. Method: write one and read it.
func TestDynamicCodeOfAnOrder(t *testing.T) {
	t.Parallel()
	text, err := code.DynamicStore(cafe(), order())
	if err != nil {
		t.Fatal(err)
	}
	got, err := code.ReadStore(text, "")
	if err != nil || got.Token != "q3v7m2x9t4" || got.Order != order().Token ||
		got.Code.Amount != order().Amount || got.Code.Initiation != emv.Dynamic ||
		got.Code.Additional.Reference != "ORD20260001" || got.Code.Additional.Terminal != "POS01" ||
		got.Address != "" || got.Unified.LV1 == "" {
		t.Errorf("%s\ngot %+v, %v", text, got, err)
	}
	// The address fits a template without the order's token.
	o := order()
	o.Token = ""
	text, err = code.DynamicStore(cafe(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = code.ReadStore(text, ""); err != nil || got.Address != o.Address ||
		got.Order != "" {
		t.Errorf("%s\ngot %+v, %v", text, got, err)
	}
}

// Goal: a code that cannot keep a rule of JPQR does not claim to be JPQR. Method: take away one
// thing at a time.
func TestIncompleteStoreHasAPlainCode(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(s *code.Store, o *code.Order){
		"no postal code":   func(s *code.Store, _ *code.Order) { s.PostalCode = "" },
		"no unified id":    func(s *code.Store, _ *code.Order) { s.Unified = code.UnifiedStore{} },
		"no Japanese name": func(s *code.Store, _ *code.Order) { s.NameJA = " \u3000\n" },
		"not in yen": func(_ *code.Store, o *code.Order) {
			o.Amount = money.MustNew(8464, "CNY")
		},
	} {
		s, o := cafe(), order()
		spoil(&s, &o)
		texts := []string{}
		if text, err := code.DynamicStore(s, o); err == nil {
			texts = append(texts, text)
		}
		if text, err := code.StaticStore(s); err == nil && what != "not in yen" {
			texts = append(texts, text)
		}
		for _, text := range texts {
			got, err := code.ReadStore(text, "")
			if err != nil || got.Token != s.Token || got.Unified.LV1 != "" ||
				strings.Contains(text, emv.JPQR) {
				t.Errorf("%s: %s\ngot %+v, %v", what, text, got, err)
			}
		}
		if len(texts) == 0 {
			t.Errorf("%s: there is no code", what)
		}
	}
}

// Goal: names in tags 59 and 60 are Latin, whatever the directory has. Method: names of all kinds.
func TestNamesAreLatinAndNeverEmpty(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, id, want string }{
		{"Watari Cafe", "S-1", "Watari Cafe"},
		{"Café Ōtani – Straße 7", "S-1", "Cafe Otani - Strasse 7"},
		{"Ｗａｔａｒｉ　Ｃａｆｅ", "S-1", "Watari Cafe"},
		{"渡りカフェ Kyoto", "S-1", "Kyoto"},
		{"渡りカフェ", "S-1", "S-1"},
		{"渡りカフェ 2", "S-1", "S-1"},
		{"", "S-1", "S-1"},
		{"7-11", "S-1", "7-11"},
		{"渡り", "000123", "000123"},
		{"渡り", "店舗", "STORE"},
		{"A\x00B\nC\u202eD", "S-1", "A B C D"},
		{"ABCDEFGHIJKLMNOPQRSTUVWX YZ", "S-1", "ABCDEFGHIJKLMNOPQRSTUVWX"},
		{"Łódź Æther ½ ﬁve", "S-1", "Lodz AEther 1 2 five"},
	} {
		s := cafe()
		s.Name, s.ID = c.name, c.id
		if m := readBack(t, s); m.Name != c.want {
			t.Errorf("%q, %q: got %q, want %q", c.name, c.id, m.Name, c.want)
		}
	}
	for city, want := range map[string]string{"Kyōto-shi": "Kyoto-shi", "京都": "JAPAN", "": "JAPAN",
		"Minamikyushu City": "Minamikyushu Ci"} {
		s := cafe()
		s.City = city
		if m := readBack(t, s); m.City != want {
			t.Errorf("%q: got %q, want %q", city, m.City, want)
		}
	}
}

// Goal: a name is never cut inside a character (K6). Method: characters of several code points
// around the limit of 25.
func TestNamesAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	const almost = "あいうえおかきくけこさしすせそたちつてとなにぬね" // 24
	for _, c := range []struct{ name, want string }{
		{almost + "の", almost + "の"},
		{almost + "のは", almost + "の"},
		{almost + "か\u3099", almost + "が"},
		{almost + "か\u3099は", almost + "が"},
		{almost + "ｶﾞ", almost},
		{almost + "葛\U000e0100", almost},
		{almost[3:] + "葛\U000e0100は", almost[3:] + "葛\U000e0100"},
		{almost + "👩\u200d🍳", almost},
		{almost + "👋🏽", almost},
		{almost + "セ\u309aあ", almost},
		{almost + " \u3000の", almost},
		{strings.Repeat("𠮷", 30), strings.Repeat("𠮷", 25)},
		{"e" + strings.Repeat("\u0301", 40), ""},
	} {
		s := cafe()
		s.NameJA = c.name
		m := readBack(t, s)
		got := ""
		if m.Local != nil {
			got = m.Local.Name
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Goal: what identifies is never cut, and what does not fit is refused or left out as promised.
// Method: the limits.
func TestWhatIdentifiesIsWholeOrAbsent(t *testing.T) {
	t.Parallel()
	s := cafe()
	s.Address = "https://pay.watari.example/" + strings.Repeat("a", 40)
	if m := readBack(t, s); m.Accounts[1].Value("02") != s.Address {
		t.Errorf("an address that fits is absent: %+v", m.Accounts[1])
	}
	for _, address := range []string{s.Address + "a", "", "https://渡り.example/", "https://a b"} {
		s.Address = address
		if m := readBack(t, s); m.Accounts[1].Value("02") != "" {
			t.Errorf("%q: got %+v", address, m.Accounts[1])
		}
	}
	s.Token = strings.Repeat("t", 81)
	if m := readBack(t, s); m.Accounts[1].Value("01") != s.Token {
		t.Errorf("got %+v", m.Accounts[1])
	}
	for what, spoil := range map[string]func(s *code.Store){
		"27":    func(s *code.Store) { s.Token += "t" },
		"27.01": func(s *code.Store) { s.Token = "" },
		"27.00": func(s *code.Store) { s.GUID = "org watari" },
		"52":    func(s *code.Store) { s.MCC = "58" },
		"61":    func(s *code.Store) { s.PostalCode = "600821" },
		"26.01": func(s *code.Store) { s.Unified.LV1 = "1" },
		"26.02": func(s *code.Store) { s.Unified.LV3 = "000002" },
	} {
		x := s
		spoil(&x)
		_, err := code.StaticStore(x)
		wantTag(t, err, what)
	}
	o := order()
	for _, reference := range []string{"", strings.Repeat("R", 26), "注文1"} {
		o.Token, o.Reference, o.Terminal = order().Token, reference, reference
		text, err := code.DynamicStore(cafe(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := code.ReadStore(text, ""); err != nil || got.Code.Additional != nil {
			t.Errorf("%q: got %+v, %v", reference, got.Code.Additional, err)
		}
		o.Token = ""
		_, err = code.DynamicStore(cafe(), o)
		wantTag(t, err, "62.05")
	}
	o = order()
	o.Token = "a b"
	_, err := code.DynamicStore(cafe(), o)
	wantTag(t, err, "27.03")
	o = order()
	o.Amount = money.MustNew(0, "JPY")
	_, err = code.DynamicStore(cafe(), o)
	wantTag(t, err, "54")
	o.Amount = money.Amount{}
	_, err = code.DynamicStore(cafe(), o)
	wantTag(t, err, "54")
}

// Goal: another network's code is told from a broken one. Method: published codes, a code of ours
// under another identifier, and damage.
func TestForeignCodesAreToldFromBrokenOnes(t *testing.T) {
	t.Parallel()
	const hongKong = "00020101021226340012HK.COM.HKICL010300402070009999520400005303344540555.00" +
		"5802NA5902NA6002NA620063046734"
	if _, err := code.ReadStore(hongKong, ""); !errors.Is(err, code.ErrForeign) {
		t.Errorf("got %v", err)
	}
	_, err := code.ReadStore(strings.Replace(hongKong, "55.00", "5.500", 1), "")
	wantTag(t, err, "63")
	_, err = code.ReadStore("https://pay.watari.example/", "")
	wantTag(t, err, "")

	s := cafe()
	s.GUID, s.PostalCode = "net.example.watari", ""
	text, err := code.StaticStore(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := code.ReadStore(text, ""); !errors.Is(err, code.ErrForeign) {
		t.Errorf("got %v", err)
	}
	if got, err := code.ReadStore(text, s.GUID); err != nil || got.Token != s.Token {
		t.Errorf("got %+v, %v", got, err)
	}

	m := readBack(t, cafe())
	m.PostalCode = ""
	_, err = code.ReadStore(rewritten(t, m), "")
	wantTag(t, err, "61")
	m = readBack(t, cafe())
	m.Accounts[1].Fields = m.Accounts[1].Fields[:1]
	_, err = code.ReadStore(rewritten(t, m), "")
	wantTag(t, err, "27.01")
	m.Accounts = m.Accounts[:1]
	if got, err := code.ReadStore(rewritten(t, m), ""); err != nil || got.Token != "" ||
		got.Unified.LV1 == "" {
		t.Errorf("a code of the unified register alone: got %+v, %v", got, err)
	}
}

// Goal: every store and order has a code that keeps the limits and reads back (K6). Method: drawn
// names in several scripts.
func TestAnyStoreHasACodeThatReadsBack(t *testing.T) {
	t.Parallel()
	name := rapid.StringOfN(rapid.RuneFrom([]rune("AZaz 09&é渡りカフェｶﾞ\u3099𠮷😀\u200d\u0301\n\u3000"),
		unicode.Han, unicode.Latin), 0, 60, -1)
	token := rapid.StringMatching(`[0-9a-z]{1,27}`)
	rapid.Check(t, func(rt *rapid.T) {
		s := code.Store{ID: name.Draw(rt, "id"), Name: name.Draw(rt, "name"),
			NameJA: name.Draw(rt, "name in Japanese"), City: name.Draw(rt, "city"),
			PostalCode: rapid.StringMatching(`|[0-9]{3}-?[0-9]{4}`).Draw(rt, "postal code"),
			MCC:        rapid.StringMatching(`[0-9]{4}`).Draw(rt, "mcc"),
			Unified:    code.UnifiedStore{LV1: rapid.StringMatching(`|[0-9]{13}`).Draw(rt, "LV1")},
			Token:      token.Draw(rt, "token"), Address: "https://" + name.Draw(rt, "address")}
		o := code.Order{Amount: money.MustNew(rapid.Int64Range(1, 9_999_999).Draw(rt, "yen"), "JPY"),
			Token: token.Draw(rt, "order"), Reference: name.Draw(rt, "reference"),
			Terminal: name.Draw(rt, "terminal")}
		text, err := code.DynamicStore(s, o)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := code.ReadStore(text, "")
		if err != nil || got.Token != s.Token || got.Order != o.Token || got.Code.Amount != o.Amount {
			rt.Fatalf("%s: got %+v, %v", text, got, err)
		}
		for _, latin := range []string{got.Code.Name, got.Code.City} {
			if strings.ContainsFunc(latin, func(r rune) bool { return r < ' ' || r > '~' }) {
				rt.Fatalf("%q is not printable ASCII", latin)
			}
		}
		if l := got.Code.Local; l != nil {
			whole := norm.NFC.String(strings.Join(strings.Fields(s.NameJA), " "))
			if !strings.HasPrefix(whole, l.Name) || utf8.RuneCountInString(l.Name) > 25 {
				rt.Fatalf("%q is no beginning of %q", l.Name, whole)
			}
		}
		if text, err = code.StaticStore(s); err != nil {
			rt.Fatal(err)
		}
		if kind, ok := code.Recognise(text); !ok || kind != code.KindEMVMerchant {
			rt.Fatalf("%s is recognised as %q", text, kind)
		}
	})
}

// Goal: a printed code reads back with its kanji. Method: draw it, and read the picture with
// another library, with and without telling it that the text is UTF-8.
func TestPrintedCodeReadsBack(t *testing.T) {
	t.Parallel()
	s := cafe()
	s.NameJA = "京都・渡月橋前 渡り茶屋"
	static, err := code.StaticStore(s)
	if err != nil {
		t.Fatal(err)
	}
	dynamic, err := code.DynamicStore(s, order())
	if err != nil {
		t.Fatal(err)
	}
	payer, err := emv.JPQRPayer("12345678", "87654321", "").Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{static, dynamic, payer} {
		symbol, err := qr.QR(text)
		if err != nil {
			t.Fatal(err)
		}
		// Without the first hint the reader takes the first three finder patterns that it meets.
		for _, hints := range []map[gozxing.DecodeHintType]any{
			{gozxing.DecodeHintType_TRY_HARDER: true},
			{gozxing.DecodeHintType_TRY_HARDER: true,
				gozxing.DecodeHintType_CHARACTER_SET: "UTF-8"}} {
			if got := scanned(t, symbol, hints); got != text {
				t.Errorf("hints %v: got %s, want %s", hints, got, text)
			}
		}
	}
}

// scanned paints a symbol, four pixels a module, and reads the picture.
func scanned(t *testing.T, s *qr.Symbol, hints map[gozxing.DecodeHintType]any) string {
	t.Helper()
	const scale, quiet = 4, 4
	width, height := s.Size()
	img := image.NewGray(image.Rect(0, 0, (width+2*quiet)*scale, (height+2*quiet)*scale))
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if !s.Dark(x/scale-quiet, y/scale-quiet) {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		t.Fatalf("%d modules: %v", width, err)
	}
	return result.GetText()
}

// readBack writes a static code and reads it.
func readBack(t *testing.T, s code.Store) *code.MerchantCode {
	t.Helper()
	text, err := code.StaticStore(s)
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	got, err := code.ReadStore(text, s.GUID)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return got.Code
}

// rewritten returns the text of a code.
func rewritten(t *testing.T, m *code.MerchantCode) string {
	t.Helper()
	text, err := m.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantTag wants a refusal of a merchant code that names a tag; "" is none.
func wantTag(t *testing.T, err error, tag string) {
	t.Helper()
	var refusal *fault.Error
	if !errors.As(err, &refusal) || !errors.Is(err, code.ErrMerchant) || refusal.Detail == "" {
		t.Errorf("got %v, want ErrMerchant at %q", err, tag)
		return
	}
	if got, _ := refusal.Members["tag"].(string); got != tag {
		t.Errorf("got %v at %q, want %q", err, got, tag)
	}
}

package zengin_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"watari/pay/party/zengin"
)

// Goal: what people write becomes what the files know. Method: a table of spellings.
func TestNarrowWritesWhatFilesKnow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ワタリカフェ":     "ﾜﾀﾘｶﾌｴ",
		"わたりかふぇ":     "ﾜﾀﾘｶﾌｴ",
		"ﾜﾀﾘｶﾌｪ":     "ﾜﾀﾘｶﾌｴ",
		" ヒダ　 ソバ ":   "ﾋﾀﾞ ｿﾊﾞ",
		"パーティー":      "ﾊﾟ-ﾃｲ-",
		"ＡＢＣ　ショップ１２": "ABC ｼﾖﾂﾌﾟ12",
		"abc・def":    "ABC.DEF",
		"ヴィラ":        "ｳﾞｲﾗ",
		"ヲトメ":        "ｵﾄﾒ",
		"カ)ワタリ":      "ｶ)ﾜﾀﾘ",
		"（カ":         "(ｶ",
		"「ア」":        "｢ｱ｣",
	} {
		if got, err := zengin.Narrow(text); err != nil || got != want {
			t.Errorf("Narrow(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}

// Goal: what has no form is refused, and the error names it. Method: a table of such texts.
func TestNarrowRefusesWhatFilesDoNotKnow(t *testing.T) {
	t.Parallel()
	for text, hint := range map[string]string{
		"渡":                       "渡",
		"カフェ☕":                    "☕",
		"カ&カ":                     "&",
		"アﾞ":                      "voicing",
		"ン゛":                      "voicing",
		"\xff":                    "UTF-8",
		"é":                       "\u0301",
		strings.Repeat("ア", 1000): "longer",
	} {
		got, err := zengin.Narrow(text)
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("Narrow(%q) = %q, %v; want an error with %q", text, got, err, hint)
		}
	}
}

// Goal: a holder's name has the short form of its company, and at most 30 characters, of which a
// voicing mark is one. Method: a table, and names of 30 and 31.
func TestHolderIsShortAndFits(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"カブシキガイシャ　ワタリ": "ｶ)ﾜﾀﾘ",
		"ワタリ　カブシキカイシャ": "ﾜﾀﾘ(ｶ",
		"ゴウドウガイシャヒダ":   "ﾄﾞ)ﾋﾀﾞ",
		"ヤマダ タロウ":      "ﾔﾏﾀﾞ ﾀﾛｳ",
		"カブシキガイシャ":     "ｶﾌﾞｼｷｶﾞｲｼﾔ",
	} {
		if got, err := zengin.Holder(name); err != nil || got != want {
			t.Errorf("Holder(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := zengin.Holder(strings.Repeat("ガ", 15)); err != nil {
		t.Errorf("30 characters: %v", err)
	}
	for _, bad := range []string{strings.Repeat("ガ", 16), "", "　"} {
		if got, err := zengin.Holder(bad); err == nil {
			t.Errorf("Holder(%q) = %q", bad, got)
		}
	}
}

// Goal: whatever comes in, what comes out is known to the files, is one byte a character there,
// and is taken again unchanged. Method: fuzzing.
func FuzzNarrow(f *testing.F) {
	for _, seed := range []string{"ワタリ", "がﾞ", "ｶ)ﾜﾀﾘ", "ヷ", "ゟ", "㍿", "ｱ\u3099", "\u200d", "ヿ", "ゔ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := zengin.Narrow(text)
		if err != nil {
			return
		}
		if !zengin.IsNarrow(got) {
			t.Fatalf("Narrow(%q) = %q, which files do not know", text, got)
		}
		raw, err := japanese.ShiftJIS.NewEncoder().String(got)
		if err != nil || len(raw) != utf8.RuneCountInString(got) {
			t.Fatalf("%q is %d bytes in a file of %d characters: %v", got, len(raw),
				utf8.RuneCountInString(got), err)
		}
		if again, err := zengin.Narrow(got); err != nil || again != got {
			t.Fatalf("Narrow(%q) = %q, %v", got, again, err)
		}
	})
}

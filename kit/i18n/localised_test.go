package i18n_test

import (
	"strings"
	"testing"

	"watari/kit/i18n"
)

// Goal: a page always shows the nearest text there is, and says its language.
func TestTextFallsBack(t *testing.T) {
	t.Parallel()
	text := i18n.Text{i18n.Japanese: "観覧車", i18n.English: "Big wheel"}
	for lang, want := range map[i18n.Lang]string{i18n.Japanese: "観覧車", i18n.English: "Big wheel",
		i18n.Korean: "Big wheel"} {
		if got := text.In(lang); got != want {
			t.Errorf("In(%s) is %q, want %q", lang, got, want)
		}
	}
	only := i18n.Text{i18n.Korean: "관람차"}
	if lang, got := only.Best(i18n.English); lang != i18n.Korean || got != "관람차" {
		t.Errorf("Best(en) is %q in %q", got, lang)
	}
	if got := (i18n.Text{}).In(i18n.English); got != "" {
		t.Errorf("no text is %q", got)
	}
}

// Goal: what is kept is read back; what is not a text is refused.
func TestTextIsKeptAndChecked(t *testing.T) {
	t.Parallel()
	text := i18n.Text{i18n.SimplifiedChinese: "摩天轮 \"大\"", i18n.Japanese: "観覧車"}
	back, err := i18n.DecodeText(text.Encode())
	if err != nil || len(back) != 2 || back[i18n.SimplifiedChinese] != text[i18n.SimplifiedChinese] {
		t.Errorf("read back %v, %v", back, err)
	}
	if err := text.Validate(10); err != nil {
		t.Errorf("refused: %v", err)
	}
	for name, bad := range map[string]i18n.Text{
		"nothing":          {},
		"blank":            {i18n.English: "  "},
		"unknown language": {"tlh": "Qapla'"},
		"control":          {i18n.English: "a\x00b"},
		"broken":           {i18n.English: "\xff"},
		"long":             {i18n.English: strings.Repeat("字", 11)},
	} {
		if bad.Validate(10) == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := i18n.DecodeText("[]"); err == nil {
		t.Error("a list is no text")
	}
}

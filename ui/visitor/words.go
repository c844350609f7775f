package visitor

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"sync"

	"watari/kit/check"
	"watari/kit/i18n"
)

// The texts of the frame are in lang; those of a service in a folder of its own, lang/park. Each
// folder has a file for every language. No key is in two of them.
//
//go:embed lang
var langFiles embed.FS

// books are the catalogues, the frame's first.
var books = sync.OnceValue(func() []*i18n.Catalogue {
	list := []*i18n.Catalogue{i18n.MustLoad(langFiles, "lang/*.json")}
	entries, err := fs.ReadDir(langFiles, "lang")
	check.That(err == nil, "visitor: the texts cannot be read: %v", err)
	for _, e := range entries {
		if e.IsDir() {
			list = append(list, i18n.MustLoad(langFiles, path.Join("lang", e.Name(), "*.json")))
		}
	}
	return list
})

// Words are all texts of the app in one language.
type Words struct {
	Lang i18n.Lang
	all  []*i18n.Texts
}

func wordsIn(lang i18n.Lang) Words {
	w := Words{Lang: lang}
	for _, b := range books() {
		w.all = append(w.all, b.For(lang))
	}
	return w
}

// Has tells whether there is a text for a key.
func (w Words) Has(key string) bool {
	return slices.ContainsFunc(w.all, func(t *i18n.Texts) bool { return t.T(key) != key })
}

// T returns a text: names and values of its placeholders follow in turn. See i18n.Texts.
func (w Words) T(key string, args ...any) string {
	for _, t := range w.all {
		if text := t.T(key, args...); text != key {
			return text
		}
	}
	return key
}

// N returns the text for a number of things, as i18n.Texts does.
func (w Words) N(key string, n int64, args ...any) string {
	for _, t := range w.all {
		if t.T(key+".other") != key+".other" {
			return t.N(key, n, args...)
		}
	}
	return key
}

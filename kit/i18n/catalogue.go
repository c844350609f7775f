package i18n

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Catalogue is what a package of pages says, in every language it has a file for.
type Catalogue struct {
	texts map[Lang]*Texts
}

// Texts is a catalogue in one language. The zero value has no texts.
type Texts struct {
	// Lang is the language; English texts may still show where one is missing.
	Lang Lang

	texts map[string]text
	spare *Texts // English; nil for English itself
}

// text is one entry, cut at its placeholders: plain, name, plain, name, …, plain.
type text struct {
	parts []string
}

// Load reads a catalogue: files named by language, such as "lang/ja.json" for the pattern
// "lang/*.json". English must be there.
//
// Errors: N1, a file name that is none of the five languages, no file for English.
func Load(fsys fs.FS, pattern string) (*Catalogue, error) {
	files, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, fmt.Errorf("find texts: %w", err)
	}

	c := &Catalogue{texts: map[Lang]*Texts{}}
	for _, file := range files {
		lang := Lang(strings.TrimSuffix(path.Base(file), path.Ext(file)))
		if !slices.Contains(langs, lang) {
			return nil, fmt.Errorf("i18n: %s is named after none of %v", file, langs)
		}
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("read texts: %w", err)
		}
		entries, err := parse(raw)
		if err != nil {
			return nil, fmt.Errorf("read texts in %s: %w", file, err)
		}
		c.texts[lang] = &Texts{Lang: lang, texts: entries}
	}

	english := c.texts[English]
	if english == nil {
		return nil, fmt.Errorf("i18n: %s finds no file for English", pattern)
	}
	for lang, t := range c.texts {
		if lang != English {
			t.spare = english
		}
	}
	return c, nil
}

// MustLoad is Load for embedded files, which are part of the program: it panics on an error.
func MustLoad(fsys fs.FS, pattern string) *Catalogue {
	c, err := Load(fsys, pattern)
	if err != nil {
		panic(err)
	}
	return c
}

// For returns the texts in one language, or in English when there is no file for it.
func (c *Catalogue) For(lang Lang) *Texts {
	if t := c.texts[lang]; t != nil {
		return t
	}
	return c.texts[English]
}

// Has returns the languages that have a file, in the order of Langs.
func (c *Catalogue) Has() []Lang {
	var has []Lang
	for _, l := range langs {
		if c.texts[l] != nil {
			has = append(has, l)
		}
	}
	return has
}

// Keys returns the keys of one language, sorted; nil when it has no file.
func (c *Catalogue) Keys(lang Lang) []string {
	t := c.texts[lang]
	if t == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.texts))
}

// Names returns the placeholders of a text, sorted and without repeats.
func (c *Catalogue) Names(lang Lang, key string) []string {
	t := c.texts[lang]
	if t == nil {
		return nil
	}
	var names []string
	for i, part := range t.texts[key].parts {
		if i%2 == 1 {
			names = append(names, part)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// T returns the text of a key with its placeholders replaced. args are names and values in turn:
// T("paid", "amount", amount). A value is shown as fmt.Sprint shows it; a placeholder without an
// argument keeps its braces; an odd number of args panics.
func (t *Texts) T(key string, args ...any) string {
	if len(args)%2 != 0 {
		panic(fmt.Sprintf("i18n: %s: arguments are names and values in turn", key))
	}
	entry, ok := t.texts[key]
	for spare := t.spare; !ok && spare != nil; spare = spare.spare {
		entry, ok = spare.texts[key]
	}
	if !ok {
		return key // N2
	}
	if len(entry.parts) == 1 {
		return entry.parts[0]
	}

	var b strings.Builder
	for i, part := range entry.parts {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		b.WriteString(argument(part, args))
	}
	return b.String()
}

// N returns the text for a number of things: the key with ".one" or ".other", whose placeholder
// {n} is the number.
func (t *Texts) N(key string, n int64, args ...any) string {
	form := ".other"
	if n == 1 && t.Lang == English {
		form = ".one"
	}
	return t.T(key+form, append([]any{"n", n}, args...)...)
}

// argument returns the value for a placeholder, or the placeholder itself.
func argument(name string, args []any) string {
	for i := 0; i < len(args); i += 2 {
		if args[i] == name {
			return fmt.Sprint(args[i+1])
		}
	}
	return "{" + name + "}"
}

// parse reads one file (N1).
func parse(raw []byte) (map[string]text, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, fmt.Errorf("i18n: not a JSON object")
	}

	entries := map[string]text{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string)
		if _, twice := entries[name]; twice {
			return nil, fmt.Errorf("i18n: the key %q is there twice", name)
		}
		value, err := dec.Token()
		if err != nil {
			return nil, err
		}
		s, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("i18n: the value of %q is no text", name)
		}
		parts, err := cut(s)
		if err != nil {
			return nil, fmt.Errorf("i18n: %q: %w", name, err)
		}
		entries[name] = text{parts}
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("i18n: text after the end of the object")
	}
	return entries, nil
}

// cut splits a text at its placeholders.
func cut(s string) ([]string, error) {
	var parts []string
	for {
		plain, rest, open := strings.Cut(s, "{")
		if strings.Contains(plain, "}") {
			return nil, fmt.Errorf("a brace closes that was not opened")
		}
		parts = append(parts, plain)
		if !open {
			return parts, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !nameOK(name) {
			return nil, fmt.Errorf("{ is not followed by a name of [a-z0-9_] and }")
		}
		parts = append(parts, name)
		s = after
	}
}

func nameOK(name string) bool {
	bad := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }
	return name != "" && !strings.ContainsFunc(name, bad)
}

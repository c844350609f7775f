package private_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"watari/connect/alipayplus/private"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// The goal is that a code has the one owner that the operator registered, however it is written,
// and that no other host or spelling passes for it. On both engines.
func TestCodeHasOneOwner(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, []fs.FS{private.Migrations}, func(t *testing.T, d *db.DB) {
		b, ctx := private.NewBook(d), t.Context()
		add := func(o private.Owner) error {
			return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				return b.Add(ctx, tx, "test", o)
			})
		}
		for _, o := range []private.Owner{
			{"https://Gifu-Bank.example:443/2810020400", 1, "https://gifu-bank.example/a"},
			{"https://gifu-bank.example/281002040099", 1, "https://gifu-bank.example/b"},
			{"https://kyoto.example/", 2, "https://kyoto.example/c"},
		} {
			if err := add(o); err != nil {
				t.Fatalf("%s: %v", o.Prefix, err)
			}
		}
		for text, want := range map[string]string{
			"https://gifu-bank.example/281002040001?x=1":        "https://gifu-bank.example/a",
			"HTTPS://GIFU-BANK.EXAMPLE/281002040099/7":          "https://gifu-bank.example/b",
			"https://kyoto.example/any":                         "https://kyoto.example/c",
			"https://kyoto.example:8443/any":                    "",
			"https://kyoto.example.evil/any":                    "",
			"https://kyoto.example@evil.example/":               "",
			"https://kyoto.example\\@evil.example/":             "",
			"https://evil.example/https://kyoto.example/":       "",
			"http://kyoto.example/any":                          "",
			"https://gifu-bank.example/2810020399":              "",
			"251001020123456789012345":                          "",
			"https://":                                          "",
			"https://kyoto.example/" + strings.Repeat("x", 600): "",
		} {
			o, found, err := b.Owner(ctx, text)
			if err != nil || found != (want != "") || o.AskURL != want {
				t.Errorf("%s: got %+v, %v, %v", text, o, found, err)
			}
		}
		for _, o := range []private.Owner{
			{"https://gifu-bank.example/28", 2, "https://kyoto.example/c"},
			{"https://gifu-bank.example/28100204009999", 2, "https://kyoto.example/c"},
		} {
			if err := add(o); !errors.Is(err, private.ErrTaken) {
				t.Errorf("%s: got %v", o.Prefix, err)
			}
		}
		if err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return b.Remove(ctx, tx, "https://kyoto.example/")
		}); err != nil {
			t.Fatalf("remove: %v", err)
		}
		if _, found, _ := b.Owner(ctx, "https://kyoto.example/any"); found {
			t.Error("a prefix that was removed has an owner")
		}
	})
}

// The goal is that nothing can be registered that other hosts could begin with, or that cannot be
// called.
func TestPrefixNamesOneHost(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, private.Migrations)
	b := private.NewBook(d)
	for _, o := range []private.Owner{
		{"https://bank.example", 1, "https://bank.example/a"},
		{"http://bank.example/", 1, "https://bank.example/a"},
		{"https://u@bank.example/", 1, "https://bank.example/a"},
		{"bank.example/", 1, "https://bank.example/a"},
		{"", 1, "https://bank.example/a"},
		{"https://bank.example/", 1, ""},
		{"https://bank.example/", 1, "ftp://bank.example/a"},
		{"https://bank.example/", 1, "https://u:p@bank.example/a"},
	} {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return b.Add(ctx, tx, "test", o)
		})
		if !errors.Is(err, private.ErrPrefix) {
			t.Errorf("%+v: got %v", o, err)
		}
	}
}

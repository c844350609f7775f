package private

import (
	"context"
	"net/url"
	"strings"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/fault"
)

// The problems that this package reports.
var (
	// ErrPrefix: a prefix or an address is not valid; the member "field" says which.
	ErrPrefix = fault.Define("code-prefix-invalid", fault.Unprocessable,
		"The prefix of codes is not valid")
	// ErrTaken: another acquirer's codes begin so, or would.
	ErrTaken = fault.Define("code-prefix-taken", fault.Conflict,
		"Another acquirer has codes that begin so")
)

// Owner is whose codes begin with a prefix.
type Owner struct {
	Prefix     string // https address or its beginning, in one form (R3)
	AcquirerNo int64
	AskURL     string // where the acquirer is asked
}

// Book keeps the prefixes. It is safe for concurrent use.
type Book struct{ db *db.DB }

// NewBook makes a Book over a database that has the tables of Migrations.
func NewBook(d *db.DB) *Book {
	check.That(d != nil, "private: no database")
	return &Book{d}
}

// Owner returns whose a code is; false when it is of no acquirer.
func (b *Book) Owner(ctx context.Context, text string) (Owner, bool, error) {
	code, ok := canonical(text)
	if !ok {
		return Owner{}, false, nil
	}
	all, err := b.All(ctx)
	if err != nil {
		return Owner{}, false, err
	}
	var best Owner
	for _, o := range all {
		if strings.HasPrefix(code, o.Prefix) && len(o.Prefix) > len(best.Prefix) {
			best = o
		}
	}
	return best, best.Prefix != "", nil
}

// All returns every prefix, in order.
func (b *Book) All(ctx context.Context) (all []Owner, err error) {
	err = b.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err = owners(ctx, tx)
		return err
	})
	return all, err
}

// Add registers a prefix, or changes where its owner is asked. Must run in a writing transaction.
//
// Errors: ErrPrefix, ErrTaken.
func (b *Book) Add(ctx context.Context, tx *db.Tx, actor string, o Owner) error {
	form, ok := canonical(o.Prefix)
	if !ok || strings.Count(form, "/") < 3 {
		return ErrPrefix.Newf("a prefix is an https address with at least a slash after "+
			"its host, of %d characters at most", prefixMax).Set("field", "prefix")
	}
	o.Prefix = form
	u, err := url.Parse(o.AskURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" ||
		u.User != nil || u.Fragment != "" || len(o.AskURL) > prefixMax {
		return ErrPrefix.Newf("the address at which the acquirer is asked is no https URL").
			Set("field", "ask_url")
	}
	all, err := owners(ctx, tx)
	if err != nil {
		return err
	}
	for _, other := range all {
		overlaps := strings.HasPrefix(o.Prefix, other.Prefix) ||
			strings.HasPrefix(other.Prefix, o.Prefix)
		if overlaps && other.AcquirerNo != o.AcquirerNo {
			return ErrTaken.Newf("another acquirer has %s", other.Prefix)
		}
	}
	return put(ctx, tx, actor, o)
}

// Remove drops a prefix; its codes are unknown from then on. Must run in a writing transaction.
func (b *Book) Remove(ctx context.Context, tx *db.Tx, prefix string) error {
	form, ok := canonical(prefix)
	if !ok {
		return nil
	}
	return drop(ctx, tx, form)
}

// prefixMax is the longest code and prefix, in bytes.
const prefixMax = 512

// canonical writes an https address in one form (R3); false when it is none.
func canonical(text string) (string, bool) {
	if len(text) > prefixMax || len(text) < len("https://") ||
		strings.ContainsAny(text, " \t\r\n\\") {
		return "", false
	}
	u, err := url.Parse(text)
	if err != nil || !strings.EqualFold(u.Scheme, "https") || u.Hostname() == "" ||
		u.User != nil || u.Opaque != "" {
		return "", false
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != "443" {
		host += ":" + port
	}
	form := "https://" + host + u.EscapedPath()
	if u.RawQuery != "" {
		form += "?" + u.RawQuery
	}
	return form, true
}

package web

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
)

// Idempotent is embedded in the input of operations that may be repeated safely: a repeat with the
// same key and the same content gets the same answer.
type Idempotent struct {
	IdempotencyKey IdempotencyKey `header:"Idempotency-Key" required:"true"`
}

// IdempotencyKey is the header of that name: printable ASCII, case-sensitive.
type IdempotencyKey string

// Schema describes the header in the OpenAPI document, and is what it is held to.
func (IdempotencyKey) Schema(huma.Registry) *huma.Schema {
	low, high := 1, 66
	return &huma.Schema{
		Type: huma.TypeString, MinLength: &low, MaxLength: &high, Pattern: `^[\x21-\x7e]+$`,
		PatternDescription: "printable ASCII without spaces",
		Description: "Names the request, at most 64 characters. A repeat with the same key and " +
			"the same content gets the same answer for ever; with other content it is refused.",
	}
}

// Key returns the key without the quotation marks that it may have: by the IETF draft
// draft-ietf-httpapi-idempotency-key-header it is a structured string (RFC 9651). At most 66
// characters; the caller refuses what its own limits do not allow.
func (i Idempotent) Key() string {
	key := string(i.IdempotencyKey)
	if len(key) > 2 && key[0] == '"' && key[len(key)-1] == '"' {
		return key[1 : len(key)-1]
	}
	return key
}

// Fingerprint is the SHA-256, in hex, of the JSON form of what a request said: equal for requests
// that mean the same, however they were spaced and in whatever order their members came. It stays
// the same over versions of the program when a new field of v is left out of its JSON while it is
// zero (omitzero). v must have a JSON form, or Fingerprint panics.
func Fingerprint(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("web: fingerprint of %T: %v", v, err))
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// Paging is embedded in the input of operations that list.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"The next_cursor of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Items on a page."`
}

// List is the body of operations that list. ListOf makes it.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next_cursor,omitempty" doc:"For the next page; absent on the last."`
}

// ListOf makes the body of a list; next is "" on the last page. No items are an empty list, never
// null.
func ListOf[T any](items []T, next string) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{Items: items, Next: next}
}

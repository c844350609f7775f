package fault

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Kind says what sort of refusal a Problem is. The web layer maps it to a status.
type Kind int

// The kinds, with the status that each is shown as.
const (
	// Invalid: the request cannot be understood (400).
	Invalid Kind = iota + 1
	// Unauthenticated: nobody knows who is asking (401).
	Unauthenticated
	// Forbidden: the caller is known and may not do this (403).
	Forbidden
	// NotFound: there is no such thing, or not for this caller (404).
	NotFound
	// Conflict: the thing is in another state, or the id was used for something else (409).
	Conflict
	// TooLarge: the body or a list in it is over its limit (413).
	TooLarge
	// Unprocessable: understood, and refused by a rule (422).
	Unprocessable
	// TooMany: the caller is over its rate, or the queue is full (429).
	TooMany
	// Unavailable: something that is needed is not there just now (503).
	Unavailable
)

// String returns the name of k in lower case, for logs and generated documentation.
func (k Kind) String() string {
	names := [...]string{"", "invalid", "unauthenticated", "forbidden", "not-found", "conflict",
		"too-large", "unprocessable", "too-many", "unavailable"}
	if k < Invalid || k > Unavailable {
		return fmt.Sprintf("kind(%d)", int(k))
	}
	return names[k]
}

// Problem is one declared kind of refusal. It is made by Define only and never changes.
type Problem struct {
	// Slug is the name, unique in the program: lower-case words joined by hyphens.
	Slug string
	// Kind decides the status.
	Kind Kind
	// Title is one short English phrase without a full stop. It is public.
	Title string
}

// Error returns the slug and the title, so that a Problem can stand as a sentinel.
func (p *Problem) Error() string { return p.Slug + ": " + p.Title }

// Newf makes an occurrence of p. The formatted text is public (F2): it must not hold secrets,
// another participant's data, or the text of another error.
func (p *Problem) Newf(format string, args ...any) *Error {
	return &Error{Problem: p, Detail: fmt.Sprintf(format, args...)}
}

// registry holds every declared problem of the program (F1).
var registry = struct {
	sync.RWMutex
	bySlug map[string]*Problem
}{bySlug: map[string]*Problem{}}

// Define declares a problem. It is called for package variables, so a mistake stops the program
// at its start: Define panics on a slug that is not lower-case words joined by hyphens, is longer
// than 64 bytes, or was declared before (F1), on an unknown kind, and on an empty title.
func Define(slug string, kind Kind, title string) *Problem {
	if !wellFormed(slug) {
		panic(fmt.Sprintf("fault: slug %q is not lower-case words joined by hyphens", slug))
	}
	if kind < Invalid || kind > Unavailable {
		panic(fmt.Sprintf("fault: %s has unknown kind %d", slug, int(kind)))
	}
	if strings.TrimSpace(title) == "" {
		panic(fmt.Sprintf("fault: %s has no title", slug))
	}

	registry.Lock()
	defer registry.Unlock()
	if registry.bySlug[slug] != nil {
		panic(fmt.Sprintf("fault: %s is declared twice", slug))
	}
	p := &Problem{Slug: slug, Kind: kind, Title: title}
	registry.bySlug[slug] = p

	return p
}

// All returns every declared problem, by slug.
func All() []*Problem {
	registry.RLock()
	defer registry.RUnlock()

	all := make([]*Problem, 0, len(registry.bySlug))
	for _, p := range registry.bySlug {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Problem) int { return strings.Compare(a.Slug, b.Slug) })

	return all
}

// BySlug returns the declared problem of that name, or nil.
func BySlug(slug string) *Problem {
	registry.RLock()
	defer registry.RUnlock()

	return registry.bySlug[slug]
}

// wellFormed tells whether slug is lower-case words joined by single hyphens, at most 64 bytes.
func wellFormed(slug string) bool {
	if slug == "" || len(slug) > 64 {
		return false
	}
	for word := range strings.SplitSeq(slug, "-") {
		if word == "" {
			return false
		}
		for _, r := range word {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}

package web

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/limit"
)

// Op describes an operation of the API.
type Op struct {
	// ID names the operation in the document, in metrics and in logs: "create-payment".
	ID string
	// Method and Path are where it is: "POST", "/v1/payments/{id}/refunds".
	Method, Path string
	// Summary is one phrase, Description as much as is needed, in Markdown.
	Summary, Description string
	// Tags group operations in the document.
	Tags []string
	// Roles are the roles that may call it. None: nobody, unless Public is set.
	Roles []access.Role
	// Public lets anybody call it, without a key: each address so many times a minute, together
	// with the other public operations.
	Public bool
	// PerMinute is how many times a minute an address may call it, if it is public and dear; 0 is
	// no bound of its own.
	PerMinute int64
	// WhileSuspended lets those call it whose place is suspended: what gives back, and what
	// refuses them itself because repeats must be answered as before. Operations with the method
	// GET need not say it.
	WhileSuspended bool
	// Faults are the problems that it may answer with, besides those that every operation can
	// meet before its handler runs.
	Faults []*fault.Problem
	// Status is the status of success; 0 is 200, or 204 when there is no body. A field
	// "Status int" of the output overrides it for one answer.
	Status int
	// Media are the media types of the answer, for an operation whose output is a File.
	Media []string
	// MaxBody is the most bytes in the body; 0 is DefaultMaxBody.
	MaxBody int64
	// Hidden keeps it out of the document.
	Hidden bool
}

// operation is an Op at work. It is the huma.API and huma.Adapter of that one operation, so that
// what huma does for it (parameters, output headers, the document) goes through our own reading,
// writing and refusing.
type operation struct {
	huma.API
	op     Op
	server *Server
	faults map[*fault.Problem]bool
	often  *limit.Limiter // its own, nil for none
	roles  []access.Role
	query  map[string]bool // the parameters after the question mark

	body         *shape // nil when it takes none
	bodyRequired bool
}

// Register adds an operation. I is a struct whose fields are parameters, tagged path, query or
// header, and Body; O is a struct with Body, headers and Status, each of which may be missing, or
// a File. The tags are huma's: https://huma.rocks/features/request-inputs/. Unknown, double,
// malformed and missing members and parameters are refused before fn runs, so fn sees what the
// tags promise.
//
// An error of fn that holds a fault is answered as its problem; any other is answered 500 with an
// id only. It panics on a mistake in op or the types.
func Register[I, O any](s *Server, op Op, fn func(ctx context.Context, in *I) (*O, error)) {
	o := newOperation(s, op)
	for _, form := range []reflect.Type{reflect.TypeFor[I](), reflect.TypeFor[O]()} {
		if name := unseen(form, map[reflect.Type]bool{}); name != "" {
			panic(fmt.Sprintf("web: operation %q: %s is embedded and not exported, so nobody "+
				"sees it", op.ID, name))
		}
	}
	s.document.packageOf = path.Base(reflect.TypeFor[I]().PkgPath())
	described := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary,
		Description: op.Description, Tags: op.Tags, DefaultStatus: op.Status, Hidden: op.Hidden,
		SkipValidateBody: true, // the body is checked before huma sees it
		MaxBodyBytes:     -1,   // and is small
		Responses:        fileResponses(op, reflect.TypeFor[O]()),
	}
	_, hasBody := reflect.TypeFor[I]().FieldByName("Body")
	o.describe(&described, hasBody, reflect.TypeFor[I]().NumField() > 0)
	o.API = s.document.api
	huma.Register(o, described, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, refusal{err}
		}
		return out, nil
	})
	s.document.operations = append(s.document.operations, o)
}

// newOperation checks an Op.
func newOperation(s *Server, op Op) *operation {
	fail := func(format string, args ...any) {
		panic(fmt.Sprintf("web: operation %q: ", op.ID) + fmt.Sprintf(format, args...))
	}
	if op.ID == "" || op.Summary == "" || !strings.HasPrefix(op.Path, "/") {
		fail("needs an id, a summary and a path")
	}
	if op.Public == (len(op.Roles) > 0) {
		fail("has either roles or is public")
	}
	if op.MaxBody == 0 {
		op.MaxBody = DefaultMaxBody
	}
	if op.PerMinute != 0 && !op.Public {
		fail("is not public, so keys bound it and not addresses")
	}
	if op.Public {
		op.Faults = append(slices.Clone(op.Faults), ErrTooOften)
	}
	for _, other := range s.document.operations {
		if other.op.ID == op.ID {
			fail("is registered twice")
		}
	}

	o := &operation{op: op, server: s, faults: map[*fault.Problem]bool{},
		query: map[string]bool{}, roles: op.Roles}
	if op.PerMinute > 0 {
		o.often = limit.New(op.PerMinute)
	}
	for _, p := range slices.Concat(op.Faults, everywhere, withKey, withInput, withBody) {
		o.faults[p] = true
	}
	return o
}

// The faults that operations can meet before their handler runs.
var (
	everywhere = []*fault.Problem{ErrInternal}
	withKey    = []*fault.Problem{access.ErrUnauthenticated, access.ErrRole, access.ErrClosed,
		access.ErrSuspended}
	withInput = []*fault.Problem{ErrMalformed, ErrInvalid}
	withBody  = []*fault.Problem{ErrMediaType, ErrTooLarge, ErrSlow}
)

// declared remembers a fault that the operation did not declare.
func (o *operation) declared(p *fault.Problem) {
	if o.faults[p] {
		return
	}
	o.server.mu.Lock()
	defer o.server.mu.Unlock()
	o.server.undone[o.op.ID+": "+p.Slug] = true
}

// Undeclared returns what operations answered with without declaring it, as "operation: slug",
// sorted. Tests hold it empty at their end.
func (s *Server) Undeclared() []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	var all []string
	for text := range s.undone {
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

// refusal carries the error of a handler through huma, which asks for a status and gets none:
// Transform finds the error and answers.
type refusal struct{ err error }

// Error is part of huma.StatusError.
func (r refusal) Error() string { return r.err.Error() }

// GetStatus is part of huma.StatusError.
func (r refusal) GetStatus() int { return http.StatusInternalServerError }

package web

import (
	"net/http"

	"watari/kit/fault"
)

// The problems that every operation can meet before its handler runs.
var (
	// ErrMalformed: the request cannot be read at all. Nothing is kept of it.
	ErrMalformed = fault.Define("request-malformed", fault.Invalid,
		"The request cannot be read")
	// ErrInvalid: the request can be read and does not fit what the operation takes.
	ErrInvalid = fault.Define("request-invalid", fault.Unprocessable,
		"The request does not fit its schema")
	// ErrMediaType: the body is something other than plain application/json.
	ErrMediaType = fault.Define("media-type-not-supported", fault.Invalid,
		"The body must be application/json")
	// ErrTooLarge: the body is over the limit of the operation.
	ErrTooLarge = fault.Define("body-too-large", fault.TooLarge,
		"The body is over the limit")
	// ErrSlow: the request did not arrive in time.
	ErrSlow = fault.Define("request-timeout", fault.Invalid,
		"The request took too long to arrive")
	// ErrNothing: no operation or page has this address.
	ErrNothing = fault.Define("no-such-address", fault.NotFound,
		"There is nothing at this address")
	// ErrMethod: the address exists for other methods, which the header Allow names.
	ErrMethod = fault.Define("method-not-allowed", fault.Invalid,
		"The address does not take this method")
	// ErrCrossOrigin: a page elsewhere tried to change something with the visitor's cookies.
	ErrCrossOrigin = fault.Define("cross-origin-request", fault.Forbidden,
		"The request came from another site")
	// ErrBusy: there are as many connections as the server has room for.
	ErrBusy = fault.Define("too-many-connections", fault.Unavailable,
		"The server has no room for another connection")
	// ErrTooOften: an address called public operations more often than one may.
	ErrTooOften = fault.Define("too-many-calls", fault.TooMany,
		"This address calls too often")
	// ErrNotReady: the server is starting or stopping, or its database is not there.
	ErrNotReady = fault.Define("not-ready", fault.Unavailable,
		"The server is not ready")
	// ErrInternal: something went wrong that is not the caller's doing. Only the id is told.
	ErrInternal = fault.Define("internal-error", fault.Unavailable,
		"Something went wrong inside")
)

// kindStatus is the status of each kind of fault.
var kindStatus = map[fault.Kind]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unprocessable:   http.StatusUnprocessableEntity,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// ownStatus is the status of the few problems that HTTP has a word of its own for.
var ownStatus = map[*fault.Problem]int{
	ErrMediaType: http.StatusUnsupportedMediaType,
	ErrMethod:    http.StatusMethodNotAllowed,
	ErrSlow:      http.StatusRequestTimeout,
	ErrInternal:  http.StatusInternalServerError,
}

// Status returns the HTTP status of a problem.
func Status(p *fault.Problem) int {
	if s, ok := ownStatus[p]; ok {
		return s
	}
	if s, ok := kindStatus[p.Kind]; ok {
		return s
	}
	return http.StatusInternalServerError
}

package webhook

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrUnknown: the owner has no endpoint of that id.
	ErrUnknown = fault.Define("webhook-endpoint-not-found", fault.NotFound,
		"No such webhook endpoint")
	// ErrDeliveryUnknown: the endpoint has no delivery of that id, or it is forgotten.
	ErrDeliveryUnknown = fault.Define("webhook-delivery-not-found", fault.NotFound,
		"No such delivery")
	// ErrInvalid: the address, the description or the kinds cannot be so.
	ErrInvalid = fault.Define("webhook-endpoint-invalid", fault.Unprocessable,
		"The endpoint cannot be like this")
	// ErrTaken: the owner has an endpoint at this address.
	ErrTaken = fault.Define("webhook-url-taken", fault.Conflict,
		"There is an endpoint at this address already")
	// ErrTooMany: the owner has as many endpoints as there may be.
	ErrTooMany = fault.Define("webhook-endpoints-too-many", fault.Conflict,
		"There are too many endpoints")
	// ErrChallenge: the endpoint did not answer its challenge.
	ErrChallenge = fault.Define("webhook-challenge-failed", fault.Unprocessable,
		"The endpoint did not answer the challenge")
	// ErrNotActive: nothing is sent to the endpoint, so nothing is sent again.
	ErrNotActive = fault.Define("webhook-endpoint-not-active", fault.Conflict,
		"The endpoint is not active")
	// ErrNotWaiting: the message was taken or given up already.
	ErrNotWaiting = fault.Define("webhook-delivery-not-waiting", fault.Conflict,
		"The message does not wait")
	// ErrCursor: a list was asked to go on from a place that it did not give out.
	ErrCursor = fault.Define("webhook-cursor-invalid", fault.Invalid,
		"The cursor is not valid")
)

package webhook

import "time"

// Delivery is one message to one endpoint.
type Delivery struct {
	// ID is the webhook-id of all its attempts.
	ID         string
	EndpointID string
	// Seq is its place in the endpoint's queue: messages are sent in this order.
	Seq   int64
	Kind  string
	State State
	// Subject is the id of the payment, or what it is about.
	Subject string
	// Happened is the time of the event; Queued that of the message, or of its last replay.
	Happened, Queued time.Time
	// Tries is how many attempts have ended since Queued.
	Tries int64
	// LastTry is when the last attempt ended; zero before the first.
	LastTry time.Time
	// Answer is the HTTP status of the last attempt; 0 when there was no answer.
	Answer int
	// Took is how long the last attempt took.
	Took time.Duration
	// Note says why the last attempt did not count, such as "no answer in 15s"; "" else.
	Note string
	// Excerpt is the first KiB of the last answer's body, as text.
	Excerpt string
	// Ended is when it was delivered or given up; zero while it waits.
	Ended time.Time
	// Body is the message as it is sent. List leaves it out; Delivery has it.
	Body string
}

// DeliveryFilter says which deliveries are listed. Zero fields choose all.
type DeliveryFilter struct {
	State State
	Kind  string
	// Before is the Seq of the last delivery of the page before; 0 is the first page.
	Before int64
	Limit  int // 1 to 200; 0 is 50
}

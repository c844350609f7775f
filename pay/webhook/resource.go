package webhook

import (
	"encoding/json"
	"time"
)

// Resource is an endpoint as /v1 shows it.
type Resource struct {
	ID             string     `json:"id"`
	URL            string     `json:"url"`
	Description    string     `json:"description,omitempty"`
	Kinds          []string   `json:"kinds" nullable:"false" doc:"Which messages it gets; empty is all that you may get."`
	Status         Status     `json:"status" enum:"unverified,active,disabled"`
	Note           string     `json:"note,omitempty" doc:"Why it is disabled."`
	SecretEnd      string     `json:"secret_end" doc:"The last characters of the secret."`
	OldSecretUntil *time.Time `json:"old_secret_until,omitempty" doc:"Until when messages are signed with the secret before as well."`
	CreatedAt      time.Time  `json:"created_at"`
	VerifiedAt     *time.Time `json:"verified_at,omitempty"`
	LastOKAt       *time.Time `json:"last_ok_at,omitempty" doc:"When it last took a message."`
	FailingSince   *time.Time `json:"failing_since,omitempty"`
	Failures       int64      `json:"failures" doc:"Attempts in a row that did not count."`
	NextAttemptAt  *time.Time `json:"next_attempt_at,omitempty"`
	Waiting        int64      `json:"waiting" doc:"Messages that wait."`
}

// Resource returns e as /v1 shows it.
func (e Endpoint) Resource() Resource {
	r := Resource{ID: e.ID, URL: e.URL, Description: e.Description, Kinds: e.Kinds,
		Status: e.Status, Note: e.Note, SecretEnd: e.SecretEnd,
		OldSecretUntil: orNil(e.OldUntil), CreatedAt: e.Created, VerifiedAt: orNil(e.Verified),
		LastOKAt: orNil(e.LastOK), FailingSince: orNil(e.FailingSince), Failures: e.Fails,
		NextAttemptAt: orNil(e.Next), Waiting: e.Waiting}
	if r.Kinds == nil {
		r.Kinds = []string{}
	}
	return r
}

// SecretResource is an endpoint with its secret: the only time that it is seen.
type SecretResource struct {
	Endpoint Resource `json:"endpoint"`
	Secret   string   `json:"secret" doc:"Signs the messages. It is shown this once: keep it."`
}

// DeliveryResource is a delivery as /v1 shows it.
type DeliveryResource struct {
	ID         string          `json:"id" doc:"The webhook-id of all its attempts."`
	Kind       string          `json:"kind"`
	Subject    string          `json:"subject" doc:"The id of the payment, or what it is about."`
	State      State           `json:"state" enum:"waiting,delivered,given_up"`
	HappenedAt time.Time       `json:"happened_at"`
	QueuedAt   time.Time       `json:"queued_at" doc:"When it was queued, or sent again by hand."`
	Tries      int64           `json:"tries" doc:"Attempts since then."`
	LastTryAt  *time.Time      `json:"last_try_at,omitempty"`
	Answer     int             `json:"answer,omitempty" doc:"HTTP status of the last attempt; absent without an answer."`
	TookMS     int64           `json:"took_ms,omitempty" doc:"How long the last attempt took."`
	Note       string          `json:"note,omitempty" doc:"Why the last attempt did not count."`
	Excerpt    string          `json:"excerpt,omitempty" doc:"The first KiB of the last answer's body."`
	EndedAt    *time.Time      `json:"ended_at,omitempty"`
	Body       json.RawMessage `json:"body,omitempty" doc:"The message as it is sent; only when one delivery is read."`
}

// Resource returns d as /v1 shows it.
func (d Delivery) Resource() DeliveryResource {
	r := DeliveryResource{ID: d.ID, Kind: d.Kind, Subject: d.Subject, State: d.State,
		HappenedAt: d.Happened, QueuedAt: d.Queued, Tries: d.Tries, LastTryAt: orNil(d.LastTry),
		Answer: d.Answer, TookMS: d.Took.Milliseconds(), Note: d.Note, Excerpt: d.Excerpt,
		EndedAt: orNil(d.Ended)}
	if d.Body != "" {
		r.Body = json.RawMessage(d.Body)
	}
	return r
}

// KindResource is a kind of message as /v1 shows it.
type KindResource struct {
	Name  string   `json:"name"`
	Text  string   `json:"text" doc:"When it is sent."`
	Holds []string `json:"holds" nullable:"false" doc:"The members of its data."`
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

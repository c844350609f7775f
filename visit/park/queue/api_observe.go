package queue

import (
	"context"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/web"
)

// countsBody is the most bytes of counts in one call.
const countsBody = 512 << 10

func (q *Queues) registerObserving(w *web.Server) {
	counting := []*fault.Problem{ErrUnknown, ErrCounts}
	web.Register(w, web.Op{ID: "send-queue-counts", Method: http.MethodPost,
		Path: "/v1/parks/{park_id}/queue-counts", Summary: "Send what sensors counted",
		Tags: tagged, Roles: runners, Faults: counting, MaxBody: countsBody,
		Description: "One entry a queue a minute. Send zeros as well: they say that the sensor " +
			"lives. A repeat replaces what the same sensor said of the same minute; several " +
			"sensors of one queue are added up. Counts up to 8 days old are taken."},
		q.apiCounts)
	web.Register(w, web.Op{ID: "send-counts-of-queue", Method: http.MethodPost,
		Path:    "/v1/parks/{park_id}/queues/{queue_id}/counts",
		Summary: "Send what a sensor of one queue counted", Tags: tagged, Roles: runners,
		Faults: counting, MaxBody: countsBody}, q.apiCountsOf)
	web.Register(w, web.Op{ID: "send-queue-samples", Method: http.MethodPost,
		Path: "/v1/parks/{park_id}/queue-samples", Summary: "Send what timed riders found",
		Tags: tagged, Roles: runners, Faults: counting, MaxBody: countsBody,
		Description: "A rider gets a token at the tail of a line and gives it back at its head. " +
			"This is what the accuracy of shown waits is measured by."}, q.apiSamples)
	web.Register(w, web.Op{ID: "post-wait", Method: http.MethodPost,
		Path:    "/v1/parks/{park_id}/queues/{queue_id}/posts",
		Summary: "Say how a queue stands, as somebody who sees it", Tags: tagged,
		Roles: posters, Faults: []*fault.Problem{ErrUnknown, ErrInvalid}}, q.apiPost)
	web.Register(w, web.Op{ID: "list-wait-posts", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/queue-posts", Summary: "List what staff said on a day",
		Tags: tagged, Roles: readers, Faults: []*fault.Problem{ErrUnknown, ErrDay}}, q.apiPosts)
}

// CountBody is what a sensor counted in a minute, as the API reads it.
type CountBody struct {
	Minute  time.Time `json:"minute" doc:"The begin of the minute; seconds are cut off."`
	Entered *int64    `json:"entered,omitempty" minimum:"0" doc:"Joined the line."`
	Served  *int64    `json:"served,omitempty" minimum:"0" doc:"Left it at its head: boarded, called to a window."`
	Back    *int64    `json:"back,omitempty" minimum:"0" doc:"Left it the way they came."`
	InLine  *int64    `json:"in_line,omitempty" minimum:"0" doc:"Stood in line at the end of the minute."`
	Cycles  *int64    `json:"cycles,omitempty" minimum:"0" doc:"Dispatches that left."`
}

func (c CountBody) count(place string) Count {
	return Count{Place: place, Minute: c.Minute, Entered: c.Entered, Served: c.Served,
		Back: c.Back, InLine: c.InLine, Cycles: c.Cycles}
}

type placedCount struct {
	Queue string `json:"queue" maxLength:"64" doc:"The queue's id or code."`
	CountBody
}

type takenOutput struct {
	Body struct {
		Taken int `json:"taken" doc:"How many were kept; of a repeat all are."`
	}
}

func takenOf(n int) *takenOutput {
	out := &takenOutput{}
	out.Body.Taken = n
	return out
}

type countsInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	Body   struct {
		Sensor string        `json:"sensor" maxLength:"64" doc:"The sensor's name, unique in the park."`
		Counts []placedCount `json:"counts" minItems:"1" maxItems:"2000" nullable:"false"`
	}
}

func (q *Queues) apiCounts(ctx context.Context, in *countsInput) (*takenOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	counts := make([]Count, len(in.Body.Counts))
	for i, c := range in.Body.Counts {
		counts[i] = c.count(c.Queue)
	}
	n, err := q.Observe(ctx, park.ID, in.Body.Sensor, counts)
	if err != nil {
		return nil, err
	}
	return takenOf(n), nil
}

type countsOfInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	QueueID string `path:"queue_id" maxLength:"64" doc:"The queue's id or code."`
	Body    struct {
		Sensor string      `json:"sensor" maxLength:"64" doc:"The sensor's name, unique in the park."`
		Counts []CountBody `json:"counts" minItems:"1" maxItems:"2000" nullable:"false"`
	}
}

func (q *Queues) apiCountsOf(ctx context.Context, in *countsOfInput) (*takenOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	counts := make([]Count, len(in.Body.Counts))
	for i, c := range in.Body.Counts {
		counts[i] = c.count(in.QueueID)
	}
	n, err := q.Observe(ctx, park.ID, in.Body.Sensor, counts)
	if err != nil {
		return nil, err
	}
	return takenOf(n), nil
}

type samplesInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	Body   struct {
		Sensor  string       `json:"sensor" maxLength:"64" doc:"Who times."`
		Samples []sampleItem `json:"samples" minItems:"1" maxItems:"2000" nullable:"false"`
	}
}

type sampleItem struct {
	Queue  string    `json:"queue" maxLength:"64" doc:"The queue's id or code."`
	Joined time.Time `json:"joined_at"`
	Served time.Time `json:"served_at"`
}

func (q *Queues) apiSamples(ctx context.Context, in *samplesInput) (*takenOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	samples := make([]Sample, len(in.Body.Samples))
	for i, s := range in.Body.Samples {
		samples[i] = Sample{s.Queue, s.Joined.UTC(), s.Served.UTC()}
	}
	n, err := q.Sample(ctx, park.ID, in.Body.Sensor, samples)
	if err != nil {
		return nil, err
	}
	return takenOf(n), nil
}

type postInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	QueueID string `path:"queue_id" maxLength:"64" doc:"The queue's id or code."`
	Body    struct {
		State     State  `json:"state,omitempty" enum:"operating,down,closed,refurbishment"`
		Minutes   *int64 `json:"minutes,omitempty" minimum:"0" maximum:"480" doc:"The wait of who joins now."`
		AtMost    bool   `json:"at_most,omitempty" doc:"Minutes is a bound."`
		TimedOnly bool   `json:"timed_only,omitempty" doc:"Only people with a time on their ticket are let in."`
		Windows   *int64 `json:"windows,omitempty" minimum:"1" maximum:"100" doc:"Windows or lanes that are open."`
		Note      string `json:"note,omitempty" maxLength:"200"`
	}
}

type waitOutput struct{ Body waitItem }

func (q *Queues) apiPost(ctx context.Context, in *postInput) (*waitOutput, error) {
	park, c, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	w, err := q.Post(ctx, Post{ParkID: park.ID, PlaceID: in.QueueID, State: b.State,
		Minutes: b.Minutes, AtMost: b.AtMost, TimedOnly: b.TimedOnly, Windows: b.Windows,
		Note: b.Note, Actor: c.Actor})
	if err != nil {
		return nil, err
	}
	return &waitOutput{waitItemOf(w)}, nil
}

type dayInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	Day    string `query:"day" maxLength:"10" doc:"A park day like 2026-11-23, from 05:00 to 05:00 in Japan; today when it is left out."`
}

// day is the day that was asked for.
func (q *Queues) day(asked string) string {
	if asked == "" {
		return DayOf(q.now())
	}
	return asked
}

type postItem struct {
	ID        string    `json:"id"`
	QueueID   string    `json:"queue_id"`
	At        time.Time `json:"at"`
	State     State     `json:"state,omitempty"`
	Minutes   *int64    `json:"minutes,omitempty"`
	AtMost    bool      `json:"at_most,omitempty"`
	TimedOnly bool      `json:"timed_only,omitempty"`
	Windows   *int64    `json:"windows,omitempty"`
	Note      string    `json:"note,omitempty"`
	Actor     string    `json:"actor"`
}

type postsOutput struct{ Body web.List[postItem] }

func (q *Queues) apiPosts(ctx context.Context, in *dayInput) (*postsOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := q.Posts(ctx, park.ID, q.day(in.Day))
	if err != nil {
		return nil, err
	}
	items := make([]postItem, len(all))
	for i, p := range all {
		items[i] = postItem{p.ID, p.PlaceID, p.At, p.State, p.Minutes, p.AtMost, p.TimedOnly,
			p.Windows, p.Note, p.Actor}
	}
	return &postsOutput{web.ListOf(items, "")}, nil
}

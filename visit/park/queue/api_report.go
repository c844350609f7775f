package queue

import (
	"context"
	"math"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/web"
)

func (q *Queues) registerReports(w *web.Server) {
	web.Register(w, web.Op{ID: "read-queue-course", Method: http.MethodGet,
		Path:    "/v1/parks/{park_id}/queues/{queue_id}/course",
		Summary: "Compare a day's waits with the usual course", Tags: tagged, Roles: readers,
		Faults: []*fault.Problem{ErrUnknown, ErrDay}}, q.apiCourse)
	web.Register(w, web.Op{ID: "read-queue-accuracy", Method: http.MethodGet,
		Path:    "/v1/parks/{park_id}/queue-accuracy",
		Summary: "Compare shown waits with timed riders", Tags: tagged, Roles: readers,
		Faults: []*fault.Problem{ErrUnknown, ErrDay},
		Description: "The first item is the whole park. Times are in seconds; a bias above 0 " +
			"says that too long a wait was shown."}, q.apiAccuracy)
	web.Register(w, web.Op{ID: "list-queue-days", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/queue-days", Summary: "List the days of a park's queues",
		Tags: tagged, Roles: readers, Faults: []*fault.Problem{ErrUnknown, ErrDay}}, q.apiDays)
}

type courseInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	QueueID string `path:"queue_id" maxLength:"64" doc:"The queue's id or code."`
	Day     string `query:"day" maxLength:"10" doc:"A park day like 2026-11-23; today when it is left out."`
}

type courseOutput struct {
	Body struct {
		Day   string       `json:"day"`
		Days  int          `json:"days" doc:"How many days the usual course is made of."`
		Slots []courseSlot `json:"slots" nullable:"false" doc:"Quarters of an hour."`
	}
}

type courseSlot struct {
	From  time.Time `json:"from"`
	Usual *int64    `json:"usual_minutes,omitempty"`
	Today *int64    `json:"minutes,omitempty"`
}

func (q *Queues) apiCourse(ctx context.Context, in *courseInput) (*courseOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	c, err := q.Course(ctx, park.ID, in.QueueID, q.day(in.Day))
	if err != nil {
		return nil, err
	}
	out := &courseOutput{}
	out.Body.Day, out.Body.Days = c.Day, c.Days
	out.Body.Slots = []courseSlot{}
	for _, s := range c.Slots {
		out.Body.Slots = append(out.Body.Slots, courseSlot(s))
	}
	return out, nil
}

type accuracyOutput struct{ Body web.List[accuracyItem] }

type accuracyItem struct {
	QueueID       string `json:"queue_id,omitempty" doc:"Absent for the whole park."`
	Riders        int64  `json:"riders" doc:"Timed riders who joined while a wait was shown."`
	Blind         int64  `json:"riders_without" doc:"Those who joined while none was."`
	Waited        int64  `json:"waited_seconds" doc:"The mean of what they waited."`
	ShownError    int64  `json:"shown_error_seconds" doc:"Mean absolute error of the wait as it was shown."`
	ShownBias     int64  `json:"shown_bias_seconds"`
	EstimateError int64  `json:"estimate_error_seconds" doc:"Of the estimate behind it, before rounding up."`
	EstimateBias  int64  `json:"estimate_bias_seconds"`
	Worst         int64  `json:"worst_seconds" doc:"What nine of ten errors are within."`
	WithinPPM     int64  `json:"within_ppm" doc:"The part that waited between low and high, in millionths."`
}

func (q *Queues) apiAccuracy(ctx context.Context, in *dayInput) (*accuracyOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := q.Accuracy(ctx, park.ID, q.day(in.Day))
	if err != nil {
		return nil, err
	}
	s := func(minutes float64) int64 { return int64(math.Round(minutes * 60)) }
	items := make([]accuracyItem, len(all))
	for i, a := range all {
		items[i] = accuracyItem{a.PlaceID, a.Riders, a.Blind, s(a.Waited), s(a.ShownError),
			s(a.ShownBias), s(a.EstimateError), s(a.EstimateBias), s(a.Worst),
			int64(math.Round(a.Within * million))}
	}
	return &accuracyOutput{web.ListOf(items, "")}, nil
}

type daysInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	From   string `query:"from" maxLength:"10" required:"true" doc:"The first park day."`
	To     string `query:"to" maxLength:"10" required:"true" doc:"The last park day, at most 31 later."`
}

type daysOutput struct{ Body web.List[dailyItem] }

type dailyItem struct {
	QueueID          string     `json:"queue_id"`
	Day              string     `json:"day"`
	Entered          int64      `json:"entered"`
	Served           int64      `json:"served"`
	Back             int64      `json:"back"`
	First            *time.Time `json:"first_operating_at,omitempty"`
	Last             *time.Time `json:"last_operating_at,omitempty"`
	OperatingMinutes int64      `json:"operating_minutes"`
	DownMinutes      int64      `json:"down_minutes"`
	Low              *int64     `json:"min_minutes,omitempty"`
	P50              *int64     `json:"p50_minutes,omitempty"`
	Mean             *int64     `json:"mean_minutes,omitempty"`
	P90              *int64     `json:"p90_minutes,omitempty"`
	High             *int64     `json:"max_minutes,omitempty"`
	Changes          int64      `json:"changes"`
}

func (q *Queues) apiDays(ctx context.Context, in *daysInput) (*daysOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := q.Daily(ctx, park.ID, in.From, in.To)
	if err != nil {
		return nil, err
	}
	items := make([]dailyItem, len(all))
	for i, d := range all {
		items[i] = dailyItem{d.PlaceID, d.Day, d.Entered, d.Served, d.Back, timeOrNil(d.First),
			timeOrNil(d.Last), d.OperatingMinutes, d.DownMinutes, d.Low, d.P50, d.Mean, d.P90,
			d.High, d.Changes}
	}
	return &daysOutput{web.ListOf(items, "")}, nil
}

package queue

import (
	"context"
	"errors"
	"net/http"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/web"
)

// themeStatus is a state in the words of that shape. What nobody knows of is closed there: its
// clients have no other word for it.
func themeStatus(s State) string {
	switch s {
	case Operating:
		return "OPERATING"
	case Down:
		return "DOWN"
	case Refurbishment:
		return "REFURBISHMENT"
	default:
		return "CLOSED"
	}
}

// themeQueue holds the queues that a place has.
type themeQueue struct {
	Standby *themeStandby `json:"STANDBY,omitempty"`
	Return  *themeReturn  `json:"RETURN_TIME,omitempty"`
}

type themeStandby struct {
	WaitTime *int64 `json:"waitTime" doc:"Minutes; null when there is a line of unknown length."`
}

type themeReturn struct {
	State string     `json:"state" enum:"AVAILABLE,TEMP_FULL,FINISHED"`
	Start *time.Time `json:"returnStart" doc:"About when who takes a number now can come."`
	End   *time.Time `json:"returnEnd"`
}

// queueOf writes the queues of a place; nil when it has none now.
func queueOf(s State, minutes *int64, timedOnly bool, l *Line) *themeQueue {
	var out themeQueue
	if s == Operating && !timedOnly {
		out.Standby = &themeStandby{minutes}
	}
	if l != nil {
		out.Return = &themeReturn{State: "FINISHED"}
		switch l.State {
		case LineOpen:
			out.Return = &themeReturn{"AVAILABLE", timeOrNil(l.NextFrom), timeOrNil(l.NextTo)}
			if l.Left == 0 {
				out.Return.State = "FINISHED"
			}
		case LinePaused:
			out.Return.State = "TEMP_FULL"
		case LineFull, LineClosed:
		}
	}
	if out.Standby == nil && out.Return == nil {
		return nil
	}
	return &out
}

type liveOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  struct {
		ID         string     `json:"id"`
		Name       string     `json:"name"`
		EntityType string     `json:"entityType"`
		Timezone   string     `json:"timezone"`
		LiveData   []liveBody `json:"liveData" nullable:"false"`
	}
}

type liveBody struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	EntityType  string      `json:"entityType"`
	ParkID      string      `json:"parkId"`
	ExternalID  string      `json:"externalId"`
	Status      string      `json:"status" enum:"OPERATING,DOWN,CLOSED,REFURBISHMENT"`
	Queue       *themeQueue `json:"queue,omitempty"`
	Hours       []themeSlot `json:"operatingHours,omitempty"`
	LastUpdated time.Time   `json:"lastUpdated"`
}

type themeSlot struct {
	Type  string    `json:"type"`
	Start time.Time `json:"startTime"`
	End   time.Time `json:"endTime"`
}

func (q *Queues) apiEntityLive(ctx context.Context, in *entityInput) (*liveOutput, error) {
	e, err := q.entity(ctx, in.EntityID)
	if err != nil {
		return nil, err
	}
	waits, err := q.Live(ctx, e.park.ID)
	if err != nil {
		return nil, err
	}
	now := q.now()
	hours, err := q.cfg.Parks.Hours(ctx, e.park.ID, DayOf(now), DayOf(now))
	if err != nil {
		return nil, err
	}
	out := &liveOutput{CORS: anyOrigin, Cache: keptNot}
	b := &out.Body
	b.ID, b.Name, b.EntityType, b.Timezone = e.id(), e.name(), e.kind, zone
	b.LiveData = []liveBody{}
	for _, w := range waits {
		if e.kind == "ATTRACTION" && w.Place.ID != e.place.ID {
			continue
		}
		at := entity{"ATTRACTION", e.park, w.Place}
		item := liveBody{ID: w.Place.ID, Name: at.name(), EntityType: at.kind,
			ParkID: e.park.ID, ExternalID: w.Place.Code, Status: themeStatus(w.State),
			Queue:       queueOf(w.State, w.Minutes, w.TimedOnly, w.Virtual),
			LastUpdated: w.ObservedAt.In(clock.JST)}
		if w.ObservedAt.IsZero() {
			item.LastUpdated = now.In(clock.JST)
		}
		for _, h := range hours {
			if !h.Closed {
				item.Hours = append(item.Hours, themeSlot{"OPERATING", h.Open.In(clock.JST),
					h.Close.In(clock.JST)})
			}
		}
		b.LiveData = append(b.LiveData, item)
	}
	return out, nil
}

// historyAMinute is how often one address may ask for histories, which are long.
const historyAMinute = 60

func (q *Queues) registerHistory(w *web.Server) {
	faults := []*fault.Problem{ErrUnknown, ErrDay}
	web.Register(w, web.Op{ID: "read-entity-history", Method: http.MethodGet,
		Path: "/v1/entity/{entity_id}/history", Summary: "See what changed at an attraction",
		Tags: themed, Public: true, Faults: faults,
		PerMinute: historyAMinute,
		Description: "One day, or a span of at most 31 days; a row for each change of status " +
			"or wait."}, q.apiHistory)
	web.Register(w, web.Op{ID: "read-entity-history-daily", Method: http.MethodGet,
		Path:    "/v1/entity/{entity_id}/history/daily",
		Summary: "See the days of an attraction", Tags: themed, Public: true, Faults: faults,
		PerMinute: historyAMinute}, q.apiHistoryDaily)
}

type historyInput struct {
	EntityID string `path:"entity_id" maxLength:"64"`
	Date     string `query:"date" maxLength:"10" doc:"One day; or from and to."`
	From     string `query:"from" maxLength:"10"`
	To       string `query:"to" maxLength:"10"`
}

// span reads the days that are asked for; today when none are.
//
// Errors: ErrDay, with the member "error" that clients of that shape read.
func (q *Queues) span(in *historyInput) (from, to string, err error) {
	from, to = in.From, in.To
	switch {
	case in.Date != "" && (from != "" || to != ""):
		return "", "", themeDay("INVALID_RANGE", "use either date, or from and to")
	case in.Date != "":
		from, to = in.Date, in.Date
	case from == "" && to == "":
		from = DayOf(q.now())
		to = from
	}
	first, ok1 := DayStart(from)
	last, ok2 := DayStart(to)
	switch {
	case !ok1 || !ok2:
		return "", "", themeDay("INVALID_DATE", "a day is like 2026-11-23")
	case last.Before(first):
		return "", "", themeDay("INVALID_RANGE", "the last day is before the first")
	case last.Sub(first) >= HistoryMax:
		return "", "", themeDay("RANGE_TOO_LONG", "at most 31 days")
	}
	return from, to, nil
}

func themeDay(kind, text string) error {
	return ErrDay.Newf("%s", text).Set("error", map[string]string{"type": kind, "message": text})
}

// historyHead is what both histories begin with.
type historyHead struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	EntityType    string        `json:"entityType"`
	ParentID      string        `json:"parentId"`
	DestinationID string        `json:"destinationId"`
	Timezone      string        `json:"timezone"`
	Range         historyRange  `json:"range"`
	Coverage      historyCovers `json:"coverage"`
}

type historyRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type historyCovers struct {
	First string `json:"firstRecordedAt"`
}

type historyMoment struct {
	Time   time.Time   `json:"time"`
	Status string      `json:"status"`
	Queue  *themeQueue `json:"queue,omitempty"`
}

type historyRow struct {
	Time    time.Time   `json:"time"`
	Changed []string    `json:"changed" nullable:"false" doc:"status, queue."`
	Status  string      `json:"status"`
	Queue   *themeQueue `json:"queue,omitempty"`
}

type historyBody struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	EntityType    string         `json:"entityType"`
	ParentID      string         `json:"parentId"`
	DestinationID string         `json:"destinationId"`
	Timezone      string         `json:"timezone"`
	Range         historyRange   `json:"range"`
	Coverage      historyCovers  `json:"coverage"`
	Opening       *historyMoment `json:"opening" doc:"How it stood when the span began; null when that is not known."`
	History       []historyRow   `json:"history" nullable:"false"`
	Next          *string        `json:"next" doc:"Always null: a span comes at once."`
}

type historyOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  historyBody
}

// headOf finds an attraction and what both histories begin with.
//
// Errors: ErrUnknown also for what is no attraction, ErrDay.
func (q *Queues) headOf(
	ctx context.Context, in *historyInput,
) (e entity, head historyHead, err error) {
	if e, err = q.entity(ctx, in.EntityID); err != nil {
		return e, head, err
	}
	if e.kind != "ATTRACTION" {
		return e, head, ErrUnknown.Newf("only attractions have a history").Set("error",
			map[string]string{"type": "NOT_FOUND", "message": "only attractions have a history"})
	}
	from, to, err := q.span(in)
	if err != nil {
		return e, head, err
	}
	head = historyHead{ID: e.id(), Name: e.name(), EntityType: e.kind, ParentID: e.parent(),
		DestinationID: destinationID(e.park.ID), Timezone: zone, Range: historyRange{from, to}}
	var first time.Time
	err = q.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		first, err = firstMoment(ctx, tx, e.place.ID)
		return err
	})
	if !first.IsZero() {
		head.Coverage.First = DayOf(first)
	}
	return e, head, err
}

func (q *Queues) apiHistory(ctx context.Context, in *historyInput) (*historyOutput, error) {
	e, h, err := q.headOf(ctx, in)
	if err != nil {
		return nil, err
	}
	first, ok1 := DayStart(h.Range.From)
	last, ok2 := DayStart(h.Range.To)
	if !ok1 || !ok2 {
		return nil, errors.New("a span that was read is none")
	}
	all, err := q.History(ctx, e.park.ID, e.place.ID, first, last.Add(24*time.Hour))
	if err != nil {
		return nil, err
	}
	out := &historyOutput{anyOrigin, keptMinutes, historyBody{ID: h.ID, Name: h.Name,
		EntityType: h.EntityType, ParentID: h.ParentID, DestinationID: h.DestinationID,
		Timezone: h.Timezone, Range: h.Range, Coverage: h.Coverage, History: []historyRow{}}}
	var before *Moment
	for i := range all {
		m := &all[i]
		row := historyRow{m.At.In(clock.JST), []string{}, themeStatus(m.State),
			queueOf(m.State, m.Shown, m.TimedOnly, nil)}
		if before == nil {
			out.Body.Opening = &historyMoment{row.Time, row.Status, row.Queue}
			before = m
			continue
		}
		if themeStatus(before.State) != row.Status {
			row.Changed = append(row.Changed, "status")
		}
		if !same(before.Shown, m.Shown) || before.TimedOnly != m.TimedOnly {
			row.Changed = append(row.Changed, "queue")
		}
		if len(row.Changed) > 0 {
			out.Body.History = append(out.Body.History, row)
		}
		before = m
	}
	return out, nil
}

type historyDailyOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  historyDailyBody
}

type historyDailyBody struct {
	ID            string        `json:"id"`
	Name          string        `json:"name"`
	EntityType    string        `json:"entityType"`
	ParentID      string        `json:"parentId"`
	DestinationID string        `json:"destinationId"`
	Timezone      string        `json:"timezone"`
	Range         historyRange  `json:"range"`
	Coverage      historyCovers `json:"coverage"`
	Days          []historyDay  `json:"days" nullable:"false"`
	Next          *string       `json:"next" doc:"Always null."`
}

type historyDay struct {
	Date      string        `json:"date"`
	First     *time.Time    `json:"firstOperatingAt"`
	Last      *time.Time    `json:"lastClosedAt"`
	Operating int64         `json:"operatingMinutes"`
	Down      int64         `json:"downMinutes"`
	Standby   *historyStats `json:"standby,omitempty"`
	Changes   int64         `json:"changes"`
}

type historyStats struct {
	Min  int64 `json:"min"`
	P50  int64 `json:"p50"`
	Mean int64 `json:"mean"`
	P90  int64 `json:"p90"`
	Max  int64 `json:"max"`
}

func (q *Queues) apiHistoryDaily(
	ctx context.Context, in *historyInput,
) (*historyDailyOutput, error) {
	e, h, err := q.headOf(ctx, in)
	if err != nil {
		return nil, err
	}
	all, err := q.Daily(ctx, e.park.ID, h.Range.From, h.Range.To)
	if err != nil {
		return nil, err
	}
	out := &historyDailyOutput{anyOrigin, keptMinutes, historyDailyBody{ID: h.ID, Name: h.Name,
		EntityType: h.EntityType, ParentID: h.ParentID, DestinationID: h.DestinationID,
		Timezone: h.Timezone, Range: h.Range, Coverage: h.Coverage, Days: []historyDay{}}}
	for _, d := range all {
		if d.PlaceID != e.place.ID {
			continue
		}
		day := historyDay{Date: d.Day, First: timeOrNil(d.First), Last: timeOrNil(d.Last),
			Operating: d.OperatingMinutes, Down: d.DownMinutes, Changes: d.Changes}
		if d.Mean != nil {
			day.Standby = &historyStats{*d.Low, *d.P50, *d.Mean, *d.P90, *d.High}
		}
		out.Body.Days = append(out.Body.Days, day)
	}
	return out, nil
}

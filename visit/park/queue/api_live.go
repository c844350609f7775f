package queue

import (
	"context"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/limit"
	"watari/kit/web"
)

// waitItem is what anybody is told about a place.
type waitItem struct {
	QueueID   string            `json:"queue_id"`
	Code      string            `json:"code"`
	Kind      Kind              `json:"kind" enum:"ride,counter,entrance"`
	Name      map[string]string `json:"name" doc:"By language: zh-Hans, zh-Hant, ja, en, ko."`
	State     State             `json:"state" enum:"operating,down,closed,refurbishment,unknown"`
	Minutes   *int64            `json:"minutes" doc:"As it is shown, rounded up; 0 is: walk on. null while operating: not known, see last_minutes; null otherwise: no wait."`
	AtMost    bool              `json:"at_most,omitempty" doc:"minutes is a bound."`
	TimedOnly bool              `json:"timed_only,omitempty" doc:"Only people with a time on their ticket are let in."`
	Low       *int64            `json:"low_minutes,omitempty" doc:"Four of five people wait between low and high."`
	High      *int64            `json:"high_minutes,omitempty"`
	Observed  *time.Time        `json:"observed_at,omitempty" doc:"When that was seen on which it rests."`
	Source    Source            `json:"source,omitempty" doc:"sensor, staff or estimate."`
	Fresh     Freshness         `json:"freshness" enum:"fresh,ageing,stale" doc:"Up to 5 minutes, up to 15, older."`
	Last      *int64            `json:"last_minutes,omitempty" doc:"The last wait that was known today."`
	LastAt    *time.Time        `json:"last_at,omitempty"`
	Trend     int               `json:"trend" doc:"Against a quarter of an hour ago: -1 shorter, 1 longer."`
	InLine    *int64            `json:"in_line,omitempty" doc:"People in line."`
	Virtual   *lineItem         `json:"virtual,omitempty"`
}

func waitItemOf(w Wait) waitItem {
	item := waitItem{QueueID: w.Place.ID, Code: w.Place.Code, Kind: w.Place.Kind,
		Name: map[string]string{}, State: w.State, Minutes: w.Minutes, AtMost: w.AtMost,
		TimedOnly: w.TimedOnly, Low: w.Low, High: w.High, Observed: timeOrNil(w.ObservedAt),
		Source: w.Source, Fresh: w.Fresh, Last: w.Last, LastAt: timeOrNil(w.LastAt),
		Trend: w.Trend, InLine: w.InLine}
	for lang, text := range w.Place.Name {
		item.Name[string(lang)] = text
	}
	if w.Virtual != nil {
		item.Virtual = lineItemOf(*w.Virtual)
	}
	return item
}

type publicWaitsOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  struct {
		ParkID string     `json:"park_id"`
		At     time.Time  `json:"at"`
		Waits  []waitItem `json:"waits" nullable:"false"`
	}
}

func (q *Queues) apiWaits(ctx context.Context, in *parkInput) (*publicWaitsOutput, error) {
	park, err := q.park(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := q.Live(ctx, park.ID)
	if err != nil {
		return nil, err
	}
	out := &publicWaitsOutput{CORS: "*", Cache: "public, max-age=10"}
	out.Body.ParkID, out.Body.At, out.Body.Waits = park.ID, q.now(), []waitItem{}
	for _, w := range all {
		out.Body.Waits = append(out.Body.Waits, waitItemOf(w))
	}
	return out, nil
}

// registerLive adds the waits that everybody may see, at once and as a stream.
func (q *Queues) registerLive(w *web.Server) {
	web.Register(w, web.Op{ID: "read-waits", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/waits", Summary: "See how long people wait", Tags: tagged,
		Public: true, Faults: []*fault.Problem{ErrUnknown},
		Description: "What changes comes as server-sent events from " +
			"/v1/parks/{park_id}/waits/live: the event waits has {at, whole, waits}, with the " +
			"whole board first and then what is another than before."}, q.apiWaits)
	w.Handle("GET /v1/parks/{park_id}/waits/live", http.HandlerFunc(
		func(rw http.ResponseWriter, r *http.Request) {
			if err := q.ServeLive(rw, r, r.PathValue("park_id")); err != nil {
				web.Fail(rw, r, err)
			}
		}))
}

// How many may watch live at the same time on a node, and through one address: of the connections
// that a node has, 10,000 at most, others need some too. A park's visitors may come through one.
const (
	watchersMax  = 6000
	watchersEach = 3000
)

// ServeLive answers a request with a park's board as server-sent events: the whole board first,
// then what changes, until the caller leaves. It may be read from pages of other origins.
//
// Errors: ErrUnknown for the park, ErrLiveFull, before anything is sent.
func (q *Queues) ServeLive(w http.ResponseWriter, r *http.Request, parkID string) error {
	leave, ok := q.seats.Take(limit.Of(r))
	if !ok {
		return ErrLiveFull.Newf("ask for /v1/parks/%s/waits meanwhile", parkID).Set(
			"retry_after_s", 30)
	}
	defer leave()
	frames, stop, err := q.Subscribe(r.Context(), parkID)
	if err != nil {
		return err
	}
	defer stop()
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return web.Events(w, r, frames)
}

package park

import (
	"context"
	"net/http"
	"time"

	"watari/kit/i18n"
	"watari/kit/web"
	"watari/visit/order"
)

func (s *Service) registerStock(w *web.Server) {
	const root = "/v1/parks/{park_id}"
	web.Register(w, web.Op{ID: "list-park-pools", Method: http.MethodGet, Path: root + "/pools",
		Summary: "List what quotas are of", Tags: tagged, Roles: readers, Faults: problems()},
		s.apiPools)
	web.Register(w, web.Op{ID: "put-park-pools", Method: http.MethodPut, Path: root + "/pools",
		Summary: "Make pools, or name them anew", Tags: tagged, Roles: runners,
		Faults: problems(ErrInvalid)}, s.apiPutPools)
	web.Register(w, web.Op{ID: "list-park-quotas", Method: http.MethodGet, Path: root + "/quotas",
		Summary: "List quotas with what is taken", Tags: tagged, Roles: readers,
		Faults: problems(ErrDay)}, s.apiQuotas)
	web.Register(w, web.Op{ID: "put-park-quotas", Method: http.MethodPut, Path: root + "/quotas",
		Summary: "Write quotas and allotments", Tags: tagged, Roles: runners, MaxBody: 4 << 20,
		Faults: problems(ErrInvalid, ErrQuotaTaken)}, s.apiPutQuotas)
	web.Register(w, web.Op{ID: "list-park-closures", Method: http.MethodGet,
		Path: root + "/closures", Summary: "List closures with how far their refunds are",
		Tags: tagged, Roles: readers, Faults: problems()}, s.apiClosures)
	web.Register(w, web.Op{ID: "create-park-closure", Method: http.MethodPost,
		Path: root + "/closures", Summary: "Close a day and return everything that was paid",
		Tags: tagged, Roles: runners, Status: http.StatusCreated,
		Faults: problems(ErrInvalid, ErrDay, ErrClosing)}, s.apiClose)
	web.Register(w, web.Op{ID: "read-park-closure", Method: http.MethodGet,
		Path: root + "/closures/{closure_id}", Summary: "Read how far a closure is",
		Tags: tagged, Roles: readers, Faults: problems()}, s.apiClosure)
	web.Register(w, web.Op{ID: "reopen-park-day", Method: http.MethodPost,
		Path: root + "/closures/{closure_id}/reopen", Summary: "Sell a closed day again",
		Tags: tagged, Roles: runners, Faults: problems(ErrClosing)}, s.apiReopen)
}

// poolItem is a pool as /v1 shows it.
type poolItem struct {
	Code    string            `json:"code" maxLength:"40"`
	Name    map[string]string `json:"name" doc:"By language."`
	Slotted bool              `json:"slotted,omitempty" doc:"It counts each slot; this never changes."`
}

// byTag and textOf turn localised texts into what the API's document shows, and back.
func byTag(t i18n.Text) map[string]string {
	out := map[string]string{}
	for l, s := range t {
		out[string(l)] = s
	}
	return out
}

func textOf(m map[string]string) i18n.Text {
	out := i18n.Text{}
	for l, s := range m {
		out[i18n.Lang(l)] = s
	}
	return out
}

type poolsOutput struct{ Body web.List[poolItem] }

func (s *Service) apiPools(ctx context.Context, in *ParkInput) (*poolsOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Pools(ctx, p.ID)
	items := make([]poolItem, len(all))
	for i, x := range all {
		items[i] = poolItem{x.Code, byTag(x.Name), x.Slotted}
	}
	return &poolsOutput{web.ListOf(items, "")}, err
}

type putPoolsInput struct {
	ParkInput
	Body struct {
		Pools []poolItem `json:"pools" minItems:"1" maxItems:"50"`
	}
}

func (s *Service) apiPutPools(ctx context.Context, in *putPoolsInput) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	ps := make([]Pool, len(in.Body.Pools))
	for i, x := range in.Body.Pools {
		ps[i] = Pool{Code: x.Code, Name: textOf(x.Name), Slotted: x.Slotted}
	}
	return nil, s.PutPools(ctx, p.ID, ps, c.Actor)
}

// quotaItem is a quota as /v1 shows it.
type quotaItem struct {
	Pool     string     `json:"pool" maxLength:"40"`
	Day      string     `json:"day" maxLength:"10"`
	Slot     string     `json:"slot,omitempty" maxLength:"20"`
	Channel  string     `json:"channel,omitempty" enum:",visitor,octo,counter" doc:"Absent: the quota itself; else an allotment in it."`
	Size     int64      `json:"size" doc:"Of an allotment -1 when there is none."`
	Oversell int64      `json:"oversell,omitempty" doc:"Sold beyond the size."`
	Release  *time.Time `json:"release_at,omitempty" doc:"When an allotment ends."`
	Taken    int64      `json:"taken,omitempty" doc:"Held, sold, used, and kept for who waits; never written."`
}

type quotasOutput struct{ Body web.List[quotaItem] }

func (s *Service) apiQuotas(ctx context.Context, in *PeriodInput) (*quotasOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Quotas(ctx, p.ID, in.From, in.To)
	items := make([]quotaItem, len(all))
	for i, q := range all {
		items[i] = quotaItem{q.Pool, q.Day, q.Slot, q.Channel, q.Size, q.Oversell,
			moment(q.Release), q.Taken}
	}
	return &quotasOutput{web.ListOf(items, "")}, err
}

// moment is a time, or nothing.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

type putQuotasInput struct {
	ParkInput
	Body struct {
		Quotas []quotaItem `json:"quotas" minItems:"1" maxItems:"20000"`
	}
}

func (s *Service) apiPutQuotas(ctx context.Context, in *putQuotasInput) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	qs := make([]Quota, len(in.Body.Quotas))
	for i, q := range in.Body.Quotas {
		qs[i] = Quota{Pool: q.Pool, Day: q.Day, Slot: q.Slot, Channel: q.Channel, Size: q.Size,
			Oversell: q.Oversell, Release: timeOf(q.Release)}
	}
	return nil, s.PutQuotas(ctx, p.ID, qs, c.Actor)
}

// closureItem is a closure as /v1 shows it.
type closureItem struct {
	ID         string            `json:"id"`
	Day        string            `json:"day"`
	Products   []string          `json:"products,omitempty" doc:"Absent: the whole day."`
	Reason     map[string]string `json:"reason" doc:"By language."`
	Actor      string            `json:"actor"`
	CreatedAt  time.Time         `json:"created_at"`
	ReopenedAt *time.Time        `json:"reopened_at,omitempty"`
	State      order.MassState   `json:"state" enum:"running,done"`
	Orders     int64             `json:"orders" doc:"That were found when it began."`
	Done       int64             `json:"done" doc:"Orders that were cut."`
	Failed     int64             `json:"failed" doc:"Orders that could not be cut."`
	Returned   int64             `json:"returned_yen"`
	Owed       int64             `json:"owed_yen" doc:"Not given back yet."`
	Waiting    int64             `json:"waiting" doc:"Returns on their way."`
	Stuck      int64             `json:"stuck" doc:"Returns that failed and wait for a person."`
}

func closureItemOf(c Closure) closureItem {
	m := c.Mass
	return closureItem{ID: c.ID, Day: c.Day, Products: c.Products, Reason: byTag(c.Reason),
		Actor: c.Actor, CreatedAt: c.Created, ReopenedAt: moment(c.Reopened), State: m.State,
		Orders: m.Total, Done: m.Done, Failed: m.Failed, Returned: m.Returned, Owed: m.Owed,
		Waiting: m.Waiting, Stuck: m.Stuck}
}

type closuresOutput struct{ Body web.List[closureItem] }

func (s *Service) apiClosures(ctx context.Context, in *ParkInput) (*closuresOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Closures(ctx, p.ID)
	items := make([]closureItem, len(all))
	for i, c := range all {
		items[i] = closureItemOf(c)
	}
	return &closuresOutput{web.ListOf(items, "")}, err
}

type closureInput struct {
	ParkInput
	ClosureID string `path:"closure_id" maxLength:"64"`
}

type closureOutput struct{ Body closureItem }

func (s *Service) apiClosure(ctx context.Context, in *closureInput) (*closureOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	c, err := s.Closure(ctx, p.ID, in.ClosureID)
	if err != nil {
		return nil, err
	}
	return &closureOutput{closureItemOf(c)}, nil
}

type closeInput struct {
	ParkInput
	Body struct {
		Day      string            `json:"day" maxLength:"10"`
		Products []string          `json:"products,omitempty" maxItems:"50" doc:"Absent: the whole day."`
		Reason   map[string]string `json:"reason" doc:"For visitors, by language."`
	}
}

func (s *Service) apiClose(ctx context.Context, in *closeInput) (*closureOutput, error) {
	p, caller, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	c, err := s.Close(ctx, Closure{ParkID: p.ID, Day: in.Body.Day, Products: in.Body.Products,
		Reason: textOf(in.Body.Reason)}, caller.Actor)
	if err != nil {
		return nil, err
	}
	return &closureOutput{closureItemOf(c)}, nil
}

func (s *Service) apiReopen(ctx context.Context, in *closureInput) (*closureOutput, error) {
	p, caller, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	c, err := s.Reopen(ctx, p.ID, in.ClosureID, caller.Actor)
	if err != nil {
		return nil, err
	}
	return &closureOutput{closureItemOf(c)}, nil
}

package queue

import (
	"context"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/web"
)

func (q *Queues) registerVirtual(w *web.Server) {
	web.Register(w, web.Op{ID: "read-virtual-queue", Method: http.MethodGet,
		Path:    "/v1/parks/{park_id}/queues/{queue_id}/virtual",
		Summary: "Read a virtual queue with the numbers that are held", Tags: tagged,
		Roles: readers, Faults: []*fault.Problem{ErrUnknown, ErrVirtualNone}}, q.apiVirtual)
	web.Register(w, web.Op{ID: "steer-virtual-queue", Method: http.MethodPost,
		Path:    "/v1/parks/{park_id}/queues/{queue_id}/virtual",
		Summary: "Open, pause, resume or close a virtual queue", Tags: tagged, Roles: runners,
		Faults: []*fault.Problem{ErrUnknown, ErrVirtualNone, ErrVirtualStep, ErrChanged}},
		q.apiSteer)
	web.Register(w, web.Op{ID: "redeem-virtual-number", Method: http.MethodPost,
		Path:    "/v1/parks/{park_id}/queue-redemptions",
		Summary: "Let the people of a number in", Tags: tagged, Roles: posters,
		Faults: []*fault.Problem{ErrUnknown, ErrVirtualNone, ErrVirtualStep, ErrVirtualEarly,
			ErrVirtualLate, ErrChanged}}, q.apiRedeem)
}

type lineItem struct {
	State    LineState    `json:"state" enum:"closed,open,full,paused"`
	Day      string       `json:"day,omitempty"`
	Opened   *time.Time   `json:"opened_at,omitempty"`
	Draw     *time.Time   `json:"draw_at,omitempty" doc:"Until then the order is open: it is by lot."`
	Paused   *time.Time   `json:"paused_since,omitempty"`
	Waiting  int64        `json:"waiting_people" doc:"Who wait to be called."`
	Called   int64        `json:"called_number" doc:"The number called last."`
	Given    int64        `json:"people_today"`
	Left     *int64       `json:"people_left,omitempty" doc:"Who can still take numbers today; absent without a limit."`
	NextFrom *time.Time   `json:"next_from,omitempty" doc:"About when who takes a number now can come."`
	NextTo   *time.Time   `json:"next_to,omitempty"`
	Numbers  []numberItem `json:"numbers,omitempty" doc:"Those that are held, in the order of calling."`
}

type numberItem struct {
	ID     string      `json:"id"`
	Code   string      `json:"code"`
	Number int64       `json:"number"`
	Party  int64       `json:"party"`
	State  TicketState `json:"state" enum:"joined,called,redeemed,expired,left"`
	Joined time.Time   `json:"joined_at"`
	From   *time.Time  `json:"from,omitempty"`
	To     *time.Time  `json:"to,omitempty"`
	Until  *time.Time  `json:"until,omitempty" doc:"The window with its grace."`
	Ended  *time.Time  `json:"ended_at,omitempty"`
}

func lineItemOf(l Line) *lineItem {
	item := &lineItem{State: l.State, Day: l.Day, Draw: timeOrNil(l.DrawAt),
		Paused: timeOrNil(l.PausedAt), Waiting: l.Waiting, Called: l.Called, Given: l.Given,
		NextFrom: timeOrNil(l.NextFrom), NextTo: timeOrNil(l.NextTo)}
	if l.State != LineClosed {
		item.Opened = timeOrNil(l.OpenedAt)
	}
	if l.Left >= 0 {
		left := l.Left
		item.Left = &left
	}
	return item
}

func numberItemOf(t Ticket) numberItem {
	return numberItem{t.ID, t.Code, t.Number, t.Party, t.State, t.JoinedAt, timeOrNil(t.From),
		timeOrNil(t.To), timeOrNil(t.Until), timeOrNil(t.EndedAt)}
}

type lineOutput struct{ Body lineItem }

func (q *Queues) apiVirtual(ctx context.Context, in *queueInput) (*lineOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	l, err := q.Numbers(ctx, park.ID, in.QueueID)
	if err != nil {
		return nil, err
	}
	all, err := q.List(ctx, park.ID, in.QueueID)
	if err != nil {
		return nil, err
	}
	item := lineItemOf(l)
	for _, t := range all {
		item.Numbers = append(item.Numbers, numberItemOf(t))
	}
	return &lineOutput{*item}, nil
}

type steerInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	QueueID string `path:"queue_id" maxLength:"64" doc:"The queue's id or code."`
	Body    struct {
		Step string `json:"step" enum:"open,stop_giving,pause,resume,close"`
	}
}

func (q *Queues) apiSteer(ctx context.Context, in *steerInput) (*lineOutput, error) {
	park, c, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	l, err := q.Steer(ctx, park.ID, in.QueueID, in.Body.Step, c.Actor)
	if err != nil {
		return nil, err
	}
	return &lineOutput{*lineItemOf(l)}, nil
}

type redeemInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	Body   struct {
		Number string `json:"number" minLength:"1" maxLength:"64" doc:"The id of the number, or what its holder shows: K7Q-42."`
	}
}

type numberOutput struct{ Body numberItem }

func (q *Queues) apiRedeem(ctx context.Context, in *redeemInput) (*numberOutput, error) {
	park, c, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	t, err := q.Redeem(ctx, park.ID, in.Body.Number, c.Actor)
	if err != nil {
		return nil, err
	}
	return &numberOutput{numberItemOf(t)}, nil
}

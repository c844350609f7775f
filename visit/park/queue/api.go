package queue

import (
	"context"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
)

// Who may do what with the queues of a park.
var (
	readers = []access.Role{access.MerchantOwner, access.MerchantManager, access.MerchantCashier,
		access.Acquirer, access.AcquirerClerk, access.AcquirerViewer, access.Operator}
	runners = []access.Role{access.MerchantOwner, access.MerchantManager}
	posters = []access.Role{access.MerchantOwner, access.MerchantManager, access.MerchantCashier}
)

var tagged = []string{"Queues"}

// Register adds the operations of queues, those that everybody may read, and the live stream.
func (q *Queues) Register(w *web.Server) {
	unknown := []*fault.Problem{ErrUnknown}
	web.Register(w, web.Op{ID: "list-queues", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/queues", Summary: "List a park's queues with their waits now",
		Tags: tagged, Roles: readers, Faults: unknown}, q.apiList)
	web.Register(w, web.Op{ID: "read-queue", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/queues/{queue_id}", Summary: "Read a queue", Tags: tagged,
		Roles: readers, Faults: unknown}, q.apiRead)
	web.Register(w, web.Op{ID: "create-queue", Method: http.MethodPost,
		Path: "/v1/parks/{park_id}/queues", Summary: "Add a ride, counter or entrance",
		Tags: tagged, Roles: runners, Status: http.StatusCreated,
		Faults: []*fault.Problem{ErrUnknown, ErrInvalid, ErrCodeTaken, ErrPlaces}}, q.apiCreate)
	web.Register(w, web.Op{ID: "change-queue", Method: http.MethodPut,
		Path: "/v1/parks/{park_id}/queues/{queue_id}", Summary: "Write a queue anew",
		Tags: tagged, Roles: runners, Faults: []*fault.Problem{ErrUnknown, ErrInvalid,
			ErrCodeTaken, ErrChanged}}, q.apiChange)
	web.Register(w, web.Op{ID: "end-queue", Method: http.MethodDelete,
		Path: "/v1/parks/{park_id}/queues/{queue_id}", Summary: "End a queue", Tags: tagged,
		Roles: runners, Faults: unknown, Description: "Its history stays and its code is free."},
		q.apiEnd)
	q.registerObserving(w)
	q.registerReports(w)
	q.registerVirtual(w)
	q.registerPublic(w)
	q.registerLive(w)
}

// allowed finds a park that the caller may see; another party's is answered like none.
//
// Errors: ErrUnknown.
func (q *Queues) allowed(ctx context.Context, parkID string) (Park, access.Caller, error) {
	c, _ := access.FromContext(ctx)
	p, err := q.park(ctx, parkID)
	if err != nil {
		return p, c, err
	}
	ok := false
	switch c.Role {
	case access.Operator:
		ok = true
	case access.Acquirer, access.AcquirerClerk, access.AcquirerViewer:
		ok = c.ParticipantNo == p.AcquirerNo
	case access.MerchantOwner, access.MerchantManager, access.MerchantCashier:
		ok = c.ParticipantNo == p.AcquirerNo && c.MerchantNo == p.MerchantNo &&
			(c.StoreNo == 0 || c.StoreNo == p.StoreNo)
	case access.Terminal:
	}
	if !ok {
		return Park{}, c, ErrUnknown.Newf("there is no park %q", parkID)
	}
	return p, c, nil
}

type parkInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
}

type queueInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	QueueID string `path:"queue_id" maxLength:"64" doc:"The queue's id or code."`
}

// PlaceBody is a place as the API reads and writes it.
type PlaceBody struct {
	Code    string             `json:"code" maxLength:"40" doc:"The park's own short name: a to z, digits, hyphens."`
	Kind    Kind               `json:"kind" enum:"ride,counter,entrance"`
	Name    map[string]string  `json:"name" doc:"By language: zh-Hans, zh-Hant, ja, en, ko."`
	Design  designBody         `json:"design"`
	Virtual *virtualDesignBody `json:"virtual,omitempty" doc:"Its virtual queue; absent when it has none."`
	Version int64              `json:"version,omitempty" doc:"As it was read, to write it anew."`
}

type designBody struct {
	Seats         int64 `json:"seats,omitempty" doc:"Of a ride: how many people one dispatch can take."`
	Dispatch      int64 `json:"dispatch_seconds,omitempty" doc:"Of a ride: from one dispatch to the next."`
	LoadPPM       int64 `json:"load_ppm,omitempty" doc:"Of a ride: the part of the seats that is filled while people wait, in millionths; 0 is 850000."`
	PriorityPPM   int64 `json:"priority_ppm,omitempty" doc:"Of a ride: the part of the filled seats that a priority lane gets."`
	Windows       int64 `json:"windows,omitempty" doc:"Of a counter or entrance: how many windows or lanes."`
	Service       int64 `json:"service_seconds,omitempty" doc:"Of a counter or entrance: what one window takes for a person."`
	ArrivalSCVPPM int64 `json:"arrival_scv_ppm,omitempty" doc:"Squared coefficient of variation of the times between arrivals; 0 is 1000000."`
	ServiceSCVPPM int64 `json:"service_scv_ppm,omitempty" doc:"The same of the services."`
}

type virtualDesignBody struct {
	SharePPM  int64 `json:"share_ppm" doc:"The part of the ride that is called from the virtual queue."`
	Lead      int64 `json:"lead_seconds,omitempty" doc:"From the call to the begin of the window."`
	Window    int64 `json:"window_seconds" doc:"How long the return window is."`
	Grace     int64 `json:"grace_seconds,omitempty" doc:"How much later one is still let in."`
	NoShowPPM int64 `json:"no_show_ppm,omitempty" doc:"The part that is expected not to come."`
	PartyMax  int64 `json:"party_max" doc:"The most people on one number."`
	Draw      int64 `json:"draw_seconds,omitempty" doc:"For how long after the opening the order is by lot."`
	DayMax    int64 `json:"day_max,omitempty" doc:"The most people in a day; 0 is no limit."`
	Ticket    bool  `json:"ticket_only,omitempty" doc:"Numbers are for who holds a ticket into the park for the day, or has entered with one; else for everybody."`
}

// place is the place that a body describes.
func (b PlaceBody) place(parkID string) Place {
	s := func(n int64) time.Duration { return time.Duration(min(n, 1<<32)) * time.Second }
	name := i18n.Text{}
	for lang, text := range b.Name {
		name[i18n.Lang(lang)] = text
	}
	d := b.Design
	p := Place{ParkID: parkID, Code: b.Code, Kind: b.Kind, Name: name, Version: b.Version,
		Design: Design{Seats: d.Seats, Dispatch: s(d.Dispatch), LoadPPM: d.LoadPPM,
			PriorityPPM: d.PriorityPPM, Windows: d.Windows, Service: s(d.Service),
			ArrivalSCVPPM: d.ArrivalSCVPPM, ServiceSCVPPM: d.ServiceSCVPPM}}
	if v := b.Virtual; v != nil {
		p.Virtual = Virtual{Offered: true, SharePPM: v.SharePPM, Lead: s(v.Lead),
			Window: s(v.Window), Grace: s(v.Grace), NoShowPPM: v.NoShowPPM,
			PartyMax: v.PartyMax, Draw: s(v.Draw), DayMax: v.DayMax,
			TicketOnly: v.Ticket}
	}
	return p
}

// bodyOf is how a place is written.
func bodyOf(p Place) PlaceBody {
	s := func(d time.Duration) int64 { return int64(d / time.Second) }
	b := PlaceBody{Code: p.Code, Kind: p.Kind, Name: map[string]string{}, Version: p.Version,
		Design: designBody{p.Design.Seats, s(p.Design.Dispatch), p.Design.LoadPPM,
			p.Design.PriorityPPM, p.Design.Windows, s(p.Design.Service), p.Design.ArrivalSCVPPM,
			p.Design.ServiceSCVPPM}}
	for lang, text := range p.Name {
		b.Name[string(lang)] = text
	}
	if v := p.Virtual; v.Offered {
		b.Virtual = &virtualDesignBody{v.SharePPM, s(v.Lead), s(v.Window), s(v.Grace),
			v.NoShowPPM, v.PartyMax, s(v.Draw), v.DayMax, v.TicketOnly}
	}
	return b
}

// queueItem is a place with its wait.
type queueItem struct {
	ID   string    `json:"id"`
	Wait *waitItem `json:"wait,omitempty"`
	PlaceBody
}

type queueListOutput struct{ Body web.List[queueItem] }

func (q *Queues) apiList(ctx context.Context, in *parkInput) (*queueListOutput, error) {
	p, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := q.Live(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	items := make([]queueItem, len(all))
	for i, w := range all {
		wait := waitItemOf(w)
		items[i] = queueItem{w.Place.ID, &wait, bodyOf(w.Place)}
	}
	return &queueListOutput{web.ListOf(items, "")}, nil
}

type queueOutput struct{ Body queueItem }

func (q *Queues) apiRead(ctx context.Context, in *queueInput) (*queueOutput, error) {
	park, _, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	p, err := q.Place(ctx, park.ID, in.QueueID)
	if err != nil {
		return nil, err
	}
	return &queueOutput{queueItem{ID: p.ID, PlaceBody: bodyOf(p)}}, nil
}

type createQueueInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	Body   PlaceBody
}

func (q *Queues) apiCreate(ctx context.Context, in *createQueueInput) (*queueOutput, error) {
	park, c, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	p, err := q.AddPlace(ctx, in.Body.place(park.ID), c.Actor)
	if err != nil {
		return nil, err
	}
	return &queueOutput{queueItem{ID: p.ID, PlaceBody: bodyOf(p)}}, nil
}

type changeQueueInput struct {
	ParkID  string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
	QueueID string `path:"queue_id" maxLength:"64" doc:"The queue's id or code."`
	Body    PlaceBody
}

func (q *Queues) apiChange(ctx context.Context, in *changeQueueInput) (*queueOutput, error) {
	park, c, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	was, err := q.Place(ctx, park.ID, in.QueueID)
	if err != nil {
		return nil, err
	}
	p := in.Body.place(park.ID)
	p.ID = was.ID
	if p.Version == 0 {
		p.Version = was.Version
	}
	if p, err = q.ChangePlace(ctx, p, c.Actor); err != nil {
		return nil, err
	}
	return &queueOutput{queueItem{ID: p.ID, PlaceBody: bodyOf(p)}}, nil
}

func (q *Queues) apiEnd(ctx context.Context, in *queueInput) (*struct{}, error) {
	park, c, err := q.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return nil, q.EndPlace(ctx, park.ID, in.QueueID, c.Actor)
}

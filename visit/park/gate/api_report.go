package gate

import (
	"context"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/web"
)

func (s *Service) registerReports(w *web.Server, unknown []*fault.Problem) {
	dated := append([]*fault.Problem{ErrDay}, unknown...)
	web.Register(w, web.Op{ID: "list-park-keys", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/ticket-keys", Tags: tagged, Roles: readers, Faults: unknown,
		Summary: "List the public keys that a park's tickets are signed with"}, s.apiKeys)
	web.Register(w, web.Op{ID: "rotate-park-key", Method: http.MethodPost,
		Path: "/v1/parks/{park_id}/ticket-keys", Summary: "Sign tickets with a new key from now on",
		Tags: tagged, Roles: runners, Status: http.StatusCreated,
		Faults:      append([]*fault.Problem{ErrTooMany}, unknown...),
		Description: "Tickets that were signed before stay valid."}, s.apiRotateKey)
	web.Register(w, web.Op{ID: "withdraw-park-key", Method: http.MethodPost,
		Path:    "/v1/parks/{park_id}/ticket-keys/{key_no}/withdraw",
		Summary: "End a key, for example because it was stolen", Tags: tagged, Roles: runners,
		Faults: append([]*fault.Problem{ErrTooMany}, unknown...),
		Description: "What it signed proves nothing any more. Tickets that may still be used are " +
			"signed anew under their numbers. Gates without a network learn it with their next pack."},
		s.apiWithdrawKey)
	web.Register(w, web.Op{ID: "read-occupancy", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/occupancy", Summary: "Read how many people are in a park",
		Tags: tagged, Roles: readers, Faults: unknown}, s.apiOccupancy)
	web.Register(w, web.Op{ID: "list-entries", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/entries", Tags: tagged, Roles: readers, Faults: dated,
		Summary: "Count entries and exits by hour, gate and age class"}, s.apiHours)
	web.Register(w, web.Op{ID: "list-scans", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/scans", Tags: tagged, Roles: readers, Faults: dated,
		Summary: "List the scans of a day, the newest first, at most 1,000"}, s.apiLooks)
	web.Register(w, web.Op{ID: "list-scan-conflicts", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/scan-conflicts", Tags: tagged, Roles: readers, Faults: dated,
		Summary: "List double entries and what devices admitted that should not have been"},
		s.apiClashes)
}

type occupancyOutput struct {
	Body struct {
		Now     int64            `json:"now" doc:"Entered since five in the morning in Japan, less those who left."`
		ByUnit  map[string]int64 `json:"by_unit" nullable:"false"`
		Entered int64            `json:"entered"`
		Exits   int64            `json:"exits" doc:"0 means that nobody scans exits."`
		At      time.Time        `json:"at"`
	}
}

func (s *Service) apiOccupancy(ctx context.Context, in *ParkPath) (*occupancyOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	o, err := s.Occupancy(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	out := &occupancyOutput{}
	out.Body.Now, out.Body.Entered, out.Body.Exits, out.Body.At = o.Now, o.Entered, o.Exits, o.At
	out.Body.ByUnit = map[string]int64{}
	for unit, n := range o.ByUnit {
		out.Body.ByUnit[string(unit)] = n
	}
	return out, nil
}

type dayInput struct {
	ParkPath
	Day  string `query:"day" required:"true" maxLength:"10" doc:"A day of the park, from five in the morning in Japan."`
	Gate string `query:"gate_id" maxLength:"64" doc:"Only this gate; for scans."`
}

type hourItem struct {
	From     time.Time `json:"from"`
	GateID   string    `json:"gate_id"`
	Unit     string    `json:"unit"`
	First    int64     `json:"first" doc:"Tickets that entered for the first time."`
	Again    int64     `json:"again" doc:"Tickets that came back."`
	Exits    int64     `json:"exits"`
	Offline  int64     `json:"offline" doc:"Of all these, decided by devices alone."`
	Override int64     `json:"overridden" doc:"Of all these, let in by staff."`
}

type hoursOutput struct{ Body web.List[hourItem] }

func (s *Service) apiHours(ctx context.Context, in *dayInput) (*hoursOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	hs, err := s.Hours(ctx, p.ID, in.Day)
	if err != nil {
		return nil, err
	}
	items := []hourItem{}
	for _, h := range hs {
		items = append(items, hourItem{h.From, h.GateID, string(h.Unit), h.First, h.Again, h.Exits,
			h.Offline, h.Override})
	}
	return &hoursOutput{web.ListOf(items, "")}, nil
}

// PassItem is a part of what the API shows.
type PassItem struct {
	ScanID   string    `json:"scan_id"`
	GateID   string    `json:"gate_id"`
	DeviceID string    `json:"device_id"`
	Kind     Kind      `json:"kind" enum:"entry,exit"`
	At       time.Time `json:"at"`
	Offline  bool      `json:"offline" doc:"The device decided alone."`
}

func passBody(p Pass) PassItem {
	return PassItem{p.ScanID, p.GateID, p.DeviceID, p.Kind, p.At, p.Offline}
}

type lookItem struct {
	PassItem
	Admitted bool      `json:"admitted"`
	Reason   Reason    `json:"reason"`
	Override string    `json:"override,omitempty" doc:"Why staff let somebody in all the same."`
	Typed    bool      `json:"typed"`
	Ticket   string    `json:"ticket,omitempty" doc:"Its code; absent when it was no ticket."`
	Product  string    `json:"product,omitempty"`
	Unit     string    `json:"unit,omitempty"`
	Conflict Conflict  `json:"conflict,omitempty"`
	Received time.Time `json:"received_at"`
}

type looksOutput struct{ Body web.List[lookItem] }

func (s *Service) apiLooks(ctx context.Context, in *dayInput) (*looksOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	ls, err := s.Looks(ctx, p.ID, in.Gate, in.Day)
	if err != nil {
		return nil, err
	}
	items := []lookItem{}
	for _, l := range ls {
		items = append(items, lookItem{passBody(l.Pass), l.Admitted, l.Reason, l.Override, l.Typed,
			codeOf(l.Number), l.Product, string(l.Unit), l.Conflict, l.Received})
	}
	return &looksOutput{web.ListOf(items, "")}, nil
}

type clashItem struct {
	PassItem
	Conflict Conflict  `json:"conflict" doc:"double, or why the network would have refused it."`
	Ticket   string    `json:"ticket" doc:"Its code."`
	TicketID string    `json:"ticket_id,omitempty"`
	OrderID  string    `json:"order_id,omitempty"`
	Product  string    `json:"product,omitempty"`
	First    *PassItem `json:"first,omitempty" doc:"Of a double entry, the one before."`
}

type clashesOutput struct{ Body web.List[clashItem] }

func (s *Service) apiClashes(ctx context.Context, in *dayInput) (*clashesOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	cs, err := s.Clashes(ctx, p.ID, in.Day)
	if err != nil {
		return nil, err
	}
	items := []clashItem{}
	for _, c := range cs {
		item := clashItem{PassItem: passBody(c.This), Conflict: c.Conflict,
			Ticket: c.Ticket.Code(), TicketID: c.Ticket.ID, OrderID: c.Ticket.OrderID,
			Product: c.Ticket.Product}
		if c.First != nil {
			first := passBody(*c.First)
			item.First = &first
		}
		items = append(items, item)
	}
	return &clashesOutput{web.ListOf(items, "")}, nil
}

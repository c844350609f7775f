package queue

import (
	"context"
	"net/http"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
)

// The operations in this file and in api_theme_live.go have the shape that api.themeparks.wiki/v1
// answers with (type library @themeparks/typelib 2.0.0), so that its clients read our parks.
// Ticket counters and entrances are attractions of the type OTHER there.

var (
	themed     = []string{"ThemeParks shape"}
	themeFault = []*fault.Problem{ErrUnknown}
)

func (q *Queues) registerPublic(w *web.Server) {
	web.Register(w, web.Op{ID: "list-destinations", Method: http.MethodGet,
		Path: "/v1/destinations", Summary: "List the parks", Tags: themed, Public: true},
		q.apiDestinations)
	web.Register(w, web.Op{ID: "read-entity", Method: http.MethodGet,
		Path: "/v1/entity/{entity_id}", Summary: "Read a destination, park or attraction",
		Tags: themed, Public: true, Faults: themeFault}, q.apiEntity)
	web.Register(w, web.Op{ID: "list-entity-children", Method: http.MethodGet,
		Path: "/v1/entity/{entity_id}/children", Summary: "List what is in it", Tags: themed,
		Public: true, Faults: themeFault}, q.apiChildren)
	web.Register(w, web.Op{ID: "read-entity-live", Method: http.MethodGet,
		Path: "/v1/entity/{entity_id}/live", Summary: "See states and waits now", Tags: themed,
		Public: true, Faults: themeFault}, q.apiEntityLive)
	web.Register(w, web.Op{ID: "read-entity-schedule", Method: http.MethodGet,
		Path: "/v1/entity/{entity_id}/schedule", Summary: "See the next 30 days' hours",
		Tags: themed, Public: true, Faults: themeFault}, q.apiSchedule)
	web.Register(w, web.Op{ID: "read-entity-schedule-month", Method: http.MethodGet,
		Path: "/v1/entity/{entity_id}/schedule/{year}/{month}", Summary: "See a month's hours",
		Tags: themed, Public: true, Faults: []*fault.Problem{ErrUnknown, ErrDay}},
		q.apiScheduleMonth)
	q.registerHistory(w)
}

// zone is where every park is.
const zone = "Asia/Tokyo"

// anyOrigin lets pages of every origin read an answer.
const anyOrigin = "*"

// How long answers may be kept: the directory an hour, the schedule five minutes.
const (
	keptHour    = "public, max-age=3600"
	keptMinutes = "public, max-age=300"
	keptNot     = "public, max-age=10"
)

// entity is a destination, a park or an attraction.
type entity struct {
	kind  string // DESTINATION, PARK, ATTRACTION
	park  Park
	place Place
}

const destinationPrefix = "dst_"

// destinationID is the id of the destination that a park is: "prk_x" is in "dst_x".
func destinationID(parkID string) string {
	return destinationPrefix + strings.TrimPrefix(parkID, "prk_")
}

// entity finds what an id names.
//
// Errors: ErrUnknown, with the member "error" that clients of that shape read.
func (q *Queues) entity(ctx context.Context, id string) (entity, error) {
	none := ErrUnknown.Newf("there is no entity %q", id).Set("error", map[string]string{
		"type": "NOT_FOUND", "message": "there is no such entity"})
	if rest, ok := strings.CutPrefix(id, destinationPrefix); ok {
		p, found, err := q.cfg.Parks.Park(ctx, "prk_"+rest)
		if err == nil && !found {
			err = none
		}
		return entity{kind: "DESTINATION", park: p}, err
	}
	if strings.HasPrefix(id, "que_") {
		var place Place
		err := q.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			place, err = placeByID(ctx, tx, id)
			return err
		})
		if err != nil || place.Ended {
			return entity{}, none
		}
		park, err := q.park(ctx, place.ParkID)
		return entity{"ATTRACTION", park, place}, err
	}
	p, found, err := q.cfg.Parks.Park(ctx, id)
	if err == nil && !found {
		err = none
	}
	return entity{kind: "PARK", park: p}, err
}

func (e entity) id() string {
	switch e.kind {
	case "DESTINATION":
		return destinationID(e.park.ID)
	case "PARK":
		return e.park.ID
	}
	return e.place.ID
}

func (e entity) name() string {
	if e.kind == "ATTRACTION" {
		return e.place.Name.In(i18n.English)
	}
	return e.park.Name.In(i18n.English)
}

func (e entity) parent() string {
	switch e.kind {
	case "DESTINATION":
		return ""
	case "PARK":
		return destinationID(e.park.ID)
	}
	return e.park.ID
}

// entityBody is an Entity of that shape.
type entityBody struct {
	ID             string        `json:"id"`
	Name           string        `json:"name"`
	Slug           string        `json:"slug,omitempty"`
	EntityType     string        `json:"entityType" enum:"DESTINATION,PARK,ATTRACTION"`
	AttractionType string        `json:"attractionType,omitempty" enum:"RIDE,OTHER"`
	ParentID       string        `json:"parentId,omitempty"`
	DestinationID  string        `json:"destinationId,omitempty"`
	ParkID         string        `json:"parkId,omitempty"`
	Timezone       string        `json:"timezone"`
	ExternalID     string        `json:"externalId,omitempty" doc:"The park's own code of the attraction."`
	Location       *locationBody `json:"location,omitempty"`
}

type locationBody struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// body writes an entity; at tells where attractions are.
func (e entity) body(at map[string]Point) entityBody {
	b := entityBody{ID: e.id(), Name: e.name(), EntityType: e.kind, ParentID: e.parent(),
		DestinationID: destinationID(e.park.ID), Timezone: zone}
	where := Point{e.park.Latitude, e.park.Longitude}
	switch e.kind {
	case "ATTRACTION":
		b.ParkID, b.ExternalID, b.AttractionType = e.park.ID, e.place.Code, "OTHER"
		if e.place.Kind == Ride {
			b.AttractionType = "RIDE"
		}
		where = at[e.place.ID]
	case "DESTINATION":
		b.Slug, b.DestinationID = e.park.Slug, ""
	case "PARK":
		b.Slug = e.park.Slug
	}
	if where != (Point{}) {
		b.Location = &locationBody{where.Latitude, where.Longitude}
	}
	return b
}

// located tells where the places of a park are.
func (q *Queues) located(ctx context.Context, parkID string) (map[string]Point, error) {
	if q.cfg.Located == nil {
		return nil, nil
	}
	return q.cfg.Located(ctx, parkID)
}

// entities are the attractions of a park.
func (q *Queues) entities(ctx context.Context, park Park) (all []entity, err error) {
	places, err := q.Places(ctx, park.ID)
	for _, p := range places {
		all = append(all, entity{"ATTRACTION", park, p})
	}
	return all, err
}

type destinationsOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  struct {
		Destinations []destinationBody `json:"destinations" nullable:"false"`
	}
}

type destinationBody struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Slug  string     `json:"slug"`
	Parks []parkBody `json:"parks" nullable:"false"`
}

type parkBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (q *Queues) apiDestinations(ctx context.Context, _ *struct{}) (*destinationsOutput, error) {
	parks, err := q.cfg.Parks.Parks(ctx)
	if err != nil {
		return nil, err
	}
	out := &destinationsOutput{CORS: anyOrigin, Cache: keptHour}
	out.Body.Destinations = []destinationBody{}
	for _, p := range parks {
		name := p.Name.In(i18n.English)
		out.Body.Destinations = append(out.Body.Destinations, destinationBody{
			destinationID(p.ID), name, p.Slug, []parkBody{{p.ID, name}}})
	}
	return out, nil
}

type entityInput struct {
	EntityID string `path:"entity_id" maxLength:"64"`
}

type entityOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  entityBody
}

func (q *Queues) apiEntity(ctx context.Context, in *entityInput) (*entityOutput, error) {
	e, err := q.entity(ctx, in.EntityID)
	if err != nil {
		return nil, err
	}
	at, err := q.located(ctx, e.park.ID)
	if err != nil {
		return nil, err
	}
	return &entityOutput{anyOrigin, keptHour, e.body(at)}, nil
}

type childrenOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  struct {
		ID         string       `json:"id"`
		Name       string       `json:"name"`
		EntityType string       `json:"entityType"`
		Timezone   string       `json:"timezone"`
		Children   []entityBody `json:"children" nullable:"false"`
	}
}

func (q *Queues) apiChildren(ctx context.Context, in *entityInput) (*childrenOutput, error) {
	e, err := q.entity(ctx, in.EntityID)
	if err != nil {
		return nil, err
	}
	out := &childrenOutput{CORS: anyOrigin, Cache: keptHour}
	b := &out.Body
	b.ID, b.Name, b.EntityType, b.Timezone = e.id(), e.name(), e.kind, zone
	b.Children = []entityBody{}
	if e.kind == "ATTRACTION" {
		return out, nil
	}
	at, err := q.located(ctx, e.park.ID)
	if err != nil {
		return nil, err
	}
	if e.kind == "DESTINATION" {
		b.Children = append(b.Children, entity{kind: "PARK", park: e.park}.body(nil))
	}
	all, err := q.entities(ctx, e.park)
	for _, child := range all {
		b.Children = append(b.Children, child.body(at))
	}
	return out, err
}

type scheduleMonthInput struct {
	EntityID string `path:"entity_id" maxLength:"64"`
	Year     int    `path:"year" minimum:"2000" maximum:"2200"`
	Month    int    `path:"month" minimum:"1" maximum:"12"`
}

type scheduleOutput struct {
	CORS  string `header:"Access-Control-Allow-Origin"`
	Cache string `header:"Cache-Control"`
	Body  struct {
		ID         string          `json:"id"`
		Name       string          `json:"name"`
		EntityType string          `json:"entityType"`
		Timezone   string          `json:"timezone"`
		Schedule   []scheduleEntry `json:"schedule" nullable:"false"`
	}
}

type scheduleEntry struct {
	Date    string    `json:"date"`
	Type    string    `json:"type" enum:"OPERATING"`
	Opening time.Time `json:"openingTime"`
	Closing time.Time `json:"closingTime"`
}

func (q *Queues) apiSchedule(ctx context.Context, in *entityInput) (*scheduleOutput, error) {
	today := q.now()
	return q.schedule(ctx, in.EntityID, DayOf(today), DayOf(today.Add(30*24*time.Hour)))
}

func (q *Queues) apiScheduleMonth(
	ctx context.Context, in *scheduleMonthInput,
) (*scheduleOutput, error) {
	first := time.Date(in.Year, time.Month(in.Month), 1, 0, 0, 0, 0, clock.JST)
	last := first.AddDate(0, 1, -1)
	return q.schedule(ctx, in.EntityID, first.Format(time.DateOnly), last.Format(time.DateOnly))
}

// schedule lists the hours of a span of days.
func (q *Queues) schedule(ctx context.Context, id, from, to string) (*scheduleOutput, error) {
	e, err := q.entity(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := q.cfg.Parks.Hours(ctx, e.park.ID, from, to)
	if err != nil {
		return nil, err
	}
	out := &scheduleOutput{CORS: anyOrigin, Cache: keptMinutes}
	b := &out.Body
	b.ID, b.Name, b.EntityType, b.Timezone = e.id(), e.name(), e.kind, zone
	b.Schedule = []scheduleEntry{}
	for _, h := range all {
		if !h.Closed {
			b.Schedule = append(b.Schedule, scheduleEntry{h.Day, "OPERATING",
				h.Open.In(clock.JST), h.Close.In(clock.JST)})
		}
	}
	return out, nil
}

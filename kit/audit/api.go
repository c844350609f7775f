package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/web"
)

// The problems that this package reports.
var (
	// ErrCursor: the cursor is not one that a list or an export gave out.
	ErrCursor = fault.Define("audit-cursor-invalid", fault.Invalid, "The cursor is not valid")
	// ErrAcquirer: no participant has that id, or the caller is another one.
	ErrAcquirer = fault.Define("audit-acquirer-not-found", fault.NotFound, "No such acquirer")
)

// API is the trail over HTTP: an operator sees everything, a bank what concerns it.
type API struct {
	Log *event.Log
	// Number returns the number of a participant by its id, ID the id by the number; not ok when
	// there is none.
	Number func(ctx context.Context, id string) (no int64, ok bool, err error)
	ID     func(ctx context.Context, no int64) (id string, ok bool, err error)
}

// Most is how many events one part of an export over HTTP has.
const Most = 20_000

// Register adds the operations of this package.
func (a *API) Register(w *web.Server) {
	check.That(a.Log != nil && a.Number != nil && a.ID != nil, "audit: API lacks a part")
	readers := []access.Role{access.Operator, access.Acquirer, access.AcquirerClerk,
		access.AcquirerViewer}
	tags := []string{"Audit"}
	faults := []*fault.Problem{ErrCursor, ErrAcquirer}
	web.Register(w, web.Op{ID: "list-audit", Method: http.MethodGet, Path: "/v1/audit",
		Summary: "Look back at who changed what, newest first", Tags: tags, Roles: readers,
		Faults: faults, Description: "A bank sees what concerns it, an operator everything. " +
			"What payments write is left out unless it is asked for."}, a.list)
	web.Register(w, web.Op{ID: "export-audit", Method: http.MethodGet,
		Path: "/v1/audit/export", Summary: "Write the trail out, to be checked elsewhere",
		Tags: tags, Roles: readers, Faults: faults, Media: []string{mediaType},
		Description: "JSON Lines with all events, payments among them, oldest first, each with " +
			"its hash and the hash before it; watari audit verify recomputes them, and the " +
			"documentation says how to do it with other tools. The last line has either end, " +
			"or next: the after of the next part."}, a.export)
}

const mediaType = "application/jsonl"

type listInput struct {
	web.Paging
	Acquirer string    `query:"acquirer" maxLength:"64" doc:"Operators: of this participant only."`
	Kind     string    `query:"kind" maxLength:"64" doc:"How the kind begins, such as person."`
	Subject  string    `query:"subject" maxLength:"128" doc:"The id of what was changed."`
	Actor    string    `query:"actor" maxLength:"128" doc:"Who did it, such as person:per_…"`
	From     time.Time `query:"from"`
	Until    time.Time `query:"until" doc:"Before this time."`
	Payments bool      `query:"payments" doc:"Also what payments, captures and refunds wrote."`
}

type listOutput struct{ Body web.List[Entry] }

// Entry is an event as /v1 shows it.
type Entry struct {
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"`
	Subject  string    `json:"subject" doc:"The id of what was changed."`
	Actor    string    `json:"actor" doc:"Who did it: person:…, key:…, or the name of a job."`
	Acquirer string    `json:"acquirer,omitempty" doc:"The participant that it concerns."`
	Data     any       `json:"data"`
	Lane     int       `json:"lane"`
	Seq      int64     `json:"seq" doc:"Its place in its lane."`
	Hash     string    `json:"hash" doc:"Of the chain up to here, SHA-256 in hex."`
}

// scope is whose events a caller sees; wanted is an acquirer's id, or "".
func (a *API) scope(ctx context.Context, wanted string) (int64, error) {
	c, ok := access.FromContext(ctx)
	check.That(ok, "audit: an operation without a caller")
	if wanted == "" {
		return c.ParticipantNo, nil
	}
	no, ok, err := a.Number(ctx, wanted)
	if err != nil {
		return 0, err
	}
	if !ok || c.Role != access.Operator && no != c.ParticipantNo {
		return 0, ErrAcquirer.Newf("there is no acquirer %q", wanted)
	}
	return no, nil
}

func (a *API) list(ctx context.Context, in *listInput) (*listOutput, error) {
	no, err := a.scope(ctx, in.Acquirer)
	if err != nil {
		return nil, err
	}
	before, err := event.ParseCursor(in.Cursor)
	if err != nil {
		return nil, ErrCursor.Newf("use a next_cursor as it was given").Because(err)
	}
	found, at, more, err := a.Log.Recent(ctx, before, event.Query{AcquirerNo: no, Kind: in.Kind,
		Subject: in.Subject, Actor: in.Actor, From: in.From, Until: in.Until,
		Payments: in.Payments}, in.Limit)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(found))
	names := map[int64]string{}
	for _, e := range found {
		if _, known := names[e.AcquirerNo]; !known && e.AcquirerNo != 0 {
			if names[e.AcquirerNo], _, err = a.ID(ctx, e.AcquirerNo); err != nil {
				return nil, err
			}
		}
		entries = append(entries, Entry{At: e.At, Kind: e.Kind, Subject: e.Subject,
			Actor: e.Actor, Acquirer: names[e.AcquirerNo], Data: json.RawMessage(e.Data),
			Lane: e.Lane, Seq: e.Seq, Hash: hex.EncodeToString(e.Hash)})
	}
	next := ""
	if more {
		next = at.String()
	}
	return &listOutput{web.ListOf(entries, next)}, nil
}

type exportInput struct {
	Acquirer string `query:"acquirer" maxLength:"64" doc:"Operators: of this participant only."`
	After    string `query:"after" maxLength:"2000" doc:"The next of the last line before."`
	Limit    int    `query:"limit" minimum:"1" maximum:"20000" default:"20000" doc:"Events."`
}

func (a *API) export(ctx context.Context, in *exportInput) (*web.File, error) {
	no, err := a.scope(ctx, in.Acquirer)
	if err != nil {
		return nil, err
	}
	if _, err := event.ParseCursor(in.After); err != nil {
		return nil, ErrCursor.Newf("use the next of an export as it was given").Because(err)
	}
	var b bytes.Buffer
	if _, err := Export(ctx, a.Log, no, in.After, min(in.Limit, Most), &b); err != nil {
		return nil, err
	}
	return web.NewFile("watari-audit.jsonl", mediaType, b.Bytes()), nil
}

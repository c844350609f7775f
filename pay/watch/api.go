package watch

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/web"
	"watari/pay/link/guard"
	"watari/pay/party"
)

// Register adds the operations that show health, and list and decide alerts.
func (w *Watch) Register(s *web.Server) {
	operator := []access.Role{access.Operator}
	tags := []string{"Watch"}
	web.Register(s, web.Op{ID: "list-wallet-health", Method: http.MethodGet,
		Path: "/v1/wallet-health", Summary: "See how every wallet answers now", Tags: tags,
		Roles: operator, Description: "Over the last five minutes, all nodes together."},
		w.apiNow)
	web.Register(s, web.Op{ID: "read-wallet-health", Method: http.MethodGet,
		Path: "/v1/wallet-health/{wallet}", Summary: "See how a wallet answered", Tags: tags,
		Roles: operator, Description: "One item a step. A step in which no node ran is missing; " +
			"health is kept for 31 days.",
		Faults: []*fault.Problem{party.ErrParticipantUnknown, party.ErrWalletUnknown, ErrRange}},
		w.apiHistory)
	web.Register(s, web.Op{ID: "list-alerts", Method: http.MethodGet, Path: "/v1/alerts",
		Summary: "List what needs an operator, the newest first", Tags: tags, Roles: operator,
		Faults: []*fault.Problem{ErrCursor}}, w.apiList)
	web.Register(s, web.Op{ID: "read-alert", Method: http.MethodGet,
		Path: "/v1/alerts/{alert_id}", Summary: "Read an alert", Tags: tags, Roles: operator,
		Faults: []*fault.Problem{ErrUnknown}}, w.apiRead)
	web.Register(s, web.Op{ID: "acknowledge-alert", Method: http.MethodPost,
		Path:    "/v1/alerts/{alert_id}/acknowledge",
		Summary: "Say that you look after an alert", Tags: tags, Roles: operator,
		Faults: []*fault.Problem{ErrUnknown, ErrEnded, ErrTaken}}, w.apiAcknowledge)
	web.Register(s, web.Op{ID: "end-alert", Method: http.MethodPost,
		Path: "/v1/alerts/{alert_id}/end", Summary: "Say that an alert is dealt with",
		Tags: tags, Roles: operator, Description: "For what happened once. What is still true " +
			"ends by itself when it no longer is.",
		Faults: []*fault.Problem{ErrUnknown, ErrEnded, ErrStanding}}, w.apiEnd)
}

// HealthResource is how a wallet answered in a span of time, as /v1 shows it.
type HealthResource struct {
	Wallet        string      `json:"wallet"`
	From          time.Time   `json:"from"`
	Approved      int64       `json:"approved"`
	Declined      int64       `json:"declined"`
	Undecided     int64       `json:"undecided" doc:"The wallet lives and has not decided, as when its user types a PIN."`
	Silent        int64       `json:"silent" doc:"New requests without an answer that proves anything."`
	NotAsked      int64       `json:"not_asked" doc:"New requests that were declined at once because the wallet does not answer."`
	FollowUps     int64       `json:"follow_ups" doc:"Inquiries, cancels and refunds that were answered."`
	FollowSilent  int64       `json:"follow_ups_silent"`
	FollowBarred  int64       `json:"follow_ups_not_made"`
	Circuit       guard.State `json:"circuit" enum:"closed,half_open,open" doc:"The worst that the circuit of new requests was in."`
	FollowCircuit guard.State `json:"follow_up_circuit" enum:"closed,half_open,open"`
	HalfMS        *int64      `json:"p50_ms,omitempty" doc:"Half of the new requests were answered in this time; estimated."`
	MostMS        *int64      `json:"p95_ms,omitempty"`
	Minutes       int64       `json:"minutes" doc:"In how many minutes of the span a node ran."`
}

func showHealth(id string, h Health) HealthResource {
	r := HealthResource{Wallet: id, From: h.From, Approved: h.Asks.Yes, Declined: h.Asks.No,
		Undecided: h.Asks.Waiting, Silent: h.Asks.Silent, NotAsked: h.AskBarred,
		FollowUps: h.FollowProof, FollowSilent: h.FollowSilent, FollowBarred: h.FollowBarred,
		Circuit: h.AskCircuit, FollowCircuit: h.FollowCircuit, Minutes: h.Minutes}
	ms := func(percent int64) *int64 {
		d, ok := h.Percentile(percent)
		if !ok {
			return nil
		}
		n := d.Milliseconds()
		return &n
	}
	r.HalfMS, r.MostMS = ms(50), ms(95)
	return r
}

type healthOutput struct{ Body web.List[HealthResource] }

// nowMinutes is how far back "now" reaches.
const nowMinutes = 5

func (w *Watch) apiNow(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	wallets, err := w.cfg.Directory.Wallets(ctx)
	if err != nil {
		return nil, err
	}
	recent, err := w.Recent(ctx, nowMinutes)
	if err != nil {
		return nil, err
	}
	items := []HealthResource{}
	for _, wa := range wallets {
		h, ok := recent[wa.Issuer.No]
		if !ok {
			h.AskCircuit, h.FollowCircuit = guard.Closed, guard.Closed
			h.From = clock.Now().Truncate(time.Minute)
		}
		items = append(items, showHealth(wa.Issuer.ID, h))
	}
	return &healthOutput{web.ListOf(items, "")}, nil
}

type historyInput struct {
	Wallet string    `path:"wallet" maxLength:"64" doc:"The id of the wallet."`
	From   time.Time `query:"from" doc:"An hour before until, when it is left out."`
	Until  time.Time `query:"until" doc:"Exclusive; now, when it is left out."`
	Step   int64     `query:"step_min" minimum:"1" maximum:"1440" default:"1"`
}

func (w *Watch) apiHistory(ctx context.Context, in *historyInput) (*healthOutput, error) {
	p, err := w.cfg.Directory.ByID(ctx, in.Wallet)
	if err != nil {
		return nil, err
	}
	if _, err := w.cfg.Directory.Wallet(ctx, p.No); err != nil {
		return nil, err
	}
	if in.Until.IsZero() {
		in.Until = clock.Now()
	}
	if in.From.IsZero() {
		in.From = in.Until.Add(-time.Hour)
	}
	found, err := w.History(ctx, Span{IssuerNo: p.No, From: in.From, Until: in.Until,
		Step: time.Duration(in.Step) * time.Minute})
	if err != nil {
		return nil, err
	}
	items := []HealthResource{}
	for _, h := range found {
		items = append(items, showHealth(p.ID, h))
	}
	return &healthOutput{web.ListOf(items, "")}, nil
}

// Resource is an alert as /v1 shows it.
type Resource struct {
	ID             string     `json:"id"`
	Kind           Kind       `json:"kind"`
	Subject        string     `json:"subject" doc:"What it is about."`
	Severity       Severity   `json:"severity" enum:"urgent,warning,notice"`
	State          State      `json:"state" enum:"open,acknowledged,ended"`
	Times          int64      `json:"times" doc:"How often it happened."`
	Data           any        `json:"data" doc:"What it says; its form is the kind's."`
	FirstAt        time.Time  `json:"first_at"`
	LastAt         time.Time  `json:"last_at"`
	AcknowledgedBy string     `json:"acknowledged_by,omitempty"`
	AcknowledgedAt *time.Time `json:"acknowledged_at,omitempty"`
	Note           string     `json:"note,omitempty"`
	EndedBy        string     `json:"ended_by,omitempty" doc:"\"system\" when it ended by itself."`
	EndedAt        *time.Time `json:"ended_at,omitempty"`
}

func (a Alert) resource() Resource {
	r := Resource{ID: a.ID, Kind: a.Kind, Subject: a.Subject, Severity: a.Severity,
		State: a.State, Times: a.Times, Data: json.RawMessage(a.Data), FirstAt: a.First,
		LastAt: a.Last, AcknowledgedBy: a.AcknowledgedBy, Note: a.Note, EndedBy: a.EndedBy}
	if !a.Acknowledged.IsZero() {
		r.AcknowledgedAt = &a.Acknowledged
	}
	if !a.Ended.IsZero() {
		r.EndedAt = &a.Ended
	}
	return r
}

type listInput struct {
	web.Paging
	State string `query:"state" enum:"live,open,acknowledged,ended" doc:"live: those that have not ended."`
	Kind  string `query:"kind" maxLength:"64"`
}

type listOutput struct{ Body web.List[Resource] }

func (w *Watch) apiList(ctx context.Context, in *listInput) (*listOutput, error) {
	if len(in.Cursor) > 64 {
		return nil, ErrCursor.Newf("use a next_cursor as it was given")
	}
	f := Filter{Kind: Kind(in.Kind), After: in.Cursor, Limit: in.Limit + 1}
	if in.State == "live" {
		f.Live = true
	} else {
		f.State = State(in.State)
	}
	found, err := w.List(ctx, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = found[in.Limit-1].ID
	}
	items := make([]Resource, len(found))
	for i, a := range found {
		items[i] = a.resource()
	}
	return &listOutput{web.ListOf(items, next)}, nil
}

type alertPath struct {
	AlertID string `path:"alert_id" maxLength:"64"`
}

type decisionInput struct {
	AlertID string `path:"alert_id" maxLength:"64"`
	Body    struct {
		Note string `json:"note,omitempty" maxLength:"300"`
	}
}

type alertOutput struct{ Body Resource }

func (w *Watch) apiRead(ctx context.Context, in *alertPath) (*alertOutput, error) {
	a, err := w.Find(ctx, in.AlertID)
	return &alertOutput{a.resource()}, err
}

func (w *Watch) apiAcknowledge(ctx context.Context, in *decisionInput) (*alertOutput, error) {
	a, err := w.Acknowledge(ctx, in.AlertID, foureyes.Caller(ctx), in.Body.Note)
	return &alertOutput{a.resource()}, err
}

func (w *Watch) apiEnd(ctx context.Context, in *decisionInput) (*alertOutput, error) {
	a, err := w.End(ctx, in.AlertID, foureyes.Caller(ctx), in.Body.Note)
	return &alertOutput{a.resource()}, err
}

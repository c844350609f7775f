package foureyes

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/web"
)

// Resource is a request as /v1 shows it.
type Resource struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind" doc:"What kind of change it is: which form its content has."`
	Subject   string     `json:"subject" doc:"What it is about."`
	State     State      `json:"state" enum:"open,approved,rejected,superseded"`
	Note      string     `json:"note,omitempty" doc:"Why, in the maker's words."`
	Content   any        `json:"content" doc:"What the change does; its form is the kind's."`
	Maker     string     `json:"maker"`
	MadeAt    time.Time  `json:"made_at"`
	Checker   string     `json:"checker,omitempty" doc:"Who decided."`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
}

// Resource returns r as /v1 shows it.
func (r Request) Resource() Resource {
	res := Resource{ID: r.ID, Kind: r.Kind, Subject: r.Subject, State: r.State, Note: r.Note,
		Content: json.RawMessage(r.Body), Maker: r.Maker, MadeAt: r.Made, Checker: r.Checker}
	if !r.Decided.IsZero() {
		res.DecidedAt = &r.Decided
	}
	return res
}

// Caller returns the person behind the key of a request: who made the key, so that it is no second
// person beside its maker; the label of a key that nobody is behind. Every operation that calls it
// has roles.
func Caller(ctx context.Context) Person {
	c, ok := access.FromContext(ctx)
	check.That(ok && c.Name() != "", "foureyes: an operation without a caller")
	return Person{Name: c.Name(), Actor: c.Actor}
}

// Register adds the operations that list and decide requests, whatever their kind. What proposes
// them stands with the things that are changed. kinds are the problems that the kinds report.
func (k *Desk) Register(w *web.Server, kinds ...*fault.Problem) {
	tags, operator := []string{"Changes"}, []access.Role{access.Operator}
	decided := []*fault.Problem{ErrUnknown, ErrDecided}
	web.Register(w, web.Op{ID: "list-change-requests", Method: http.MethodGet,
		Path: "/v1/change-requests", Summary: "List changes that need two people, oldest first",
		Tags: tags, Roles: operator, Faults: []*fault.Problem{ErrCursor}}, k.apiList)
	web.Register(w, web.Op{ID: "read-change-request", Method: http.MethodGet,
		Path: "/v1/change-requests/{change_id}", Summary: "Read a change", Tags: tags,
		Roles: operator, Faults: []*fault.Problem{ErrUnknown}}, k.apiRead)
	web.Register(w, web.Op{ID: "approve-change-request", Method: http.MethodPost,
		Path: "/v1/change-requests/{change_id}/approve", Summary: "Approve a change: it is done",
		Tags: tags, Roles: operator, Description: "By somebody else than its maker. A key " +
			"counts as whoever made it, and keys from the command line by their label. It is " +
			"refused, and stays open, when what it asks for cannot be done any more.",
		Faults: append(append(kinds, decided...), ErrOwn, ErrStale)}, k.apiApprove)
	web.Register(w, web.Op{ID: "reject-change-request", Method: http.MethodPost,
		Path: "/v1/change-requests/{change_id}/reject", Summary: "Reject a change for ever",
		Tags: tags, Roles: operator, Description: "By anybody, its maker included.",
		Faults: decided}, k.apiReject)
}

type listInput struct {
	web.Paging
	State State  `query:"state" enum:"open,approved,rejected,superseded"`
	Kind  string `query:"kind" maxLength:"64"`
}

type listOutput struct{ Body web.List[Resource] }

type path struct {
	ChangeID string `path:"change_id" maxLength:"64"`
}

type output struct{ Body Resource }

func (k *Desk) apiList(ctx context.Context, in *listInput) (*listOutput, error) {
	f := Filter{State: in.State, Kind: in.Kind, Limit: in.Limit + 1}
	if in.Cursor != "" {
		at, last, ok := strings.Cut(in.Cursor, ".")
		us, err := strconv.ParseInt(at, 10, 64)
		if !ok || err != nil {
			return nil, ErrCursor.Newf("use a next_cursor as it was given").Because(err)
		}
		f.AfterUS, f.AfterID = us, last
	}
	rs, err := k.List(ctx, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(rs) > in.Limit {
		rs = rs[:in.Limit]
		last := rs[in.Limit-1]
		next = strconv.FormatInt(clock.Micros(last.Made), 10) + "." + last.ID
	}
	items := make([]Resource, len(rs))
	for i, r := range rs {
		items[i] = r.Resource()
	}
	return &listOutput{web.ListOf(items, next)}, nil
}

func (k *Desk) apiRead(ctx context.Context, in *path) (*output, error) {
	r, err := k.Find(ctx, in.ChangeID)
	return &output{r.Resource()}, err
}

func (k *Desk) apiApprove(ctx context.Context, in *path) (*output, error) {
	r, err := k.Approve(ctx, in.ChangeID, Caller(ctx))
	return &output{r.Resource()}, err
}

func (k *Desk) apiReject(ctx context.Context, in *path) (*output, error) {
	r, err := k.Reject(ctx, in.ChangeID, Caller(ctx))
	return &output{r.Resource()}, err
}

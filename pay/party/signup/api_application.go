package signup

import (
	"context"
	"time"

	"watari/kit/access"
	"watari/kit/web"
	"watari/pay/party"
)

// ApplicationResource is an application as /v1 shows it.
type ApplicationResource struct {
	ID          string     `json:"id" doc:"Also what events about it are filed under."`
	State       State      `json:"state" enum:"draft,applied,in_review,returned,refused,withdrawn,approved,live,suspended,closed"`
	Origin      Origin     `json:"origin" enum:"bank,merchant,import,protocol"`
	Version     int64      `json:"version" doc:"To be named by whoever changes it."`
	Form        Form       `json:"form" doc:"After the approval its ids are those of merchant, store and terminal."`
	Screening   Outcome    `json:"screening" enum:"pending,clear,hit"`
	ScreenedBy  string     `json:"screened_by,omitempty"`
	ScreenedAt  *time.Time `json:"screened_at,omitempty"`
	Remarks     []Remark   `json:"remarks,omitempty" doc:"What has to be mended, while it is returned."`
	Reason      string     `json:"reason,omitempty" doc:"Why it was refused."`
	Merchant    string     `json:"merchant,omitempty" doc:"What events about the merchant are filed under."`
	Makers      []string   `json:"makers,omitempty" doc:"Who filled the form in: they do not approve it."`
	Reviewer    string     `json:"reviewer,omitempty"`
	Decider     string     `json:"decider,omitempty"`
	ImportID    string     `json:"import_id,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	ChangedAt   time.Time  `json:"changed_at"`
	SubmittedAt *time.Time `json:"submitted_at,omitempty"`
	DecidedAt   *time.Time `json:"decided_at,omitempty"`
}

// resource shows an application to a caller.
func (a Application) resource(c access.Caller) ApplicationResource {
	if c.Role == access.Operator {
		a = a.Redacted()
	}
	r := ApplicationResource{ID: a.ID, State: a.State, Origin: a.Origin, Version: a.Version,
		Form: a.Form, Screening: a.Screening.Outcome, ScreenedBy: a.Screening.By,
		ScreenedAt: orAbsent(a.Screening.At), Remarks: a.Remarks, Reason: a.Reason,
		Makers: a.Makers, Reviewer: a.Reviewer, Decider: a.Decider, ImportID: a.ImportID,
		CreatedAt: a.Created, ChangedAt: a.Changed, SubmittedAt: orAbsent(a.Submitted),
		DecidedAt: orAbsent(a.Decided)}
	if a.MerchantNo > 0 {
		r.Merchant = party.Subject(party.KindMerchant, a.MerchantNo)
	}
	return r
}

func orAbsent(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// ApplicationPath is the address of an application.
type ApplicationPath struct {
	ApplicationID string `path:"application_id" maxLength:"64"`
}

type applicationOutput struct{ Body ApplicationResource }

// shown answers with an application.
func shown(ctx context.Context, a Application, err error) (*applicationOutput, error) {
	if err != nil {
		return nil, err
	}
	c, _ := who(ctx)
	return &applicationOutput{a.resource(c)}, nil
}

type listInput struct {
	web.Paging
	State      State  `query:"state" enum:"draft,applied,in_review,returned,refused,withdrawn,approved,live,suspended,closed"`
	Text       string `query:"text" maxLength:"100" doc:"Part of a name or id."`
	Prefecture string `query:"prefecture" maxLength:"2"`
	MCC        string `query:"mcc" maxLength:"4"`
}

type listOutput struct {
	Body web.List[ApplicationResource]
}

func (a *api) list(ctx context.Context, in *listInput) (*listOutput, error) {
	c, _ := who(ctx)
	f := Filter{AcquirerNo: c.ParticipantNo, Text: in.Text, Prefecture: in.Prefecture,
		MCC: in.MCC, After: in.Cursor, Limit: in.Limit}
	if in.State != "" {
		f.States = []State{in.State}
	}
	found, next, err := a.List(ctx, f)
	if err != nil {
		return nil, err
	}
	items := make([]ApplicationResource, len(found))
	for i, one := range found {
		items[i] = one.resource(c)
	}
	return &listOutput{web.ListOf(items, next)}, nil
}

type createInput struct{ Body Form }

func (a *api) create(ctx context.Context, in *createInput) (*applicationOutput, error) {
	c, by := who(ctx)
	made, err := a.Create(ctx, by, c.ParticipantNo, in.Body)
	return shown(ctx, made, err)
}

func (a *api) read(ctx context.Context, in *ApplicationPath) (*applicationOutput, error) {
	c, _ := who(ctx)
	found, err := a.Find(ctx, c.ParticipantNo, in.ApplicationID)
	return shown(ctx, found, err)
}

type changeInput struct {
	ApplicationPath
	Body changeBody
}

type changeBody struct {
	Version int64 `json:"version" minimum:"1" doc:"That you have seen."`
	Form    Form  `json:"form" doc:"All of it: what it leaves out is gone."`
}

func (a *api) change(ctx context.Context, in *changeInput) (*applicationOutput, error) {
	c, by := who(ctx)
	saved, err := a.Save(ctx, by, c.ParticipantNo, in.ApplicationID, in.Body.Version,
		in.Body.Form)
	return shown(ctx, saved, err)
}

func (a *api) submit(ctx context.Context, in *ApplicationPath) (*applicationOutput, error) {
	c, by := who(ctx)
	done, err := a.Submit(ctx, by, c.ParticipantNo, in.ApplicationID, 0)
	return shown(ctx, done, err)
}

func (a *api) withdraw(ctx context.Context, in *ApplicationPath) (*applicationOutput, error) {
	c, by := who(ctx)
	done, err := a.Withdraw(ctx, by, c.ParticipantNo, in.ApplicationID)
	return shown(ctx, done, err)
}

// EntryResource is one line of a history as /v1 shows it.
type EntryResource struct {
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	By    string    `json:"by,omitempty"`
	Actor string    `json:"actor"`
	From  State     `json:"from,omitempty"`
	To    State     `json:"to,omitempty"`
}

type historyOutput struct {
	Body web.List[EntryResource]
}

func (a *api) history(ctx context.Context, in *ApplicationPath) (*historyOutput, error) {
	c, _ := who(ctx)
	entries, err := a.History(ctx, c.ParticipantNo, in.ApplicationID)
	if err != nil {
		return nil, err
	}
	items := make([]EntryResource, len(entries))
	for i, e := range entries {
		items[i] = EntryResource(e)
	}
	return &historyOutput{web.ListOf(items, "")}, nil
}

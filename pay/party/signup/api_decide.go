package signup

import (
	"context"
	"time"

	"watari/kit/web"
)

func (a *api) review(ctx context.Context, in *ApplicationPath) (*applicationOutput, error) {
	c, by := who(ctx)
	done, err := a.Review(ctx, by, c.ParticipantNo, in.ApplicationID)
	return shown(ctx, done, err)
}

type screenInput struct {
	ApplicationPath
	Body struct {
		Outcome Outcome `json:"outcome" enum:"pending,clear,hit"`
		Note    string  `json:"note" minLength:"1" maxLength:"2000" doc:"What was asked, and what came of it."`
	}
}

func (a *api) screen(ctx context.Context, in *screenInput) (*applicationOutput, error) {
	c, by := who(ctx)
	done, err := a.Screen(ctx, by, c.ParticipantNo, in.ApplicationID, in.Body.Outcome,
		in.Body.Note)
	return shown(ctx, done, err)
}

type returnInput struct {
	ApplicationPath
	Body struct {
		Remarks []Remark `json:"remarks" minItems:"1" maxItems:"50" nullable:"false"`
	}
}

func (a *api) giveBack(ctx context.Context, in *returnInput) (*applicationOutput, error) {
	c, by := who(ctx)
	done, err := a.Return(ctx, by, c.ParticipantNo, in.ApplicationID, in.Body.Remarks)
	return shown(ctx, done, err)
}

type refuseInput struct {
	ApplicationPath
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"Shown to the merchant."`
	}
}

func (a *api) refuse(ctx context.Context, in *refuseInput) (*applicationOutput, error) {
	c, by := who(ctx)
	done, err := a.Refuse(ctx, by, c.ParticipantNo, in.ApplicationID, in.Body.Reason)
	return shown(ctx, done, err)
}

type approveInput struct {
	ApplicationPath
	Body struct {
		Version    int64  `json:"version" minimum:"1" doc:"That you have seen."`
		MerchantID string `json:"merchant_id,omitempty" maxLength:"64" doc:"Your own reference; the form's, or made, when it is left out."`
		StoreID    string `json:"store_id,omitempty" maxLength:"64"`
		TerminalID string `json:"terminal_id,omitempty" maxLength:"64"`
		MDRPPM     *int64 `json:"mdr_ppm,omitempty" minimum:"0" maximum:"100000" doc:"Parts per million of a payment; the form's when it is left out."`
		GoLive     bool   `json:"go_live,omitempty" doc:"Takes payments at once."`
	}
}

func (a *api) approveIt(ctx context.Context, in *approveInput) (*applicationOutput, error) {
	c, by := who(ctx)
	b := in.Body
	done, err := a.Approve(ctx, by, c.ParticipantNo, in.ApplicationID, b.Version,
		Terms{MerchantID: b.MerchantID, StoreID: b.StoreID, TerminalID: b.TerminalID,
			MDRPPM: b.MDRPPM, GoLive: b.GoLive})
	return shown(ctx, done, err)
}

type stateInput struct {
	ApplicationPath
	Body struct {
		State State `json:"state" enum:"live,suspended,closed"`
	}
}

func (a *api) setState(ctx context.Context, in *stateInput) (*applicationOutput, error) {
	c, by := who(ctx)
	do := a.GoLive
	switch in.Body.State {
	case Suspended:
		do = a.Suspend
	case Closed:
		do = a.End
	}
	done, err := do(ctx, by, c.ParticipantNo, in.ApplicationID)
	return shown(ctx, done, err)
}

// NoteResource is a note as /v1 shows it.
type NoteResource struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

type notesOutput struct {
	Body web.List[NoteResource]
}

func (a *api) notes(ctx context.Context, in *ApplicationPath) (*notesOutput, error) {
	c, _ := who(ctx)
	all, err := a.Notes(ctx, c.ParticipantNo, in.ApplicationID)
	if err != nil {
		return nil, err
	}
	items := make([]NoteResource, len(all))
	for i, n := range all {
		items[i] = NoteResource(n)
	}
	return &notesOutput{web.ListOf(items, "")}, nil
}

type noteInput struct {
	ApplicationPath
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

type noteOutput struct{ Body NoteResource }

func (a *api) addNote(ctx context.Context, in *noteInput) (*noteOutput, error) {
	c, by := who(ctx)
	n, err := a.AddNote(ctx, by, c.ParticipantNo, in.ApplicationID, in.Body.Text)
	if err != nil {
		return nil, err
	}
	return &noteOutput{NoteResource(n)}, nil
}

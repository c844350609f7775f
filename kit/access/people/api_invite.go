package people

import (
	"context"
	"time"

	"watari/kit/access"
	"watari/kit/web"
)

// InvitationResource is a link as /v1 shows it.
type InvitationResource struct {
	ID    string      `json:"id"`
	Email string      `json:"email"`
	Name  string      `json:"name,omitempty"`
	Lang  string      `json:"lang"`
	Role  access.Role `json:"role"`
	IDs
	Reset  bool      `json:"reset" doc:"For a new password of somebody who is here already."`
	Waits  bool      `json:"waits" doc:"For a second operator."`
	MadeBy string    `json:"made_by"`
	MadeAt time.Time `json:"made_at"`
	Until  time.Time `json:"until"`
	URL    string    `json:"url,omitempty" doc:"The link, shown this once; only its hash is kept."`
}

func (a *API) invitation(ctx context.Context, in Invitation) (InvitationResource, error) {
	ids, err := a.Places.Name(ctx, in.ParticipantNo, in.MerchantNo, in.StoreNo)
	return InvitationResource{ID: in.ID, Email: in.Email, Name: in.Name, Lang: in.Lang,
		Role: in.Role, IDs: ids, Reset: in.Reset, Waits: in.Waits, MadeBy: in.MadeBy,
		MadeAt: in.Made, Until: in.Until}, err
}

type invitationsOutput struct {
	Body web.List[InvitationResource]
}

func (a *API) listInvitations(ctx context.Context, _ *struct{}) (*invitationsOutput, error) {
	found, err := a.People.Invitations(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	items := make([]InvitationResource, len(found))
	for i, in := range found {
		if items[i], err = a.invitation(ctx, in); err != nil {
			return nil, err
		}
	}
	return &invitationsOutput{web.ListOf(items, "")}, nil
}

type inviteInput struct {
	Body struct {
		Email string      `json:"email" minLength:"3" maxLength:"190"`
		Name  string      `json:"name,omitempty" maxLength:"100" doc:"They may change it."`
		Lang  string      `json:"lang,omitempty" enum:"ja,en,zh-Hans,zh-Hant,ko" doc:"Of the pages."`
		Role  access.Role `json:"role" maxLength:"32"`
		IDs
	}
}

type linkOutput struct{ Body InvitationResource }

func (a *API) link(ctx context.Context, l Link, err error) (*linkOutput, error) {
	if err != nil {
		return nil, err
	}
	r, err := a.invitation(ctx, l.Invitation)
	r.URL = l.URL
	return &linkOutput{r}, err
}

func (a *API) invite(ctx context.Context, in *inviteInput) (*linkOutput, error) {
	at, err := a.place(ctx, in.Body.Role, in.Body.IDs)
	if err != nil {
		return nil, err
	}
	l, err := a.People.Invite(ctx, caller(ctx), Invitation{Email: in.Body.Email,
		Name: in.Body.Name, Lang: in.Body.Lang, Place: at})
	return a.link(ctx, l, err)
}

type resetInput struct {
	PersonID string `path:"person_id" maxLength:"64"`
	Body     struct {
		Factors bool `json:"second_factors,omitempty" doc:"Also removes app, passkeys and recovery codes, for a lost phone. Not for operators."`
	}
}

func (a *API) reset(ctx context.Context, in *resetInput) (*linkOutput, error) {
	l, err := a.People.ResetLink(ctx, caller(ctx), in.PersonID, in.Body.Factors)
	return a.link(ctx, l, err)
}

type invitationPath struct {
	InvitationID string `path:"invitation_id" maxLength:"64"`
}

func (a *API) withdraw(ctx context.Context, in *invitationPath) (*nothing, error) {
	return &nothing{}, a.People.Withdraw(ctx, caller(ctx), in.InvitationID)
}

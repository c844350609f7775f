package party

import (
	"context"

	"watari/kit/db"
	"watari/kit/web"
)

type participantsOutput struct{ Body web.List[ParticipantResource] }

type participantOutput struct{ Body ParticipantResource }

type participantStatusInput struct {
	ParticipantID string `path:"participant_id" maxLength:"64"`
	Body          statusBody
}

func (a *API) listParticipants(
	ctx context.Context, _ *struct{},
) (*participantsOutput, error) {
	ms, err := a.Directory.members(ctx)
	if err != nil {
		return nil, err
	}
	items := []ParticipantResource{}
	for _, p := range ms.all() {
		items = append(items, p.resource(ms))
	}
	return &participantsOutput{web.ListOf(items, "")}, nil
}

func (a *API) setParticipantStatus(
	ctx context.Context, in *participantStatusInput,
) (*participantOutput, error) {
	actor := who(ctx).Actor
	p, err := a.Directory.ByID(ctx, in.ParticipantID)
	if err != nil {
		return nil, err
	}
	err = a.change(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := a.Registry.SetStatus(ctx, tx, actor, KindParticipant, p.No, in.Body.Status)
		if err != nil {
			return err
		}
		p, err = participantByNo(ctx, tx, p.No)
		return err
	})
	if err != nil {
		return nil, err
	}
	ms, err := a.Directory.members(ctx)
	if err != nil {
		return nil, err
	}
	return &participantOutput{p.resource(ms)}, nil
}

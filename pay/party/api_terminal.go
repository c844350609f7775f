package party

import (
	"context"
	"errors"
	"reflect"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/web"
)

// LinkLife is how long an activation link works.
const LinkLife = 24 * time.Hour

// TerminalPath is the address of one of the caller's terminals.
type TerminalPath struct {
	StorePath
	TerminalID string `path:"terminal_id" maxLength:"64"`
}

type terminalsInput struct {
	StorePath
	web.Paging
	Status string `query:"status" enum:"open,suspended,closed"`
}

type terminalsOutput struct{ Body web.List[TerminalResource] }

type terminalOutput struct{ Body TerminalResource }

type newTerminalInput struct {
	StorePath
	Body newTerminal
}

type newTerminal struct {
	ID                string `json:"id" minLength:"1" maxLength:"64" doc:"Your own reference."`
	Label             string `json:"label,omitempty" maxLength:"256" doc:"Shown on the till."`
	CanRefund         bool   `json:"can_refund"`
	RefundDayMaxMinor *int64 `json:"refund_day_max_minor,omitempty" doc:"Yen refunded in a day; none is no limit of its own."`
	FailuresMax       int    `json:"failures_max,omitempty" minimum:"0" maximum:"100" doc:"Failures a minute before it is paused; 0 is the network's own number."`
}

type newTerminalOutput struct {
	Status int
	Body   TerminalResource
}

type terminalTermsInput struct {
	TerminalPath
	Body terminalTerms
}

type terminalTerms struct {
	Label             string `json:"label" maxLength:"256" doc:"Shown on the till."`
	CanRefund         bool   `json:"can_refund"`
	RefundDayMaxMinor *int64 `json:"refund_day_max_minor" doc:"Yen refunded in a day; null is no limit of its own."`
	FailuresMax       int    `json:"failures_max" minimum:"0" maximum:"100" doc:"Failures a minute before it is paused; 0 is the network's own number."`
}

type terminalStatusInput struct {
	TerminalPath
	Body statusBody
}

type activationOutput struct{ Body ActivationResource }

// ActivationResource is a link that was made.
type ActivationResource struct {
	URLPath   string    `json:"activation_url_path" doc:"On this server. It is told once and works once."`
	ExpiresAt time.Time `json:"expires_at"`
}

type sessionsOutput struct {
	Body struct {
		Ended int64 `json:"ended" doc:"How many browsers were signed out."`
	}
}

// find returns the caller's terminal at an address, with its store.
func (p TerminalPath) find(ctx context.Context, tx *db.Tx) (Terminal, placed, error) {
	s, err := p.StorePath.find(ctx, tx)
	if err != nil {
		return Terminal{}, s, err
	}
	t, err := terminalByID(ctx, tx, s.No, p.TerminalID)
	return t, s, err
}

func (a *API) listTerminals(
	ctx context.Context, in *terminalsInput,
) (*terminalsOutput, error) {
	last, err := after(in.Cursor)
	if err != nil {
		return nil, err
	}
	var s placed
	var found []Terminal
	err = a.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if s, err = in.StorePath.find(ctx, tx); err != nil {
			return err
		}
		f := listing{storeNo: s.No, status: Status(in.Status), limit: in.Limit + 1}
		if last > 0 {
			t, err := terminalByNo(ctx, tx, last)
			if err != nil || t.StoreNo != s.No {
				return cursorOr(err, ErrTerminalUnknown)
			}
			f.afterID = t.ID
		}
		found, err = listTerminals(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &terminalsOutput{page(found, in.Limit, func(t Terminal) int64 { return t.No },
		func(t Terminal) TerminalResource { return t.resource(s) })}, nil
}

func (a *API) createTerminal(
	ctx context.Context, in *newTerminalInput,
) (*newTerminalOutput, error) {
	b, actor := in.Body, who(ctx).Actor
	asked := Terminal{ID: b.ID, Label: b.Label, CanRefund: b.CanRefund,
		RefundDayMaxMinor: b.RefundDayMaxMinor, FailuresMax: b.FailuresMax}
	var s placed
	var t Terminal
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if s, err = in.StorePath.find(ctx, tx); err != nil {
			return err
		}
		asked.StoreNo = s.No
		t, err = a.Registry.AddTerminal(ctx, tx, actor, asked)
		return err
	})
	if err == nil {
		return &newTerminalOutput{made, t.resource(s)}, nil
	}
	if !errors.Is(err, ErrTaken) {
		return nil, err
	}
	old, s, readErr := a.terminal(ctx, TerminalPath{in.StorePath, b.ID})
	if readErr != nil {
		return nil, readErr
	}
	t.No, t.Status = old.No, old.Status
	if !reflect.DeepEqual(t, old) {
		return nil, err
	}
	return &newTerminalOutput{there, old.resource(s)}, nil
}

// terminal finds one of the caller's.
func (a *API) terminal(ctx context.Context, p TerminalPath) (t Terminal, s placed, err error) {
	err = a.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		t, s, err = p.find(ctx, tx)
		return err
	})
	return t, s, err
}

func (a *API) readTerminal(ctx context.Context, in *TerminalPath) (*terminalOutput, error) {
	t, s, err := a.terminal(ctx, *in)
	if err != nil {
		return nil, err
	}
	return &terminalOutput{t.resource(s)}, nil
}

// editTerminal changes a terminal of the caller's and returns it as it is then.
func (a *API) editTerminal(
	ctx context.Context, p TerminalPath,
	edit func(ctx context.Context, tx *db.Tx, actor string, no int64) error,
) (*terminalOutput, error) {
	actor := who(ctx).Actor
	var t Terminal
	var s placed
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if t, s, err = p.find(ctx, tx); err != nil {
			return err
		}
		if err = edit(ctx, tx, actor, t.No); err != nil {
			return err
		}
		t, err = terminalByNo(ctx, tx, t.No)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &terminalOutput{t.resource(s)}, nil
}

func (a *API) changeTerminal(
	ctx context.Context, in *terminalTermsInput,
) (*terminalOutput, error) {
	return a.editTerminal(ctx, in.TerminalPath,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) error {
			return a.Registry.SetTerminal(ctx, tx, actor, no, TerminalTerms(in.Body))
		})
}

func (a *API) setTerminalStatus(
	ctx context.Context, in *terminalStatusInput,
) (*terminalOutput, error) {
	return a.editTerminal(ctx, in.TerminalPath,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) error {
			return a.Registry.SetStatus(ctx, tx, actor, KindTerminal, no, in.Body.Status)
		})
}

func (a *API) createActivation(
	ctx context.Context, in *TerminalPath,
) (*activationOutput, error) {
	var secret string
	expires := clock.Now().Add(LinkLife)
	_, err := a.editTerminal(ctx, *in,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) (err error) {
			secret, err = a.Registry.NewActivation(ctx, tx, actor, no, LinkLife)
			return err
		})
	if err != nil {
		return nil, err
	}
	return &activationOutput{ActivationResource{a.ActivationPath + secret, expires}}, nil
}

func (a *API) endSessions(ctx context.Context, in *TerminalPath) (*sessionsOutput, error) {
	var out sessionsOutput
	_, err := a.editTerminal(ctx, *in,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) (err error) {
			out.Body.Ended, err = a.Registry.RevokeSessions(ctx, tx, actor, no)
			return err
		})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

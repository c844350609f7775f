package signup

import (
	"context"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/web"
	"watari/pay/party"
)

// PayoutResource is an account as /v1 shows it.
type PayoutResource struct {
	ID        string      `json:"id"`
	Merchant  string      `json:"merchant" doc:"What events about the merchant are filed under."`
	State     PayoutState `json:"state" enum:"proposed,held,rejected,stopped"`
	InForce   bool        `json:"in_force" doc:"It is the one that money goes to now."`
	From      *time.Time  `json:"from,omitempty" doc:"When it is in force: 72 hours after it was agreed to."`
	Account   Account     `json:"account"`
	Note      string      `json:"note,omitempty"`
	Maker     string      `json:"maker,omitempty"`
	Checker   string      `json:"checker,omitempty"`
	Tell      string      `json:"tell,omitempty" doc:"The contact from before, masked: it has to be told."`
	ChangeID  string      `json:"change_id,omitempty" doc:"Of the change request."`
	CreatedAt time.Time   `json:"created_at"`
	DecidedAt *time.Time  `json:"decided_at,omitempty"`
}

func (p Payout) resource() PayoutResource {
	return PayoutResource{ID: p.ID, Merchant: party.Subject(party.KindMerchant, p.MerchantNo),
		State: p.State, InForce: p.InForce, From: orAbsent(p.From), Account: p.Account,
		Note: p.Note, Maker: p.Maker, Checker: p.Checker, Tell: p.Contact,
		ChangeID: p.RequestID, CreatedAt: p.Created, DecidedAt: orAbsent(p.Decided)}
}

// merchantOf is the number of the merchant that a caller means: an owner's own, or one of a bank's
// by its id.
func (a *api) merchantOf(ctx context.Context, c access.Caller, merchantID string) (int64, error) {
	var m party.Merchant
	err := a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if c.MerchantNo != 0 {
			m, err = a.Registry.MerchantByNo(ctx, tx, c.MerchantNo)
			return err
		}
		m, err = a.Registry.MerchantByID(ctx, tx, c.ParticipantNo, merchantID)
		return err
	})
	if err == nil && c.MerchantNo != 0 && merchantID != "" && merchantID != m.ID {
		err = party.ErrMerchantUnknown.Newf("the acquirer has no merchant %q", merchantID)
	}
	return m.No, err
}

type payoutsInput struct {
	MerchantID string `query:"merchant_id" maxLength:"64" doc:"Whose; left out: a bank's that wait for a second person, an owner's own."`
}

type payoutsOutput struct{ Body web.List[PayoutResource] }

func (a *api) payouts(ctx context.Context, in *payoutsInput) (*payoutsOutput, error) {
	c, _ := who(ctx)
	var all []Payout
	var err error
	if in.MerchantID == "" && c.MerchantNo == 0 {
		all, err = a.PayoutsWaiting(ctx, c.ParticipantNo)
	} else {
		var no int64
		if no, err = a.merchantOf(ctx, c, in.MerchantID); err == nil {
			all, err = a.Payouts(ctx, c.ParticipantNo, no)
		}
	}
	if err != nil {
		return nil, err
	}
	items := make([]PayoutResource, len(all))
	for i, p := range all {
		items[i] = p.resource()
	}
	return &payoutsOutput{web.ListOf(items, "")}, nil
}

type payoutOutput struct{ Body PayoutResource }

type proposeInput struct {
	Body struct {
		MerchantID string  `json:"merchant_id,omitempty" maxLength:"64" doc:"Owners leave it out."`
		Account    Account `json:"account"`
		Note       string  `json:"note,omitempty" maxLength:"300" doc:"Why, for whoever decides."`
	}
}

func (a *api) propose(ctx context.Context, in *proposeInput) (*payoutOutput, error) {
	c, by := who(ctx)
	no, err := a.merchantOf(ctx, c, in.Body.MerchantID)
	if err != nil {
		return nil, err
	}
	p, err := a.ProposePayout(ctx, by, c.ParticipantNo, no, in.Body.Account, in.Body.Note)
	if err != nil {
		return nil, pointed(err, ErrInvalid, map[string]string{"/note": "/note",
			"/": "/account/"})
	}
	return &payoutOutput{p.resource()}, nil
}

type payoutInput struct {
	PayoutID string `path:"payout_account_id" maxLength:"64"`
}

func (a *api) approvePayout(ctx context.Context, in *payoutInput) (*payoutOutput, error) {
	c, by := who(ctx)
	p, err := a.ApprovePayout(ctx, by, c.ParticipantNo, in.PayoutID)
	if err != nil {
		return nil, err
	}
	return &payoutOutput{p.resource()}, nil
}

func (a *api) stopPayout(ctx context.Context, in *payoutInput) (*payoutOutput, error) {
	c, by := who(ctx)
	p, err := a.payout(ctx, c.ParticipantNo, in.PayoutID)
	if err == nil && c.MerchantNo != 0 && p.MerchantNo != c.MerchantNo {
		err = ErrPayout.Newf("")
	}
	if err == nil {
		p, err = a.StopPayout(ctx, by, c.ParticipantNo, in.PayoutID)
	}
	if err != nil {
		return nil, err
	}
	return &payoutOutput{p.resource()}, nil
}

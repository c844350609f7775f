package promo

import (
	"context"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/party"
)

// Who may read pledges, and who proposes and ends them.
var (
	readers = []access.Role{access.MerchantOwner, access.MerchantManager, access.Acquirer,
		access.AcquirerClerk, access.AcquirerViewer, access.Operator}
	operator = []access.Role{access.Operator}
)

// ChangeFaults are the problems that approving a change of a pledge reports, beside those of
// kit/foureyes.
func ChangeFaults() []*fault.Problem { return []*fault.Problem{ErrInvalid} }

// Register adds the operations on pledges.
func (s *Pledges) Register(w *web.Server) {
	tags := []string{"Pledges"}
	web.Register(w, web.Op{ID: "list-pledges", Method: http.MethodGet, Path: "/v1/pledges",
		Summary: "List what wallets have agreed to give for discounts", Tags: tags, Roles: readers,
		Description: "Operators read all, others those of their own merchants; at most 1,000."},
		s.apiList)
	named := []*fault.Problem{party.ErrParticipantUnknown, party.ErrMerchantUnknown}
	web.Register(w, web.Op{ID: "propose-pledge", Method: http.MethodPost,
		Path: "/v1/change-requests/pledges", Tags: []string{"Changes"}, Roles: operator,
		Summary: "Propose what a wallet gives for discounts at a merchant",
		Status:  http.StatusCreated, Description: "What the wallet has agreed to in writing. " +
			"Takes all terms: what the body leaves out is gone. Nothing changes before a second " +
			"person approves it.", Faults: append([]*fault.Problem{ErrInvalid}, named...)},
		s.apiPropose)
	web.Register(w, web.Op{ID: "end-pledge", Method: http.MethodPost, Path: "/v1/pledges/end",
		Summary: "Let a wallet give no more discounts at a merchant", Tags: tags, Roles: operator,
		Description: "At once; what was sold keeps its discount.",
		Faults:      append([]*fault.Problem{ErrUnknown}, named...)}, s.apiEnd)
}

// PledgeResource is a pledge as the API shows it.
type PledgeResource struct {
	WalletID   string       `json:"wallet_id"`
	AcquirerID string       `json:"acquirer_id"`
	MerchantID string       `json:"merchant_id" doc:"The acquirer's own reference."`
	SharePPM   int64        `json:"share_ppm" doc:"The largest part of a discount that the wallet bears, in millionths."`
	Budget     money.Amount `json:"budget" doc:"What it gives at most, all told."`
	Taken      money.Amount `json:"taken" doc:"What the orders that are held or paid take of it."`
	From       *time.Time   `json:"from,omitempty"`
	Until      *time.Time   `json:"until,omitempty" doc:"Not sold from then on."`
	Version    int64        `json:"version"`
}

func (s *Pledges) resource(ctx context.Context, p Pledge) (PledgeResource, error) {
	bank, err := s.Directory.Participant(ctx, p.AcquirerNo)
	if err != nil {
		return PledgeResource{}, err
	}
	r := PledgeResource{WalletID: p.IssuerID, AcquirerID: bank.ID, MerchantID: p.MerchantID,
		SharePPM: p.SharePPM, Version: p.Version}
	if !p.From.IsZero() {
		r.From = &p.From
	}
	if !p.Until.IsZero() {
		r.Until = &p.Until
	}
	if r.Budget, err = money.New(p.Budget, Yen); err != nil {
		return r, err
	}
	r.Taken, err = money.New(p.Taken, Yen)
	return r, err
}

type pledgesOutput struct{ Body web.List[PledgeResource] }

func (s *Pledges) apiList(ctx context.Context, _ *struct{}) (*pledgesOutput, error) {
	c, _ := access.FromContext(ctx)
	var acquirer, merchant int64
	if c.Role != access.Operator {
		acquirer, merchant = c.ParticipantNo, c.MerchantNo
	}
	ps, err := s.List(ctx, 0, acquirer, merchant)
	if err != nil {
		return nil, err
	}
	var items []PledgeResource
	for _, p := range ps {
		r, err := s.resource(ctx, p)
		if err != nil {
			return nil, err
		}
		items = append(items, r)
	}
	return &pledgesOutput{web.ListOf(items, "")}, nil
}

// PledgeName names a pledge in a body.
type PledgeName struct {
	WalletID   string `json:"wallet_id" minLength:"1" maxLength:"64"`
	AcquirerID string `json:"acquirer_id" minLength:"1" maxLength:"64"`
	MerchantID string `json:"merchant_id" minLength:"1" maxLength:"64"`
}

// key finds the parties.
func (s *Pledges) key(ctx context.Context, n PledgeName) (k PledgeKey, err error) {
	wallet, err := s.Directory.ByID(ctx, n.WalletID)
	if err == nil {
		_, err = s.Directory.Wallet(ctx, wallet.No)
	}
	if err != nil {
		return k, err
	}
	bank, err := s.Directory.ByID(ctx, n.AcquirerID)
	if err != nil {
		return k, err
	}
	m, err := s.Directory.MerchantByID(ctx, bank.No, n.MerchantID)
	return PledgeKey{wallet.No, m.No}, err
}

type proposePledgeInput struct {
	Body struct {
		PledgeName
		SharePPM int64        `json:"share_ppm" minimum:"1" maximum:"1000000" doc:"The largest part of a discount that the wallet bears, in millionths."`
		Budget   money.Amount `json:"budget" doc:"Yen: what it gives at most, all told, of what was sold before too."`
		From     time.Time    `json:"from,omitempty"`
		Until    time.Time    `json:"until,omitempty" doc:"Not sold from then on."`
		Note     string       `json:"note,omitempty" maxLength:"300" doc:"Why, for whoever decides: the contract."`
	}
}

type changeOutput struct{ Body foureyes.Resource }

func (s *Pledges) apiPropose(
	ctx context.Context, in *proposePledgeInput,
) (*changeOutput, error) {
	b := in.Body
	if b.Budget.Currency() != Yen {
		return nil, ErrInvalid.Newf("").At("/budget/currency", "is JPY")
	}
	k, err := s.key(ctx, b.PledgeName)
	if err != nil {
		return nil, err
	}
	r, err := s.Propose(ctx, foureyes.Caller(ctx), Pledge{PledgeKey: k, SharePPM: b.SharePPM,
		Budget: b.Budget.Minor(), From: b.From, Until: b.Until}, b.Note)
	if err != nil {
		return nil, err
	}
	return &changeOutput{r.Resource()}, nil
}

type pledgeOutput struct{ Body PledgeResource }

func (s *Pledges) apiEnd(
	ctx context.Context, in *struct{ Body PledgeName },
) (*pledgeOutput, error) {
	k, err := s.key(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if err := s.End(ctx, foureyes.Caller(ctx).Actor, k); err != nil {
		return nil, err
	}
	p, err := s.Find(ctx, k)
	if err != nil {
		return nil, err
	}
	r, err := s.resource(ctx, p)
	return &pledgeOutput{r}, err
}

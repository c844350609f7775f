package promo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/pay/party"
)

// The problems that this package reports.
var (
	// ErrPledge: a wallet has agreed to no discount here, or what it agreed to give is given.
	ErrPledge = fault.Define("pledge-exhausted", fault.Conflict,
		"The wallet gives no more discounts here")
	// ErrInvalid: a pledge cannot be so.
	ErrInvalid = fault.Define("pledge-invalid", fault.Invalid, "The pledge is not valid")
	// ErrUnknown: the wallet has agreed to nothing at that merchant.
	ErrUnknown = fault.Define("pledge-not-found", fault.NotFound, "No such pledge")
)

// ChangePledge is the kind of requests for other terms of a pledge.
const ChangePledge = "promo.pledge"

// BudgetMax is the largest budget of a pledge, in yen.
const BudgetMax = 1_000_000_000_000

// PledgeKey names a pledge: one wallet at one merchant.
type PledgeKey struct{ IssuerNo, MerchantNo int64 }

// Pledge is what a wallet has agreed to give for discounts at one merchant (B4).
type Pledge struct {
	PledgeKey
	IssuerID   string // of the participant
	MerchantID string // the acquirer's reference
	AcquirerNo int64
	// SharePPM is the largest part of a discount that the wallet bears, 1 to 1,000,000.
	SharePPM int64
	// Budget is how many yen it gives at most, from the first order on; 0 to BudgetMax.
	Budget int64
	// Taken is how many yen the orders that are held or paid take of it.
	Taken int64
	// From and Until bound when it is bought, Until exclusive; zero is without bound.
	From, Until time.Time
	Version     int64
}

// Left is how many yen may still be given.
func (p Pledge) Left() int64 { return max(p.Budget-p.Taken, 0) }

// Covers says whether a discount of which the wallet bears so much may be sold at a moment.
func (p Pledge) Covers(sharePPM int64, now time.Time) bool {
	return sharePPM <= p.SharePPM && p.Left() > 0 && p.open(now)
}

func (p Pledge) open(now time.Time) bool {
	return !now.Before(p.From) && (p.Until.IsZero() || now.Before(p.Until))
}

// PledgesConfig is what Pledges works with. No field may be empty.
type PledgesConfig struct {
	DB        *db.DB
	Log       *event.Log
	Lane      int
	Directory *party.Directory
	Desk      *foureyes.Desk
}

// Pledges keeps what wallets have agreed to.
type Pledges struct{ PledgesConfig }

// NewPledges returns the pledges of a store, and lets its desk do what two people decide.
func NewPledges(cfg PledgesConfig) *Pledges {
	check.That(cfg.DB != nil && cfg.Log != nil && cfg.Directory != nil && cfg.Desk != nil,
		"promo: pledges lack a part")
	p := &Pledges{cfg}
	cfg.Desk.Handle(ChangePledge, p.kind)
	return p
}

// pledgeTerms are what is agreed, as a request says it.
type pledgeTerms struct {
	Wallet   string    `json:"wallet"`
	Merchant string    `json:"merchant"`
	Currency string    `json:"currency"`
	SharePPM int64     `json:"share_ppm"`
	Budget   int64     `json:"budget_minor"`
	From     time.Time `json:"from,omitzero"`
	Until    time.Time `json:"until,omitzero"`
}

// pledgeChange is the body of a ChangePledge.
type pledgeChange struct {
	IssuerNo   int64       `json:"issuer_no"`
	AcquirerNo int64       `json:"acquirer_no"`
	MerchantNo int64       `json:"merchant_no"`
	Version    int64       `json:"version"` // it was made from; 0 when there was none
	Was        pledgeTerms `json:"was"`
	Becomes    pledgeTerms `json:"becomes"`
}

func (p Pledge) terms() pledgeTerms {
	return pledgeTerms{p.IssuerID, p.MerchantID, string(Yen), p.SharePPM, p.Budget, p.From,
		p.Until}
}

// check refuses what a pledge cannot be.
func (p Pledge) check() error {
	switch {
	case p.SharePPM < 1 || p.SharePPM > million:
		return ErrInvalid.Newf("").At("/share_ppm", "is 1 to 1000000")
	case p.Budget < 0 || p.Budget > BudgetMax:
		return ErrInvalid.Newf("").At("/budget", fmt.Sprintf("is 0 to %d yen", int64(BudgetMax)))
	case !p.Until.IsZero() && p.Until.Before(p.From):
		return ErrInvalid.Newf("").At("/until", "is not before from")
	}
	return nil
}

const million = 1_000_000

// name fills in what a pledge's parties are called, and refuses those that cannot have one.
func (s *Pledges) name(ctx context.Context, p *Pledge) error {
	issuer, err := s.Directory.Participant(ctx, p.IssuerNo)
	if err != nil {
		return err
	}
	m, err := s.Directory.Merchant(ctx, p.MerchantNo)
	if err != nil {
		return err
	}
	p.IssuerID, p.MerchantID, p.AcquirerNo = issuer.ID, m.ID, m.AcquirerNo
	p.From, p.Until = p.From.UTC().Truncate(time.Microsecond),
		p.Until.UTC().Truncate(time.Microsecond)
	return p.check()
}

// Propose asks for the terms of a pledge, all of them, which a second person approves for the
// wallet. A budget below what is taken sells no more discounts and takes none back.
//
// Errors: party.ErrParticipantUnknown, party.ErrMerchantUnknown, ErrInvalid.
func (s *Pledges) Propose(
	ctx context.Context, by foureyes.Person, p Pledge, note string,
) (r foureyes.Request, err error) {
	if err := s.name(ctx, &p); err != nil {
		return r, err
	}
	err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := pledgeBy(ctx, tx, p.PledgeKey, false)
		c := pledgeChange{IssuerNo: p.IssuerNo, AcquirerNo: p.AcquirerNo,
			MerchantNo: p.MerchantNo, Becomes: p.terms()}
		switch {
		case err == nil:
			terms := was.terms()
			if terms == c.Becomes {
				return ErrInvalid.Newf("these are the terms already")
			}
			c.Version, c.Was = was.Version, terms
		case !errors.Is(err, db.ErrNoRows):
			return err
		}
		body, err := json.Marshal(c)
		if err != nil {
			return err
		}
		made, err := s.Desk.Propose(ctx, tx, by, foureyes.Request{Kind: ChangePledge, Body: body,
			Subject: party.Subject(party.KindParticipant, p.IssuerNo), Note: note})
		if err == nil {
			r = made[0]
		}
		return err
	})
	s.Desk.Wake()
	return r, err
}

// kind does what a request asks for.
func (s *Pledges) kind(_ context.Context, q foureyes.Request) (foureyes.Apply, error) {
	var c pledgeChange
	if err := json.Unmarshal(q.Body, &c); err != nil {
		return nil, fmt.Errorf("read %s: %w", q.ID, err)
	}
	return func(ctx context.Context, tx *db.Tx) error {
		was, err := pledgeBy(ctx, tx, PledgeKey{c.IssuerNo, c.MerchantNo}, true)
		if err != nil && !errors.Is(err, db.ErrNoRows) {
			return err
		}
		if was.Version != c.Version {
			return foureyes.ErrStale.Newf("the pledge was changed since")
		}
		b := c.Becomes
		return s.write(ctx, tx, "change:"+q.ID, Pledge{PledgeKey: PledgeKey{c.IssuerNo,
			c.MerchantNo}, IssuerID: b.Wallet, MerchantID: b.Merchant, AcquirerNo: c.AcquirerNo,
			SharePPM: b.SharePPM, Budget: b.Budget, From: b.From, Until: b.Until,
			Version: c.Version})
	}, nil
}

// Set writes the terms of a pledge without a second person: for the sandbox and for tests.
//
// Errors: those of Propose.
func (s *Pledges) Set(ctx context.Context, actor string, p Pledge) error {
	if err := s.name(ctx, &p); err != nil {
		return err
	}
	return s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := pledgeBy(ctx, tx, p.PledgeKey, true)
		if err != nil && !errors.Is(err, db.ErrNoRows) {
			return err
		}
		p.Version = was.Version
		return s.write(ctx, tx, actor, p)
	})
}

// End lets a wallet give no more from now on; what was given stays. It needs no second person: it
// can only make a debt smaller.
//
// Errors: ErrUnknown.
func (s *Pledges) End(ctx context.Context, actor string, k PledgeKey) error {
	now := clock.Now().UTC().Truncate(time.Microsecond)
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := pledgeBy(ctx, tx, k, true)
		if errors.Is(err, db.ErrNoRows) {
			return ErrUnknown.Newf("the wallet has agreed to nothing there")
		}
		if err != nil || !p.Until.IsZero() && !now.Before(p.Until) {
			return err
		}
		p.Until = now
		if p.From.After(now) {
			p.From = now
		}
		return s.write(ctx, tx, actor, p)
	})
	s.Log.Wake()
	return err
}

// write keeps terms and says so. The yen that are taken stay.
func (s *Pledges) write(ctx context.Context, tx *db.Tx, actor string, p Pledge) error {
	if err := putPledge(ctx, tx, p); err != nil {
		return fmt.Errorf("write pledge: %w", err)
	}
	facts, err := json.Marshal(struct {
		pledgeTerms
		Version int64 `json:"version"`
	}{p.terms(), p.Version + 1})
	if err != nil {
		return err
	}
	return s.Log.Append(ctx, tx, s.Lane, []event.Event{{Kind: "promo.pledge_set",
		Subject: party.Subject(party.KindParticipant, p.IssuerNo), Actor: actor,
		AcquirerNo: p.AcquirerNo, Data: facts}})
}

// Find returns a pledge. Errors: ErrUnknown.
func (s *Pledges) Find(ctx context.Context, k PledgeKey) (p Pledge, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err = pledgeBy(ctx, tx, k, false)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		err = ErrUnknown.Newf("the wallet has agreed to nothing there")
	}
	return p, err
}

// ListMax is how many pledges are listed.
const ListMax = 1000

// List returns what wallets have agreed to, at most ListMax: of one wallet, of one acquirer's
// merchants, of one merchant; 0 is all.
func (s *Pledges) List(ctx context.Context, issuerNo, acquirerNo, merchantNo int64) (
	ps []Pledge, err error,
) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		ps, err = pledgesOf(ctx, tx, issuerNo, acquirerNo, merchantNo)
		return err
	})
	return ps, err
}

// At returns what wallets have agreed to at a merchant, by the id of the wallet.
func At(ctx context.Context, tx *db.Tx, merchantNo int64) (map[string]Pledge, error) {
	ps, err := pledgesOf(ctx, tx, 0, 0, merchantNo)
	if err != nil {
		return nil, fmt.Errorf("read pledges: %w", err)
	}
	out := map[string]Pledge{}
	for _, p := range ps {
		out[p.IssuerID] = p
	}
	return out, nil
}

// String names a pledge in findings.
func (k PledgeKey) String() string {
	return "issuer " + strconv.FormatInt(k.IssuerNo, 10) + ", merchant " +
		strconv.FormatInt(k.MerchantNo, 10)
}

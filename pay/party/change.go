package party

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/money"
)

// The kinds of requests that change participants (R11).
const (
	// ChangeAgreement is the next version of an agreement.
	ChangeAgreement = "party.agreement"
	// ChangeKey adds or retires a version of a public key.
	ChangeKey = "party.key"
	// ChangeParticipant is a participant's name, address and permissions.
	ChangeParticipant = "party.participant"
)

// Attend lets r propose changes at a desk, and do those that are approved there.
func (r *Registry) Attend(d *foureyes.Desk) {
	check.That(r.desk == nil && d != nil, "party: Attend is called twice or with nothing")
	r.desk = d
	d.Handle(ChangeAgreement, whole(r.changeAgreement))
	d.Handle(ChangeKey, whole(r.changeKey))
	d.Handle(ChangeParticipant, whole(r.changeParticipant))
}

// whole reads the body of a request and does it all in the transaction.
func whole[B any](
	do func(ctx context.Context, tx *db.Tx, actor string, b B) error,
) foureyes.Kind {
	return func(_ context.Context, q foureyes.Request) (foureyes.Apply, error) {
		var b B
		if err := json.Unmarshal(q.Body, &b); err != nil {
			return nil, fmt.Errorf("read %s: %w", q.ID, err)
		}
		return func(ctx context.Context, tx *db.Tx) error {
			return do(ctx, tx, "change:"+q.ID, b)
		}, nil
	}
}

// propose keeps a request about a participant.
func (r *Registry) propose(
	ctx context.Context, tx *db.Tx, by foureyes.Person, kind string, no int64, note string,
	body any,
) (foureyes.Request, error) {
	check.That(r.desk != nil, "party: a registry without a desk")
	text, err := json.Marshal(body)
	if err != nil {
		return foureyes.Request{}, fmt.Errorf("write change: %w", err)
	}
	made, err := r.desk.Propose(ctx, tx, by, foureyes.Request{Kind: kind,
		Subject: Subject(KindParticipant, no), Body: text, Note: note})
	if err != nil {
		return foureyes.Request{}, err
	}
	return made[0], nil
}

// agreementChange is the body of a ChangeAgreement. Its version is the one that was the highest
// when it was made.
type agreementChange struct {
	ParticipantNo int64          `json:"participant_no"`
	ParticipantID string         `json:"participant_id"`
	Was           agreementFacts `json:"was"`
	Becomes       agreementFacts `json:"becomes"` // from_us 0: when it is approved
}

// ProposeAgreement asks for the next version of an agreement, which takes all terms: what a leaves
// out is gone. A FromUS of 0 is when it is approved; one that has passed by then, too.
//
// Errors: ErrParticipantUnknown, ErrAgreementUnknown, ErrInvalid.
func (r *Registry) ProposeAgreement(
	ctx context.Context, tx *db.Tx, by foureyes.Person, a Agreement, note string,
) (foureyes.Request, error) {
	none := foureyes.Request{}
	p, err := participantByNo(ctx, tx, a.ParticipantNo)
	if err != nil {
		return none, err
	}
	last, err := lastAgreement(ctx, tx, a.ParticipantNo, a.Role, a.Currency)
	if errors.Is(err, db.ErrNoRows) {
		err = ErrAgreementUnknown.Newf("%s has none as %s in %s", p.ID, a.Role, a.Currency)
	}
	if err != nil {
		return none, err
	}
	a.ID, a.Version = last.ID, last.Version+1
	if err := a.clean(); err != nil {
		return none, err
	}
	if a.FromUS != 0 && a.FromUS < clock.Micros(clock.Now()) {
		return none, ErrInvalid.Newf("").At("/from", "is over")
	}
	if err := capNow(last, a); err != nil {
		return none, err
	}
	if a.terms() == last.terms() && a.FromUS == 0 {
		return none, ErrInvalid.Newf("these are the terms already")
	}
	return r.propose(ctx, tx, by, ChangeAgreement, p.No, note, agreementChange{p.No, p.ID,
		last.facts(), a.facts()})
}

// terms is what is agreed, in a form that can be compared.
func (a Agreement) terms() string {
	f := a.facts()
	f.Version, f.FromUS = 0, 0
	text, err := json.Marshal(f)
	check.That(err == nil, "party: write terms: %v", err)
	return string(text)
}

// agreement is the reverse of Agreement.facts.
func (f agreementFacts) agreement(participantNo int64) Agreement {
	return Agreement{ParticipantNo: participantNo, Role: f.Role,
		Currency: money.Currency(f.Currency), Zone: f.Zone, CutOffMin: f.CutOffMin,
		SpreadPPM: f.SpreadPPM, InterchangePPM: f.InterchangePPM, SchemePPM: f.SchemePPM,
		CapMinor: f.CapMinor, PerPaymentMaxMinor: f.PerPaymentMaxMinor,
		PerDayMaxMinor: f.PerDayMaxMinor, FromUS: f.FromUS, UntilUS: f.UntilUS}
}

// changeAgreement adds the version that two people agreed on.
func (r *Registry) changeAgreement(
	ctx context.Context, tx *db.Tx, actor string, c agreementChange,
) error {
	a := c.Becomes.agreement(c.ParticipantNo)
	if a.FromUS <= clock.Micros(clock.Now()) {
		a.FromUS = 0
	}
	if err := r.begin(ctx, tx); err != nil { // before what is compared is read (R2)
		return err
	}
	last, err := lastAgreement(ctx, tx, a.ParticipantNo, a.Role, a.Currency)
	if err != nil {
		return err
	}
	if last.Version != c.Was.Version {
		return foureyes.ErrStale.Newf("the agreement has version %d by now, the change was "+
			"made from version %d", last.Version, c.Was.Version)
	}
	_, err = r.AddAgreement(ctx, tx, actor, a)
	return err
}

// keyAction is what becomes of a key.
type keyAction string

const (
	keyAdd    keyAction = "add"
	keyRetire keyAction = "retire"
)

// keyChange is the body of a ChangeKey.
type keyChange struct {
	ParticipantNo int64     `json:"participant_no"`
	ParticipantID string    `json:"participant_id"`
	Action        keyAction `json:"action"`
	Version       int       `json:"version"`
	Fingerprint   string    `json:"fingerprint_sha256"`
	PublicKey     []byte    `json:"public_key,omitempty"` // base64 of the DER
	From          time.Time `json:"from,omitzero"`        // zero: when it is approved
	Until         time.Time `json:"until,omitzero"`
}

// ProposeKey asks for a version of a participant's public key to be added. A zero From is when it
// is approved.
//
// Errors: ErrParticipantUnknown, ErrInvalid, ErrTaken.
func (r *Registry) ProposeKey(
	ctx context.Context, tx *db.Tx, by foureyes.Person, k Key, note string,
) (foureyes.Request, error) {
	p, err := participantByNo(ctx, tx, k.ParticipantNo)
	if err != nil {
		return foureyes.Request{}, err
	}
	if err := k.clean(); err != nil {
		return foureyes.Request{}, err
	}
	if err := keyFree(ctx, tx, k); err != nil {
		return foureyes.Request{}, err
	}
	return r.propose(ctx, tx, by, ChangeKey, p.No, note, keyChange{p.No, p.ID, keyAdd, k.Version,
		k.Fingerprint(), k.PublicDER, k.From, k.Until})
}

// ProposeRetire asks for the end of a key version.
//
// Errors: ErrParticipantUnknown, ErrKeyVersionUnknown.
func (r *Registry) ProposeRetire(
	ctx context.Context, tx *db.Tx, by foureyes.Person, participantNo int64, version int,
	note string,
) (foureyes.Request, error) {
	p, err := participantByNo(ctx, tx, participantNo)
	if err != nil {
		return foureyes.Request{}, err
	}
	k, err := keyByVersion(ctx, tx, participantNo, version)
	if err != nil {
		return foureyes.Request{}, noVersion(err, version)
	}
	return r.propose(ctx, tx, by, ChangeKey, p.No, note, keyChange{ParticipantNo: p.No,
		ParticipantID: p.ID, Action: keyRetire, Version: version, Fingerprint: k.Fingerprint()})
}

// changeKey adds or retires a key.
func (r *Registry) changeKey(
	ctx context.Context, tx *db.Tx, actor string, c keyChange,
) error {
	if c.Action == keyRetire {
		err := r.RetireKey(ctx, tx, actor, c.ParticipantNo, c.Version)
		return noVersion(err, c.Version)
	}
	return r.AddKey(ctx, tx, actor, Key{ParticipantNo: c.ParticipantNo, Version: c.Version,
		PublicDER: c.PublicKey, From: c.From, Until: c.Until})
}

// participantChange is the body of a ChangeParticipant.
type participantChange struct {
	Was     participantFacts `json:"was"`
	Becomes participantFacts `json:"becomes"`
}

// ProposeParticipant asks for other terms of a participant, which takes all of them.
//
// Errors: ErrParticipantUnknown, ErrInvalid.
func (r *Registry) ProposeParticipant(
	ctx context.Context, tx *db.Tx, by foureyes.Person, no int64, t ParticipantTerms,
	note string,
) (foureyes.Request, error) {
	was, err := participantByNo(ctx, tx, no)
	if err != nil {
		return foureyes.Request{}, err
	}
	p := was
	p.Name, p.BaseURL, p.OwnCodes, p.OnSight = t.Name, t.BaseURL, t.OwnCodes, t.OnSight
	if err := p.clean(); err != nil {
		return foureyes.Request{}, err
	}
	if p == was {
		return foureyes.Request{}, ErrInvalid.Newf("these are the terms already")
	}
	return r.propose(ctx, tx, by, ChangeParticipant, no, note,
		participantChange{was.facts(), p.facts()})
}

// changeParticipant gives a participant the terms that two people agreed on.
func (r *Registry) changeParticipant(
	ctx context.Context, tx *db.Tx, actor string, c participantChange,
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	is, err := participantByNo(ctx, tx, c.Was.No)
	if err != nil {
		return err
	}
	was := is.facts()
	was.Status = c.Was.Status // has a life of its own
	if was != c.Was {
		return foureyes.ErrStale.Newf("%s was changed since", is.ID)
	}
	b := c.Becomes
	return r.SetParticipant(ctx, tx, actor, b.No, ParticipantTerms{Name: b.Name,
		BaseURL: b.BaseURL, OwnCodes: b.OwnCodes, OnSight: b.OnSight})
}

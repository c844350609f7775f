package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"watari/kit/access"
	"watari/kit/db"
)

// Vouched is somebody for whom a bank's own provider answers, second factor included.
type Vouched struct {
	ParticipantNo int64
	// Issuer and Subject are the provider and its name for the person, which never changes hands.
	Issuer, Subject string
	Email           string // verified by the provider
	Name            string // "" when the provider says nothing
	// Domains are those whose addresses may come without an invitation, DefaultRole is what they
	// become then: clerk or viewer.
	Domains     []string
	DefaultRole access.Role
}

const purposeSSO = "sso"

// BeginVouched keeps what a sign-in by a bank's provider needs at its return, and returns the
// secret by which EndVouched finds it, once, within ten minutes.
//
// Errors: ErrLocked when an address begins too often, ErrBusy.
func (p *People) BeginVouched(ctx context.Context, f From, data any) (secret string, err error) {
	var refusal error
	err = p.change(ctx, "begin at a provider", func(ctx context.Context, tx *db.Tx) (err error) {
		if refusal, err = p.begin(ctx, tx, f.clean()); err != nil || refusal != nil {
			return err
		}
		secret, _, err = p.newTicket(ctx, tx, purposeSSO, "", TicketTime, data)
		return err
	})
	return secret, errors.Join(err, refusal)
}

// EndVouched returns what BeginVouched kept.
//
// Errors: ErrTicket.
func (p *People) EndVouched(ctx context.Context, secret string, data any) error {
	return p.change(ctx, "return from a provider", func(ctx context.Context, tx *db.Tx) error {
		t, err := p.openTicket(ctx, tx, secret, purposeSSO, data)
		if err != nil {
			return err
		}
		first, err := useTicket(ctx, tx, t.hash)
		if err == nil && !first {
			err = errTicketOver()
		}
		return err
	})
}

// SignInVouched signs in whoever a bank's provider answers for: somebody whom it has vouched for
// before; one of the bank's people of that address; somebody the bank has invited; or a new
// person, when the address is of one of its domains. Others are refused, and so is who has ended at
// the bank, or has the address of somebody who has, until the bank invites them.
//
// Errors: ErrNotInvited, ErrTooMany, access.ErrClosed.
func (p *People) SignInVouched(ctx context.Context, v Vouched, f From) (step Step, err error) {
	f = f.clean()
	if v.Issuer == "" || v.Subject == "" || v.ParticipantNo <= 0 {
		return Step{}, fmt.Errorf("people: vouched for without issuer, subject or bank: %+v", v)
	}
	var refusal error
	err = p.entering(ctx, "sign in by a provider", func(ctx context.Context, tx *db.Tx) error {
		refusal = nil
		a, err := p.vouched(ctx, tx, v)
		if errors.Is(err, ErrNotInvited) {
			refusal = err
			subject := a.ID
			if subject == "" {
				subject = "person:unknown"
			}
			return p.note(ctx, tx, "person.refused", subject,
				Place{ParticipantNo: v.ParticipantNo}, "anonymous",
				fact{"wrong": "sso", "address": f.Address})
		}
		if err != nil {
			return err
		}
		step, err = p.enter(ctx, tx, a, BySSO, f)
		return err
	})
	return step, errors.Join(err, refusal)
}

// vouched finds, links or makes the person.
//
// Errors: ErrNotInvited.
func (p *People) vouched(ctx context.Context, tx *db.Tx, v Vouched) (account, error) {
	no := ErrNotInvited.Newf("ask your bank's administrator for an invitation")
	ours := func(a account) bool {
		return a.ParticipantNo == v.ParticipantNo && a.MerchantNo == 0
	}
	known, err := accountBySubject(ctx, tx, v.Issuer, v.Subject)
	switch {
	case err == nil && known.Status != Ended && !ours(known):
		return known, no
	case err == nil && known.Status != Ended, err != nil && !errors.Is(err, db.ErrNoRows):
		return known, err
	}
	// From here on, known is nobody, or somebody who has ended.
	key := emailKey(v.Email)
	if key == "" {
		return known, no
	}
	a, err := accountByEmail(ctx, tx, key)
	switch {
	case err == nil && (!ours(a) || a.issuer != ""):
		// Another provider's person, or one whose address the provider gave to somebody else.
		return a, no
	case err == nil:
		return a, p.link(ctx, tx, a, v)
	case !errors.Is(err, db.ErrNoRows):
		return a, err
	}
	o, err := p.invited(ctx, tx, v, key)
	if err == nil {
		return p.joinVouched(ctx, tx, o, v)
	}
	if !errors.Is(err, ErrInvitation) {
		return account{}, err
	}
	may, err := ofDomain(ctx, tx, v, key)
	if err != nil {
		return known, err
	}
	if !may || known.ID != "" && ours(known) {
		return known, no
	}
	return p.joinVouched(ctx, tx, offer{emailKey: key, Invitation: Invitation{
		Email: strings.TrimSpace(v.Email), Lang: Langs()[0],
		Place: Place{Role: v.DefaultRole, ParticipantNo: v.ParticipantNo}}}, v)
}

// invited uses the bank's invitation of an address up.
//
// Errors: ErrInvitation when there is none that stands.
func (p *People) invited(
	ctx context.Context, tx *db.Tx, v Vouched, key string,
) (offer, error) {
	none := ErrInvitation.Newf("the address is not invited")
	o, err := offerByEmail(ctx, tx, v.ParticipantNo, key)
	if err == nil {
		err = stands(ctx, tx, o)
	}
	if err != nil {
		return o, unknown(err, none)
	}
	first, err := endOffer(ctx, tx, o.ID)
	if err == nil && !first {
		err = none // withdrawn just now
	}
	return o, err
}

// ofDomain tells whether an address may come without an invitation: one of the bank's domains, that
// of nobody who has ended.
func ofDomain(ctx context.Context, tx *db.Tx, v Vouched, key string) (bool, error) {
	_, domain, _ := strings.Cut(key, "@")
	if !slices.Contains(v.Domains, domain) || v.DefaultRole != access.AcquirerClerk &&
		v.DefaultRole != access.AcquirerViewer {
		return false, nil
	}
	ended, err := endedAddresses(ctx, tx, v.ParticipantNo)
	return !slices.ContainsFunc(ended, func(email string) bool {
		return emailKey(email) == key
	}), err
}

// link remembers by what name a provider knows somebody.
func (p *People) link(ctx context.Context, tx *db.Tx, a account, v Vouched) error {
	if err := freeSubject(ctx, tx, v.Issuer, v.Subject); err != nil {
		return err
	}
	if err := setSubject(ctx, tx, a.ID, v.Issuer, v.Subject); err != nil {
		return err
	}
	return p.note(ctx, tx, "person.linked", a.ID, a.Place, a.Caller().Actor,
		fact{"issuer": v.Issuer})
}

// joinVouched makes a person who has no password.
func (p *People) joinVouched(
	ctx context.Context, tx *db.Tx, o offer, v Vouched,
) (account, error) {
	if o.Name == "" {
		o.Name = cleanName(v.Name)
	}
	if o.Name == "" {
		o.Name, _, _ = strings.Cut(o.Email, "@")
	}
	if err := freeSubject(ctx, tx, v.Issuer, v.Subject); err != nil {
		return account{}, err
	}
	return p.join(ctx, tx, o, account{issuer: v.Issuer, subject: v.Subject})
}

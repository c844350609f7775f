package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/id"
)

// Invitation is what a link offers: a place, or a new password.
type Invitation struct {
	ID    string // "inv_…"
	Email string
	Name  string
	Lang  string
	Place
	Reset   bool // a new password for somebody who is here already
	Waits   bool // for a second operator (foureyes)
	MadeBy  string
	Made    time.Time
	Until   time.Time
	Current bool // still good
}

// Link is a one-time link, shown once to whoever made it: there is no mail server, so they pass
// it on.
type Link struct {
	Invitation
	Secret string
	URL    string // PublicURL + InvitationPath + Secret
}

// InvitationPath is the path of the page that takes a link, up to its secret.
const InvitationPath = "/account/invitation/"

// KindOperator is the kind of change at the desk that lets a new operator in, or gives one a new
// password: whoever could do that alone could be the second person of every other change.
const KindOperator = "people.operator"

// Invite makes a link for a new person. Links that the same address was given for the same place
// before are over. A link for an operator works when a second operator has approved it (Waits).
//
// Errors: ErrMayNot, ErrInvalid with fields, ErrPlace, ErrTooMany.
func (p *People) Invite(ctx context.Context, by access.Caller, in Invitation) (Link, error) {
	if err := checkInvitation(&in); err != nil {
		return Link{}, err
	}
	if !mayInvite(by, in.Place) {
		return Link{}, ErrMayNot.Newf("you may not invite people of the role %s there", in.Role)
	}
	if err := p.exists(ctx, in.Place); err != nil {
		return Link{}, err
	}
	o := offer{Invitation: in, emailKey: emailKey(in.Email)}
	o.Waits = in.Role == access.Operator
	return p.offer(ctx, by, o)
}

// InviteOperator makes a link for an operator without a second one: for whoever has the program's
// own computer. Somebody who is an operator already gets a link for a new password that removes
// their second factors too.
//
// Errors: ErrInvalid, ErrTooMany, ErrTaken for somebody who is here in another role.
func (p *People) InviteOperator(ctx context.Context, actor, email, name string) (Link, error) {
	in := Invitation{Email: email, Name: name, Place: Place{Role: access.Operator}}
	if err := checkInvitation(&in); err != nil {
		return Link{}, err
	}
	o := offer{Invitation: in, emailKey: emailKey(in.Email)}
	there, err := p.byEmail(ctx, o.emailKey)
	if err != nil {
		return Link{}, err
	}
	if there.ID != "" {
		if there.Role != access.Operator {
			return Link{}, ErrTaken.Newf("%s is here as %s", email, there.Role)
		}
		o.personID, o.factors, o.Reset = there.ID, true, true
		o.Name, o.Lang = there.Name, there.Lang
	}
	return p.offer(ctx, access.Caller{Role: access.Operator, Actor: actor, Label: actor}, o)
}

// ResetLink makes a link for somebody who forgot the password. With factors it also removes TOTP,
// passkeys and recovery codes once it is used: for a lost phone; never for operators, whose are
// removed on the program's own computer (InviteOperator).
//
// Errors: ErrPerson, ErrMayNot, ErrTooMany.
func (p *People) ResetLink(
	ctx context.Context, by access.Caller, personID string, factors bool,
) (Link, error) {
	who, err := p.changeable(ctx, by, personID)
	if err != nil {
		return Link{}, err
	}
	if who.Role == access.Operator && factors {
		return Link{}, ErrMayNot.Newf("an operator's second factor is removed with " +
			"watari operator invite")
	}
	return p.offer(ctx, by, offer{Invitation: Invitation{Email: who.Email, Name: who.Name,
		Lang: who.Lang, Place: who.Place, Reset: true, Waits: who.Role == access.Operator},
		emailKey: emailKey(who.Email), personID: who.ID, factors: factors})
}

// offer keeps an invitation and returns its link.
func (p *People) offer(ctx context.Context, by access.Caller, o offer) (Link, error) {
	if o.Waits && p.Desk == nil {
		return Link{}, ErrMayNot.Newf("operators are invited with watari operator invite")
	}
	secret := newSecret(linkPrefix)
	o.ID, o.hash, o.MadeBy = id.New("inv", 0), hashOf(secret), by.Actor
	o.Made, o.Current = now(), true
	o.Until = o.Made.Add(InvitationTime)
	kind := "person.invited"
	if o.Reset {
		kind = "person.reset_offered"
	}
	err := p.change(ctx, "invite", func(ctx context.Context, tx *db.Tx) error {
		if err := endOffersTo(ctx, tx, o); err != nil {
			return err
		}
		n, err := countOffers(ctx, tx, o.Place)
		if err != nil {
			return err
		}
		if n >= MostInvitations {
			return ErrTooMany.Newf("%d links of this place are good; withdraw some", n)
		}
		if err := addOffer(ctx, tx, o); err != nil {
			return err
		}
		if o.Waits {
			if err := p.propose(ctx, tx, by, o); err != nil {
				return err
			}
		}
		return p.note(ctx, tx, kind, o.subject(), o.Place, by.Actor, fact{"invitation": o.ID,
			"role": o.Role, "merchant_no": o.MerchantNo, "store_no": o.StoreNo,
			"factors": o.factors})
	})
	if err != nil {
		return Link{}, err
	}
	return Link{Invitation: o.Invitation, Secret: secret,
		URL: p.PublicURL + InvitationPath + secret}, nil
}

// subject is whom the events about an invitation are about.
func (o offer) subject() string {
	if o.personID != "" {
		return o.personID
	}
	return o.ID
}

// operatorChange is what the desk shows of a change of KindOperator.
type operatorChange struct {
	Invitation string `json:"invitation"`
	Email      string `json:"email"`
	Name       string `json:"name"`
	Reset      bool   `json:"reset"`
}

// propose asks a second operator.
func (p *People) propose(ctx context.Context, tx *db.Tx, by access.Caller, o offer) error {
	body, err := json.Marshal(operatorChange{o.ID, o.Email, o.Name, o.Reset})
	if err != nil {
		return fmt.Errorf("write change: %w", err)
	}
	_, err = p.Desk.Propose(ctx, tx, foureyes.Person{Name: by.Name(), Actor: by.Actor},
		foureyes.Request{Kind: KindOperator, Subject: o.subject(), Body: body})
	return err
}

// Attend tells a desk what approving a change of KindOperator does.
func Attend(desk *foureyes.Desk) { desk.Handle(KindOperator, admitOperator) }

// admitOperator lets the link of an operator wait no more.
func admitOperator(_ context.Context, r foureyes.Request) (foureyes.Apply, error) {
	var c operatorChange
	if err := json.Unmarshal(r.Body, &c); err != nil {
		return nil, fmt.Errorf("read change: %w", err)
	}
	return func(ctx context.Context, tx *db.Tx) error {
		ok, err := approveOffer(ctx, tx, c.Invitation)
		if err == nil && !ok {
			err = foureyes.ErrStale.Newf("the link was withdrawn or is over")
		}
		return err
	}, nil
}

// Invitations lists links that are good, within what by may manage, the newest first; at most
// 1,000.
//
// Errors: ErrMayNot.
func (p *People) Invitations(
	ctx context.Context, by access.Caller,
) (all []Invitation, err error) {
	if len(Manageable(by)) == 0 {
		return nil, ErrMayNot.Newf("you invite nobody")
	}
	err = p.view(ctx, "list invitations", func(ctx context.Context, tx *db.Tx) error {
		found, err := openOffers(ctx, tx, by.ParticipantNo, by.MerchantNo,
			by.Role == access.Operator)
		if err != nil {
			return err
		}
		all = nil
		makers := map[string]bool{}
		for _, o := range found {
			if !mayInvite(by, o.Place) {
				continue
			}
			key := fmt.Sprint(o.MadeBy, o.Reset, o.Place)
			good, known := makers[key]
			if !known {
				err := stands(ctx, tx, o)
				if good = err == nil; !good && !errors.Is(err, ErrInvitation) {
					return err
				}
				makers[key] = good
			}
			if good {
				all = append(all, o.Invitation)
			}
		}
		return nil
	})
	return all, err
}

// Withdraw ends a link.
//
// Errors: ErrInvitation.
func (p *People) Withdraw(ctx context.Context, by access.Caller, invitationID string) error {
	return p.change(ctx, "withdraw", func(ctx context.Context, tx *db.Tx) error {
		o, err := offerByID(ctx, tx, invitationID)
		if err != nil {
			return err
		}
		if !mayInvite(by, o.Place) || !o.Current {
			return ErrInvitation.Newf("there is no invitation %q", invitationID)
		}
		if _, err := endOffer(ctx, tx, o.ID); err != nil {
			return err
		}
		return p.note(ctx, tx, "person.uninvited", o.subject(), o.Place, by.Actor,
			fact{"invitation": o.ID})
	})
}

// Invitation shows what a link offers.
//
// Errors: ErrInvitation, ErrInvitationWaits.
func (p *People) Invitation(ctx context.Context, secret string) (in Invitation, err error) {
	err = p.view(ctx, "find invitation", func(ctx context.Context, tx *db.Tx) error {
		o, err := p.offerBySecret(ctx, tx, secret)
		in = o.Invitation
		return err
	})
	return in, err
}

// offerBySecret returns an invitation that can be used.
//
// Errors: ErrInvitation, ErrInvitationWaits.
func (p *People) offerBySecret(ctx context.Context, tx *db.Tx, secret string) (offer, error) {
	o, err := offerBySecret(ctx, tx, secret)
	if err == nil {
		err = stands(ctx, tx, o)
	}
	if err == nil && o.Waits {
		err = ErrInvitationWaits.Newf("a second operator has to approve it first")
	}
	if err != nil {
		return offer{}, err
	}
	return o, nil
}

// stands refuses an invitation of somebody who has ended, or who could not make it any more where
// they are now: nobody who is dismissed has a way back in. People are never removed, so a maker who
// is nobody here is a command or a key.
//
// Errors: ErrInvitation.
func stands(ctx context.Context, tx *db.Tx, o offer) error {
	personID, is := strings.CutPrefix(o.MadeBy, Person{}.Caller().Actor)
	if !is {
		return nil
	}
	maker, err := accountOf(ctx, tx, personID)
	if errors.Is(err, ErrPerson) {
		return nil
	}
	if err != nil {
		return err
	}
	by := maker.Caller()
	may := mayInvite(by, o.Place)
	if o.Reset {
		may = May(by, Person{ID: o.personID, Place: o.Place})
	}
	if maker.Status == Ended || !may {
		return ErrInvitation.Newf("whoever made the link may not make it any more")
	}
	return nil
}

// Acceptance is what somebody makes of a link.
type Acceptance struct {
	Secret   string
	Name     string // not for a reset
	Lang     string // not for a reset
	Password string
	From
}

// Accept makes the person, or sets the new password, and signs in. After a reset somebody with a
// second factor gets NeedSecond.
//
// Errors: ErrInvitation, ErrInvitationWaits, ErrPassword (field /password), ErrInvalid (fields
// /name, /lang), ErrTaken, ErrTooMany, ErrBusy, access.ErrClosed.
func (p *People) Accept(ctx context.Context, in Acceptance) (step Step, err error) {
	f := in.From.clean()
	offered, err := p.Invitation(ctx, in.Secret)
	if err != nil {
		return Step{}, err
	}
	name, phc, err := p.checkAcceptance(ctx, in, offered)
	if err != nil {
		return Step{}, err
	}
	err = p.change(ctx, "accept", func(ctx context.Context, tx *db.Tx) error {
		o, err := p.offerBySecret(ctx, tx, in.Secret)
		if err != nil {
			return err
		}
		if first, err := endOffer(ctx, tx, o.ID); err != nil || !first {
			return errors.Join(err, ErrInvitation.Newf("the link was used just now"))
		}
		if o.Reset {
			step, err = p.reset(ctx, tx, o, phc, f)
			return err
		}
		o.Name, o.Lang = name, in.Lang
		a, err := p.join(ctx, tx, o, account{password: phc})
		if err != nil {
			return err
		}
		step, err = p.advance(ctx, tx, a, ByLink, f)
		return err
	})
	p.cache.Clear()
	return step, err
}

// checkAcceptance returns the name and the hashed password.
func (p *People) checkAcceptance(
	ctx context.Context, in Acceptance, o Invitation,
) (name, phc string, err error) {
	password, err := checkPassword(in.Password, emailKey(o.Email), "/password")
	if !o.Reset {
		var bad error
		if name, bad = checkProfile(in.Name, in.Lang); bad != nil {
			return "", "", bad
		}
	}
	if err != nil {
		return "", "", err
	}
	phc, err = p.hashing.hash(ctx, password)
	return name, phc, err
}

// join makes a person of an invitation. how has what they prove themselves by.
//
// Errors: ErrTaken, ErrTooMany.
func (p *People) join(ctx context.Context, tx *db.Tx, o offer, how account) (account, error) {
	n, err := countPeople(ctx, tx, o.ParticipantNo, o.MerchantNo)
	if err != nil {
		return how, err
	}
	if n >= MostPeople {
		return how, ErrTooMany.Newf("%d people are at this place", n)
	}
	a := how
	a.ID, a.Email, a.emailKey, a.Created = id.New("per", 0), o.Email, o.emailKey, now()
	a.Name, a.Lang, a.Place = o.Name, o.Lang, o.Place
	a.HasPassword, a.SSO, a.Status = a.password != "", a.issuer != "", Active
	fresh, err := addPerson(ctx, tx, a)
	if err != nil {
		return a, err
	}
	if !fresh {
		return a, ErrTaken.Newf("somebody with the address %s is here already", o.Email)
	}
	return a, p.note(ctx, tx, "person.joined", a.ID, a.Place, a.Caller().Actor,
		fact{"invitation": o.ID, "role": a.Role, "merchant_no": a.MerchantNo,
			"store_no": a.StoreNo})
}

// reset sets a new password by a link, and signs in.
func (p *People) reset(
	ctx context.Context, tx *db.Tx, o offer, phc string, f From,
) (Step, error) {
	a, err := accountOf(ctx, tx, o.personID)
	if err == nil && a.Status == Ended {
		err = ErrInvitation.Newf("the person has ended")
	}
	if err != nil {
		return Step{}, err
	}
	if err := setPassword(ctx, tx, a.ID, phc); err != nil {
		return Step{}, err
	}
	if _, err := endSessions(ctx, tx, a.ID, ""); err != nil {
		return Step{}, err
	}
	if o.factors {
		if err := removeFactors(ctx, tx, a.ID); err != nil {
			return Step{}, err
		}
	}
	if err := p.forgive(ctx, tx, a); err != nil {
		return Step{}, err
	}
	if err := p.note(ctx, tx, "person.password_changed", a.ID, a.Place, a.Caller().Actor,
		fact{"invitation": o.ID, "factors_removed": o.factors, "address": f.Address},
	); err != nil {
		return Step{}, err
	}
	if a, err = accountOf(ctx, tx, a.ID); err != nil {
		return Step{}, err
	}
	return p.advance(ctx, tx, a, ByLink, f)
}

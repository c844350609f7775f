package people

import (
	"context"
	"time"

	"watari/kit/access"
	"watari/kit/db"
)

// Filter chooses people. Zero fields choose all that the caller may see.
type Filter struct {
	ParticipantNo, MerchantNo int64
	Roles                     []access.Role
	Status                    Status
	Text                      string // in name or e-mail
	After                     string // the id of the last one of the page before
	Limit                     int    // 1 to 200; 0 is 50
}

// List returns people by id, and the After of the next page, "" on the last.
//
// Errors: ErrMayNot.
func (p *People) List(
	ctx context.Context, by access.Caller, f Filter,
) (all []Person, next string, err error) {
	if !maySee(by, placeOf(by)) {
		return nil, "", ErrMayNot.Newf("you see nobody")
	}
	l := listing{Filter: f, all: by.Role == access.Operator, storeNo: by.StoreNo}
	if !l.all {
		l.ParticipantNo = by.ParticipantNo
		if by.MerchantNo != 0 {
			l.MerchantNo = by.MerchantNo
		}
	}
	if l.Limit <= 0 {
		l.Limit = 50
	}
	limit := min(l.Limit, 200)
	l.Limit = limit + 1
	err = p.view(ctx, "list people", func(ctx context.Context, tx *db.Tx) error {
		found, err := listPeople(ctx, tx, l)
		if err != nil {
			return err
		}
		all, next = nil, ""
		if len(found) > limit {
			found = found[:limit]
			next = found[limit-1].ID
		}
		for _, a := range found {
			all = append(all, a.Person)
		}
		return nil
	})
	return all, next, err
}

// Find returns somebody that by may see; everybody sees themselves.
//
// Errors: ErrPerson.
func (p *People) Find(
	ctx context.Context, by access.Caller, personID string,
) (who Person, err error) {
	err = p.view(ctx, "find person", func(ctx context.Context, tx *db.Tx) error {
		who, err = visible(ctx, tx, by, personID)
		return err
	})
	return who, err
}

func visible(
	ctx context.Context, tx *db.Tx, by access.Caller, personID string,
) (Person, error) {
	a, err := accountOf(ctx, tx, personID)
	if err != nil {
		return Person{}, err
	}
	if !maySee(by, a.Place) && (by.PersonID == "" || by.PersonID != personID) {
		return Person{}, ErrPerson.Newf("there is no person %q", personID)
	}
	return a.Person, nil
}

// changeable returns somebody that by may change.
//
// Errors: ErrPerson, ErrMayNot.
func (p *People) changeable(
	ctx context.Context, by access.Caller, personID string,
) (who Person, err error) {
	err = p.view(ctx, "find person", func(ctx context.Context, tx *db.Tx) error {
		who, err = changeable(ctx, tx, by, personID)
		return err
	})
	return who, err
}

func changeable(
	ctx context.Context, tx *db.Tx, by access.Caller, personID string,
) (Person, error) {
	who, err := visible(ctx, tx, by, personID)
	if err != nil {
		return who, err
	}
	if who.Status == Ended || !May(by, who) {
		return who, ErrMayNot.Newf("you may not change this person so")
	}
	return who, nil
}

// managed changes somebody that by may change.
func (p *People) managed(
	ctx context.Context, what string, by access.Caller, personID string,
	fn func(context.Context, *db.Tx, Person) error,
) error {
	defer p.cache.Clear()
	return p.change(ctx, what, func(ctx context.Context, tx *db.Tx) error {
		if err := holdPerson(ctx, tx, personID); err != nil {
			return err
		}
		who, err := changeable(ctx, tx, by, personID)
		if err != nil {
			return err
		}
		return fn(ctx, tx, who)
	})
}

// SetRole moves somebody within their bank or merchant, and ends their sessions, links for their
// password, and those API keys that they made and could not make any more (P12).
//
// Errors: ErrPerson, ErrMayNot, ErrInvalid, ErrPlace.
func (p *People) SetRole(
	ctx context.Context, by access.Caller, personID string, to Place,
) error {
	if bad := checkPlace(to); bad != nil {
		return bad
	}
	if err := p.exists(ctx, to); err != nil {
		return err
	}
	return p.managed(ctx, "set role", by, personID,
		func(ctx context.Context, tx *db.Tx, who Person) error {
			if !mayInvite(by, to) || !mayMove(who.Place, to) {
				return ErrMayNot.Newf("you may not move this person there")
			}
			if who.Place == to {
				return nil
			}
			if err := setRole(ctx, tx, who.ID, to); err != nil {
				return err
			}
			if _, err := endSessions(ctx, tx, who.ID, ""); err != nil {
				return err
			}
			// Whoever made a link for the password may not do so for the new role.
			if err := endOffersTo(ctx, tx, offer{personID: who.ID}); err != nil {
				return err
			}
			if err := p.endKeys(ctx, tx, by, who, to); err != nil {
				return err
			}
			return p.note(ctx, tx, "person.moved", who.ID, to, by.Actor,
				fact{"from": who.Role, "to": to.Role, "from_store_no": who.StoreNo,
					"to_store_no": to.StoreNo})
		})
}

// End signs somebody out for ever. What they proved themselves by is removed, and the API keys
// that they made end (P12). Their bank's provider does not let them in again, an invitation does.
//
// Errors: ErrPerson, ErrMayNot.
func (p *People) End(ctx context.Context, by access.Caller, personID string) error {
	return p.managed(ctx, "end person", by, personID,
		func(ctx context.Context, tx *db.Tx, who Person) error {
			if _, err := endSessions(ctx, tx, who.ID, ""); err != nil {
				return err
			}
			if err := removeFactors(ctx, tx, who.ID); err != nil {
				return err
			}
			if err := endOffersTo(ctx, tx, offer{personID: who.ID}); err != nil {
				return err
			}
			if err := endPerson(ctx, tx, who.ID, now()); err != nil {
				return err
			}
			if err := p.endKeys(ctx, tx, by, who, Place{}); err != nil {
				return err
			}
			return p.note(ctx, tx, "person.ended", who.ID, who.Place, by.Actor, nil)
		})
}

// Unlock lets somebody try their password and codes again.
//
// Errors: ErrPerson, ErrMayNot.
func (p *People) Unlock(ctx context.Context, by access.Caller, personID string) error {
	return p.managed(ctx, "unlock", by, personID,
		func(ctx context.Context, tx *db.Tx, who Person) error {
			a := account{Person: who, emailKey: emailKey(who.Email)}
			a.LockedUntil = time.Unix(1, 0) // so that forgive clears the lock whatever its time
			if err := p.forgive(ctx, tx, a); err != nil {
				return err
			}
			return p.note(ctx, tx, "person.unlocked", who.ID, who.Place, by.Actor, nil)
		})
}

// SessionsOf lists the sessions of somebody that by may change.
//
// Errors: ErrPerson, ErrMayNot.
func (p *People) SessionsOf(
	ctx context.Context, by access.Caller, personID string,
) ([]Session, error) {
	if _, err := p.changeable(ctx, by, personID); err != nil {
		return nil, err
	}
	return p.sessions(ctx, personID)
}

// SignOutAll ends every session of somebody that by may change.
//
// Errors: ErrPerson, ErrMayNot.
func (p *People) SignOutAll(ctx context.Context, by access.Caller, personID string) error {
	return p.managed(ctx, "end sessions", by, personID,
		func(ctx context.Context, tx *db.Tx, who Person) error {
			n, err := endSessions(ctx, tx, who.ID, "")
			if err != nil || n == 0 {
				return err
			}
			return p.note(ctx, tx, "person.sessions_ended", who.ID, who.Place, by.Actor,
				fact{"count": n})
		})
}

// ChangePassword sets a new password, and ends the other sessions and links for another. old is ""
// for somebody who has none, and who has signed in or confirmed just now.
//
// Errors: ErrSignedOut, ErrRefused (field /old), ErrLocked, ErrPassword (field /new), ErrConfirm,
// ErrBusy.
func (p *People) ChangePassword(
	ctx context.Context, secret, old, fresh string, f From,
) error {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return err
	}
	plain, err := checkPassword(fresh, s.emailKey, "/new")
	if err != nil {
		return err
	}
	if s.HasPassword {
		if err := p.proveOld(ctx, s.account, old, f.clean()); err != nil {
			return err
		}
	} else if !s.justConfirmed() {
		return ErrConfirm.Newf("sign in again first")
	}
	phc, err := p.hashing.hash(ctx, plain)
	if err != nil {
		return err
	}
	defer p.cache.Clear()
	return p.change(ctx, "change password", func(ctx context.Context, tx *db.Tx) error {
		a, err := accountOf(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		if a.Status == Ended || a.password != s.password {
			return ErrSignedOut.Newf("the password was changed meanwhile")
		}
		if err := setPassword(ctx, tx, s.ID, phc); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, s.ID, s.hash); err != nil {
			return err
		}
		if err := endOffersTo(ctx, tx, offer{personID: s.ID}); err != nil {
			return err
		}
		return p.note(ctx, tx, "person.password_changed", s.ID, s.Place, s.Caller().Actor,
			fact{"address": f.clean().Address})
	})
}

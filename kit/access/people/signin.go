package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
)

// The lock-out (P3).
const (
	// MostWrong is how many wrong passwords an account may have within LockTime.
	MostWrong = 10
	// MostWrongOrigin is how many one address (a /64 of IPv6) may send within LockTime: a shop or
	// a branch stands behind one address.
	MostWrongOrigin = 30
	// LockTime is how long attempts count, and how long a password is locked after the last.
	LockTime = 15 * time.Minute
	// MostWrongCodes is how many wrong codes an account may have within CodeLockTime: whoever
	// guesses codes has the password already.
	MostWrongCodes = 10
	// CodeLockTime is how long wrong codes count.
	CodeLockTime = time.Hour
	// mostBegun is how many sign-ins one address may begin by passkey or by its bank within
	// LockTime, mostOpen how many may be open altogether.
	mostBegun = 100
	mostOpen  = 20_000
	// mostTickets is how many sign-ins of one person may be open.
	mostTickets = 20
)

// Attempt is an e-mail address with a password, perhaps with the code at once.
type Attempt struct {
	Email, Password string
	Code            string // "" when the page asks for it in a second step
	From
}

// The places at which attempts are counted.
func accountPlace(key string) string   { return hashOf("account:" + key) }
func codePlace(personID string) string { return hashOf("code:" + personID) }

// wrongPlace and beginPlace are "" where nothing is counted.
func (f From) wrongPlace() string { return f.place("address:") }
func (f From) beginPlace() string { return f.place("begin:") }

func (f From) place(what string) string {
	if origin := f.origin(); origin != "" {
		return hashOf(what + origin)
	}
	return ""
}

// SignIn checks a password. Whether an address is known shows neither in the answer nor in how
// long it takes (P2).
//
// Errors: ErrRefused, ErrLocked, ErrBusy; access.ErrClosed after the right password; with a Code
// those of SecondFactor.
func (p *People) SignIn(ctx context.Context, in Attempt) (Step, error) {
	f, key := in.From.clean(), emailKey(in.Email)
	wrong, err := p.count(ctx, f, accountPlace(key), MostWrong, LockTime)
	if err != nil {
		return Step{}, err
	}
	a, err := p.byEmail(ctx, key)
	if err != nil {
		return Step{}, err
	}
	right, err := p.hashing.matches(ctx, a.password, tried(in.Password))
	if err != nil {
		return Step{}, errors.Join(err, p.uncount(ctx, f, accountPlace(key)))
	}
	var step Step
	err = p.entering(ctx, "sign in", func(ctx context.Context, tx *db.Tx) (err error) {
		if right, err = stillRight(ctx, tx, &a, right); err != nil {
			return err
		}
		if !right {
			return p.refuse(ctx, tx, a, f, "password", wrong >= MostWrong, LockTime)
		}
		if err := takeBack(ctx, tx, f.wrongPlace()); err != nil {
			return err
		}
		if err := takeBack(ctx, tx, accountPlace(key)); err != nil {
			return err
		}
		if step, err = p.advance(ctx, tx, a, ByPassword, f); err != nil || step.Need != Nothing {
			return err
		}
		return p.forgive(ctx, tx, a)
	})
	switch {
	case err != nil:
		return Step{}, err
	case !right:
		return Step{}, ErrRefused.Newf("the e-mail address or the password is not right")
	case step.Need == NeedSecond && in.Code != "":
		return p.SecondFactor(ctx, step.Ticket, in.Code, f)
	}
	return step, nil
}

// byEmail returns who has an address; nobody is the zero account.
func (p *People) byEmail(ctx context.Context, key string) (a account, err error) {
	err = p.view(ctx, "find person", func(ctx context.Context, tx *db.Tx) error {
		a, err = accountByEmail(ctx, tx, key)
		return unknown(err, nil)
	})
	return a, err
}

// stillRight reads a person again whose password was compared outside the transaction.
func stillRight(ctx context.Context, tx *db.Tx, a *account, right bool) (bool, error) {
	if a.ID == "" {
		return false, nil
	}
	again, err := accountOf(ctx, tx, a.ID)
	if err != nil {
		return false, err
	}
	same := again.Status != Ended && again.password == a.password
	*a = again
	return right && same, nil
}

// count counts an attempt before it is looked at, so that many at a time are not more than one
// after the other, and returns how many wrong ones the place has if this one is wrong.
//
// Errors: ErrLocked.
func (p *People) count(
	ctx context.Context, f From, place string, most int, window time.Duration,
) (wrong int, err error) {
	locked := false
	err = p.change(ctx, "count attempt", func(ctx context.Context, tx *db.Tx) (err error) {
		// Who hammers on a locked door makes the database write nothing.
		locked, err = wrongReached(ctx, tx, f.wrongPlace(), MostWrongOrigin, LockTime, now())
		if err == nil && !locked {
			locked, err = wrongReached(ctx, tx, place, most, window, now())
		}
		if err != nil || locked {
			return err
		}
		_, counted, err := noteWrong(ctx, tx, f.wrongPlace(), MostWrongOrigin, LockTime, now())
		if err != nil {
			return err
		}
		if !counted {
			locked = true
			return nil
		}
		if wrong, counted, err = noteWrong(ctx, tx, place, most, window, now()); err != nil {
			return err
		}
		if !counted {
			locked = true
			return takeBack(ctx, tx, f.wrongPlace())
		}
		return nil
	})
	if err == nil && locked {
		err = lockedFor(window)
	}
	return wrong, err
}

// uncount takes an attempt back that could not be looked at.
func (p *People) uncount(ctx context.Context, f From, place string) error {
	ctx = context.WithoutCancel(ctx)
	return p.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := takeBack(ctx, tx, f.wrongPlace()); err != nil {
			return err
		}
		return takeBack(ctx, tx, place)
	})
}

func lockedFor(window time.Duration) *fault.Error {
	return ErrLocked.Newf("too many wrong attempts; try again in %d minutes",
		int(window/time.Minute)).Set("retry_after_minutes", int(window/time.Minute))
}

// refuse notes a wrong password or code, and the lock when it is the last.
func (p *People) refuse(
	ctx context.Context, tx *db.Tx, a account, f From, what string, last bool, window time.Duration,
) error {
	subject := a.ID
	if subject == "" {
		subject = "person:unknown"
	}
	if err := p.note(ctx, tx, "person.refused", subject, a.Place, "anonymous",
		fact{"wrong": what, "address": f.Address}); err != nil || !last || a.ID == "" {
		return err
	}
	if err := setLock(ctx, tx, a.ID, now().Add(window)); err != nil {
		return err
	}
	return p.note(ctx, tx, "person.locked", a.ID, a.Place, "anonymous",
		fact{"wrong": what, "address": f.Address, "minutes": int(window / time.Minute)})
}

// forgive forgets the wrong attempts of a person who has signed in.
func (p *People) forgive(ctx context.Context, tx *db.Tx, a account) error {
	if err := forgiveWrong(ctx, tx, accountPlace(a.emailKey)); err != nil {
		return err
	}
	if err := forgiveWrong(ctx, tx, codePlace(a.ID)); err != nil {
		return err
	}
	if a.LockedUntil.IsZero() {
		return nil
	}
	return setLock(ctx, tx, a.ID, time.Time{})
}

// ask makes a ticket for what is missing.
func (p *People) ask(ctx context.Context, tx *db.Tx, a account, need Need) (Step, error) {
	secret, until, err := p.newTicket(ctx, tx, string(need), a.ID, TicketTime, nil)
	if err != nil {
		return Step{}, err
	}
	return Step{Need: need, Ticket: secret, Until: until, Person: a.Person},
		endOldTickets(ctx, tx, a.ID, mostTickets)
}

// newTicket keeps data, sealed, for whoever brings the secret back.
func (p *People) newTicket(
	ctx context.Context, tx *db.Tx, purpose, personID string, lasts time.Duration, data any,
) (secret string, until time.Time, err error) {
	text, err := json.Marshal(data)
	if err != nil {
		return "", until, fmt.Errorf("write ticket: %w", err)
	}
	secret, until = newSecret(ticketPrefix), now().Add(lasts)
	return secret, until, addTicket(ctx, tx, ticket{hash: hashOf(secret), purpose: purpose,
		personID: personID, data: p.Ring.Seal(purpose + ":" + string(text)), until: until})
}

func errTicketOver() *fault.Error { return ErrTicket.Newf("begin the sign-in again") }

// openTicket returns what newTicket kept.
//
// Errors: ErrTicket.
func (p *People) openTicket(
	ctx context.Context, tx *db.Tx, secret, purpose string, data any,
) (ticket, error) {
	if !formed(secret, ticketPrefix) {
		return ticket{}, errTicketOver()
	}
	t, err := findTicket(ctx, tx, hashOf(secret), purpose)
	if err != nil {
		return t, err
	}
	text, err := p.unseal(t.data, purpose)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(text), data); err != nil {
		return t, fmt.Errorf("read ticket: %w", err)
	}
	return t, nil
}

// seal seals a text for one purpose and owner, so that it cannot be put elsewhere.
func (p *People) seal(text, purpose string) string { return p.Ring.Seal(purpose + ":" + text) }

// unseal is the reverse of seal.
func (p *People) unseal(sealed, purpose string) (string, error) {
	text, err := p.Ring.Unseal(sealed)
	if err != nil {
		return "", fmt.Errorf("unseal %s: %w", purpose, err)
	}
	if len(text) <= len(purpose) || text[:len(purpose)+1] != purpose+":" {
		return "", fmt.Errorf("unseal %s: it was sealed for something else", purpose)
	}
	return text[len(purpose)+1:], nil
}

// begin counts a sign-in that begins with nobody known.
//
// Errors: ErrLocked, ErrBusy.
func (p *People) begin(ctx context.Context, tx *db.Tx, f From) (refusal error, err error) {
	_, counted, err := noteWrong(ctx, tx, f.beginPlace(), mostBegun, LockTime, now())
	if err != nil {
		return nil, err
	}
	if !counted {
		return lockedFor(LockTime), nil
	}
	open, err := countTickets(ctx, tx)
	if err == nil && open >= mostOpen {
		return ErrBusy.Newf("too many sign-ins are open"), nil
	}
	return nil, err
}

// Ticket tells who a ticket of SignIn or Accept belongs to and what it is for.
//
// Errors: ErrTicket.
func (p *People) Ticket(ctx context.Context, secret string) (who Person, need Need, err error) {
	err = p.view(ctx, "find ticket", func(ctx context.Context, tx *db.Tx) error {
		for _, need = range []Need{NeedSecond, NeedEnrol} {
			var a account
			if a, _, err = p.holder(ctx, tx, secret, need); err == nil {
				who = a.Person
				return nil
			}
			if !errors.Is(err, ErrTicket) {
				return err
			}
		}
		return err
	})
	if err != nil {
		return Person{}, Nothing, err
	}
	return who, need, nil
}

// holder returns who has a ticket for a need.
//
// Errors: ErrTicket.
func (p *People) holder(
	ctx context.Context, tx *db.Tx, secret string, need Need,
) (account, ticket, error) {
	var none any
	t, err := p.openTicket(ctx, tx, secret, string(need), &none)
	if err != nil {
		return account{}, t, err
	}
	a, err := accountOf(ctx, tx, t.personID)
	if err == nil && a.Status == Ended {
		err = errTicketOver()
	}
	return a, t, err
}

package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"golang.org/x/text/unicode/norm"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/id"
)

// The parameters of TOTP: those that every authenticator app knows (RFC 6238, section 4).
const (
	totpBytes  = 20
	totpDigits = 6
	totpPeriod = 30 // seconds
	totpSkew   = 1  // steps before and after
	setUpTime  = 15 * time.Minute
)

// RecoveryCodeCount is how many recovery codes are made at a time, each of 80 random bits.
const (
	RecoveryCodeCount = 10
	recoveryBytes     = 10
	recoveryLen       = 16
)

// tidyCode returns a code as it was meant: without blanks and hyphens, narrow, lower case.
func tidyCode(code string) string {
	if len(code) > 100 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' || r == '　' {
			return -1
		}
		return r
	}, strings.ToLower(norm.NFKC.String(code)))
}

// isTOTP tells whether a tidy code has the form of an app's.
func isTOTP(code string) bool {
	return len(code) == totpDigits && strings.Trim(code, "0123456789") == ""
}

// totpStepOf returns the time step that a code belongs to; false for a wrong code and for one of a
// step that was used before (RFC 6238, section 5.2).
func totpStepOf(secret, code string, used int64, at time.Time) (int64, bool) {
	current := at.Unix() / totpPeriod
	for step := current - totpSkew; step <= current+totpSkew; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err == nil && step > used && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// takeCode checks a code of an account in a transaction and uses it up.
func (p *People) takeCode(
	ctx context.Context, tx *db.Tx, a account, code string,
) (m Method, right bool, err error) {
	code = tidyCode(code)
	if isTOTP(code) && a.totp != "" {
		secret, err := p.unseal(a.totp, totpPurpose(a.ID))
		if err != nil {
			return "", false, err
		}
		step, ok := totpStepOf(secret, code, a.totpStep, clock.Now())
		if !ok {
			return "", false, nil
		}
		used, err := useTOTP(ctx, tx, a.ID, step)
		return ByTOTP, used, err
	}
	if len(code) != recoveryLen {
		return "", false, nil
	}
	used, err := useRecovery(ctx, tx, a.ID, recoveryHash(a.ID, code))
	return ByRecovery, used, err
}

func totpPurpose(personID string) string { return "totp:" + personID }

func recoveryHash(personID, code string) string { return hashOf(personID + "|" + code) }

// SecondFactor takes the code of an app, or a recovery code. A ticket is good for several tries.
//
// Errors: ErrCode, ErrTicket, ErrLocked, access.ErrClosed.
func (p *People) SecondFactor(
	ctx context.Context, ticket, code string, f From,
) (step Step, err error) {
	f = f.clean()
	who, need, err := p.Ticket(ctx, ticket)
	if err == nil && need != NeedSecond {
		err = errTicketOver()
	}
	if err != nil {
		return Step{}, err
	}
	wrong, err := p.count(ctx, f, codePlace(who.ID), MostWrongCodes, CodeLockTime)
	if err != nil {
		return Step{}, err
	}
	right := false
	err = p.entering(ctx, "take second factor", func(ctx context.Context, tx *db.Tx) error {
		a, t, err := p.holder(ctx, tx, ticket, NeedSecond)
		if err != nil {
			return err
		}
		var m Method
		if m, right, err = p.takeCode(ctx, tx, a, code); err != nil {
			return err
		}
		if !right {
			return p.refuse(ctx, tx, a, f, "code", wrong >= MostWrongCodes, CodeLockTime)
		}
		if step, err = p.finish(ctx, tx, a, t, m, f); err != nil {
			return err
		}
		return takeBack(ctx, tx, f.wrongPlace())
	})
	if err == nil && !right {
		err = ErrCode.Newf("the code is wrong, over, or was used before").
			At("/code", "is not right")
	}
	return step, err
}

// finish uses a ticket up, signs its holder in and forgives.
func (p *People) finish(
	ctx context.Context, tx *db.Tx, a account, t ticket, m Method, f From,
) (Step, error) {
	first, err := useTicket(ctx, tx, t.hash)
	if err == nil && !first {
		err = errTicketOver()
	}
	if err != nil {
		return Step{}, err
	}
	if err := p.forgive(ctx, tx, a); err != nil {
		return Step{}, err
	}
	return p.enter(ctx, tx, a, m, f)
}

// prove checks the password or a TOTP code of somebody who is signed in.
//
// Errors: ErrRefused, ErrLocked, ErrBusy.
func (p *People) prove(ctx context.Context, a account, passwordOrCode string, f From) error {
	code := tidyCode(passwordOrCode)
	byCode := isTOTP(code) && a.totp != ""
	place, most, window, what := accountPlace(a.emailKey), MostWrong, LockTime, "password"
	if byCode {
		place, most, window, what = codePlace(a.ID), MostWrongCodes, CodeLockTime, "code"
	}
	wrong, err := p.count(ctx, f, place, most, window)
	if err != nil {
		return err
	}
	right := false
	if !byCode {
		right, err = p.hashing.matches(ctx, a.password, tried(passwordOrCode))
		if err != nil {
			return errors.Join(err, p.uncount(ctx, f, place))
		}
	}
	err = p.change(ctx, "confirm", func(ctx context.Context, tx *db.Tx) (err error) {
		if byCode {
			fresh, err := accountOf(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			if _, right, err = p.takeCode(ctx, tx, fresh, code); err != nil {
				return err
			}
		}
		if !right {
			return p.refuse(ctx, tx, a, f, what, wrong >= most, window)
		}
		if err := takeBack(ctx, tx, f.wrongPlace()); err != nil {
			return err
		}
		return takeBack(ctx, tx, place)
	})
	if err == nil && !right {
		err = ErrRefused.Newf("the %s is not right", what).At("/password", "is not right")
	}
	return err
}

// Enrolment is what an authenticator app scans.
type Enrolment struct {
	Secret string // base 32, for typing
	URL    string // otpauth://…, for a QR code
}

// EnrolTOTP begins to set up an authenticator app; ConfirmTOTP ends it, within a quarter of an
// hour. Beginning again drops what was begun before.
//
// Errors: ErrSignedOut, ErrTicket, ErrConfirm, ErrHasTOTP.
func (p *People) EnrolTOTP(ctx context.Context, h Holder) (Enrolment, error) {
	raw := make([]byte, totpBytes)
	rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	var a account
	err := p.change(ctx, "begin with an app", func(ctx context.Context, tx *db.Tx) (err error) {
		if a, _, err = p.enrolling(ctx, tx, h); err != nil {
			return err
		}
		if a.Factors.TOTP {
			return ErrHasTOTP.Newf("remove it first")
		}
		return setTOTPNext(ctx, tx, a.ID, p.seal(secret, totpPurpose(a.ID)),
			now().Add(setUpTime))
	})
	if err != nil {
		return Enrolment{}, err
	}
	q := url.Values{"secret": {secret}, "issuer": {"Watari"}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(totpPeriod)}}
	return Enrolment{Secret: secret, URL: "otpauth://totp/Watari:" +
		url.PathEscape(a.Email) + "?" + q.Encode()}, nil
}

// enrolling returns who may add a second factor: somebody freshly signed in, or somebody who must
// have one and has none, with their ticket.
//
// Errors: ErrSignedOut, ErrConfirm, ErrTicket.
func (p *People) enrolling(
	ctx context.Context, tx *db.Tx, h Holder,
) (a account, t ticket, err error) {
	if h.Session != "" {
		if a, err = p.freshIn(ctx, tx, h.Session); err != nil {
			return a, t, err
		}
		return a, t, holdPerson(ctx, tx, a.ID)
	}
	a, t, err = p.holder(ctx, tx, h.Ticket, NeedEnrol)
	if err != nil {
		return a, t, err
	}
	if err := holdPerson(ctx, tx, a.ID); err != nil {
		return a, t, err
	}
	// Somebody else with the same password may have been first.
	if a, err = accountOf(ctx, tx, a.ID); err == nil && a.Factors.Any() {
		err = errTicketOver()
	}
	return a, t, err
}

// freshIn is fresh inside a transaction: it asks the database, not the cache.
func (p *People) freshIn(ctx context.Context, tx *db.Tx, secret string) (account, error) {
	if !formed(secret, sessionPrefix) {
		return account{}, ErrSignedOut.Newf("there is no session")
	}
	s, known, err := p.findSeat(ctx, tx, hashOf(secret))
	switch {
	case err != nil:
		return account{}, err
	case !known:
		return account{}, ErrSignedOut.Newf("the session is not known or has ended")
	case !s.justConfirmed():
		return account{}, ErrConfirm.Newf("enter the password again first")
	}
	return s.account, nil
}

// Enrolled is what a new second factor brings.
type Enrolled struct {
	// Codes are ten new recovery codes, shown once; nil when there are old ones.
	Codes []string
	// Step signs in somebody who came with a ticket; else it is empty.
	Step Step
}

// ConfirmTOTP takes the first code of the app.
//
// Errors: ErrCode, ErrLocked and those of EnrolTOTP.
func (p *People) ConfirmTOTP(
	ctx context.Context, h Holder, code string, f From,
) (out Enrolled, err error) {
	f = f.clean()
	right := false
	err = p.change(ctx, "end with an app", func(ctx context.Context, tx *db.Tx) error {
		out, right = Enrolled{}, false
		a, t, err := p.enrolling(ctx, tx, h)
		if err != nil {
			return err
		}
		if a.totpNext == "" || now().After(a.nextUntil) {
			return nil
		}
		secret, err := p.unseal(a.totpNext, totpPurpose(a.ID))
		if err != nil {
			return err
		}
		step, ok := totpStepOf(secret, tidyCode(code), 0, clock.Now())
		if !ok {
			return nil
		}
		right = true
		if err := adoptTOTP(ctx, tx, a.ID, step); err != nil {
			return err
		}
		if err := p.note(ctx, tx, "person.totp_added", a.ID, a.Place, a.Caller().Actor,
			fact{"address": f.Address}); err != nil {
			return err
		}
		out, err = p.enrolled(ctx, tx, a, t, ByTOTP, f)
		return err
	})
	p.cache.Clear()
	if err == nil && !right {
		err = ErrCode.Newf("the code does not fit the new app").At("/code", "is not right")
	}
	return out, err
}

// enrolled makes recovery codes for the first second factor, and signs in whoever came with a
// ticket.
func (p *People) enrolled(
	ctx context.Context, tx *db.Tx, a account, t ticket, m Method, f From,
) (out Enrolled, err error) {
	if a.Factors.Recovery == 0 {
		if out.Codes, err = newRecovery(ctx, tx, a.ID); err != nil {
			return out, err
		}
	}
	if t.hash == "" {
		return out, nil
	}
	if a, err = accountOf(ctx, tx, a.ID); err != nil {
		return out, err
	}
	out.Step, err = p.finish(ctx, tx, a, t, m, f)
	return out, err
}

// newRecovery replaces the recovery codes of a person.
func newRecovery(ctx context.Context, tx *db.Tx, personID string) ([]string, error) {
	codes, hashes := make([]string, RecoveryCodeCount), make([]string, RecoveryCodeCount)
	for i := range codes {
		raw := id.Secret(recoveryBytes)
		hashes[i] = recoveryHash(personID, raw)
		codes[i] = raw[:4] + "-" + raw[4:8] + "-" + raw[8:12] + "-" + raw[12:]
	}
	return codes, setRecovery(ctx, tx, personID, hashes)
}

// RemoveTOTP removes the authenticator app.
//
// Errors: ErrSignedOut, ErrConfirm, ErrLastFactor, ErrNoFactor.
func (p *People) RemoveTOTP(ctx context.Context, secret string) error {
	defer p.cache.Clear()
	return p.change(ctx, "remove app", func(ctx context.Context, tx *db.Tx) error {
		a, _, err := p.enrolling(ctx, tx, Holder{Session: secret})
		if err != nil {
			return err
		}
		if !a.Factors.TOTP {
			return ErrNoFactor.Newf("there is no app")
		}
		if err := p.mayLose(a, a.Factors.Passkeys); err != nil {
			return err
		}
		if err := removeTOTP(ctx, tx, a.ID); err != nil {
			return err
		}
		if a.Factors.Passkeys == 0 {
			if err := setRecovery(ctx, tx, a.ID, nil); err != nil {
				return err
			}
		}
		return p.note(ctx, tx, "person.totp_removed", a.ID, a.Place, a.Caller().Actor, nil)
	})
}

// mayLose refuses to leave a person of a role that needs it without a second factor.
func (p *People) mayLose(a account, left int) error {
	if left == 0 && NeedsSecond(a.Role) && !p.Sandbox {
		return ErrLastFactor.Newf("add another one first")
	}
	return nil
}

// RecoveryCodes makes ten new ones; the old ones are gone.
//
// Errors: ErrSignedOut, ErrConfirm, ErrNoFactor.
func (p *People) RecoveryCodes(ctx context.Context, secret string) (codes []string, err error) {
	defer p.cache.Clear()
	err = p.change(ctx, "make recovery codes", func(ctx context.Context, tx *db.Tx) error {
		a, _, err := p.enrolling(ctx, tx, Holder{Session: secret})
		if err != nil {
			return err
		}
		if !a.Factors.Any() {
			return ErrNoFactor.Newf("set up an app or a passkey first")
		}
		if codes, err = newRecovery(ctx, tx, a.ID); err != nil {
			return err
		}
		return p.note(ctx, tx, "person.recovery_made", a.ID, a.Place, a.Caller().Actor, nil)
	})
	return codes, err
}

// proveOld checks the password that somebody wants to change, never a code.
func (p *People) proveOld(ctx context.Context, a account, old string, f From) error {
	a.totp = ""
	err := p.prove(ctx, a, old, f)
	if e := new(fault.Error); errors.As(err, &e) && e.Problem == ErrRefused {
		return ErrRefused.Newf("the password is not right").At("/old", "is not right")
	}
	return err
}

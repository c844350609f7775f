package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
)

// The limits of API keys.
const (
	// MostKeys is how many good keys one bank, or one merchant, may have.
	MostKeys = 100
	// MostTillKeys is how many good keys one terminal may have: one, the next, and some to spare.
	MostTillKeys = 4
	// MostTerminalKeys is how many good keys the terminals of one merchant may have together.
	MostTerminalKeys = 1000
	// OverlapMax is how long a key may go on working after it was replaced.
	OverlapMax = 7 * 24 * time.Hour
)

// The problems of API keys.
var (
	// ErrKey: no key with that id, or none that the caller may see.
	ErrKey = fault.Define("api-key-not-found", fault.NotFound, "No such API key")
	// ErrKeyOver: the key was revoked or replaced.
	ErrKeyOver = fault.Define("api-key-over", fault.Conflict,
		"The API key was revoked or replaced")
)

// Keyring lets people look after the API keys of their own place, and tells the trail.
type Keyring struct {
	people *People
	keys   *access.Keys
}

// NewKeyring returns the keyring of keys.
func NewKeyring(p *People, keys *access.Keys) *Keyring { return &Keyring{p, keys} }

// KeyRoles returns the roles of the keys that by may make. Operators make none: their keys are made
// with watari operator add, because whoever had two would be two people to a change that two
// decide.
func KeyRoles(by access.Caller) []access.Role {
	switch by.Role {
	case access.Acquirer:
		return []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer,
			access.MerchantOwner, access.MerchantManager, access.MerchantCashier,
			access.Terminal}
	case access.MerchantOwner:
		return []access.Role{access.MerchantOwner, access.MerchantManager,
			access.MerchantCashier, access.Terminal}
	}
	return nil
}

// keepsKeys tells whether by may revoke and replace keys of a place.
func keepsKeys(by access.Caller, at Place) bool {
	switch by.Role {
	case access.Operator, access.Acquirer, access.MerchantOwner:
		return within(by, at)
	}
	return false
}

// mayMakeKey tells whether by may make a key of a grant.
func mayMakeKey(by access.Caller, g access.Grant) bool {
	return slices.Contains(KeyRoles(by), g.Role) && within(by, placeOfGrant(g))
}

func placeOfGrant(g access.Grant) Place {
	return Place{Role: g.Role, ParticipantNo: g.ParticipantNo, MerchantNo: g.MerchantNo,
		StoreNo: g.StoreNo}
}

func placeOfKey(k access.Key) Place { return placeOfGrant(k.Grant) }

// List returns the keys of a place that by may see, oldest first, revoked ones among them: of a
// participant with its merchants and terminals, or of one merchant. Operators see their own with
// participant 0.
//
// Errors: ErrMayNot.
func (r *Keyring) List(
	ctx context.Context, by access.Caller, participantNo, merchantNo int64,
) (keys []access.Key, err error) {
	if by.Role != access.Operator {
		participantNo = by.ParticipantNo
		if by.MerchantNo != 0 {
			merchantNo = by.MerchantNo
		}
	}
	if !keepsKeys(by, Place{ParticipantNo: participantNo, MerchantNo: merchantNo}) &&
		by.Role != access.AcquirerViewer && by.Role != access.AcquirerClerk {
		return nil, ErrMayNot.Newf("you may not see these keys")
	}
	err = r.people.view(ctx, "list keys", func(ctx context.Context, tx *db.Tx) error {
		if merchantNo == 0 {
			keys, err = r.keys.List(ctx, tx, participantNo)
		} else {
			keys, err = r.keys.ListMerchant(ctx, tx, participantNo, merchantNo)
		}
		return err
	})
	return keys, err
}

// Make makes a key and returns it, the only time that it is seen.
//
// Errors: ErrMayNot, ErrInvalid, ErrPlace, ErrTooMany.
func (r *Keyring) Make(
	ctx context.Context, by access.Caller, g access.Grant,
) (secret string, key access.Key, err error) {
	if !mayMakeKey(by, g) {
		return "", key, ErrMayNot.Newf("you may not make keys of the role %s there", g.Role)
	}
	if g.Label = cleanName(g.Label); g.Label == "" {
		return "", key, ErrInvalid.Newf("the label cannot be right").
			At("/label", "is missing, too long, or has characters that cannot be shown")
	}
	if g.Check() != nil || g.Role == access.Terminal && g.MerchantNo == 0 {
		return "", key, ErrInvalid.Newf("the role does not fit the place").
			At("/role", "does not fit the place")
	}
	if err := r.people.exists(ctx, placeOfGrant(g)); err != nil {
		return "", key, err
	}
	if err := r.terminalExists(ctx, g); err != nil {
		return "", key, err
	}
	err = r.people.change(ctx, "make key", func(ctx context.Context, tx *db.Tx) error {
		if err := r.stillMay(ctx, tx, by); err != nil {
			return err
		}
		if err := r.roomFor(ctx, tx, g); err != nil {
			return err
		}
		g.Behind = by.Name()
		if secret, key, err = r.keys.Make(ctx, tx, g, by.Actor); err != nil {
			return err
		}
		return r.note(ctx, tx, "api_key.made", key, by, madeFact(g))
	})
	return secret, key, err
}

// stillMay refuses a maker who has ended, was moved or was revoked since they were recognised: what
// they made now, nobody would end (P12).
//
// Errors: ErrMayNot.
func (r *Keyring) stillMay(ctx context.Context, tx *db.Tx, by access.Caller) error {
	gone := ErrMayNot.Newf("you may not make keys any more")
	if by.PersonID != "" {
		if err := holdPerson(ctx, tx, by.PersonID); err != nil {
			return err
		}
		a, err := accountOf(ctx, tx, by.PersonID)
		if err == nil && (a.Status == Ended || a.Place != placeOf(by)) {
			err = gone
		}
		return err
	}
	if by.KeyID == "" {
		return nil
	}
	k, err := r.keys.Find(ctx, tx, by.KeyID)
	if err == nil && !k.Good(clock.Now()) {
		err = gone
	}
	return err
}

// madeFact is what the trail keeps of a new key.
func madeFact(g access.Grant) fact {
	f := fact{"role": g.Role, "merchant_no": g.MerchantNo, "store_no": g.StoreNo}
	if g.TerminalNo != 0 {
		f["terminal_no"] = g.TerminalNo
	}
	return f
}

// terminalExists refuses a key for a terminal that is not the store's.
//
// Errors: ErrPlace.
func (r *Keyring) terminalExists(ctx context.Context, g access.Grant) error {
	if g.TerminalNo == 0 || r.people.Terminal == nil {
		return nil
	}
	ok, err := r.people.Terminal(ctx, g.StoreNo, g.TerminalNo)
	if err != nil {
		return fmt.Errorf("look for the terminal: %w", err)
	}
	if !ok {
		return errNoTerminal()
	}
	return nil
}

func errNoTerminal() error { return ErrPlace.Newf("the store has no such terminal") }

// roomFor refuses a key too many.
func (r *Keyring) roomFor(ctx context.Context, tx *db.Tx, g access.Grant) error {
	list := r.keys.List
	if g.MerchantNo != 0 {
		list = func(ctx context.Context, tx *db.Tx, participantNo int64) ([]access.Key, error) {
			return r.keys.ListMerchant(ctx, tx, participantNo, g.MerchantNo)
		}
	}
	all, err := list(ctx, tx, g.ParticipantNo)
	if err != nil {
		return err
	}
	till, n, most := 0, 0, MostKeys
	if g.Role == access.Terminal {
		most = MostTerminalKeys
	}
	for _, k := range all {
		if k.MerchantNo != g.MerchantNo || !k.Good(clock.Now()) ||
			(k.Role == access.Terminal) != (g.Role == access.Terminal) {
			continue
		}
		n++
		if k.TerminalNo == g.TerminalNo {
			till++
		}
	}
	if n >= most {
		return ErrTooMany.Newf("%d keys are good; revoke some", n)
	}
	if g.Role == access.Terminal && till >= MostTillKeys {
		return ErrTooMany.Newf("%d keys of this terminal are good; revoke some", till)
	}
	return nil
}

func (r *Keyring) note(
	ctx context.Context, tx *db.Tx, kind string, k access.Key, by access.Caller, data fact,
) error {
	return r.people.note(ctx, tx, kind, k.ID, placeOfKey(k), by.Actor, data)
}

// find returns a key that by may look after.
//
// Errors: ErrKey.
func (r *Keyring) find(
	ctx context.Context, tx *db.Tx, by access.Caller, keyID string,
) (access.Key, error) {
	k, err := r.keys.Find(ctx, tx, keyID)
	gone := ErrKey.Newf("there is no API key %q", keyID)
	if errors.Is(err, db.ErrNoRows) {
		return k, gone
	}
	if err == nil && !keepsKeys(by, placeOfKey(k)) {
		err = gone
	}
	return k, err
}

// Replace makes a key of by's with the same rights and label, and ends the old one after overlap,
// 0 to OverlapMax.
//
// Errors: ErrKey, ErrKeyOver, ErrMayNot, ErrInvalid.
func (r *Keyring) Replace(
	ctx context.Context, by access.Caller, keyID string, overlap time.Duration,
) (secret string, key access.Key, err error) {
	if overlap < 0 || overlap > OverlapMax {
		return "", key, ErrInvalid.Newf("the overlap is 0 to %s", OverlapMax).
			At("/overlap_hours", "is out of range")
	}
	err = r.people.change(ctx, "replace key", func(ctx context.Context, tx *db.Tx) error {
		if err := r.stillMay(ctx, tx, by); err != nil {
			return err
		}
		old, err := r.find(ctx, tx, by, keyID)
		if err != nil {
			return err
		}
		if by.Role == access.Operator && old.Role != access.Operator {
			return ErrMayNot.Newf("its owner replaces it; you may revoke it")
		}
		if !old.Revoked.IsZero() {
			return ErrKeyOver.Newf("the key was revoked or replaced before")
		}
		g := old.Grant
		g.Behind = by.Name() // who sees the secret now (access, A7)
		if secret, key, err = r.keys.Make(ctx, tx, g, by.Actor); err != nil {
			return err
		}
		if err := r.keys.RevokeAt(ctx, tx, old.ID, clock.Now().Add(overlap)); err != nil {
			return err
		}
		return r.note(ctx, tx, "api_key.replaced", old, by, fact{"by": key.ID,
			"overlap_s": int(overlap / time.Second)})
	})
	return secret, key, err
}

// Revoke ends a key now. Doing it again changes nothing.
//
// Errors: ErrKey.
func (r *Keyring) Revoke(ctx context.Context, by access.Caller, keyID string) error {
	return r.people.change(ctx, "revoke key", func(ctx context.Context, tx *db.Tx) error {
		k, err := r.find(ctx, tx, by, keyID)
		if err != nil || !k.Good(clock.Now()) {
			return err
		}
		if err := r.keys.Revoke(ctx, tx, k.ID); err != nil {
			return err
		}
		return r.note(ctx, tx, "api_key.revoked", k, by, nil)
	})
}

// NoteMade tells the trail of a key that was made without the keyring, in the transaction that
// made it.
func (p *People) NoteMade(ctx context.Context, tx *db.Tx, k access.Key) error {
	return p.note(ctx, tx, "api_key.made", k.ID, placeOfKey(k), k.MadeBy, madeFact(k.Grant))
}

// endKeys ends the keys that somebody made and, at another place, could not make (P12). The zero
// place is for who ends.
func (p *People) endKeys(
	ctx context.Context, tx *db.Tx, by access.Caller, who Person, to Place,
) error {
	then := Person{ID: who.ID, Place: to}.Caller()
	ended, err := access.RevokeOf(ctx, tx, who.ParticipantNo, who.Caller().Actor,
		func(k access.Key) bool { return to == (Place{}) || !mayMakeKey(then, k.Grant) })
	if err != nil {
		return err
	}
	because := "person.moved"
	if to == (Place{}) {
		because = "person.ended"
	}
	for _, k := range ended {
		if err := p.note(ctx, tx, "api_key.revoked", k.ID, placeOfKey(k), by.Actor,
			fact{"because": because, "person": who.ID}); err != nil {
			return err
		}
	}
	return nil
}

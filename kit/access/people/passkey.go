package people

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/id"
)

// passkeyTime is how long a browser may take to answer, passkeyMax how many bytes its answer may
// have, handleMax how many its handle for a person: as many as browsers keep.
const (
	passkeyTime = 5 * time.Minute
	passkeyMax  = 64 << 10
	handleMax   = 64
)

// The purposes of tickets beside the needs.
const (
	purposeMake = "passkey-make"
	purposeUse  = "passkey-use"
)

// PasskeyAsk is a question to a browser: Options is the argument of
// navigator.credentials.create() or .get() in its JSON form ({"publicKey": …}), Ticket comes back
// with the answer within five minutes.
type PasskeyAsk struct {
	Ticket  string
	Options json.RawMessage
}

// relyingParty is this site as browsers know it. Passkeys belong to a host name, so a site at an
// IP address has none; on this computer they are had at localhost, of the same port.
func relyingParty(publicURL string) (*webauthn.WebAuthn, string) {
	if publicURL == "" {
		return nil, ""
	}
	u, err := url.Parse(publicURL)
	check.That(err == nil, "people: the public address %q is none", publicURL)
	host := strings.ToLower(u.Hostname())
	origins := []string{u.Scheme + "://" + u.Host}
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return nil, ""
		}
		host = "localhost"
		origins = []string{"http://localhost"}
		if port := u.Port(); port != "" {
			origins[0] += ":" + port
		}
	}
	verified := protocol.VerificationRequired
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "Watari",
		RPOrigins: origins, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   verified}})
	check.That(err == nil, "people: passkeys of %q: %v", publicURL, err)
	return w, host
}

// PasskeysAt tells whether browsers can use passkeys on pages of a host (the Host header).
func (p *People) PasskeysAt(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return p.keys != nil && strings.EqualFold(host, p.keyHost)
}

// holderOfKeys is a person as the library asks for one.
type holderOfKeys struct {
	account
	credentials []webauthn.Credential
	stored      []storedKey
}

// WebAuthnID and the methods after it are webauthn.User.
func (h *holderOfKeys) WebAuthnID() []byte { return []byte(h.ID) }

// WebAuthnName is what a browser shows to choose by.
func (h *holderOfKeys) WebAuthnName() string { return h.Email }

// WebAuthnDisplayName is what people call them.
func (h *holderOfKeys) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials are the passkeys.
func (h *holderOfKeys) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

// withKeys reads the passkeys of a person.
func (p *People) withKeys(ctx context.Context, tx *db.Tx, a account) (*holderOfKeys, error) {
	stored, err := passkeysOf(ctx, tx, a.ID)
	if err != nil {
		return nil, err
	}
	h := &holderOfKeys{account: a, stored: stored}
	for _, k := range stored {
		text, err := p.unseal(k.credential, keyPurpose(a.ID))
		if err != nil {
			return nil, err
		}
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return nil, fmt.Errorf("read passkey %s: %w", k.ID, err)
		}
		h.credentials = append(h.credentials, c)
	}
	return h, nil
}

func keyPurpose(personID string) string { return "passkey:" + personID }

// sealKey is what is kept of a credential.
func (p *People) sealKey(personID string, c *webauthn.Credential) (string, error) {
	c.Attestation = webauthn.CredentialAttestation{} // not asked for, not kept
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("write passkey: %w", err)
	}
	return p.seal(string(text), keyPurpose(personID)), nil
}

// making is what BeginPasskey keeps for FinishPasskey.
type making struct {
	Data webauthn.SessionData `json:"data"`
}

func errPasskey(cause error) error {
	return ErrPasskey.Newf("the browser's answer does not fit").Because(cause)
}

// BeginPasskey asks a browser to make a passkey.
//
// Errors: ErrSignedOut, ErrTicket, ErrConfirm, ErrTooMany; ErrPasskey at an address that cannot
// have any.
func (p *People) BeginPasskey(ctx context.Context, h Holder) (ask PasskeyAsk, err error) {
	if p.keys == nil {
		return ask, ErrPasskey.Newf("a site at an IP address has no passkeys")
	}
	err = p.change(ctx, "begin with a passkey", func(ctx context.Context, tx *db.Tx) error {
		a, _, err := p.enrolling(ctx, tx, h)
		if err != nil {
			return err
		}
		who, err := p.withKeys(ctx, tx, a)
		if err != nil {
			return err
		}
		if len(who.stored) >= MostPasskeys {
			return ErrTooMany.Newf("there are %d passkeys; remove one first", len(who.stored))
		}
		var known []protocol.CredentialDescriptor
		for i := range who.credentials {
			known = append(known, who.credentials[i].Descriptor())
		}
		made, data, err := p.keys.BeginRegistration(who, webauthn.WithExclusions(known))
		if err != nil {
			return fmt.Errorf("ask for a passkey: %w", err)
		}
		if ask.Options, err = json.Marshal(made); err != nil {
			return fmt.Errorf("write the question: %w", err)
		}
		ask.Ticket, _, err = p.newTicket(ctx, tx, purposeMake, a.ID, passkeyTime, making{*data})
		if err != nil {
			return err
		}
		return endOldTickets(ctx, tx, a.ID, mostTickets)
	})
	return ask, err
}

// FinishPasskey takes the browser's answer, PublicKeyCredential.toJSON(). label names the passkey
// for its owner; "" is "Passkey".
//
// Errors: ErrPasskey and those of BeginPasskey.
func (p *People) FinishPasskey(
	ctx context.Context, h Holder, ticket, label string, answer []byte, f From,
) (out Enrolled, err error) {
	f = f.clean()
	if p.keys == nil || len(answer) > passkeyMax {
		return out, errPasskey(nil)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return out, errPasskey(err)
	}
	if label = cleanName(label); label == "" {
		label = "Passkey"
	}
	defer p.cache.Clear()
	err = p.change(ctx, "make passkey", func(ctx context.Context, tx *db.Tx) error {
		out = Enrolled{}
		a, enrol, err := p.enrolling(ctx, tx, h)
		if err != nil {
			return err
		}
		if err := p.keepPasskey(ctx, tx, a, ticket, label, parsed); err != nil {
			return err
		}
		if err := p.note(ctx, tx, "person.passkey_added", a.ID, a.Place, a.Caller().Actor,
			fact{"address": f.Address}); err != nil {
			return err
		}
		out, err = p.enrolled(ctx, tx, a, enrol, ByPasskey, f)
		return err
	})
	return out, err
}

func (p *People) keepPasskey(
	ctx context.Context, tx *db.Tx, a account, secret, label string,
	parsed *protocol.ParsedCredentialCreationData,
) error {
	var kept making
	t, err := p.openTicket(ctx, tx, secret, purposeMake, &kept)
	if err != nil {
		return err
	}
	if t.personID != a.ID {
		return errTicketOver()
	}
	if first, err := useTicket(ctx, tx, t.hash); err != nil || !first {
		return errors.Join(err, errTicketOver())
	}
	who, err := p.withKeys(ctx, tx, a)
	if err != nil {
		return err
	}
	if len(who.stored) >= MostPasskeys {
		return ErrTooMany.Newf("there are %d passkeys; remove one first", len(who.stored))
	}
	made, err := p.keys.CreateCredential(who, kept.Data, parsed)
	if err != nil {
		return errPasskey(err)
	}
	sealed, err := p.sealKey(a.ID, made)
	if err != nil {
		return err
	}
	fresh, err := addPasskey(ctx, tx, storedKey{Passkey: Passkey{ID: id.New("pky", 0),
		Label: label, Made: now(), Backed: made.Flags.BackupState},
		credentialID: base64.RawURLEncoding.EncodeToString(made.ID), personID: a.ID,
		credential: sealed})
	if err == nil && !fresh {
		err = errPasskey(errors.New("the passkey is somebody's already"))
	}
	return err
}

// BeginPasskeySignIn asks a browser for any passkey of this site; no e-mail address is needed.
//
// Errors: ErrLocked when an address begins too often, ErrBusy, ErrPasskey.
func (p *People) BeginPasskeySignIn(ctx context.Context, f From) (ask PasskeyAsk, err error) {
	if p.keys == nil {
		return ask, ErrPasskey.Newf("a site at an IP address has no passkeys")
	}
	asked, data, err := p.keys.BeginDiscoverableLogin(
		webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return ask, fmt.Errorf("ask for a passkey: %w", err)
	}
	if ask.Options, err = json.Marshal(asked); err != nil {
		return ask, fmt.Errorf("write the question: %w", err)
	}
	var refusal error
	err = p.change(ctx, "begin by passkey", func(ctx context.Context, tx *db.Tx) (err error) {
		if refusal, err = p.begin(ctx, tx, f.clean()); err != nil || refusal != nil {
			return err
		}
		ask.Ticket, _, err = p.newTicket(ctx, tx, purposeUse, "", passkeyTime, making{*data})
		return err
	})
	return ask, errors.Join(err, refusal)
}

// FinishPasskeySignIn signs in whoever the passkey belongs to. A passkey whose owner was verified
// by it (PIN, finger, face) is two factors, so nothing else is asked.
//
// Errors: ErrPasskey, ErrTicket, access.ErrClosed.
func (p *People) FinishPasskeySignIn(
	ctx context.Context, ticket string, answer []byte, f From,
) (step Step, err error) {
	f = f.clean()
	if p.keys == nil || len(answer) > passkeyMax {
		return step, errPasskey(nil)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return step, errPasskey(err)
	}
	var refusal error
	err = p.entering(ctx, "sign in by passkey", func(ctx context.Context, tx *db.Tx) error {
		refusal = nil
		var kept making
		t, err := p.openTicket(ctx, tx, ticket, purposeUse, &kept)
		if err != nil {
			return err
		}
		who, used, err := p.recognise(ctx, tx, kept.Data, parsed)
		if errors.Is(err, ErrPasskey) {
			refusal = err
			return p.refusePasskey(ctx, tx, t, who, f)
		}
		if err != nil {
			return err
		}
		if err := p.notePasskey(ctx, tx, who, used); err != nil {
			return err
		}
		step, err = p.finish(ctx, tx, who.account, t, ByPasskey, f)
		return err
	})
	return step, errors.Join(err, refusal)
}

// refusePasskey notes a wrong answer (P8); its question is not asked again.
func (p *People) refusePasskey(
	ctx context.Context, tx *db.Tx, t ticket, who *holderOfKeys, f From,
) error {
	if first, err := useTicket(ctx, tx, t.hash); err != nil || !first {
		return err
	}
	subject, at := "person:unknown", Place{}
	if who != nil {
		subject, at = who.ID, who.Place
	}
	return p.note(ctx, tx, "person.refused", subject, at, "anonymous",
		fact{"wrong": "passkey", "address": f.Address})
}

// recognise finds who answered with a passkey; of a wrong answer, whom it names, or nil.
func (p *People) recognise(
	ctx context.Context, tx *db.Tx, data webauthn.SessionData,
	parsed *protocol.ParsedCredentialAssertionData,
) (who *holderOfKeys, used *webauthn.Credential, err error) {
	var broken error
	find := func(_, handle []byte) (webauthn.User, error) {
		personID := string(handle)
		if len(personID) > handleMax || !utf8.ValidString(personID) ||
			strings.ContainsFunc(personID, unprintable) {
			return nil, ErrPerson.Newf("the handle is no id")
		}
		a, err := accountOf(ctx, tx, personID)
		if err == nil && a.Status == Ended {
			err = ErrPerson.Newf("the person has ended")
		}
		if err == nil {
			who, err = p.withKeys(ctx, tx, a)
		}
		if err != nil && !errors.Is(err, ErrPerson) {
			broken = err
		}
		return who, err
	}
	_, used, err = p.keys.ValidatePasskeyLogin(find, data, parsed)
	switch {
	case broken != nil:
		return nil, nil, broken
	case err != nil:
		return who, nil, errPasskey(err)
	case used.Authenticator.CloneWarning:
		return who, nil, errPasskey(errors.New("the passkey's counter went back: a copy"))
	}
	return who, used, nil
}

// notePasskey keeps that a passkey was used, with its counter.
func (p *People) notePasskey(
	ctx context.Context, tx *db.Tx, who *holderOfKeys, used *webauthn.Credential,
) error {
	for i := range who.credentials {
		if !bytes.Equal(who.credentials[i].ID, used.ID) {
			continue
		}
		sealed, err := p.sealKey(who.ID, used)
		if err != nil {
			return err
		}
		k := who.stored[i]
		k.credential, k.Backed, k.Used = sealed, used.Flags.BackupState, now()
		return usePasskey(ctx, tx, k)
	}
	return errPasskey(errors.New("the passkey is not the person's"))
}

// Passkeys lists the caller's own, oldest first.
//
// Errors: ErrSignedOut.
func (p *People) Passkeys(ctx context.Context, secret string) (all []Passkey, err error) {
	s, err := p.seat(ctx, secret)
	if err != nil {
		return nil, err
	}
	err = p.view(ctx, "list passkeys", func(ctx context.Context, tx *db.Tx) error {
		stored, err := passkeysOf(ctx, tx, s.ID)
		all = nil
		for _, k := range stored {
			all = append(all, k.Passkey)
		}
		return err
	})
	return all, err
}

// RemovePasskey removes one of the caller's own.
//
// Errors: ErrSignedOut, ErrConfirm, ErrLastFactor, ErrPasskey.
func (p *People) RemovePasskey(ctx context.Context, secret, passkeyID string) error {
	defer p.cache.Clear()
	return p.change(ctx, "remove passkey", func(ctx context.Context, tx *db.Tx) error {
		a, _, err := p.enrolling(ctx, tx, Holder{Session: secret})
		if err != nil {
			return err
		}
		left := a.Factors.Passkeys - 1
		if a.Factors.TOTP {
			left++
		}
		gone, err := removePasskey(ctx, tx, a.ID, passkeyID)
		if err != nil {
			return err
		}
		if !gone {
			return ErrPasskey.Newf("there is no passkey %q", passkeyID)
		}
		if err := p.mayLose(a, left); err != nil {
			return err
		}
		if left == 0 {
			if err := setRecovery(ctx, tx, a.ID, nil); err != nil {
				return err
			}
		}
		return p.note(ctx, tx, "person.passkey_removed", a.ID, a.Place, a.Caller().Actor,
			fact{"passkey": passkeyID})
	})
}

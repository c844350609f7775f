package people_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"watari/kit/access"
	"watari/kit/access/people"
)

// device is a phone or laptop with passkeys, as a browser sees it.
type device struct {
	*office
	site virtualwebauthn.RelyingParty
	virtualwebauthn.Authenticator
}

// coseKeyLen is the length of a public key on P-256 as passkeys write it (RFC 9053, section 7.1.1).
const coseKeyLen = 77

func newDevice(o *office, origin string) *device {
	return &device{o, virtualwebauthn.RelyingParty{Name: "Watari", ID: "localhost",
		Origin: origin}, virtualwebauthn.NewAuthenticatorWithOptions(
		virtualwebauthn.AuthenticatorOptions{})}
}

// make answers a question for a new passkey.
func (d *device) make(ask people.PasskeyAsk) (virtualwebauthn.Credential, []byte) {
	d.t.Helper()
	options, err := virtualwebauthn.ParseAttestationOptions(string(ask.Options))
	d.do("read the question", err)
	c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(c.Key.AttestationData()) < coseKeyLen {
		// The authenticator writes a coordinate that begins with a zero too short.
		c = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	d.Options.UserHandle = []byte(options.UserID)
	answer := virtualwebauthn.CreateAttestationResponse(d.site, d.Authenticator, c, *options)
	d.AddCredential(c)
	return c, []byte(answer)
}

// use answers a question for any passkey.
func (d *device) use(ask people.PasskeyAsk, c virtualwebauthn.Credential) []byte {
	d.t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(string(ask.Options))
	d.do("read the question", err)
	return []byte(virtualwebauthn.CreateAssertionResponse(d.site, d.Authenticator, c, *options))
}

// enrolled is a clerk who came with a passkey at once.
func (d *device) enrolled(email string) (virtualwebauthn.Credential, people.Enrolled) {
	d.t.Helper()
	step := d.join(email, bank1(access.AcquirerClerk))
	h := people.Holder{Ticket: step.Ticket}
	ask, err := d.BeginPasskey(d.t.Context(), h)
	d.do("begin", err)
	c, answer := d.make(ask)
	out, err := d.FinishPasskey(d.t.Context(), h, ask.Ticket, "私の電話", answer, here)
	d.do("finish", err)
	return c, out
}

const origin = "http://localhost:8080"

// Goal: a passkey is a sign-in by itself, without e-mail address and password; what a browser
// answers is taken once, for its own question. Method: a software authenticator.
func TestPasskeySignsIn(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		d := newDevice(o, origin)
		c, out := d.enrolled("a@bank.example")
		who := o.who(out.Step.Secret)
		if len(out.Codes) != 10 || who.Factors.Passkeys != 1 || who.Factors.TOTP {
			t.Errorf("enrolled %+v, %+v", out, who)
		}
		ask, err := o.BeginPasskeySignIn(ctx, here)
		o.do("begin", err)
		answer := d.use(ask, c)
		other, err := o.BeginPasskeySignIn(ctx, here)
		o.do("begin another", err)
		_, err = o.FinishPasskeySignIn(ctx, other.Ticket, answer, here)
		o.refused("for another question", err, people.ErrPasskey)
		step, err := o.FinishPasskeySignIn(ctx, ask.Ticket, answer, here)
		if err != nil || step.Need != people.Nothing || step.Person.ID != who.ID {
			t.Errorf("got %+v, %v", step, err)
		}
		_, err = o.FinishPasskeySignIn(ctx, ask.Ticket, answer, here)
		o.refused("again", err, people.ErrTicket)
		all, err := o.Sessions(ctx, step.Secret)
		if err != nil || all[0].Method != people.ByPasskey {
			t.Errorf("sessions %+v, %v", all, err)
		}
		keys, err := o.Passkeys(ctx, step.Secret)
		if err != nil || len(keys) != 1 || keys[0].Label != "私の電話" || keys[0].Used.IsZero() {
			t.Errorf("passkeys %+v, %v", keys, err)
		}
		o.refused("the last one", o.RemovePasskey(ctx, step.Secret, keys[0].ID),
			people.ErrLastFactor)
		o.do("end", o.End(ctx, admin, who.ID))
		ask, err = o.BeginPasskeySignIn(ctx, here)
		o.do("begin", err)
		_, err = o.FinishPasskeySignIn(ctx, ask.Ticket, d.use(ask, c), here)
		o.refused("somebody who has ended", err, people.ErrPasskey)
	})
}

// Goal: answers from another site, from a device that verified nobody, of a stranger's key or a
// copied one are refused. Method: one of each.
func TestWrongPasskeyAnswersAreRefused(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		d := newDevice(o, origin)
		c, _ := d.enrolled("a@bank.example")
		try := func(what string, d *device, c virtualwebauthn.Credential) {
			t.Helper()
			ask, err := o.BeginPasskeySignIn(ctx, here)
			o.do("begin", err)
			_, err = o.FinishPasskeySignIn(ctx, ask.Ticket, d.use(ask, c), here)
			o.refused(what, err, people.ErrPasskey)
		}
		fake := newDevice(o, "http://localhost:8080.evil.example")
		fake.Options.UserHandle = d.Options.UserHandle
		try("of another site", fake, c)
		idle := newDevice(o, origin)
		idle.Options = virtualwebauthn.AuthenticatorOptions{UserNotVerified: true,
			UserHandle: d.Options.UserHandle}
		try("that verified nobody", idle, c)
		try("of a stranger's key", d, virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2))
		nobody := newDevice(o, origin)
		nobody.Options.UserHandle = []byte("per_00000000000000000000000000")
		try("of nobody", nobody, c)
		ask, err := o.BeginPasskeySignIn(ctx, here)
		o.do("begin", err)
		c.Counter = 9
		_, err = o.FinishPasskeySignIn(ctx, ask.Ticket, d.use(ask, c), here)
		o.do("the ninth use", err)
		c.Counter = 3
		try("of a copy", d, c)
		for _, bad := range []string{"", "{}", `{"id":1}`, strings.Repeat("x", 70_000)} {
			_, err := o.FinishPasskeySignIn(ctx, ask.Ticket, []byte(bad), here)
			o.refused("no answer", err, people.ErrPasskey)
		}
	})
}

// Goal: the questions are what browsers expect: made for a person who is verified, kept on the
// device, for this host. Method: read them.
func TestPasskeyQuestionsAskForVerifiedResidentKeys(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		secret := o.join("a@shop.example", shop(access.MerchantOwner)).Secret
		ask, err := o.BeginPasskey(t.Context(), people.Holder{Session: secret})
		o.do("begin", err)
		var q struct {
			PublicKey struct {
				RP                     struct{ ID, Name string }
				User                   struct{ Name, DisplayName string }
				AuthenticatorSelection struct{ ResidentKey, UserVerification string }
				Attestation            string
			}
		}
		o.do("read", json.Unmarshal(ask.Options, &q))
		k := q.PublicKey
		if k.RP.ID != "localhost" || k.RP.Name != "Watari" || k.User.Name != "a@shop.example" ||
			k.User.DisplayName != "高山 花子" || k.Attestation != "none" ||
			k.AuthenticatorSelection.ResidentKey != "required" ||
			k.AuthenticatorSelection.UserVerification != "required" {
			t.Errorf("asked %s", ask.Options)
		}
		for host, want := range map[string]bool{"localhost:8080": true, "LOCALHOST": true,
			"127.0.0.1:8080": false, "evil.example": false, "": false} {
			if o.PasskeysAt(host) != want {
				t.Errorf("passkeys at %q: %v", host, !want)
			}
		}
	})
}

// Goal: one person has ten passkeys at most, and one address cannot fill the table with questions.
// Method: one more of each.
func TestPasskeysAreLimited(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx := t.Context()
		d := newDevice(o, origin)
		h := people.Holder{Session: o.join("a@shop.example", shop(access.MerchantOwner)).Secret}
		for range people.MostPasskeys {
			ask, err := o.BeginPasskey(ctx, h)
			o.do("begin", err)
			_, answer := d.make(ask)
			_, err = o.FinishPasskey(ctx, h, ask.Ticket, "", answer, here)
			o.do("finish", err)
		}
		_, err := o.BeginPasskey(ctx, h)
		o.refused("the eleventh", err, people.ErrTooMany)
		var last error
		for range 101 {
			_, last = o.BeginPasskeySignIn(ctx, here)
		}
		o.refused("the 101st question", last, people.ErrLocked)
	})
}

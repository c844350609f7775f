package paypay_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"watari/connect/paypay"
	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
	"watari/sandbox/wallet"
)

// ask asks for a consent and returns the wallet's id of it.
func (r *rig) ask(c *paypay.Client, q link.Consent) (sessionID string) {
	r.t.Helper()
	form, a := c.AskConsent(r.t.Context(), r.endpoint(), q)
	wants(r.t, "ask", a.Answer, link.Unknown, "")
	u, err := url.Parse(form.PageURL)
	r.do("read the page's address", err)
	sessionID, ok := strings.CutPrefix(u.Path, wallet.ConsentPath)
	if !ok || !a.UserActing || a.Token != "" || form.CodeText != form.PageURL {
		r.t.Fatalf("ask: got %+v, %+v", form, a)
	}
	return sessionID
}

// back follows the wallet's page to the shop and returns what it brings.
func (r *rig) back(sessionID string) map[string]string {
	r.t.Helper()
	consent, err := r.wallet.Consent(r.t.Context(), sessionID)
	r.do("find the consent", err)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	res, err := client.Get(consent.ReturnURL)
	r.do("go back", err)
	res.Body.Close()
	u, err := res.Location()
	r.do("read the way back", err)
	if !strings.HasPrefix(u.String(), "https://shop.example/back?") ||
		u.Query().Get("order") != "1" {
		r.t.Fatalf("the way back is %s", u)
	}
	brought := map[string]string{}
	for name := range u.Query() {
		brought[name] = u.Query().Get(name)
	}
	return brought
}

func consent(id string) link.Consent {
	return link.Consent{OurConsentID: id, AcquirerID: "gifu-bank", IssuerID: walletID,
		Description: "parking", ReturnURL: "https://shop.example/back?order=1"}
}

// The goal is a consent from the question to its end: the user agrees, the token that the browser
// brings back is believed for this question only, charges are made, a second one like it is
// suspicious, and after the end nothing is charged.
func TestConsentIsAskedUsedAndRevoked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c, to, q := r.client(), r.endpoint(), consent("con_1")
	session := r.ask(c, q)
	waiting := c.ConsentState(t.Context(), to, q, nil)
	if waiting.Outcome != link.Unknown || !waiting.UserActing {
		t.Errorf("before the user's yes: %+v", waiting)
	}
	_, err := r.wallet.GiveConsent(t.Context(), user, session, wallet.PIN)
	r.do("consent", err)
	brought := r.back(session)
	if brought["apiKey"] != r.by.APIKey {
		t.Errorf("brought back %v", brought)
	}

	given := c.ConsentState(t.Context(), to, q, brought)

	wants(t, "consent", given.Answer, link.Approved, "")
	if given.Token == "" || !given.Expires.After(clock.Now()) || given.TheirID == given.Token {
		t.Fatalf("got %+v", given)
	}
	other := c.ConsentState(t.Context(), to, consent("con_2"), brought)
	if other.Outcome != link.Unknown || other.Token != "" || other.Cause == nil {
		t.Errorf("the answer to another question: %+v", other)
	}

	charge := charged("leg_c1")
	charge.Token = given.Token
	wants(t, "charge", c.Authorise(t.Context(), to, charge), link.Approved, "")
	wants(t, "charge again", c.Authorise(t.Context(), to, charge), link.Approved, "")
	wants(t, "inquire", c.Inquire(t.Context(), to, link.Inquire{
		About: about(charge, link.WayAgreement)}), link.Approved, "")
	if n := r.Taken(charge.OurRequestID); n != 1980 {
		t.Errorf("taken %d", n)
	}
	alike := charge
	alike.OurRequestID = "leg_c2"
	wants(t, "one like it", c.Authorise(t.Context(), to, alike), link.Declined, link.ReasonRisk)
	held := charge
	held.OurRequestID, held.Hold = "leg_c3", true
	held.Order, held.PayTo = yen(500), yen(500)
	wants(t, "promise", c.Authorise(t.Context(), to, held), link.Approved, "")

	for range 2 {
		wants(t, "revoke", c.Revoke(t.Context(), to, q, given.Token), link.Approved, "")
	}
	after := charge
	after.OurRequestID, after.Order, after.PayTo = "leg_c4", yen(700), yen(700)
	wants(t, "charge after the end", c.Authorise(t.Context(), to, after), link.Declined,
		link.ReasonVerification)
	wants(t, "consent after the end", c.ConsentState(t.Context(), to, q, brought).Answer,
		link.Declined, link.ReasonClosed)
}

// The goal is that a user's no is a no.
func TestConsentIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c, q := r.client(), consent("con_1")
	session := r.ask(c, q)
	_, err := r.wallet.RefuseConsent(t.Context(), user, session)
	r.do("refuse", err)

	a := c.ConsentState(t.Context(), r.endpoint(), q, r.back(session))

	wants(t, "consent", a.Answer, link.Declined, link.ReasonVerification)
	if a.Token != "" {
		t.Errorf("got a token")
	}
}

// The goal is that what a browser brings is not believed by itself: tokens of other secrets, other
// questions, no end and no name; and that a consent stands without its end when PayPay does not
// tell it.
func TestBroughtTokensAreVerified(t *testing.T) {
	t.Parallel()
	by := credentials()
	var nonce string
	asking := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var m wire.SessionRequest
		body, _ := io.ReadAll(q.Body)
		if err := wire.DecodeRequest(body, &m); err != nil {
			t.Errorf("asked %s: %v", body, err)
		}
		nonce = m.Nonce
		scripted{"POST /v1/qr/sessions": {code: wire.Success, data: wire.SessionData{
			LinkURL: "https://paypay.example/link"}}}.ServeHTTP(w, q)
	})
	first, to := against(t, asking)
	if form, a := first.AskConsent(t.Context(), to, consent("con_1")); form.PageURL == "" {
		t.Fatalf("ask: %+v", a)
	}
	token := func(secret string, f func(*sign.Claims)) string {
		c := sign.Claims{Expires: clock.Now().Unix() + 60, Result: sign.ResultSucceeded,
			Nonce: nonce, Reference: "con_1", Consent: "uaid-1"}
		f(&c)
		text, err := sign.NewToken(secret, c)
		if err != nil {
			t.Fatalf("make a token: %v", err)
		}
		return text
	}
	as := func(f func(*sign.Claims)) string { return token(by.APISecret, f) }
	c, to := against(t, scripted{}) // which knows nothing of consents
	for name, x := range map[string]struct {
		token string
		want  link.Outcome
	}{
		"good":         {as(func(*sign.Claims) {}), "approved"},
		"no token":     {"", "unknown"},
		"no form":      {"a.b.c", "unknown"},
		"secret":       {token("YW5vdGhlcg==", func(*sign.Claims) {}), "unknown"},
		"nonce":        {as(func(c *sign.Claims) { c.Nonce = "n" }), "unknown"},
		"reference":    {as(func(c *sign.Claims) { c.Reference = "con_2" }), "unknown"},
		"old":          {as(func(c *sign.Claims) { c.Expires -= 61 }), "unknown"},
		"no":           {as(func(c *sign.Claims) { c.Result = "declined" }), "declined"},
		"yes, no name": {as(func(c *sign.Claims) { c.Consent = "" }), "declined"},
	} {
		a := c.ConsentState(t.Context(), to, consent("con_1"),
			map[string]string{"responseToken": x.token})
		if a.Outcome != x.want || (a.Token != "") != (x.want == link.Approved) {
			t.Errorf("%s: got %+v, want %s", name, a, x.want)
		}
	}
}

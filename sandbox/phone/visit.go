package phone

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/sandbox/wallet"
)

// question is the page of one order: it asks while the order waits for this user, and afterwards
// goes back to where the order came from, or says what became of it.
func (p *Phone) question(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, err := p.ending(w, r)
	if err != nil {
		return err
	}
	taken, err := p.wallet.Take(ctx, r.PathValue("request"), e.User.ID)
	if err != nil {
		return err
	}
	one := taken.Payment
	if one == nil || one.UserID != e.User.ID {
		e.Message, _ = p.problem(taken.Why)
		return send(w, r, http.StatusNotFound, p.screens.Outcome(e))
	}
	if one.State == wallet.Asking && clock.Now().Before(one.Ends()) {
		v, err := p.view(ctx, e.User.ID, e.Lang)
		if err != nil {
			return err
		}
		v.Ask = askOf(one)
		return send(w, r, http.StatusOK, p.screens.Question(v))
	}
	back := one.ReturnURL
	if one.State == wallet.Failed && one.CancelURL != "" {
		back = one.CancelURL
	}
	if back == "" {
		back = p.backOf(r, r.PathValue("request"))
	}
	if shown, ended := p.receipt(one); ended {
		e.Receipt = &shown
	} else {
		e.Message = "result.wait"
	}
	if e.Shop = back; web(back) && r.URL.Query().Get("stay") == "" {
		return seeOther(w, r, back)
	}
	return send(w, r, http.StatusOK, p.screens.Outcome(e))
}

// web tells whether an address is one that a browser opens.
func web(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
}

// ending is the page of an outcome, for its user.
func (p *Phone) ending(w http.ResponseWriter, r *http.Request) (Ending, error) {
	a, err := p.wallet.Account(r.Context(), r.PathValue("user"))
	if err != nil {
		return Ending{}, err
	}
	p.remember(w, a.ID)
	return Ending{Lang: i18n.Choose(w, r), Look: p.look, User: userOf(a), Base: base(a.ID)}, nil
}

// consentPage asks for a consent, or says that it is over.
func (p *Phone) consentPage(w http.ResponseWriter, r *http.Request) error {
	e, err := p.ending(w, r)
	if err != nil {
		return err
	}
	return p.showConsent(w, r, e, false)
}

func (p *Phone) showConsent(w http.ResponseWriter, r *http.Request, e Ending, wrong bool) error {
	c, err := p.wallet.Consent(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	status := http.StatusOK
	switch {
	case c == nil:
		e.Message, status = "problem.unknown", http.StatusNotFound
	case c.State != wallet.ConsentAsked ||
		!c.Expires.IsZero() && clock.Now().After(c.Expires):
		e.Message, e.Shop = "consent.gone", c.ReturnURL
	default:
		if wrong {
			status = http.StatusUnprocessableEntity
		}
		return send(w, r, status, p.screens.Consent(Leave{Lang: e.Lang, Look: e.Look,
			User: e.User, Base: e.Base, ID: c.ID, Shop: c.Shop, Text: c.Text, WrongPIN: wrong}))
	}
	return send(w, r, status, p.screens.Outcome(e))
}

// consent takes the user's answer and goes back to where the question came from.
func (p *Phone) consent(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, formMax)
	e, err := p.ending(w, r)
	if err != nil {
		return err
	}
	var c *wallet.Consent
	if r.FormValue("answer") == "give" {
		c, err = p.wallet.GiveConsent(r.Context(), e.User.ID, r.PathValue("id"),
			strings.TrimSpace(r.FormValue("pin")))
	} else {
		c, err = p.wallet.RefuseConsent(r.Context(), e.User.ID, r.PathValue("id"))
	}
	switch {
	case errors.Is(err, wallet.ErrWrongPIN):
		return p.showConsent(w, r, e, true)
	case errors.Is(err, wallet.ErrNoConsent):
		return p.showConsent(w, r, e, false)
	case err != nil:
		return err
	case web(c.ReturnURL):
		return seeOther(w, r, c.ReturnURL)
	}
	return seeOther(w, r, e.Base+"/consent/"+url.PathEscape(c.ID))
}

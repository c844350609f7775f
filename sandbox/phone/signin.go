package phone

import (
	"errors"
	"net/http"

	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// signInPage asks whether a page may know who the user is, or says that it is over.
func (p *Phone) signInPage(w http.ResponseWriter, r *http.Request) error {
	e, err := p.ending(w, r)
	if err != nil {
		return err
	}
	s, err := p.wallet.SignIn(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if s == nil || s.State != wallet.SignInAsked || clock.Now().After(s.Until) {
		e.Message = "consent.gone"
		return send(w, r, http.StatusNotFound, p.screens.Outcome(e))
	}
	return send(w, r, http.StatusOK, p.screens.SignIn(Leave{Lang: e.Lang, Look: e.Look,
		User: e.User, Base: e.Base, ID: s.ID, Shop: s.App}))
}

// signIn takes the user's answer and goes back to where the question came from.
func (p *Phone) signIn(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, formMax)
	e, err := p.ending(w, r)
	if err != nil {
		return err
	}
	answer := p.wallet.RefuseSignIn
	if r.FormValue("answer") == "give" {
		answer = p.wallet.GiveSignIn
	}
	to, err := answer(r.Context(), e.User.ID, r.PathValue("id"))
	switch {
	case errors.Is(err, wallet.ErrNoSignIn):
		e.Message = "consent.gone"
		return send(w, r, http.StatusConflict, p.screens.Outcome(e))
	case err != nil:
		return err
	}
	return seeOther(w, r, to)
}

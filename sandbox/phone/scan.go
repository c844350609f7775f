package phone

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/text/unicode/norm"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// formMax is the longest form that is read, in bytes.
const formMax = 16 << 10

// reading is the page that reads a code, for its user.
func (p *Phone) reading(w http.ResponseWriter, r *http.Request) (Reading, error) {
	a, err := p.wallet.Account(r.Context(), r.PathValue("user"))
	if err != nil {
		return Reading{}, err
	}
	p.remember(w, a.ID)
	return Reading{Lang: i18n.Choose(w, r), Look: p.look, User: userOf(a), Base: base(a.ID)}, nil
}

func (p *Phone) scanPage(w http.ResponseWriter, r *http.Request) error {
	v, err := p.reading(w, r)
	if err != nil {
		return err
	}
	return send(w, r, http.StatusOK, p.screens.Scan(v))
}

// scan reads a code and goes on to where it leads: the question, an amount, or an address that
// is opened here, as a wallet's own browser would.
func (p *Phone) scan(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, formMax)
	v, err := p.reading(w, r)
	if err != nil {
		return err
	}
	v.Text = strings.TrimSpace(r.FormValue("code_text"))
	amount, ok := v.typed(r.FormValue("currency"), r.FormValue("amount"))
	if !ok {
		v.Problem = "problem.amount"
		return send(w, r, http.StatusUnprocessableEntity, p.screens.Scan(v))
	}
	got, err := p.wallet.Scan(r.Context(), p.front, v.User.ID, v.Text, amount)
	switch {
	case errors.Is(err, wallet.ErrUnreadable):
		v.Problem = "problem.unreadable"
	case errors.Is(err, wallet.ErrNetwork):
		p.log.Warn("phone: scan a code", "user", v.User.ID, "error", err)
		v.Problem = "problem.network"
	case err != nil:
		return err
	case got.RequestID != "":
		return seeOther(w, r, v.Base+"/ask/"+url.PathEscape(got.RequestID))
	case got.OpenURL != "":
		return seeOther(w, r, wallet.WithWallet(got.OpenURL, p.wallet.Profile().ID))
	case got.NeedsAmount != "":
		v.Shop, v.Currency = got.Shop, got.NeedsAmount
		return send(w, r, http.StatusOK, p.screens.Scan(v))
	default:
		v.Problem, v.Code = p.problem(got.Why)
	}
	return send(w, r, http.StatusUnprocessableEntity, p.screens.Scan(v))
}

func seeOther(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// typed reads the amount of a form; nil when the form has none.
func (v *Reading) typed(currency, text string) (*money.Amount, bool) {
	if currency == "" {
		return nil, true
	}
	v.Currency, v.Amount = money.Currency(currency), text
	plain := strings.NewReplacer(",", "", " ", "", "'", "").Replace(
		strings.TrimSpace(norm.NFKC.String(text)))
	a, err := money.Parse(plain, v.Currency)
	if err != nil || a.IsZero() {
		return nil, false
	}
	return &a, true
}

// problem is the text for why an order cannot be paid.
func (p *Phone) problem(why wallet.Why) (key, code string) {
	switch why {
	case wallet.WhyClosed, wallet.WhyExpired, wallet.WhyTaken, wallet.WhyState,
		wallet.WhyUnknown:
		return "problem." + string(why), ""
	case wallet.WhyUser, wallet.WhyPIN, wallet.WhyBalance:
		return "problem.state", ""
	}
	return "problem.other", p.front.Explain(why)
}

// cookie is the name under which a browser knows whose phone it is, on the ports of this machine.
func (p *Phone) cookie() string { return "phone_" + p.wallet.Profile().ID }

// remember makes a browser the phone of a user.
func (p *Phone) remember(w http.ResponseWriter, user string) {
	http.SetCookie(w, &http.Cookie{Name: p.cookie(), Value: url.QueryEscape(user), Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 30 * 24 * 60 * 60})
}

func (p *Phone) backCookie() string { return p.cookie() + "_back" }

// backOf is the page that named itself when it sent this browser to an order, "" when none did:
// some wallets are told the way back by the link and not by the order.
func (p *Phone) backOf(r *http.Request, id string) string {
	c, err := r.Cookie(p.backCookie())
	if err != nil {
		return ""
	}
	text, err := url.QueryUnescape(c.Value)
	order, back, _ := strings.Cut(text, " ")
	if err != nil || order != id || !web(back) {
		return ""
	}
	return back
}

// arrive takes a browser that came to an order or a consent to the page of its user, or asks
// whose phone it is.
func (p *Phone) arrive(then string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		then := then + url.PathEscape(id)
		if back := r.URL.Query().Get("redirect_url"); web(back) {
			http.SetCookie(w, &http.Cookie{Name: p.backCookie(), Path: "/", HttpOnly: true,
				Value: url.QueryEscape(id + " " + back), SameSite: http.SameSiteLaxMode})
		}
		if c, err := r.Cookie(p.cookie()); err == nil {
			user, err := url.QueryUnescape(c.Value)
			if err == nil && p.has(r.Context(), user) {
				return seeOther(w, r, base(url.PathEscape(user))+then)
			}
		}
		all, err := p.wallet.Users(r.Context())
		if err != nil {
			return err
		}
		a := Arrival{Lang: i18n.Choose(w, r), Look: p.look, Then: then, About: "visit"}
		if strings.HasPrefix(then, "/sign-in/") {
			a.About = "signin.whose"
		}
		for _, one := range all {
			a.Users = append(a.Users, userOf(one))
		}
		return send(w, r, http.StatusOK, p.screens.Visit(a))
	}
}

func (p *Phone) has(ctx context.Context, user string) bool {
	_, err := p.wallet.Account(ctx, user)
	return err == nil
}

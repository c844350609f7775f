package visitor

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"watari/kit/fault"
	who "watari/visit/visitor"
)

// tripAge is how long a browser may be at its wallet, in seconds.
const tripAge = int(who.TripTime / time.Second)

// agents are the words by which the wallets' own browsers name themselves in User-Agent, and the
// protocol that their wallet speaks.
var agents = []struct{ word, connector string }{
	{"AlipayClient", "alipayplus"}, {"AlipayConnect", "alipayplus"},
	{"MicroMessenger", "wechatpay"}, {"PayPay", "paypay"}, {"Line/", "linepay"},
}

// inside returns the wallet whose browser this is: the one that the address names, or the only
// one of the protocol that User-Agent names.
func (v *Visit) inside(wallets []who.Wallet) *who.Wallet {
	named, agent := v.R.URL.Query().Get("wallet"), v.R.UserAgent()
	var found []who.Wallet
	for _, w := range wallets {
		if named != "" && w.IssuerID == named {
			return &w
		}
		for _, a := range agents {
			if w.Connector == a.connector && strings.Contains(agent, a.word) {
				found = append(found, w)
				break
			}
		}
	}
	if len(found) != 1 {
		return nil
	}
	return &found[0]
}

// signInScreen is the page that asks with which wallet.
type signInScreen struct {
	wallets []who.Wallet
	here    *who.Wallet // whose browser this is
	next    string
	problem string // key of a text; "" is none
}

// way is where the sign-in with a wallet begins.
func (s signInScreen) way(w who.Wallet) string {
	to := SignInPath + "/with/" + w.IssuerID
	if s.next != "" {
		to += "?next=" + escape(s.next)
	}
	return to
}

// showSignIn asks with which wallet. Who is signed in goes on.
func (a *App) showSignIn(v *Visit) error {
	s := signInScreen{next: who.OwnPath(v.R.URL.Query().Get("next"))}
	if v.Visitor != nil {
		return v.SeeOther(s.next, "")
	}
	return v.askWallet(http.StatusOK, s)
}

func (v *Visit) askWallet(status int, s signInScreen) error {
	wallets, err := v.app.Visitors.Wallets(v.Ctx())
	if err != nil {
		return err
	}
	s.wallets, s.here = wallets, v.inside(wallets)
	return v.Show(status, Page{Title: v.T("signin.title"), Lead: v.T("signin.text"),
		Class: "signin", Say: v.T("signin.title")}, v.signin(s))
}

// begin sends the browser to a wallet. It is a link and no form: the policy of the pages lets no
// form lead elsewhere. Links of other sites do not begin it.
func (a *App) begin(v *Visit) error {
	if site := v.R.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return v.SeeOther(SignInPath, "")
	}
	if err := v.allowed(a.begins); err != nil {
		return err
	}
	wallets, err := a.Visitors.Wallets(v.Ctx())
	if err != nil {
		return err
	}
	b := who.Beginning{IssuerID: v.R.PathValue("wallet"), Next: v.R.URL.Query().Get("next"),
		ReturnURL: v.origin() + backPath + v.R.PathValue("wallet"), Lang: v.Lang}
	if here := v.inside(wallets); here != nil {
		b.Inside = here.IssuerID == b.IssuerID
	}
	start, err := a.Visitors.Begin(v.Ctx(), b)
	if err != nil {
		return v.refusedSignIn(err, b.Next)
	}
	v.setCookie(&http.Cookie{Name: tripCookie, Value: start.Cookie, Path: SignInPath,
		MaxAge: tripAge})
	http.Redirect(v.W, v.R, start.URL, http.StatusSeeOther)
	return nil
}

// backPath begins the address that a wallet sends browsers back to; the wallet's id follows, so
// that nobody takes one wallet's answer for another's.
const backPath = SignInPath + "/back/"

// comeBack takes the browser that a wallet sent back.
func (a *App) comeBack(v *Visit) error {
	cookie := v.cookie(tripCookie)
	v.setCookie(&http.Cookie{Name: tripCookie, Path: SignInPath, MaxAge: -1})
	e, err := a.Visitors.Finish(v.Ctx(), cookie, v.R.PathValue("wallet"), v.R.URL.Query())
	if v.Visitor != nil && errors.Is(err, who.ErrTrip) {
		return v.SeeOther(Prefix, "") // some browsers load the way back twice
	}
	if err != nil {
		return v.refusedSignIn(err, e.Next)
	}
	// Whoever was signed in before is not any more, unless it is the same way back once more.
	if v.Visitor != nil && v.cookie(SessionCookie) != e.Secret {
		if err := a.Visitors.SignOut(v.Ctx(), v.cookie(SessionCookie)); err != nil {
			return err
		}
	}
	v.setCookie(&http.Cookie{Name: SessionCookie, Value: e.Secret,
		MaxAge: max(1, int(e.Until.Sub(v.Now)/time.Second))})
	return v.SeeOther(e.Next, v.T("signin.done"))
}

// refusedSignIn asks again, and says what went wrong.
func (v *Visit) refusedSignIn(err error, next string) error {
	s := signInScreen{next: who.OwnPath(next)}
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	switch {
	case errors.Is(err, who.ErrDenied):
		s.problem = "signin.denied"
	case errors.Is(err, who.ErrTrip):
		s.problem = "signin.late"
	case errors.Is(err, who.ErrInsideOnly):
		s.problem = "signin.inside"
	case errors.Is(err, who.ErrWalletUnknown):
		return v.NotFound()
	case errors.Is(err, who.ErrWallet):
		v.app.Logger.Error("a wallet's sign-in does not work", "error", err)
		s.problem = "signin.broken"
	default:
		return err
	}
	return v.askWallet(statusOf(refusal), s)
}

// signOut ends the session.
func (a *App) signOut(v *Visit) error {
	if err := a.Visitors.SignOut(v.Ctx(), v.cookie(SessionCookie)); err != nil {
		return err
	}
	v.setCookie(&http.Cookie{Name: SessionCookie, MaxAge: -1})
	return v.SeeOther(Prefix, v.T("signout.done"))
}

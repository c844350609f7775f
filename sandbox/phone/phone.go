package phone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/i18n"
	"watari/kit/qr"
	"watari/sandbox/wallet"
)

const (
	// renewAhead is how much life a shown code has at least: a fresh one takes its place before.
	renewAhead = 15 * time.Second
	// receiptMax is how many receipts the page shows.
	receiptMax = 20
	// retryAfter is the pause after the network could not be reached.
	retryAfter = 2 * time.Second
	// lookEvery is how often a connected page looks for changes that another process made.
	lookEvery = 2 * time.Second
)

// Phone serves the page. It is safe for concurrent use.
type Phone struct {
	wallet  *wallet.Wallet
	front   wallet.Front
	screens Screens
	log     *slog.Logger
	look    Look
}

// New returns the page of a wallet's users, drawn by screens.
func New(w *wallet.Wallet, f wallet.Front, s Screens, log *slog.Logger) *Phone {
	check.That(w != nil && f != nil && log != nil && s.Page != nil && s.Code != nil &&
		s.Ask != nil && s.Receipts != nil && s.Balance != nil && s.Question != nil &&
		s.Scan != nil && s.Visit != nil && s.Outcome != nil && s.Consent != nil &&
		s.SignIn != nil,
		"phone: New with a part missing")
	own := w.Profile()
	return &Phone{wallet: w, front: f, screens: s, log: log,
		look: LookOf(own.ID, own.Name, own.Lang)}
}

// Register adds the routes of the page.
func (p *Phone) Register(mux *http.ServeMux) {
	guard := http.NewCrossOriginProtection()
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /phone/{user}":          p.page,
		"GET /phone/{user}/code":     p.code,
		"GET /phone/{user}/events":   p.events,
		"POST /phone/{user}/confirm": p.confirm,
		"POST /phone/{user}/reject":  p.reject,

		"GET /phone/{user}/scan":             p.scanPage,
		"POST /phone/{user}/scan":            p.scan,
		"GET /phone/{user}/ask/{request}":    p.question,
		"GET /phone/{user}/consent/{id}":     p.consentPage,
		"POST /phone/{user}/consent/{id}":    p.consent,
		"GET /phone/{user}/sign-in/{id}":     p.signInPage,
		"POST /phone/{user}/sign-in/{id}":    p.signIn,
		"GET " + wallet.PayPath + "{id}":     p.arrive("/ask/"),
		"GET " + wallet.ConsentPath + "{id}": p.arrive("/consent/"),
		"GET " + wallet.SignInPath + "{id}":  p.arrive("/sign-in/"),
	} {
		mux.Handle(pattern, guard.Handler(p.handler(serve)))
	}
	mux.Handle("GET "+assetPrefix, Assets())
}

// handler sets the headers of every page and turns an error into an answer without its text.
func (p *Phone) handler(serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'self'; img-src 'self' data:; frame-ancestors 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		err := serve(w, r)
		switch {
		case err == nil || r.Context().Err() != nil:
		case errors.Is(err, wallet.ErrNoUser):
			http.Error(w, "no such user of the sandbox wallet", http.StatusNotFound)
		default:
			p.log.Error("phone: serve", "path", r.URL.Path, "error", err)
			http.Error(w, "the sandbox wallet could not do this", http.StatusInternalServerError)
		}
	})
}

func (p *Phone) page(w http.ResponseWriter, r *http.Request) error {
	lang := i18n.Choose(w, r)
	v, err := p.view(r.Context(), r.PathValue("user"), lang)
	if err != nil {
		return err
	}
	p.remember(w, v.User.ID)
	p.fillCode(r.Context(), &v)
	return send(w, r, http.StatusOK, p.screens.Page(v))
}

func (p *Phone) code(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r.Context(), r.PathValue("user"), i18n.Match(r))
	if err != nil {
		return err
	}
	p.fillCode(r.Context(), &v)
	return send(w, r, http.StatusOK, p.screens.Code(v))
}

func (p *Phone) confirm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	user, id := r.PathValue("user"), r.FormValue("payment_id")
	_, err := p.wallet.Confirm(r.Context(), user, id, strings.TrimSpace(r.FormValue("pin")))
	return p.answered(w, r, err)
}

func (p *Phone) reject(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	_, err := p.wallet.Refuse(r.Context(), r.PathValue("user"), r.FormValue("payment_id"))
	return p.answered(w, r, err)
}

// answered shows what became of a PIN question: the ask part to a script, the page to a form.
func (p *Phone) answered(w http.ResponseWriter, r *http.Request, err error) error {
	status := http.StatusOK
	switch {
	case errors.Is(err, wallet.ErrWrongPIN):
		status = http.StatusUnprocessableEntity
	case errors.Is(err, wallet.ErrNoQuestion):
		status = http.StatusConflict
	case err != nil:
		return err
	}
	user := r.PathValue("user")
	if r.Header.Get("HX-Request") != "true" {
		to := base(user)
		if request := r.FormValue("request_id"); request != "" {
			to += "/ask/" + url.PathEscape(request)
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	v, err := p.view(r.Context(), user, i18n.Match(r))
	if err != nil {
		return err
	}
	return send(w, r, status, p.screens.Ask(v))
}

// view gathers all but the code.
func (p *Phone) view(ctx context.Context, user string, lang i18n.Lang) (View, error) {
	a, err := p.wallet.Account(ctx, user)
	if err != nil {
		return View{}, err
	}
	v := View{Lang: lang, Look: p.look, User: userOf(a), Balance: a.Balance, Base: base(user)}
	ask, err := p.wallet.Question(ctx, user)
	if err != nil {
		return View{}, err
	}
	if ask != nil {
		v.Ask = askOf(ask)
	}
	list, err := p.wallet.Payments(ctx, user, receiptMax)
	if err != nil {
		return View{}, err
	}
	for _, one := range list {
		if r, ended := p.receipt(one); ended {
			v.Receipts = append(v.Receipts, r)
		}
	}
	return v, nil
}

func userOf(a wallet.Account) User { return User{ID: a.ID, Name: a.Name, NameEN: a.NameEN} }

// askOf shows a payment that waits for its user.
func askOf(p *wallet.Payment) *Ask {
	return &Ask{RequestID: p.RequestID, PaymentID: p.PaymentID, Shop: p.Shop, Order: p.Order(),
		Debit: p.Debit(), Rate: p.Rate, ExpiresAt: p.Ends(), NeedsPIN: p.NeedsPIN,
		WrongPIN: p.Tries > 0, TriesLeft: wallet.TriesMax - int(p.Tries),
		Returns: p.ReturnURL != ""}
}

// receipt shows a payment; false when it has not come to an end.
func (p *Phone) receipt(one *wallet.Payment) (Receipt, bool) {
	r := Receipt{PaymentID: one.PaymentID, Shop: one.Shop, OrderRef: one.OrderRef,
		Order: one.Order(), Debit: one.Debit(), Rate: one.Rate, Time: one.Time(),
		Refunded: one.Returned()}
	switch one.State {
	case wallet.Paid:
		r.State = Paid
		r.Order, r.Debit = one.TakenOrder(), one.Debited()
		if one.RefundedOrderMinor == one.TakenOrderMinor {
			r.State = Refunded
		}
	case wallet.Held:
		r.State = Held
	case wallet.Failed:
		r.State, r.Reason, r.Code = Failed, one.Why, p.front.Explain(one.Why)
	case wallet.Cancelled, wallet.Deaf:
		r.State = Cancelled
	default:
		return Receipt{}, false
	}
	return r, true
}

// fillCode puts a code into the view; it stays empty while the network cannot be reached.
func (p *Phone) fillCode(ctx context.Context, v *View) {
	c, err := p.wallet.ShownCode(ctx, p.front, v.User.ID, renewAhead)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Warn("phone: obtain a code", "user", v.User.ID, "error", err)
		}
		return
	}
	square, err := qr.QR(c.Value)
	if err == nil {
		var bars *qr.Symbol
		if bars, err = qr.Code128(c.Value); err == nil {
			v.Code = Code{Value: c.Value, Grouped: grouped(c.Value), IssuedAt: c.From,
				ExpiresAt: c.Until, QRSVG: square.SVG(c.Value), BarcodeSVG: bars.SVG(c.Value)}
			return
		}
	}
	p.log.Error("phone: draw a code", "error", err)
}

// grouped writes a code in groups of four, which people can read aloud.
func grouped(s string) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func base(user string) string { return "/phone/" + user }

// send draws before it writes, so that an error can still become an answer.
func send(w http.ResponseWriter, r *http.Request, status int, c Component) error {
	text, err := draw(r.Context(), c)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
	return nil
}

func draw(ctx context.Context, c Component) ([]byte, error) {
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return nil, fmt.Errorf("draw a page: %w", err)
	}
	return b.Bytes(), nil
}

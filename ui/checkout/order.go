package checkout

import (
	"errors"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/limit"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/link"
	"watari/pay/payment"
)

// stage is what the page of an order is about.
type stage string

// The stages of an order.
const (
	stageOpen     stage = "open"
	stageWaiting  stage = "waiting" // its payer has chosen a wallet and is to confirm there
	stagePaid     stage = "paid"
	stageReserved stage = "reserved" // promised; the shop takes the money later
	stageRefunded stage = "refunded" // all of it
	stageDeclined stage = "declined"
	stageExpired  stage = "expired"
	stageCancel   stage = "cancelled"
)

// chosenCookie remembers which wallet this browser has chosen for an order; its path is the
// order's.
const chosenCookie = "watari_wallet"

// chosenAge is how long a choice is remembered, in seconds: a receipt may be looked at again.
const chosenAge = 24 * 60 * 60

// sight is an order as it stands now.
type sight struct {
	p      *payment.Payment
	path   string // of its page
	stage  stage
	mine   string // id of the wallet that this browser has chosen, ""
	wallet string // name of the wallet that is asked or has paid
	reason link.Reason
	left   int64 // seconds until it expires
}

// stageOf is the stage of an order for somebody who has chosen nothing.
func stageOf(p *payment.Payment, now time.Time) stage {
	switch p.State {
	case payment.Authorising, payment.Pending:
		if now.Before(p.Expires) {
			return stageOpen
		}
		return stageExpired
	case payment.Authorised:
		return stageReserved
	case payment.Captured:
		return stagePaid
	case payment.Refunded:
		return stageRefunded
	case payment.Declined:
		return stageDeclined
	}
	if !p.Concluded.IsZero() && !p.Concluded.Before(p.Expires) {
		return stageExpired
	}
	return stageCancel
}

// isOpen tells whether the outcome of an order is not known yet.
func isOpen(p *payment.Payment) bool {
	return p.State == payment.Authorising || p.State == payment.Pending
}

// look reads how an order stands for this browser.
func (t *visit) look(p *payment.Payment) (sight, error) {
	s := sight{p: p, path: t.base + p.Token(), stage: stageOf(p, t.now), reason: p.Reason}
	s.left = max(0, int64((p.Expires.Sub(t.now)+time.Second-1)/time.Second))
	if c, err := t.r.Cookie(chosenCookie); err == nil {
		s.mine = c.Value
	}
	point, err := t.app.Places.Store(t.ctx(), p.StoreNo)
	if err != nil {
		return s, err
	}
	t.v.at(point)
	if !isOpen(p) {
		if p.IssuerNo != 0 {
			w, err := t.app.Places.Wallet(t.ctx(), p.IssuerNo)
			if err != nil {
				return s, err
			}
			s.wallet = w.Issuer.Name
			if s.mine != w.Issuer.ID {
				s.mine = "" // somebody else has paid, or another wallet: no receipt for here
			}
		}
		return s, nil
	}
	if s.mine == "" {
		return s, nil
	}
	events, err := t.app.Events.Subject(t.ctx(), p.ID)
	if err != nil {
		return s, err
	}
	last, known := lastOf(payment.Tries(events), s.mine)
	if !known {
		s.mine = ""
		return s, nil
	}
	w, err := t.app.Places.ByID(t.ctx(), s.mine)
	if err != nil {
		return s, err
	}
	s.wallet = w.Name
	switch {
	case t.r.URL.Query().Get("choose") != "":
	case last.State == payment.TryOpen:
		s.stage = stageWaiting
	case last.State == payment.TryDeclined && s.stage == stageOpen:
		s.stage, s.reason = stageDeclined, last.Reason
	}
	return s, nil
}

// lastOf is the last attempt with a wallet.
func lastOf(all []payment.Try, issuerID string) (last payment.Try, known bool) {
	for _, try := range all {
		if try.IssuerID == issuerID {
			last, known = try, true
		}
	}
	return last, known
}

// payable says whether a wallet may be chosen.
func (s sight) payable() bool {
	return isOpen(s.p) && s.left > 0
}

// showOrder shows an order as it stands.
func (a *app) showOrder(t *visit) error {
	p, err := t.order()
	if err != nil {
		return err
	}
	if t.machine() {
		return t.tellOrder(p)
	}
	s, err := t.look(p)
	if err != nil {
		return err
	}
	return t.showSight(http.StatusOK, s, "")
}

// showSight shows an order. notice is something that could not be done.
func (t *visit) showSight(status int, s sight, notice string) error {
	switch {
	case s.stage == stageWaiting:
		return t.show(status, t.v.next(t.waiting(s, wayOn{})))
	case s.payable() && (s.stage == stageOpen || s.stage == stageDeclined):
		return t.showChoice(status, s, notice)
	}
	return t.show(status, t.v.ended(t.endOf(s)))
}

// choiceScreen asks which wallet pays.
type choiceScreen struct {
	sight    sight
	notice   string
	declined string // why the wallet that was chosen last did not pay
	one      *offer // the wallet in whose browser the page is open, or the only one there is
	others   []offer
	code     string // QR code of this order, as SVG
	leave    string // back to the shop, unpaid
}

func (t *visit) showChoice(status int, s sight, notice string) error {
	all, err := t.offers(s.p)
	if err != nil {
		return err
	}
	c := choiceScreen{sight: s, notice: notice, others: all,
		code: t.v.drawn(t.address(t.app.Payments.CodeURL(s.p)))}
	if s.stage == stageDeclined {
		c.declined = t.v.reason(s.reason)
	}
	if o, ok := t.recognised(all); ok {
		c.one, c.code, c.others = &o, "", nil
		for _, other := range all {
			if other.no != o.no {
				c.others = append(c.others, other)
			}
		}
	} else if len(all) == 1 { // on another phone it may still be scanned
		c.one, c.others = &all[0], nil
	}
	if t.base == payPath {
		c.leave = returnTo(s.p.ReturnURL, s.p.ID)
	}
	return t.show(status, t.v.choice(c))
}

// address makes an address of this network whole.
func (t *visit) address(s string) string {
	if s != "" && s[0] == '/' {
		return t.origin() + s
	}
	return s
}

// choose asks a wallet to take the order: wallet.
func (a *app) choose(t *visit) error {
	p, err := t.order()
	if err != nil {
		return err
	}
	c, err := t.wish()
	if err != nil {
		return err
	}
	o, form, err := t.ask(p, c)
	if t.machine() {
		return t.tellForm(p, form, err)
	}
	return t.asked(p, o, form, err)
}

// ask asks a wallet. A wallet that cannot be asked from here scans the order itself.
func (t *visit) ask(p *payment.Payment, c wish) (offer, link.Form, error) {
	all, err := t.offers(p)
	if err != nil {
		return offer{}, link.Form{}, err
	}
	o, ok := find(all, c.Wallet)
	if !ok {
		return offer{}, link.Form{}, ErrChoice.Newf("%q cannot pay this", clip(c.Wallet))
	}
	way := o.way(t.machine() || t.inside(o))
	own := link.Form{CodeText: t.address(t.app.Payments.CodeURL(p)), Expires: p.Expires}
	if way == "" {
		return o, own, nil
	}
	from := limit.Of(t.r)
	choice := payment.Choice{Payment: p, IssuerNo: o.no, Way: way, UserAgent: t.r.UserAgent(),
		PayerIP: from.String(), Payer: c.Payer, Began: web.Began(t.ctx()),
		ReturnURL: t.backURL(p, o)}
	form, err := t.app.Payments.Choose(t.ctx(), choice)
	if errors.Is(err, payment.ErrWay) {
		return o, own, nil // it asks us what our code means, and needs no order of its own
	}
	return o, form, err
}

// backURL is where a wallet sends its user when it is done.
func (t *visit) backURL(p *payment.Payment, o offer) string {
	address := t.app.Payments.CodeURL(p)
	if t.base == payPath {
		address = t.app.Payments.CheckoutURL(p)
	}
	return t.address(address) + "/back?wallet=" + o.id
}

// asked says how the payer gets to the order in the wallet, or why the wallet will not have it.
func (t *visit) asked(p *payment.Payment, o offer, form link.Form, err error) error {
	base := t.base
	if base == entryPath {
		base = orderPath
	}
	path := base + p.Token()
	var refusal *fault.Error
	switch {
	case errors.Is(err, payment.ErrClosed):
		return t.seeOther(path)
	case errors.As(err, &refusal):
		t.base = base
		s, lookErr := t.look(p)
		if lookErr != nil {
			return lookErr
		}
		s.stage = stageOf(p, t.now)
		return t.showSight(web.Status(refusal.Problem), s, t.v.refusal(refusal))
	case err != nil:
		return err
	}
	t.remember(path, o.id)
	on, ok := onward(form)
	if !ok {
		return errors.New("the wallet's form leads nowhere")
	}
	t.base = base
	s, err := t.look(p)
	if err != nil {
		return err
	}
	s.stage, s.mine, s.wallet = stageWaiting, o.id, o.name
	if on.page != "" {
		// A form's redirect to another host is against form-action; this is not.
		t.w.Header().Set("Refresh", "0;url="+on.page)
	}
	return t.show(http.StatusOK, t.v.next(t.waiting(s, on)))
}

// remember keeps in this browser which wallet it has chosen for an order.
func (t *visit) remember(path, issuer string) {
	http.SetCookie(t.w, &http.Cookie{Name: chosenCookie, Value: issuer, Path: path,
		MaxAge: chosenAge, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: secure(t.r)})
}

// comeBack takes a payer who comes back from a wallet: what was asked is inquired, and the
// order's page shows how it stands.
func (a *app) comeBack(t *visit) error {
	p, err := t.order()
	if err != nil {
		return err
	}
	path := t.base + p.Token()
	if !isOpen(p) {
		t.returned(path)
		return t.seeOther(path)
	}
	events, err := a.Events.Subject(t.ctx(), p.ID)
	if err != nil {
		return err
	}
	for _, try := range payment.Tries(events) {
		if try.State != payment.TryOpen {
			continue
		}
		w, err := a.Places.ByID(t.ctx(), try.IssuerID)
		if err == nil {
			err = a.Payments.Poke(t.ctx(), w.No, try.LegID)
		}
		if err != nil {
			a.Logger.Warn("return from a wallet not followed", "payment", p.ID,
				"wallet", try.IssuerID, "error", err)
		}
	}
	t.returned(path)
	return t.seeOther(path)
}

// returned remembers the wallet that sends a payer back, perhaps into another browser than the
// one it came from.
func (t *visit) returned(path string) {
	id := t.r.URL.Query().Get("wallet")
	if _, err := t.app.Places.ByID(t.ctx(), id); err == nil {
		t.remember(path, id)
	}
}

// nextScreen says what the payer does in the wallet.
type nextScreen struct {
	sight sight
	on    wayOn
	code  string // as SVG
	own   string // QR code of the order itself, for wallets whose call works inside them only
}

func (t *visit) waiting(s sight, on wayOn) nextScreen {
	n := nextScreen{sight: s, on: on}
	if on.code != "" {
		n.code = t.v.drawn(on.code)
	}
	if on.params != "" {
		n.own = t.v.drawn(t.address(t.app.Payments.CodeURL(s.p)))
	}
	return n
}

// payerAmount is what the payment cost its payer, when that is another currency than the shop's.
func payerAmount(p *payment.Payment) money.Amount {
	a := p.PayTo
	if p.Payer != nil {
		a = *p.Payer
	}
	if a.Currency() == p.Order.Currency() {
		return money.Amount{}
	}
	return a
}

// live is where the page of an order hears of changes; nil when nothing changes any more.
func (s sight) live() *live {
	if !isOpen(s.p) {
		return nil
	}
	return &live{events: s.path + "/live", url: s.path}
}

// refresh is how often a browser without scripts looks again: not while it leaves for the wallet.
func (n nextScreen) refresh() int {
	if n.on.page != "" {
		return 0
	}
	return noScriptRefresh
}

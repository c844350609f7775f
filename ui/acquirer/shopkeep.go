package acquirer

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/fault"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/report"
	"watari/ui/console"
)

// The sizes and forms in which a stand leaves, as Stands knows them.
const (
	sizeA6, sizeA5   = "a6", "a5"
	asPDF, asSVG     = "pdf", "svg"
	asSheet, preview = "sheet", "preview.svg"
)

func (a *app) showStand(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	return show(v, s.frame(v), shopStand(v, s))
}

// sendStand draws a stand: "a6.pdf", "a5-sheet.pdf", "a6.svg", or the picture of the page.
func (a *app) sendStand(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	file := v.R.PathValue("file")
	name, form, ok := strings.Cut(file, ".")
	size, sheet, cut := strings.Cut(name, "-")
	switch {
	case file == preview:
		size, form = sizeA6, asSVG
	case !ok || size != sizeA6 && size != sizeA5 || form != asPDF && form != asSVG:
		return v.NotFound()
	case cut && (sheet != asSheet || form != asPDF):
		return v.NotFound()
	case cut:
		form = asSheet
	}
	drawn, err := a.Stands.Print(v.Ctx(), []int64{s.Store.No}, size, form)
	if err != nil {
		return err
	}
	if file == preview {
		h := v.W.Header()
		h.Set("Content-Type", drawn.Type)
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		h.Set("Cache-Control", "no-store")
		v.W.WriteHeader(http.StatusOK)
		_, _ = v.W.Write(drawn.Body)
		return nil
	}
	return sendFile(v, drawn.Name, drawn.Type, drawn.Body)
}

func (a *app) showLimits(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	return show(v, s.frame(v), shopLimits(v, s))
}

func (a *app) setLimits(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	var l party.StoreLimits
	for name, at := range map[string]**int64{"per_payment_max_minor": &l.PerPaymentMaxMinor,
		"per_day_max_minor": &l.PerDayMaxMinor, "refund_day_max_minor": &l.RefundDayMaxMinor} {
		limit, ok := wholeYen(v.Typed(name))
		if !ok {
			v.Mistake(name, v.T("limits.invalid"))
			continue
		}
		*at = limit
	}
	if above, ok := wholeYen(v.Typed("pin_above_minor")); !ok {
		v.Mistake("pin_above_minor", v.T("limits.invalid"))
	} else if above != nil {
		l.PINAboveMinor = *above
	}
	if v.Wrong() {
		return a.showLimits(v)
	}
	err = a.Keeping.SetLimits(v.Ctx(), v.Caller.Actor, s.Store.No, l)
	if v.Refused(err) {
		return a.showLimits(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(s.link("limits"), v.T("limits.saved"))
}

// accountPage is where a shop's merchant is paid to.
type accountPage struct {
	shopAt
	payouts []signup.Payout
}

func (a *app) showAccount(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	p := accountPage{shopAt: s}
	if p.payouts, err = a.Signup.Payouts(v.Ctx(), bank(v), s.Merchant.No); err != nil {
		return err
	}
	return show(v, s.frame(v), shopAccount(v, p))
}

// proposeAccount asks for another account: a second person agrees, and it waits (U6 of signup).
func (a *app) proposeAccount(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	var form signup.Form
	fill(v, &form, stepAccount)
	_, err = a.Signup.ProposePayout(v.Ctx(), me(v), bank(v), s.Merchant.No, form.Bank,
		v.Typed("note"))
	if v.Refused(inBank(err)) {
		return a.showAccount(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(s.link("account"), v.T("account.proposed"))
}

// inBank moves the fields of a refused account to where the form has them.
func inBank(err error) error {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		for i, f := range refusal.Fields {
			if f.Pointer != "/note" && !strings.HasPrefix(f.Pointer, "/bank") {
				refusal.Fields[i].Pointer = "/bank" + f.Pointer
			}
		}
	}
	return err
}

func (a *app) showShopHistory(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	moments, err := a.historyOf(v, party.Subject(party.KindStore, s.Store.No),
		party.Subject(party.KindMerchant, s.Merchant.No))
	if err != nil {
		return err
	}
	return show(v, s.frame(v), shopHistory(v, s, moments))
}

// handoverPage is what a new shop is given: a link that opens its till, its stand, and a link for
// its owner.
type handoverPage struct {
	shopAt
	till    string // address that opens the till; "" when the shop has none that is open
	tillNo  int64
	opened  bool   // somebody opened the till before
	owner   string // address of the owner's invitation, once it was made
	invitee string // for whom it was made
	email   string // that the owner gave
	invited bool
}

// showHandover asks for what is to be made; making a till link is a step of its own, for opening
// this page again must not leave links behind.
func (a *app) showHandover(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	p := handoverPage{shopAt: s}
	return a.handover(v, p)
}

func (a *app) handover(v *console.Visit, p handoverPage) error {
	tills, err := a.Reports.Tills(v.Ctx(), report.Scope{AcquirerNo: bank(v),
		StoreNo: p.Store.No})
	if err != nil {
		return fmt.Errorf("list the shop's tills: %w", err)
	}
	for _, t := range tills {
		if t.Status == party.Open {
			p.tillNo, p.opened = t.No, t.Signed > 0
			break
		}
	}
	if p.email, err = a.ownerEmail(v, p.Merchant); err != nil {
		return fmt.Errorf("find the owner's address: %w", err)
	}
	frame := p.frame(v)
	frame.Title, frame.Lead = v.T("hand.title", "shop", p.name), v.T("hand.lead")
	frame.Crumbs = append(frame.Crumbs, console.Link{Text: p.name, Href: p.shopAt.link()})
	frame.Actions = nil
	return show(v, frame, handover(v, p))
}

// ownerEmail is the address that the merchant gave in its application; "" when it gave none.
func (a *app) ownerEmail(v *console.Visit, m party.Merchant) (string, error) {
	id, err := a.applicationOf(v.Ctx(), m)
	if err != nil || id == "" {
		return "", err
	}
	app, err := a.Signup.Find(v.Ctx(), bank(v), id)
	return app.Form.Email, err
}

// handTill makes the link that opens the shop's till, and shows it, this once (B5).
func (a *app) handTill(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	p := handoverPage{shopAt: s}
	tills, err := a.Reports.Tills(v.Ctx(), report.Scope{AcquirerNo: bank(v),
		StoreNo: s.Store.No})
	if err != nil {
		return fmt.Errorf("list the shop's tills: %w", err)
	}
	i := slices.IndexFunc(tills, func(t report.Till) bool { return t.Status == party.Open })
	if i < 0 {
		return v.SeeOther(s.link("tills"), "")
	}
	p.till, err = a.Keeping.ActivationURL(v.Ctx(), v.Caller.Actor, tills[i].No, linkLife)
	if err != nil {
		return err
	}
	return a.handover(v, p)
}

// inviteOwner makes the link by which the shop's owner signs in for the first time.
func (a *app) inviteOwner(v *console.Visit) error {
	s, err := a.shop(v)
	if err != nil {
		return err
	}
	p := handoverPage{shopAt: s}
	made, err := a.Staff.Invite(v.Ctx(), v.Caller, people.Invitation{
		Email: v.Typed("email"), Name: v.Typed("name"), Lang: string(v.Lang),
		Place: people.Place{Role: access.MerchantOwner, ParticipantNo: bank(v),
			MerchantNo: s.Merchant.No}})
	if v.Refused(err) {
		return a.handover(v, p)
	}
	if err != nil {
		return err
	}
	p.owner, p.invitee, p.invited = made.URL, made.Email, true
	return a.handover(v, p)
}

// newAccount is the empty form for another account.
var newAccount = signup.Form{Bank: signup.Account{Type: signup.Ordinary}}

func payoutFacts(v *console.Visit, p signup.Payout) []console.Fact {
	list := []console.Fact{{Name: v.T("f.bank.holder_kana"), Value: console.Text(
		p.Account.HolderKana)}}
	if !p.From.IsZero() {
		list = append(list, console.Fact{Name: v.T("account.from"), Value: v.Time(p.From)})
	}
	list = append(list, console.Fact{Name: v.T("account.maker"), Value: console.Text(
		orDash(p.Maker))})
	if p.Checker != "" {
		list = append(list, console.Fact{Name: v.T("account.checker"),
			Value: console.Text(p.Checker)})
	}
	if p.Note != "" {
		list = append(list, console.Fact{Name: v.T("word.why"), Value: console.Text(p.Note)})
	}
	if p.Contact != "" {
		list = append(list, console.Fact{Name: v.T("account.contact"),
			Value: console.Text(p.Contact)})
	}
	return list
}

func pinText(v *console.Visit, s shopAt) string {
	switch {
	case s.Store.ManagerPINHash != "":
		return v.T("limits.pin.set")
	case s.Store.PINAboveMinor > 0:
		return v.T("limits.pin.unset")
	}
	return v.T("limits.pin.none")
}

// limitFacts are the limits for those who may not change them.
func limitFacts(v *console.Visit, s shopAt) []console.Fact {
	limit := func(key string, n *int64) console.Fact {
		if n == nil {
			return console.Fact{Name: v.T(key), Value: console.Text(v.T("word.no_limit"))}
		}
		return console.Fact{Name: v.T(key), Value: v.Money(amount(*n))}
	}
	return []console.Fact{limit("limits.payment", s.Store.PerPaymentMaxMinor),
		limit("limits.day", s.Store.PerDayMaxMinor),
		limit("limits.refund", s.Store.RefundDayMaxMinor),
		{Name: v.T("limits.pin"), Value: v.Money(amount(s.Store.PINAboveMinor))}}
}

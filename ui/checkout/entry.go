package checkout

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/ui/theme"
)

// entryScreen asks for the amount at a store.
type entryScreen struct {
	path    string
	typed   string
	mistake string
	notice  string
	request string // one order, however often the form is sent (V3)
	one     *offer // the wallet in whose browser the page is open
	wallets []offer
}

// point finds the store of a printed code.
func (t *visit) point() (party.Point, error) {
	point, err := t.app.Payments.StoreByToken(t.ctx(), t.r.PathValue("token"))
	if errors.Is(err, party.ErrStoreUnknown) {
		err = web.ErrNothing.Newf("no store has this code").Because(err)
	}
	if err == nil {
		t.v.at(point)
	}
	return point, err
}

// showEntry asks for the amount.
func (a *app) showEntry(t *visit) error {
	point, err := t.point()
	if err != nil {
		return err
	}
	usable := point.Usable()
	if t.machine() {
		return t.tellStore(point, usable == nil)
	}
	if usable != nil {
		return usable
	}
	s := entryScreen{typed: clip(t.r.URL.Query().Get("amount"))}
	if amount, mistake := theme.ParseYen(s.typed); mistake == "" {
		s.typed = theme.GroupedYen(amount)
	}
	return t.showAmount(http.StatusOK, s)
}

// tellStore is the entry page for programs.
func (t *visit) tellStore(point party.Point, open bool) error {
	m := machinePage{Kind: "store", Shop: shopOf(point), Wallets: []machineWallet{},
		State: "closed"}
	if open {
		all, err := t.offers(nil)
		if err != nil {
			return err
		}
		m.Wallets, m.State = machineWallets(all), string(stageOpen)
	}
	return t.tell(m)
}

func (t *visit) showAmount(status int, s entryScreen) error {
	all, err := t.offers(nil)
	if err != nil {
		return err
	}
	s.path, s.wallets = t.r.URL.Path, all
	if s.request == "" {
		s.request = id.Secret(16)
	}
	if o, ok := t.recognised(all); ok {
		s.one = &o
	}
	return t.show(status, t.v.entry(s))
}

// enter makes the order of an amount, and asks a wallet when one is named already: amount,
// request, wallet.
func (a *app) enter(t *visit) error {
	point, err := t.point()
	if err != nil {
		return err
	}
	c, err := t.wish()
	if err != nil {
		return err
	}
	amount, mistake := c.amount()
	if t.machine() && mistake != "" {
		return payment.ErrAmount.Newf("say how much, in whole yen")
	}
	c.key = requestKey(c.key)
	s := entryScreen{typed: clip(c.typed), request: c.key}
	if mistake != "" {
		s.mistake = t.v.T(mistake, "max", theme.DigitsMax)
		return t.showAmount(http.StatusUnprocessableEntity, s)
	}
	p, err := t.open(point, amount, c.key)
	var refusal *fault.Error
	if !t.machine() && errors.As(err, &refusal) && refusal.Problem.Kind != fault.Unavailable {
		s.notice, s.request = t.v.refusal(refusal), ""
		return t.showAmount(web.Status(refusal.Problem), s)
	}
	if err != nil {
		return err
	}
	if c.Wallet == "" && !t.machine() {
		return t.seeOther(orderPath + p.Token())
	}
	o, form, err := t.ask(p, c)
	if t.machine() {
		return t.tellForm(p, form, err)
	}
	return t.asked(p, o, form, err)
}

// amount is how much, or the key of the text that says what is wrong.
func (c wish) amount() (money.Amount, string) {
	if c.Amount == nil {
		return theme.ParseYen(c.typed)
	}
	// The payment service judges the currency: it knows what the shop is paid in.
	return *c.Amount, ""
}

// open makes the order. The amount is part of the request's id: a payer who goes back and types
// another amount makes another order (V3).
func (t *visit) open(
	point party.Point, amount money.Amount, key string,
) (*payment.Payment, error) {
	rid := "s" + strconv.FormatInt(point.Store.No, 10) + "-" + key + "-" +
		strconv.FormatInt(amount.Minor(), 10)
	return t.app.Payments.Open(t.ctx(), payment.Order{
		Origin: payment.Origin{AcquirerNo: point.Acquirer.No, Channel: payment.ChannelScan,
			RequestID: rid, Actor: "payer", Began: web.Began(t.ctx()),
			Compare: []payment.Field{{Name: "amount", Value: amount.String()}}},
		MerchantID: point.Merchant.ID, StoreID: point.Store.ID, Amount: amount,
		Way: link.WayEntry, Description: point.Store.Name})
}

// action is where the form of an amount goes. It keeps which wallet the address named.
func (v view) action(s entryScreen) string {
	if s.one != nil {
		return s.path + "?wallet=" + s.one.id
	}
	return s.path
}

// requestKey is the key of a wish in the form of the page's own: a program may use any text.
func requestKey(key string) string {
	switch {
	case key == "":
		return id.Secret(16)
	case requestOK(key):
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// requestOK tells whether a request id has the form that the page mints. The longest leaves room
// for the store's number and the amount in 64 characters.
func requestOK(s string) bool {
	bad := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return len(s) >= 16 && len(s) <= 32 && !strings.ContainsFunc(s, bad)
}

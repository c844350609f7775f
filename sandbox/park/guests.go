package park

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"path"
	"strings"
	"time"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/sandbox/wallet"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/visitor"
)

// guest is a user of a wallet who buys in the visitors' app and pays there.
type guest struct {
	wallet string
	user   int // from the end of the wallet's users: the first are for whoever tries the sandbox
	ahead  int // days
	want   []want
	claims []string
	// cut is a line that they give back.
	cut int64
}

// want is so many of a product.
type want struct {
	product, slot string
	unit          park.Unit
	n             int64
}

// guestsOf are those who come at the first start: every discount of a wallet is earned by some.
func guestsOf() []guest {
	day := func(u park.Unit, n int64) want { return want{"day-pass", "", u, n} }
	return []guest{
		{wallet: "lianhua", user: 0, want: []want{day(park.Adult, 2)}},
		{wallet: "lianhua", user: 1, ahead: 1, cut: 4,
			want: []want{day(park.Adult, 2), day(park.Child, 2)}},
		{wallet: "lianhua", user: 2, ahead: 5,
			want: []want{day(park.Adult, 1), day(park.Senior, 1)}},
		{wallet: "weilai", user: 0, want: []want{day(park.Adult, 3)}},
		{wallet: "weilai", user: 0, ahead: 2,
			want: []want{day(park.Adult, 1), day(park.Junior, 1)}},
		{wallet: "weilai", user: 0, ahead: 6,
			want: []want{{"timed-entry", "10:00", park.Adult, 2}}},
		{wallet: "pochi", user: 0, claims: []string{"resident:19"},
			want: []want{day(park.Adult, 1), day(park.Child, 1)}},
		{wallet: "pochi", user: 0, ahead: 3, claims: []string{"member"}, cut: 2,
			want: []want{day(park.Adult, 2)}},
		{wallet: "midori", user: 0, want: []want{day(park.Adult, 2), day(park.Senior, 1)}},
		{wallet: "midori", user: 0, ahead: 4,
			want: []want{day(park.Adult, 2), {"raijin-priority", "11:00", park.Adult, 2}}},
	}
}

// guests lets the users of the wallets buy, pay, come, and eat and shop in the park.
func (p *player) guests(ctx context.Context) error {
	ws, err := p.wallets(ctx)
	if err != nil {
		return err
	}
	plan := guestsOf()
	p.Progress.add(0, len(plan)+firstSales)
	for i, g := range plan {
		if w, ok := ws[g.wallet]; ok && g.user < len(w.Users) {
			if err := p.guest(ctx, g, w, i); err != nil {
				if !tolerable(err) {
					return fmt.Errorf("a user of %s buys: %w", g.wallet, err)
				}
				p.Log.Warn("sandbox: a guest of the park is refused", "wallet", g.wallet,
					"error", err)
			}
		}
		p.Progress.add(1, 0)
	}
	if err := p.firstShops(ctx); err != nil {
		return err
	}
	return p.Memory.Note(ctx, noteGuests, p.Now().UTC().Format(time.RFC3339))
}

// wallets are the simulated wallets by their ids.
func (p *player) wallets(ctx context.Context) (map[string]Wallet, error) {
	all, err := p.Wallets(ctx)
	out := map[string]Wallet{}
	for _, w := range all {
		out[w.ID] = w
	}
	return out, err
}

// errWallet says that a wallet refused what its user wanted, for example for want of money.
var errWallet = errors.New("the wallet refuses")

// tolerable errors are no reason to try again: the network or the wallet said no.
func tolerable(err error) bool { return isRefusal(err) || errors.Is(err, errWallet) }

// guest signs in with the wallet, buys, pays in the wallet, and comes if it is for today.
func (p *player) guest(ctx context.Context, g guest, w Wallet, i int) error {
	user := w.Users[len(w.Users)-1-g.user]
	who, err := p.signIn(ctx, w, user)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	now := p.Now()
	p.set(now)
	q := order.Request{RequestID: fmt.Sprintf("sandbox-%02d", i), Seller: park.SellerKind,
		Place: p.park.ID, VisitorID: who.ID, Channel: park.ByVisitor, IssuerID: w.ID,
		Lang: i18n.English, Claims: g.claims}
	for _, x := range g.want {
		q.Items = append(q.Items, order.Item{Product: x.product, Slot: x.slot,
			Day: later(park.DayOf(now), g.ahead), Unit: string(x.unit), Count: x.n})
	}
	o, err := p.Orders.Hold(ctx, q)
	if err != nil {
		return err
	}
	if o.State == order.StateHeld || o.State == order.StatePaying {
		if o, err = p.pay(ctx, o, w, user); err != nil {
			return fmt.Errorf("pay: %w", err)
		}
	}
	if g.cut != 0 && o.State == order.StatePaid {
		err := p.cancel(ctx, o.ID, order.Cut{Lines: []int64{g.cut}, Reason: order.ByVisitor},
			"give-back", "visitor:"+who.ID)
		if err != nil {
			return err
		}
	}
	if g.ahead > 0 {
		return nil
	}
	ts, err := p.Gates.TicketsOf(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, t := range ts {
		if st, ok := p.stationFor(t, i%2 == 0); ok {
			p.set(p.Now())
			if err := p.scan(ctx, st, t, gate.Entry, "guest-"+t.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// payWait is how long an order may take to be paid after its wallet has said yes.
const payWait = 15 * time.Second

// pay opens the order's page in the wallet and confirms there.
func (p *player) pay(
	ctx context.Context, o *order.Order, w Wallet, user string,
) (*order.Order, error) {
	page, o, err := p.Orders.Pay(ctx, o.ID, p.Base+"/visit/orders/"+o.ID)
	if err != nil || o.State == order.StatePaid {
		return o, err
	}
	err = p.ask(ctx, http.MethodPost, w.ControlURL+"/users/"+user+"/scan",
		map[string]string{"code_value": page}, nil)
	if err != nil {
		return o, err
	}
	for end := p.Now().Add(payWait); ; {
		if o, err = p.Orders.Settle(ctx, o.ID); err != nil || o.State == order.StatePaid {
			return o, err
		}
		if p.Now().After(end) {
			return o, fmt.Errorf("%w: order %s is %s", errWallet, o.ID, o.State)
		}
		select {
		case <-ctx.Done():
			return o, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// signIn lets a user into the visitors' app as a browser does: on to the wallet, its user says yes,
// and back.
func (p *player) signIn(ctx context.Context, w Wallet, user string) (visitor.Visitor, error) {
	start, err := p.Visitors.Begin(ctx, visitor.Beginning{IssuerID: w.ID, Next: "/visit",
		ReturnURL: p.Base + "/visit/sign-in/back/" + w.ID})
	if err != nil {
		return visitor.Visitor{}, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return visitor.Visitor{}, err
	}
	browser := &http.Client{Jar: jar, Timeout: callMax}
	question, err := p.visit(ctx, browser, http.MethodGet, start.URL, "")
	if err != nil {
		return visitor.Visitor{}, err
	}
	if !strings.Contains(question.Request.URL.Path, wallet.SignInPath) {
		return visitor.Visitor{}, fmt.Errorf("%w: it shows %s", errWallet,
			question.Request.URL.Path)
	}
	browser.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	base := strings.TrimSuffix(w.ControlURL, "/control")
	answer, err := p.visit(ctx, browser, http.MethodPost, base+"/phone/"+user+wallet.SignInPath+
		path.Base(question.Request.URL.Path), "answer=give")
	if err != nil {
		return visitor.Visitor{}, err
	}
	back, err := answer.Location()
	for hop := 0; err == nil && strings.HasPrefix(back.String(), base+"/") && hop < hopsMax; hop++ {
		// Some wallets go on to a page of their own that sends the browser back.
		if answer, err = p.visit(ctx, browser, http.MethodGet, back.String(), ""); err == nil {
			back, err = answer.Location()
		}
	}
	if err != nil {
		return visitor.Visitor{}, fmt.Errorf("%w: %w", errWallet, err)
	}
	e, err := p.Visitors.Finish(ctx, start.Cookie, w.ID, back.Query())
	return e.Visitor, err
}

// hopsMax is how many pages of a wallet lead back to the network.
const hopsMax = 3

// callMax is how long one call of a wallet may take: a payment is decided in it.
const callMax = 30 * time.Second

// visit loads a page and returns the answer, whose body was read.
func (p *player) visit(
	ctx context.Context, browser *http.Client, method, to, form string,
) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := browser.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	if res.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%w: HTTP %d", errWallet, res.StatusCode)
	}
	return res, nil
}

// ask calls the control interface of a wallet and reads the answer into out, which may be nil.
func (p *player) ask(ctx context.Context, method, to string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Timeout: callMax}).Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%w: HTTP %d: %.200s", errWallet, res.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// rich tells whether a user has more than what stays for whoever tries the sandbox.
func (p *player) rich(ctx context.Context, w Wallet, user string) (bool, error) {
	var is struct {
		Balance money.Amount `json:"balance"`
	}
	err := p.ask(ctx, http.MethodGet, w.ControlURL+"/users/"+user, nil, &is)
	return err == nil && is.Balance.Minor() > w.Least, err
}

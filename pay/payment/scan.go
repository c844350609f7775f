package payment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"watari/kit/crash"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/code"
	"watari/pay/link"
	"watari/pay/party"
)

// Scan is a wallet that asks what a code means which its user has scanned.
type Scan struct {
	IssuerNo int64
	Text     string        // at most 512 characters
	Customer string        // the wallet's id of its user
	Amount   *money.Amount // typed by the user, for a merchant code
	Began    time.Time
}

// Resolved is what a scanned code means to a wallet.
type Resolved struct {
	Static    bool     // the code of a store: its user types the amount, and the wallet asks again
	Payment   *Payment // nil while Static
	RequestID string   // under which the wallet pays; "" while Static
	PayTo     money.Amount
	Quote     link.Quote
	Point     party.Point
	Expires   time.Time
}

// Resolve tells a wallet what a scanned code means and gives it a leg: it then debits its user and
// tells by a notice. The same code and customer have the same answer as long as the order is open.
//
// Errors: code.ErrUnknown, ErrCodeExpired, ErrClosed, ErrInconsistent (another customer has taken
// the order), ErrAmount, those of Open and Choose.
func (s *Service) Resolve(ctx context.Context, sc Scan) (Resolved, error) {
	if utf8.RuneCountInString(sc.Text) > codeTextMax {
		return Resolved{}, code.ErrUnknown.Newf("a code has at most %d characters", codeTextMax)
	}
	if token, ok := orderToken(sc.Text); ok {
		p, err := s.ByToken(ctx, token)
		if err != nil {
			return Resolved{}, code.ErrUnknown.Newf("the code is not of an order here").
				Because(err)
		}
		if !p.open() || !s.now().Before(p.Expires) {
			return s.again(ctx, p, sc)
		}
		return s.scanned(ctx, p, sc, link.WayOrder)
	}
	point, err := s.printed(ctx, sc.Text)
	if err != nil {
		return Resolved{}, err
	}
	if err := point.Usable(); err != nil {
		return Resolved{}, err
	}
	if sc.Amount == nil {
		return s.offer(ctx, point, sc)
	}
	p, err := s.Open(ctx, Order{Origin: Origin{AcquirerNo: point.Acquirer.No,
		Channel: ChannelScan, RequestID: id.New("scn", int(point.Acquirer.No)), Began: sc.Began,
		Compare: []Field{{"amount", sc.Amount.String()}}, Actor: "scan"},
		MerchantID: point.Merchant.ID, StoreID: point.Store.ID, Amount: *sc.Amount,
		Way: link.WayMerchant, Description: point.Store.Name})
	if err != nil {
		return Resolved{}, err
	}
	return s.scanned(ctx, p, sc, link.WayMerchant)
}

// orderToken returns the token in the address of an order. The address may be of another process
// of this network: what the token names is known to all of them.
func orderToken(text string) (string, bool) {
	if !strings.HasPrefix(text, "https://") && !strings.HasPrefix(text, "http://") {
		return "", false
	}
	_, token, ok := strings.Cut(text, "/q/")
	_, known := id.Shard("pay_" + token)
	return token, ok && known && len(token) == id.Len-len("pay_")
}

// codeTextMax is the longest text of a scanned code, as the wallets' protocol has it.
const codeTextMax = 512

// StoreToken is how a store is named in its printed code and in the address of its page.
func StoreToken(storeNo int64) string { return fmt.Sprintf("%07d", storeNo) }

// StoreByToken returns the store that a printed code names.
//
// Errors: party.ErrStoreUnknown.
func (s *Service) StoreByToken(ctx context.Context, token string) (party.Point, error) {
	no, err := strconv.ParseInt(token, 10, 64)
	if err != nil || no <= 0 || StoreToken(no) != token {
		return party.Point{}, party.ErrStoreUnknown.Newf("no store has this code")
	}
	return s.directory.Store(ctx, no)
}

// EntryURL is the address of a store's page: its visitors type the amount there.
func (s *Service) EntryURL(storeNo int64) string { return s.public + "/s/" + StoreToken(storeNo) }

// StaticCode is the text of a store's printed code.
//
// Errors: code.ErrMerchant when the store's data do not fit into a code.
func (s *Service) StaticCode(p party.Point) (string, error) {
	return code.StaticStore(code.Store{ID: p.Store.ID, Name: p.Store.Name,
		NameJA: p.Store.NameJA, City: p.Store.City, PostalCode: p.Store.PostalCode,
		MCC: p.Store.MCC, Unified: code.UnifiedStore{LV1: p.Store.UnifiedID},
		Token: StoreToken(p.Store.No), Address: s.EntryURL(p.Store.No)})
}

// printed returns the store whose printed code, or page, was scanned.
func (s *Service) printed(ctx context.Context, text string) (party.Point, error) {
	if token, ok := strings.CutPrefix(text, s.public+"/s/"); ok && s.public != "" {
		return s.StoreByToken(ctx, token)
	}
	read, err := code.ReadStore(text, "")
	if err != nil {
		return party.Point{}, err
	}
	return s.StoreByToken(ctx, read.Token)
}

// offer tells a wallet whose code it is; its user has to say how much.
func (s *Service) offer(ctx context.Context, point party.Point, sc Scan) (Resolved, error) {
	w, err := s.directory.Wallet(ctx, sc.IssuerNo)
	if err != nil {
		return Resolved{}, err
	}
	if !w.InService() {
		return Resolved{}, ErrWalletClosed.Newf("%s does not take payments now", w.Issuer.Name)
	}
	q, err := s.board.Live(ctx, sc.IssuerNo, point.Agreement.Currency, w.Agreement.Currency,
		w.Agreement.SpreadPPM, s.now())
	if err != nil {
		return Resolved{}, err
	}
	return Resolved{Static: true, Point: point, Expires: q.Until,
		Quote: link.Quote{ID: q.ID, Rate: q.Rate, From: q.From, Until: q.Until}}, nil
}

// scanned gives a wallet its leg of an order.
func (s *Service) scanned(
	ctx context.Context, p *Payment, sc Scan, way link.Way,
) (Resolved, error) {
	t, f, err := s.prepareTake(ctx, p, sc.IssuerNo, way, sc.Began)
	if err != nil {
		return Resolved{}, err
	}
	t.customer, t.same = s.seal.Seal(sc.Customer), s.sameScan(sc)
	r, err := s.submit(ctx, t, sc.Began.Add(AnswerEnd))
	if err != nil {
		return Resolved{}, err
	}
	if r.stale {
		return Resolved{}, ErrBusy.Newf("the directory is changing; try again")
	}
	crash.At(crash.BeforeAnswer)
	return s.resolved(r.payment, r.leg, f.point), nil
}

// sameScan recognises the leg that this customer of this wallet has taken, and refuses when
// another one has.
func (s *Service) sameScan(sc Scan) func(l *Leg) (bool, *fault.Error) {
	return func(l *Leg) (bool, *fault.Error) {
		if l.IssuerNo != sc.IssuerNo || l.Terms == nil || l.Terms.Customer == "" {
			return false, nil
		}
		// A request that has ended is nobody's any more: what is paid under it is a late yes and
		// goes back (P10), so whoever scans again gets another one.
		if l.State != LegAsked && l.State != LegUnknown && l.State != LegApproved {
			return false, nil
		}
		was, err := s.seal.Unseal(l.Terms.Customer)
		if err != nil {
			return false, ErrBusy.Newf("the order cannot be read").Because(err)
		}
		if was != sc.Customer {
			return false, ErrInconsistent.Newf("another customer has scanned it").
				Set("field", "customerId")
		}
		return true, nil
	}
}

// again answers a scan of an order that is closed: who took it hears the same as before.
func (s *Service) again(ctx context.Context, p *Payment, sc Scan) (Resolved, error) {
	same := s.sameScan(sc)
	for n := range legsMax {
		if p.open() {
			break // it is over: who would pay it now would be given the money back
		}
		l, err := s.loadLeg(ctx, pk{p.AcquirerNo, legOf(p.ID, byte(firstLeg+n))})
		if err != nil {
			break
		}
		if mine, fe := same(l); mine && fe == nil {
			point, err := s.pointOf(ctx, p)
			return s.resolved(p, l, point), err
		}
	}
	if (p.State == Cancelled || p.open()) && !s.now().Before(p.Expires) {
		return Resolved{}, ErrCodeExpired.Newf("the code has expired; ask for a fresh one")
	}
	return Resolved{}, ErrClosed.Newf("the order is %s", p.State).Set("state", string(p.State))
}

func (s *Service) resolved(p *Payment, l *Leg, point party.Point) Resolved {
	q := p.as(l)
	return Resolved{Payment: q, RequestID: l.ID, PayTo: l.Amount, Point: point,
		Expires: p.Expires, Quote: link.Quote{ID: l.QuoteID, Rate: q.Rate, From: l.Terms.Taken,
			Until: p.Expires}}
}

package promo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/ledger"
	"watari/pay/party"
)

// Yen is the currency of every discount.
const Yen money.Currency = "JPY"

// Shares are the parts of a discount, in yen.
type Shares struct {
	Wallet   int64 // owed by the wallet that is paid with
	Merchant int64 // what the merchant gets less
}

// IsZero says whether nobody gives anything.
func (s Shares) IsZero() bool { return s == Shares{} }

// Minus returns the difference of two discounts; its parts may be negative.
func (s Shares) Minus(o Shares) Shares {
	return Shares{s.Wallet - o.Wallet, s.Merchant - o.Merchant}
}

// Plus returns the sum of two discounts.
func (s Shares) Plus(o Shares) Shares {
	return Shares{s.Wallet + o.Wallet, s.Merchant + o.Merchant}
}

// Parties are those of an order that is paid.
type Parties struct {
	AcquirerNo, MerchantNo int64
	IssuerNo               int64 // 0 when no wallet pays
	// AcquirerTerms and IssuerTerms are the versions of the agreements that the payment was made
	// under, and PayTo is the issuer's currency there. Without a payment they are 0 and "".
	AcquirerTerms, IssuerTerms int64
	PayTo                      money.Currency
}

// Books are the accounts of some parties, with what their clearing days follow.
type Books struct {
	parties                     Parties
	issuer, acquirer            ledger.Account // of the scheme; zero without a wallet
	due, shop, promotion, given ledger.Account // of the acquirer's own book
	acquirerTerms, issuerTerms  *party.Agreement
}

// Booker finds the books.
type Booker struct {
	chart     *ledger.Chart
	directory *party.Directory
}

// New returns a Booker.
func New(chart *ledger.Chart, directory *party.Directory) *Booker {
	return &Booker{chart: chart, directory: directory}
}

// Books returns the books of some parties, making accounts that are new in a transaction of its
// own: call it before a transaction, never within.
func (b *Booker) Books(ctx context.Context, p Parties) (Books, error) {
	out := Books{parties: p}
	k := func(book int64, kind ledger.Kind, owner int64) ledger.Key {
		return ledger.Key{Book: book, Kind: kind, Owner: owner, Currency: Yen}
	}
	keys := []ledger.Key{k(p.AcquirerNo, ledger.MerchantPromotion, p.MerchantNo),
		k(p.AcquirerNo, ledger.MerchantPromotionGiven, p.MerchantNo)}
	if p.IssuerNo != 0 {
		keys = append(keys, k(0, ledger.IssuerPromotion, p.IssuerNo),
			k(0, ledger.AcquirerPayable, p.AcquirerNo),
			k(p.AcquirerNo, ledger.NetworkReceivable, 0),
			k(p.AcquirerNo, ledger.MerchantPayable, p.MerchantNo))
	}
	as, err := b.chart.Ensure(ctx, keys...)
	if err != nil {
		return out, fmt.Errorf("find accounts of discounts: %w", err)
	}
	out.promotion, out.given = as[0], as[1]
	if p.IssuerNo != 0 {
		out.issuer, out.acquirer, out.due, out.shop = as[2], as[3], as[4], as[5]
		if out.issuerTerms, err = b.terms(ctx, p.IssuerNo, party.Issuer, p.PayTo,
			p.IssuerTerms); err != nil {
			return out, fmt.Errorf("find the issuer's agreement: %w", err)
		}
	}
	out.acquirerTerms, err = b.terms(ctx, p.AcquirerNo, party.Acquirer, Yen, p.AcquirerTerms)
	if err != nil {
		return out, fmt.Errorf("find the acquirer's agreement: %w", err)
	}
	return out, nil
}

// terms finds an agreement by its version, or the one in force for version 0; nil when there is
// none in force.
func (b *Booker) terms(
	ctx context.Context, no int64, role party.Role, cur money.Currency, version int64,
) (*party.Agreement, error) {
	if version != 0 {
		a, err := b.directory.AgreementVersion(ctx, no, role, cur, version)
		return &a, err
	}
	a, err := b.directory.Agreement(ctx, no, role, cur)
	if errors.Is(err, party.ErrAgreementUnknown) {
		return nil, nil
	}
	return &a, err
}

// Grant returns the transfer that books what an order grants (B1); false when that is nothing.
// orderID is an id of kit/id.
func (b *Books) Grant(orderID, paymentID string, at time.Time, s Shares) (ledger.Transfer, bool) {
	check.That(s.Wallet >= 0 && s.Merchant >= 0, "promo: order %s grants %+v", orderID, s)
	return b.transfer(orderID, ledger.CausePromotion, paymentID, "", at, s)
}

// Back returns the transfer that books what a return takes back of a discount (B2); false when
// that is nothing. granted says whether the order granted anything.
func (b *Books) Back(
	returnID, orderID, paymentID string, at time.Time, s Shares, granted bool,
) (ledger.Transfer, bool) {
	corrects := ""
	if granted {
		corrects = ledger.PromotionID(orderID, ledger.CausePromotion)
	}
	return b.transfer(returnID, ledger.CausePromotionBack, paymentID, corrects, at,
		Shares{}.Minus(s))
}

// transfer books a discount; a negative part stands on the other sides.
func (b *Books) transfer(
	subject string, c ledger.Cause, paymentID, corrects string, at time.Time, s Shares,
) (ledger.Transfer, bool) {
	if s.IsZero() {
		return ledger.Transfer{}, false
	}
	check.That(s.Wallet == 0 || b.parties.IssuerNo != 0,
		"promo: %s has %d yen of a wallet, and none pays", subject, s.Wallet)
	var ps []ledger.Posting
	pair := func(debit, credit ledger.Account, minor int64) {
		switch {
		case minor > 0:
			ps = append(ps, ledger.Dr(debit, minor), ledger.Cr(credit, minor))
		case minor < 0:
			ps = append(ps, ledger.Dr(credit, -minor), ledger.Cr(debit, -minor))
		}
	}
	pair(b.issuer, b.acquirer, s.Wallet)
	pair(b.due, b.shop, s.Wallet)
	pair(b.promotion, b.given, s.Merchant)
	t := ledger.Transfer{AcquirerNo: b.parties.AcquirerNo, ID: ledger.PromotionID(subject, c),
		PaymentID: paymentID, Cause: c, At: at, AcquirerDay: day(b.acquirerTerms, at),
		Corrects: corrects, Postings: ps}
	if s.Wallet != 0 {
		t.IssuerNo, t.IssuerDay = b.parties.IssuerNo, day(b.issuerTerms, at)
	}
	return t, true
}

// day is the clearing day; in Japan where nothing is agreed.
func day(a *party.Agreement, at time.Time) string {
	if a == nil {
		return at.In(clock.JST).Format(time.DateOnly)
	}
	return a.ClearingDay(at)
}

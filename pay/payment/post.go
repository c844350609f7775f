package payment

import (
	"context"

	"watari/kit/check"
	"watari/kit/money"
	"watari/pay/fee"
	"watari/pay/ledger"
)

// books are the accounts that a payment touches.
type books struct {
	fxOrder, fxPayTo, spread          ledger.Account // of the scheme
	acquirer, issuer                  ledger.Account
	interchange, scheme, suspense     ledger.Account
	bankDue, bankFees, bankShop, bank ledger.Account // of the acquirer's own book
}

// booksOf returns the accounts of a payment between these parties, making them when they are
// new. It runs in a transaction of its own.
func (s *Service) booksOf(
	ctx context.Context, acquirer, merchant, issuer int64, order, payTo money.Currency,
) (*books, error) {
	k := func(book int64, kind ledger.Kind, owner int64, cur money.Currency) ledger.Key {
		return ledger.Key{Book: book, Kind: kind, Owner: owner, Currency: cur}
	}
	as, err := s.chart.Ensure(ctx,
		k(0, ledger.FXPosition, 0, order),
		k(0, ledger.FXPosition, 0, payTo),
		k(0, ledger.FXSpread, 0, payTo),
		k(0, ledger.AcquirerPayable, acquirer, order),
		k(0, ledger.IssuerReceivable, issuer, payTo),
		k(0, ledger.InterchangePayable, issuer, order),
		k(0, ledger.SchemeFee, 0, order),
		k(0, ledger.SuspenseReversal, issuer, payTo),
		k(acquirer, ledger.NetworkReceivable, 0, order),
		k(acquirer, ledger.NetworkFees, 0, order),
		k(acquirer, ledger.MerchantPayable, merchant, order),
		k(acquirer, ledger.MDRIncome, 0, order))
	if err != nil {
		return nil, err
	}
	return &books{as[0], as[1], as[2], as[3], as[4], as[5], as[6], as[7], as[8], as[9],
		as[10], as[11]}, nil
}

// parts is how much of a payment moves: all of it at approval, a share of it at a refund.
type parts struct {
	order, payTo, mid int64
	fees              fee.Parts
}

// approval returns the postings of an approved sale (P4). Nothing of zero is posted, and the
// spread stands on the other side when a refund's rounding makes it negative.
func (b *books) approval(m parts) []ledger.Posting {
	ps := make(postings, 0, 12)
	if b.fxOrder.No == b.fxPayTo.No {
		ps.dr(b.issuer, m.payTo)
		ps.cr(b.acquirer, m.order)
		ps.signed(b.spread, m.payTo-m.order)
	} else {
		ps.dr(b.fxOrder, m.order)
		ps.cr(b.acquirer, m.order)
		ps.dr(b.issuer, m.payTo)
		ps.cr(b.fxPayTo, m.mid)
		ps.signed(b.spread, m.payTo-m.mid)
	}
	due := m.fees.Interchange + m.fees.Scheme
	ps.dr(b.acquirer, due)
	ps.cr(b.interchange, m.fees.Interchange)
	ps.cr(b.scheme, m.fees.Scheme)

	ps.signed(b.bankDue, due-m.order)
	ps.dr(b.bankFees, due)
	ps.signed(b.bankShop, m.order-m.fees.MDR)
	ps.cr(b.bank, m.fees.MDR)
	return ps
}

// late returns the postings of a yes that came after the payment was closed (P10).
func (b *books) late(payTo int64) []ledger.Posting {
	return []ledger.Posting{ledger.Dr(b.issuer, payTo), ledger.Cr(b.suspense, payTo)}
}

// postings collects the lines of a transfer; what is zero is left out.
type postings []ledger.Posting

func (ps *postings) dr(a ledger.Account, minor int64) {
	check.That(minor >= 0, "payment: negative debit of %d on %s", minor, a.Kind)
	if minor > 0 {
		*ps = append(*ps, ledger.Dr(a, minor))
	}
}

func (ps *postings) cr(a ledger.Account, minor int64) {
	check.That(minor >= 0, "payment: negative credit of %d on %s", minor, a.Kind)
	if minor > 0 {
		*ps = append(*ps, ledger.Cr(a, minor))
	}
}

// signed credits a positive amount and debits a negative one.
func (ps *postings) signed(a ledger.Account, minor int64) {
	if minor >= 0 {
		ps.cr(a, minor)
	} else {
		ps.dr(a, -minor)
	}
}

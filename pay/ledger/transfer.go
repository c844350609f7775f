package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/money"
)

// Cause is the step of a payment's life that a transfer books.
type Cause string

// The causes. Each has a letter that ends the transfer's id (L4).
const (
	CauseApproval   Cause = "approval"    // a sale was approved
	CauseCancel     Cause = "cancel"      // the mirror of an approval
	CauseLate       Cause = "late"        // a wallet said yes after the payment was closed
	CauseLateUndone Cause = "late_undone" // the mirror of a late yes
	CauseRefund     Cause = "refund"
	CauseCapture    Cause = "capture" // some of a promise was taken
	// CausePromotion books who gives the discounts of a visitor's order; its mirror books what of
	// them is not given any more.
	CausePromotion     Cause = "promotion"
	CausePromotionBack Cause = "promotion_back"
)

// Step returns the letter that ends the id of a transfer with this cause.
func (c Cause) Step() byte {
	switch c {
	case CauseApproval:
		return 'a'
	case CauseCancel:
		return 'c'
	case CauseLate:
		return 'l'
	case CauseLateUndone:
		return 'u'
	case CauseRefund:
		return 'r'
	case CauseCapture:
		return 'p'
	case CausePromotion:
		return 'm'
	case CausePromotionBack:
		return 'n'
	}
	check.That(false, "ledger: cause %q has no step", c)
	return 0
}

// Transfer is a balanced, immutable set of postings (L2, L3).
type Transfer struct {
	AcquirerNo  int64
	ID          string // derived from the leg or refund and the cause (L4)
	PaymentID   string
	IssuerNo    int64
	Cause       Cause
	At          time.Time
	AcquirerDay string // clearing days, YYYY-MM-DD in the participant's zone
	IssuerDay   string
	Corrects    string // the transfer this one mirrors, or ""
	Postings    []Posting
}

// Mirror returns the postings with their sides exchanged.
func Mirror(ps []Posting) []Posting {
	out := make([]Posting, len(ps))
	for i, p := range ps {
		out[i] = Posting{p.Account, p.Side.Other(), p.Minor}
	}
	return out
}

// Balanced reports what is wrong with the postings, or nil (L1, L2).
func Balanced(ps []Posting) error {
	if len(ps) < 2 {
		return fmt.Errorf("a transfer has two postings or more, this has %d", len(ps))
	}
	type pot struct {
		book int64
		cur  money.Currency
	}
	var pots [8]pot
	var sums [8]int64
	n := 0
	for _, p := range ps {
		if p.Minor <= 0 || (p.Side != Debit && p.Side != Credit) {
			return fmt.Errorf("posting %c %d on account %d is not positive or has no side",
				p.Side, p.Minor, p.Account.No)
		}
		at := pot{p.Account.Book, p.Account.Currency}
		i := 0
		for i < n && pots[i] != at {
			i++
		}
		if i == n {
			if n == len(pots) {
				return fmt.Errorf("a transfer touches at most %d books and currencies", n)
			}
			pots[n], n = at, n+1
		}
		if p.Side == Debit {
			sums[i] += p.Minor
		} else {
			sums[i] -= p.Minor
		}
	}
	for i := range n {
		if sums[i] != 0 {
			return fmt.Errorf("book %d %s is off by %d", pots[i].book, pots[i].cur, sums[i])
		}
	}
	return nil
}

// line is a posting as it is stored.
type line struct {
	account int64
	side    Side
	minor   int64
}

// encode writes postings as they are stored: "12d1980 13c1980".
func encode(ps []Posting) string {
	b := make([]byte, 0, 16*len(ps))
	for i, p := range ps {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, p.Account.No, 10)
		b = append(b, byte(p.Side))
		b = strconv.AppendInt(b, p.Minor, 10)
	}
	return string(b)
}

// decode reads what encode wrote. Anything else is an error: the books were touched.
func decode(s string) ([]line, error) {
	parts := strings.Split(s, " ")
	out := make([]line, 0, len(parts))
	for _, part := range parts {
		i := strings.IndexAny(part, "dc")
		if i < 1 {
			return nil, fmt.Errorf("posting %q has no side", part)
		}
		no, err := strconv.ParseInt(part[:i], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("posting %q: account: %w", part, err)
		}
		minor, err := strconv.ParseInt(part[i+1:], 10, 64)
		if err != nil || minor <= 0 {
			return nil, fmt.Errorf("posting %q: the amount is not positive", part)
		}
		out = append(out, line{no, Side(part[i]), minor})
	}
	return out, nil
}

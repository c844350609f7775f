package order

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Lengths of texts in a request, in characters.
const (
	idMax       = 64
	wordMax     = 64
	noteMax     = 500
	claimsMax   = 10
	optionsMax  = 10
	optionMax   = 256
	describeMax = 256
)

// channels are where things are sold.
var channels = []string{"visitor", "octo", "counter"}

// plain says whether a text is of at least min and at most max characters that can be printed.
func plain(s string, min, max int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n >= min && n <= max && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f
	})
}

// checkRequest holds a request to its limits.
//
// Errors: ErrRequest with a field for each.
func (s *Service) checkRequest(q *Request) error {
	e := ErrRequest.Newf("see the fields")
	no := func(bad bool, pointer, format string, args ...any) {
		if bad {
			e.At(pointer, fmt.Sprintf(format, args...))
		}
	}
	no(!plain(q.RequestID, 1, idMax), "/request_id", "has 1 to %d characters", idMax)
	no(s.sellers[q.Seller] == nil, "/seller", "nobody sells this")
	no(!plain(q.Place, 1, idMax), "/place", "has 1 to %d characters", idMax)
	no(!slices.Contains(channels, q.Channel), "/channel", "is one of %v", channels)
	no((q.VisitorID == "") == (q.Account == ""), "/visitor_id",
		"it is either a visitor's or on an account")
	no(!plain(q.VisitorID, 0, idMax), "/visitor_id", "has at most %d characters", idMax)
	no(!plain(q.Account, 0, 2*idMax), "/account", "has at most %d characters", 2*idMax)
	no(!plain(q.IssuerID, 0, idMax), "/issuer_id", "has at most %d characters", idMax)
	no(!plain(q.Voucher, 0, wordMax), "/voucher", "has at most %d characters", wordMax)
	no(!plain(strings.ReplaceAll(q.Note, "\n", " "), 0, noteMax), "/note",
		"has at most %d characters", noteMax)
	no(len(q.Claims) > claimsMax, "/claims", "has at most %d", claimsMax)
	for i, c := range q.Claims {
		no(!plain(c, 1, wordMax), fmt.Sprintf("/claims/%d", i), "has 1 to %d characters", wordMax)
	}
	no(q.HoldFor != 0 && (q.HoldFor < HoldMin || q.HoldFor > HoldMax), "/hold_for",
		"is %.0f seconds to %.0f hours", HoldMin.Seconds(), HoldMax.Hours())
	no(len(q.Items) == 0 || len(q.Items) > ItemsMax, "/items", "has 1 to %d", ItemsMax)
	if len(q.Items) <= ItemsMax {
		checkItems(q.Items, no)
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

func checkItems(items []Item, no func(bad bool, pointer, format string, args ...any)) {
	var sum int64
	for i, it := range items {
		at := func(name string) string { return fmt.Sprintf("/items/%d/%s", i, name) }
		no(!plain(it.Product, 1, wordMax), at("product"), "has 1 to %d characters", wordMax)
		no(it.Day != "" && !isDay(it.Day), at("day"), "is a day, YYYY-MM-DD")
		no(!plain(it.Slot, 0, wordMax), at("slot"), "has at most %d characters", wordMax)
		no(!plain(it.Unit, 0, wordMax), at("unit"), "has at most %d characters", wordMax)
		no(it.Count < 1 || it.Count > LinesMax, at("count"), "is 1 to %d", LinesMax)
		no(len(it.Options) > optionsMax, at("options"), "has at most %d", optionsMax)
		for k, v := range it.Options {
			no(!plain(k, 1, wordMax) || !plain(v, 0, optionMax), at("options"),
				"names have %d characters at most, values %d", wordMax, optionMax)
		}
		sum += min(max(it.Count, 0), LinesMax)
	}
	no(sum > LinesMax, "/items", "are %d persons and things; an order has at most %d", sum,
		LinesMax)
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// check finds what a seller must never answer: an order that its money would not fit to.
func (h *Held) check(now time.Time) error {
	life := h.Expires.Sub(now)
	switch {
	case len(h.Lines) == 0 || len(h.Lines) > LinesMax:
		return fmt.Errorf("it has %d lines", len(h.Lines))
	case life < HoldMin || life > HoldMax:
		return fmt.Errorf("it is held for %s", life)
	case utf8.RuneCountInString(h.Description) > describeMax:
		return errors.New("its description is too long")
	}
	for i := range h.Lines {
		if h.Lines[i].No != int64(i+1) {
			return fmt.Errorf("line %d has the number %d", i+1, h.Lines[i].No)
		}
	}
	issuer, err := checkLines(h.Lines)
	if err == nil && issuer != 0 && len(h.OnlyIssuers) != 1 {
		err = fmt.Errorf("a wallet gives a discount, and the price is for the wallets %v",
			h.OnlyIssuers)
	}
	return err
}

// byPlace returns lines of which the place gives every discount: nobody pays with a wallet what
// costs nothing, so none owes a part of it.
func byPlace(ls []Line) []Line {
	out := slices.Clone(ls)
	for i := range out {
		out[i].Funding = slices.Clone(out[i].Funding)
		for n := range out[i].Funding {
			f := &out[i].Funding[n]
			f.Kind, f.IssuerNo = FundedByPlace, 0
		}
	}
	return out
}

// checkLines finds lines whose price, list price and funding do not fit, and returns the wallet
// that gives discounts; 0 is none.
func checkLines(ls []Line) (issuer int64, err error) {
	for _, l := range ls {
		rest := l.List - l.Price
		if l.Price < 0 || rest < 0 || l.List > priceMax {
			return 0, fmt.Errorf("line %d costs %d of %d", l.No, l.Price, l.List)
		}
		for _, f := range l.Funding {
			wallet := f.Kind == FundedByWallet
			switch {
			case f.Minor <= 0 || f.Minor > l.List,
				!wallet && f.Kind != FundedByPlace || wallet && f.IssuerNo <= 0:
				return 0, fmt.Errorf("line %d has the funding %+v", l.No, f)
			case wallet && issuer != 0 && f.IssuerNo != issuer:
				return 0, fmt.Errorf("line %d: two wallets give discounts", l.No)
			case wallet:
				issuer = f.IssuerNo
			}
			rest -= f.Minor
		}
		if rest != 0 {
			return 0, fmt.Errorf("line %d: discounts differ from its price by %d", l.No, rest)
		}
	}
	return issuer, nil
}

// priceMax is the most that one line costs, in yen.
const priceMax = 100_000_000

package park

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"watari/kit/db"
)

// MakeVouchers makes vouchers of one kind and returns them. All are made, or none.
//
// Errors: ErrInvalid, ErrUnknown, ErrTaken.
func (s *Service) MakeVouchers(
	ctx context.Context, parkID string, b VoucherBatch, actor string,
) ([]Voucher, error) {
	r := &refusal{problem: ErrInvalid}
	if b.Uses == 0 {
		b.Uses = 1
	}
	r.unless(within(b.Count, 1, vouchersMax), "/count", "is 1 to 5000")
	r.unless(b.Code == "" || b.Count == 1 && len(b.Code) >= 4 && len(b.Code) <= 20 &&
		isVoucherCode(b.Code), "/code", "has 4 to 20 letters and digits, and count is 1")
	r.unless(utf8.RuneCountInString(b.Label) <= labelMax && printable(b.Label), "/label",
		"has at most 40 characters that can be printed")
	r.unless(len(b.VisitorID) <= 64 && plain(b.VisitorID), "/visitor_id",
		"has at most 64 characters")
	r.unless(within(b.Uses, 1, 100_000), "/uses", "is 1 to 100000")
	r.unless(b.Until.IsZero() || b.Until.After(b.From), "/until", "comes after from")
	if err := r.answer(); err != nil {
		return nil, err
	}
	var out []Voucher
	err := s.edit(ctx, parkID, "vouchers_made", actor, func(
		ctx context.Context, tx *db.Tx, p *Park,
	) (facts, error) {
		if b.Discount != "" {
			all, err := discountsIn(ctx, tx, p.ID)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(all, func(d Discount) bool {
				return d.Rule.ID == b.Discount && d.Rule.Kind == ForVoucher && !d.Ended
			}) {
				return nil, ErrUnknown.Newf("there is no discount %q for vouchers", b.Discount).
					At("/discount", "is no discount for vouchers")
			}
		}
		out = nil
		for range b.Count {
			code := voucherCode(b.Code)
			if code == "" {
				code = newCode()
			}
			out = append(out, Voucher{ParkID: p.ID, Code: code, Discount: b.Discount,
				VisitorID: b.VisitorID, Label: b.Label, Uses: b.Uses, From: b.From,
				Until: b.Until, Created: s.now()})
		}
		if err := insertVouchers(ctx, tx, out); err != nil {
			return nil, fmt.Errorf("keep vouchers: %w", err)
		}
		return facts{"count": b.Count, "discount": b.Discount, "label": b.Label}, nil
	})
	return out, err
}

// isVoucherCode says whether a code can be chosen for a voucher: letters and digits, so that people
// can type it, and addresses and spreadsheets carry it as it is.
func isVoucherCode(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// printable says whether a text is one line that can be shown.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// voucherCode is a code as it is kept, of one as somebody typed it.
func voucherCode(typed string) string { return strings.ToUpper(strings.TrimSpace(typed)) }

// RevokeVoucher makes a voucher useless. What was bought with it stays.
//
// Errors: ErrUnknown.
func (s *Service) RevokeVoucher(ctx context.Context, parkID, code, actor string) error {
	code = voucherCode(code)
	return s.edit(ctx, parkID, "voucher_revoked", actor, func(
		ctx context.Context, tx *db.Tx, p *Park,
	) (facts, error) {
		vs, err := vouchersOf(ctx, tx, []voucherKey{{p.ID, code}}, true)
		if err != nil {
			return nil, err
		}
		if v := vs[voucherKey{p.ID, code}]; v == nil || v.Places > 0 {
			return nil, ErrUnknown.Newf("there is no such voucher")
		}
		return facts{"label": vs[voucherKey{p.ID, code}].Label}, revokeVoucher(ctx, tx, p.ID, code)
	})
}

// Vouchers returns a page of 200 vouchers of a label ("" is all) after a code, by code, and the
// cursor of the next page or "".
//
// Errors: ErrUnknown.
func (s *Service) Vouchers(ctx context.Context, parkID, label, after string) (
	[]Voucher, string, error,
) {
	const page = 200
	var out []Voucher
	err := s.view(ctx, parkID, func(ctx context.Context, tx *db.Tx, c *catalogue) (err error) {
		out, err = vouchersIn(ctx, tx, c.ID, label, after, page)
		return err
	})
	next := ""
	if len(out) == page {
		next = out[len(out)-1].Code
	}
	return out, next, err
}

package park

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"watari/kit/db"
	"watari/visit/order"
)

// MakeVouchers makes vouchers of one kind and returns them. All are made, or none. requestID is the
// caller's own, 1 to 64 characters, unique in the park: the same request again makes no others and
// returns those of the first as they were made. A refusal is not kept: it may be sent again.
//
// Errors: ErrInvalid, ErrUnknown, ErrTaken, order.ErrRepeated.
func (s *Service) MakeVouchers(
	ctx context.Context, parkID string, b VoucherBatch, requestID, actor string,
) ([]Voucher, error) {
	if err := b.check(requestID); err != nil {
		return nil, err
	}
	var out []Voucher
	err := s.edit(ctx, parkID, "vouchers_made", actor, func(
		ctx context.Context, tx *db.Tx, p *Park,
	) (facts, error) {
		out = nil
		was, err := batchOf(ctx, tx, p.ID, requestID)
		if err != nil {
			return nil, err
		}
		if was != nil && was.asked != b.asked() {
			return nil, order.ErrRepeated.Newf("the request id %s was used for other vouchers",
				requestID)
		}
		if was != nil {
			out = b.vouchers(p.ID, was.codes, was.made)
			return nil, errMade
		}
		if err := b.known(ctx, tx, p.ID); err != nil {
			return nil, err
		}
		made := voucherBatch{asked: b.asked(), made: s.now()}
		for range b.Count {
			made.codes = append(made.codes, cmp.Or(voucherCode(b.Code), newCode()))
		}
		out = b.vouchers(p.ID, made.codes, made.made)
		if err := insertVouchers(ctx, tx, out); err != nil {
			return nil, fmt.Errorf("keep vouchers: %w", err)
		}
		if err := insertBatch(ctx, tx, p.ID, requestID, &made); err != nil {
			return nil, fmt.Errorf("keep how vouchers were asked for: %w", err)
		}
		return facts{"count": b.Count, "discount": b.Discount, "label": b.Label}, nil
	})
	if errors.Is(err, errMade) {
		err = nil
	}
	return out, err
}

// errMade ends a transaction in which nothing is to be done: the vouchers were made before.
var errMade = errors.New("the vouchers were made before")

// voucherBatch is what is kept of a request for vouchers.
type voucherBatch struct {
	asked string
	codes []string
	made  time.Time
}

// asked is what requests with the same id must have in common.
func (b *VoucherBatch) asked() string {
	same := *b
	same.Code = voucherCode(b.Code)
	same.From, same.Until = fromMicros(micros(b.From)), fromMicros(micros(b.Until))
	sum := sha256.Sum256([]byte(encode(same)))
	return hex.EncodeToString(sum[:])
}

// vouchers are those of a batch, as they are made.
func (b *VoucherBatch) vouchers(parkID string, codes []string, made time.Time) []Voucher {
	out := make([]Voucher, len(codes))
	for i, code := range codes {
		out[i] = Voucher{ParkID: parkID, Code: code, Discount: b.Discount, VisitorID: b.VisitorID,
			Label: b.Label, Uses: b.Uses, From: b.From, Until: b.Until, Created: made}
	}
	return out
}

// check refuses what cannot be asked for, and fills in how often each can be used.
//
// Errors: ErrInvalid.
func (b *VoucherBatch) check(requestID string) error {
	r := &refusal{problem: ErrInvalid}
	r.unless(len(requestID) >= 1 && len(requestID) <= 64 && plain(requestID), "/request_id",
		"has 1 to 64 characters")
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
	return r.answer()
}

// known refuses vouchers for what is no discount for them.
//
// Errors: ErrUnknown.
func (b *VoucherBatch) known(ctx context.Context, tx *db.Tx, parkID string) error {
	if b.Discount == "" {
		return nil
	}
	all, err := discountsIn(ctx, tx, parkID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(d Discount) bool {
		return d.Rule.ID == b.Discount && d.Rule.Kind == ForVoucher && !d.Ended
	}) {
		return ErrUnknown.Newf("there is no discount %q for vouchers", b.Discount).
			At("/discount", "is no discount for vouchers")
	}
	return nil
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

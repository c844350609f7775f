package park

import (
	"context"
	"errors"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/web"
	"watari/visit/order"
)

func (s *Service) registerDiscounts(w *web.Server) {
	const root = "/v1/parks/{park_id}"
	web.Register(w, web.Op{ID: "list-park-discounts", Method: http.MethodGet,
		Path: root + "/discounts", Summary: "List discounts", Tags: tagged, Roles: readers,
		Faults: problems()}, s.apiDiscounts)
	web.Register(w, web.Op{ID: "put-park-discount", Method: http.MethodPut,
		Path: root + "/discounts/{discount_id}", Summary: "Make a discount, or write it anew",
		Tags: tagged, Roles: runners, Description: "Without a version it is made. What was " +
			"bought keeps the rules of its purchase. Of the discounts for residents, members " +
			"and groups a piece gets the best; then the best for its wallet and that of its " +
			"voucher come off what is left, in this order.",
		Faults: problems(ErrInvalid, ErrTaken, ErrChanged)}, s.apiPutDiscount)
	web.Register(w, web.Op{ID: "end-park-discount", Method: http.MethodDelete,
		Path: root + "/discounts/{discount_id}", Summary: "End a discount", Tags: tagged,
		Roles: runners, Faults: problems()}, s.apiEndDiscount)
	web.Register(w, web.Op{ID: "list-park-vouchers", Method: http.MethodGet,
		Path: root + "/vouchers", Summary: "List vouchers", Tags: tagged, Roles: readers,
		Faults: problems()}, s.apiVouchers)
	web.Register(w, web.Op{ID: "create-park-vouchers", Method: http.MethodPost,
		Path: root + "/vouchers", Summary: "Make vouchers that are alike: all of them, or none",
		Tags: tagged, Roles: runners, Status: http.StatusCreated,
		Faults: problems(ErrInvalid, ErrTaken, order.ErrRepeated)}, s.apiMakeVouchers)
	web.Register(w, web.Op{ID: "revoke-park-voucher", Method: http.MethodDelete,
		Path: root + "/vouchers/{code}", Summary: "Make a voucher useless", Tags: tagged,
		Roles: runners, Faults: problems()}, s.apiRevokeVoucher)
}

// discountItem is a discount as /v1 shows it.
type discountItem struct {
	ID        string            `json:"id,omitempty" maxLength:"40"`
	Version   int64             `json:"version,omitempty" doc:"As it was read; absent to make it."`
	Kind      RuleKind          `json:"kind" enum:"resident,member,group,wallet,voucher"`
	Name      map[string]string `json:"name" doc:"By language."`
	Products  []string          `json:"products,omitempty" maxItems:"200" doc:"Absent: all."`
	Units     []Unit            `json:"units,omitempty" maxItems:"5" doc:"Absent: all."`
	FirstDay  string            `json:"first_day,omitempty" maxLength:"10" doc:"Of the visit."`
	LastDay   string            `json:"last_day,omitempty" maxLength:"10"`
	OffPPM    int64             `json:"off_ppm,omitempty" doc:"Millionths of the price that is left, rounded down to the yen."`
	OffYen    int64             `json:"off_yen,omitempty" doc:"Of a piece."`
	MinCount  int64             `json:"min_count,omitempty" doc:"Pieces for one day that make a group."`
	Claim     string            `json:"claim,omitempty" maxLength:"64" doc:"What somebody has to be: resident:19."`
	Wallets   []string          `json:"wallets,omitempty" maxItems:"50" doc:"Ids of wallets; absent: every one."`
	WalletPPM int64             `json:"wallet_ppm,omitempty" doc:"Millionths of the discount that the wallet pays."`
	From      *time.Time        `json:"from,omitempty" doc:"Of the purchase."`
	Until     *time.Time        `json:"until,omitempty"`
	Channels  []string          `json:"channels,omitempty" maxItems:"3" doc:"Absent: every one."`
}

func discountItemOf(d Discount) discountItem {
	r := d.Rule
	return discountItem{r.ID, d.Version, r.Kind, byTag(d.Name), r.Products, r.Units, r.FirstDay,
		r.LastDay, r.OffPPM, r.OffYen, r.MinCount, r.Claim, r.Issuers, r.WalletPPM,
		moment(d.From), moment(d.Until), d.Channels}
}

func (i discountItem) discount(parkID, ruleID string) Discount {
	return Discount{ParkID: parkID, Version: i.Version, Name: textOf(i.Name), From: timeOf(i.From),
		Until: timeOf(i.Until), Channels: i.Channels, Rule: Rule{ID: ruleID, Kind: i.Kind,
			Products: i.Products, Units: i.Units, FirstDay: i.FirstDay, LastDay: i.LastDay,
			OffPPM: i.OffPPM, OffYen: i.OffYen, MinCount: i.MinCount, Claim: i.Claim,
			Issuers: i.Wallets, WalletPPM: i.WalletPPM}}
}

type discountsOutput struct{ Body web.List[discountItem] }

func (s *Service) apiDiscounts(ctx context.Context, in *ParkInput) (*discountsOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Discounts(ctx, p.ID)
	items := make([]discountItem, len(all))
	for i, d := range all {
		items[i] = discountItemOf(d)
	}
	return &discountsOutput{web.ListOf(items, "")}, err
}

// DiscountInput names a discount in an address.
type DiscountInput struct {
	ParkInput
	DiscountID string `path:"discount_id" maxLength:"40"`
}

type putDiscountInput struct {
	DiscountInput
	Body discountItem
}

type discountOutput struct{ Body discountItem }

func (s *Service) apiPutDiscount(
	ctx context.Context, in *putDiscountInput,
) (*discountOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	d, err := s.PutDiscount(ctx, in.Body.discount(p.ID, in.DiscountID), c.Actor)
	if err != nil {
		return nil, asWritten(err)
	}
	return &discountOutput{discountItemOf(d)}, nil
}

// asWritten names the fields of a refusal as the API does.
func asWritten(err error) error {
	var no *fault.Error
	if errors.As(err, &no) {
		for i, f := range no.Fields {
			if f.Pointer == "/issuers" {
				no.Fields[i].Pointer = "/wallets"
			}
		}
	}
	return err
}

func (s *Service) apiEndDiscount(ctx context.Context, in *DiscountInput) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return nil, s.EndDiscount(ctx, p.ID, in.DiscountID, c.Actor)
}

// voucherItem is a voucher as /v1 shows it.
type voucherItem struct {
	Code      string     `json:"code"`
	Discount  string     `json:"discount,omitempty"`
	VisitorID string     `json:"visitor_id,omitempty" doc:"Whose it is; absent: anybody's."`
	Label     string     `json:"label,omitempty"`
	Uses      int64      `json:"uses"`
	Used      int64      `json:"used"`
	From      *time.Time `json:"from,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	Revoked   bool       `json:"revoked,omitempty"`
}

func voucherItems(vs []Voucher) []voucherItem {
	items := make([]voucherItem, len(vs))
	for i, v := range vs {
		items[i] = voucherItem{v.Code, v.Discount, v.VisitorID, v.Label, v.Uses, v.Used,
			moment(v.From), moment(v.Until), v.Revoked}
	}
	return items
}

type vouchersInput struct {
	ParkInput
	Label string `query:"label" maxLength:"40"`
	After string `query:"after" maxLength:"20" doc:"As next_cursor was given."`
}

type vouchersOutput struct{ Body web.List[voucherItem] }

func (s *Service) apiVouchers(ctx context.Context, in *vouchersInput) (*vouchersOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	vs, next, err := s.Vouchers(ctx, p.ID, in.Label, in.After)
	return &vouchersOutput{web.ListOf(voucherItems(vs), next)}, err
}

type makeVouchersInput struct {
	ParkInput
	web.Idempotent
	Body struct {
		Count     int64      `json:"count" minimum:"1" maximum:"5000"`
		Code      string     `json:"code,omitempty" maxLength:"20" doc:"Of a single one; absent: codes are made up."`
		Discount  string     `json:"discount,omitempty" maxLength:"40" doc:"Id of a discount of the kind voucher."`
		VisitorID string     `json:"visitor_id,omitempty" maxLength:"64"`
		Label     string     `json:"label,omitempty" maxLength:"40"`
		Uses      int64      `json:"uses,omitempty" doc:"Orders with each; 0 is 1."`
		From      *time.Time `json:"from,omitempty"`
		Until     *time.Time `json:"until,omitempty"`
	}
}

func (s *Service) apiMakeVouchers(
	ctx context.Context, in *makeVouchersInput,
) (*vouchersOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	vs, err := s.MakeVouchers(ctx, p.ID, VoucherBatch{Count: b.Count, Code: b.Code,
		Discount: b.Discount, VisitorID: b.VisitorID, Label: b.Label, Uses: b.Uses,
		From: timeOf(b.From), Until: timeOf(b.Until)}, in.Key(), c.Actor)
	if err != nil {
		return nil, err
	}
	return &vouchersOutput{web.ListOf(voucherItems(vs), "")}, nil
}

type voucherInput struct {
	ParkInput
	Code string `path:"code" maxLength:"20"`
}

func (s *Service) apiRevokeVoucher(ctx context.Context, in *voucherInput) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return nil, s.RevokeVoucher(ctx, p.ID, in.Code, c.Actor)
}

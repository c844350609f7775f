package stand

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/web"
	"watari/pay/party"
)

// roles may print the stands of what they see.
var roles = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer,
	access.MerchantOwner, access.MerchantManager}

// Register adds the operations: GET /v1/stores/{store_id}/stand and POST /v1/stands.
func (p *Printer) Register(w *web.Server) {
	faults := []*fault.Problem{party.ErrMerchantUnknown, party.ErrStoreUnknown, ErrUndrawable,
		ErrNoCode, ErrFonts}
	tags := []string{"Stores"}
	web.Register(w, web.Op{ID: "print-stand", Method: http.MethodGet,
		Path: "/v1/stores/{store_id}/stand", Summary: "Print the QR stand of a store",
		Tags: tags, Roles: roles, Media: []string{typePDF, typeSVG}, Faults: faults,
		Description: "As PDF or SVG for a printer's shop, or on A4 with lines to cut along. The " +
			"code never changes, so an old stand goes on working; print a new one when the " +
			"store's name or the accepted wallets change."}, p.printOne)
	web.Register(w, web.Op{ID: "print-stands", Method: http.MethodPost, Path: "/v1/stands",
		Summary: "Print the QR stands of many stores as one PDF", Tags: tags, Roles: roles,
		Media: []string{typePDF}, Faults: faults,
		Description: "In the order in which they are asked for. Nothing is printed when one of " +
			"them cannot be: the answer names it."}, p.printMany)
}

type standInput struct {
	party.StorePath
	Size   string `query:"size" enum:"a6,a5" default:"a6"`
	Format string `query:"format" enum:"pdf,svg,sheet" default:"pdf" doc:"A sheet is A4: four of A6, two of A5."`
}

type standsInput struct{ Body standsBody }

type standsBody struct {
	Size   string       `json:"size,omitempty" enum:"a6,a5" doc:"A6 by default."`
	Format string       `json:"format,omitempty" enum:"pdf,sheet" doc:"A page a stand by default; a sheet is A4."`
	Stores []storeNamed `json:"stores" minItems:"1" maxItems:"500"`
}

type storeNamed struct {
	StoreID    string `json:"store_id" minLength:"1" maxLength:"64"`
	MerchantID string `json:"merchant_id,omitempty" maxLength:"64" doc:"Needed only where a store id is not unique."`
}

func (p *Printer) printOne(ctx context.Context, in *standInput) (*web.File, error) {
	point, err := p.storeOf(ctx, in.StoreID, in.MerchantID)
	if err != nil {
		return nil, err
	}
	return sent(p.draw(ctx, []party.Point{point}, Size(in.Size), in.Format))
}

func (p *Printer) printMany(ctx context.Context, in *standsInput) (*web.File, error) {
	points := make([]party.Point, len(in.Body.Stores))
	for i, s := range in.Body.Stores {
		point, err := p.storeOf(ctx, s.StoreID, s.MerchantID)
		var unknown *fault.Error
		if errors.As(err, &unknown) {
			return nil, unknown.At(place(i)+"/store_id", unknown.Detail)
		}
		if err != nil {
			return nil, err
		}
		points[i] = point
	}
	size, form := in.Body.Size, in.Body.Format
	if size == "" {
		size = string(A6)
	}
	if form == "" {
		form = formPDF
	}
	return sent(p.draw(ctx, points, Size(size), form))
}

// storeOf finds a store that the caller may see. One of another party is not there.
func (p *Printer) storeOf(ctx context.Context, storeID, merchantID string) (party.Point, error) {
	c, ok := access.FromContext(ctx)
	check.That(ok, "stand: an operation without a caller")
	if c.MerchantNo != 0 {
		own, err := p.stores.Merchant(ctx, c.MerchantNo)
		if err != nil {
			return party.Point{}, err
		}
		if merchantID != "" && merchantID != own.ID {
			return party.Point{}, party.ErrStoreUnknown.Newf("no such store")
		}
		merchantID = own.ID
	}
	var point party.Point
	var err error
	if merchantID == "" {
		point, err = p.stores.StoreByID(ctx, c.ParticipantNo, storeID)
	} else {
		point, err = p.stores.Point(ctx, c.ParticipantNo, merchantID, storeID, "")
	}
	switch {
	case err != nil:
		return party.Point{}, err
	case c.StoreNo != 0 && point.Store.No != c.StoreNo,
		c.MerchantNo != 0 && point.Merchant.No != c.MerchantNo:
		return party.Point{}, party.ErrStoreUnknown.Newf("no such store")
	}
	return point, nil
}

// sent answers with a file.
func sent(f File, err error) (*web.File, error) {
	if err != nil {
		return nil, err
	}
	return web.NewFile(f.Name, f.Type, f.Body), nil
}

// place points at one of several stores.
func place(i int) string { return "/stores/" + strconv.Itoa(i) }

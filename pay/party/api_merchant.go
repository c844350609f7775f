package party

import (
	"context"
	"errors"
	"strconv"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/web"
)

// MerchantPath is the address of one of the caller's merchants.
type MerchantPath struct {
	MerchantID string `path:"merchant_id" maxLength:"64"`
}

type merchantsInput struct {
	web.Paging
	Status string `query:"status" enum:"open,suspended,closed"`
}

type merchantsOutput struct{ Body web.List[MerchantResource] }

type merchantOutput struct{ Body MerchantResource }

type newMerchantInput struct{ Body newMerchant }

type newMerchant struct {
	ID     string `json:"id" minLength:"1" maxLength:"64" doc:"Your own reference."`
	Name   string `json:"name" minLength:"1" maxLength:"256" doc:"In Latin letters."`
	NameJA string `json:"name_ja,omitempty" maxLength:"256"`
	MCC    string `json:"mcc" doc:"Four digits, ISO 18245."`
	MDRPPM int64  `json:"mdr_ppm" doc:"Parts per million of a payment."`
}

type newMerchantOutput struct {
	Status int
	Body   MerchantResource
}

type merchantTermsInput struct {
	MerchantPath
	Body merchantTerms
}

type merchantTerms struct {
	Name       string `json:"name" minLength:"1" maxLength:"256" doc:"In Latin letters."`
	NameJA     string `json:"name_ja,omitempty" maxLength:"256"`
	MCC        string `json:"mcc" doc:"Four digits, ISO 18245."`
	MDRPPM     int64  `json:"mdr_ppm" doc:"Parts per million of a payment, for new payments."`
	Unverified bool   `json:"unverified" doc:"False says that you have checked the merchant."`
}

type merchantStatusInput struct {
	MerchantPath
	Body statusBody
}

type statusBody struct {
	Status Status `json:"status" enum:"open,suspended,closed"`
}

// after reads the cursor of a list: the number of the last item of the page before; 0 is none.
func after(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	no, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || no < 1 {
		return 0, badCursor()
	}
	return no, nil
}

func badCursor() error {
	return ErrInvalid.Newf("").At("query:cursor", "must be a next_cursor as it was given")
}

// cursorOr says that a cursor names nothing of the caller's. err is what the look-up said.
func cursorOr(err error, unknown *fault.Problem) error {
	if err == nil || errors.Is(err, unknown) {
		return badCursor()
	}
	return err
}

// page cuts a list that was read one longer than asked, and returns the cursor of the next.
func page[T, R any](found []T, limit int, no func(T) int64, show func(T) R) web.List[R] {
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = strconv.FormatInt(no(found[limit-1]), 10)
	}
	items := make([]R, len(found))
	for i, one := range found {
		items[i] = show(one)
	}
	return web.ListOf(items, next)
}

func (a *API) listMerchants(
	ctx context.Context, in *merchantsInput,
) (*merchantsOutput, error) {
	c := who(ctx)
	last, err := after(in.Cursor)
	if err != nil {
		return nil, err
	}
	var found []Merchant
	err = a.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		f := listing{acquirerNo: c.ParticipantNo, status: Status(in.Status),
			limit: in.Limit + 1}
		if last > 0 {
			m, err := merchantByNo(ctx, tx, last)
			if err != nil || m.AcquirerNo != c.ParticipantNo {
				return cursorOr(err, ErrMerchantUnknown)
			}
			f.afterID = m.ID
		}
		found, err = listMerchants(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &merchantsOutput{page(found, in.Limit, func(m Merchant) int64 { return m.No },
		Merchant.resource)}, nil
}

func (a *API) createMerchant(
	ctx context.Context, in *newMerchantInput,
) (*newMerchantOutput, error) {
	c, b := who(ctx), in.Body
	asked := Merchant{AcquirerNo: c.ParticipantNo, ID: b.ID, Name: b.Name, NameJA: b.NameJA,
		MCC: b.MCC, MDRPPM: b.MDRPPM}
	var m Merchant
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		m, err = a.Registry.AddMerchant(ctx, tx, c.Actor, asked)
		return err
	})
	if err == nil {
		return &newMerchantOutput{made, m.resource()}, nil
	}
	if !errors.Is(err, ErrTaken) {
		return nil, err
	}
	old, readErr := a.merchant(ctx, c.ParticipantNo, b.ID)
	if readErr != nil {
		return nil, readErr
	}
	m.No, m.Status = old.No, old.Status
	if m != old {
		return nil, err
	}
	return &newMerchantOutput{there, old.resource()}, nil
}

// merchant finds one of an acquirer.
func (a *API) merchant(ctx context.Context, acquirerNo int64, id string) (m Merchant, err error) {
	err = a.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		m, err = merchantByID(ctx, tx, acquirerNo, id)
		return err
	})
	return m, err
}

func (a *API) readMerchant(ctx context.Context, in *MerchantPath) (*merchantOutput, error) {
	m, err := a.merchant(ctx, who(ctx).ParticipantNo, in.MerchantID)
	if err != nil {
		return nil, err
	}
	return &merchantOutput{m.resource()}, nil
}

// editMerchant changes a merchant of the caller's and returns it as it is then.
func (a *API) editMerchant(
	ctx context.Context, id string,
	edit func(ctx context.Context, tx *db.Tx, actor string, no int64) error,
) (*merchantOutput, error) {
	c := who(ctx)
	var m Merchant
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if m, err = merchantByID(ctx, tx, c.ParticipantNo, id); err != nil {
			return err
		}
		if err = edit(ctx, tx, c.Actor, m.No); err != nil {
			return err
		}
		m, err = merchantByNo(ctx, tx, m.No)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &merchantOutput{m.resource()}, nil
}

func (a *API) changeMerchant(
	ctx context.Context, in *merchantTermsInput,
) (*merchantOutput, error) {
	return a.editMerchant(ctx, in.MerchantID,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) error {
			return a.Registry.SetMerchant(ctx, tx, actor, no, MerchantTerms(in.Body))
		})
}

func (a *API) setMerchantStatus(
	ctx context.Context, in *merchantStatusInput,
) (*merchantOutput, error) {
	return a.editMerchant(ctx, in.MerchantID,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) error {
			return a.Registry.SetStatus(ctx, tx, actor, KindMerchant, no, in.Body.Status)
		})
}

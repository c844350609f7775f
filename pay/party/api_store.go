package party

import (
	"context"
	"errors"
	"reflect"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/web"
)

// StorePath is the address of one of the caller's stores. It is exported, as are its siblings,
// because huma passes over what is embedded and not exported.
type StorePath struct {
	StoreID    string `path:"store_id" maxLength:"64"`
	MerchantID string `query:"merchant_id" maxLength:"64" doc:"Needed only where a store id is not unique."`
}

type storesInput struct {
	web.Paging
	MerchantID string `query:"merchant_id" maxLength:"64"`
	Prefecture string `query:"prefecture" pattern:"^[0-9]{2}$" doc:"Two digits, JIS X 0401: 01 to 47."`
	Status     string `query:"status" enum:"open,suspended,closed"`
}

type storesOutput struct{ Body web.List[StoreResource] }

type storeOutput struct{ Body StoreResource }

type newStoreInput struct{ Body newStore }

type newStore struct {
	ID                 string `json:"id" minLength:"1" maxLength:"64" doc:"Your own reference."`
	MerchantID         string `json:"merchant_id" minLength:"1" maxLength:"64"`
	Name               string `json:"name" minLength:"1" maxLength:"256" doc:"In Latin letters."`
	NameJA             string `json:"name_ja,omitempty" maxLength:"256"`
	Prefecture         string `json:"prefecture" doc:"Two digits, JIS X 0401: 01 to 47."`
	City               string `json:"city,omitempty" maxLength:"256" doc:"In Latin letters, for printed codes."`
	PostalCode         string `json:"postal_code,omitempty" maxLength:"7" doc:"Seven digits, for printed codes."`
	UnifiedID          string `json:"unified_id,omitempty" maxLength:"13" doc:"First level of the store's unified id in JPQR, 13 digits."`
	MCC                string `json:"mcc" doc:"Four digits, ISO 18245."`
	PerPaymentMaxMinor *int64 `json:"per_payment_max_minor,omitempty" doc:"Yen a payment; none is no limit."`
	PerDayMaxMinor     *int64 `json:"per_day_max_minor,omitempty" doc:"Yen a day; none is no limit."`
	RefundDayMaxMinor  *int64 `json:"refund_day_max_minor,omitempty" doc:"Yen refunded by tills in a day; none is no limit."`
	PINAboveMinor      int64  `json:"pin_above_minor,omitempty" doc:"Refunds above this many yen need the manager's PIN, once one is set."`
}

type newStoreOutput struct {
	Status int
	Body   StoreResource
}

type storeTermsInput struct {
	StorePath
	Body storeTerms
}

// storeTerms wants every limit said, null for none, so that none is lost by leaving it out.
type storeTerms struct {
	Name               string `json:"name" minLength:"1" maxLength:"256" doc:"In Latin letters."`
	NameJA             string `json:"name_ja,omitempty" maxLength:"256"`
	Prefecture         string `json:"prefecture" doc:"Two digits, JIS X 0401: 01 to 47."`
	MCC                string `json:"mcc" doc:"Four digits, ISO 18245."`
	Unverified         bool   `json:"unverified" doc:"False says that you have checked the store."`
	PerPaymentMaxMinor *int64 `json:"per_payment_max_minor" doc:"Yen a payment; null is no limit."`
	PerDayMaxMinor     *int64 `json:"per_day_max_minor" doc:"Yen a day; null is no limit."`
	RefundDayMaxMinor  *int64 `json:"refund_day_max_minor" doc:"Yen refunded by tills in a day; null is no limit."`
	PINAboveMinor      int64  `json:"pin_above_minor" doc:"Refunds above this many yen need the manager's PIN, when one is set."`
}

type storeStatusInput struct {
	StorePath
	Body statusBody
}

type pinInput struct {
	StorePath
	Body struct {
		PIN string `json:"pin" format:"password" doc:"4 to 12 digits."`
	}
}

// find returns the caller's store at an address.
func (p StorePath) find(ctx context.Context, tx *db.Tx) (placed, error) {
	c := who(ctx)
	acquirerNo := c.ParticipantNo
	if c.MerchantNo != 0 {
		return p.ownedBy(ctx, tx, c)
	}
	if p.MerchantID == "" {
		s, err := storeOfAcquirer(ctx, tx, acquirerNo, p.StoreID)
		if err != nil {
			return placed{}, err
		}
		m, err := merchantByNo(ctx, tx, s.MerchantNo)
		return placed{s, m.ID}, err
	}
	m, err := merchantByID(ctx, tx, acquirerNo, p.MerchantID)
	if err != nil {
		return placed{}, err
	}
	s, err := storeByID(ctx, tx, m.No, p.StoreID)
	return placed{s, m.ID}, err
}

// ownedBy returns the store at an address when it is of the caller's merchant, and is the one that
// the caller is bound to. Another's is answered as one that is not there.
func (p StorePath) ownedBy(ctx context.Context, tx *db.Tx, c access.Caller) (placed, error) {
	m, err := merchantByNo(ctx, tx, c.MerchantNo)
	if err != nil {
		return placed{}, err
	}
	if p.MerchantID != "" && p.MerchantID != m.ID {
		return placed{}, noMerchant(p.MerchantID)
	}
	s, err := storeByID(ctx, tx, m.No, p.StoreID)
	if err == nil && c.StoreNo != 0 && s.No != c.StoreNo {
		err = ErrStoreUnknown.Newf("the merchant has no store %q", p.StoreID)
	}
	return placed{s, m.ID}, err
}

// noMerchant is what is said of a merchant that is not there, or not the caller's.
func noMerchant(id string) error {
	return ErrMerchantUnknown.Newf("the acquirer has no merchant %q", id)
}

func (a *API) listStores(ctx context.Context, in *storesInput) (*storesOutput, error) {
	c := who(ctx)
	last, err := after(in.Cursor)
	if err != nil {
		return nil, err
	}
	f := listing{acquirerNo: c.ParticipantNo, merchantNo: c.MerchantNo, storeNo: c.StoreNo,
		prefecture: in.Prefecture,
		status:     Status(in.Status), limit: in.Limit + 1}
	var found []placed
	err = a.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		if in.MerchantID != "" {
			m, err := merchantByID(ctx, tx, c.ParticipantNo, in.MerchantID)
			if err == nil && c.MerchantNo != 0 && c.MerchantNo != m.No {
				err = noMerchant(in.MerchantID)
			}
			if err != nil {
				return err
			}
			f.merchantNo = m.No
		}
		if last > 0 {
			s, err := storeByNo(ctx, tx, last)
			if err != nil || s.AcquirerNo != c.ParticipantNo {
				return cursorOr(err, ErrStoreUnknown)
			}
			f.afterID, f.afterNo = s.ID, s.No
		}
		found, err = listStores(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &storesOutput{page(found, in.Limit, func(s placed) int64 { return s.No },
		placed.resource)}, nil
}

func (a *API) createStore(ctx context.Context, in *newStoreInput) (*newStoreOutput, error) {
	c, b := who(ctx), in.Body
	asked := Store{ID: b.ID, Name: b.Name, NameJA: b.NameJA, Prefecture: b.Prefecture,
		MCC: b.MCC, City: b.City, PostalCode: b.PostalCode, UnifiedID: b.UnifiedID,
		PerPaymentMaxMinor: b.PerPaymentMaxMinor, PerDayMaxMinor: b.PerDayMaxMinor,
		RefundDayMaxMinor: b.RefundDayMaxMinor, PINAboveMinor: b.PINAboveMinor}
	var s Store
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := merchantByID(ctx, tx, c.ParticipantNo, b.MerchantID)
		if err != nil {
			return err
		}
		asked.MerchantNo = m.No
		s, err = a.Registry.AddStore(ctx, tx, c.Actor, asked)
		return err
	})
	if err == nil {
		return &newStoreOutput{made, placed{s, b.MerchantID}.resource()}, nil
	}
	if !errors.Is(err, ErrTaken) {
		return nil, err
	}
	old, readErr := a.store(ctx, StorePath{b.ID, b.MerchantID})
	if readErr != nil {
		return nil, readErr
	}
	s.No, s.Status, s.ManagerPINHash = old.No, old.Status, old.ManagerPINHash
	if !reflect.DeepEqual(s, old.Store) {
		return nil, err
	}
	return &newStoreOutput{there, old.resource()}, nil
}

// store finds one of the caller's.
func (a *API) store(ctx context.Context, p StorePath) (s placed, err error) {
	err = a.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		s, err = p.find(ctx, tx)
		return err
	})
	return s, err
}

func (a *API) readStore(ctx context.Context, in *StorePath) (*storeOutput, error) {
	s, err := a.store(ctx, *in)
	if err != nil {
		return nil, err
	}
	return &storeOutput{s.resource()}, nil
}

// editStore changes a store of the caller's and returns it as it is then.
func (a *API) editStore(
	ctx context.Context, p StorePath,
	edit func(ctx context.Context, tx *db.Tx, actor string, no int64) error,
) (*storeOutput, error) {
	actor := who(ctx).Actor
	var s placed
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if s, err = p.find(ctx, tx); err != nil {
			return err
		}
		if err = edit(ctx, tx, actor, s.No); err != nil {
			return err
		}
		s.Store, err = storeByNo(ctx, tx, s.No)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &storeOutput{s.resource()}, nil
}

func (a *API) changeStore(ctx context.Context, in *storeTermsInput) (*storeOutput, error) {
	b := in.Body
	if err := a.Registry.sight.hold(b.Unverified, b.PerPaymentMaxMinor,
		b.PerDayMaxMinor); err != nil {
		return nil, err
	}
	return a.editStore(ctx, in.StorePath,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) error {
			return a.Registry.editStore(ctx, tx, actor, no, func(s *Store) error {
				s.Name, s.NameJA, s.Prefecture, s.MCC = b.Name, b.NameJA, b.Prefecture, b.MCC
				s.Unverified, s.RefundDayMaxMinor = b.Unverified, b.RefundDayMaxMinor
				s.PerPaymentMaxMinor = b.PerPaymentMaxMinor
				s.PerDayMaxMinor, s.PINAboveMinor = b.PerDayMaxMinor, b.PINAboveMinor
				return nil
			})
		})
}

func (a *API) setStoreStatus(ctx context.Context, in *storeStatusInput) (*storeOutput, error) {
	return a.editStore(ctx, in.StorePath,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) error {
			return a.Registry.SetStatus(ctx, tx, actor, KindStore, no, in.Body.Status)
		})
}

func (a *API) setPIN(ctx context.Context, in *pinInput) (*storeOutput, error) {
	hash, err := HashPIN(in.Body.PIN)
	if err != nil {
		return nil, err
	}
	return a.keepPIN(ctx, in.StorePath, hash)
}

func (a *API) removePIN(ctx context.Context, in *StorePath) (*storeOutput, error) {
	return a.keepPIN(ctx, *in, "")
}

func (a *API) keepPIN(ctx context.Context, p StorePath, hash string) (*storeOutput, error) {
	return a.editStore(ctx, p,
		func(ctx context.Context, tx *db.Tx, actor string, no int64) error {
			return a.Registry.SetPIN(ctx, tx, actor, no, hash)
		})
}

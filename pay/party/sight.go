package party

import (
	"context"
	"strings"
	"unicode"

	"watari/kit/db"
	"watari/pay/party/prefecture"
)

// Sight is a place as an acquirer's message describes it.
type Sight struct {
	AcquirerNo                      int64
	MerchantID, StoreID, TerminalID string // TerminalID may be ""
	Name                            string // of the merchant; "" is its id
	MCC                             string // needed for a merchant that is not known
	StoreName                       string // "" is the merchant's name
	StoreMCC                        string // "" is the merchant's
	Prefecture                      string // two digits or ISO 3166-2; "" when not told
}

// SightRules bound what acquirers that may bring merchants on sight can do (R9).
type SightRules struct {
	// PerPaymentMaxMinor and PerDayMaxMinor are the limits of an unverified store, JPY.
	PerPaymentMaxMinor, PerDayMaxMinor int64
	// MerchantsMax is how many unverified merchants an acquirer may have at once.
	MerchantsMax int64
	// MDRPPM is the merchant discount rate until somebody agrees another.
	MDRPPM int64
	// Banned are categories that nobody may bring unchecked: MCC and why.
	Banned map[string]string
}

// DefaultSight returns rules for a start: ¥30,000 a payment, ¥100,000 a day and store.
func DefaultSight() SightRules {
	return SightRules{
		PerPaymentMaxMinor: 30_000,
		PerDayMaxMinor:     100_000,
		MerchantsMax:       10_000,
		MDRPPM:             32_500,
		Banned:             bannedCategories(),
	}
}

// bannedCategories are the categories (ISO 18245) whose sellers need a licence that somebody
// must have seen, or that turn payments into cash.
func bannedCategories() map[string]string {
	return map[string]string{
		"4829": "money transfers: a licence must be seen",
		"5967": "telephone and adult services: not admitted by most wallets",
		"5993": "tobacco: sold on a licence, age to be checked",
		"6010": "cash at a bank counter: not a sale",
		"6011": "cash machines: not a sale",
		"6051": "money orders, foreign and crypto currency: a licence must be seen",
		"6211": "securities: a licence must be seen",
		"7273": "dating and escort services: not admitted by most wallets",
		"7801": "online gambling: forbidden in Japan",
		"7802": "race betting: reserved to public bodies in Japan",
		"7995": "betting and casino chips: forbidden in Japan",
	}
}

// BringOnSight adds what the directory does not know of a place that an acquirer's message
// names, and returns the place. What is known stays as it is. It commits nothing by itself;
// the caller looks the place up first, outside, because this takes the reference row.
//
// Errors: ErrMerchantUnknown, ErrStoreUnknown and ErrTerminalUnknown when the acquirer may bring
// nothing on sight, or the message says too little, or the acquirer has too many;
// ErrAcquirerNotOpen, ErrMerchantNotOpen and ErrStoreNotOpen when nothing may be added to what is
// known; ErrCategory; ErrInvalid.
func (r *Registry) BringOnSight(
	ctx context.Context, tx *db.Tx, actor string, s Sight,
) (Point, error) {
	if err := r.begin(ctx, tx); err != nil {
		return Point{}, err
	}
	acquirer, err := participantByNo(ctx, tx, s.AcquirerNo)
	if err != nil {
		return Point{}, err
	}
	if acquirer.Status != Open {
		return Point{}, notOpen(ErrAcquirerNotOpen, acquirer.Status, "acquirer", acquirer.ID)
	}
	m, err := r.sightMerchant(ctx, tx, actor, acquirer, s)
	if err != nil {
		return Point{}, err
	}
	st, err := r.sightStore(ctx, tx, actor, acquirer, m, s)
	if err != nil {
		return Point{}, err
	}
	if err := r.sightTerminal(ctx, tx, actor, acquirer, st, s); err != nil {
		return Point{}, err
	}
	now, err := r.dir.Read(ctx, tx)
	if err != nil {
		return Point{}, err
	}
	return now.Find(ctx, s.AcquirerNo, s.MerchantID, s.StoreID, s.TerminalID)
}

func (r *Registry) sightMerchant(
	ctx context.Context, tx *db.Tx, actor string, acquirer Participant, s Sight,
) (Merchant, error) {
	if !isID(s.MerchantID) {
		return Merchant{}, ErrMerchantUnknown.Newf("the merchant id is missing or not valid")
	}
	m, err := merchantByID(ctx, tx, s.AcquirerNo, s.MerchantID)
	absent, other := unknownOr(err, ErrMerchantUnknown)
	if !absent {
		return m, other
	}
	if !acquirer.OnSight {
		return m, err
	}
	if !isMCC(s.MCC) {
		return m, ErrMerchantUnknown.Newf(
			"merchant %q is not known and the message does not tell its category", s.MerchantID)
	}
	if err := r.admit(s.MCC); err != nil {
		return m, err
	}
	n, err := countUnverified(ctx, tx, s.AcquirerNo)
	if err != nil {
		return m, err
	}
	if n >= r.sight.MerchantsMax {
		return m, ErrMerchantUnknown.Newf(
			"merchant %q is not known and too many wait for a check", s.MerchantID)
	}
	m = Merchant{AcquirerNo: s.AcquirerNo, ID: s.MerchantID, MCC: s.MCC, MDRPPM: r.sight.MDRPPM,
		Unverified: true}
	m.Name, m.NameJA = sightNames(s.Name, s.MerchantID)
	if err := m.clean(); err != nil {
		return m, err
	}
	return r.newMerchant(ctx, tx, actor, m)
}

func (r *Registry) sightStore(
	ctx context.Context, tx *db.Tx, actor string, acquirer Participant, m Merchant, s Sight,
) (Store, error) {
	if !isID(s.StoreID) {
		return Store{}, ErrStoreUnknown.Newf("the store id is missing or not valid")
	}
	st, err := storeByID(ctx, tx, m.No, s.StoreID)
	absent, other := unknownOr(err, ErrStoreUnknown)
	if !absent {
		return st, other
	}
	if !acquirer.OnSight {
		return st, err
	}
	if m.Status != Open {
		return st, notOpen(ErrMerchantNotOpen, m.Status, "merchant", m.ID)
	}
	st = Store{MerchantNo: m.No, AcquirerNo: m.AcquirerNo, ID: s.StoreID, MCC: s.StoreMCC,
		Unverified: true, PerPaymentMaxMinor: &r.sight.PerPaymentMaxMinor,
		PerDayMaxMinor: &r.sight.PerDayMaxMinor}
	if !isMCC(st.MCC) {
		st.MCC = m.MCC
	}
	if err := r.admit(st.MCC); err != nil {
		return st, err
	}
	if p, ok := prefecture.ByCode(s.Prefecture); ok {
		st.Prefecture = p.Code
	}
	st.Name, st.NameJA = sightNames(s.StoreName, m.Name)
	if err := st.clean(); err != nil {
		return st, err
	}
	return r.newStore(ctx, tx, actor, st)
}

func (r *Registry) sightTerminal(
	ctx context.Context, tx *db.Tx, actor string, acquirer Participant, st Store, s Sight,
) error {
	if s.TerminalID == "" {
		return nil
	}
	if !isID(s.TerminalID) {
		return ErrTerminalUnknown.Newf("the terminal id is not valid")
	}
	_, err := terminalByID(ctx, tx, st.No, s.TerminalID)
	absent, other := unknownOr(err, ErrTerminalUnknown)
	if !absent {
		return other
	}
	if !acquirer.OnSight {
		return err
	}
	if st.Status != Open {
		return notOpen(ErrStoreNotOpen, st.Status, "store", st.ID)
	}
	_, err = r.newTerminal(ctx, tx, actor, Terminal{AcquirerNo: st.AcquirerNo, StoreNo: st.No,
		ID: s.TerminalID, Status: Open})
	return err
}

// admit refuses a banned category.
func (r *Registry) admit(mcc string) error {
	if why, banned := r.sight.Banned[mcc]; banned {
		return ErrCategory.Newf("category %s needs a check first: %s", mcc, why).Set("mcc", mcc)
	}
	return nil
}

// sightNames returns a name and, when it is written in Japanese, the same as the Japanese name.
func sightNames(name, fallback string) (latin, japanese string) {
	if strings.TrimSpace(name) == "" {
		name = fallback
	}
	if strings.ContainsFunc(name, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
	}) {
		return name, name
	}
	return name, ""
}

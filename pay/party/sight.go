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
// names, and returns the place. What is known stays as it is. It decides twice: first without
// the reference row, so that a refusal and a place that is known keep nobody waiting and change
// no version, then with it.
//
// Errors: ErrMerchantUnknown, ErrStoreUnknown and ErrTerminalUnknown when the acquirer may bring
// nothing on sight, or the message says too little, or the acquirer has too many;
// ErrAcquirerNotOpen, ErrMerchantNotOpen and ErrStoreNotOpen when nothing may be added to what is
// known; ErrCategory; ErrInvalid.
func (r *Registry) BringOnSight(
	ctx context.Context, tx *db.Tx, actor string, s Sight,
) (Point, error) {
	b := bringing{Sight: s, r: r, tx: tx, actor: actor}
	if err := b.place(ctx); err != nil {
		return Point{}, err
	}
	if b.missing {
		if err := r.begin(ctx, tx); err != nil {
			return Point{}, err
		}
		b.write = true
		if err := b.place(ctx); err != nil {
			return Point{}, err
		}
	}
	now, err := r.dir.Read(ctx, tx)
	if err != nil {
		return Point{}, err
	}
	return now.Find(ctx, s.AcquirerNo, s.MerchantID, s.StoreID, s.TerminalID)
}

// bringing is one BringOnSight.
type bringing struct {
	Sight
	r        *Registry
	tx       *db.Tx
	actor    string
	acquirer Participant
	write    bool // false: decide only; what would be added has the number 0
	missing  bool // something must be added
}

func (b *bringing) place(ctx context.Context) (err error) {
	if b.acquirer, err = participantByNo(ctx, b.tx, b.AcquirerNo); err != nil {
		return err
	}
	if b.acquirer.Status != Open {
		return notOpen(ErrAcquirerNotOpen, b.acquirer.Status, "acquirer", b.acquirer.ID)
	}
	m, err := b.merchant(ctx)
	if err != nil {
		return err
	}
	s, err := b.store(ctx, m)
	if err != nil {
		return err
	}
	return b.terminal(ctx, s)
}

func (b *bringing) merchant(ctx context.Context) (Merchant, error) {
	if !isID(b.MerchantID) {
		return Merchant{}, ErrMerchantUnknown.Newf("the merchant id is missing or not valid")
	}
	m, err := merchantByID(ctx, b.tx, b.AcquirerNo, b.MerchantID)
	absent, other := unknownOr(err, ErrMerchantUnknown)
	if !absent {
		return m, other
	}
	if !b.acquirer.OnSight {
		return m, err
	}
	if !isMCC(b.MCC) {
		return m, ErrMerchantUnknown.Newf(
			"merchant %q is not known and the message does not tell its category", b.MerchantID)
	}
	if err := b.r.admit(b.MCC); err != nil {
		return m, err
	}
	n, err := countUnverified(ctx, b.tx, b.AcquirerNo)
	if err != nil {
		return m, err
	}
	if n >= b.r.sight.MerchantsMax {
		return m, ErrMerchantUnknown.Newf(
			"merchant %q is not known and too many wait for a check", b.MerchantID)
	}
	m = Merchant{AcquirerNo: b.AcquirerNo, ID: b.MerchantID, MCC: b.MCC,
		MDRPPM: b.r.sight.MDRPPM, Unverified: true}
	m.Name, m.NameJA = sightNames(b.Name, b.MerchantID)
	if err := m.clean(); err != nil {
		return m, err
	}
	if b.missing = true; !b.write {
		return m, nil
	}
	return b.r.newMerchant(ctx, b.tx, b.actor, m)
}

func (b *bringing) store(ctx context.Context, m Merchant) (Store, error) {
	if !isID(b.StoreID) {
		return Store{}, ErrStoreUnknown.Newf("the store id is missing or not valid")
	}
	s, err := storeByID(ctx, b.tx, m.No, b.StoreID)
	absent, other := unknownOr(err, ErrStoreUnknown)
	if !absent {
		return s, other
	}
	if !b.acquirer.OnSight {
		return s, err
	}
	if m.Status != Open {
		return s, notOpen(ErrMerchantNotOpen, m.Status, "merchant", m.ID)
	}
	s = Store{MerchantNo: m.No, AcquirerNo: m.AcquirerNo, ID: b.StoreID, MCC: b.StoreMCC,
		Unverified: true, PerPaymentMaxMinor: &b.r.sight.PerPaymentMaxMinor,
		PerDayMaxMinor: &b.r.sight.PerDayMaxMinor}
	if !isMCC(s.MCC) {
		s.MCC = m.MCC
	}
	if err := b.r.admit(s.MCC); err != nil {
		return s, err
	}
	if p, ok := prefecture.ByCode(b.Prefecture); ok {
		s.Prefecture = p.Code
	}
	s.Name, s.NameJA = sightNames(b.StoreName, m.Name)
	if err := s.clean(); err != nil {
		return s, err
	}
	if b.missing = true; !b.write {
		return s, nil
	}
	return b.r.newStore(ctx, b.tx, b.actor, s)
}

func (b *bringing) terminal(ctx context.Context, s Store) error {
	if b.TerminalID == "" {
		return nil
	}
	if !isID(b.TerminalID) {
		return ErrTerminalUnknown.Newf("the terminal id is not valid")
	}
	_, err := terminalByID(ctx, b.tx, s.No, b.TerminalID)
	absent, other := unknownOr(err, ErrTerminalUnknown)
	if !absent {
		return other
	}
	if !b.acquirer.OnSight {
		return err
	}
	if s.Status != Open {
		return notOpen(ErrStoreNotOpen, s.Status, "store", s.ID)
	}
	if b.missing = true; !b.write {
		return nil
	}
	_, err = b.r.newTerminal(ctx, b.tx, b.actor, Terminal{AcquirerNo: s.AcquirerNo,
		StoreNo: s.No, ID: b.TerminalID, Status: Open})
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

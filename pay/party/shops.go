package party

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/kit/event"
)

// AddMerchant adds a merchant of m.AcquirerNo and returns it with its number.
// Errors: ErrInvalid, ErrParticipantUnknown, ErrTaken.
func (r *Registry) AddMerchant(
	ctx context.Context, tx *db.Tx, actor string, m Merchant,
) (Merchant, error) {
	if err := m.clean(); err != nil {
		return m, err
	}
	if err := r.begin(ctx, tx); err != nil {
		return m, err
	}
	if _, err := participantByNo(ctx, tx, m.AcquirerNo); err != nil {
		return m, err
	}
	_, err := merchantByID(ctx, tx, m.AcquirerNo, m.ID)
	if absent, err := unknownOr(err, ErrMerchantUnknown); err != nil {
		return m, err
	} else if !absent {
		return m, ErrTaken.Newf("the acquirer has a merchant %q", m.ID).At("/id", "is taken")
	}
	return r.newMerchant(ctx, tx, actor, m)
}

func (r *Registry) newMerchant(
	ctx context.Context, tx *db.Tx, actor string, m Merchant,
) (Merchant, error) {
	var err error
	if m.No, err = nextNo(ctx, tx, KindMerchant); err != nil {
		return m, err
	}
	if err := insertMerchant(ctx, tx, m); err != nil {
		return m, fmt.Errorf("insert merchant: %w", err)
	}
	return m, r.noteMerchant(ctx, tx, actor, "merchant.added", m)
}

// MerchantTerms is what can be changed of a merchant beside its status.
type MerchantTerms struct {
	Name, NameJA string
	MCC          string
	MDRPPM       int64
	Unverified   bool // false: somebody has checked it
}

// SetMerchant changes a merchant. Errors: ErrMerchantUnknown, ErrInvalid.
func (r *Registry) SetMerchant(
	ctx context.Context, tx *db.Tx, actor string, no int64, t MerchantTerms,
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	m, err := merchantByNo(ctx, tx, no)
	if err != nil {
		return err
	}
	m.Name, m.NameJA, m.MCC = t.Name, t.NameJA, t.MCC
	m.MDRPPM, m.Unverified = t.MDRPPM, t.Unverified
	if err := m.clean(); err != nil {
		return err
	}
	if err := updateMerchant(ctx, tx, m); err != nil {
		return fmt.Errorf("update merchant: %w", err)
	}
	return r.noteMerchant(ctx, tx, actor, "merchant.changed", m)
}

func (r *Registry) noteMerchant(
	ctx context.Context, tx *db.Tx, actor, kind string, m Merchant,
) error {
	return r.note(ctx, tx, event.Event{Kind: kind, Actor: actor,
		Subject: Subject(KindMerchant, m.No), AcquirerNo: m.AcquirerNo}, m.facts())
}

// AddStore adds a store of s.MerchantNo and returns it with its number and acquirer.
// Errors: ErrInvalid, ErrMerchantUnknown, ErrTaken.
func (r *Registry) AddStore(
	ctx context.Context, tx *db.Tx, actor string, s Store,
) (Store, error) {
	if err := s.clean(); err != nil {
		return s, err
	}
	if err := r.begin(ctx, tx); err != nil {
		return s, err
	}
	m, err := merchantByNo(ctx, tx, s.MerchantNo)
	if err != nil {
		return s, err
	}
	s.AcquirerNo = m.AcquirerNo
	_, err = storeByID(ctx, tx, s.MerchantNo, s.ID)
	if absent, err := unknownOr(err, ErrStoreUnknown); err != nil {
		return s, err
	} else if !absent {
		return s, ErrTaken.Newf("the merchant has a store %q", s.ID).At("/id", "is taken")
	}
	return r.newStore(ctx, tx, actor, s)
}

func (r *Registry) newStore(
	ctx context.Context, tx *db.Tx, actor string, s Store,
) (Store, error) {
	var err error
	if s.No, err = nextNo(ctx, tx, KindStore); err != nil {
		return s, err
	}
	if err := insertStore(ctx, tx, s); err != nil {
		return s, fmt.Errorf("insert store: %w", err)
	}
	return s, r.noteStore(ctx, tx, actor, "store.added", s)
}

// StoreTerms is what can be changed of a store beside its status.
type StoreTerms struct {
	Name, NameJA, Prefecture, MCC      string
	Unverified                         bool
	PerPaymentMaxMinor, PerDayMaxMinor *int64 // JPY; nil is no limit
	RefundDayMaxMinor                  *int64 // JPY; nil is no limit
	ManagerPINHash                     string // from HashPIN; "" is no PIN
	PINAboveMinor                      int64
}

// SetStore changes a store. Errors: ErrStoreUnknown, ErrInvalid.
func (r *Registry) SetStore(
	ctx context.Context, tx *db.Tx, actor string, no int64, t StoreTerms,
) error {
	return r.editStore(ctx, tx, actor, no, func(s *Store) error {
		s.Name, s.NameJA, s.Prefecture, s.MCC = t.Name, t.NameJA, t.Prefecture, t.MCC
		s.Unverified, s.RefundDayMaxMinor = t.Unverified, t.RefundDayMaxMinor
		s.PerPaymentMaxMinor, s.PerDayMaxMinor = t.PerPaymentMaxMinor, t.PerDayMaxMinor
		s.ManagerPINHash, s.PINAboveMinor = t.ManagerPINHash, t.PINAboveMinor
		return nil
	})
}

// editStore changes a store as it is once the reference row is held, so that what edit leaves
// alone stays as the writer before left it (R2).
func (r *Registry) editStore(
	ctx context.Context, tx *db.Tx, actor string, no int64, edit func(*Store) error,
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	s, err := storeByNo(ctx, tx, no)
	if err != nil {
		return err
	}
	if err := edit(&s); err != nil {
		return err
	}
	if err := s.clean(); err != nil {
		return err
	}
	if err := updateStore(ctx, tx, s); err != nil {
		return fmt.Errorf("update store: %w", err)
	}
	return r.noteStore(ctx, tx, actor, "store.changed", s)
}

func (r *Registry) noteStore(
	ctx context.Context, tx *db.Tx, actor, kind string, s Store,
) error {
	return r.note(ctx, tx, event.Event{Kind: kind, Actor: actor,
		Subject: Subject(KindStore, s.No), AcquirerNo: s.AcquirerNo, StoreNo: s.No}, s.facts())
}

// AddTerminal adds a terminal of t.StoreNo and returns it with its number and acquirer.
// Errors: ErrInvalid, ErrStoreUnknown, ErrTaken.
func (r *Registry) AddTerminal(
	ctx context.Context, tx *db.Tx, actor string, t Terminal,
) (Terminal, error) {
	if err := t.clean(); err != nil {
		return t, err
	}
	if err := r.begin(ctx, tx); err != nil {
		return t, err
	}
	s, err := storeByNo(ctx, tx, t.StoreNo)
	if err != nil {
		return t, err
	}
	t.AcquirerNo = s.AcquirerNo
	_, err = terminalByID(ctx, tx, t.StoreNo, t.ID)
	if absent, err := unknownOr(err, ErrTerminalUnknown); err != nil {
		return t, err
	} else if !absent {
		return t, ErrTaken.Newf("the store has a terminal %q", t.ID).At("/id", "is taken")
	}
	return r.newTerminal(ctx, tx, actor, t)
}

func (r *Registry) newTerminal(
	ctx context.Context, tx *db.Tx, actor string, t Terminal,
) (Terminal, error) {
	var err error
	if t.No, err = nextNo(ctx, tx, KindTerminal); err != nil {
		return t, err
	}
	if err := insertTerminal(ctx, tx, t); err != nil {
		return t, fmt.Errorf("insert terminal: %w", err)
	}
	return t, r.noteTerminal(ctx, tx, actor, "terminal.added", t)
}

// TerminalTerms is what can be changed of a terminal beside its status.
type TerminalTerms struct {
	Label             string
	CanRefund         bool
	RefundDayMaxMinor *int64 // JPY; nil is no limit
	FailuresMax       int    // a minute; 0 is the default
}

// SetTerminal changes a terminal. Errors: ErrTerminalUnknown, ErrInvalid.
func (r *Registry) SetTerminal(
	ctx context.Context, tx *db.Tx, actor string, no int64, terms TerminalTerms,
) error {
	return r.editTerminal(ctx, tx, actor, no, func(t *Terminal) {
		t.Label, t.CanRefund = terms.Label, terms.CanRefund
		t.RefundDayMaxMinor, t.FailuresMax = terms.RefundDayMaxMinor, terms.FailuresMax
	})
}

// editTerminal is editStore for a terminal.
func (r *Registry) editTerminal(
	ctx context.Context, tx *db.Tx, actor string, no int64, edit func(*Terminal),
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	t, err := terminalByNo(ctx, tx, no)
	if err != nil {
		return err
	}
	edit(&t)
	if err := t.clean(); err != nil {
		return err
	}
	if err := updateTerminal(ctx, tx, t); err != nil {
		return fmt.Errorf("update terminal: %w", err)
	}
	return r.noteTerminal(ctx, tx, actor, "terminal.changed", t)
}

func (r *Registry) noteTerminal(
	ctx context.Context, tx *db.Tx, actor, kind string, t Terminal,
) error {
	return r.note(ctx, tx, event.Event{Kind: kind, Actor: actor,
		Subject: Subject(KindTerminal, t.No), AcquirerNo: t.AcquirerNo, StoreNo: t.StoreNo},
		t.facts())
}

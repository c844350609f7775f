package party

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// members is every participant and agreement at one version and, as to what is in force, at
// one instant.
type members struct {
	byNo     map[int64]*Participant
	byID     map[string]*Participant
	byClient map[string]*Participant
	versions map[agreed][]Agreement   // ascending
	main     map[membership]Agreement // in force
	wallets  []Wallet                 // by number
	byGroup  map[string]Wallet
}

// agreed names an agreement over all its versions.
type agreed struct {
	participantNo int64
	role          Role
	currency      money.Currency
}

// membership is a participant in a role.
type membership struct {
	participantNo int64
	role          Role
}

// loadMembers reads all members. It returns also the instant at which another agreement comes
// in force, in microseconds, 0 for never.
func loadMembers(ctx context.Context, tx *db.Tx, seen int64) (*members, int64, error) {
	all, err := participants(ctx, tx)
	if err != nil {
		return nil, 0, err
	}
	terms, err := agreements(ctx, tx)
	if err != nil {
		return nil, 0, err
	}

	ms := &members{
		byNo:     make(map[int64]*Participant, len(all)),
		byID:     make(map[string]*Participant, len(all)),
		byClient: make(map[string]*Participant, len(all)),
		versions: map[agreed][]Agreement{},
		main:     map[membership]Agreement{},
		byGroup:  map[string]Wallet{},
	}
	for i := range all {
		p := &all[i]
		ms.byNo[p.No], ms.byID[p.ID] = p, p
		if p.ClientID != "" {
			ms.byClient[p.ClientID] = p
		}
	}
	now := clock.Now()
	for i := range terms {
		a := &terms[i]
		k := agreed{a.ParticipantNo, a.Role, a.Currency}
		ms.versions[k] = append(ms.versions[k], *a)
	}
	for k, versions := range ms.versions {
		a, ok := inForce(versions, now)
		if !ok {
			continue
		}
		// The main agreement of a role is the one that was made first: ids sort by time.
		m := membership{k.participantNo, k.role}
		if first, ok := ms.main[m]; !ok || a.ID < first.ID {
			ms.main[m] = a
		}
	}
	ms.addWallets(all, seen)
	return ms, nextChange(terms, now), nil
}

// addWallets lists every participant that ever had an agreement as an issuer.
func (ms *members) addWallets(all []Participant, seen int64) {
	issuers := map[int64]bool{}
	for k := range ms.versions {
		if k.role == Issuer {
			issuers[k.participantNo] = true
		}
	}
	for i := range all {
		if !issuers[all[i].No] {
			continue
		}
		w := Wallet{
			Issuer:    all[i],
			Agreement: ms.main[membership{all[i].No, Issuer}],
			Seen:      seen,
		}
		ms.wallets = append(ms.wallets, w)
		if w.Issuer.CodeGroup != "" && w.Issuer.Status != Closed {
			ms.byGroup[w.Issuer.CodeGroup] = w
		}
	}
}

func (ms *members) participant(no int64) (Participant, error) {
	if p := ms.byNo[no]; p != nil {
		return *p, nil
	}
	return Participant{}, ErrParticipantUnknown.Newf("no participant %d", no)
}

func (ms *members) wallet(issuerNo int64) (Wallet, error) {
	for i := range ms.wallets {
		if ms.wallets[i].Issuer.No == issuerNo {
			return ms.wallets[i], nil
		}
	}
	return Wallet{}, ErrWalletUnknown.Newf("no wallet %d", issuerNo)
}

// remembered returns the members of m, reading them first when needed.
func (m *memory) remembered(ctx context.Context, tx *db.Tx) (*members, error) {
	m.mu.RLock()
	ms := m.members
	m.mu.RUnlock()
	if ms != nil {
		return ms, nil
	}
	ms, boundary, err := loadMembers(ctx, tx, m.Version)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.members == nil {
		m.members = ms
		m.boundary.Store(boundary)
	}
	return m.members, nil
}

// members returns who the members are now.
func (d *Directory) members(ctx context.Context) (*members, error) {
	m, err := d.current(ctx)
	if err != nil {
		return nil, err
	}
	m.mu.RLock()
	ms := m.members
	m.mu.RUnlock()
	if ms != nil {
		return ms, nil
	}
	err = d.read(ctx, func(ctx context.Context, tx *db.Tx, m *memory) (err error) {
		ms, err = m.remembered(ctx, tx)
		return err
	})
	return ms, err
}

// Participant returns the participant of that number. Errors: ErrParticipantUnknown.
func (d *Directory) Participant(ctx context.Context, no int64) (Participant, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return Participant{}, err
	}
	return ms.participant(no)
}

// ByID returns the participant of that id. Errors: ErrParticipantUnknown.
func (d *Directory) ByID(ctx context.Context, id string) (Participant, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return Participant{}, err
	}
	if p := ms.byID[id]; p != nil {
		return *p, nil
	}
	return Participant{}, ErrParticipantUnknown.Newf("no participant %q", id)
}

// ByClient returns the participant that names itself so in signed messages.
// Errors: ErrParticipantUnknown.
func (d *Directory) ByClient(ctx context.Context, clientID string) (Participant, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return Participant{}, err
	}
	if p := ms.byClient[clientID]; p != nil {
		return *p, nil
	}
	return Participant{}, ErrParticipantUnknown.Newf("no client %q", clientID)
}

// Participants returns all participants by number.
func (d *Directory) Participants(ctx context.Context) ([]Participant, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return nil, err
	}
	return ms.all(), nil
}

// all lists the participants by number.
func (ms *members) all() []Participant {
	all := make([]Participant, 0, len(ms.byNo))
	for no := int64(1); len(all) < len(ms.byNo); no++ {
		if p := ms.byNo[no]; p != nil {
			all = append(all, *p)
		}
	}
	return all
}

// Wallet returns an issuer with its main agreement, whatever their status (see InService).
// Errors: ErrWalletUnknown.
func (d *Directory) Wallet(ctx context.Context, issuerNo int64) (Wallet, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return Wallet{}, err
	}
	return ms.wallet(issuerNo)
}

// Wallets returns all issuers by number, whatever their status (see InService).
func (d *Directory) Wallets(ctx context.Context) ([]Wallet, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return nil, err
	}
	return append([]Wallet(nil), ms.wallets...), nil
}

// WalletByGroup returns the issuer whose codes are of that group of the code table. Closed
// issuers are passed over. Errors: ErrWalletUnknown.
func (d *Directory) WalletByGroup(ctx context.Context, group string) (Wallet, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return Wallet{}, err
	}
	if w, ok := ms.byGroup[group]; ok {
		return w, nil
	}
	return Wallet{}, ErrWalletUnknown.Newf("no wallet has the codes %q", group)
}

// Agreement returns the agreement with a participant that is in force now in that role and
// currency. Errors: ErrAgreementUnknown.
func (d *Directory) Agreement(
	ctx context.Context, participantNo int64, role Role, cur money.Currency,
) (Agreement, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return Agreement{}, err
	}
	a, ok := inForce(ms.versions[agreed{participantNo, role, cur}], clock.Now())
	if !ok {
		return a, ErrAgreementUnknown.Newf("nothing is agreed in %s now", cur)
	}
	return a, nil
}

// AgreementVersion returns one version of an agreement, in force or not: what a payment was
// made under. Errors: ErrAgreementUnknown.
func (d *Directory) AgreementVersion(
	ctx context.Context, participantNo int64, role Role, cur money.Currency, version int64,
) (Agreement, error) {
	ms, err := d.members(ctx)
	if err != nil {
		return Agreement{}, err
	}
	for _, a := range ms.versions[agreed{participantNo, role, cur}] {
		if a.Version == version {
			return a, nil
		}
	}
	return Agreement{}, ErrAgreementUnknown.Newf("no version %d in %s", version, cur)
}

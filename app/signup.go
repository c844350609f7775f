package app

import (
	"context"

	"watari/connect/alipayplus"
	"watari/kit/web"
	"watari/pay/party/signup"
)

// newSignup returns what takes merchants in.
func (n *node) newSignup() *signup.Service {
	return signup.New(signup.Config{DB: n.db, Log: n.log, Lane: n.lane, Registry: n.registry,
		Directory: n.directory, Ring: n.ring, Desk: n.desk, Logger: n.logger})
}

// registerSignup adds the operations on applications, payout accounts and imports.
func registerSignup(w *web.Server, n *node) { n.signup.Register(w, n.public) }

// registrar takes merchants in that acquirers register by protocol.
type registrar struct{ n *node }

// Register is part of alipayplus.Registrar.
func (r registrar) Register(ctx context.Context, m alipayplus.Registration) error {
	place := func(p alipayplus.RegistrationPlace) signup.Address {
		return signup.Address{PostalCode: p.PostalCode, Prefecture: p.Prefecture, City: p.City,
			Line: p.Line, CityLatin: p.City}
	}
	_, err := r.n.signup.Enrol(ctx, signup.Registration{AcquirerNo: m.AcquirerNo, Actor: m.Actor,
		RequestID: m.RequestID, NotifyURL: m.NotifyURL, MerchantID: m.MerchantID, Name: m.Name,
		LegalName: m.LegalName, RegisterNo: m.RegisterNo, MCC: m.MCC, Website: m.Website,
		Address: place(m.Place), StoreID: m.StoreID, StoreName: m.StoreName,
		StoreMCC: m.StoreMCC, StorePlace: place(m.StorePlace), TerminalID: m.TerminalID})
	return err
}

// Registered is part of alipayplus.Registrar.
func (r registrar) Registered(
	ctx context.Context, acquirerNo int64, requestID, merchantID, storeID string,
) (alipayplus.RegistrationState, error) {
	a, err := r.n.signup.Registered(ctx, acquirerNo, requestID, merchantID, storeID)
	if err != nil {
		return alipayplus.RegistrationState{}, err
	}
	return r.state(ctx, a)
}

// Registration is part of notices.Registrations.
func (r registrar) Registration(
	ctx context.Context, acquirerNo int64, id string,
) (alipayplus.RegistrationState, error) {
	a, err := r.n.signup.Find(ctx, acquirerNo, id)
	if err != nil {
		return alipayplus.RegistrationState{}, err
	}
	return r.state(ctx, a)
}

// state puts an application into the protocol's words.
func (r registrar) state(
	ctx context.Context, a signup.Application,
) (alipayplus.RegistrationState, error) {
	st := alipayplus.RegistrationState{AcquirerNo: a.AcquirerNo, RequestID: a.RequestID,
		MerchantID: a.Form.MerchantID, StoreID: a.Form.Store.ID, NotifyURL: a.NotifyURL,
		Decision: alipayplus.Waiting}
	switch a.State {
	case signup.Approved, signup.Live, signup.Suspended:
		st.Decision = alipayplus.Accepted
	case signup.Refused, signup.Withdrawn, signup.Closed:
		st.Decision = alipayplus.Rejected
	}
	wallets, err := r.n.directory.Wallets(ctx)
	for _, w := range wallets {
		if w.InService() {
			st.Wallets = append(st.Wallets, w.Issuer.ID)
		}
	}
	return st, err
}

package party_test

import (
	"context"
	"errors"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
)

// Goal: whoever changes one thing of a store or a terminal takes nothing back that another has
// changed since their page was drawn. Method: a PIN, limits, names and refunds, one after the
// other, then all of them.
func TestOneChangeLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		hash, err := party.HashPIN("9753")
		want(t, "hash", err, nil)
		most := int64(5000)
		n.write(func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(
				n.reg.SetPIN(ctx, tx, "test", s.store.No, hash),
				n.reg.SetFace(ctx, tx, "test", s.store.No, party.StoreFace{Name: "Gero",
					NameJA: "下呂店", Prefecture: "23", City: "Gero", PostalCode: "5092207"}),
				n.reg.SetLimits(ctx, tx, "test", s.store.No, party.StoreLimits{
					RefundDayMaxMinor: &most, PINAboveMinor: 300}),
				n.reg.SetRefunds(ctx, tx, "test", s.terminal.No, !s.terminal.CanRefund))
		})
		at, err := n.dir.Terminal(t.Context(), s.terminal.No)
		want(t, "find", err, nil)
		st, was := at.Store, s.store
		if st.ManagerPINHash != hash || st.PINAboveMinor != 300 || *st.RefundDayMaxMinor != most ||
			st.NameJA != "下呂店" || st.City != "Gero" || st.PostalCode != "5092207" ||
			st.Prefecture != "23" || st.MCC != was.MCC || st.Status != was.Status {
			t.Errorf("the store is %+v", st)
		}
		if at.Terminal.CanRefund == s.terminal.CanRefund ||
			at.Terminal.Label != s.terminal.Label {
			t.Errorf("the terminal is %+v", at.Terminal)
		}
	})
}

// Goal: R9: nobody lifts the limits of a store that was not checked. Method: none, a high one and
// the highest that goes.
func TestLimitsOfAnUncheckedStoreStayLow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		n.write(func(ctx context.Context, tx *db.Tx) error {
			return n.reg.SetStore(ctx, tx, "test", s.store.No, party.StoreTerms{Name: "Gero",
				Prefecture: "21", MCC: "5814", Unverified: true})
		})
		sight := party.DefaultSight()
		high := sight.PerDayMaxMinor + 1
		set := func(l party.StoreLimits) error {
			return n.reg.Change(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return n.reg.SetLimits(ctx, tx, "test", s.store.No, l)
			})
		}
		want(t, "no limit", set(party.StoreLimits{}), party.ErrInvalid)
		want(t, "too much", set(party.StoreLimits{PerPaymentMaxMinor: &sight.PerPaymentMaxMinor,
			PerDayMaxMinor: &high}), party.ErrInvalid)
		want(t, "the most", set(party.StoreLimits{PerPaymentMaxMinor: &sight.PerPaymentMaxMinor,
			PerDayMaxMinor: &sight.PerDayMaxMinor}), nil)
	})
}

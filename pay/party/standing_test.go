package party_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
)

// standing is how a caller's place stands.
func (n *node) standing(c access.Caller) (s access.Standing) {
	n.t.Helper()
	err := n.d.View(n.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		s, err = party.Standing(ctx, tx, c)
		return err
	})
	if err != nil {
		n.t.Fatalf("standing of %+v: %v", c, err)
	}
	return s
}

// Goal: a place stands as the worst of what it is in, and as nothing beside or below it (R13).
// Method: each of the four is suspended and closed in turn, and callers of each kind are asked for.
func TestPlaceStandsAsTheWorstAboveIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		for i, kind := range []party.Kind{party.KindTerminal, party.KindStore,
			party.KindMerchant, party.KindParticipant} {
			id := string(rune('A' + i))
			s, beside := n.shop(n.acquirer("BANK"+id, false), id), party.Merchant{}
			n.write(func(ctx context.Context, tx *db.Tx) (err error) {
				beside, err = n.reg.AddMerchant(ctx, tx, "test", party.Merchant{
					AcquirerNo: s.acquirer.No, ID: "BESIDE", Name: "Beside", MCC: "5812",
					MDRPPM: 10_000, Status: party.Open})
				return err
			})
			no := map[party.Kind]int64{party.KindTerminal: s.terminal.No,
				party.KindStore: s.store.No, party.KindMerchant: s.merchant.No,
				party.KindParticipant: s.acquirer.No}[kind]
			// From the terminal up, so that callers[:j] are below the kind.
			callers := []access.Caller{
				{Role: access.Terminal, StoreNo: s.store.No, TerminalNo: s.terminal.No},
				{Role: access.MerchantCashier, MerchantNo: s.merchant.No, StoreNo: s.store.No},
				{Role: access.MerchantOwner, MerchantNo: s.merchant.No},
				{Role: access.Acquirer}}
			other := access.Caller{Role: access.MerchantOwner, MerchantNo: beside.No,
				ParticipantNo: s.acquirer.No}
			for _, to := range []struct {
				party.Status
				want access.Standing
			}{{party.Open, access.Open}, {party.Suspended, access.Suspended},
				{party.Open, access.Open}, {party.Closed, access.Closed}} {
				n.status(kind, no, to.Status)
				for j, c := range callers {
					c.ParticipantNo = s.acquirer.No
					want := access.Open
					if j <= i {
						want = to.want
					}
					if got := n.standing(c); got != want {
						t.Errorf("%s %s: %s stands %d, want %d", kind, to.Status, c.Role, got,
							want)
					}
				}
				want := access.Open
				if kind == party.KindParticipant {
					want = to.want
				}
				if got := n.standing(other); got != want {
					t.Errorf("%s %s: another merchant stands %d", kind, to.Status, got)
				}
			}
		}
		if got := n.standing(access.Caller{Role: access.Acquirer, ParticipantNo: 99}); got !=
			access.Closed {
			t.Errorf("a bank that is not there stands %d", got)
		}
	})
}

// Goal: a till's session and its links end with the store, merchant or acquirer too (R10). Method:
// each of them closes under an activated till.
func TestTillEndsWithWhatItIsIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		for i, kind := range []party.Kind{party.KindStore, party.KindMerchant,
			party.KindParticipant} {
			s := n.shop(n.acquirer("BANK"+strings.Repeat("X", i), false), "1")
			session, link := n.activate(s), n.invite(s, time.Hour)
			no := map[party.Kind]int64{party.KindStore: s.store.No,
				party.KindMerchant: s.merchant.No, party.KindParticipant: s.acquirer.No}[kind]
			n.status(kind, no, party.Suspended)
			if _, err := n.dir.TerminalSession(t.Context(), session); err != nil {
				t.Errorf("%s suspended: %v", kind, err)
			}
			n.status(kind, no, party.Closed)
			_, err := n.dir.TerminalSession(t.Context(), session)
			want(t, string(kind)+" closed", err, party.ErrSession)
			_, _, err = n.reg.Activate(t.Context(), link)
			want(t, string(kind)+" closed: the link", err, party.ErrActivation)
			err = n.try(func(ctx context.Context, tx *db.Tx) error {
				_, err := n.reg.NewActivation(ctx, tx, "test", s.terminal.No, time.Hour)
				return err
			})
			if !errors.Is(err, party.ErrTerminalNotOpen) {
				t.Errorf("%s closed: a new link: %v", kind, err)
			}
		}
	})
}

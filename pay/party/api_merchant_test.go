package party_test

import (
	"context"
	"net/http"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/pay/party"
)

// Goal: people of a merchant see their own stores and tills, or those of the one store that they
// are bound to; another's is answered exactly as one that is not there; only banks change stores.
func TestMerchantsSeeTheirOwnStores(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		for _, made := range []struct{ what, body string }{
			{"POST /v1/merchants", `{"id":"M2","name":"Tea","mcc":"5499","mdr_ppm":0}`},
			{"POST /v1/stores", `{"id":"S2","merchant_id":"M1","name":"West","prefecture":"21",
				"mcc":"5812"}`},
			{"POST /v1/stores", `{"id":"S9","merchant_id":"M2","name":"Tea","prefecture":"21",
				"mcc":"5499"}`},
			{"POST /v1/stores/S9/terminals", `{"id":"T9","label":"Till","can_refund":true}`},
		} {
			s.must(http.StatusCreated, s.gifu.key, made.what, made.body)
		}
		point := s.point(s.gifu)
		grant := func(role access.Role, store int64) string {
			return s.grant(access.Grant{Role: role, ParticipantNo: s.gifu.No,
				MerchantNo: point.Merchant.No, StoreNo: store, Label: string(role)})
		}
		owner := grant(access.MerchantOwner, 0)
		manager := grant(access.MerchantManager, point.Store.No)
		cashier := grant(access.MerchantCashier, 0)
		viewer := s.grant(access.Grant{Role: access.AcquirerViewer, ParticipantNo: s.gifu.No,
			Label: "viewer"})
		for key, want := range map[string]string{owner: "S1 S2", manager: "S1",
			cashier: "S1 S2", viewer: "S1 S2 S9"} {
			if got := s.must(http.StatusOK, key, "GET /v1/stores", "").ids(); got != want {
				t.Errorf("lists %q, want %q", got, want)
			}
		}
		for _, what := range []string{"GET /v1/stores/%", "GET /v1/stores/%/terminals",
			"GET /v1/stores/%/terminals/T9", "POST /v1/stores/%/terminals/T9/activations",
			"DELETE /v1/stores/%/terminals/T9/sessions"} {
			s.alike(t, owner, what, "S9", "S8")
			s.alike(t, manager, what, "S2", "S8")
		}
		s.must(http.StatusNotFound, owner, "GET /v1/stores/S9?merchant_id=M2", "")
		s.must(http.StatusNotFound, owner, "GET /v1/stores?merchant_id=M2", "")
		s.must(http.StatusCreated, owner, "POST /v1/stores/S1/terminals/T1/activations", "")
		s.must(http.StatusCreated, manager, "POST /v1/stores/S1/terminals/T1/activations", "")
		for _, key := range []string{cashier, viewer} {
			s.must(http.StatusForbidden, key, "POST /v1/stores/S1/terminals/T1/activations", "")
		}
		for _, key := range []string{owner, manager, cashier, viewer} {
			s.must(http.StatusForbidden, key, "PUT /v1/stores/S1/status", `{"status":"closed"}`)
		}
	})
}

// alike holds that a store of another is answered as one that is not there.
func (s *service) alike(t *testing.T, key, what, others, nobodys string) {
	t.Helper()
	his := s.call(key, fill(what, others), "")
	none := s.call(key, fill(what, nobodys), "")
	if his.status != http.StatusNotFound || his.status != none.status ||
		his.slug() != none.slug() {
		t.Errorf("%s: %d %s for another's, %d %s for nobody's", what, his.status, his.slug(),
			none.status, none.slug())
	}
}

// fill puts a store's id into a path.
func fill(what, store string) string {
	out := ""
	for _, c := range what {
		if c == '%' {
			out += store
		} else {
			out += string(c)
		}
	}
	return out
}

// Goal: a PIN that is set alone changes nothing else of the store.
func TestPINAloneIsChanged(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		before := s.point(s.gifu).Store
		hash, err := party.HashPIN("2468")
		if err != nil {
			t.Fatal(err)
		}
		s.write(func(ctx context.Context, tx *db.Tx) error {
			return s.reg.SetPIN(ctx, tx, "person:x", before.No, hash)
		})
		after := s.point(s.gifu).Store
		if !after.CheckPIN("2468") || after.CheckPIN("1357") {
			t.Error("the PIN is not the one that was set")
		}
		after.ManagerPINHash = before.ManagerPINHash
		if after.Name != before.Name || *after.PerPaymentMaxMinor != *before.PerPaymentMaxMinor ||
			after.PINAboveMinor != before.PINAboveMinor {
			t.Errorf("changed to %+v", after)
		}
	})
}

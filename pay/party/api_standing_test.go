package party_test

import (
	"net/http"
	"testing"

	"watari/kit/access"
	"watari/pay/party"
)

// Goal: the keys of a suspended bank read and no more, those of a closed merchant do nothing, and
// nobody else notices. Method: over HTTP, with keys that heed the directory.
func TestKeysFollowTheStatusOfTheirPlace(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, s *service) {
		s.soba(s.gifu)
		owner := s.grant(access.Grant{Role: access.MerchantOwner, ParticipantNo: s.gifu.No,
			MerchantNo: s.point(s.gifu).Merchant.No, Label: "owner"})
		const list, sign = "GET /v1/stores", "POST /v1/merchants"
		ramen := func(id string) string {
			return `{"id": "` + id + `", "name": "Ramen", "mcc": "5812", "mdr_ppm": 30000}`
		}
		s.must(http.StatusCreated, s.gifu.key, sign, ramen("M7"))

		s.status(party.KindParticipant, s.gifu.No, party.Suspended)
		s.serve() // another node, or this one two seconds later
		s.must(http.StatusOK, s.gifu.key, list, "")
		s.must(http.StatusOK, owner, list, "")
		a := s.must(http.StatusForbidden, s.gifu.key, sign, ramen("M8"))
		if a.slug() != "place-suspended" {
			t.Errorf("a suspended bank signs: %s", a.slug())
		}
		s.must(http.StatusCreated, s.kyoto.key, sign, ramen("M8"))

		s.status(party.KindParticipant, s.gifu.No, party.Open)
		s.status(party.KindMerchant, s.point(s.gifu).Merchant.No, party.Closed)
		s.serve()
		s.must(http.StatusCreated, s.gifu.key, sign, ramen("M8"))
		if a := s.must(http.StatusForbidden, owner, list, ""); a.slug() != "place-closed" {
			t.Errorf("a closed merchant reads: %s", a.slug())
		}
		s.status(party.KindParticipant, s.gifu.No, party.Closed)
		s.serve()
		if a := s.must(http.StatusForbidden, s.gifu.key, list, ""); a.slug() != "place-closed" {
			t.Errorf("a closed bank reads: %s", a.slug())
		}
		s.must(http.StatusOK, s.kyoto.key, list, "")
		s.must(http.StatusOK, s.staff, "GET /v1/participants", "")
	})
}

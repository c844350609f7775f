package operator_test

import (
	"net/http"
	"slices"
	"testing"

	"watari/kit/foureyes"
	"watari/pay/promo"
)

// Goal: what a wallet gives for discounts is entered by two people, is changed from its page, and
// ends at once by one; what cannot be is said at its field. Method: the forms of the wallet.
func TestAWalletsDiscountsAreAgreedByTwoPeople(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const page, at = "/operator/participants/TESTPAY", "/operator/participants/TESTPAY/pledges/edit"
	r.get("ann", page).has("main", "No discounts agreed")
	r.get("ann", "/operator/participants/HIDA/pledges/edit").is(http.StatusNotFound)
	good := []string{"acquirer_id", "HIDA", "merchant_id", "M1", "share_ppm", "50", "budget",
		"3,000,000", "until", "2027-03-31T23:59", "note", "contract 12"}
	for field, c := range map[string][2]string{"merchant_id": {"M9", "no such merchant"},
		"share_ppm": {"101", "percentage"}, "budget": {"1.5", "amount of JPY"},
		"until": {"soon", "day and a time"}} {
		form := append(slices.Clone(good), field, c[0])
		r.post("ann", at, form...).is(http.StatusUnprocessableEntity).has(".mistake", c[1])
	}
	r.post("clerk", at, good...).is(http.StatusForbidden)
	r.post("ann", at, good...).is(http.StatusSeeOther)
	open, err := r.desk.List(t.Context(), foureyes.Filter{State: foureyes.Open})
	if err != nil || len(open) != 1 || open[0].Kind != promo.ChangePledge {
		t.Fatalf("changes %v, %v", open, err)
	}
	change := "/operator/changes/" + open[0].ID
	r.get("ben", change).has("main", "What a wallet gives", "contract 12", "50 %", "M1")
	r.post("ann", change+"/approve").is(http.StatusUnprocessableEntity)
	r.get("ann", page).has("main", "No discounts agreed")
	r.post("ben", change+"/approve").is(http.StatusSeeOther)
	r.get("ann", page).has("main", "M1", "50 %", "3,000,000", "31 Mar 2027")
	r.get("ann", at+"?acquirer_id=HIDA&merchant_id=M1").has("main", "Give no more")
	r.post("ann", page+"/pledges/end", "acquirer_id", "HIDA", "merchant_id", "M9").
		is(http.StatusNotFound)
	r.post("ann", page+"/pledges/end", "acquirer_id", "HIDA", "merchant_id", "M1").
		is(http.StatusSeeOther)
	ps, err := r.pledges.List(t.Context(), 0, 0, 0)
	if err != nil || len(ps) != 1 || ps[0].Until.IsZero() || ps[0].Until.Year() != 2026 {
		t.Errorf("after its end: %+v, %v", ps, err)
	}
}

package browser

import (
	"context"
	"testing"
)

// Half of a payment goes back from today's list, then never more than the rest, then the rest.
func givesBack(t *testing.T, r *Rig) {
	const store = "S2103"
	till, phone := r.till(t, store), r.phone(t, 5)
	id := r.sell(t, store, 5, 1980).ID
	receipt(t, phone, "Paid")
	Do(t, phone, click("#done [data-close]"))

	Do(t, till, click(`.tab[data-tab="day"]`), click(".rows .row"), named("Refund"))
	refund(t, till, "990")
	Do(t, till, named("Refund JPY 990"))
	verdict(t, till, "Refunded")
	for _, want := range []string{"JPY 990", "CNY 42.32"} {
		Wait(t, till, want)
	}
	receipt(t, phone, "Refund received", "CNY 42.32")
	Shot(t, phone, "phone-refund")
	Do(t, phone, click("#done [data-close]"))
	if p := r.read(t, store, id); p.State != "captured" || p.Refunded != 990 {
		t.Errorf("the API says %+v", p)
	}

	Do(t, till, named("See the payment"), named("Refund"))
	refund(t, till, "991")
	Wait(t, till, "Only JPY 990 is left of this payment.")
	invalid := Read(t, till, attributes("#amount"))
	if invalid["aria-invalid"] != "true" || invalid["aria-describedby"] != "amount-mistake" {
		t.Errorf("the field does not name its mistake: %v", invalid)
	}

	Do(t, till, click("input[value=all]"), named("Continue"), named("Refund JPY 990"))
	verdict(t, till, "Refunded")
	receipt(t, phone, "Refund received", chargeShown)
	if p := r.read(t, store, id); p.State != "refunded" || p.Refunded != 1980 {
		t.Errorf("the API says %+v", p)
	}
	Do(t, till, click(`.tab[data-tab="day"]`), has(".rows .badge.back"))
	Shot(t, till, "till-day")
}

// refund fills the form for a part of a payment in.
func refund(t testing.TB, till context.Context, amount string) {
	t.Helper()
	Do(t, till, click("input[value=some]"), types("#amount", amount),
		named("Continue"))
}

// Above the shop's limit a refund needs the manager's PIN; a wrong one is told at the field.
func asksTheManager(t *testing.T, r *Rig) {
	const store = "S2104"
	till := r.till(t, store)
	id := r.sell(t, store, 10, 12_000).ID

	Do(t, till, goTo(r.BaseURL+"/till/payments/"+id+"/refund"),
		named("Continue"), types("#pin", "9999"), named("Refund JPY 12,000"))
	Wait(t, till, "This PIN is not right.")
	if p := r.read(t, store, id); p.Refunded != 0 {
		t.Errorf("a wrong PIN gave back: %+v", p)
	}
	Do(t, till, types("#pin", managerPIN), named("Refund JPY 12,000"))
	verdict(t, till, "Refunded")
	if p := r.read(t, store, id); p.State != "refunded" {
		t.Errorf("the API says %+v", p)
	}
}

// A paid payment is cancelled as a whole, and the phone tells it.
func cancels(t *testing.T, r *Rig) {
	const store = "S2105"
	till, phone := r.till(t, store), r.phone(t, 6)
	id := r.sell(t, store, 6, 1980).ID
	receipt(t, phone, "Paid")
	Do(t, phone, click("#done [data-close]"))

	Do(t, till, click(`.tab[data-tab="day"]`), click(".rows .row"),
		named("Cancel this payment"), named("Cancel the payment"))
	verdict(t, till, "Cancelled")
	receipt(t, phone, "Cancelled", chargeShown)
	if p := r.read(t, store, id); p.State != "cancelled" {
		t.Errorf("the API says %+v", p)
	}
}

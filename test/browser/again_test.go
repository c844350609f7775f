package browser

import (
	"fmt"
	"testing"
)

// While a payment waits, the same amount on the same till is asked about: before the code is
// scanned, and also when the other payment began only after that. The cashier can look at the
// waiting payment, and can go on for another customer.
func asksAboutTheSameAmount(t *testing.T, r *Rig) {
	const store = "S0301"
	const warned = "The same amount is still waiting"
	till, phone := r.till(t, store), r.phone(t, 4)
	first := r.pending(t, till, phone)

	Do(t, till, named("Serve the next customer"),
		shows(fmt.Sprintf(`[data-waits=%q]`, first)))
	for _, key := range []string{"3", "0", "00", "0"} {
		Do(t, till, click(fmt.Sprintf(`[data-key="%s"]`, key)))
	}
	Do(t, till, click(".padform [type=submit]"))
	verdict(t, till, warned)
	Shot(t, till, "till-again")
	Do(t, till, named("See the waiting payment"))
	if got := verdict(t, till, "Waiting for the wallet"); got != first {
		t.Errorf("the warning leads to payment %s, want %s", got, first)
	}

	Do(t, till, goTo(r.BaseURL+"/till/scan?amount="+large),
		named("Another customer"), shows("#code"))
	Do(t, till, fill("#code", r.code(t, 8)), click(".codeform [type=submit]"))
	if second := verdict(t, till, "Waiting for the wallet"); second == first {
		t.Error("the second customer's payment is the first one's")
	}

	Do(t, till, goTo(r.BaseURL+"/till/scan?amount=45000"),
		shows("#code"))
	r.sell(t, store, 9, 45_000)
	Do(t, till, fill("#code", r.code(t, 10)), click(".codeform [type=submit]"))
	verdict(t, till, warned)
	if n := len(r.payments(t, store)); n != 3 {
		t.Errorf("the API lists %d payments before the cashier goes on, want 3", n)
	}
	Do(t, till, named("Another customer"))
	verdict(t, till, "Waiting for the wallet")
	if n := len(r.payments(t, store)); n != 4 {
		t.Errorf("the API lists %d payments, want 4", n)
	}
}

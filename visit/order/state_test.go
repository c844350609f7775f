package order

import (
	"testing"

	"watari/kit/fsm/fsmtest"
)

// Goal: the lives of an order, its payments and its returns are sound, equal the schema's lists,
// and are drawn. Method: fsmtest.
func TestLivesOfOrders(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, Steps, StateHeld, []State{"held", "paying", "paid", "expired",
		"refunding_late", "cancelled"})
	fsmtest.Check(t, attempts, AttemptOpening, []AttemptState{"opening", "open", "captured",
		"closed"})
	fsmtest.Check(t, returns, ReturnDue, []ReturnState{"due", "sent", "succeeded", "failed"})
	fsmtest.Diagram(t, Steps, "A visitor's order", "../../docs/states/visitor-order.md")
	fsmtest.Diagram(t, attempts, "A payment of a visitor's order",
		"../../docs/states/visitor-order-payment.md")
	fsmtest.Diagram(t, returns, "Money that goes back of a visitor's order",
		"../../docs/states/visitor-order-return.md")
}

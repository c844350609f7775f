package payment_test

import (
	"testing"

	"watari/kit/fsm/fsmtest"
	"watari/pay/payment"
)

// Goal: the tables hold together and equal what the database admits.
func TestStateTables(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, payment.Steps, payment.Authorising, []payment.State{
		payment.Authorising, payment.Pending, payment.Authorised, payment.Captured,
		payment.Declined, payment.Cancelled, payment.Refunded})
	fsmtest.Check(t, payment.LegSteps, payment.LegAsked, []payment.LegState{
		payment.LegAsked, payment.LegUnknown, payment.LegApproved, payment.LegDeclined,
		payment.LegCancelling, payment.LegCancelled, payment.LegStuck})
	fsmtest.Check(t, payment.RefundSteps, payment.RefundRequested, []payment.RefundState{
		payment.RefundRequested, payment.RefundUnknown, payment.RefundSucceeded,
		payment.RefundFailed})
	fsmtest.Check(t, payment.ConsentSteps, payment.ConsentAsked, []payment.ConsentState{
		payment.ConsentAsked, payment.ConsentActive, payment.ConsentDeclined,
		payment.ConsentRevoked})
	fsmtest.Diagram(t, payment.ConsentSteps, "Consent", "../../docs/states/consent.md")
	fsmtest.Diagram(t, payment.Steps, "Payment", "../../docs/states/payment.md")
	fsmtest.Diagram(t, payment.LegSteps, "Leg", "../../docs/states/payment-leg.md")
	fsmtest.Diagram(t, payment.RefundSteps, "Refund", "../../docs/states/payment-refund.md")
}

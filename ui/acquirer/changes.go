package acquirer

import (
	"errors"
	"fmt"

	"github.com/a-h/templ"

	"watari/kit/foureyes"
	"watari/pay/party/signup"
	"watari/ui/console"
)

// waitingPayout is an account that waits for a second person, with the name of its merchant.
type waitingPayout struct {
	signup.Payout
	merchant string
	mine     bool // the reader asked for it
}

func (a *app) listChanges(v *console.Visit) error {
	list, err := a.Signup.PayoutsWaiting(v.Ctx(), bank(v))
	if err != nil {
		return err
	}
	waiting := make([]waitingPayout, len(list))
	for i, p := range list {
		m, err := a.Places.Merchant(v.Ctx(), p.MerchantNo)
		if err != nil {
			return fmt.Errorf("name the merchant: %w", err)
		}
		waiting[i] = waitingPayout{Payout: p, merchant: inLang(v, m.Name, m.NameJA),
			mine: p.Maker == me(v).Name}
	}
	frame := page(v.T("change.title"), "changes")
	frame.Lead = v.T("change.lead")
	return show(v, frame, changesPage(v, waiting))
}

func (a *app) approveChange(v *console.Visit) error {
	_, err := a.Signup.ApprovePayout(v.Ctx(), me(v), bank(v), v.R.PathValue("id"))
	return a.changed(v, err, "change.approved")
}

func (a *app) stopChange(v *console.Visit) error {
	_, err := a.Signup.StopPayout(v.Ctx(), me(v), bank(v), v.R.PathValue("id"))
	return a.changed(v, err, "change.stopped")
}

func (a *app) changed(v *console.Visit, err error, done string) error {
	if errors.Is(err, foureyes.ErrOwn) {
		v.Refuse(v.T("fault.change-request-own"))
		return a.listChanges(v)
	}
	if v.Refused(err) {
		return a.listChanges(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("changes"), v.T(done))
}

// accountText is an account as somebody reads it to compare it; a viewer sees its last digits.
func accountText(v *console.Visit, a signup.Account) string {
	number := a.Number
	if !v.May(clerks...) {
		number = "****" + lastDigits(a)
	}
	return a.BankCode + "-" + a.BranchCode + " " + v.T("f.bank.type."+string(a.Type)) + " " +
		number
}

var payoutSigns = map[signup.PayoutState]stateSign{
	signup.PayoutProposed: {console.Wait, "wait"},
	signup.PayoutHeld:     {console.Wait, "lock"},
	signup.PayoutRejected: {console.Stop, "cross"},
	signup.PayoutStopped:  {console.Stop, "stop"},
}

func payoutBadge(v *console.Visit, p signup.Payout) templ.Component {
	switch {
	case p.InForce:
		return v.Badge(console.Good, "tick", v.T("account.in_force"))
	case p.State == signup.PayoutHeld && !p.From.After(v.Now):
		return v.Badge(console.Plain, "history", v.T("account.past"))
	}
	sign := payoutSigns[p.State]
	return v.Badge(sign.tone, sign.icon, v.T("account."+string(p.State)))
}

// stoppable tells whether an account can still be stopped.
func stoppable(v *console.Visit, p signup.Payout) bool {
	return p.State == signup.PayoutProposed ||
		p.State == signup.PayoutHeld && p.From.After(v.Now)
}

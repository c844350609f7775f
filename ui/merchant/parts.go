package merchant

import (
	"strconv"

	"watari/ui/console"
	"watari/ui/theme"
)

// pagerOf leads to the next page of a list, and back to its beginning.
func pagerOf(v *console.Visit, next string) console.Pager {
	p := console.Pager{}
	if next != "" {
		p.Next = v.Here("after", next)
	}
	if v.R.Form.Get("after") != "" {
		p.First = v.Here("after", "")
	}
	return p
}

// liveSeconds is how often a payment's page looks again: while something is not known yet.
func liveSeconds(r receipt) int {
	if r.waits() {
		return 3
	}
	return 0
}

// unitBefore and unitAfter stand beside a field for yen.
func unitBefore(v *console.Visit) string {
	before, _ := theme.Unit(string(v.Lang), "JPY")
	return before
}

func unitAfter(v *console.Visit) string {
	_, after := theme.Unit(string(v.Lang), "JPY")
	return after
}

// pinRule says when a refund in a store needs the manager's PIN.
func pinRule(v *console.Visit, st storeTills) string {
	switch {
	case st.hasPIN && st.above > 0:
		return v.T("pin.rule.above", "amount", yen(v, st.above))
	case st.hasPIN:
		return v.T("pin.rule.always")
	case st.above > 0:
		return v.T("pin.rule.unset", "amount", yen(v, st.above))
	}
	return v.T("pin.rule.none")
}

// changeAccount leads to the form for another account, while none waits.
func changeAccount(v *console.Visit, s payoutsScreen) []console.Action {
	if s.next != nil {
		return nil
	}
	text := v.T("payouts.change")
	if s.now == nil {
		text = v.T("payouts.name")
	}
	return []console.Action{{Text: text, Icon: "edit", Href: "/merchant/payouts/account"}}
}

// storeValue is a store as it is chosen in a form; "" is all.
func storeValue(no int64) string {
	if no == 0 {
		return ""
	}
	return strconv.FormatInt(no, 10)
}

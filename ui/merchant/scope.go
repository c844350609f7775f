package merchant

import (
	"net/url"
	"strconv"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/report"
	"watari/ui/console"
)

// place is the scope of a visit: the stores that who is signed in may see, and the one of them that
// the address chooses.
type place struct {
	scope  report.Scope
	stores []report.Store
	// chosen is the id in the address of the one store that is looked at; "" is all.
	chosen string
}

// placeOf finds the scope of a visit (S1). The store in the address, "store", is one of the
// scope's by its number; any other is as if none were named.
func (a *app) placeOf(v *console.Visit) (place, error) {
	p := place{scope: report.Scope{AcquirerNo: v.Caller.ParticipantNo,
		MerchantNo: v.Caller.MerchantNo, StoreNo: v.Caller.StoreNo}}
	var err error
	if p.stores, err = a.Reports.Stores(v.Ctx(), p.scope); err != nil {
		return p, err
	}
	for _, s := range p.stores {
		if no := strconv.FormatInt(s.No, 10); no == v.R.Form.Get("store") {
			p.chosen, p.scope.StoreNo = no, s.No
		}
	}
	return p, nil
}

// many tells whether it makes a difference which store is meant.
func (p place) many() bool { return len(p.stores) > 1 }

// store finds one of the scope's stores by the number in a path.
func (p place) store(no string) (report.Store, bool) {
	for _, s := range p.stores {
		if strconv.FormatInt(s.No, 10) == no {
			return s, true
		}
	}
	return report.Store{}, false
}

// options are the stores to choose from, all of them first.
func (p place) options(v *console.Visit) []console.Option {
	list := []console.Option{{Value: "", Label: v.T("stores.all")}}
	for _, s := range p.stores {
		list = append(list, console.Option{Value: strconv.FormatInt(s.No, 10),
			Label: s.In(string(v.Lang))})
	}
	return list
}

// midnight is when the day of t began in Japan.
func midnight(t time.Time) time.Time { return report.Day(t).From }

// dayIn reads a day from the address; the zero time when there is none.
func dayIn(v *console.Visit, name string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, v.R.Form.Get(name), clock.JST)
	if err != nil {
		return time.Time{}
	}
	return t
}

// yen writes minor units of the yen for people; it may be negative.
func yen(v *console.Visit, minor int64) string {
	if minor < 0 {
		return "−" + yen(v, -minor)
	}
	return money.FormatFor(string(v.Lang), yenOf(minor))
}

// less writes what is taken away; nothing when it is nothing.
func less(v *console.Visit, minor int64) string {
	if minor == 0 {
		return ""
	}
	return yen(v, -minor)
}

// yenOf is an amount of yen; a negative one is none.
func yenOf(minor int64) money.Amount {
	a, err := money.New(max(minor, 0), "JPY")
	if err != nil {
		return money.MustNew(0, "JPY")
	}
	return a
}

// isCashier says that only today is seen (S2).
func isCashier(v *console.Visit) bool { return v.Caller.Role == access.MerchantCashier }

// query writes an address with parameters, leaving out empty ones.
func query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

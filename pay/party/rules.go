package party

import (
	"time"

	"watari/kit/fault"
)

// Usable says whether a payment may be taken at p now, looking from the acquirer down to the
// terminal. It returns nil or one of ErrAcquirerNotOpen (which also stands for an acquirer
// with no agreement in force), ErrMerchantNotOpen, ErrStoreNotOpen and ErrTerminalNotOpen.
func (p Point) Usable() error {
	switch {
	case p.Acquirer.Status != Open:
		return notOpen(ErrAcquirerNotOpen, p.Acquirer.Status, "acquirer", p.Acquirer.ID)
	case p.Agreement.Version == 0:
		return ErrAcquirerNotOpen.Newf("no agreement with acquirer %s is in force", p.Acquirer.ID)
	case p.Merchant.Status != Open:
		return notOpen(ErrMerchantNotOpen, p.Merchant.Status, "merchant", p.Merchant.ID)
	case p.Store.Status != Open:
		return notOpen(ErrStoreNotOpen, p.Store.Status, "store", p.Store.ID)
	case p.Terminal != nil && p.Terminal.Status != Open:
		return notOpen(ErrTerminalNotOpen, p.Terminal.Status, "terminal", p.Terminal.ID)
	}
	return nil
}

// InService says whether w may be asked to pay now: its issuer is open and an agreement with it
// is in force.
func (w Wallet) InService() bool {
	return w.Issuer.Status == Open && w.Agreement.Version > 0
}

func notOpen(p *fault.Problem, s Status, noun, id string) *fault.Error {
	return p.Newf("%s %s is %s", noun, id, s).Set("status", string(s))
}

// InForce says whether a is valid at t. Whether a higher version has taken its place is for
// the directory to say (R6).
func (a Agreement) InForce(t time.Time) bool {
	us := t.UnixMicro()
	return a.Version > 0 && a.FromUS <= us && (a.UntilUS == 0 || us < a.UntilUS)
}

// ClearingDay returns the clearing day of the instant t, as YYYY-MM-DD: the calendar day in the
// agreement's zone, or the next one from the cut-off on. A cut-off of 0 is midnight: the
// clearing day is the calendar day.
//
// It panics when Zone is not known, which the registry refuses.
func (a Agreement) ClearingDay(t time.Time) string {
	zone := a.zone
	if zone == nil {
		var err error
		if zone, err = time.LoadLocation(a.Zone); err != nil {
			panic("party: agreement " + a.ID + ": " + err.Error())
		}
	}
	local := t.In(zone)
	if a.CutOffMin > 0 && local.Hour()*60+local.Minute() >= a.CutOffMin {
		y, m, d := local.Date()
		local = time.Date(y, m, d+1, 12, 0, 0, 0, zone)
	}
	return local.Format(time.DateOnly)
}

// valid says whether k may verify a message at t.
func (k Key) valid(t time.Time) bool {
	return !t.Before(k.From) && (k.Until.IsZero() || t.Before(k.Until)) && k.Retired.IsZero()
}

// inForce returns the highest version that is valid at t among the versions of one agreement,
// which are given in ascending order (R6).
func inForce(versions []Agreement, t time.Time) (Agreement, bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].InForce(t) {
			return versions[i], true
		}
	}
	return Agreement{}, false
}

// nextChange returns the first instant after t at which another version may be in force, in
// microseconds; 0 when there is none.
func nextChange(all []Agreement, t time.Time) int64 {
	now, next := t.UnixMicro(), int64(0)
	for i := range all {
		for _, us := range [...]int64{all[i].FromUS, all[i].UntilUS} {
			if us > now && (next == 0 || us < next) {
				next = us
			}
		}
	}
	return next
}

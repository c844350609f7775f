package operator

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"watari/pay/party"
	"watari/pay/promo"
	"watari/ui/console"
)

// pledgePath is the form for what a wallet gives at a merchant.
func pledgePath(wallet, acquirer, merchant string) string {
	q := url.Values{"acquirer_id": {acquirer}, "merchant_id": {merchant}}
	return participantPath(wallet) + "/pledges/edit?" + q.Encode()
}

// pledgeTable lists what a wallet gives for discounts.
func pledgeTable(v *console.Visit, m member) console.Table {
	t := console.Table{Caption: v.T("pledges"), Columns: []console.Column{
		{Title: v.T("pledge.merchant"), Main: true}, {Title: v.T("pledge.share"), Number: true},
		{Title: v.T("pledge.taken"), Number: true}, {Title: v.T("pledge.budget"), Number: true},
		{Title: v.T("pledge.until")}}, Empty: console.Empty{Icon: "ticket",
		Title: v.T("pledges.none"), Text: v.T("pledges.none.text")}}
	for _, p := range m.Pledges {
		bank := m.Names[p.AcquirerNo]
		until := v.T("pledge.open")
		if !p.Until.IsZero() {
			until = at(v, p.Until)
		}
		t.Rows = append(t.Rows, console.Row{Href: pledgePath(m.ID, bank.ID, p.MerchantID),
			Cells: []templ.Component{console.Two(p.MerchantID, bank.Name),
				console.Text(percentOf(p.SharePPM)), console.Text(v.Number(p.Taken)),
				console.Text(v.Number(p.Budget)), console.Text(until)}})
	}
	return t
}

// pledgeScreen is the form.
type pledgeScreen struct {
	wallet    party.Participant
	acquirers []party.Participant
	acquirer  string
	merchant  string
	is        *promo.Pledge // what is agreed by now; nil is nothing
}

// editPledge draws the form for what a wallet gives: acquirer_id and merchant_id in the address
// name what there is.
func (p *pages) editPledge(v *console.Visit) error {
	s, err := p.pledge(v)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, memberPage(v, s.wallet, v.T("pledge.title")), pledgeForm(v, s))
}

// pledge reads what the form is about.
func (p *pages) pledge(v *console.Visit) (s pledgeScreen, err error) {
	if s.wallet, err = p.Directory.ByID(v.Ctx(), v.R.PathValue("id")); err != nil {
		return s, err
	}
	if _, err := p.Directory.Wallet(v.Ctx(), s.wallet.No); err != nil {
		return s, v.NotFound() // a bank gives no discounts
	}
	all, err := p.Directory.Participants(v.Ctx())
	if err != nil {
		return s, err
	}
	for _, one := range all {
		if one.Connector == "" {
			s.acquirers = append(s.acquirers, one)
		}
	}
	slices.SortFunc(s.acquirers, func(a, b party.Participant) int {
		return cmp.Compare(a.Name, b.Name)
	})
	s.acquirer, s.merchant = v.R.FormValue("acquirer_id"), v.R.FormValue("merchant_id")
	key, err := p.pledgeKey(v, s)
	if err != nil || key.MerchantNo == 0 {
		return s, err
	}
	is, err := p.Pledges.Find(v.Ctx(), key)
	if errors.Is(err, promo.ErrUnknown) {
		return s, nil
	}
	s.is = &is
	return s, err
}

// pledgeKey finds the merchant that is named; none is the zero key.
func (p *pages) pledgeKey(v *console.Visit, s pledgeScreen) (k promo.PledgeKey, err error) {
	i := slices.IndexFunc(s.acquirers, func(a party.Participant) bool { return a.ID == s.acquirer })
	if i < 0 || s.merchant == "" {
		return k, nil
	}
	m, err := p.Directory.MerchantByID(v.Ctx(), s.acquirers[i].No, s.merchant)
	if errors.Is(err, party.ErrMerchantUnknown) {
		return k, nil
	}
	return promo.PledgeKey{IssuerNo: s.wallet.No, MerchantNo: m.No}, err
}

// proposePledge asks for what a wallet gives.
func (p *pages) proposePledge(v *console.Visit) error {
	s, err := p.pledge(v)
	if err != nil {
		return err
	}
	key, err := p.pledgeKey(v, s)
	if err != nil {
		return err
	}
	if key.MerchantNo == 0 {
		v.Mistake("merchant_id", v.T("mistake.merchant"))
	}
	next := promo.Pledge{PledgeKey: key, SharePPM: share(v, "share_ppm")}
	if budget := most(v, "budget", yen); budget != nil {
		next.Budget = *budget
	} else if v.Typed("budget") == "" {
		v.Mistake("budget", v.T("mistake.amount", "currency", "JPY"))
	}
	var ok bool
	if next.From, ok = japan(v.Typed("from")); !ok {
		v.Mistake("from", v.T("mistake.time"))
	}
	if next.Until, ok = japan(v.Typed("until")); !ok {
		v.Mistake("until", v.T("mistake.time"))
	}
	why := note(v)
	if v.Wrong() {
		return p.editPledge(v)
	}
	made, err := p.Pledges.Propose(v.Ctx(), by(v), next, why)
	if v.Refused(err) {
		return p.editPledge(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(Prefix+"/changes/"+made.ID, v.T("changes.proposed"))
}

// endPledge lets a wallet give no more at a merchant.
func (p *pages) endPledge(v *console.Visit) error {
	s, err := p.pledge(v)
	if err != nil {
		return err
	}
	if s.is == nil {
		return v.NotFound()
	}
	if err := p.Pledges.End(v.Ctx(), v.Caller.Actor, s.is.PledgeKey); err != nil {
		return err
	}
	return v.SeeOther(participantPath(s.wallet.ID), v.T("pledge.ended"))
}

// shown is what stands in the fields of the form.
func (s pledgeScreen) shown() (share, budget string) {
	if s.is == nil {
		return "50", ""
	}
	return decimal(s.is.SharePPM, 4), strconv.FormatInt(s.is.Budget, 10)
}

package merchant

import (
	"net/http"

	"github.com/a-h/templ"

	"watari/pay/party/signup"
	"watari/pay/report"
	"watari/ui/console"
)

// payoutsScreen is what the bank owes, and where it will be paid to.
type payoutsScreen struct {
	owed     int64 // by the ledger, since the beginning
	month    report.Takings
	accounts []signup.Payout
	now      *signup.Payout // the account in force
	next     *signup.Payout // one that waits for the bank, or for its day
}

func (a *app) showPayouts(v *console.Visit) error {
	s, err := a.payoutsOf(v)
	if err != nil {
		return err
	}
	p := console.Page{Title: v.T("payouts.title"), Tab: "payouts"}
	return v.Show(http.StatusOK, p, payoutsPage(v, s))
}

func (a *app) payoutsOf(v *console.Visit) (s payoutsScreen, err error) {
	c := v.Caller
	if s.owed, err = a.Reports.Owed(v.Ctx(), c.ParticipantNo, c.MerchantNo); err != nil {
		return s, err
	}
	_, month := spanOf(v)
	if s.month, err = a.Reports.Total(v.Ctx(), report.Scope{AcquirerNo: c.ParticipantNo,
		MerchantNo: c.MerchantNo}, report.Period{From: month.from,
		Until: month.until}); err != nil {
		return s, err
	}
	s.accounts, err = a.Signup.Payouts(v.Ctx(), c.ParticipantNo, c.MerchantNo)
	for i := range s.accounts {
		one := &s.accounts[i]
		switch {
		case one.InForce:
			s.now = one
		case s.next == nil && (one.State == signup.PayoutProposed ||
			one.State == signup.PayoutHeld && one.From.After(v.Now)):
			s.next = one
		}
	}
	return s, err
}

func (a *app) askAccount(v *console.Visit) error {
	p := console.Page{Title: v.T("account.title"), Tab: "payouts", Crumbs: []console.Link{
		{Text: v.T("payouts.title"), Href: "/merchant/payouts"}}}
	return v.Show(http.StatusOK, p, accountPage(v))
}

// proposeAccount asks for another account: the fields of signup.Account, and note.
func (a *app) proposeAccount(v *console.Visit) error {
	account := signup.Account{BankCode: v.Typed("bank_code"), BranchCode: v.Typed("branch_code"),
		Type: signup.AccountType(v.Typed("type")), Number: v.Typed("number"),
		HolderKana: v.Typed("holder_kana")}
	_, err := a.Signup.ProposePayout(v.Ctx(), signup.PersonOf(v.Caller),
		v.Caller.ParticipantNo, v.Caller.MerchantNo, account, v.Typed("note"))
	if v.Refused(err) {
		return a.askAccount(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/merchant/payouts", v.T("account.proposed"))
}

// accountFacts tell an account apart without telling it.
func accountFacts(v *console.Visit, p signup.Payout) []console.Fact {
	s := accountSign(v, p)
	list := []console.Fact{{Name: v.T("c.state"), Value: v.Badge(s.tone, s.icon, s.word)},
		{Name: v.T("account.bank"), Value: console.Text(p.Account.BankCode + " – " +
			p.Account.BranchCode)},
		{Name: v.T("account.number"), Value: console.Text(v.T("account.type."+
			string(p.Account.Type)) + " " + p.Account.Hint())}}
	if !p.From.IsZero() {
		list = append(list, console.Fact{Name: v.T("account.from"), Value: v.Time(p.From)})
	}
	if p.Note != "" {
		list = append(list, console.Fact{Name: v.T("account.note"),
			Value: console.Text(p.Note)})
	}
	return list
}

// accountSign is how an account stands.
func accountSign(v *console.Visit, p signup.Payout) sign {
	switch {
	case p.InForce:
		return sign{console.Good, "tick", v.T("account.in_force")}
	case p.State == signup.PayoutProposed:
		return sign{console.Wait, "wait", v.T("account.waits")}
	case p.State == signup.PayoutHeld && p.From.After(v.Now):
		return sign{console.Wait, "calendar", v.T("account.held")}
	case p.State == signup.PayoutHeld:
		return sign{console.Plain, "history", v.T("account.before")}
	}
	return sign{console.Stop, "cross", v.T("account.refused")}
}

// pastAccounts are the accounts that are neither in force nor waiting.
func (s payoutsScreen) pastAccounts(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("payouts.past"), Brief: true, Columns: []console.Column{
		{Title: v.T("account.number"), Main: true}, {Title: v.T("c.time")},
		{Title: v.T("c.state")}}}
	for i := range s.accounts {
		p := &s.accounts[i]
		if p == s.now || p == s.next {
			continue
		}
		k := accountSign(v, *p)
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Text(p.Account.BankCode + " " + p.Account.Hint()), v.Time(p.Created),
			v.Badge(k.tone, k.icon, k.word)}})
	}
	return t
}

package app

import (
	"context"

	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/promo"
	"watari/pay/risk"
)

// newDesk returns the desk at which two people decide, with everything that they decide about but
// for rates: those their board takes there itself.
func newDesk(
	d *db.DB, log *event.Log, lane int, registry *party.Registry, directory *party.Directory,
) *foureyes.Desk {
	desk := foureyes.New(d, log, lane)
	registry.Attend(desk)
	people.Attend(desk)
	signup.Attend(desk, log, lane, registry)
	registry.WhenCapped(countOwed)
	payment.NewSettler(d, log, lane, directory, ledger.NewChart(d)).Attend(desk)
	return desk
}

// changeFaults are the problems that what is approved can be refused with.
func changeFaults() []*fault.Problem {
	return append(append(party.ChangeFaults(), payment.SettleFaults()...),
		append(signup.ChangeFaults(), promo.ChangeFaults()...)...)
}

// countOwed lets the counter of a new cap begin with what the ledger says: what an issuer owes but
// for what goes back to its users, or how far an acquirer is behind.
func countOwed(ctx context.Context, tx *db.Tx, a party.Agreement) error {
	net := func(kind ledger.Kind) (int64, error) {
		b, err := ledger.BalanceOf(ctx, tx, ledger.Key{Kind: kind, Owner: a.ParticipantNo,
			Currency: a.Currency})
		return b.Net(), err
	}
	if a.Role == party.Acquirer {
		payable, err := net(ledger.AcquirerPayable)
		if err != nil {
			return err
		}
		return risk.StartCap(ctx, tx, risk.NetKey(a.ParticipantNo, a.Currency), -payable)
	}
	receivable, err := net(ledger.IssuerReceivable)
	if err != nil {
		return err
	}
	back, err := net(ledger.SuspenseReversal)
	if err != nil {
		return err
	}
	return risk.StartCap(ctx, tx, risk.OwedKey(a.ParticipantNo, a.Currency), receivable-back)
}

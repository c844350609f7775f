package payment

import (
	"context"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/id"
	"watari/pay/code"
	"watari/pay/link"
)

// Notify takes what a wallet tells on its own. It returns when the answer is committed, and
// may come any number of times and in any order.
//
// Errors: ErrNotFound for an id that is not one of this wallet's; ErrInconsistent, with the
// member "field", when the wallet says otherwise than it said before; ErrBusy.
func (s *Service) Notify(ctx context.Context, issuerNo int64, n link.Notice) error {
	paymentID, ok := paymentOf(n.OurRequestID)
	shard, _ := id.Shard(paymentID)
	if !ok {
		return ErrNotFound.Newf("no payment request %s", n.OurRequestID)
	}
	key := pk{int64(shard), paymentID}
	l, err := s.loadLeg(ctx, pk{key.acquirer, n.OurRequestID})
	if err != nil {
		return err
	}
	if l.IssuerNo != issuerNo {
		return ErrNotFound.Newf("no payment request %s", n.OurRequestID)
	}
	p, err := s.load(ctx, key)
	if err != nil {
		return err
	}
	if sound(n.Answer).Outcome != n.Answer.Outcome {
		return ErrInconsistent.Newf("paymentId cannot be kept").Set("field", "paymentId")
	}
	p = p.as(l)
	if field := s.contradicts(p, l, n.Answer); field != "" {
		return ErrInconsistent.Newf("%s was another value before", field).Set("field", field)
	}
	crash.At(crash.BeforeReceived)
	f, err := s.frameOf(ctx, p)
	if err != nil {
		return err
	}
	_, err = s.conclude(ctx, &conclude{key: key, leg: l.ID, answer: n.Answer, frame: f,
		claim: claimOf(p), order: p.order(), taken: l,
		actor: "wallet:" + f.wallet.Issuer.ID}, s.now().Add(AnswerEnd))
	crash.At(crash.AfterReceived)
	return err
}

// contradicts names what a notice says otherwise than an earlier yes of the same wallet.
func (s *Service) contradicts(p *Payment, l *Leg, a link.Answer) string {
	if l.State != LegApproved {
		return ""
	}
	switch {
	case a.Outcome != link.Approved:
		return "paymentResult"
	case a.TheirID != "" && l.TheirID != "" && a.TheirID != l.TheirID:
		return "paymentId"
	case otherAmount(a.Order, p.Order):
		return "paymentAmount"
	case otherAmount(a.PayTo, p.PayTo):
		return "payToAmount"
	case a.Customer != "" && p.Customer != "":
		if was, err := s.seal.Unseal(p.Customer); err == nil && was != a.Customer {
			return "customerId"
		}
	}
	return ""
}

// IssueCodes makes payment codes for a wallet's user: 1 to 10, each valid for a minute and
// for one payment. region is where the user is, two letters, or "".
//
// Errors: ErrCodeCount, ErrWalletClosed, party.ErrWalletUnknown.
func (s *Service) IssueCodes(
	ctx context.Context, issuerNo int64, customer, region string, n int,
) ([]PaymentCode, error) {
	if n < 1 || n > codesMax {
		return nil, ErrCodeCount.Newf("ask for 1 to %d codes, not %d", codesMax, n)
	}
	w, err := s.directory.Wallet(ctx, issuerNo)
	if err != nil {
		return nil, err
	}
	cii, ok := s.ciis[w.Issuer.CodeGroup]
	if !w.InService() || !w.Issuer.OwnCodes || !ok {
		return nil, ErrWalletClosed.Newf("no codes are issued for %s", w.Issuer.ID)
	}
	now := s.now()
	codes := make([]PaymentCode, n)
	rows := make([]code.Issued, n)
	for i := range codes {
		text := code.Generate(cii)
		codes[i] = PaymentCode{Code: text, From: now, Until: now.Add(codeLife)}
		rows[i] = code.Issued{Key: code.Key{IssuerNo: issuerNo, Hash: code.Hash(text)},
			Last4: code.Last4(text), Customer: s.seal.Seal(customer), Region: region, At: now,
			Expires: codes[i].Until}
	}
	err = s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return code.Issue(ctx, tx, rows)
	})
	return codes, err
}

// PaymentCode is a code that a wallet shows on its user's phone.
type PaymentCode struct {
	Code        string
	From, Until time.Time
}

// codeLife is how long a payment code may be used.
const codeLife = time.Minute

// codesMax is how many codes are issued in one call.
const codesMax = 10

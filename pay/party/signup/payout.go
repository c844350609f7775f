package signup

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/id"
	"watari/pay/party"
)

// PayoutState is where a payout account stands.
type PayoutState string

// The states of a payout account.
const (
	PayoutProposed PayoutState = "proposed" // waits for a second person
	PayoutHeld     PayoutState = "held"     // agreed; in force when From has come
	PayoutRejected PayoutState = "rejected"
	PayoutStopped  PayoutState = "stopped" // during the hold
)

// Hold is how long a new account of a merchant waits before it is in force (U6).
const Hold = 72 * time.Hour

// ChangePayout is the kind of change at the desk.
const ChangePayout = "signup.payout"

// Payout is an account that a merchant is paid to, was, or will be.
type Payout struct {
	ID         string // "pac_…"
	AcquirerNo int64
	MerchantNo int64
	State      PayoutState
	InForce    bool      // it is the one that money goes to now
	Account    Account   // unsealed for whoever asked
	From       time.Time // when it is in force; zero while proposed
	Maker      string
	Checker    string
	RequestID  string // of kit/foureyes; "" for the one of an approval or import
	Note       string // why, in the maker's words
	Contact    string // who has to be told, the contact from before: "sa***@example.jp"
	Created    time.Time
	Decided    time.Time // zero while proposed
	sealed     string
}

// payoutFacts are what an event of a payout account says.
type payoutFacts struct {
	By      string `json:"by,omitempty"`
	Payout  string `json:"payout_account"`
	Account string `json:"account"`          // "****567"
	From    string `json:"from,omitempty"`   // RFC 3339
	Tell    string `json:"tell,omitempty"`   // the contact from before, masked
	Change  string `json:"change,omitempty"` // at the desk
}

// payoutBody is a change as it stands at the desk.
type payoutBody struct {
	Payout     string `json:"payout_account"`
	MerchantID string `json:"merchant_id"`
	BankCode   string `json:"bank_code"`
	BranchCode string `json:"branch_code"`
	Account    string `json:"account"`
	Tell       string `json:"tell,omitempty"`
}

// Attend lets changes of payout accounts be done at a desk, with events in a lane of log: for nodes
// and for commands, which have no Service.
func Attend(desk *foureyes.Desk, log *event.Log, lane int, registry *party.Registry) {
	teller := &Service{Config: Config{Log: log, Lane: lane}}
	desk.Handle(ChangePayout, func(
		_ context.Context, r foureyes.Request,
	) (foureyes.Apply, error) {
		var b payoutBody
		if err := json.Unmarshal(r.Body, &b); err != nil {
			return nil, fmt.Errorf("read %s: %w", r.ID, err)
		}
		return func(ctx context.Context, tx *db.Tx) error {
			p, err := lockPayout(ctx, tx, b.Payout)
			if err != nil {
				return err
			}
			if p.State != PayoutProposed {
				return foureyes.ErrStale.Newf("the account is %s", p.State)
			}
			if _, err := registry.MerchantByNo(ctx, tx, p.MerchantNo); err != nil {
				return err
			}
			by := decider(ctx)
			p.State, p.Checker, p.Decided = PayoutHeld, by.Name, now()
			p.From = p.Decided.Add(Hold)
			if err := movePayout(ctx, tx, p, PayoutProposed); err != nil {
				return err
			}
			return teller.tellAny(ctx, tx, party.Subject(party.KindMerchant, p.MerchantNo), p.AcquirerNo,
				by, "payout-account.held", payoutFacts{By: by.Name, Payout: p.ID,
					Account: b.Account, From: p.From.Format(time.RFC3339), Tell: b.Tell,
					Change: r.ID})
		}, nil
	})
}

// decider is whoever decides in this context.
func decider(ctx context.Context) foureyes.Person {
	if by, ok := ctx.Value(personKey{}).(foureyes.Person); ok {
		return by
	}
	if c, ok := access.FromContext(ctx); ok {
		return PersonOf(c)
	}
	return foureyes.Person{Actor: "operator:command-line"}
}

// tellAny appends an event that is not an application's.
func (s *Service) tellAny(
	ctx context.Context, tx *db.Tx, subject string, acquirerNo int64, by foureyes.Person,
	kind string, data any,
) error {
	e, err := s.event(subject, acquirerNo, by, kind, data)
	if err != nil {
		return err
	}
	return s.append(ctx, tx, e)
}

// newPayout is an account of a merchant, sealed.
func (s *Service) newPayout(
	acquirerNo, merchantNo int64, maker string, a Account,
) (Payout, error) {
	p := Payout{ID: id.New("pac", int(acquirerNo)), AcquirerNo: acquirerNo,
		MerchantNo: merchantNo, State: PayoutProposed, Account: a, Maker: maker, Created: now()}
	text, err := json.Marshal(a)
	if err != nil {
		return p, fmt.Errorf("write account: %w", err)
	}
	p.sealed = s.sealFor(p.ID, string(text))
	return p, nil
}

// firstPayout makes the account of a merchant that is being approved: two people looked at it.
func (s *Service) firstPayout(
	ctx context.Context, tx *db.Tx, by foureyes.Person, a *row,
) error {
	p, err := s.newPayout(a.AcquirerNo, a.MerchantNo, strings.Join(a.Makers, ", "), a.Form.Bank)
	if err != nil {
		return err
	}
	p.State, p.From, p.Decided, p.Checker = PayoutHeld, p.Created, p.Created, by.Name
	if err := insertPayouts(ctx, tx, []Payout{p}); err != nil {
		return err
	}
	return s.tellAny(ctx, tx, party.Subject(party.KindMerchant, p.MerchantNo), p.AcquirerNo, by,
		"payout-account.held", payoutFacts{By: by.Name, Payout: p.ID,
			Account: p.Account.Hint(), From: p.From.Format(time.RFC3339)})
}

// openPayout unseals the account.
func (s *Service) openPayout(p *Payout) error {
	text, err := s.openFor(p.ID, p.sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), &p.Account); err != nil {
		return fmt.Errorf("read account %s: %w", p.ID, err)
	}
	return nil
}

// ProposePayout asks for another account of a merchant. note is at most 300 characters.
//
// Errors: party.ErrMerchantUnknown, ErrInvalid; ErrPayouts when PayoutsMax of them wait.
func (s *Service) ProposePayout(
	ctx context.Context, by foureyes.Person, acquirerNo, merchantNo int64, a Account, note string,
) (Payout, error) {
	whoever(by)
	var f sheet
	f.account("", &a)
	f.text("/note", &note, payoutNoteMax, false)
	if err := f.result(); err != nil {
		return Payout{}, err
	}
	p, err := s.newPayout(acquirerNo, merchantNo, by.Name, a)
	if err != nil {
		return p, err
	}
	p.Note = note
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.Registry.MerchantByNo(ctx, tx, merchantNo)
		if err != nil {
			return err
		}
		if m.AcquirerNo != acquirerNo {
			return party.ErrMerchantUnknown.Newf("")
		}
		if p.Contact, err = s.contact(ctx, tx, merchantNo); err != nil {
			return err
		}
		subject := party.Subject(party.KindMerchant, merchantNo)
		n, err := foureyes.CountOpen(ctx, tx, ChangePayout, subject)
		if err != nil {
			return err
		}
		if n >= PayoutsMax {
			return ErrPayouts.Newf("%d accounts wait: stop one first", n)
		}
		text, err := json.Marshal(payoutBody{p.ID, m.ID, a.BankCode, a.BranchCode, a.Hint(),
			p.Contact})
		if err != nil {
			return fmt.Errorf("write change: %w", err)
		}
		made, err := s.Desk.Propose(ctx, tx, by, foureyes.Request{Kind: ChangePayout,
			Subject: subject, Body: text, Note: note})
		if err != nil {
			return err
		}
		p.RequestID = made[0].ID
		if err := insertPayouts(ctx, tx, []Payout{p}); err != nil {
			return err
		}
		return s.tellAny(ctx, tx, subject, acquirerNo, by, "payout-account.proposed",
			payoutFacts{By: by.Name, Payout: p.ID, Account: a.Hint(), Tell: p.Contact,
				Change: p.RequestID})
	})
	return p, err
}

const payoutNoteMax = 300

// PayoutsMax is how many accounts of a merchant wait for a second person at a time.
const PayoutsMax = 5

// contact is how a merchant is reached, masked: the e-mail, or else the telephone, of the newest
// application that names one; "" when nobody knows. It locks the applications.
func (s *Service) contact(ctx context.Context, tx *db.Tx, merchantNo int64) (string, error) {
	as, err := applicationsOf(ctx, tx, merchantNo)
	if err != nil {
		return "", err
	}
	for _, a := range slices.Backward(as) {
		if err := s.open(&a); err != nil {
			return "", err
		}
		if who := masked(a.Form.Email, a.Form.Phone); who != "" {
			return who, nil
		}
	}
	return "", nil
}

// masked shows enough of a contact to be recognised by those who know it.
func masked(email, phone string) string {
	if name, host, ok := strings.Cut(email, "@"); ok {
		shown := []rune(name)
		return string(shown[:min(maskedShown, len(shown))]) + "***@" + host
	}
	if len(phone) > 2*maskedShown+maskedShown {
		return phone[:maskedShown+1] + "***" + phone[len(phone)-maskedShown:]
	}
	return ""
}

const maskedShown = 2

// ApprovePayout agrees to an account, as a second person: it is in force after Hold.
//
// Errors: ErrPayout, ErrPayoutState, foureyes.ErrOwn.
func (s *Service) ApprovePayout(
	ctx context.Context, by foureyes.Person, acquirerNo int64, payoutID string,
) (Payout, error) {
	whoever(by)
	p, err := s.payout(ctx, acquirerNo, payoutID)
	if err != nil {
		return p, err
	}
	if p.State != PayoutProposed {
		return p, payoutState(p)
	}
	if _, err := s.Desk.Approve(withPerson(ctx, by), p.RequestID, by); err != nil {
		return p, err
	}
	return s.payout(ctx, acquirerNo, payoutID)
}

func payoutState(p Payout) error {
	return ErrPayoutState.Newf("the account is %s", p.State).Set("state", string(p.State))
}

// StopPayout rejects an account that was proposed, or stops one during its hold; one person is
// enough, because the account from before stays.
//
// Errors: ErrPayout, ErrPayoutState.
func (s *Service) StopPayout(
	ctx context.Context, by foureyes.Person, acquirerNo int64, payoutID string,
) (Payout, error) {
	whoever(by)
	p, err := s.payout(ctx, acquirerNo, payoutID)
	if err != nil {
		return p, err
	}
	from, kind := p.State, "payout-account.stopped"
	switch {
	case p.State == PayoutProposed:
		if _, err := s.Desk.Reject(ctx, p.RequestID, by); err != nil {
			return p, err
		}
		p.State, kind = PayoutRejected, "payout-account.rejected"
	case p.State == PayoutHeld && p.From.After(clock.Now()):
		p.State = PayoutStopped
	default:
		return p, payoutState(p)
	}
	p.Checker, p.Decided = by.Name, now()
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := movePayout(ctx, tx, p, from); err != nil {
			return err
		}
		return s.tellAny(ctx, tx, party.Subject(party.KindMerchant, p.MerchantNo), p.AcquirerNo,
			by, kind, payoutFacts{By: by.Name, Payout: p.ID, Account: p.Account.Hint()})
	})
	return p, err
}

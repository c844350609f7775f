package payment

import (
	"context"
	"time"

	"watari/kit/money"
	"watari/pay/ledger"
	"watari/pay/link"
)

// Resource is a payment as /v1 shows it. Amounts are in minor units. An id that was cancelled
// before its payment came has neither amounts nor a time.
type Resource struct {
	ID        string        `json:"id" doc:"Empty for an id that was cancelled before its payment came."`
	RequestID string        `json:"request_id" doc:"The Idempotency-Key it was made with."`
	State     State         `json:"state" enum:"authorising,pending,authorised,captured,declined,cancelled,refunded"`
	Reason    link.Reason   `json:"reason,omitempty" doc:"Why it was declined."`
	StoreID   string        `json:"store_id,omitempty"`
	Terminal  string        `json:"terminal_id,omitempty"`
	Wallet    *WalletName   `json:"wallet,omitempty"`
	OrderRef  string        `json:"order_ref,omitempty"`
	Amount    *money.Amount `json:"amount,omitempty" doc:"What the shop asked."`
	// PayTo is what the wallet settles with the network.
	PayTo       *money.Amount `json:"pay_to,omitempty" doc:"What the wallet settles with the network."`
	Payer       *money.Amount `json:"payer,omitempty" doc:"What the payer's account was debited, as the wallet told."`
	Rate        *RateOf       `json:"rate,omitempty"`
	Captured    int64         `json:"captured_minor"`
	Refunded    int64         `json:"refunded_minor"`
	Refunding   int64         `json:"refunding_minor" doc:"Reserved by refunds whose outcome is not known."`
	Fees        FeesOf        `json:"fees"`
	WalletRef   string        `json:"wallet_payment_id,omitempty"`
	CodeLast4   string        `json:"code_last4,omitempty"`
	CreatedAt   *time.Time    `json:"created_at,omitempty"`
	ConcludedAt *time.Time    `json:"concluded_at,omitempty"`
	CancelUntil *time.Time    `json:"cancel_until,omitempty"`
	Way         link.Way      `json:"way,omitempty" enum:"wallet_code,order_code,merchant_code,entry_code,page,agreement"`
	Hold        bool          `json:"hold,omitempty" doc:"It is promised first, and captured later."`
	ExpiresAt   *time.Time    `json:"expires_at,omitempty" doc:"When an open order or a promise lapses."`
	CodeText    string        `json:"code_text,omitempty" doc:"Text of the QR code of an open order."`
	CheckoutURL string        `json:"checkout_url,omitempty" doc:"Where a web page sends the payer of an open order."`
}

// WalletName names a wallet.
type WalletName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// RateOf is the locked rate: 1 base is value quote, in major units.
type RateOf struct {
	Base  money.Currency `json:"base"`
	Quote money.Currency `json:"quote"`
	Value string         `json:"value" doc:"Exact decimal of at most 12 significant digits."`
}

// FeesOf are the fees of a payment in minor units of its order currency.
type FeesOf struct {
	MDR         int64 `json:"mdr_minor"`
	Interchange int64 `json:"interchange_minor,omitempty" doc:"The bank's own affair: merchants are not shown it."`
	Scheme      int64 `json:"scheme_minor,omitempty" doc:"The same."`
}

// RefundResource is a refund as /v1 shows it.
type RefundResource struct {
	ID          string       `json:"id"`
	PaymentID   string       `json:"payment_id"`
	RequestID   string       `json:"request_id"`
	State       RefundState  `json:"state" enum:"requested,unknown,succeeded,failed"`
	Amount      money.Amount `json:"amount"`
	PayTo       money.Amount `json:"pay_to" doc:"What goes back in the wallet's currency."`
	Fees        FeesOf       `json:"fees" doc:"What of the fees goes back."`
	Reason      string       `json:"reason,omitempty"`
	Failure     link.Reason  `json:"failure,omitempty"`
	CreatedAt   time.Time    `json:"created_at"`
	ConcludedAt *time.Time   `json:"concluded_at,omitempty"`
}

// TransferResource is a transfer with its postings.
type TransferResource struct {
	ID       string            `json:"id"`
	Cause    ledger.Cause      `json:"cause"`
	At       time.Time         `json:"at"`
	Day      string            `json:"clearing_day"`
	Corrects string            `json:"corrects,omitempty"`
	Postings []PostingResource `json:"postings" nullable:"false"`
}

// PostingResource is one line of a transfer.
type PostingResource struct {
	Book    string       `json:"book" enum:"network,acquirer"`
	Account ledger.Kind  `json:"account"`
	Side    string       `json:"side" enum:"debit,credit"`
	Amount  money.Amount `json:"amount"`
}

// Show makes the resource of a payment. Parties are found in the directory, which remembers
// them.
func (s *Service) Show(ctx context.Context, p *Payment) (Resource, error) {
	r := Resource{ID: p.ID, RequestID: ownID(p.RequestID), State: p.State, Reason: p.Reason,
		OrderRef: p.OrderRef, Payer: p.Payer, Captured: p.CapturedMinor,
		Refunded: p.RefundedMinor, Refunding: p.RefundingMinor, Fees: FeesOf(p.Fees),
		WalletRef: p.TheirID, CodeLast4: p.CodeLast4, CreatedAt: orNil(p.Created),
		ConcludedAt: orNil(p.Concluded), CancelUntil: orNil(p.CancelUntil)}
	if p.ID == "" {
		return r, nil
	}
	r.Amount = &p.Order
	if err := s.showWallet(ctx, p, &r); err != nil {
		return r, err
	}
	if p.TerminalNo != 0 {
		point, err := s.directory.Terminal(ctx, p.TerminalNo)
		if err != nil {
			return r, err
		}
		r.StoreID, r.Terminal = point.Store.ID, point.Terminal.ID
		return r, nil
	}
	point, err := s.directory.Store(ctx, p.StoreNo)
	r.StoreID = point.Store.ID
	return r, err
}

// showWallet adds who pays; nobody does yet when an order waits for its payer.
func (s *Service) showWallet(ctx context.Context, p *Payment, r *Resource) error {
	r.Way, r.ExpiresAt, r.Hold = p.Way, orNil(p.Expires), p.Hold
	if p.order() && p.open() {
		r.CodeText, r.CheckoutURL = s.CodeURL(p), s.CheckoutURL(p)
	}
	if p.Step == 0 {
		return nil
	}
	r.PayTo = &p.PayTo
	if p.Rate.Valid() {
		r.Rate = &RateOf{p.Rate.Base(), p.Rate.Quote(), p.Rate.String()}
	}
	w, err := s.directory.Participant(ctx, p.IssuerNo)
	r.Wallet = &WalletName{w.ID, w.Name}
	return err
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// showRefund makes the resource of a refund.
func showRefund(f *Refund) RefundResource {
	return RefundResource{ID: f.ID, PaymentID: f.PaymentID, RequestID: ownID(f.RequestID),
		State: f.State, Amount: f.Order, PayTo: f.PayTo, Fees: FeesOf(f.Fees),
		Reason: f.Reason, Failure: f.Failure, CreatedAt: f.Created,
		ConcludedAt: orNil(f.Concluded)}
}

// showTransfer makes the resource of a transfer. An acquirer sees the postings on its own
// accounts: its book, and what the network owes it.
func showTransfer(t ledger.Transfer, all bool) TransferResource {
	out := TransferResource{ID: t.ID, Cause: t.Cause, At: t.At, Day: t.AcquirerDay,
		Corrects: t.Corrects, Postings: []PostingResource{}}
	for _, p := range t.Postings {
		if !all && p.Account.Book == 0 && p.Account.Kind != ledger.AcquirerPayable {
			continue
		}
		line := PostingResource{Book: "network", Account: p.Account.Kind, Side: "debit",
			Amount: money.MustNew(p.Minor, p.Account.Currency)}
		if p.Account.Book != 0 {
			line.Book = "acquirer"
		}
		if p.Side == ledger.Credit {
			line.Side = "credit"
		}
		out.Postings = append(out.Postings, line)
	}
	return out
}

package payment

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/risk"
)

// saleInput is the request of create-payment.
type saleInput struct {
	web.Idempotent
	Body saleBody
}

type saleBody struct {
	StoreID     string       `json:"store_id" minLength:"1" maxLength:"64" doc:"Your own reference of the store."`
	MerchantID  string       `json:"merchant_id,omitempty" maxLength:"64" doc:"Needed only where a store id is not unique."`
	TerminalID  string       `json:"terminal_id,omitempty" maxLength:"64"`
	Amount      money.Amount `json:"amount"`
	Code        string       `json:"code,omitempty" maxLength:"512" doc:"The wallet code as it was scanned."`
	ConsentID   string       `json:"consent_id,omitempty" maxLength:"64" doc:"A standing consent of the payer, instead of code."`
	OrderRef    string       `json:"order_ref,omitempty" maxLength:"64" doc:"Your own number of the order."`
	Description string       `json:"description,omitempty" maxLength:"256" doc:"Shown to the payer."`
}

type paymentOutput struct{ Body Resource }

type paymentPath struct {
	ID string `path:"id" maxLength:"64"`
}

type refundInput struct {
	web.Idempotent
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Amount money.Amount `json:"amount"`
		Reason string       `json:"reason,omitempty" maxLength:"256"`
	}
}

type refundOutput struct{ Body RefundResource }

type listInput struct {
	web.Paging
	RequestID string    `query:"request_id" maxLength:"64" doc:"Only the payment made with this Idempotency-Key."`
	StoreID   string    `query:"store_id" maxLength:"64"`
	State     string    `query:"state" enum:"authorising,pending,authorised,captured,declined,cancelled,refunded"`
	From      time.Time `query:"from" doc:"Created at or after."`
	Until     time.Time `query:"until" doc:"Created before."`
}

type listOutput struct{ Body web.List[Resource] }

type refundsOutput struct{ Body web.List[RefundResource] }

type givenUpInput struct {
	Body struct {
		RequestID string `json:"request_id" minLength:"1" maxLength:"64" doc:"The Idempotency-Key of the payment."`
	}
}

type timelineOutput struct{ Body TimelineResource }

// TimelineResource is everything that happened to a payment.
type TimelineResource struct {
	Payment   Resource           `json:"payment"`
	Refunds   []RefundResource   `json:"refunds" nullable:"false"`
	Captures  []CaptureResource  `json:"captures" nullable:"false"`
	Events    []EventResource    `json:"events" nullable:"false"`
	Transfers []TransferResource `json:"transfers" nullable:"false"`
}

// EventResource is an event as /v1 shows it.
type EventResource struct {
	At    time.Time       `json:"at"`
	Kind  string          `json:"kind"`
	Actor string          `json:"actor"`
	Data  json.RawMessage `json:"data"`
}

var (
	saleFaults = []*fault.Problem{ErrRequestID, ErrInconsistent, ErrClosed, ErrAmount,
		ErrCurrency, ErrSettle, ErrCodeUsed, ErrCodeExpired, ErrWalletClosed, ErrBusy,
		ledger.ErrClosed, code.ErrUnknown, code.ErrMalformed, code.ErrKind,
		party.ErrMerchantUnknown, party.ErrStoreUnknown, party.ErrTerminalUnknown,
		party.ErrWalletUnknown, party.ErrAcquirerNotOpen, party.ErrMerchantNotOpen,
		party.ErrStoreNotOpen, party.ErrTerminalNotOpen, risk.ErrLimitPayment,
		risk.ErrLimitDay, risk.ErrLimitExposure, risk.ErrLimitVelocity, fx.ErrStale,
		fx.ErrMissing, money.ErrCurrency, money.ErrSyntax, money.ErrRange, access.ErrRole,
		ErrConsent, ErrConsentUnknown, ErrWay}

	refundFaults = []*fault.Problem{ErrRequestID, ErrInconsistent, ErrNotFound, ErrState,
		ErrCurrency, ErrAmount, ErrRefundAmount, ErrRefundWindow, ErrRefundZero,
		ErrRefundPartial, ErrTillRefund, ErrOfOrder, ErrBusy, ledger.ErrClosed,
		risk.ErrLimitDay, risk.ErrLimitExposure, money.ErrCurrency, money.ErrSyntax}

	cancelFaults = []*fault.Problem{ErrNotFound, ErrCancelWindow, ErrState, ErrTillRefund,
		ErrOfOrder, ErrBusy, ledger.ErrClosed}

	giveUpFaults = append([]*fault.Problem{ErrRequestID}, cancelFaults...)
)

// Register adds the operations of this package.
func (s *Service) Register(w *web.Server) {
	tags := []string{"Payments"}
	web.Register(w, web.Op{ID: "create-payment", Method: http.MethodPost, Path: "/v1/payments",
		Summary: "Take a payment by a wallet code", Tags: tags, Roles: takers,
		WhileSuspended: true, // Point.Usable refuses, and a repeat is told what became of the first
		Status:         http.StatusCreated, Faults: saleFaults,
		Description: "Answers within 7 seconds: captured, declined (with a reason), or pending " +
			"when the wallet has not answered. A pending payment is concluded later: read it " +
			"again, or follow /v1/events. It is cancelled when no answer comes in time."},
		placed(s.apiSell))
	web.Register(w, web.Op{ID: "list-payments", Method: http.MethodGet, Path: "/v1/payments",
		Summary: "List payments, newest first", Tags: tags, Roles: readers,
		Faults: []*fault.Problem{party.ErrStoreUnknown}}, s.apiList)
	web.Register(w, web.Op{ID: "read-payment", Method: http.MethodGet,
		Path: "/v1/payments/{id}", Summary: "Read a payment", Tags: tags, Roles: readers,
		Faults: []*fault.Problem{ErrNotFound}}, s.apiFind)
	web.Register(w, web.Op{ID: "read-timeline", Method: http.MethodGet,
		Path: "/v1/payments/{id}/timeline", Tags: tags, Roles: insiders,
		Summary: "Read what happened to a payment, with its postings",
		Faults:  []*fault.Problem{ErrNotFound}}, s.apiTimeline)
	web.Register(w, web.Op{ID: "cancel-payment", Method: http.MethodPost,
		Path: "/v1/payments/{id}/cancel", Summary: "Give up a whole payment", Tags: tags,
		Roles: givers, WhileSuspended: true, Faults: cancelFaults}, s.apiCancel)
	web.Register(w, web.Op{ID: "give-up-request", Method: http.MethodPost,
		Path: "/v1/cancellations", Tags: tags, Roles: takers, Faults: giveUpFaults,
		WhileSuspended: true,
		Summary:        "Give up a payment by its Idempotency-Key, even before it arrives"},
		s.apiGiveUp)
	web.Register(w, web.Op{ID: "create-refund", Method: http.MethodPost,
		Path: "/v1/payments/{id}/refunds", Summary: "Return part or all of a payment",
		Tags: tags, Roles: givers, WhileSuspended: true, Status: http.StatusCreated,
		Faults: refundFaults}, placed(s.apiRefund))
	web.Register(w, web.Op{ID: "list-refunds", Method: http.MethodGet,
		Path: "/v1/payments/{id}/refunds", Summary: "List the refunds of a payment",
		Tags: tags, Roles: readers, Faults: []*fault.Problem{ErrNotFound}}, s.apiRefunds)
	web.Register(w, web.Op{ID: "read-refund", Method: http.MethodGet,
		Path: "/v1/refunds/{id}", Summary: "Read a refund", Tags: tags, Roles: readers,
		Faults: []*fault.Problem{ErrNotFound}}, s.apiFindRefund)
	s.registerOrders(w)
	s.registerConsents(w)
}

// origin says who calls, under which id.
func origin(ctx context.Context, key string, compare ...Field) Origin {
	c, _ := access.FromContext(ctx)
	return Origin{AcquirerNo: c.ParticipantNo, Channel: ChannelAPI, RequestID: space(c) + key,
		Compare: compare, Actor: c.Actor, Began: web.Began(ctx)}
}

func (s *Service) apiSell(ctx context.Context, in *saleInput) (*paymentOutput, error) {
	b := in.Body
	if err := s.ownTerminal(ctx, b.StoreID, b.TerminalID); err != nil {
		return nil, err
	}
	var err error
	if b.MerchantID, err = s.ownStore(ctx, b.MerchantID, b.StoreID); err != nil {
		return nil, err
	}
	if (b.Code == "") == (b.ConsentID == "") {
		return nil, web.ErrInvalid.Newf("give code or consent_id, and not both").
			At("/code", "give code or consent_id, and not both")
	}
	digest := code.Hash(b.Code)
	p, err := s.Sell(ctx, Sale{Origin: origin(ctx, in.Key(),
		Field{"amount", b.Amount.String()}, Field{"store_id", b.StoreID},
		Field{"terminal_id", b.TerminalID}, Field{"merchant_id", b.MerchantID},
		Field{"code", short(digest)}, Field{"order_ref", b.OrderRef},
		Field{"consent_id", b.ConsentID}, Field{"description", b.Description}),
		MerchantID: b.MerchantID, StoreID: b.StoreID, TerminalID: b.TerminalID,
		OrderRef: b.OrderRef, Description: b.Description, Amount: b.Amount, Code: b.Code,
		ConsentID: b.ConsentID})
	return s.shown(ctx, p, err)
}

// short is enough of a code's hash to tell two codes of one request id apart.
func short(d code.Digest) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 16)
	for i := range 8 {
		b[2*i], b[2*i+1] = digits[d[i]>>4], digits[d[i]&15]
	}
	return string(b)
}

// ownTerminal refuses a till that speaks for another.
func (s *Service) ownTerminal(ctx context.Context, storeID, terminalID string) error {
	c, _ := access.FromContext(ctx)
	if c.Role != access.Terminal {
		return nil
	}
	point, err := s.directory.Terminal(ctx, c.TerminalNo)
	if err != nil {
		return err
	}
	if point.Store.ID != storeID || point.Terminal.ID != terminalID {
		return access.ErrRole.Newf("this key is of terminal %s in store %s",
			point.Terminal.ID, point.Store.ID)
	}
	return nil
}

// visible returns a payment that the caller may see.
func (s *Service) visible(ctx context.Context, id string) (*Payment, error) {
	c, _ := access.FromContext(ctx)
	p, err := s.load(ctx, pk{c.ParticipantNo, id})
	if err != nil {
		return nil, err
	}
	if !s.sees(c, p) {
		return nil, ErrNotFound.Newf("no payment %s", id)
	}
	return p, nil
}

func (s *Service) shown(ctx context.Context, p *Payment, err error) (*paymentOutput, error) {
	if err != nil {
		return nil, err
	}
	r, err := s.Show(ctx, p)
	discreet(ctx, &r.Fees)
	return &paymentOutput{r}, err
}

func (s *Service) apiFind(ctx context.Context, in *paymentPath) (*paymentOutput, error) {
	p, err := s.visible(ctx, in.ID)
	return s.shown(ctx, p, err)
}

func (s *Service) apiList(ctx context.Context, in *listInput) (*listOutput, error) {
	c, _ := access.FromContext(ctx)
	if in.RequestID != "" {
		return s.listOne(ctx, c, in.RequestID)
	}
	f := Filter{AcquirerNo: c.ParticipantNo, MerchantNo: c.MerchantNo, StoreNo: c.StoreNo,
		From: in.From, Until: in.Until, After: in.Cursor, Limit: in.Limit}
	if c.Role == access.MerchantCashier && f.From.Before(s.today()) {
		f.From = s.today()
	}
	if in.StoreID != "" {
		point, err := s.storeNamed(ctx, c, in.StoreID)
		if err != nil {
			return nil, err
		}
		if c.StoreNo != 0 && c.StoreNo != point.Store.No {
			return nil, party.ErrStoreUnknown.Newf("no store %s", in.StoreID)
		}
		f.StoreNo = point.Store.No
	}
	if in.State != "" {
		f.States = []State{State(in.State)}
	}
	ps, next, err := s.List(ctx, f)
	if err != nil {
		return nil, err
	}
	items := make([]Resource, len(ps))
	for i := range ps {
		if items[i], err = s.Show(ctx, &ps[i]); err != nil {
			return nil, err
		}
		discreet(ctx, &items[i].Fees)
	}
	return &listOutput{web.ListOf(items, next)}, nil
}

// listOne lists the payment of a request id, or none.
func (s *Service) listOne(
	ctx context.Context, c access.Caller, requestID string,
) (*listOutput, error) {
	p, err := s.Find(ctx, c.ParticipantNo, ChannelAPI, Ref{RequestID: space(c) + requestID})
	if isNotFound(err) || err == nil && p.ID != "" && !s.sees(c, p) {
		return &listOutput{web.ListOf[Resource](nil, "")}, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := s.Show(ctx, p)
	discreet(ctx, &r.Fees)
	return &listOutput{web.ListOf([]Resource{r}, "")}, err
}

func (s *Service) apiTimeline(ctx context.Context, in *paymentPath) (*timelineOutput, error) {
	p, err := s.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	t, err := s.Timeline(ctx, p.AcquirerNo, p.ID)
	if err != nil {
		return nil, err
	}
	out := TimelineResource{Refunds: []RefundResource{}, Captures: []CaptureResource{},
		Events:    []EventResource{},
		Transfers: []TransferResource{}}
	if out.Payment, err = s.Show(ctx, &t.Payment); err != nil {
		return nil, err
	}
	for i := range t.Refunds {
		out.Refunds = append(out.Refunds, showRefund(&t.Refunds[i]))
	}
	for i := range t.Captures {
		out.Captures = append(out.Captures, showCapture(&t.Captures[i]))
	}
	for _, e := range t.Events {
		out.Events = append(out.Events, EventResource{e.At, e.Kind, e.Actor, e.Data})
	}
	for _, tr := range t.Transfers {
		out.Transfers = append(out.Transfers, showTransfer(tr, false))
	}
	return &timelineOutput{out}, nil
}

func (s *Service) apiCancel(ctx context.Context, in *paymentPath) (*paymentOutput, error) {
	seen, err := s.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if c, _ := access.FromContext(ctx); seen.CapturedMinor > 0 {
		// To give captured money back is a refund to a till's limits, whatever it is called.
		if err := s.withoutPIN(ctx, c, seen.Order); err != nil {
			return nil, err
		}
	}
	p, err := s.Cancel(ctx, Cancellation{Origin: origin(ctx, ""),
		Ref: Ref{PaymentID: in.ID}})
	return s.shown(ctx, p, err)
}

func (s *Service) apiGiveUp(ctx context.Context, in *givenUpInput) (*paymentOutput, error) {
	if err := checkRequestID(in.Body.RequestID); err != nil {
		return nil, err
	}
	c, _ := access.FromContext(ctx)
	ref := Ref{RequestID: space(c) + in.Body.RequestID}
	if c.StoreNo != 0 {
		p, err := s.Find(ctx, c.ParticipantNo, ChannelAPI, ref)
		if err == nil && p.ID != "" && !s.sees(c, p) {
			return nil, ErrNotFound.Newf("no payment with request id %s", in.Body.RequestID)
		}
	}
	p, err := s.Cancel(ctx, Cancellation{Origin: origin(ctx, ""), Ref: ref})
	return s.shown(ctx, p, err)
}

func (s *Service) apiRefund(ctx context.Context, in *refundInput) (*refundOutput, error) {
	c, _ := access.FromContext(ctx)
	if _, err := s.visible(ctx, in.ID); err != nil {
		return nil, err
	}
	if err := s.withoutPIN(ctx, c, in.Body.Amount); err != nil {
		return nil, err
	}
	f, err := s.Refund(ctx, Giveback{Origin: origin(ctx, in.Key(),
		Field{"payment", in.ID}, Field{"amount", in.Body.Amount.String()}),
		Ref: Ref{PaymentID: in.ID}, Amount: in.Body.Amount, Reason: in.Body.Reason,
		TerminalNo: c.TerminalNo})
	if err != nil {
		return nil, err
	}
	return shownRefund(ctx, f), nil
}

// shownRefund is a refund as its caller sees it.
func shownRefund(ctx context.Context, f *Refund) *refundOutput {
	out := &refundOutput{showRefund(f)}
	discreet(ctx, &out.Body.Fees)
	return out
}

// withoutPIN refuses a till's key what its store allows only with a manager's PIN, which is
// asked for on the pages of the till.
func (s *Service) withoutPIN(ctx context.Context, c access.Caller, a money.Amount) error {
	if c.Role != access.Terminal {
		return nil
	}
	point, err := s.directory.Terminal(ctx, c.TerminalNo)
	if err != nil {
		return err
	}
	st := point.Store
	if ruled := st.ManagerPINHash != "" || st.PINAboveMinor > 0; ruled &&
		a.Minor() > st.PINAboveMinor {
		return ErrTillRefund.Newf("a manager's PIN is needed; refund on the till's own pages")
	}
	return nil
}

func (s *Service) apiRefunds(ctx context.Context, in *paymentPath) (*refundsOutput, error) {
	p, err := s.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	fs, err := s.Refunds(ctx, p.AcquirerNo, p.ID)
	items := make([]RefundResource, len(fs))
	for i := range fs {
		items[i] = shownRefund(ctx, &fs[i]).Body
	}
	return &refundsOutput{web.ListOf(items, "")}, err
}

func (s *Service) apiFindRefund(ctx context.Context, in *paymentPath) (*refundOutput, error) {
	c, _ := access.FromContext(ctx)
	f, err := s.FindRefund(ctx, c.ParticipantNo, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.load(ctx, pk{f.AcquirerNo, f.PaymentID})
	if err != nil {
		return nil, err
	}
	if !s.sees(c, p) {
		return nil, ErrNotFound.Newf("no refund %s", in.ID)
	}
	return shownRefund(ctx, f), nil
}

package payment

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/risk"
)

// orderInput is the request of create-order.
type orderInput struct {
	web.Idempotent
	Body orderBody
}

type orderBody struct {
	StoreID     string       `json:"store_id" minLength:"1" maxLength:"64" doc:"Your own reference of the store."`
	MerchantID  string       `json:"merchant_id,omitempty" maxLength:"64" doc:"Needed only where a store id is not unique."`
	TerminalID  string       `json:"terminal_id,omitempty" maxLength:"64"`
	Amount      money.Amount `json:"amount"`
	Way         link.Way     `json:"way,omitempty" enum:"order_code,page" default:"order_code" doc:"order_code: show code_text as a QR code. page: send the payer to checkout_url."`
	Hold        bool         `json:"hold,omitempty" doc:"Only promise the amount; capture it later. Only wallets that can are offered."`
	OrderRef    string       `json:"order_ref,omitempty" maxLength:"64" doc:"Your own number of the order."`
	Description string       `json:"description,omitempty" maxLength:"256" doc:"Shown to the payer."`
	ReturnURL   string       `json:"return_url,omitempty" maxLength:"1024" doc:"https address where the payer goes when all is done; payment_id is added."`
	ExpiresAt   time.Time    `json:"expires_at,omitempty" doc:"10 seconds to 24 hours from now; 10 minutes when absent."`
}

type chooseInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		WalletID  string   `json:"wallet_id" minLength:"1" maxLength:"64"`
		Way       link.Way `json:"way,omitempty" enum:"order_code,page" default:"order_code"`
		ReturnURL string   `json:"return_url,omitempty" maxLength:"1024"`
		PayerIP   string   `json:"payer_ip,omitempty" format:"ip" maxLength:"45" doc:"Address of the payer's browser. WeChat Pay needs it for a page."`
		UserAgent string   `json:"user_agent,omitempty" maxLength:"1024" doc:"What the payer's browser says it is."`
	}
}

// FormResource is how a payer gets to an order in a wallet; what does not apply is absent.
type FormResource struct {
	WalletID  string            `json:"wallet_id"`
	CodeText  string            `json:"code_text,omitempty" doc:"Text of a QR code for the wallet's scanner."`
	PageURL   string            `json:"page_url,omitempty" doc:"Where to send the payer's browser."`
	AppURL    string            `json:"app_url,omitempty" doc:"Opens the wallet's app."`
	Params    map[string]string `json:"params,omitempty" doc:"Arguments of the wallet's own in-page call."`
	ExpiresAt *time.Time        `json:"expires_at,omitempty"`
}

type formOutput struct{ Body FormResource }

type captureInput struct {
	web.Idempotent
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Amount money.Amount `json:"amount"`
		Last   bool         `json:"last,omitempty" doc:"Give up what is left of the promise."`
	}
}

// CaptureResource is a capture as /v1 shows it.
type CaptureResource struct {
	ID          string       `json:"id"`
	PaymentID   string       `json:"payment_id"`
	RequestID   string       `json:"request_id"`
	State       RefundState  `json:"state" enum:"requested,unknown,succeeded,failed"`
	Amount      money.Amount `json:"amount"`
	PayTo       money.Amount `json:"pay_to"`
	Fees        FeesOf       `json:"fees"`
	Last        bool         `json:"last"`
	Failure     link.Reason  `json:"failure,omitempty"`
	CreatedAt   time.Time    `json:"created_at"`
	ConcludedAt *time.Time   `json:"concluded_at,omitempty"`
}

type captureOutput struct{ Body CaptureResource }

type capturesOutput struct{ Body web.List[CaptureResource] }

type walletsInput struct {
	Way link.Way `query:"way" enum:"wallet_code,order_code,merchant_code,entry_code,page,agreement" doc:"Only wallets that can be paid in this way."`
}

type walletsOutput struct {
	Body web.List[WalletResource]
}

// WalletResource is a wallet that payments are taken from.
type WalletResource struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Protocol string         `json:"protocol"`
	Currency money.Currency `json:"currency" doc:"What it settles in."`
	Open     bool           `json:"open" doc:"It takes payments now."`
	Ways     []link.Way     `json:"ways" nullable:"false"`
	Promises bool           `json:"promises" doc:"It can hold an amount that is captured later."`
}

var (
	orderFaults = []*fault.Problem{ErrRequestID, ErrInconsistent, ErrClosed, ErrAmount,
		ErrCurrency, ErrSettle, ErrWay, ErrExpiry, ErrReturn, ErrBusy, ledger.ErrClosed,
		party.ErrMerchantUnknown, party.ErrStoreUnknown, party.ErrTerminalUnknown,
		party.ErrAcquirerNotOpen, party.ErrMerchantNotOpen, party.ErrStoreNotOpen,
		party.ErrTerminalNotOpen, money.ErrCurrency, money.ErrSyntax, money.ErrRange,
		access.ErrRole}

	chooseFaults = []*fault.Problem{ErrNotFound, ErrClosed, ErrWay, ErrWalletClosed,
		ErrWalletOnly, ErrTries, ErrDeclined, ErrReturn, ErrAmount, ErrBusy, ledger.ErrClosed,
		party.ErrParticipantUnknown, party.ErrWalletUnknown, risk.ErrLimitPayment,
		risk.ErrLimitDay, risk.ErrLimitExposure, risk.ErrLimitVelocity, fx.ErrStale,
		fx.ErrMissing}

	captureFaults = []*fault.Problem{ErrRequestID, ErrInconsistent, ErrNotFound, ErrState,
		ErrCurrency, ErrAmount, ErrCapture, ErrBusy, ledger.ErrClosed, money.ErrCurrency,
		money.ErrSyntax, money.ErrRange}
)

// registerOrders adds the operations on orders and promises.
func (s *Service) registerOrders(w *web.Server) {
	tags := []string{"Orders"}
	web.Register(w, web.Op{ID: "create-order", Method: http.MethodPost, Path: "/v1/orders",
		Summary: "Make an order that its payer pays later", Tags: tags, Roles: takers,
		WhileSuspended: true, // as create-payment
		Status:         http.StatusCreated, Faults: orderFaults,
		Description: "The answer is a pending payment. Show code_text as a QR code, or send the " +
			"payer to checkout_url; any wallet that can pays it once. It is cancelled when " +
			"nobody has paid by expires_at."}, placed(s.apiOpen))
	web.Register(w, web.Op{ID: "choose-wallet", Method: http.MethodPost,
		Path: "/v1/payments/{id}/wallets", Tags: tags, Roles: takers, Faults: chooseFaults,
		Summary: "Ask one wallet for its own code or page of an order"}, placed(s.apiChoose))
	web.Register(w, web.Op{ID: "list-wallets", Method: http.MethodGet, Path: "/v1/wallets",
		Summary: "List the wallets, and how each can be paid with", Tags: tags,
		Roles: append([]access.Role{access.Operator}, readers...)}, s.apiWallets)
	web.Register(w, web.Op{ID: "create-capture", Method: http.MethodPost,
		Path: "/v1/payments/{id}/captures", Summary: "Capture part or all of a promise",
		Tags: tags, Roles: takers, Status: http.StatusCreated, Faults: captureFaults},
		placed(s.apiCapture))
	web.Register(w, web.Op{ID: "list-captures", Method: http.MethodGet,
		Path: "/v1/payments/{id}/captures", Summary: "List the captures of a payment",
		Tags: tags, Roles: readers, Faults: []*fault.Problem{ErrNotFound}}, s.apiCaptures)
}

func (s *Service) apiOpen(ctx context.Context, in *orderInput) (*paymentOutput, error) {
	b := in.Body
	if err := s.ownTerminal(ctx, b.StoreID, b.TerminalID); err != nil {
		return nil, err
	}
	var err error
	if b.MerchantID, err = s.ownStore(ctx, b.MerchantID, b.StoreID); err != nil {
		return nil, err
	}
	if err := checkReturn(b.ReturnURL); err != nil {
		return nil, err
	}
	expires := ""
	if !b.ExpiresAt.IsZero() {
		expires = b.ExpiresAt.UTC().Format(time.RFC3339Nano)
	}
	p, err := s.Open(ctx, Order{Origin: origin(ctx, in.Key(),
		Field{"amount", b.Amount.String()}, Field{"store_id", b.StoreID},
		Field{"terminal_id", b.TerminalID}, Field{"merchant_id", b.MerchantID},
		Field{"way", string(b.Way)}, Field{"order_ref", b.OrderRef},
		Field{"hold", strconv.FormatBool(b.Hold)}, Field{"return_url", b.ReturnURL},
		Field{"expires_at", expires}, Field{"description", b.Description}),
		MerchantID: b.MerchantID, StoreID: b.StoreID, TerminalID: b.TerminalID,
		OrderRef: b.OrderRef, Description: b.Description, Amount: b.Amount, Way: b.Way,
		Hold: b.Hold, ReturnURL: b.ReturnURL, Expires: b.ExpiresAt})
	return s.shown(ctx, p, err)
}

// checkReturn refuses addresses to which no payer is sent: a scheme that a browser would run, or
// one that is not encrypted, but for this machine itself.
func checkReturn(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ErrReturn.Newf("it must be a whole address that begins with https://")
	}
	if u.User != nil {
		return ErrReturn.Newf("it must not hold a user's name or password")
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return ErrReturn.Newf("it must begin with https://")
	}
	return nil
}

func (s *Service) apiChoose(ctx context.Context, in *chooseInput) (*formOutput, error) {
	p, err := s.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := checkReturn(in.Body.ReturnURL); err != nil {
		return nil, err
	}
	w, err := s.walletCalled(ctx, in.Body.WalletID)
	if err != nil {
		return nil, err
	}
	form, err := s.Choose(ctx, Choice{Payment: p, IssuerNo: w.Issuer.No, Way: in.Body.Way,
		ReturnURL: in.Body.ReturnURL, PayerIP: in.Body.PayerIP,
		UserAgent: in.Body.UserAgent, Began: web.Began(ctx)})
	if err != nil {
		return nil, err
	}
	return &formOutput{FormResource{WalletID: w.Issuer.ID, CodeText: form.CodeText,
		PageURL: form.PageURL, AppURL: form.AppURL, Params: form.Params,
		ExpiresAt: orNil(form.Expires)}}, nil
}

func (s *Service) apiWallets(ctx context.Context, in *walletsInput) (*walletsOutput, error) {
	all, err := s.directory.Wallets(ctx)
	if err != nil {
		return nil, err
	}
	items := []WalletResource{}
	for _, w := range all {
		item := WalletResource{ID: w.Issuer.ID, Name: w.Issuer.Name,
			Protocol: w.Issuer.Connector, Currency: w.Agreement.Currency, Ways: []link.Way{}}
		f := &frame{wallet: w}
		if f.connect(s) == nil {
			item.Open, item.Promises = w.InService(), f.caps.HoldLife > 0
			item.Ways = append(item.Ways, f.caps.Ways...)
		}
		if in.Way == "" || slices.Contains(item.Ways, in.Way) {
			items = append(items, item)
		}
	}
	return &walletsOutput{web.ListOf(items, "")}, nil
}

func (s *Service) apiCapture(ctx context.Context, in *captureInput) (*captureOutput, error) {
	if _, err := s.visible(ctx, in.ID); err != nil {
		return nil, err
	}
	k, err := s.Capture(ctx, Taking{Origin: origin(ctx, in.Key(), Field{"payment", in.ID},
		Field{"amount", in.Body.Amount.String()},
		Field{"last", strconv.FormatBool(in.Body.Last)}), Ref: Ref{PaymentID: in.ID},
		Amount: in.Body.Amount, Last: in.Body.Last})
	if err != nil {
		return nil, err
	}
	out := &captureOutput{showCapture(k)}
	discreet(ctx, &out.Body.Fees)
	return out, nil
}

func (s *Service) apiCaptures(ctx context.Context, in *paymentPath) (*capturesOutput, error) {
	p, err := s.visible(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	ks, err := s.Captures(ctx, p.AcquirerNo, p.ID)
	items := make([]CaptureResource, len(ks))
	for i := range ks {
		items[i] = showCapture(&ks[i])
		discreet(ctx, &items[i].Fees)
	}
	return &capturesOutput{web.ListOf(items, "")}, err
}

// showCapture makes the resource of a capture.
func showCapture(k *Capture) CaptureResource {
	return CaptureResource{ID: k.ID, PaymentID: k.PaymentID, RequestID: ownID(k.RequestID),
		State: k.State, Amount: k.Order, PayTo: k.PayTo, Fees: FeesOf(k.Fees), Last: k.Last,
		Failure: k.Failure, CreatedAt: k.Created, ConcludedAt: orNil(k.Concluded)}
}

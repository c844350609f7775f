package wechatpay

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// Protocol is what this front is called in a wallet's profile: its connector's name.
const Protocol = "wechatpay"

const (
	// codeLen and codeLife are those of the code on a user's phone.
	codeLen  = 18
	codeLife = time.Minute
	// refundFor is how long after a payment refunds are accepted.
	refundFor = 365 * 24 * time.Hour
	// orderLife is how long an order stands for which the merchant sets no end.
	orderLife = 2 * time.Hour
	// scanned begins what the code of an order holds.
	scanned = "weixin://wxpay/bizpayurl?pr="
)

// Pauses returns the documented pauses between attempts of a notice, for wallet.Timing.Retry. The
// network stops after them, 24 hours and 4 minutes after the first.
func Pauses() []time.Duration {
	const s, m, h = time.Second, time.Minute, time.Hour
	return []time.Duration{15 * s, 15 * s, 30 * s, 3 * m, 10 * m, 20 * m, 30 * m, 30 * m, 30 * m,
		60 * m, 3 * h, 3 * h, 3 * h, 6 * h, 6 * h}
}

// Terms are the times that a wallet of this protocol keeps: a payment is reversed on its own day
// in UTC+8, and refunded within a year.
func Terms() wallet.Terms {
	return wallet.Terms{RefundFor: refundFor, CancelUntil: func(paid time.Time) time.Time {
		y, m, d := paid.In(clock.CST).Date()
		return time.Date(y, m, d+1, 0, 0, 0, 0, clock.CST)
	}}
}

// Front is the wallet's side of the protocol (wallet.Front).
type Front struct {
	parts  wallet.Parts
	wallet *wallet.Wallet
	keys   *keys
	nonces nonces
	http   *http.Client
	app    application // for sign-in
}

// New returns the front of a wallet. Of p it takes Wallet, Timing, Log, BaseURL, Networks and
// Secrets.
//
// Errors: secrets that cannot be read.
func New(p wallet.Parts) (*Front, error) {
	check.That(p.Wallet != nil && p.Log != nil, "wechatpay: a front without a wallet or a log")
	k, err := open(p.Secrets)
	if err != nil {
		return nil, err
	}
	return &Front{parts: p, wallet: p.Wallet, keys: k, app: openApplication(p.SignIn),
		nonces: nonces{used: map[string]time.Time{}},
		http: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		}}, nil
}

// Close drops idle connections.
func (f *Front) Close() { f.http.CloseIdleConnections() }

// call is one operation of the protocol. A *refusal among its errors is the answer.
type call func(r *http.Request, body []byte) (answer, error)

// answer is a success. mode is how it has to misbehave.
type answer struct {
	status  int
	message any // nil is no body
	mode    wallet.Mode
}

// Register adds the paths of the protocol.
func (f *Front) Register(mux *http.ServeMux) {
	const orders, quick = "/v3/global/transactions/", "/v3/global/micropay/transactions/"
	for pattern, c := range map[string]call{
		"POST " + quick + "pay":                       f.micropay,
		"POST " + quick + "out-trade-no/{no}/reverse": f.byNumber(f.reverse),
		"POST " + quick + "id/{id}/reverse":           f.byID(f.reverse),
		"POST " + orders + "{trade}":                  f.prepay,
		"GET " + orders + "out-trade-no/{no}":         f.byNumber(f.query),
		"GET " + orders + "id/{id}":                   f.byID(f.query),
		"POST " + orders + "out-trade-no/{no}/close":  f.byNumber(f.close),
		"POST " + orders + "id/{id}/close":            f.byID(f.close),
		"POST /v3/global/refunds":                     f.refund,
		"GET /v3/global/refunds/out-refund-no/{no}":   f.refundQuery,
		"GET /v3/global/certificates":                 f.certificates,
		"GET /v3/certificates":                        f.certificates,
		"/v3/":                                        nowhere,
	} {
		mux.HandleFunc(pattern, f.serve(c))
	}
	mux.HandleFunc("GET /v3/global/statements", f.statements)
	mux.HandleFunc("GET /connect/oauth2/authorize", f.authorise)
	mux.HandleFunc("GET /sns/oauth2/access_token", f.accessToken)
}

func nowhere(*http.Request, []byte) (answer, error) {
	return answer{}, &refusal{http.StatusNotFound, wire.CodeNotExists, "there is no such address"}
}

// serve makes a handler of a call.
func (f *Front) serve(c call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, refused := f.admit(w, r)
		if refused != nil {
			f.finish(w, r, answer{}, refused)
			return
		}
		did, err := c(r, body)
		f.finish(w, r, did, err)
	}
}

// finish writes an answer, as its mode says.
func (f *Front) finish(w http.ResponseWriter, r *http.Request, did answer, err error) {
	var no *refusal
	switch {
	case errors.As(err, &no):
	case err != nil && r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // nobody waits for an answer
	case err != nil:
		f.parts.Log.Error("wechatpay: serve a call", "path", r.URL.Path, "error", err)
		no = &refusal{http.StatusInternalServerError, wire.CodeSystem, "try again"}
	}
	well := f.wallet.Behave(r.Context(), did.mode)
	switch {
	case no != nil:
		f.reply(w, r, no.status, wire.Encode(wire.Failure{Code: no.code, Message: no.text}), well)
	case did.message == nil:
		f.reply(w, r, did.status, nil, well)
	default:
		f.reply(w, r, did.status, wire.Encode(did.message), well)
	}
}

// Code makes a code of 18 digits that begins with 10 to 14.
func (f *Front) Code(ctx context.Context, userID string) (wallet.Code, error) {
	prefixes := []string{"10", "11", "12", "13", "14"}
	prefix := prefixes[int(wallet.Digits(1)[0]-'0')%len(prefixes)]
	return f.wallet.MintDigits(ctx, userID, prefix, codeLen, codeLife)
}

// Scan takes the code of an order, the arguments of an in-page call (WeixinJSBridge), and addresses
// that the wallet's browser opens.
func (f *Front) Scan(ctx context.Context, userID, text string, _ *money.Amount,
) (wallet.Scanned, error) {
	if ref, ok := strings.CutPrefix(text, scanned); ok {
		return f.take(ctx, userID, ref, false)
	}
	if strings.HasPrefix(text, "{") {
		ref, err := f.invoked(text)
		if err != nil {
			return wallet.Scanned{}, err
		}
		return f.take(ctx, userID, ref, true)
	}
	if page, ok := wallet.PageOf(text); ok {
		return wallet.Scanned{OpenURL: page}, nil
	}
	return wallet.Scanned{}, wallet.ErrUnreadable
}

// invoked reads the arguments of getBrandWCPayRequest and returns the order that they name.
func (f *Front) invoked(text string) (string, error) {
	var p struct{ AppID, TimeStamp, NonceStr, Package, SignType, PaySign string }
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return "", wallet.ErrUnreadable
	}
	signed := fmt.Sprintf("%s\n%s\n%s\n%s\n", p.AppID, p.TimeStamp, p.NonceStr, p.Package)
	ref, ok := strings.CutPrefix(p.Package, "prepay_id=")
	if !ok || p.SignType != "RSA" || p.AppID != f.payerApp() ||
		!verifies(f.keys.merchant, signed, p.PaySign) {
		return "", wallet.ErrUnreadable
	}
	return ref, nil
}

// take makes an order the question of a user. An order for one user is nobody else's.
func (f *Front) take(ctx context.Context, userID, ref string, inPage bool,
) (wallet.Scanned, error) {
	p, err := f.wallet.ByRef(ctx, ref)
	if err != nil {
		return wallet.Scanned{}, err
	}
	if p == nil {
		return wallet.Scanned{}, wallet.ErrUnreadable
	}
	switch kept := keptOf(p); {
	case (kept.Trade == wire.TradeJSAPI) != inPage:
		return wallet.Scanned{}, wallet.ErrUnreadable
	case inPage && kept.OpenID != f.openID(f.payerApp(), userID):
		return wallet.Scanned{Why: wallet.WhyTaken}, nil
	}
	return f.question(ctx, userID, p.RequestID)
}

func (f *Front) question(ctx context.Context, userID, requestID string) (wallet.Scanned, error) {
	s, err := f.wallet.Take(ctx, requestID, userID)
	if err != nil {
		return wallet.Scanned{}, err
	}
	if s.Why != wallet.WhyNone {
		return wallet.Scanned{Why: s.Why}, nil
	}
	return wallet.Scanned{RequestID: requestID}, nil
}

// OpenID is the id by which an app of the network knows a user of this wallet.
func (f *Front) OpenID(userID string) string { return f.openID(f.payerApp(), userID) }

func (f *Front) openID(app, userID string) string {
	sum := sha256.Sum256([]byte(app + "\n" + userID))
	return "o" + base64.RawURLEncoding.EncodeToString(sum[:])[:27]
}

// payerApp is the app in which the users of in-page payments are known.
func (f *Front) payerApp() string {
	if f.keys.SubAppID != "" {
		return f.keys.SubAppID
	}
	return f.keys.AppID
}

// said is a reason in the protocol's words.
type said struct {
	status int
	code   string
}

// reasons is what each reason is called. Those of refunds stand in refundReasons.
var reasons = map[wallet.Why]said{
	wallet.WhyBalance:      {http.StatusForbidden, wire.CodeNotEnough},
	wallet.WhyCode:         {http.StatusBadRequest, wire.CodeAuthCode},
	wallet.WhyCodeExpired:  {http.StatusBadRequest, wire.CodeAuthCodeExpire},
	wallet.WhyToken:        {http.StatusBadRequest, wire.CodeParam},
	wallet.WhyNobody:       {http.StatusForbidden, wire.CodeAccount},
	wallet.WhyCurrency:     {http.StatusBadRequest, wire.CodeParam},
	wallet.WhyLimit:        {http.StatusForbidden, wire.CodeRuleLimit},
	wallet.WhyUser:         {http.StatusForbidden, wire.CodeTrade},
	wallet.WhyPIN:          {http.StatusForbidden, wire.CodeTrade},
	wallet.WhyClosed:       {http.StatusBadRequest, wire.CodeOrderReversed},
	wallet.WhyExpired:      {http.StatusBadRequest, wire.CodeOrderClosed},
	wallet.WhyTaken:        {http.StatusForbidden, wire.CodeTrade},
	wallet.WhyInconsistent: {http.StatusForbidden, wire.CodeNoUsed},
	wallet.WhyUnknown:      {http.StatusNotFound, wire.CodeOrderNotExist},
	wallet.WhyState:        {http.StatusBadRequest, wire.CodeOrderPaid},
	wallet.WhyAmount:       {http.StatusBadRequest, wire.CodeInvalidRequest},
	wallet.WhyCancelWindow: {http.StatusBadRequest, wire.CodeReverseExpire},
	wallet.WhyRefundWindow: {http.StatusBadRequest, wire.CodeInvalidRequest},
	wallet.WhyRefundOver:   {http.StatusBadRequest, wire.CodeInvalidRequest},
}

// Explain is the protocol's code for a reason.
func (f *Front) Explain(why wallet.Why) string {
	if r, known := reasons[why]; known {
		return r.code
	}
	return wire.CodeSystem
}

// refused is a reason as an answer.
func refused(why wallet.Why) error {
	r, known := reasons[why]
	if !known {
		return fmt.Errorf("no answer for the reason %q", why)
	}
	return &refusal{r.status, r.code, string(why)}
}

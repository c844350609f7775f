package wire

import "encoding/json"

// Trade types, one for each way to make an order.
const (
	TradeMicropay = "MICROPAY"
	TradeNative   = "NATIVE"
	TradeJSAPI    = "JSAPI"
	TradeMWeb     = "MWEB"
	TradeApp      = "APP"
)

// Trade states.
const (
	StateSuccess    = "SUCCESS"
	StateRefund     = "REFUND" // paid, and refunded since, at least in part
	StateNotPay     = "NOTPAY"
	StateClosed     = "CLOSED"
	StateRevoked    = "REVOKED" // reversed
	StateUserPaying = "USERPAYING"
	StatePayError   = "PAYERROR"
)

// Refund states. The network spells a closed refund in two ways.
const (
	RefundSuccess    = "SUCCESS"
	RefundClose      = "REFUNDCLOSE"
	RefundClosed     = "CLOSED"
	RefundProcessing = "PROCESSING"
	RefundAbnormal   = "ABNORMAL"
)

// Event types of notices.
const (
	EventPaid           = "TRANSACTION.SUCCESS"
	EventRefunded       = "REFUND.SUCCESS"
	EventRefundAbnormal = "REFUND.ABNORMAL"
	EventRefundClosed   = "REFUND.CLOSED"
)

// Algorithm is the only one with which resources are sealed.
const Algorithm = "AEAD_AES_256_GCM"

// PublicKeyPrefix begins the serial of the network's public key in public-key mode.
const PublicKeyPrefix = "PUB_KEY_ID_"

// Merchant names who is asking (X3).
type Merchant struct {
	MchID    string `json:"mchid,omitempty"`
	AppID    string `json:"appid,omitempty"`
	SPMchID  string `json:"sp_mchid,omitempty"`
	SubMchID string `json:"sub_mchid,omitempty"`
	SPAppID  string `json:"sp_appid,omitempty"`
	SubAppID string `json:"sub_appid,omitempty"`
}

// Order asks for a payment, by a code of the user (micropay) or for a user who takes it later.
type Order struct {
	Merchant
	Description     string          `json:"description"`
	Attach          string          `json:"attach,omitempty"`
	NotifyURL       string          `json:"notify_url,omitempty"`
	OutTradeNo      string          `json:"out_trade_no"`
	GoodsTag        string          `json:"goods_tag,omitempty"`
	TradeType       string          `json:"trade_type"`
	LimitPay        string          `json:"limit_pay,omitempty"`
	TimeStart       string          `json:"time_start,omitempty"`
	TimeExpire      string          `json:"time_expire,omitempty"`
	MCC             string          `json:"merchant_category_code"`
	Payer           *Payer          `json:"payer,omitempty"`
	Amount          Amount          `json:"amount"`
	Scene           *Scene          `json:"scene_info,omitempty"`
	Detail          json.RawMessage `json:"detail,omitempty"`
	PromotionDetail json.RawMessage `json:"promotion_detail,omitempty"`
}

// Payer is the user: AuthCode is the code on the phone, the others are the network's ids of the
// user for one app.
type Payer struct {
	AuthCode  string `json:"auth_code,omitempty"`
	OpenID    string `json:"openid,omitempty"`
	SPOpenID  string `json:"sp_openid,omitempty"`
	SubOpenID string `json:"sub_openid,omitempty"`
}

// Amount is what an order asks (X2).
type Amount struct {
	Total    int64  `json:"total"`
	Currency string `json:"currency,omitempty"`
}

// Scene is where an order is made.
type Scene struct {
	DeviceID      string `json:"device_id,omitempty"`
	DeviceIP      string `json:"device_ip,omitempty"`
	PayerClientIP string `json:"payer_client_ip,omitempty"`
	OperatorID    string `json:"operator_id,omitempty"`
	Store         *Store `json:"store_info,omitempty"`
}

// Store is the shop.
type Store struct {
	ID      string `json:"id,omitempty"`
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Prepared answers an order that a user takes later: one of the three is set.
type Prepared struct {
	CodeURL  string `json:"code_url,omitempty"`
	PrepayID string `json:"prepay_id,omitempty"`
	MWebURL  string `json:"mweb_url,omitempty"`
}

// Transaction is how an order stands. TransactionID is another spelling of ID.
type Transaction struct {
	Merchant
	ID             string     `json:"id,omitempty"`
	TransactionID  string     `json:"transaction_id,omitempty"`
	OutTradeNo     string     `json:"out_trade_no"`
	Attach         string     `json:"attach,omitempty"`
	TradeType      string     `json:"trade_type,omitempty"`
	TradeState     string     `json:"trade_state"`
	TradeStateDesc string     `json:"trade_state_desc,omitempty"`
	BankType       string     `json:"bank_type,omitempty"`
	SuccessTime    string     `json:"success_time,omitempty"`
	Payer          *Payer     `json:"payer,omitempty"`
	Amount         *PaidTotal `json:"amount,omitempty"`
}

// PaidTotal is an order's amount and what the user's account was debited for it.
type PaidTotal struct {
	Total         int64  `json:"total"`
	Currency      string `json:"currency,omitempty"`
	PayerTotal    int64  `json:"payer_total"`
	PayerCurrency string `json:"payer_currency,omitempty"`
	Rate          *Rate  `json:"exchange_rate,omitempty"`
}

// Rate is an exchange rate times 10^8; Type is SETTLEMENT_RATE or USERPAYMENT_RATE.
type Rate struct {
	Type string `json:"type,omitempty"`
	Rate int64  `json:"rate"`
}

// Ending is the body of close and reverse.
type Ending struct {
	MchID    string `json:"mchid,omitempty"`
	SPMchID  string `json:"sp_mchid,omitempty"`
	SubMchID string `json:"sub_mchid,omitempty"`
}

// RefundOrder asks for a refund of a payment, by the network's id or by ours.
type RefundOrder struct {
	Merchant
	TransactionID string   `json:"transaction_id,omitempty"`
	OutTradeNo    string   `json:"out_trade_no,omitempty"`
	OutRefundNo   string   `json:"out_refund_no"`
	Reason        string   `json:"reason,omitempty"`
	Source        string   `json:"source,omitempty"`
	Amount        GiveBack `json:"amount"`
	NotifyURL     string   `json:"notify_url,omitempty"`
}

// GiveBack is what is refunded, and the whole of the order.
type GiveBack struct {
	Refund   int64  `json:"refund"`
	Total    int64  `json:"total"`
	Currency string `json:"currency"`
}

// Refund is how a refund stands. Answers carry Status, notices RefundStatus; the answer to
// RefundOrder carries neither. RefundID is another spelling of ID.
type Refund struct {
	Merchant
	ID            string       `json:"id,omitempty"`
	RefundID      string       `json:"refund_id,omitempty"`
	OutRefundNo   string       `json:"out_refund_no"`
	TransactionID string       `json:"transaction_id,omitempty"`
	OutTradeNo    string       `json:"out_trade_no,omitempty"`
	Channel       string       `json:"channel,omitempty"`
	Account       string       `json:"recv_account,omitempty"`
	FundSource    string       `json:"fund_source,omitempty"`
	CreateTime    string       `json:"create_time,omitempty"`
	SuccessTime   string       `json:"success_time,omitempty"`
	Status        string       `json:"status,omitempty"`
	RefundStatus  string       `json:"refund_status,omitempty"`
	Amount        *GivenAmount `json:"amount,omitempty"`
}

// State returns the refund's state from whichever member holds it.
func (r *Refund) State() string {
	if r.RefundStatus != "" {
		return r.RefundStatus
	}
	return r.Status
}

// GivenAmount is what was refunded, in both currencies.
type GivenAmount struct {
	Refund        int64  `json:"refund"`
	Total         int64  `json:"total,omitempty"`
	Currency      string `json:"currency,omitempty"`
	PayerRefund   int64  `json:"payer_refund"`
	PayerTotal    int64  `json:"payer_total,omitempty"`
	PayerCurrency string `json:"payer_currency,omitempty"`
	Rate          *Rate  `json:"exchange_rate,omitempty"`
}

// Failure is the body of every answer that is not a success.
type Failure struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

// Certificates is the list of the network's certificates.
type Certificates struct {
	Data []Certificate `json:"data"`
}

// Certificate is one certificate of the network, as PEM, sealed with the merchant's APIv3 key.
type Certificate struct {
	SerialNo  string `json:"serial_no"`
	Effective string `json:"effective_time"`
	Expire    string `json:"expire_time"`
	Sealed    Sealed `json:"encrypt_certificate"`
}

// Sealed is a text that was encrypted with the merchant's APIv3 key: Ciphertext is Base64 of the
// encrypted text and its 16-byte tag, Nonce and AssociatedData are used as they are written.
type Sealed struct {
	Algorithm      string `json:"algorithm"`
	Nonce          string `json:"nonce"`
	AssociatedData string `json:"associated_data"`
	Ciphertext     string `json:"ciphertext"`
	OriginalType   string `json:"original_type,omitempty"`
}

// Notice is what the network tells on its own. Resource is a Transaction or a Refund.
type Notice struct {
	ID           string  `json:"id"`
	CreateTime   string  `json:"create_time"`
	EventType    string  `json:"event_type"`
	ResourceType string  `json:"resource_type"`
	Summary      string  `json:"summary,omitempty"`
	Resource     *Sealed `json:"resource"`
}

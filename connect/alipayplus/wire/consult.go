package wire

// CategoryWallet is the category of every payment option behind the network.
const CategoryWallet = "WALLET"

// ConsultRequest asks the network which wallets can pay an amount. An acquirer sends it to
// …/payments/consultPayment.
type ConsultRequest struct {
	PaymentAmount      *Amount             `json:"paymentAmount"`           // required
	PaymentFactor      *PaymentFactor      `json:"paymentFactor,omitempty"` // absent is the cashier
	UserRegion         string              `json:"userRegion,omitempty"`    // 2
	SettlementStrategy *SettlementStrategy `json:"settlementStrategy,omitempty"`
	AllowedPSPRegions  []string            `json:"allowedPspRegions,omitempty"`
	Merchant           *Merchant           `json:"merchant,omitempty"`
	ReferenceUserID    string              `json:"referenceUserId,omitempty"` // 64
	Env                *Env                `json:"env,omitempty"`
}

func (r *ConsultRequest) read(o *object) {
	r.PaymentAmount = o.amount("paymentAmount", must)
	r.PaymentFactor = one[PaymentFactor](o, "paymentFactor", may)
	r.UserRegion = o.text("userRegion", 2, may)
	r.SettlementStrategy = one[SettlementStrategy](o, "settlementStrategy", may)
	r.AllowedPSPRegions = o.texts("allowedPspRegions", 2)
	r.Merchant = one[Merchant](o, "merchant", may)
	r.ReferenceUserID = o.id("referenceUserId", may)
	r.Env = one[Env](o, "env", may)
}

// ConsultResponse answers a ConsultRequest.
type ConsultResponse struct {
	Result  Result          `json:"result"`
	Options []PaymentOption `json:"paymentOptions,omitempty"`
}

func (r *ConsultResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Options = several[PaymentOption](o, "paymentOptions")
}

// PaymentOption is one way to pay, and whether it can be used now.
type PaymentOption struct {
	Type          string               `json:"paymentMethodType"`               // 64
	Category      string               `json:"paymentMethodCategory,omitempty"` // WALLET
	Enabled       string               `json:"enabled,omitempty"`               // flag
	Preferred     string               `json:"preferred,omitempty"`             // flag
	DisableReason string               `json:"disableReason,omitempty"`         // 64
	Logo          *Logo                `json:"logo,omitempty"`
	Detail        *PaymentOptionDetail `json:"paymentOptionDetail,omitempty"`
}

func (r *PaymentOption) read(o *object) {
	r.Type = o.text("paymentMethodType", 64, must)
	r.Category = o.text("paymentMethodCategory", 32, may)
	r.Enabled = o.flag("enabled")
	r.Preferred = o.flag("preferred")
	r.DisableReason = o.text("disableReason", 64, may)
	r.Logo = one[Logo](o, "logo", may)
	r.Detail = one[PaymentOptionDetail](o, "paymentOptionDetail", may)
}

// Logo is a picture and its name.
type Logo struct {
	Name string `json:"logoName,omitempty"` // 64
	URL  string `json:"logoUrl,omitempty"`  // 2048
}

func (r *Logo) read(o *object) {
	r.Name = o.text("logoName", 64, may)
	r.URL = o.text("logoUrl", urlMax, may)
}

// PaymentOptionDetail is what stands behind an option.
type PaymentOptionDetail struct {
	Type          string          `json:"paymentOptionDetailType,omitempty"` // CONNECT_WALLET
	ConnectWallet *ConnectWallets `json:"connectWallet,omitempty"`
}

func (r *PaymentOptionDetail) read(o *object) {
	r.Type = o.text("paymentOptionDetailType", 64, may)
	r.ConnectWallet = one[ConnectWallets](o, "connectWallet", may)
}

// ConnectWallets are the wallets behind the network.
type ConnectWallets struct {
	Wallets []Wallet `json:"supportWallets,omitempty"`
}

func (r *ConnectWallets) read(o *object) { r.Wallets = several[Wallet](o, "supportWallets") }

// Wallet is a wallet as it is offered to a payer.
type Wallet struct {
	Name      string         `json:"walletName"`                // required, 64
	BrandName string         `json:"walletBrandName,omitempty"` // 128
	Logo      *Logo          `json:"walletLogo,omitempty"`
	Region    string         `json:"walletRegion,omitempty"` // 2
	Feature   *WalletFeature `json:"walletFeature,omitempty"`
}

func (r *Wallet) read(o *object) {
	r.Name = o.text("walletName", 64, must)
	r.BrandName = o.text("walletBrandName", 128, may)
	r.Logo = one[Logo](o, "walletLogo", may)
	r.Region = o.text("walletRegion", 2, may)
	r.Feature = one[WalletFeature](o, "walletFeature", may)
}

// WalletFeature is what a wallet can do; flags.
type WalletFeature struct {
	CodeScan    string `json:"supportCodeScan,omitempty"`
	Redirection string `json:"supportCashierRedirection,omitempty"`
}

func (r *WalletFeature) read(o *object) {
	r.CodeScan = o.flag("supportCodeScan")
	r.Redirection = o.flag("supportCashierRedirection")
}

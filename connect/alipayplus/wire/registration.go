package wire

// Lengths of what a registration says, in characters.
const (
	productMax   = 64
	websiteMax   = 2048
	throughMax   = 2048
	registerMax  = 64
	legalNameMax = 256
)

// RegistrationRequest registers a merchant, and perhaps one of its stores, or changes what was
// registered. An acquirer sends it to …/merchants/registration. The documents agree on the address
// of the notice offline; registrationNotifyUrl is this network's way, and that of a neighbouring
// product.
type RegistrationRequest struct {
	RegistrationRequestID string             `json:"registrationRequestId"` // required, 64
	ProductCodes          []string           `json:"productCodes"`          // required
	MerchantInfo          MerchantInfo       `json:"merchantInfo"`          // required
	StoreInfo             *StoreRegistration `json:"storeInfo,omitempty"`
	NotifyURL             string             `json:"registrationNotifyUrl,omitempty"` // 2048
	PassThroughInfo       string             `json:"passThroughInfo,omitempty"`       // 2048
}

func (r *RegistrationRequest) read(o *object) {
	r.RegistrationRequestID = o.id("registrationRequestId", must)
	r.ProductCodes = o.texts("productCodes", productMax)
	if len(r.ProductCodes) == 0 {
		o.fail("productCodes", "is missing")
	}
	r.MerchantInfo = sure[MerchantInfo](o, "merchantInfo")
	r.StoreInfo = one[StoreRegistration](o, "storeInfo", may)
	r.NotifyURL = o.text("registrationNotifyUrl", urlMax, may)
	if r.NotifyURL == "" {
		r.NotifyURL = o.text("registrationNotifyURL", urlMax, may)
	}
	r.PassThroughInfo = o.text("passThroughInfo", throughMax, may)
}

// MerchantInfo is a merchant as it is registered.
type MerchantInfo struct {
	ReferenceMerchantID string              `json:"referenceMerchantId"`           // required, 64
	DisplayName         string              `json:"merchantDisplayName,omitempty"` // 64
	MCC                 string              `json:"merchantMCC"`                   // required, 32
	Websites            []Website           `json:"websites,omitempty"`
	Address             *Address            `json:"merchantAddress,omitempty"`
	Detail              *RegistrationDetail `json:"registrationDetail,omitempty"`
}

func (r *MerchantInfo) read(o *object) {
	r.ReferenceMerchantID = o.id("referenceMerchantId", must)
	r.DisplayName = o.text("merchantDisplayName", 64, may)
	r.MCC = o.text("merchantMCC", 32, must)
	r.Websites = several[Website](o, "websites")
	r.Address = one[Address](o, "merchantAddress", may)
	r.Detail = one[RegistrationDetail](o, "registrationDetail", may)
}

// Website is a page of a merchant.
type Website struct {
	Name string `json:"name,omitempty"` // 256
	URL  string `json:"url"`            // required, 2048
}

func (r *Website) read(o *object) {
	r.Name = o.text("name", 256, may)
	r.URL = o.text("url", websiteMax, must)
}

// RegistrationDetail is what the register of companies knows.
type RegistrationDetail struct {
	LegalName    string   `json:"legalName,omitempty"`        // 256
	Type         string   `json:"registrationType,omitempty"` // 64
	No           string   `json:"registrationNo,omitempty"`   // 64
	Address      *Address `json:"registrationAddress,omitempty"`
	BusinessType string   `json:"businessType,omitempty"` // 64
}

func (r *RegistrationDetail) read(o *object) {
	r.LegalName = o.text("legalName", legalNameMax, may)
	r.Type = o.text("registrationType", registerMax, may)
	r.No = o.text("registrationNo", registerMax, may)
	r.Address = one[Address](o, "registrationAddress", may)
	r.BusinessType = o.text("businessType", registerMax, may)
}

// StoreRegistration is a store as it is registered.
type StoreRegistration struct {
	ReferenceStoreID string   `json:"referenceStoreId"`           // required, 64
	Name             string   `json:"storeName,omitempty"`        // 256
	DisplayName      string   `json:"storeDisplayName,omitempty"` // 64
	MCC              string   `json:"storeMCC,omitempty"`         // 32
	TerminalID       string   `json:"storeTerminalId,omitempty"`  // 64
	Address          *Address `json:"storeAddress,omitempty"`
}

func (r *StoreRegistration) read(o *object) {
	r.ReferenceStoreID = o.id("referenceStoreId", must)
	r.Name = o.text("storeName", 256, may)
	r.DisplayName = o.text("storeDisplayName", 64, may)
	r.MCC = o.text("storeMCC", 32, may)
	r.TerminalID = o.id("storeTerminalId", may)
	r.Address = one[Address](o, "storeAddress", may)
}

// RegistrationInquiry asks how a registration stands, by the request, or by the merchant and
// perhaps its store. An acquirer sends it to …/merchants/inquiryRegistrationStatus.
type RegistrationInquiry struct {
	RegistrationRequestID string `json:"registrationRequestId,omitempty"` // 64
	ReferenceMerchantID   string `json:"referenceMerchantId,omitempty"`   // 64
	ReferenceStoreID      string `json:"referenceStoreId,omitempty"`      // 64
}

func (r *RegistrationInquiry) read(o *object) {
	r.RegistrationRequestID = o.id("registrationRequestId", may)
	r.ReferenceMerchantID = o.id("referenceMerchantId", may)
	r.ReferenceStoreID = o.id("referenceStoreId", may)
	if r.RegistrationRequestID == "" && r.ReferenceMerchantID == "" {
		o.fail("registrationRequestId", "is missing, and so is referenceMerchantId")
	}
}

// RegistrationStatus is how far a registration is.
type RegistrationStatus string

// The statuses: of a registration as a whole Pending and Completed, with one wallet the other two.
const (
	RegistrationPending   RegistrationStatus = "PENDING"
	RegistrationCompleted RegistrationStatus = "COMPLETED"
	RegistrationApproved  RegistrationStatus = "APPROVED"
	RegistrationRejected  RegistrationStatus = "REJECTED"
)

// RegistrationResult is how a registration stands.
type RegistrationResult struct {
	Status RegistrationStatus `json:"registrationStatus"` // 32
}

func (r *RegistrationResult) read(o *object) {
	r.Status = RegistrationStatus(o.text("registrationStatus", 32, must))
}

// WalletRegistration is how a registration stands with one wallet.
type WalletRegistration struct {
	PSPName      string             `json:"pspName"` // 128
	ProductCodes []string           `json:"productCodes,omitempty"`
	Result       RegistrationResult `json:"registrationResult"`
}

func (r *WalletRegistration) read(o *object) {
	r.PSPName = o.text("pspName", 128, must)
	r.ProductCodes = o.texts("productCodes", productMax)
	r.Result = sure[RegistrationResult](o, "registrationResult")
}

// RegistrationAnswer answers a RegistrationInquiry. Result says only how the inquiry went.
type RegistrationAnswer struct {
	Result Result              `json:"result"`
	Whole  *RegistrationResult `json:"registrationResult,omitempty"`

	Wallets []WalletRegistration `json:"pspRegistrationResultList,omitempty"`
}

func (r *RegistrationAnswer) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Whole = one[RegistrationResult](o, "registrationResult", may)
	r.Wallets = several[WalletRegistration](o, "pspRegistrationResultList")
}

// RegistrationNotice tells an acquirer how a registration ended (notifyRegistrationStatus).
type RegistrationNotice struct {
	RegistrationRequestID string             `json:"registrationRequestId,omitempty"` // 64
	ReferenceMerchantID   string             `json:"referenceMerchantId"`             // 64
	ReferenceStoreID      string             `json:"referenceStoreId,omitempty"`      // 64
	Whole                 RegistrationResult `json:"registrationResult"`

	Wallets []WalletRegistration `json:"pspRegistrationResultList,omitempty"`
}

func (r *RegistrationNotice) read(o *object) {
	r.RegistrationRequestID = o.id("registrationRequestId", may)
	r.ReferenceMerchantID = o.id("referenceMerchantId", must)
	r.ReferenceStoreID = o.id("referenceStoreId", may)
	r.Whole = sure[RegistrationResult](o, "registrationResult")
	r.Wallets = several[WalletRegistration](o, "pspRegistrationResultList")
}

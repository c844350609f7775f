package wire

// Order is what is being paid for, as the shop describes it. In an answer, where it says what a
// code means, any field may be absent: a code that stands in a shop has no order yet.
type Order struct {
	ReferenceOrderID string            `json:"referenceOrderId,omitempty"` // required, 64
	Description      string            `json:"orderDescription,omitempty"` // required, 256
	Amount           *Amount           `json:"orderAmount,omitempty"`      // required
	Merchant         *Merchant         `json:"merchant,omitempty"`
	Goods            []Goods           `json:"goods,omitempty"`
	Shipping         *Shipping         `json:"shipping,omitempty"`
	Buyer            *Buyer            `json:"buyer,omitempty"`
	Env              *Env              `json:"env,omitempty"`
	IndirectAcquirer *IndirectAcquirer `json:"indirectAcquirer,omitempty"`
}

func (r *Order) read(o *object) {
	asked := !o.state.answer
	r.ReferenceOrderID = o.id("referenceOrderId", asked)
	r.Description = o.text("orderDescription", 256, asked)
	r.Amount = o.amount("orderAmount", asked)
	r.Merchant = one[Merchant](o, "merchant", may)
	r.Goods = several[Goods](o, "goods")
	r.Shipping = one[Shipping](o, "shipping", may)
	r.Buyer = one[Buyer](o, "buyer", may)
	r.Env = one[Env](o, "env", may)
	r.IndirectAcquirer = one[IndirectAcquirer](o, "indirectAcquirer", may)
}

// IndirectAcquirer is who stands between the merchant and the acquirer.
type IndirectAcquirer struct {
	ReferenceAcquirerID string   `json:"referenceAcquirerId,omitempty"` // 64
	Name                string   `json:"acquirerName,omitempty"`        // 256
	Address             *Address `json:"acquirerAddress,omitempty"`
}

func (r *IndirectAcquirer) read(o *object) {
	r.ReferenceAcquirerID = o.id("referenceAcquirerId", may)
	r.Name = o.text("acquirerName", 256, may)
	r.Address = one[Address](o, "acquirerAddress", may)
}

// Merchant is the legal seller, under the acquirer's own reference.
type Merchant struct {
	ReferenceMerchantID string   `json:"referenceMerchantId"`           // required, 64
	MCC                 string   `json:"merchantMCC,omitempty"`         // 32, ISO 18245
	Name                string   `json:"merchantName,omitempty"`        // 256
	DisplayName         string   `json:"merchantDisplayName,omitempty"` // 64
	Address             *Address `json:"merchantAddress,omitempty"`
	RegisterDate        string   `json:"merchantRegisterDate,omitempty"` // 32
	Store               *Store   `json:"store,omitempty"`
}

func (r *Merchant) read(o *object) {
	r.ReferenceMerchantID = o.id("referenceMerchantId", must)
	r.MCC = o.text("merchantMCC", 32, may)
	r.Name = o.text("merchantName", 256, may)
	r.DisplayName = o.text("merchantDisplayName", 64, may)
	r.Address = one[Address](o, "merchantAddress", may)
	r.RegisterDate = o.text("merchantRegisterDate", 32, may)
	r.Store = one[Store](o, "store", may)
}

// Store is the place of the sale, under the acquirer's own reference.
type Store struct {
	ReferenceStoreID string   `json:"referenceStoreId,omitempty"` // 64
	Name             string   `json:"storeName,omitempty"`        // 256
	MCC              string   `json:"storeMCC,omitempty"`         // 32
	DisplayName      string   `json:"storeDisplayName,omitempty"` // 64
	TerminalID       string   `json:"storeTerminalId,omitempty"`  // 64
	OperatorID       string   `json:"storeOperatorId,omitempty"`  // 64
	PhoneNo          string   `json:"storePhoneNo,omitempty"`     // 16
	Address          *Address `json:"storeAddress,omitempty"`
}

func (r *Store) read(o *object) {
	r.ReferenceStoreID = o.id("referenceStoreId", may)
	r.Name = o.text("storeName", 256, may)
	r.MCC = o.text("storeMCC", 32, may)
	r.DisplayName = o.text("storeDisplayName", 64, may)
	r.TerminalID = o.id("storeTerminalId", may)
	r.OperatorID = o.id("storeOperatorId", may)
	r.PhoneNo = o.text("storePhoneNo", 16, may)
	r.Address = one[Address](o, "storeAddress", may)
}

// Address is a postal address.
type Address struct {
	Region   string `json:"region"`             // required, ISO 3166 alpha-2
	State    string `json:"state,omitempty"`    // 8; in Japan the prefecture, such as JP-21
	City     string `json:"city,omitempty"`     // 32
	Address1 string `json:"address1,omitempty"` // 256
	Address2 string `json:"address2,omitempty"` // 256
	ZIPCode  string `json:"zipCode,omitempty"`  // 32
}

func (r *Address) read(o *object) {
	r.Region = o.text("region", 2, must)
	r.State = o.text("state", 8, may)
	r.City = o.text("city", 32, may)
	r.Address1 = o.text("address1", 256, may)
	r.Address2 = o.text("address2", 256, may)
	r.ZIPCode = o.text("zipCode", 32, may)
}

// Goods is one line of an order.
type Goods struct {
	ReferenceGoodsID string  `json:"referenceGoodsId"`        // required, 64
	Name             string  `json:"goodsName"`               // required, 256
	Category         string  `json:"goodsCategory,omitempty"` // 256
	Brand            string  `json:"goodsBrand,omitempty"`    // 32
	UnitAmount       *Amount `json:"goodsUnitAmount,omitempty"`
	Quantity         string  `json:"goodsQuantity,omitempty"` // 32
}

func (r *Goods) read(o *object) {
	r.ReferenceGoodsID = o.id("referenceGoodsId", must)
	r.Name = o.text("goodsName", 256, must)
	r.Category = o.text("goodsCategory", 256, may)
	r.Brand = o.text("goodsBrand", 32, may)
	r.UnitAmount = o.amount("goodsUnitAmount", may)
	r.Quantity = o.text("goodsQuantity", 32, may)
}

// Shipping is where and to whom an order goes.
type Shipping struct {
	Name    *UserName `json:"shippingName,omitempty"`
	Address *Address  `json:"shippingAddress,omitempty"`
	Carrier string    `json:"shippingCarrier,omitempty"` // 128
	PhoneNo string    `json:"shippingPhoneNo,omitempty"` // 16
}

func (r *Shipping) read(o *object) {
	r.Name = one[UserName](o, "shippingName", may)
	r.Address = one[Address](o, "shippingAddress", may)
	r.Carrier = o.text("shippingCarrier", 128, may)
	r.PhoneNo = o.text("shippingPhoneNo", 16, may)
}

// Buyer is who ordered, as the shop knows them.
type Buyer struct {
	ReferenceBuyerID string    `json:"referenceBuyerId,omitempty"` // 64
	Name             *UserName `json:"buyerName,omitempty"`
	PhoneNo          string    `json:"buyerPhoneNo,omitempty"` // 24
	Email            string    `json:"buyerEmail,omitempty"`   // 256
}

func (r *Buyer) read(o *object) {
	r.ReferenceBuyerID = o.id("referenceBuyerId", may)
	r.Name = one[UserName](o, "buyerName", may)
	r.PhoneNo = o.text("buyerPhoneNo", 24, may)
	r.Email = o.text("buyerEmail", 256, may)
}

// UserName is a person's name.
type UserName struct {
	FirstName  string `json:"firstName,omitempty"`  // 32
	MiddleName string `json:"middleName,omitempty"` // 32
	LastName   string `json:"lastName,omitempty"`   // 32
	FullName   string `json:"fullName,omitempty"`   // 128
}

func (r *UserName) read(o *object) {
	r.FirstName = o.text("firstName", 32, may)
	r.MiddleName = o.text("middleName", 32, may)
	r.LastName = o.text("lastName", 32, may)
	r.FullName = o.text("fullName", 128, may)
}

// Env is the device on which something was asked for. Terminal types are WEB, APP, WAP and
// MINI_APP, systems IOS and ANDROID.
type Env struct {
	TerminalType             string `json:"terminalType,omitempty"`             // 32
	OSType                   string `json:"osType,omitempty"`                   // 32
	UserAgent                string `json:"userAgent,omitempty"`                // 1024
	DeviceTokenID            string `json:"deviceTokenId,omitempty"`            // 128
	ClientIP                 string `json:"clientIp,omitempty"`                 // 64
	CookieID                 string `json:"cookieId,omitempty"`                 // 128
	StoreTerminalID          string `json:"storeTerminalId,omitempty"`          // 64
	StoreTerminalRequestTime string `json:"storeTerminalRequestTime,omitempty"` // 32
}

func (r *Env) read(o *object) {
	r.TerminalType = o.text("terminalType", 32, may)
	r.OSType = o.text("osType", 32, may)
	r.UserAgent = o.text("userAgent", 1024, may)
	r.DeviceTokenID = o.text("deviceTokenId", 128, may)
	r.ClientIP = o.text("clientIp", 64, may)
	r.CookieID = o.text("cookieId", 128, may)
	r.StoreTerminalID = o.id("storeTerminalId", may)
	r.StoreTerminalRequestTime = o.text("storeTerminalRequestTime", 32, may)
}

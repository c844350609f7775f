package wire

// The kinds of a code and the ways to show it.
const (
	CodeQR      = "QRCODE"
	CodeBarcode = "BARCODE"
	DisplayText = "TEXT"
)

// textMax is the longest code or free text, in characters.
const textMax = 2048

// OrderCodeForm is how the code of an order is shown to its payer.
type OrderCodeForm struct {
	PaymentMethodType string       `json:"paymentMethodType,omitempty"` // 64
	ExpireTime        string       `json:"expireTime,omitempty"`
	CodeDetails       []CodeDetail `json:"codeDetails,omitempty"`
	ExtendInfo        string       `json:"extendInfo,omitempty"` // 2048
}

func (r *OrderCodeForm) read(o *object) {
	r.PaymentMethodType = o.text("paymentMethodType", 64, may)
	r.ExpireTime = o.time("expireTime", may)
	r.CodeDetails = several[CodeDetail](o, "codeDetails")
	r.ExtendInfo = o.text("extendInfo", textMax, may)
}

// Text returns the text of the QR code, or "" when the form has none. A form may also have images
// and bar codes of it.
func (r *OrderCodeForm) Text() string {
	if r == nil {
		return ""
	}
	for _, d := range r.CodeDetails {
		if (d.ValueType == CodeQR || d.ValueType == "") &&
			(d.DisplayType == DisplayText || d.DisplayType == "") {
			return d.Value
		}
	}
	return ""
}

// CodeDetail is one form of a code: its text, or the address of a picture of it.
type CodeDetail struct {
	ValueType   string `json:"codeValueType,omitempty"` // QRCODE, BARCODE
	Value       string `json:"codeValue"`               // required, 2048
	DisplayType string `json:"displayType,omitempty"`   // TEXT, SMALLIMAGE, MIDDLEIMAGE, BIGIMAGE
}

func (r *CodeDetail) read(o *object) {
	r.ValueType = o.text("codeValueType", 32, may)
	r.Value = o.text("codeValue", textMax, must)
	r.DisplayType = o.text("displayType", 32, may)
}

// Redirect is where a payer is sent to pay; which fields there are depends on the device.
type Redirect struct {
	PaymentURL    string `json:"paymentUrl,omitempty"` // 2048
	SchemeURL     string `json:"schemeUrl,omitempty"`  // 2048; opens the wallet's app
	ApplinkURL    string `json:"applinkUrl,omitempty"` // 2048; the same, as an https link
	NormalURL     string `json:"normalUrl,omitempty"`  // 2048; a page
	AppIdentifier string `json:"appIdentifier,omitempty"`
}

func (r *Redirect) read(o *object) {
	r.PaymentURL = o.text("paymentUrl", urlMax, may)
	r.SchemeURL = o.text("schemeUrl", urlMax, may)
	r.ApplinkURL = o.text("applinkUrl", urlMax, may)
	r.NormalURL = o.text("normalUrl", urlMax, may)
	r.AppIdentifier = o.text("appIdentifier", 128, may)
}

// Page returns the https address to send a browser to, "" when there is none.
func (r *Redirect) Page() string {
	for _, address := range []string{r.PaymentURL, r.NormalURL} {
		if address != "" {
			return address
		}
	}
	return ""
}

// App returns the address that opens the wallet's app, "" when there is none.
func (r *Redirect) App() string {
	if r.ApplinkURL != "" {
		return r.ApplinkURL
	}
	return r.SchemeURL
}

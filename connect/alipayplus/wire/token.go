package wire

// tokenMax is the longest token or authorisation code, in characters.
const tokenMax = 128

// PrepareRequest asks for the page on which a user allows later payments without being asked
// again. An acquirer sends it to …/prepare, and the network to the wallet, then
// with both ids. It is idempotent on AuthClientID and ReferenceAgreementID.
type PrepareRequest struct {
	AcquirerID            string   `json:"acquirerId,omitempty"`            // 64; network → wallet
	PSPID                 string   `json:"pspId,omitempty"`                 // 64; network → wallet
	AuthClientID          string   `json:"authClientId"`                    // required, 64
	AuthClientName        string   `json:"authClientName"`                  // required, 256
	AuthClientDisplayName string   `json:"authClientDisplayName,omitempty"` // 64
	AuthClientLogo        string   `json:"authClientLogo,omitempty"`        // 2048
	ReferenceMerchantID   string   `json:"referenceMerchantId,omitempty"`   // 64
	ReferenceAgreementID  string   `json:"referenceAgreementId,omitempty"`  // 64
	AuthRedirectURL       string   `json:"authRedirectUrl"`                 // required, 2048
	AuthNotifyURL         string   `json:"authNotifyUrl,omitempty"`         // 2048
	AuthState             string   `json:"authState,omitempty"`             // 256
	Scopes                []string `json:"scopes,omitempty"`
	Env                   *Env     `json:"env,omitempty"`
	PassThrough           string   `json:"passThroughInfo,omitempty"` // 20000
}

func (r *PrepareRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.AuthClientID = o.id("authClientId", must)
	r.AuthClientName = o.text("authClientName", 256, must)
	r.AuthClientDisplayName = o.text("authClientDisplayName", 64, may)
	r.AuthClientLogo = o.text("authClientLogo", urlMax, may)
	r.ReferenceMerchantID = o.id("referenceMerchantId", may)
	r.ReferenceAgreementID = o.id("referenceAgreementId", may)
	r.AuthRedirectURL = o.text("authRedirectUrl", urlMax, must)
	r.AuthNotifyURL = o.text("authNotifyUrl", urlMax, may)
	r.AuthState = o.text("authState", 256, may)
	r.Scopes = o.texts("scopes", 64)
	r.Env = one[Env](o, "env", may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}

// PrepareResponse answers a PrepareRequest. The user is sent to one of the addresses.
type PrepareResponse struct {
	Result        Result `json:"result"`
	AuthURL       string `json:"authUrl,omitempty"`    // 2048
	SchemeURL     string `json:"schemeUrl,omitempty"`  // 2048
	ApplinkURL    string `json:"applinkUrl,omitempty"` // 2048
	NormalURL     string `json:"normalUrl,omitempty"`  // 2048
	AppIdentifier string `json:"appIdentifier,omitempty"`
	PassThrough   string `json:"passThroughInfo,omitempty"` // 20000
}

func (r *PrepareResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.AuthURL = o.text("authUrl", urlMax, may)
	r.SchemeURL = o.text("schemeUrl", urlMax, may)
	r.ApplinkURL = o.text("applinkUrl", urlMax, may)
	r.NormalURL = o.text("normalUrl", urlMax, may)
	r.AppIdentifier = o.text("appIdentifier", 128, may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}

// What a token is asked for with.
const (
	GrantCode    = "AUTHORIZATION_CODE"
	GrantRefresh = "REFRESH_TOKEN"
)

// ApplyTokenRequest asks for an access token, by the code that the user's browser brought back, or
// by the refresh token of one that ends. It goes to …/applyToken.
type ApplyTokenRequest struct {
	AcquirerID   string `json:"acquirerId,omitempty"`      // 64; network → wallet
	PSPID        string `json:"pspId,omitempty"`           // 64; network → wallet
	AuthClientID string `json:"authClientId"`              // required, 64; as it was prepared
	GrantType    string `json:"grantType"`                 // required
	AuthCode     string `json:"authCode,omitempty"`        // 128; with AUTHORIZATION_CODE
	RefreshToken string `json:"refreshToken,omitempty"`    // 128; with REFRESH_TOKEN
	PassThrough  string `json:"passThroughInfo,omitempty"` // 20000
}

func (r *ApplyTokenRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.AuthClientID = o.id("authClientId", must)
	r.GrantType = o.text("grantType", 32, must)
	r.AuthCode = o.text("authCode", tokenMax, may)
	r.RefreshToken = o.text("refreshToken", tokenMax, may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
	switch r.GrantType {
	case GrantCode:
		o.need("authCode", r.AuthCode)
	case GrantRefresh:
		o.need("refreshToken", r.RefreshToken)
	case "":
	default:
		o.fail("grantType", "is none of the known ones")
	}
}

// Token is a standing consent in its two parts: what is paid with, and what renews it.
type Token struct {
	AccessToken       string `json:"accessToken,omitempty"` // 128
	AccessExpiryTime  string `json:"accessTokenExpiryTime,omitempty"`
	RefreshToken      string `json:"refreshToken,omitempty"` // 128
	RefreshExpiryTime string `json:"refreshTokenExpiryTime,omitempty"`
}

// read reads tokens whole or not at all: half of a token pays nothing.
func (r *Token) read(o *object) {
	r.AccessToken = o.token("accessToken")
	r.AccessExpiryTime = o.time("accessTokenExpiryTime", may)
	r.RefreshToken = o.token("refreshToken")
	r.RefreshExpiryTime = o.time("refreshTokenExpiryTime", may)
}

// token reads a token that may be absent. One that is too long is wrong in an answer too.
func (o *object) token(name string) string {
	s := o.text(name, 0, may)
	if len(s) > tokenMax {
		o.fail(name, "is longer than %d characters", tokenMax)
		return ""
	}
	return s
}

// ApplyTokenResponse answers an ApplyTokenRequest.
type ApplyTokenResponse struct {
	Result Result `json:"result"`
	Token
	PSPID       string   `json:"pspId,omitempty"`      // 64
	CustomerID  string   `json:"customerId,omitempty"` // 64
	Scopes      []string `json:"scopes,omitempty"`
	PassThrough string   `json:"passThroughInfo,omitempty"` // 20000
}

func (r *ApplyTokenResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Token.read(o)
	r.PSPID = o.id("pspId", may)
	r.CustomerID = o.id("customerId", may)
	r.Scopes = o.texts("scopes", 64)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}

// CancelTokenRequest revokes an access token; it is answered by an Ack. It goes to
// …/cancelToken and is idempotent on the token.
type CancelTokenRequest struct {
	AcquirerID   string `json:"acquirerId,omitempty"`      // 64; network → wallet
	PSPID        string `json:"pspId,omitempty"`           // 64; network → wallet
	AccessToken  string `json:"accessToken"`               // required, 128
	AuthClientID string `json:"authClientId,omitempty"`    // 64; acquirer → network
	PassThrough  string `json:"passThroughInfo,omitempty"` // 20000
}

func (r *CancelTokenRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.AccessToken = o.text("accessToken", tokenMax, must)
	r.AuthClientID = o.id("authClientId", may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}

// What an AuthNotice tells of, in the protocol's spelling.
const (
	NoticeCodeCreated  = "AUTHCODE_CREATED"
	NoticeTokenCreated = "TOKEN_CREATED"
	NoticeTokenRevoked = "TOKEN_CANCELED"
)

// AuthNotice tells that a consent was given or ended; it is answered by an Ack. A wallet sends it
// to …/authNotify, and the network to the acquirer.
type AuthNotice struct {
	Type                 string `json:"authorizationNotifyType"`        // required
	AcquirerID           string `json:"acquirerId,omitempty"`           // 64
	PSPID                string `json:"pspId,omitempty"`                // 64
	AuthClientID         string `json:"authClientId"`                   // required, 64
	ReferenceAgreementID string `json:"referenceAgreementId,omitempty"` // 64
	AuthCode             string `json:"authCode,omitempty"`             // 128
	AuthState            string `json:"authState,omitempty"`            // 256
	Token
	CustomerID  string   `json:"customerId,omitempty"` // 64
	Scopes      []string `json:"scopes,omitempty"`
	Reason      string   `json:"reason,omitempty"`          // 256
	PassThrough string   `json:"passThroughInfo,omitempty"` // 20000
}

func (r *AuthNotice) read(o *object) {
	r.Type = o.text("authorizationNotifyType", 32, must)
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.AuthClientID = o.id("authClientId", must)
	r.ReferenceAgreementID = o.id("referenceAgreementId", may)
	r.AuthCode = o.text("authCode", tokenMax, may)
	r.AuthState = o.text("authState", 256, may)
	r.Token.read(o)
	r.CustomerID = o.id("customerId", may)
	r.Scopes = o.texts("scopes", 64)
	r.Reason = o.text("reason", 256, may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
	switch r.Type {
	case NoticeCodeCreated:
		o.need("authCode", r.AuthCode)
	case NoticeTokenCreated, NoticeTokenRevoked:
		o.need("accessToken", r.AccessToken)
	case "":
	default:
		o.fail("authorizationNotifyType", "is none of the known ones")
	}
}

// UnbindingRequest asks whether a consent may be ended from the wallet's side. A wallet sends it
// to …/consultUnbinding, and the network to the acquirer.
type UnbindingRequest struct {
	AcquirerID          string `json:"acquirerId"`                    // required, 64
	PSPID               string `json:"pspId"`                         // required, 64
	AuthClientID        string `json:"authClientId"`                  // required, 64
	ReferenceMerchantID string `json:"referenceMerchantId,omitempty"` // 64; network → acquirer
	AccessToken         string `json:"accessToken"`                   // required, 128
}

func (r *UnbindingRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", must)
	r.PSPID = o.id("pspId", must)
	r.AuthClientID = o.id("authClientId", must)
	r.ReferenceMerchantID = o.id("referenceMerchantId", may)
	r.AccessToken = o.text("accessToken", tokenMax, must)
}

// UnbindingResponse answers an UnbindingRequest.
type UnbindingResponse struct {
	Result Result `json:"result"`
	Allow  string `json:"allowUnbinding,omitempty"` // flag
}

func (r *UnbindingResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Allow = o.flag("allowUnbinding")
}

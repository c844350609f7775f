package payment

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/web"
	"watari/pay/party"
)

type consentInput struct {
	web.Idempotent
	Body struct {
		StoreID     string `json:"store_id" minLength:"1" maxLength:"64"`
		MerchantID  string `json:"merchant_id,omitempty" maxLength:"64"`
		WalletID    string `json:"wallet_id" minLength:"1" maxLength:"64"`
		Description string `json:"description" minLength:"1" maxLength:"256" doc:"What the charges will be for; shown to the payer."`
		ReturnURL   string `json:"return_url" minLength:"1" maxLength:"1024" doc:"Where the payer goes when the question is answered; consent_id is added."`
	}
}

// ConsentResource is a consent as /v1 shows it.
type ConsentResource struct {
	ID          string        `json:"id"`
	RequestID   string        `json:"request_id"`
	State       ConsentState  `json:"state" enum:"asked,active,declined,revoked"`
	WalletID    string        `json:"wallet_id"`
	Description string        `json:"description"`
	Form        *FormResource `json:"form,omitempty" doc:"How the payer gets to the question, while it is asked."`
	CreatedAt   time.Time     `json:"created_at"`
	ConcludedAt *time.Time    `json:"concluded_at,omitempty"`
	ExpiresAt   *time.Time    `json:"expires_at,omitempty"`
}

type consentOutput struct{ Body ConsentResource }

var consentFaults = []*fault.Problem{ErrRequestID, ErrInconsistent, ErrWay, ErrWalletClosed,
	ErrDeclined, ErrReturn, ErrBusy, party.ErrMerchantUnknown, party.ErrStoreUnknown,
	party.ErrParticipantUnknown, party.ErrWalletUnknown, party.ErrAcquirerNotOpen,
	party.ErrMerchantNotOpen, party.ErrStoreNotOpen}

// registerConsents adds the operations on consents.
func (s *Service) registerConsents(w *web.Server) {
	tags, roles := []string{"Consents"}, []access.Role{access.Acquirer}
	web.Register(w, web.Op{ID: "create-consent", Method: http.MethodPost, Path: "/v1/consents",
		Summary: "Ask a payer to allow later charges", Tags: tags, Roles: roles,
		Status: http.StatusCreated, Faults: consentFaults,
		Description: "Send the payer to form. When the consent is active, create-payment takes " +
			"consent_id instead of code, and the payer is not asked again."}, placed(s.apiConsent))
	web.Register(w, web.Op{ID: "read-consent", Method: http.MethodGet,
		Path: "/v1/consents/{id}", Summary: "Read a consent", Tags: tags, Roles: roles,
		Faults: []*fault.Problem{ErrConsentUnknown}}, s.apiReadConsent)
	web.Register(w, web.Op{ID: "revoke-consent", Method: http.MethodPost,
		Path: "/v1/consents/{id}/revoke", Summary: "End a consent", Tags: tags, Roles: roles,
		Faults: []*fault.Problem{ErrConsentUnknown, ErrBusy}}, s.apiRevoke)
	w.Page("GET "+consentPath+"{token}", s.consentReturned)
}

// consentPath is where wallets send a payer who has answered the question of a consent.
const consentPath = "/c/"

// consentReturned takes a payer's browser back from a wallet and sends it on to the shop. Some
// wallets tell their answer only here, in what the browser brings along.
func (s *Service) consentReturned(w http.ResponseWriter, r *http.Request) error {
	returned := map[string]string{}
	for name, values := range r.URL.Query() {
		if len(values) == 1 {
			returned[name] = values[0]
		}
	}
	c, err := s.ConsentByToken(r.Context(), r.PathValue("token"), returned)
	if err != nil {
		return err
	}
	shop, err := url.Parse(c.ReturnURL)
	if err != nil {
		return fmt.Errorf("read the shop's address of %s: %w", c.ID, err)
	}
	q := shop.Query()
	q.Set("consent_id", c.ID)
	shop.RawQuery = q.Encode()
	http.Redirect(w, r, shop.String(), http.StatusSeeOther)
	return nil
}

func (s *Service) apiConsent(ctx context.Context, in *consentInput) (*consentOutput, error) {
	b := in.Body
	if err := checkReturn(b.ReturnURL); err != nil {
		return nil, err
	}
	c, err := s.AskConsent(ctx, NewConsent{Origin: origin(ctx, in.Key(),
		Field{"store_id", b.StoreID}, Field{"merchant_id", b.MerchantID},
		Field{"wallet_id", b.WalletID}, Field{"description", b.Description},
		Field{"return_url", b.ReturnURL}), MerchantID: b.MerchantID, StoreID: b.StoreID,
		WalletID: b.WalletID, Description: b.Description, ReturnURL: b.ReturnURL})
	return s.showConsent(ctx, c, err)
}

func (s *Service) apiReadConsent(ctx context.Context, in *paymentPath) (*consentOutput, error) {
	caller, _ := access.FromContext(ctx)
	c, err := s.Consent(ctx, caller.ParticipantNo, in.ID, nil)
	return s.showConsent(ctx, c, err)
}

func (s *Service) apiRevoke(ctx context.Context, in *paymentPath) (*consentOutput, error) {
	c, err := s.RevokeConsent(ctx, origin(ctx, ""), in.ID)
	return s.showConsent(ctx, c, err)
}

func (s *Service) showConsent(
	ctx context.Context, c *Consent, err error,
) (*consentOutput, error) {
	if err != nil {
		return nil, err
	}
	w, err := s.directory.Participant(ctx, c.IssuerNo)
	if err != nil {
		return nil, err
	}
	r := ConsentResource{ID: c.ID, RequestID: c.RequestID, State: c.State, WalletID: w.ID,
		Description: c.Description, CreatedAt: c.Created, ConcludedAt: orNil(c.Concluded),
		ExpiresAt: orNil(c.Expires)}
	if f := c.Form; f != nil && c.State == ConsentAsked {
		r.Form = &FormResource{WalletID: w.ID, CodeText: f.CodeText, PageURL: f.PageURL,
			AppURL: f.AppURL, Params: f.Params, ExpiresAt: orNil(f.Expires)}
	}
	return &consentOutput{r}, nil
}

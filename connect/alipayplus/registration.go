package alipayplus

import (
	"context"

	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
)

// The addresses at which acquirers register merchants.
const (
	PathRegistration        = "/aps/api/v1/merchants/registration"
	PathRegistrationInquiry = "/aps/api/v1/merchants/inquiryRegistrationStatus"
)

// Registrar takes merchants in that acquirers register by protocol.
type Registrar interface {
	// Register takes a registration. A repeat of its RequestID changes nothing. Its faults are
	// told: registration-under-review, application-invalid.
	Register(ctx context.Context, r Registration) error
	// Registered finds a registration by its request, or by merchant and perhaps store. A
	// registration that nobody made is the fault registration-unknown.
	Registered(ctx context.Context, acquirerNo int64, requestID, merchantID, storeID string) (
		RegistrationState, error)
}

// Registration is a merchant, and perhaps a store, as a message describes them.
type Registration struct {
	AcquirerNo            int64
	Actor                 string
	RequestID, NotifyURL  string
	MerchantID, Name      string
	LegalName, RegisterNo string
	MCC, Website          string
	Place                 RegistrationPlace
	StoreID, StoreName    string // StoreID is "" when only the merchant is registered
	StoreMCC, TerminalID  string
	StorePlace            RegistrationPlace
}

// RegistrationPlace is an address in Japan, as far as a message tells it.
type RegistrationPlace struct {
	PostalCode, Prefecture, City, Line string
}

// Decision is what became of a registration.
type Decision string

// The decisions.
const (
	Waiting  Decision = "waiting" // somebody has to look at it
	Accepted Decision = "accepted"
	Rejected Decision = "rejected"
)

// RegistrationState is how a registration stands.
type RegistrationState struct {
	AcquirerNo          int64
	RequestID           string
	MerchantID, StoreID string
	NotifyURL           string
	Decision            Decision
	Wallets             []string // those that take the merchant's payments, or would
}

// register takes a merchant or a store in. The answer says only that it was taken.
func (s *Server) register(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.RegistrationRequest
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	if s.registrar == nil {
		return nil, &refusal{wire.CodeBusiness, "registrar", "", nil}
	}
	if req.NotifyURL != "" && !call.IsHTTP(req.NotifyURL) {
		return nil, illegal("registrationNotifyUrl", "is not an http or https address")
	}
	r, refused := registrationOf(&req)
	if refused != nil {
		return nil, refused
	}
	r.AcquirerNo, r.Actor = x.from.No, "aps:"+x.from.ID
	if err := s.registrar.Register(ctx, r); err != nil {
		return nil, refusedBy(err)
	}
	return &wire.Ack{Result: wire.ResultOf(wire.CodeSuccess)}, nil
}

// registrationOf puts a message into the core's words.
func registrationOf(req *wire.RegistrationRequest) (Registration, *refusal) {
	m := req.MerchantInfo
	r := Registration{RequestID: req.RegistrationRequestID, NotifyURL: req.NotifyURL,
		MerchantID: m.ReferenceMerchantID, Name: m.DisplayName, MCC: m.MCC,
		Place: addressOf(m.Address)}
	if len(m.Websites) > 0 {
		r.Website = m.Websites[0].URL
	}
	if m.Detail != nil {
		r.LegalName, r.RegisterNo = m.Detail.LegalName, m.Detail.No
		if (r.Place == RegistrationPlace{}) {
			r.Place = addressOf(m.Detail.Address)
		}
	}
	if st := req.StoreInfo; st != nil {
		r.StoreID, r.StoreMCC, r.TerminalID = st.ReferenceStoreID, st.MCC, st.TerminalID
		r.StoreName, r.StorePlace = st.DisplayName, addressOf(st.Address)
		if r.StoreName == "" {
			r.StoreName = st.Name
		}
	}
	for _, name := range []string{r.LegalName, r.StoreName} {
		if r.Name == "" {
			r.Name = name
		}
	}
	if r.Name == "" {
		return r, illegal("merchantInfo.merchantDisplayName", "is missing")
	}
	return r, nil
}

func addressOf(a *wire.Address) RegistrationPlace {
	if a == nil {
		return RegistrationPlace{}
	}
	return RegistrationPlace{PostalCode: a.ZIPCode, Prefecture: prefectureOf(a), City: a.City,
		Line: a.Address1}
}

// inquireRegistration tells how a registration stands.
func (s *Server) inquireRegistration(ctx context.Context, x *exchange) (wire.Message, *refusal) {
	var req wire.RegistrationInquiry
	if refused := x.decode(&req); refused != nil {
		return nil, refused
	}
	if s.registrar == nil {
		return nil, &refusal{wire.CodeBusiness, "registrar", "", nil}
	}
	st, err := s.registrar.Registered(ctx, x.from.No, req.RegistrationRequestID,
		req.ReferenceMerchantID, req.ReferenceStoreID)
	if err != nil {
		return nil, refusedBy(err)
	}
	whole, wallets := st.results()
	return &wire.RegistrationAnswer{Result: wire.ResultOf(wire.CodeSuccess), Whole: &whole,
		Wallets: wallets}, nil
}

// results are what a registration's state is in the protocol's words.
func (st RegistrationState) results() (wire.RegistrationResult, []wire.WalletRegistration) {
	whole, each := wire.RegistrationCompleted, wire.RegistrationApproved
	switch st.Decision {
	case Accepted:
	case Rejected:
		each = wire.RegistrationRejected
	case Waiting:
		whole, each = wire.RegistrationPending, wire.RegistrationPending
	default:
		check.That(false, "alipayplus: no decision %q", st.Decision)
	}
	all := make([]wire.WalletRegistration, len(st.Wallets))
	for i, name := range st.Wallets {
		all[i] = wire.WalletRegistration{PSPName: name,
			Result: wire.RegistrationResult{Status: each}}
	}
	return wire.RegistrationResult{Status: whole}, all
}

// BuildRegistration makes the notice of a registration that is decided.
//
// Errors: ErrNotFinal; those of Directory.Participant.
func (n *Notifier) BuildRegistration(ctx context.Context, st RegistrationState) (Notice, error) {
	if st.Decision == Waiting {
		return Notice{}, ErrNotFinal
	}
	acquirer, err := n.participant(ctx, st.AcquirerNo)
	if err != nil {
		return Notice{}, err
	}
	m := &wire.RegistrationNotice{RegistrationRequestID: st.RequestID,
		ReferenceMerchantID: st.MerchantID, ReferenceStoreID: st.StoreID}
	m.Whole, m.Wallets = st.results()
	client := n.clientID
	if client == "" {
		client = acquirer.ClientID
	}
	return Notice{AcquirerNo: st.AcquirerNo, ClientID: client, URL: st.NotifyURL,
		Body: wire.Encode(m)}, nil
}

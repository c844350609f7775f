package app

import (
	"context"
	"crypto/x509"
	"net/http"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/party"
)

// ErrAgreed says that there is an agreement already. Changing its terms is for two people.
var ErrAgreed = fault.Define("agreement-exists", fault.Conflict,
	"There is an agreement in this role and currency")

// ErrKeyed says that the participant has a key already. Further ones are for two people, or for
// the participant itself.
var ErrKeyed = fault.Define("participant-has-key", fault.Conflict,
	"The participant has a key already")

// registerJoining adds the operations by which an operator lets banks and wallets join.
func registerJoining(w *web.Server, n *node) {
	tags, operator := []string{"Participants"}, []access.Role{access.Operator}
	web.Register(w, web.Op{ID: "create-participant", Method: http.MethodPost,
		Path: "/v1/participants", Summary: "Let a bank or a wallet operator join",
		Description: "It can do nothing before it has an agreement.", Tags: tags,
		Roles: operator, Status: http.StatusCreated,
		Faults: []*fault.Problem{party.ErrInvalid, party.ErrTaken}}, n.apiJoin)
	web.Register(w, web.Op{ID: "create-agreement", Method: http.MethodPost,
		Path:    "/v1/participants/{participant_id}/agreements",
		Summary: "Agree on a role, a currency and the terms", Tags: tags, Roles: operator,
		Status: http.StatusCreated, Faults: []*fault.Problem{party.ErrParticipantUnknown,
			party.ErrInvalid, ErrAgreed}}, n.apiAgree)
	web.Register(w, web.Op{ID: "create-participant-key", Method: http.MethodPost,
		Path:    "/v1/participants/{participant_id}/keys",
		Summary: "Add the first public key of a participant's messages", Tags: tags,
		Roles: operator, Status: http.StatusCreated, Faults: []*fault.Problem{
			party.ErrParticipantUnknown, party.ErrInvalid, ErrKeyed}}, n.apiJoinKey)
	web.Register(w, web.Op{ID: "create-api-key", Method: http.MethodPost,
		Path:    "/v1/participants/{participant_id}/api-keys",
		Summary: "Make an API key for an acquirer; it is shown once", Tags: tags,
		Roles: operator, Status: http.StatusCreated,
		Faults: []*fault.Problem{party.ErrParticipantUnknown}}, n.apiJoinSecret)
	web.Register(w, web.Op{ID: "read-network", Method: http.MethodGet, Path: "/v1/network",
		Summary: "Read how the network names itself and signs", Tags: tags,
		Roles: []access.Role{access.Operator, access.Acquirer}}, n.apiNetwork)
}

type joinInput struct {
	Body struct {
		ID        string `json:"id" minLength:"1" maxLength:"64" doc:"As the protocol names it."`
		Name      string `json:"name" minLength:"1" maxLength:"100" doc:"Shown to people."`
		ClientID  string `json:"client_id,omitempty" maxLength:"64" doc:"As it names itself in signed messages."`
		Connector string `json:"connector,omitempty" maxLength:"32" doc:"Wallets: the protocol, for example alipayplus."`
		BaseURL   string `json:"base_url,omitempty" maxLength:"300" doc:"Wallets: where it is called; no slash at the end."`
		CodeGroup string `json:"code_group,omitempty" maxLength:"32" doc:"Wallets: whose codes it pays, for example alipay."`
		OwnCodes  bool   `json:"own_codes,omitempty" doc:"Wallets: its codes are issued by the network."`
		OnSight   bool   `json:"on_sight,omitempty" doc:"Banks: may bring unknown merchants in messages."`
	}
}

type joinOutput struct{ Body joined }

type joined struct {
	ID string `json:"id"`
}

func (n *node) apiJoin(ctx context.Context, in *joinInput) (*joinOutput, error) {
	b := in.Body
	err := n.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := n.registry.AddParticipant(ctx, tx, actorOf(ctx), party.Participant{ID: b.ID,
			Name: b.Name, ClientID: b.ClientID, Connector: b.Connector, BaseURL: b.BaseURL,
			CodeGroup: b.CodeGroup, OwnCodes: b.OwnCodes, OnSight: b.OnSight})
		return err
	})
	return &joinOutput{joined{b.ID}}, err
}

func actorOf(ctx context.Context) string {
	c, _ := access.FromContext(ctx)
	return c.Actor
}

// nameOf is whom the caller counts as where two people are needed.
func nameOf(ctx context.Context) string {
	c, _ := access.FromContext(ctx)
	return c.Name()
}

type agreeInput struct {
	ParticipantID string `path:"participant_id" maxLength:"64"`
	Body          terms
}

type terms struct {
	Role           party.Role     `json:"role" enum:"acquirer,issuer"`
	Currency       money.Currency `json:"currency" doc:"What is settled in."`
	Zone           string         `json:"zone" maxLength:"64" doc:"IANA name, of the clearing day."`
	CutOffMin      int            `json:"cut_off_min,omitempty" minimum:"0" maximum:"1439" doc:"When the clearing day ends, minutes after midnight; 0 is midnight."`
	SpreadPPM      int64          `json:"spread_ppm,omitempty" minimum:"0" maximum:"1000000" doc:"Wallets: added to the mid rate."`
	InterchangePPM int64          `json:"interchange_ppm,omitempty" minimum:"0" maximum:"1000000" doc:"Wallets: paid by the bank to the wallet."`
	SchemePPM      int64          `json:"scheme_ppm,omitempty" minimum:"0" maximum:"1000000" doc:"Wallets: paid by the bank to the network."`
	CapMinor       *int64         `json:"cap_minor,omitempty" doc:"The most it may owe unsettled."`
	PerPaymentMax  *int64         `json:"per_payment_max_minor,omitempty" doc:"Wallets: yen a payment."`
	PerDayMax      *int64         `json:"per_day_max_minor,omitempty" doc:"Wallets: yen a day."`
}

type agreeOutput struct{ Body agreed }

type agreed struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

func (n *node) apiAgree(ctx context.Context, in *agreeInput) (*agreeOutput, error) {
	p, err := n.directory.ByID(ctx, in.ParticipantID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	if _, err := n.directory.Agreement(ctx, p.No, b.Role, b.Currency); err == nil {
		return nil, ErrAgreed.Newf("%s has one as %s in %s; new terms are for two people: "+
			"propose them under /v1/change-requests/agreements", p.ID, b.Role, b.Currency)
	}
	var a party.Agreement
	err = n.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = n.registry.AddAgreement(ctx, tx, actorOf(ctx), party.Agreement{
			ParticipantNo: p.No, Role: b.Role, Currency: b.Currency, Zone: b.Zone,
			CutOffMin: b.CutOffMin, SpreadPPM: b.SpreadPPM, InterchangePPM: b.InterchangePPM,
			SchemePPM: b.SchemePPM, CapMinor: b.CapMinor, PerPaymentMaxMinor: b.PerPaymentMax,
			PerDayMaxMinor: b.PerDayMax})
		return err
	})
	return &agreeOutput{agreed{a.ID, a.Version}}, err
}

type joinKeyInput struct {
	ParticipantID string `path:"participant_id" maxLength:"64"`
	Body          struct {
		Version   int    `json:"version" minimum:"0" maximum:"999999" doc:"As its messages name it."`
		PublicKey []byte `json:"public_key" doc:"Base64 of SubjectPublicKeyInfo in DER: RSA, 2048 bits."`
	}
}

func (n *node) apiJoinKey(ctx context.Context, in *joinKeyInput) (*joinOutput, error) {
	p, err := n.directory.ByID(ctx, in.ParticipantID)
	if err != nil {
		return nil, err
	}
	has, err := n.directory.KeysOf(ctx, p.No)
	switch {
	case err != nil:
		return nil, err
	case len(has) > 0:
		return nil, ErrKeyed.Newf("%s has keys; further ones are for two people: propose them "+
			"under /v1/change-requests/keys", p.ID)
	}
	err = n.registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return n.registry.AddKey(ctx, tx, actorOf(ctx), party.Key{ParticipantNo: p.No,
			Version: in.Body.Version, PublicDER: in.Body.PublicKey})
	})
	return &joinOutput{joined{p.ID}}, err
}

type secretInput struct {
	ParticipantID string `path:"participant_id" maxLength:"64"`
	Body          struct {
		Label string `json:"label" minLength:"1" maxLength:"100" doc:"A name for people."`
	}
}

type secretOutput struct {
	Body struct {
		APIKey string `json:"api_key" doc:"Shown this once; only its hash is kept."`
	}
}

func (n *node) apiJoinSecret(ctx context.Context, in *secretInput) (*secretOutput, error) {
	p, err := n.directory.ByID(ctx, in.ParticipantID)
	if err != nil {
		return nil, err
	}
	out := &secretOutput{}
	err = n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		secret, key, err := n.keys.Make(ctx, tx, access.Grant{Role: access.Acquirer,
			ParticipantNo: p.No, Label: in.Body.Label, Behind: nameOf(ctx)}, actorOf(ctx))
		if err != nil {
			return err
		}
		out.Body.APIKey = secret
		return n.people.NoteMade(ctx, tx, key)
	})
	n.log.Wake()
	return out, err
}

type networkOutput struct{ Body networkItem }

type networkItem struct {
	ClientID string       `json:"client_id" doc:"As the network names itself in signed messages."`
	Keys     []signingKey `json:"keys" nullable:"false"`
}

type signingKey struct {
	Version   int    `json:"version"`
	PublicKey []byte `json:"public_key" doc:"Base64 of SubjectPublicKeyInfo in DER."`
	Current   bool   `json:"current" doc:"Signs new messages."`
}

func (n *node) apiNetwork(_ context.Context, _ *struct{}) (*networkOutput, error) {
	out := &networkOutput{networkItem{ClientID: clientID, Keys: []signingKey{}}}
	current, err := n.signers.Current(clock.Now())
	if err != nil {
		return nil, err
	}
	for _, v := range n.signers.Versions() {
		s, err := n.signers.Version(v)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKIXPublicKey(s.Public())
		if err != nil {
			return nil, err
		}
		out.Body.Keys = append(out.Body.Keys, signingKey{v, der, v == current.Version()})
	}
	return out, nil
}

package party

import (
	"context"
	"net/http"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/kit/web"
)

// ChangeFaults are the problems that approving a change of a participant reports, beside those of
// kit/foureyes.
func ChangeFaults() []*fault.Problem {
	return []*fault.Problem{ErrParticipantUnknown, ErrInvalid, ErrTaken, ErrKeyVersionUnknown}
}

// registerChanges adds the operations that propose what two people decide (R11).
func (a *API) registerChanges(w *web.Server) {
	tags := []string{"Changes"}
	const second = " Nothing changes before a second person approves it."
	web.Register(w, web.Op{ID: "propose-agreement", Method: http.MethodPost,
		Path: "/v1/change-requests/agreements", Tags: tags, Roles: operator,
		Summary: "Propose other terms of an agreement", Status: http.StatusCreated,
		Description: "Fees, limits, caps, clearing day: the next version of the agreement. " +
			"Takes all terms: what the body leaves out is gone. Payments that were made keep " +
			"theirs." + second,
		Faults: []*fault.Problem{ErrParticipantUnknown, ErrAgreementUnknown, ErrInvalid}},
		a.proposeAgreement)
	web.Register(w, web.Op{ID: "propose-key", Method: http.MethodPost,
		Path: "/v1/change-requests/keys", Tags: tags, Roles: operator,
		Summary: "Propose a participant's next public key, or the end of one",
		Status:  http.StatusCreated, Description: "Compare the fingerprint with the " +
			"participant by another way before you approve it." + second,
		Faults: []*fault.Problem{ErrParticipantUnknown, ErrInvalid, ErrTaken,
			ErrKeyVersionUnknown}}, a.proposeKey)
	web.Register(w, web.Op{ID: "propose-participant", Method: http.MethodPost,
		Path: "/v1/change-requests/participants", Tags: tags, Roles: operator,
		Summary: "Propose another name, address or permission of a participant",
		Status:  http.StatusCreated, Description: "Takes all terms: what the body leaves out " +
			"is gone." + second,
		Faults: []*fault.Problem{ErrParticipantUnknown, ErrInvalid}}, a.proposeParticipant)
}

type changeOutput struct{ Body foureyes.Resource }

type proposeAgreementInput struct{ Body agreementProposal }

type agreementProposal struct {
	ParticipantID      string         `json:"participant_id" minLength:"1" maxLength:"64"`
	Note               string         `json:"note,omitempty" maxLength:"300" doc:"Why, for whoever decides."`
	Role               Role           `json:"role" enum:"acquirer,issuer"`
	Currency           money.Currency `json:"currency" doc:"What is settled in."`
	Zone               string         `json:"zone" maxLength:"64" doc:"IANA name, of the clearing day."`
	CutOffMin          int            `json:"cut_off_min,omitempty" minimum:"0" maximum:"1439" doc:"When the clearing day ends, minutes after midnight; 0 is midnight."`
	SpreadPPM          int64          `json:"spread_ppm,omitempty" minimum:"0" maximum:"1000000" doc:"Wallets: added to the mid rate."`
	InterchangePPM     int64          `json:"interchange_ppm,omitempty" minimum:"0" maximum:"1000000" doc:"Wallets: paid by the bank to the wallet."`
	SchemePPM          int64          `json:"scheme_ppm,omitempty" minimum:"0" maximum:"1000000" doc:"Wallets: paid by the bank to the network."`
	CapMinor           *int64         `json:"cap_minor,omitempty" doc:"The most it may owe unsettled."`
	PerPaymentMaxMinor *int64         `json:"per_payment_max_minor,omitempty" doc:"Wallets: yen a payment."`
	PerDayMaxMinor     *int64         `json:"per_day_max_minor,omitempty" doc:"Wallets: yen a day."`
	From               time.Time      `json:"from,omitempty" doc:"Valid from; when it is approved, when it is left out. A cap where there was none is in force at once."`
}

func (a *API) proposeAgreement(
	ctx context.Context, in *proposeAgreementInput,
) (*changeOutput, error) {
	b := in.Body
	return a.propose(ctx, b.ParticipantID, func(
		ctx context.Context, tx *db.Tx, by foureyes.Person, no int64,
	) (foureyes.Request, error) {
		return a.Registry.ProposeAgreement(ctx, tx, by, Agreement{ParticipantNo: no,
			Role: b.Role, Currency: b.Currency, Zone: b.Zone, CutOffMin: b.CutOffMin,
			SpreadPPM: b.SpreadPPM, InterchangePPM: b.InterchangePPM, SchemePPM: b.SchemePPM,
			CapMinor: b.CapMinor, PerPaymentMaxMinor: b.PerPaymentMaxMinor,
			PerDayMaxMinor: b.PerDayMaxMinor, FromUS: micros(b.From)}, b.Note)
	})
}

type proposeKeyInput struct {
	Body struct {
		ParticipantID string    `json:"participant_id" minLength:"1" maxLength:"64"`
		Note          string    `json:"note,omitempty" maxLength:"300" doc:"Why, for whoever decides."`
		Action        keyAction `json:"action" enum:"add,retire"`
		Version       int       `json:"version" minimum:"0" maximum:"999999" doc:"As its messages name it."`
		PublicKey     []byte    `json:"public_key,omitempty" doc:"To add: base64 of SubjectPublicKeyInfo in DER: RSA, 2048 bits."`
		From          time.Time `json:"from,omitempty" doc:"Valid from; when it is approved, when it is left out."`
		Until         time.Time `json:"until,omitempty" doc:"Valid to before; open when it is left out."`
	}
}

func (a *API) proposeKey(ctx context.Context, in *proposeKeyInput) (*changeOutput, error) {
	b := in.Body
	return a.propose(ctx, b.ParticipantID, func(
		ctx context.Context, tx *db.Tx, by foureyes.Person, no int64,
	) (foureyes.Request, error) {
		if b.Action == keyRetire {
			return a.Registry.ProposeRetire(ctx, tx, by, no, b.Version, b.Note)
		}
		return a.Registry.ProposeKey(ctx, tx, by, Key{ParticipantNo: no, Version: b.Version,
			PublicDER: b.PublicKey, From: b.From, Until: b.Until}, b.Note)
	})
}

type proposeParticipantInput struct {
	Body struct {
		ParticipantID string `json:"participant_id" minLength:"1" maxLength:"64"`
		Note          string `json:"note,omitempty" maxLength:"300" doc:"Why, for whoever decides."`
		Name          string `json:"name" minLength:"1" maxLength:"100" doc:"Shown to people."`
		BaseURL       string `json:"base_url,omitempty" maxLength:"300" doc:"Wallets: where it is called; no slash at the end."`
		OwnCodes      bool   `json:"own_codes,omitempty" doc:"Wallets: its codes are issued by the network."`
		OnSight       bool   `json:"on_sight,omitempty" doc:"Banks: may bring unknown merchants in messages."`
	}
}

func (a *API) proposeParticipant(
	ctx context.Context, in *proposeParticipantInput,
) (*changeOutput, error) {
	b := in.Body
	return a.propose(ctx, b.ParticipantID, func(
		ctx context.Context, tx *db.Tx, by foureyes.Person, no int64,
	) (foureyes.Request, error) {
		return a.Registry.ProposeParticipant(ctx, tx, by, no, ParticipantTerms{Name: b.Name,
			BaseURL: b.BaseURL, OwnCodes: b.OwnCodes, OnSight: b.OnSight}, b.Note)
	})
}

// propose makes a request about a participant and shows it.
func (a *API) propose(ctx context.Context, participantID string, fn func(
	ctx context.Context, tx *db.Tx, by foureyes.Person, no int64,
) (foureyes.Request, error)) (*changeOutput, error) {
	p, err := a.Directory.ByID(ctx, participantID)
	if err != nil {
		return nil, err
	}
	var r foureyes.Request
	err = a.change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = fn(ctx, tx, foureyes.Caller(ctx), p.No)
		return err
	})
	return &changeOutput{r.Resource()}, err
}

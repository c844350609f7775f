package gate

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
	"watari/visit/park"
)

// Who may do what with the gates of a park.
var (
	readers = []access.Role{access.MerchantOwner, access.MerchantManager, access.MerchantCashier,
		access.Acquirer, access.AcquirerClerk, access.AcquirerViewer, access.Operator}
	runners = []access.Role{access.MerchantOwner, access.MerchantManager}
)

var tagged = []string{"Gates"}

// Register adds the operations of gates.
func (s *Service) Register(w *web.Server) {
	unknown := []*fault.Problem{park.ErrUnknown, ErrUnknown}
	web.Register(w, web.Op{ID: "list-gates", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/gates", Summary: "List a park's gates", Tags: tagged,
		Roles: readers, Faults: unknown}, s.apiGates)
	web.Register(w, web.Op{ID: "create-gate", Method: http.MethodPost,
		Path: "/v1/parks/{park_id}/gates", Summary: "Add a gate", Tags: tagged, Roles: runners,
		Status: http.StatusCreated, Faults: append([]*fault.Problem{ErrInvalid, ErrCodeTaken,
			ErrTooMany}, unknown...)}, s.apiAddGate)
	web.Register(w, web.Op{ID: "change-gate", Method: http.MethodPut,
		Path: "/v1/parks/{park_id}/gates/{gate_id}", Summary: "Write a gate anew", Tags: tagged,
		Roles: runners, Faults: append([]*fault.Problem{ErrInvalid, ErrCodeTaken, ErrChanged},
			unknown...)}, s.apiChangeGate)
	web.Register(w, web.Op{ID: "end-gate", Method: http.MethodDelete,
		Path: "/v1/parks/{park_id}/gates/{gate_id}", Summary: "End a gate and its devices",
		Tags: tagged, Roles: runners, Faults: unknown,
		Description: "Its scans stay and its code is free."}, s.apiEndGate)
	s.registerDevices(w, unknown)
	s.registerReports(w, unknown)
}

// allowed finds a park that the caller may see; another party's is answered like none.
//
// Errors: park.ErrUnknown.
func (s *Service) allowed(ctx context.Context, parkID string) (park.Park, access.Caller, error) {
	c, _ := access.FromContext(ctx)
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return p, c, err
	}
	ok := false
	switch c.Role {
	case access.Operator:
		ok = true
	case access.Acquirer, access.AcquirerClerk, access.AcquirerViewer:
		ok = c.ParticipantNo == p.AcquirerNo
	case access.MerchantOwner, access.MerchantManager, access.MerchantCashier:
		ok = c.ParticipantNo == p.AcquirerNo && c.MerchantNo == p.MerchantNo &&
			(c.StoreNo == 0 || c.StoreNo == p.StoreNo)
	case access.Terminal:
	}
	if !ok {
		return park.Park{}, c, park.ErrUnknown.Newf("there is no park %q", parkID)
	}
	return p, c, nil
}

// ParkPath names a park.
type ParkPath struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
}

// GatePath names a gate of a park.
type GatePath struct {
	ParkPath
	GateID string `path:"gate_id" maxLength:"64" doc:"The gate's id or code."`
}

// GateBody is a gate as the API writes it.
type GateBody struct {
	Code     string            `json:"code" maxLength:"40" doc:"The park's own short name: a to z, digits, hyphens."`
	Name     map[string]string `json:"name" doc:"By language: zh-Hans, zh-Hant, ja, en, ko."`
	Products []string          `json:"products,omitempty" maxItems:"100" doc:"Codes of the products that it takes; none is all that let into the park."`
	Version  int64             `json:"version,omitempty" doc:"As it was read, to write it anew."`
}

type gateItem struct {
	ID string `json:"id"`
	GateBody
}

type gateOutput struct{ Body gateItem }

type gatesOutput struct{ Body web.List[gateItem] }

func (b GateBody) gate(parkID, gateID string) Gate {
	name := i18n.Text{}
	for lang, text := range b.Name {
		name[i18n.Lang(lang)] = text
	}
	return Gate{ID: gateID, ParkID: parkID, Code: b.Code, Name: name, Products: b.Products,
		Version: b.Version}
}

func itemOf(g Gate) gateItem {
	return gateItem{ID: g.ID, GateBody: GateBody{Code: g.Code, Name: words(g.Name),
		Products: g.Products, Version: g.Version}}
}

func words(t i18n.Text) map[string]string {
	out := map[string]string{}
	for lang, text := range t {
		out[string(lang)] = text
	}
	return out
}

func (s *Service) apiGates(ctx context.Context, in *ParkPath) (*gatesOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	gs, err := s.Gates(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	items := []gateItem{}
	for _, g := range gs {
		items = append(items, itemOf(g))
	}
	return &gatesOutput{web.ListOf(items, "")}, nil
}

type addGateInput struct {
	ParkPath
	Body GateBody
}

func (s *Service) apiAddGate(ctx context.Context, in *addGateInput) (*gateOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	g, err := s.AddGate(ctx, in.Body.gate(p.ID, ""), c.Actor)
	if err != nil {
		return nil, err
	}
	return &gateOutput{itemOf(g)}, nil
}

type changeGateInput struct {
	GatePath
	Body GateBody
}

func (s *Service) apiChangeGate(ctx context.Context, in *changeGateInput) (*gateOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	g, err := s.ChangeGate(ctx, in.Body.gate(p.ID, in.GateID), c.Actor)
	if err != nil {
		return nil, err
	}
	return &gateOutput{itemOf(g)}, nil
}

func (s *Service) apiEndGate(ctx context.Context, in *GatePath) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return nil, s.EndGate(ctx, p.ID, in.GateID, c.Actor)
}

type keyItem struct {
	No     int64     `json:"no" doc:"As it stands in the text of tickets."`
	Public string    `json:"public_key" doc:"Ed25519, 64 hexadecimal digits."`
	Made   time.Time `json:"created_at"`
	// Withdrawn is nil of a key that is good.
	Withdrawn *time.Time `json:"withdrawn_at,omitempty" doc:"What it signed proves nothing since."`
}

type keysOutput struct{ Body web.List[keyItem] }

type keyOutput struct{ Body keyItem }

func keyOf(k Key) keyItem {
	item := keyItem{No: int64(k.No), Public: hex.EncodeToString(k.Public), Made: k.Made}
	if !k.Withdrawn.IsZero() {
		item.Withdrawn = &k.Withdrawn
	}
	return item
}

func (s *Service) apiKeys(ctx context.Context, in *ParkPath) (*keysOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	ks, err := s.Keys(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	items := []keyItem{}
	for _, k := range ks {
		items = append(items, keyOf(k))
	}
	return &keysOutput{web.ListOf(items, "")}, nil
}

func (s *Service) apiRotateKey(ctx context.Context, in *ParkPath) (*keyOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	k, err := s.RotateKey(ctx, p.ID, c.Actor)
	if err != nil {
		return nil, err
	}
	return &keyOutput{keyOf(k)}, nil
}

// KeyPath names a key of a park in an address.
type KeyPath struct {
	ParkPath
	No int64 `path:"key_no" minimum:"1" maximum:"65535" doc:"As it stands in the text of tickets."`
}

type withdrawOutput struct {
	Body struct {
		Signed int64 `json:"signed" doc:"Tickets that were signed anew."`
	}
}

func (s *Service) apiWithdrawKey(ctx context.Context, in *KeyPath) (*withdrawOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	out := &withdrawOutput{}
	out.Body.Signed, err = s.WithdrawKey(ctx, p.ID, uint16(in.No), c.Actor)
	return out, err
}

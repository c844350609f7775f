package people

import (
	"context"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/web"
)

// Places tells numbers of places from their ids and back.
type Places interface {
	// Number returns the numbers of ids; "" is number 0. A merchant's id belongs to the
	// participant, a store's to the merchant. Not ok when there is no such place.
	Number(ctx context.Context, at IDs) (
		participantNo, merchantNo, storeNo int64, ok bool, err error)
	// Name is the reverse.
	Name(ctx context.Context, participantNo, merchantNo, storeNo int64) (IDs, error)
	// TerminalNumber returns the number of a store's terminal that is not closed. Not ok when
	// there is none.
	TerminalNumber(ctx context.Context, storeNo int64, id string) (no int64, ok bool, err error)
	// TerminalName is the reverse.
	TerminalName(ctx context.Context, terminalNo int64) (id string, err error)
}

// IDs are a place as its members name it, in requests and answers.
type IDs struct {
	Acquirer string `json:"acquirer,omitempty" maxLength:"64" doc:"The bank's id; yours when absent."`
	Merchant string `json:"merchant_id,omitempty" maxLength:"64" doc:"For the roles of a merchant."`
	Store    string `json:"store_id,omitempty" maxLength:"64" doc:"Only this store: managers, cashiers."`
}

// API is this package over HTTP.
type API struct {
	People  *People
	Keyring *Keyring
	Places  Places
}

// The roles that may call operations.
var (
	readers = []access.Role{access.Operator, access.Acquirer, access.AcquirerClerk,
		access.AcquirerViewer, access.MerchantOwner, access.MerchantManager}
	keepers = []access.Role{access.Operator, access.Acquirer, access.MerchantOwner,
		access.MerchantManager}
	inviters = []access.Role{access.Operator, access.Acquirer, access.AcquirerClerk,
		access.MerchantOwner, access.MerchantManager}
)

// Register adds the operations on people, invitations and API keys.
func (a *API) Register(w *web.Server) {
	check.That(a.People != nil && a.Keyring != nil && a.Places != nil,
		"people: API lacks a part")
	a.registerPeople(w)
	a.registerInvitations(w)
	a.registerKeys(w)
}

func (a *API) registerPeople(w *web.Server) {
	tags := []string{"People"}
	one := []*fault.Problem{ErrPerson, ErrMayNot, ErrPlace}
	op := func(id, method, path, summary string, roles []access.Role, text string,
		faults ...*fault.Problem,
	) web.Op {
		return web.Op{ID: id, Method: method, Path: path, Summary: summary, Tags: tags,
			Roles: roles, Description: text, Faults: append(faults, one...)}
	}
	web.Register(w, op("list-people", http.MethodGet, "/v1/people",
		"List who may sign in, within your place", readers, ""), a.listPeople)
	web.Register(w, op("read-person", http.MethodGet, "/v1/people/{person_id}",
		"Read a person", readers, ""), a.readPerson)
	web.Register(w, op("set-role", http.MethodPut, "/v1/people/{person_id}/role",
		"Give a person another role, or another store", keepers, "Within the same bank or "+
			"merchant. The person is signed out, and the API keys end that they made and could "+
			"not make any more.", ErrInvalid), a.setRole)
	web.Register(w, op("end-person", http.MethodPost, "/v1/people/{person_id}/end",
		"End a person for ever", keepers, "What they did stays in the trail. The e-mail "+
			"address is free for an invitation. The API keys that they made end too: replace "+
			"those that are to stay before."), a.end)
	web.Register(w, op("unlock-person", http.MethodPost, "/v1/people/{person_id}/unlock",
		"Let a person try their password again", keepers, ""), a.unlock)
	web.Register(w, op("sign-out-person", http.MethodPost, "/v1/people/{person_id}/sign-out",
		"End every session of a person", keepers, ""), a.signOut)
	web.Register(w, op("list-person-sessions", http.MethodGet,
		"/v1/people/{person_id}/sessions", "List where a person is signed in", keepers, ""),
		a.listSessions)
	reset := op("reset-person", http.MethodPost, "/v1/people/{person_id}/reset",
		"Make a link for a new password", keepers, "There is no mail server: pass the link "+
			"on yourself. It works once, within seven days; links made before are over. For "+
			"operators it works when a second one has approved it.", ErrTooMany)
	reset.Status = http.StatusCreated
	web.Register(w, reset, a.reset)
}

func (a *API) registerInvitations(w *web.Server) {
	tags := []string{"People"}
	web.Register(w, web.Op{ID: "list-invitations", Method: http.MethodGet,
		Path: "/v1/invitations", Summary: "List links that are good, newest first", Tags: tags,
		Roles: inviters, Faults: []*fault.Problem{ErrMayNot}}, a.listInvitations)
	web.Register(w, web.Op{ID: "create-invitation", Method: http.MethodPost,
		Path: "/v1/invitations", Summary: "Make a link for a new person", Tags: tags,
		Roles: inviters, Status: http.StatusCreated,
		Faults: []*fault.Problem{ErrMayNot, ErrInvalid, ErrTooMany, ErrPlace},
		Description: "There is no mail server: pass the link on yourself. Whoever opens it " +
			"within seven days chooses a password and is that person. A new operator's link " +
			"works when a second operator has approved it (change requests)."}, a.invite)
	web.Register(w, web.Op{ID: "withdraw-invitation", Method: http.MethodDelete,
		Path: "/v1/invitations/{invitation_id}", Summary: "Withdraw a link", Tags: tags,
		Roles: inviters, Faults: []*fault.Problem{ErrInvitation}}, a.withdraw)
}

// caller is who calls: every operation here has roles.
func caller(ctx context.Context) access.Caller {
	c, ok := access.FromContext(ctx)
	check.That(ok, "people: an operation without a caller")
	return c
}

// Resource is a person as /v1 shows it.
type Resource struct {
	ID    string      `json:"id"`
	Email string      `json:"email"`
	Name  string      `json:"name"`
	Lang  string      `json:"lang"`
	Role  access.Role `json:"role"`
	IDs
	Status       Status         `json:"status" enum:"active,locked,ended"`
	SecondFactor FactorResource `json:"second_factor"`
	SSO          bool           `json:"single_sign_on" doc:"Has signed in by the bank's own provider."`
	CreatedAt    time.Time      `json:"created_at"`
	LastSeenAt   *time.Time     `json:"last_seen_at,omitempty" doc:"About a minute behind."`
	LockedUntil  *time.Time     `json:"locked_until,omitempty"`
}

// FactorResource is what a person has beside a password.
type FactorResource struct {
	TOTP          bool `json:"totp"`
	Passkeys      int  `json:"passkeys"`
	RecoveryCodes int  `json:"recovery_codes" doc:"That are left."`
}

func (a *API) resource(ctx context.Context, p Person) (Resource, error) {
	ids, err := a.Places.Name(ctx, p.ParticipantNo, p.MerchantNo, p.StoreNo)
	r := Resource{ID: p.ID, Email: p.Email, Name: p.Name, Lang: p.Lang, Role: p.Role, IDs: ids,
		Status: p.Status, SSO: p.SSO, CreatedAt: p.Created,
		SecondFactor: FactorResource{p.Factors.TOTP, p.Factors.Passkeys, p.Factors.Recovery}}
	if !p.LastSeen.IsZero() {
		r.LastSeenAt = &p.LastSeen
	}
	if !p.LockedUntil.IsZero() {
		r.LockedUntil = &p.LockedUntil
	}
	return r, err
}

// place returns the numbers of ids, a caller's own where they are absent.
func (a *API) place(ctx context.Context, r access.Role, at IDs) (to Place, err error) {
	by := caller(ctx)
	if at.Acquirer == "" && by.ParticipantNo != 0 {
		own, err := a.Places.Name(ctx, by.ParticipantNo, by.MerchantNo, by.StoreNo)
		if err != nil {
			return to, err
		}
		at.Acquirer = own.Acquirer
		if at.Merchant == "" && by.MerchantNo != 0 {
			at.Merchant = own.Merchant
			if at.Store == "" {
				at.Store = own.Store
			}
		}
	}
	return a.number(ctx, r, at)
}

// number returns the numbers of ids. Another party's place is answered like none.
//
// Errors: ErrPlace.
func (a *API) number(ctx context.Context, r access.Role, at IDs) (Place, error) {
	to := Place{Role: r}
	var ok bool
	var err error
	to.ParticipantNo, to.MerchantNo, to.StoreNo, ok, err = a.Places.Number(ctx, at)
	if err == nil && (!ok || !within(caller(ctx), to)) {
		err = ErrPlace.Newf("there is no such bank, merchant or store")
	}
	return to, err
}

type peopleInput struct {
	web.Paging
	Role     access.Role `query:"role" maxLength:"32"`
	Status   Status      `query:"status" enum:"active,locked,ended"`
	Text     string      `query:"text" maxLength:"100" doc:"In the name or the e-mail address."`
	Acquirer string      `query:"acquirer" maxLength:"64" doc:"Operators: of this bank only."`
	Merchant string      `query:"merchant_id" maxLength:"64" doc:"Of this merchant only."`
}

type peopleOutput struct{ Body web.List[Resource] }

func (a *API) listPeople(ctx context.Context, in *peopleInput) (*peopleOutput, error) {
	by := caller(ctx)
	f := Filter{Status: in.Status, Text: in.Text, After: in.Cursor, Limit: in.Limit}
	if in.Role != "" {
		f.Roles = []access.Role{in.Role}
	}
	if in.Acquirer != "" || in.Merchant != "" {
		at, err := a.place(ctx, "", IDs{Acquirer: in.Acquirer, Merchant: in.Merchant})
		if err != nil {
			return nil, err
		}
		f.ParticipantNo, f.MerchantNo = at.ParticipantNo, at.MerchantNo
	}
	found, next, err := a.People.List(ctx, by, f)
	if err != nil {
		return nil, err
	}
	items := make([]Resource, len(found))
	for i, p := range found {
		if items[i], err = a.resource(ctx, p); err != nil {
			return nil, err
		}
	}
	return &peopleOutput{web.ListOf(items, next)}, nil
}

type personPath struct {
	PersonID string `path:"person_id" maxLength:"64"`
}

type personOutput struct{ Body Resource }

func (a *API) readPerson(ctx context.Context, in *personPath) (*personOutput, error) {
	p, err := a.People.Find(ctx, caller(ctx), in.PersonID)
	if err != nil {
		return nil, err
	}
	r, err := a.resource(ctx, p)
	return &personOutput{r}, err
}

type roleInput struct {
	PersonID string `path:"person_id" maxLength:"64"`
	Body     struct {
		Role  access.Role `json:"role" maxLength:"32"`
		Store string      `json:"store_id,omitempty" maxLength:"64" doc:"Only this store."`
	}
}

func (a *API) setRole(ctx context.Context, in *roleInput) (*personOutput, error) {
	by := caller(ctx)
	p, err := a.People.Find(ctx, by, in.PersonID)
	if err != nil {
		return nil, err
	}
	to := p.Place
	to.Role, to.StoreNo = in.Body.Role, 0
	if in.Body.Store != "" {
		ids, err := a.Places.Name(ctx, p.ParticipantNo, p.MerchantNo, 0)
		if err != nil {
			return nil, err
		}
		ids.Store = in.Body.Store
		at, err := a.number(ctx, in.Body.Role, ids)
		if err != nil {
			return nil, err
		}
		to.StoreNo = at.StoreNo
	}
	if err := a.People.SetRole(ctx, by, in.PersonID, to); err != nil {
		return nil, err
	}
	return a.readPerson(ctx, &personPath{in.PersonID})
}

type nothing struct{}

func (a *API) end(ctx context.Context, in *personPath) (*nothing, error) {
	return &nothing{}, a.People.End(ctx, caller(ctx), in.PersonID)
}

func (a *API) unlock(ctx context.Context, in *personPath) (*nothing, error) {
	return &nothing{}, a.People.Unlock(ctx, caller(ctx), in.PersonID)
}

func (a *API) signOut(ctx context.Context, in *personPath) (*nothing, error) {
	return &nothing{}, a.People.SignOutAll(ctx, caller(ctx), in.PersonID)
}

type sessionsOutput struct{ Body web.List[SessionResource] }

// SessionResource is a session as /v1 shows it.
type SessionResource struct {
	ID         string    `json:"id"`
	Method     Method    `json:"method" doc:"How the person signed in."`
	Address    string    `json:"address"`
	Agent      string    `json:"agent" doc:"What the browser says of itself."`
	SignedInAt time.Time `json:"signed_in_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	Until      time.Time `json:"until"`
}

func (a *API) listSessions(ctx context.Context, in *personPath) (*sessionsOutput, error) {
	found, err := a.People.SessionsOf(ctx, caller(ctx), in.PersonID)
	items := make([]SessionResource, len(found))
	for i, s := range found {
		items[i] = SessionResource{s.ID, s.Method, s.Address, s.Agent, s.Made, s.Seen, s.Until}
	}
	return &sessionsOutput{web.ListOf(items, "")}, err
}

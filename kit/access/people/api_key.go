package people

import (
	"context"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/web"
)

func (a *API) registerKeys(w *web.Server) {
	tags := []string{"API keys"}
	see := []access.Role{access.Operator, access.Acquirer, access.AcquirerClerk,
		access.AcquirerViewer, access.MerchantOwner}
	keep := []access.Role{access.Operator, access.Acquirer, access.MerchantOwner}
	web.Register(w, web.Op{ID: "list-api-keys", Method: http.MethodGet, Path: "/v1/api-keys",
		Summary: "List the API keys of your place, oldest first", Tags: tags, Roles: see,
		Faults: []*fault.Problem{ErrMayNot, ErrPlace}}, a.listKeys)
	web.Register(w, web.Op{ID: "make-api-key", Method: http.MethodPost, Path: "/v1/api-keys",
		Summary: "Make an API key", Tags: tags,
		Roles:  []access.Role{access.Acquirer, access.MerchantOwner},
		Status: http.StatusCreated, Faults: []*fault.Problem{ErrMayNot, ErrInvalid, ErrTooMany, ErrPlace},
		Description: "Of a role within your own place; a till's own key has the role terminal " +
			"and needs store_id and terminal_id, and merchant_id from a bank. The key is shown " +
			"this once; only its hash is kept. It ends with the person who made it; one that a " +
			"key made stays. Operators' keys are made on the network's own computer."}, a.makeKey)
	web.Register(w, web.Op{ID: "replace-api-key", Method: http.MethodPost,
		Path: "/v1/api-keys/{key_id}/replace", Summary: "Replace an API key", Tags: tags,
		Roles: keep, Status: http.StatusCreated,
		Faults:      []*fault.Problem{ErrKey, ErrKeyOver, ErrMayNot, ErrInvalid},
		Description: "The new key has the same rights; the old one works on for the overlap."},
		a.replaceKey)
	web.Register(w, web.Op{ID: "revoke-api-key", Method: http.MethodPost,
		Path: "/v1/api-keys/{key_id}/revoke", Summary: "End an API key", Tags: tags,
		Roles: keep, Faults: []*fault.Problem{ErrKey},
		Description: "It is refused everywhere within two seconds. Again changes nothing."},
		a.revokeKey)
}

// KeyResource is an API key as /v1 shows it.
type KeyResource struct {
	ID    string      `json:"id"`
	Label string      `json:"label"`
	Role  access.Role `json:"role"`
	IDs
	Terminal   string     `json:"terminal_id,omitempty" doc:"Of a till's key."`
	Good       bool       `json:"good" doc:"It works now."`
	MadeBy     string     `json:"made_by,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"About a minute behind."`
	EndsAt     *time.Time `json:"ends_at,omitempty" doc:"When it was revoked, or ends."`
	Secret     string     `json:"api_key,omitempty" doc:"The key itself, shown this once."`
}

func (a *API) key(ctx context.Context, k access.Key) (KeyResource, error) {
	ids, err := a.Places.Name(ctx, k.ParticipantNo, k.MerchantNo, k.StoreNo)
	r := KeyResource{ID: k.ID, Label: k.Label, Role: k.Role, IDs: ids, MadeBy: k.MadeBy,
		CreatedAt: k.Created, Good: k.Good(clock.Now())}
	if err == nil && k.TerminalNo != 0 {
		r.Terminal, err = a.Places.TerminalName(ctx, k.TerminalNo)
	}
	if !k.LastUsed.IsZero() {
		r.LastUsedAt = &k.LastUsed
	}
	if !k.Revoked.IsZero() {
		r.EndsAt = &k.Revoked
	}
	return r, err
}

type keysInput struct {
	Acquirer string `query:"acquirer" maxLength:"64" doc:"Operators: of this bank, else their own."`
	Merchant string `query:"merchant_id" maxLength:"64" doc:"Of this merchant only."`
}

type keysOutput struct{ Body web.List[KeyResource] }

func (a *API) listKeys(ctx context.Context, in *keysInput) (*keysOutput, error) {
	by := caller(ctx)
	at, err := a.place(ctx, "", IDs{Acquirer: in.Acquirer, Merchant: in.Merchant})
	if err != nil {
		return nil, err
	}
	found, err := a.Keyring.List(ctx, by, at.ParticipantNo, at.MerchantNo)
	if err != nil {
		return nil, err
	}
	items := make([]KeyResource, len(found))
	for i, k := range found {
		if items[i], err = a.key(ctx, k); err != nil {
			return nil, err
		}
	}
	return &keysOutput{web.ListOf(items, "")}, nil
}

type keyInput struct {
	Body struct {
		Label string      `json:"label" minLength:"1" maxLength:"100" doc:"A name for people."`
		Role  access.Role `json:"role" maxLength:"32"`
		IDs
		Terminal string `json:"terminal_id,omitempty" maxLength:"64" doc:"The terminal, for the role terminal."`
	}
}

type keyOutput struct{ Body KeyResource }

func (a *API) made(
	ctx context.Context, secret string, k access.Key, err error,
) (*keyOutput, error) {
	if err != nil {
		return nil, err
	}
	r, err := a.key(ctx, k)
	r.Secret = secret
	return &keyOutput{r}, err
}

func (a *API) makeKey(ctx context.Context, in *keyInput) (*keyOutput, error) {
	at, err := a.place(ctx, in.Body.Role, in.Body.IDs)
	if err != nil {
		return nil, err
	}
	g := access.Grant{Role: at.Role, ParticipantNo: at.ParticipantNo,
		MerchantNo: at.MerchantNo, StoreNo: at.StoreNo, Label: in.Body.Label}
	if in.Body.Terminal != "" {
		if g.TerminalNo, err = a.terminal(ctx, g, in.Body.Terminal); err != nil {
			return nil, err
		}
	}
	secret, k, err := a.Keyring.Make(ctx, caller(ctx), g)
	return a.made(ctx, secret, k, err)
}

// terminal returns the number of the terminal that a key is for.
//
// Errors: ErrInvalid without a store, ErrPlace.
func (a *API) terminal(ctx context.Context, g access.Grant, id string) (int64, error) {
	if g.StoreNo == 0 {
		return 0, ErrInvalid.Newf("a terminal is one of a store").
			At("/store_id", "is needed with terminal_id")
	}
	no, ok, err := a.Places.TerminalNumber(ctx, g.StoreNo, id)
	if err == nil && !ok {
		err = errNoTerminal()
	}
	return no, err
}

type replaceInput struct {
	KeyID string `path:"key_id" maxLength:"64"`
	Body  struct {
		Overlap int `json:"overlap_hours,omitempty" minimum:"0" maximum:"168" doc:"How long the old key works on."`
	}
}

func (a *API) replaceKey(ctx context.Context, in *replaceInput) (*keyOutput, error) {
	secret, k, err := a.Keyring.Replace(ctx, caller(ctx), in.KeyID,
		time.Duration(in.Body.Overlap)*time.Hour)
	return a.made(ctx, secret, k, err)
}

type keyPath struct {
	KeyID string `path:"key_id" maxLength:"64"`
}

func (a *API) revokeKey(ctx context.Context, in *keyPath) (*nothing, error) {
	return &nothing{}, a.Keyring.Revoke(ctx, caller(ctx), in.KeyID)
}

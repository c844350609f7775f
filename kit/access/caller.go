package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"watari/kit/fault"
)

// Role is what kind of caller somebody is.
type Role string

// The roles.
const (
	// Operator runs the network.
	Operator Role = "operator"
	// Acquirer is a bank: its own system, and the people who run its side.
	Acquirer Role = "acquirer"
	// AcquirerClerk is somebody at a bank who signs shops and answers their questions.
	AcquirerClerk Role = "acquirer-clerk"
	// AcquirerViewer is somebody at a bank who reads.
	AcquirerViewer Role = "acquirer-viewer"
	// MerchantOwner is a shop owner, or a merchant's own system.
	MerchantOwner Role = "merchant-owner"
	// MerchantManager runs a merchant's stores, or one of them.
	MerchantManager Role = "merchant-manager"
	// MerchantCashier takes payments at a merchant's stores, or at one of them.
	MerchantCashier Role = "merchant-cashier"
	// Terminal is one till.
	Terminal Role = "terminal"
)

// Roles returns every role, the widest first.
func Roles() []Role {
	return []Role{Operator, Acquirer, AcquirerClerk, AcquirerViewer, MerchantOwner,
		MerchantManager, MerchantCashier, Terminal}
}

var (
	// ErrUnauthenticated says that nobody knows the caller: no key, an unknown key, or a revoked
	// one. It does not say which.
	ErrUnauthenticated = fault.Define("unauthenticated", fault.Unauthenticated,
		"A valid API key is needed")
	// ErrRole says that the caller is known and its role may not do this.
	ErrRole = fault.Define("role-not-allowed", fault.Forbidden,
		"The role of this API key may not do this")
)

// Caller is who is calling.
type Caller struct {
	// KeyID is the id of the API key; "" when the caller was recognised in another way.
	KeyID string
	// Role is never empty.
	Role Role
	// ParticipantNo is the participant that the caller belongs to; 0 for operators.
	ParticipantNo int64
	// MerchantNo is the merchant of an owner, manager or cashier; 0 for others.
	MerchantNo int64
	// StoreNo is the store of a terminal, or the one store that a manager or cashier may see;
	// TerminalNo is a terminal's. 0 for others.
	StoreNo, TerminalNo int64
	// PersonID is the person who signed in; "" for API keys.
	PersonID string
	// Actor is the name for events, such as "key:key_01jd…".
	Actor string
	// Label is the key's name for people; "" when the caller was recognised in another way.
	Label string
	// Behind is the Name of whoever made the key; "" when nobody was recognised who did, as on the
	// command line, and for people.
	Behind string
	// Standing is what the caller's place allows; never Closed for who was let in.
	Standing Standing
}

// Name is whom the caller counts as where two people are needed (A7), for people to read: whoever
// is behind the key, or else its label; the e-mail address of a person.
func (c Caller) Name() string {
	switch {
	case c.Behind != "":
		return c.Behind
	case c.Label != "":
		return c.Label
	}
	return c.Actor
}

// ResellerLabel begins the label of a key that a merchant makes for a reseller of its tickets. The
// reseller holds it, and not the merchant: it opens the addresses of resellers, which look at
// Reseller, and no operation, whatever its role.
const ResellerLabel = "reseller:"

// Reseller tells whether the caller is a merchant's reseller.
func (c Caller) Reseller() bool { return strings.HasPrefix(c.Label, ResellerLabel) }

// Allow returns nil when the caller has one of the roles, and is no reseller.
//
// Errors: ErrRole.
func (c Caller) Allow(roles ...Role) error {
	if c.Reseller() {
		return ErrRole.Newf("a key of a reseller opens the addresses of resellers only")
	}
	if slices.Contains(roles, c.Role) {
		return nil
	}
	return ErrRole.Newf("this operation needs one of the roles %v", roles)
}

type callerKey struct{}

// With returns a context that carries the caller.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// FromContext returns the caller; false when nobody was recognised.
func FromContext(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}

// Grant is what a key allows.
type Grant struct {
	// Role decides which of the numbers must be set (A4).
	Role                               Role
	ParticipantNo, StoreNo, TerminalNo int64
	// MerchantNo is the merchant of an owner's, manager's or cashier's key.
	MerchantNo int64
	// Label is a name for people, 1 to 100 characters.
	Label string
	// Behind is the Name of the caller who makes the key (A7); "" when there is none.
	Behind string
}

// Check holds A4, as the table does.
func (g Grant) Check() error {
	bank, shop := g.ParticipantNo > 0, g.MerchantNo > 0
	ok := false
	switch g.Role {
	case Operator:
		ok = !bank && !shop && g.ParticipantNo == 0 && g.StoreNo == 0 && g.TerminalNo == 0
	case Acquirer, AcquirerClerk, AcquirerViewer:
		ok = bank && !shop && g.StoreNo == 0 && g.TerminalNo == 0
	case MerchantOwner:
		ok = bank && shop && g.StoreNo == 0 && g.TerminalNo == 0
	case MerchantManager, MerchantCashier:
		ok = bank && shop && g.StoreNo >= 0 && g.TerminalNo == 0
	case Terminal:
		ok = bank && g.StoreNo > 0 && g.TerminalNo > 0
	}
	if !ok || g.MerchantNo < 0 {
		return fmt.Errorf("access: role %q with participant %d, merchant %d, store %d, terminal %d",
			g.Role, g.ParticipantNo, g.MerchantNo, g.StoreNo, g.TerminalNo)
	}
	if n := len([]rune(g.Label)); n < 1 || n > 100 {
		return fmt.Errorf("access: label of %d characters, not 1 to 100", n)
	}
	return nil
}

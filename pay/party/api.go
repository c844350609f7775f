package party

import (
	"context"
	"net/http"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/web"
)

// API is this package over HTTP: an acquirer keeps its merchants, stores, terminals and keys, an
// operator the participants. Nobody sees what is another acquirer's.
type API struct {
	Directory *Directory
	Registry  *Registry
	DB        *db.DB
	// ActivationPath is the path of the till's page that takes an activation link, up to the
	// secret, such as "/till/activate/".
	ActivationPath string
}

// Who may do what. A bank's administrators and clerks keep what it has signed, its viewers read it.
// A merchant's people see their own merchant's stores, or the one that they are bound to, and the
// owner and managers look after its tills. Administrators keep the bank's keys, operators the
// members.
var (
	bank     = []access.Role{access.Acquirer}
	operator = []access.Role{access.Operator}
	clerks   = []access.Role{access.Acquirer, access.AcquirerClerk}
	viewers  = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer}
	owners   = append([]access.Role{access.MerchantOwner}, clerks...)
	keepers  = append([]access.Role{access.MerchantManager}, owners...)
	lookers  = append([]access.Role{access.AcquirerViewer}, keepers...)
	anybody  = append([]access.Role{access.MerchantCashier}, lookers...)
)

// What can be wrong with the address of a store or terminal, and with a change of either.
var (
	storeFaults    = []*fault.Problem{ErrMerchantUnknown, ErrStoreUnknown}
	terminalFaults = []*fault.Problem{ErrMerchantUnknown, ErrStoreUnknown, ErrTerminalUnknown}
)

// The status of an answer that made something, and of one that found it there.
const (
	made  = http.StatusCreated
	there = http.StatusOK
)

// with adds faults to a list that operations share.
func with(some []*fault.Problem, more ...*fault.Problem) []*fault.Problem {
	return append(append([]*fault.Problem(nil), some...), more...)
}

// Register adds the operations of this package.
func (a *API) Register(w *web.Server) {
	check.That(a.Directory != nil && a.Registry != nil && a.DB != nil &&
		a.ActivationPath != "", "party: API lacks a part")
	a.registerMerchants(w)
	a.registerStores(w)
	a.registerTerminals(w)
	a.registerTills(w)
	a.registerKeys(w)
	a.registerParticipants(w)
	a.registerChanges(w)
}

// madeOnce tells of the operations that make something under an id of the caller's.
const madeOnce = "The id is your own and is used once. A repeat with the same content is " +
	"answered 200 with what is there; with other content it is refused."

// replaces tells of the operations that change terms.
const replaces = "Takes all terms: what the body leaves out is gone."

func (a *API) registerMerchants(w *web.Server) {
	tags := []string{"Merchants"}
	web.Register(w, web.Op{ID: "list-merchants", Method: http.MethodGet,
		Path: "/v1/merchants", Summary: "List your merchants by id", Tags: tags, Roles: viewers,
		Faults: []*fault.Problem{ErrInvalid}}, a.listMerchants)
	web.Register(w, web.Op{ID: "create-merchant", Method: http.MethodPost,
		Path: "/v1/merchants", Summary: "Sign a merchant", Tags: tags, Roles: clerks,
		Status: http.StatusCreated, Description: madeOnce,
		Faults: []*fault.Problem{ErrInvalid, ErrTaken}}, a.createMerchant)
	web.Register(w, web.Op{ID: "read-merchant", Method: http.MethodGet,
		Path: "/v1/merchants/{merchant_id}", Summary: "Read a merchant", Tags: tags,
		Roles: viewers, Faults: []*fault.Problem{ErrMerchantUnknown}}, a.readMerchant)
	web.Register(w, web.Op{ID: "change-merchant", Method: http.MethodPut,
		Path: "/v1/merchants/{merchant_id}", Summary: "Change a merchant's terms", Tags: tags,
		Roles: clerks, Description: replaces,
		Faults: []*fault.Problem{ErrMerchantUnknown, ErrInvalid}}, a.changeMerchant)
	web.Register(w, web.Op{ID: "set-merchant-status", Method: http.MethodPut,
		Path:    "/v1/merchants/{merchant_id}/status",
		Summary: "Suspend, resume or close a merchant", Tags: tags, Roles: clerks,
		Description: statusText, Faults: []*fault.Problem{ErrMerchantUnknown, ErrStatus}},
		a.setMerchantStatus)
}

// statusText tells of the operations that set a status.
const statusText = "Obeyed by the next payment here, and within half a second on other nodes. " +
	"Closed is final. Setting the status that it has changes nothing."

func (a *API) registerStores(w *web.Server) {
	tags := []string{"Stores"}
	web.Register(w, web.Op{ID: "list-stores", Method: http.MethodGet, Path: "/v1/stores",
		Summary: "List your stores by id", Tags: tags, Roles: anybody,
		Faults: []*fault.Problem{ErrMerchantUnknown, ErrInvalid}}, a.listStores)
	web.Register(w, web.Op{ID: "create-store", Method: http.MethodPost, Path: "/v1/stores",
		Summary: "Open a store of a merchant", Tags: tags, Roles: clerks,
		Status: http.StatusCreated, Description: madeOnce,
		Faults: []*fault.Problem{ErrMerchantUnknown, ErrInvalid, ErrTaken}}, a.createStore)
	web.Register(w, web.Op{ID: "read-store", Method: http.MethodGet,
		Path: "/v1/stores/{store_id}", Summary: "Read a store", Tags: tags, Roles: anybody,
		Faults: storeFaults}, a.readStore)
	web.Register(w, web.Op{ID: "change-store", Method: http.MethodPut,
		Path: "/v1/stores/{store_id}", Summary: "Change a store's terms and limits",
		Tags: tags, Roles: clerks, Description: replaces + " The manager's PIN stays.",
		Faults: with(storeFaults, ErrInvalid)}, a.changeStore)
	web.Register(w, web.Op{ID: "set-store-status", Method: http.MethodPut,
		Path: "/v1/stores/{store_id}/status", Summary: "Suspend, resume or close a store",
		Tags: tags, Roles: clerks, Description: statusText,
		Faults: with(storeFaults, ErrStatus)}, a.setStoreStatus)
	web.Register(w, web.Op{ID: "set-manager-pin", Method: http.MethodPut,
		Path: "/v1/stores/{store_id}/manager-pin", Tags: tags, Roles: owners,
		Summary: "Set the PIN that large refunds need", Faults: with(storeFaults, ErrInvalid)},
		a.setPIN)
	web.Register(w, web.Op{ID: "remove-manager-pin", Method: http.MethodDelete,
		Path: "/v1/stores/{store_id}/manager-pin", Tags: tags, Roles: owners,
		Summary: "Let refunds go without a PIN", Faults: storeFaults}, a.removePIN)
}

func (a *API) registerTerminals(w *web.Server) {
	tags := []string{"Terminals"}
	web.Register(w, web.Op{ID: "list-terminals", Method: http.MethodGet,
		Path: "/v1/stores/{store_id}/terminals", Summary: "List a store's terminals by id",
		Tags: tags, Roles: lookers, Faults: with(storeFaults, ErrInvalid)}, a.listTerminals)
	web.Register(w, web.Op{ID: "create-terminal", Method: http.MethodPost,
		Path: "/v1/stores/{store_id}/terminals", Summary: "Add a till or a QR stand",
		Tags: tags, Roles: clerks, Status: http.StatusCreated, Description: madeOnce,
		Faults: with(storeFaults, ErrInvalid, ErrTaken)}, a.createTerminal)
	web.Register(w, web.Op{ID: "read-terminal", Method: http.MethodGet,
		Path:    "/v1/stores/{store_id}/terminals/{terminal_id}",
		Summary: "Read a terminal", Tags: tags, Roles: lookers, Faults: terminalFaults},
		a.readTerminal)
	web.Register(w, web.Op{ID: "change-terminal", Method: http.MethodPut,
		Path: "/v1/stores/{store_id}/terminals/{terminal_id}", Tags: tags, Roles: clerks,
		Summary: "Change a terminal's terms and limits", Description: replaces,
		Faults: with(terminalFaults, ErrInvalid)}, a.changeTerminal)
	web.Register(w, web.Op{ID: "set-terminal-status", Method: http.MethodPut,
		Path: "/v1/stores/{store_id}/terminals/{terminal_id}/status", Tags: tags, Roles: clerks,
		Summary: "Suspend, resume or close a terminal", Description: statusText,
		Faults: with(terminalFaults, ErrStatus)}, a.setTerminalStatus)
}

// registerTills adds what makes a terminal a till in a browser.
func (a *API) registerTills(w *web.Server) {
	tags := []string{"Terminals"}
	web.Register(w, web.Op{ID: "create-activation", Method: http.MethodPost,
		Path: "/v1/stores/{store_id}/terminals/{terminal_id}/activations", Tags: tags,
		Roles: keepers, Summary: "Make a link that turns a browser into this till",
		Description: "The link works once, within a day. Whoever opens it first is the till, " +
			"so hand it to the shop alone. Links that were made before go on working.",
		Status: http.StatusCreated, Faults: with(terminalFaults, ErrTerminalNotOpen)},
		a.createActivation)
	web.Register(w, web.Op{ID: "end-sessions", Method: http.MethodDelete,
		Path: "/v1/stores/{store_id}/terminals/{terminal_id}/sessions", Tags: tags,
		Roles: keepers, Summary: "Sign every browser out of this till", Faults: terminalFaults,
		Description: "For a device that was lost or replaced. Links that were not used yet end " +
			"too: make a new one afterwards."}, a.endSessions)
}

func (a *API) registerKeys(w *web.Server) {
	tags := []string{"Keys"}
	web.Register(w, web.Op{ID: "list-keys", Method: http.MethodGet, Path: "/v1/keys",
		Summary: "List the keys that your signed messages are verified with", Tags: tags,
		Roles: viewers}, a.listKeys)
	web.Register(w, web.Op{ID: "add-key", Method: http.MethodPost, Path: "/v1/keys",
		Summary: "Add a version of your public key", Tags: tags, Roles: bank,
		Status: http.StatusCreated, Faults: []*fault.Problem{ErrInvalid, ErrTaken},
		Description: "Several versions may be valid at once: add the next, sign with it, then " +
			"retire the last. A repeat with the same content is answered 200."}, a.addKey)
	web.Register(w, web.Op{ID: "retire-key", Method: http.MethodPost,
		Path: "/v1/keys/{version}/retire", Summary: "End the use of a key for ever",
		Tags: tags, Roles: bank, Faults: []*fault.Problem{ErrKeyVersionUnknown}}, a.retireKey)
}

func (a *API) registerParticipants(w *web.Server) {
	tags := []string{"Participants"}
	web.Register(w, web.Op{ID: "list-participants", Method: http.MethodGet,
		Path: "/v1/participants", Summary: "List the members of the scheme", Tags: tags,
		Roles: operator}, a.listParticipants)
	web.Register(w, web.Op{ID: "set-participant-status", Method: http.MethodPut,
		Path:    "/v1/participants/{participant_id}/status",
		Summary: "Suspend, resume or close a member", Tags: tags, Roles: operator,
		Description: statusText, Faults: []*fault.Problem{ErrParticipantUnknown, ErrStatus}},
		a.setParticipantStatus)
}

// who is calling: every operation here has roles.
func who(ctx context.Context) access.Caller {
	c, ok := access.FromContext(ctx)
	check.That(ok, "party: an operation without a caller")
	return c
}

// view reads.
func (a *API) view(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	return a.DB.View(ctx, fn)
}

// change writes, by methods of the registry.
func (a *API) change(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	return a.Registry.Change(ctx, fn)
}

package signup

import (
	"context"
	"net/http"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/web"
	"watari/pay/party"
)

// ChangeFaults are the problems that approving a change of a payout account reports, beside those
// of kit/foureyes.
func ChangeFaults() []*fault.Problem {
	return []*fault.Problem{ErrPayout, ErrPayoutState, party.ErrMerchantUnknown}
}

// Who may call: readers see everything of their bank, clerks change it; operators see applications
// of all banks without what identifies people; owners see and propose their own accounts.
var (
	readers = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer}
	clerks  = []access.Role{access.Acquirer, access.AcquirerClerk}
	lookers = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer,
		access.Operator}
	payees = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer,
		access.MerchantOwner}
	proposers = []access.Role{access.Acquirer, access.AcquirerClerk, access.MerchantOwner}
)

// api is a Service over HTTP.
type api struct {
	*Service
	public string
}

// Register adds the operations of this package. public is where merchants reach the network,
// without a trailing slash: invitation links begin with it.
func (s *Service) Register(w *web.Server, public string) {
	a := &api{s, public}
	a.registerApplications(w)
	a.registerDecisions(w)
	a.registerPapers(w)
	a.registerLinks(w)
	a.registerPayouts(w)
	a.registerImports(w)
}

// who is calling: every operation here has roles.
func who(ctx context.Context) (access.Caller, foureyes.Person) {
	c, ok := access.FromContext(ctx)
	check.That(ok, "signup: an operation without a caller")
	return c, PersonOf(c)
}

// faults are problems that an operation reports.
func faults(some ...*fault.Problem) []*fault.Problem { return some }

func (a *api) registerApplications(w *web.Server) {
	tags := []string{"Applications"}
	const one = "/v1/applications/{application_id}"
	web.Register(w, web.Op{ID: "list-applications", Method: http.MethodGet,
		Path: "/v1/applications", Summary: "List applications of merchants, newest first",
		Tags: tags, Roles: lookers, Faults: faults(ErrCursor),
		Description: "Operators see those of all banks, without what identifies people."},
		a.list)
	web.Register(w, web.Op{ID: "create-application", Method: http.MethodPost,
		Path: "/v1/applications", Summary: "Begin an application, as a draft", Tags: tags,
		Roles: clerks, Status: http.StatusCreated, Faults: faults(ErrInvalid),
		Description: "A draft may lack anything. Submitting it checks everything."}, a.create)
	web.Register(w, web.Op{ID: "read-application", Method: http.MethodGet, Path: one,
		Summary: "Read an application", Tags: tags, Roles: lookers,
		Faults: faults(ErrUnknown)}, a.read)
	web.Register(w, web.Op{ID: "change-application", Method: http.MethodPut, Path: one,
		Summary: "Replace the form of an application", Tags: tags, Roles: clerks,
		Description: "Of a draft, one that was returned, or one in review, whose screening " +
			"then begins anew. Whoever changes a form does not approve it.",
		Faults: faults(ErrUnknown, ErrState, ErrStale, ErrInvalid, ErrCategory)}, a.change)
	web.Register(w, web.Op{ID: "submit-application", Method: http.MethodPost,
		Path: one + "/submit", Summary: "Hand an application in", Tags: tags, Roles: clerks,
		Faults: faults(ErrUnknown, ErrState, ErrStale, ErrInvalid, ErrCategory)}, a.submit)
	web.Register(w, web.Op{ID: "withdraw-application", Method: http.MethodPost,
		Path: one + "/withdraw", Summary: "Give an application up before it is looked at",
		Tags: tags, Roles: clerks, Faults: faults(ErrUnknown, ErrState)}, a.withdraw)
	web.Register(w, web.Op{ID: "read-application-history", Method: http.MethodGet,
		Path: one + "/history", Summary: "Read who did what when", Tags: tags, Roles: readers,
		Faults: faults(ErrUnknown)}, a.history)
}

func (a *api) registerDecisions(w *web.Server) {
	tags := []string{"Applications"}
	const one = "/v1/applications/{application_id}"
	web.Register(w, web.Op{ID: "review-application", Method: http.MethodPost,
		Path: one + "/review", Summary: "Take an application into review", Tags: tags,
		Roles: clerks, Faults: faults(ErrUnknown, ErrState)}, a.review)
	web.Register(w, web.Op{ID: "screen-application", Method: http.MethodPost,
		Path: one + "/screening", Summary: "Note the outcome of a screening", Tags: tags,
		Roles: clerks, Faults: faults(ErrUnknown, ErrState, ErrInvalid),
		Description: "Sanctions, anti-social forces, your own lists. Only clear is approved. A " +
			"form that is handed in again is screened again."}, a.screen)
	web.Register(w, web.Op{ID: "return-application", Method: http.MethodPost,
		Path: one + "/return", Summary: "Give an application back to be mended", Tags: tags,
		Roles: clerks, Faults: faults(ErrUnknown, ErrState, ErrInvalid)}, a.giveBack)
	web.Register(w, web.Op{ID: "refuse-application", Method: http.MethodPost,
		Path: one + "/refuse", Summary: "Refuse an application for ever", Tags: tags,
		Roles: clerks, Faults: faults(ErrUnknown, ErrState, ErrInvalid)}, a.refuse)
	web.Register(w, web.Op{ID: "approve-application", Method: http.MethodPost,
		Path: one + "/approve", Summary: "Approve an application: the merchant is made",
		Tags: tags, Roles: clerks, Description: "Makes merchant, store, terminal and the " +
			"account it is paid to, or nothing. By somebody who did not fill the form in. The " +
			"merchant takes no payments before it goes live.",
		Faults: faults(ErrUnknown, ErrState, ErrStale, ErrOwn, ErrIncomplete, ErrInvalid,
			ErrCategory, party.ErrTaken)}, a.approveIt)
	web.Register(w, web.Op{ID: "set-application-status", Method: http.MethodPut,
		Path: one + "/status", Summary: "Let its merchant go live, suspend or close it",
		Tags: tags, Roles: clerks, Description: "The same as the status of the merchant, and " +
			"moved by it.", Faults: faults(ErrUnknown, ErrState)}, a.setState)
	web.Register(w, web.Op{ID: "list-application-notes", Method: http.MethodGet,
		Path: one + "/notes", Summary: "List the bank's notes", Tags: tags, Roles: readers,
		Faults: faults(ErrUnknown)}, a.notes)
	web.Register(w, web.Op{ID: "create-application-note", Method: http.MethodPost,
		Path: one + "/notes", Summary: "Write a note that merchants never see", Tags: tags,
		Roles: clerks, Status: http.StatusCreated, Faults: faults(ErrUnknown, ErrInvalid)},
		a.addNote)
}

// documentBody is the most bytes of a request with a document in base64.
const documentBody = 7 << 20

func (a *api) registerPapers(w *web.Server) {
	tags := []string{"Applications"}
	const all = "/v1/applications/{application_id}/documents"
	web.Register(w, web.Op{ID: "list-documents", Method: http.MethodGet, Path: all,
		Summary: "List the documents of an application", Tags: tags, Roles: readers,
		Faults: faults(ErrUnknown)}, a.documents)
	web.Register(w, web.Op{ID: "add-document", Method: http.MethodPost, Path: all,
		Summary: "Add a document of at most 5 MiB", Tags: tags, Roles: clerks,
		MaxBody: documentBody, Status: http.StatusCreated,
		Description: "PDF, JPEG or PNG, told by its content. It is kept sealed.",
		Faults:      faults(ErrUnknown, ErrState, ErrDocumentInvalid)}, a.addPaper)
	web.Register(w, web.Op{ID: "download-document", Method: http.MethodGet,
		Path: all + "/{document_id}", Summary: "Download a document", Tags: tags,
		Roles: readers, Media: []string{"application/pdf", "image/jpeg", "image/png"},
		Description: "That somebody did is an event.",
		Faults:      faults(ErrUnknown, ErrDocument)}, a.download)
	web.Register(w, web.Op{ID: "remove-document", Method: http.MethodDelete,
		Path: all + "/{document_id}", Summary: "Forget a document before the decision",
		Tags: tags, Roles: clerks, Faults: faults(ErrUnknown, ErrDocument, ErrState)},
		a.removePaper)
}

func (a *api) registerLinks(w *web.Server) {
	tags := []string{"Applications"}
	web.Register(w, web.Op{ID: "list-application-invitations", Method: http.MethodGet,
		Path: "/v1/application-invitations", Summary: "List the links that work, newest first",
		Tags: tags, Roles: readers}, a.links)
	web.Register(w, web.Op{ID: "create-application-invitation", Method: http.MethodPost,
		Path:    "/v1/application-invitations",
		Summary: "Make a link by which a merchant fills its application in", Tags: tags,
		Roles: clerks, Status: http.StatusCreated, Description: "The address is told once: " +
			"pass it on. With open, everybody who has it begins an application of their own.",
		Faults: faults(ErrUnknown, ErrState, ErrInvalid)}, a.invite)
	web.Register(w, web.Op{ID: "revoke-application-invitation", Method: http.MethodDelete,
		Path: "/v1/application-invitations/{invitation_id}", Summary: "End a link", Tags: tags,
		Roles: clerks, Faults: faults(ErrInvitation)}, a.revoke)
}

func (a *api) registerPayouts(w *web.Server) {
	tags := []string{"Payout accounts"}
	const all = "/v1/payout-accounts"
	web.Register(w, web.Op{ID: "list-payout-accounts", Method: http.MethodGet, Path: all,
		Summary: "List a merchant's accounts, or all that wait for a second person",
		Tags:    tags, Roles: payees, Faults: faults(party.ErrMerchantUnknown)}, a.payouts)
	web.Register(w, web.Op{ID: "propose-payout-account", Method: http.MethodPost, Path: all,
		Summary: "Propose another account of a merchant", Tags: tags, Roles: proposers,
		Status: http.StatusCreated, Description: "A second person at the bank agrees to it; " +
			"72 hours later it is in force. Until then one person is enough to stop it. " +
			"At most five of a merchant wait at a time.",
		Faults: faults(party.ErrMerchantUnknown, ErrInvalid, ErrPayouts)}, a.propose)
	web.Register(w, web.Op{ID: "approve-payout-account", Method: http.MethodPost,
		Path: all + "/{payout_account_id}/approve", Summary: "Agree to an account",
		Tags: tags, Roles: clerks, Description: "By somebody else than its maker. Tell the " +
			"contact that the answer names: a change that nobody there knows of is stopped.",
		Faults: faults(ErrPayout, ErrPayoutState, foureyes.ErrOwn, foureyes.ErrDecided,
			foureyes.ErrStale, party.ErrMerchantUnknown)}, a.approvePayout)
	web.Register(w, web.Op{ID: "stop-payout-account", Method: http.MethodPost,
		Path: all + "/{payout_account_id}/stop", Summary: "Reject an account, or stop it in time",
		Tags: tags, Roles: proposers, Faults: faults(ErrPayout, ErrPayoutState,
			foureyes.ErrDecided)}, a.stopPayout)
}

// importBody is the most bytes of a request with a file in base64.
const importBody = 17 << 20

func (a *api) registerImports(w *web.Server) {
	tags := []string{"Imports"}
	const one = "/v1/imports/{import_id}"
	web.Register(w, web.Op{ID: "list-imports", Method: http.MethodGet, Path: "/v1/imports",
		Summary: "List your newest imports", Tags: tags, Roles: readers}, a.imports)
	web.Register(w, web.Op{ID: "create-import", Method: http.MethodPost, Path: "/v1/imports",
		Summary: "Import shops from a CSV file", Tags: tags, Roles: clerks, MaxBody: importBody,
		Status: http.StatusAccepted, Description: "All shops are made or none. Returns at " +
			"once: ask for the import until its state is not running. With dry_run the file " +
			"is only checked.", Faults: faults(ErrImportFile, ErrImportBusy)}, a.startImport)
	web.Register(w, web.Op{ID: "download-import-template", Method: http.MethodGet,
		Path: "/v1/imports/template", Summary: "Download an empty file to fill in", Tags: tags,
		Roles: readers, Media: []string{csvType}}, a.template)
	web.Register(w, web.Op{ID: "read-import", Method: http.MethodGet, Path: one,
		Summary: "Read how far an import is", Tags: tags, Roles: readers,
		Faults: faults(ErrImport)}, a.readImport)
	web.Register(w, web.Op{ID: "list-import-mistakes", Method: http.MethodGet,
		Path: one + "/mistakes", Summary: "List what is wrong with a file, by line and column",
		Tags: tags, Roles: readers, Faults: faults(ErrImport, ErrCursor)}, a.mistakes)
	web.Register(w, web.Op{ID: "download-import-result", Method: http.MethodGet,
		Path: one + "/result", Summary: "Download the result of an import", Tags: tags,
		Roles: readers, Media: []string{csvType}, Faults: faults(ErrImport)}, a.result)
}

// csvType is the media type of CSV (RFC 7111).
const csvType = "text/csv; charset=utf-8"

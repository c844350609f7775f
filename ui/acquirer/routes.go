package acquirer

import (
	"watari/kit/access"
	"watari/pay/party/signup"
	"watari/ui/console"
)

// Who may open a page (B2).
var (
	all    = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer}
	clerks = []access.Role{access.Acquirer, access.AcquirerClerk}
	admins = []access.Role{access.Acquirer}
)

// uploadMax bounds a form with papers, and importMax one with a file of shops: the file and the
// form around it.
const (
	uploadMax = signup.DocumentMax + 1<<20
	importMax = signup.ImportMax + 1<<20
)

// nav is the way through the console.
func nav() []console.NavItem {
	return []console.NavItem{
		{ID: "home", Path: Prefix, Icon: "home", Main: true},
		{ID: "applications", Path: Prefix + "/applications", Icon: "doc", Main: true,
			Group: "sign"},
		{ID: "imports", Path: Prefix + "/imports", Icon: "up"},
		{ID: "changes", Path: Prefix + "/changes", Icon: "shield"},
		{ID: "shops", Path: Prefix + "/shops", Icon: "store", Main: true, Group: "shops"},
		{ID: "map", Path: Prefix + "/map", Icon: "map"},
		{ID: "problems", Path: Prefix + "/problems", Icon: "bell"},
		{ID: "payments", Path: Prefix + "/payments", Icon: "receipt", Main: true,
			Group: "money"},
		{ID: "volumes", Path: Prefix + "/volumes", Icon: "chart"},
		{ID: "staff", Path: Prefix + "/staff", Icon: "users", Group: "bank"},
		{ID: "keys", Path: Prefix + "/keys", Icon: "key"},
		{ID: "webhooks", Path: Prefix + "/webhooks", Icon: "send"},
		{ID: "audit", Path: Prefix + "/audit", Icon: "history"},
	}
}

// route is a page and who may open it.
type route struct {
	pattern string
	roles   []access.Role
	page    console.Handler
}

// routes adds every page of the console.
func (a *app) routes(k *console.Console) {
	for _, list := range [][]route{a.signRoutes(), a.shopRoutes(), a.moneyRoutes(),
		a.bankRoutes()} {
		for _, r := range list {
			k.Handle(r.pattern, r.roles, r.page)
		}
	}
	k.HandleAlways("POST /acquirer/payments/{id}/refunds", clerks, a.refund)
	k.Upload("POST /acquirer/applications/{id}/documents", clerks, uploadMax, a.addDocument)
	k.Upload("POST /acquirer/imports", clerks, importMax, a.startImport)
}

// signRoutes are the pages on the way to a shop that is live.
func (a *app) signRoutes() []route {
	return []route{
		{"GET /acquirer", all, a.showHome},
		{"GET /acquirer/{$}", all, a.showHome},
		{"GET /acquirer/applications", all, a.listApplications},
		{"GET /acquirer/applications/new", clerks, a.newApplication},
		{"POST /acquirer/applications/new", clerks, a.createApplication},
		{"GET /acquirer/applications/invitations", all, a.listInvitations},
		{"POST /acquirer/applications/invitations", clerks, a.invite},
		{"POST /acquirer/applications/invitations/{invitation}/revoke", clerks,
			a.revokeInvitation},
		{"GET /acquirer/applications/{id}", all, a.showApplication},
		{"GET /acquirer/applications/{id}/edit", clerks, a.editApplication},
		{"POST /acquirer/applications/{id}/edit", clerks, a.saveApplication},
		{"POST /acquirer/applications/{id}/submit", clerks, a.submitApplication},
		{"POST /acquirer/applications/{id}/review", clerks, a.reviewApplication},
		{"POST /acquirer/applications/{id}/screening", clerks, a.screen},
		{"POST /acquirer/applications/{id}/notes", clerks, a.addNote},
		{"GET /acquirer/applications/{id}/documents/{document}", all, a.sendDocument},
		{"POST /acquirer/applications/{id}/documents/{document}/remove", clerks,
			a.removeDocument},
		{"POST /acquirer/applications/{id}/link", clerks, a.linkApplication},
		{"POST /acquirer/applications/{id}/withdraw", clerks, a.withdraw},
		{"GET /acquirer/applications/{id}/return", clerks, a.showReturn},
		{"POST /acquirer/applications/{id}/return", clerks, a.returnApplication},
		{"GET /acquirer/applications/{id}/refuse", clerks, a.showRefuse},
		{"POST /acquirer/applications/{id}/refuse", clerks, a.refuse},
		{"POST /acquirer/applications/{id}/approve", clerks, a.approve},
		{"POST /acquirer/applications/{id}/live", clerks, a.goLive},
		{"POST /acquirer/applications/{id}/suspend", clerks, a.suspend},
		{"POST /acquirer/applications/{id}/close", clerks, a.end},
		{"GET /acquirer/imports", all, a.listImports},
		{"GET /acquirer/imports/template", clerks, a.sendTemplate},
		{"GET /acquirer/imports/{id}", all, a.showImport},
		{"GET /acquirer/imports/{id}/result", all, a.sendResult},
		{"GET /acquirer/changes", all, a.listChanges},
		{"POST /acquirer/changes/{id}/approve", clerks, a.approveChange},
		{"POST /acquirer/changes/{id}/stop", clerks, a.stopChange},
	}
}

// shopRoutes are the pages about shops that were signed.
func (a *app) shopRoutes() []route {
	return []route{
		{"GET /acquirer/shops", all, a.listShops},
		{"GET /acquirer/shops/{no}", all, a.showShop},
		{"POST /acquirer/shops/{no}/status", clerks, a.setShopStatus},
		{"GET /acquirer/shops/{no}/tills", all, a.listTills},
		{"POST /acquirer/shops/{no}/tills", clerks, a.addTill},
		{"POST /acquirer/shops/{no}/tills/{till}/link", clerks, a.linkTill},
		{"POST /acquirer/shops/{no}/tills/{till}/sign-out", clerks, a.signOutTill},
		{"POST /acquirer/shops/{no}/tills/{till}/refunds", clerks, a.setTillRefunds},
		{"POST /acquirer/shops/{no}/tills/{till}/status", clerks, a.setTillStatus},
		{"GET /acquirer/shops/{no}/stand", all, a.showStand},
		{"GET /acquirer/shops/{no}/stand/{file}", all, a.sendStand},
		{"GET /acquirer/shops/{no}/limits", all, a.showLimits},
		{"POST /acquirer/shops/{no}/limits", clerks, a.setLimits},
		{"GET /acquirer/shops/{no}/edit", clerks, a.editShop},
		{"POST /acquirer/shops/{no}/edit", clerks, a.saveShop},
		{"POST /acquirer/shops/{no}/pin", clerks, a.setPIN},
		{"POST /acquirer/shops/{no}/pin/remove", clerks, a.removePIN},
		{"GET /acquirer/shops/{no}/account", all, a.showAccount},
		{"POST /acquirer/shops/{no}/account", clerks, a.proposeAccount},
		{"GET /acquirer/shops/{no}/history", all, a.showShopHistory},
		{"GET /acquirer/shops/{no}/handover", clerks, a.showHandover},
		{"POST /acquirer/shops/{no}/handover", clerks, a.handTill},
		{"POST /acquirer/shops/{no}/handover/owner", clerks, a.inviteOwner},
		{"GET /acquirer/map", all, a.showMap},
		{"GET /acquirer/problems", all, a.showProblems},
	}
}

// moneyRoutes are the pages about payments.
func (a *app) moneyRoutes() []route {
	return []route{
		{"GET /acquirer/payments", all, a.listPayments},
		{"GET /acquirer/payments/{id}", all, a.showPayment},
		{"GET /acquirer/volumes", all, a.showVolumes},
	}
}

// bankRoutes are the pages about the bank itself.
func (a *app) bankRoutes() []route {
	return []route{
		{"GET /acquirer/staff", all, a.listStaff},
		{"POST /acquirer/staff", admins, a.inviteStaff},
		{"POST /acquirer/staff/invitations/{invitation}/withdraw", admins,
			a.withdrawInvitation},
		{"GET /acquirer/staff/{person}", admins, a.showPerson},
		{"POST /acquirer/staff/{person}/role", admins, a.setRole},
		{"POST /acquirer/staff/{person}/unlock", admins, a.unlock},
		{"POST /acquirer/staff/{person}/reset", admins, a.resetPerson},
		{"POST /acquirer/staff/{person}/sign-out", admins, a.signOutPerson},
		{"POST /acquirer/staff/{person}/end", admins, a.endPerson},
		{"GET /acquirer/keys", all, a.listKeys},
		{"POST /acquirer/keys", admins, a.makeKey},
		{"POST /acquirer/keys/{key}/replace", admins, a.replaceKey},
		{"POST /acquirer/keys/{key}/revoke", admins, a.revokeKey},
		{"POST /acquirer/keys/signing", admins, a.addSigningKey},
		{"POST /acquirer/keys/signing/{version}/retire", admins, a.retireSigningKey},
		{"GET /acquirer/webhooks", all, a.listHooks},
		{"POST /acquirer/webhooks", admins, a.addHook},
		{"GET /acquirer/webhooks/{id}", all, a.showHook},
		{"POST /acquirer/webhooks/{id}/edit", admins, a.changeHook},
		{"POST /acquirer/webhooks/{id}/verify", admins, a.verifyHook},
		{"POST /acquirer/webhooks/{id}/disable", admins, a.disableHook},
		{"POST /acquirer/webhooks/{id}/rotate", admins, a.rotateHook},
		{"POST /acquirer/webhooks/{id}/remove", admins, a.removeHook},
		{"POST /acquirer/webhooks/{id}/replay", admins, a.replayFailed},
		{"GET /acquirer/webhooks/{id}/deliveries/{delivery}", all, a.showDelivery},
		{"POST /acquirer/webhooks/{id}/deliveries/{delivery}/replay", admins, a.replay},
		{"GET /acquirer/audit", all, a.showAudit},
		{"GET /acquirer/audit/export", admins, a.exportAudit},
	}
}

// publicRoutes adds the form by which a merchant applies.
func (a *app) publicRoutes(k *console.Console) {
	k.Public("GET /apply/{secret}", a.showGuest)
	k.Public("POST /apply/{secret}/begin", a.beginGuest)
	k.Public("GET /apply/{secret}/{step}", a.showGuestStep)
	k.Public("POST /apply/{secret}/{step}", a.saveGuestStep)
	k.Public("POST /apply/{secret}/documents/{document}/remove", a.removeGuestDocument)
	k.PublicUpload("POST /apply/{secret}/documents", uploadMax, a.addGuestDocument)
}

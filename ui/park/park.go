package park

import (
	"context"
	"embed"
	"net/http"

	"watari/kit/access"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/promo"
	"watari/pay/report"
	"watari/ui/console"
	"watari/visit/park/ground"
	"watari/visit/park/queue"

	parks "watari/visit/park"
	gates "watari/visit/park/gate"
)

//go:embed lang/*.json
var langFiles embed.FS

// Finder finds the parks of a merchant, and what its pages say of them.
type Finder interface {
	ParksOf(ctx context.Context, acquirerNo, merchantNo int64) ([]parks.Park, error)
	Sales(ctx context.Context, q parks.SalesQuery) (parks.SalesReport, error)
	Foresee(ctx context.Context, parkID, day string, products []string) (parks.Foreseen, error)
	RuleNames(ctx context.Context, parkID string) (map[string]i18n.Text, error)
}

// Closer closes days and opens them again.
type Closer interface {
	Close(ctx context.Context, c parks.Closure, actor string) (parks.Closure, error)
	Reopen(ctx context.Context, parkID, closureID, actor string) (parks.Closure, error)
	Closure(ctx context.Context, parkID, closureID string) (parks.Closure, error)
	Closures(ctx context.Context, parkID string) ([]parks.Closure, error)
}

// Catalogue is what is sold, when, for how much, and how much of it there is.
type Catalogue interface {
	Products(ctx context.Context, parkID string) ([]parks.Product, error)
	Product(ctx context.Context, parkID, code string) (parks.Product, error)
	PutProduct(ctx context.Context, p parks.Product, actor string) (parks.Product, error)
	EndProduct(ctx context.Context, parkID, code, actor string) error
	Prices(ctx context.Context, parkID string) ([]parks.Price, error)
	PutPrices(ctx context.Context, parkID string, ps []parks.Price, actor string) error
	Days(ctx context.Context, parkID, from, to string) ([]parks.Day, error)
	PutDays(ctx context.Context, parkID string, ds []parks.Day, actor string) error
	Pools(ctx context.Context, parkID string) ([]parks.Pool, error)
	Quotas(ctx context.Context, parkID, from, to string) ([]parks.Quota, error)
	PutQuotas(ctx context.Context, parkID string, qs []parks.Quota, actor string) error
}

// Giver gives discounts and vouchers.
type Giver interface {
	Discounts(ctx context.Context, parkID string) ([]parks.Discount, error)
	PutDiscount(ctx context.Context, d parks.Discount, actor string) (parks.Discount, error)
	EndDiscount(ctx context.Context, parkID, discount, actor string) error
	MakeVouchers(ctx context.Context, parkID string, b parks.VoucherBatch, requestID,
		actor string) ([]parks.Voucher, error)
	Vouchers(ctx context.Context, parkID, label, after string) ([]parks.Voucher, string, error)
	RevokeVoucher(ctx context.Context, parkID, code, actor string) error
}

// Parks sell. *parks.Service is one.
type Parks interface {
	Finder
	Closer
	Catalogue
	Giver
}

// Gates let people in. *gates.Service is one.
type Gates interface {
	Gates(ctx context.Context, parkID string) ([]gates.Gate, error)
	AddGate(ctx context.Context, g gates.Gate, actor string) (gates.Gate, error)
	EndGate(ctx context.Context, parkID, gateID, actor string) error
	Devices(ctx context.Context, parkID string) ([]gates.Device, error)
	AddDevice(ctx context.Context, parkID, gateID, label, actor string) (
		gates.Device, string, error)
	NewLink(ctx context.Context, parkID, deviceID, actor string) (gates.Device, string, error)
	EndDevice(ctx context.Context, parkID, deviceID, actor string) error
	Occupancy(ctx context.Context, parkID string) (gates.Occupancy, error)
	Hours(ctx context.Context, parkID, day string) ([]gates.Hour, error)
	Clashes(ctx context.Context, parkID, day string) ([]gates.Clash, error)
	AllowOverrides(ctx context.Context, parkID, deviceID string, allowed bool, actor string) (
		gates.Device, error)
	Overrides(ctx context.Context, parkID, day string) ([]gates.Override, error)
	Keys(ctx context.Context, parkID string) ([]gates.Key, error)
	RotateKey(ctx context.Context, parkID, actor string) (gates.Key, error)
	WithdrawKey(ctx context.Context, parkID string, no uint16, actor string) (int64, error)
	TicketsOf(ctx context.Context, orderID string) ([]gates.Ticket, error)
}

// Queues tell how long people wait. *queue.Queues is one.
type Queues interface {
	Live(ctx context.Context, parkID string) ([]queue.Wait, error)
	Place(ctx context.Context, parkID, idOrCode string) (queue.Place, error)
	Places(ctx context.Context, parkID string) ([]queue.Place, error)
	Post(ctx context.Context, p queue.Post) (queue.Wait, error)
	Posts(ctx context.Context, parkID, day string) ([]queue.Post, error)
	Course(ctx context.Context, parkID, placeID, day string) (queue.Course, error)
	Accuracy(ctx context.Context, parkID, day string) ([]queue.Accuracy, error)
	Lines
}

// Grounds keep the maps. *ground.Grounds is one.
type Grounds interface {
	Map(ctx context.Context, parkID string) (*ground.Map, error)
	Replace(ctx context.Context, parkID string, m *ground.Map, actor string) error
	AddPoint(ctx context.Context, parkID string, p ground.Point, actor string) (
		ground.Point, error)
	ChangePoint(ctx context.Context, parkID string, p ground.Point, actor string) (
		ground.Point, error)
	RemovePoint(ctx context.Context, parkID, pointID, actor string) error
}

// Takings say what shops took. *report.Reports is one.
type Takings interface {
	Stores(ctx context.Context, s report.Scope) ([]report.Store, error)
	By(ctx context.Context, s report.Scope, p report.Period, currency money.Currency,
		dims ...report.Dimension) ([]report.Row, error)
}

// Config is what the pages are made of. All fields are needed.
type Config struct {
	Console console.Config
	Parks   Parks
	Orders  Orders
	Gates   Gates
	Queues  Queues
	Grounds Grounds
	Takings Takings
	// Wallets names the wallets of the network by their numbers.
	Wallets func(ctx context.Context) ([]Wallet, error)
	// Pledges says what wallets have agreed to give at a merchant.
	Pledges func(ctx context.Context, merchantNo int64) ([]promo.Pledge, error)
	// PublicURL is where browsers reach this network, without a trailing slash.
	PublicURL string
}

// Wallet is a wallet of the network.
type Wallet struct {
	No       int64
	ID, Name string
}

// app is the console.
type app struct{ Config }

// keepers run a park; nil is everybody of its merchant.
var keepers = []access.Role{access.MerchantOwner, access.MerchantManager}

// New returns the pages below /park.
func New(c Config) *console.Console {
	a := &app{c}
	k := console.New(c.Console, console.App{Prefix: "/park",
		Roles: []access.Role{access.MerchantOwner, access.MerchantManager,
			access.MerchantCashier},
		Texts: i18n.MustLoad(langFiles, "lang/*.json"), Where: a.where, Nav: nav()})
	a.daily(k)
	a.entering(k)
	a.selling(k)
	a.place(k)
	return k
}

// nav is the way through the console.
func nav() []console.NavItem {
	return []console.NavItem{
		{ID: "today", Path: "/park", Icon: "home", Main: true},
		{ID: "sales", Path: "/park/sales", Icon: "chart", Main: true, Roles: keepers},
		{ID: "queues", Path: "/park/queues", Icon: "wait", Main: true, Roles: keepers},
		{ID: "gates", Path: "/park/gates", Icon: "scan", Main: true},
		{ID: "numbers", Path: "/park/numbers", Icon: "users"},
		{ID: "orders", Path: "/park/orders", Icon: "list", Roles: keepers},
		{ID: "refunds", Path: "/park/refunds", Icon: "return", Roles: keepers},
		{ID: "closures", Path: "/park/closures", Icon: "stop", Roles: keepers},
		{ID: "products", Path: "/park/products", Icon: "ticket", Roles: keepers, Group: "selling"},
		{ID: "calendar", Path: "/park/calendar", Icon: "calendar", Roles: keepers},
		{ID: "quotas", Path: "/park/quotas", Icon: "users", Roles: keepers},
		{ID: "discounts", Path: "/park/discounts", Icon: "slash", Roles: keepers},
		{ID: "vouchers", Path: "/park/vouchers", Icon: "code", Roles: keepers},
		{ID: "map", Path: "/park/map", Icon: "map", Roles: keepers, Group: "place"},
		{ID: "shops", Path: "/park/shops", Icon: "store", Roles: keepers},
		{ID: "merchant", Path: "/merchant", Icon: "till"},
	}
}

// daily adds what is looked at every day.
func (a *app) daily(k *console.Console) {
	k.Handle("GET /park", nil, a.showToday)
	k.Handle("POST /park/choose", nil, a.choose)
	k.Handle("GET /park/sales", keepers, a.showSales)
	k.Handle("GET /park/sales.csv", keepers, a.downloadSales)
	k.Handle("GET /park/orders", keepers, a.listOrders)
	k.Handle("GET /park/orders/{id}", keepers, a.showOrder)
	k.HandleAlways("POST /park/orders/{id}/give", keepers, a.giveBack)
	k.HandleAlways("POST /park/orders/{id}/retry", keepers, a.retryReturn)
	k.Handle("GET /park/orders/{id}/returns/{return}", keepers, a.showOwed)
	k.HandleAlways("POST /park/orders/{id}/returns/{return}/retry", keepers, a.retryOwed)
	k.HandleAlways("POST /park/orders/{id}/returns/{return}/repay", keepers, a.repay)
	k.Handle("GET /park/refunds", keepers, a.listOwed)
	k.HandleAlways("POST /park/refunds/retry", keepers, a.retryAll)
	k.Handle("GET /park/closures", keepers, a.listClosures)
	k.Handle("GET /park/closures/new", keepers, a.askClosure)
	k.Handle("POST /park/closures/new", keepers, a.closeDay)
	k.Handle("GET /park/closures/{id}", keepers, a.showClosure)
	k.Handle("POST /park/closures/{id}/reopen", keepers, a.reopen)
	k.Handle("GET /park/queues", keepers, a.showQueues)
	k.Handle("GET /park/queues/{id}", keepers, a.showQueue)
	k.Handle("POST /park/queues/{id}", keepers, a.postWait)
	k.Handle("GET /park/numbers", nil, a.listLines)
	k.Handle("GET /park/numbers/{id}", nil, a.showLine)
	k.Handle("POST /park/numbers/{id}", nil, a.redeem)
	k.Handle("POST /park/numbers/{id}/steer", keepers, a.steer)
	k.Handle("GET /park/numbers/{id}/settings", keepers, a.askLine)
	k.Handle("POST /park/numbers/{id}/settings", keepers, a.setLine)
}

// entering adds the gates, their devices, and the keys that tickets are signed with.
func (a *app) entering(k *console.Console) {
	k.Handle("GET /park/gates", nil, a.showGates)
	k.Handle("GET /park/gates/new", keepers, a.askGate)
	k.Handle("POST /park/gates/new", keepers, a.addGate)
	k.Handle("POST /park/gates/{id}/end", keepers, a.endGate)
	k.Handle("GET /park/gates/{id}/device", keepers, a.askDevice)
	k.Handle("POST /park/gates/{id}/device", keepers, a.addDevice)
	k.Handle("GET /park/devices/{id}/link", keepers, a.toGates)
	k.Handle("POST /park/devices/{id}/link", keepers, a.linkDevice)
	k.Handle("POST /park/devices/{id}/end", keepers, a.endDevice)
	k.Handle("POST /park/devices/{id}/overrides", keepers, a.allowOverrides)
	k.Handle("GET /park/keys", keepers, a.showKeys)
	k.Handle("POST /park/keys", keepers, a.rotateKey)
	k.Handle("GET /park/keys/{no}", keepers, a.askWithdraw)
	k.Handle("POST /park/keys/{no}/withdraw", keepers, a.withdrawKey)
}

// selling adds what is sold, when, and for how much.
func (a *app) selling(k *console.Console) {
	k.Handle("GET /park/products", keepers, a.listProducts)
	k.Handle("GET /park/products/new", keepers, a.askProduct)
	k.Handle("POST /park/products/new", keepers, a.addProduct)
	k.Handle("GET /park/products/{code}", keepers, a.showProduct)
	k.Handle("POST /park/products/{code}", keepers, a.changeProduct)
	k.Handle("POST /park/products/{code}/prices", keepers, a.putPrices)
	k.Handle("POST /park/products/{code}/end", keepers, a.endProduct)
	k.Handle("GET /park/calendar", keepers, a.showCalendar)
	k.Handle("GET /park/calendar/edit", keepers, a.askDays)
	k.Handle("POST /park/calendar/edit", keepers, a.putDays)
	k.Handle("GET /park/quotas", keepers, a.showQuotas)
	k.Handle("GET /park/quotas/edit", keepers, a.askQuotas)
	k.Handle("POST /park/quotas/edit", keepers, a.putQuotas)
	k.Handle("GET /park/discounts", keepers, a.listDiscounts)
	k.Handle("GET /park/discounts/new", keepers, a.askDiscount)
	k.Handle("POST /park/discounts/new", keepers, a.addDiscount)
	k.Handle("GET /park/discounts/{id}", keepers, a.showDiscount)
	k.Handle("POST /park/discounts/{id}", keepers, a.changeDiscount)
	k.Handle("POST /park/discounts/{id}/end", keepers, a.endDiscount)
	k.Handle("GET /park/vouchers", keepers, a.listVouchers)
	k.Handle("GET /park/vouchers.csv", keepers, a.downloadVouchers)
	k.Handle("GET /park/vouchers/new", keepers, a.askVouchers)
	k.Handle("POST /park/vouchers/new", keepers, a.makeVouchers)
	k.Handle("POST /park/vouchers/{code}/revoke", keepers, a.revokeVoucher)
}

// place adds the map and the shops.
func (a *app) place(k *console.Console) {
	k.Handle("GET /park/map", keepers, a.showMap)
	k.Handle("GET /park/map/file", keepers, a.downloadMap)
	k.Upload("POST /park/map/replace", keepers, uploadMax, a.replaceMap)
	k.Handle("GET /park/map/new", keepers, a.askPoint)
	k.Handle("POST /park/map/new", keepers, a.addPoint)
	k.Handle("GET /park/map/points/{id}", keepers, a.showPoint)
	k.Handle("POST /park/map/points/{id}", keepers, a.changePoint)
	k.Handle("POST /park/map/points/{id}/remove", keepers, a.removePoint)
	k.Handle("GET /park/shops", keepers, a.showShops)
}

// where is the name of the park in the head of the pages; with several that of the first.
func (a *app) where(ctx context.Context, c access.Caller, lang i18n.Lang) (string, error) {
	list, err := a.parksOf(ctx, c)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].Name.In(lang), nil
}

// parksOf lists the parks that a caller works for (R1). Who is bound to a store works for the
// park that sells there.
func (a *app) parksOf(ctx context.Context, c access.Caller) ([]parks.Park, error) {
	if c.MerchantNo == 0 {
		return nil, nil
	}
	all, err := a.Parks.ParksOf(ctx, c.ParticipantNo, c.MerchantNo)
	var out []parks.Park
	for _, p := range all {
		if c.StoreNo == 0 || c.StoreNo == p.StoreNo {
			out = append(out, p)
		}
	}
	return out, err
}

// parkCookie remembers which of several parks is looked at.
const (
	parkCookie = "watari_park"
	cookieAge  = 365 * 24 * 60 * 60 // seconds
)

// park is the park of a visit: the one that was chosen, or the first (R1).
func (a *app) park(v *console.Visit) (parks.Park, error) {
	list, err := a.parksOf(v.Ctx(), v.Caller)
	if err != nil {
		return parks.Park{}, err
	}
	if len(list) == 0 {
		return parks.Park{}, v.NotFound()
	}
	if c, err := v.R.Cookie(parkCookie); err == nil {
		for _, p := range list {
			if p.ID == c.Value {
				return p, nil
			}
		}
	}
	return list[0], nil
}

// choose looks at another park from now on.
func (a *app) choose(v *console.Visit) error {
	list, err := a.parksOf(v.Ctx(), v.Caller)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.ID == v.Typed("park") {
			http.SetCookie(v.W, &http.Cookie{Name: parkCookie, Value: p.ID, Path: "/park",
				MaxAge: cookieAge, HttpOnly: true, SameSite: http.SameSiteLaxMode,
				Secure: console.Secure(v.R)})
			return v.SeeOther("/park", "")
		}
	}
	return v.NotFound()
}

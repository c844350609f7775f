package visitor

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
	"watari/visit/park/queue"
)

// Parks sell. park.Service is one.
type Parks interface {
	Find(ctx context.Context, idOrSlug string) (park.Park, error)
	Parks(ctx context.Context) ([]park.Park, error)
	Days(ctx context.Context, parkID, from, to string) ([]park.Day, error)
	Calendar(ctx context.Context, q park.CalendarQuery) ([]park.DayOffer, error)
	Offers(ctx context.Context, q park.OfferQuery) ([]park.Offer, error)
	Preview(ctx context.Context, w park.Wish) (park.Quote, error)
	Product(ctx context.Context, parkID, code string) (park.Product, error)
	Products(ctx context.Context, parkID string) ([]park.Product, error)
	RuleNames(ctx context.Context, parkID string) (map[string]i18n.Text, error)
	QuoteChange(ctx context.Context, c park.Change) (park.ChangeQuote, error)
	Change(ctx context.Context, c park.Change, expectRefund int64, requestID, actor string) (
		*order.Order, error)
	JoinWait(ctx context.Context, w park.Wait) (park.Wait, error)
	LeaveWait(ctx context.Context, visitorID, waitID string) error
	Waits(ctx context.Context, visitorID string) ([]park.Wait, error)
}

// ParkOrders keep what was bought. order.Service is one.
type ParkOrders interface {
	Hold(ctx context.Context, q order.Request) (*order.Order, error)
	Pay(ctx context.Context, orderID, returnURL string) (string, *order.Order, error)
	Settle(ctx context.Context, orderID string) (*order.Order, error)
	Find(ctx context.Context, orderID string) (*order.Order, error)
	ByRequest(ctx context.Context, owner, requestID string) (*order.Order, error)
	ByVisitor(ctx context.Context, visitorID, cursor string) ([]order.Order, string, error)
	List(ctx context.Context, f order.Filter) ([]order.Order, string, error)
	Returns(ctx context.Context, orderID string) ([]order.Return, error)
	QuoteCancel(ctx context.Context, orderID string, c order.Cut) (order.Requoted, error)
	Cancel(ctx context.Context, orderID string, c order.Cut, expectRefund int64, requestID,
		actor string) (*order.Order, error)
	Abandon(ctx context.Context, orderID, actor string) error
}

// ParkTickets let in. gate.Service is one.
type ParkTickets interface {
	TicketsOf(ctx context.Context, orderID string) ([]gate.Ticket, error)
	Secret(ctx context.Context, t gate.Ticket, day string) ([]byte, error)
	Print(ctx context.Context, ticketID string) (gate.Ticket, error)
}

// ParkQueues know how long people wait. queue.Queues is one.
type ParkQueues interface {
	Live(ctx context.Context, parkID string) ([]queue.Wait, error)
	Place(ctx context.Context, parkID, idOrCode string) (queue.Place, error)
	Course(ctx context.Context, parkID, placeID, day string) (queue.Course, error)
	Join(ctx context.Context, j queue.Join) (queue.Ticket, error)
	Held(ctx context.Context, parkID, visitorID string) (*queue.Ticket, error)
	Leave(ctx context.Context, visitorID, ticketID string) (queue.Ticket, error)
}

// ParkMaps know the ground. ground.Grounds is one.
type ParkMaps interface {
	Map(ctx context.Context, idOrSlug string) (*ground.Map, error)
}

// ParkConfig is what the pages of parks are made of. Parks, Orders and Tickets are needed; without
// Queues and Maps there are no waits and no map.
type ParkConfig struct {
	Parks   Parks
	Orders  ParkOrders
	Tickets ParkTickets
	Queues  ParkQueues
	Maps    ParkMaps
	// Takes returns the ids of the wallets that a store takes; nil when nobody knows.
	Takes func(ctx context.Context, storeNo int64) []string
	// Wallet returns the name of a wallet by its id, "" for an unknown one; nil when nobody knows.
	Wallet func(ctx context.Context, issuerID string) string
}

// parkPages are the pages of parks.
type parkPages struct {
	*App
	ParkConfig
}

// Addresses of parks, and of what was bought.
const (
	ParkPath   = Prefix + "/park/"
	OrdersPath = Prefix + "/orders/"
)

// Park adds the pages of parks, and what home says of them. Call it before Mount.
func (a *App) Park(c ParkConfig) {
	check.That(c.Parks != nil && c.Orders != nil && c.Tickets != nil,
		"visitor: the pages of parks lack a service")
	g := &parkPages{App: a, ParkConfig: c}
	a.Places = append(a.Places, parkPlaces{g})
	a.Bookings = append(a.Bookings, parkBookings{g})
	if a.OrderPath == "" {
		a.OrderPath = OrdersPath
	}
	const one = ParkPath + "{slug}"
	a.Handle("GET "+one, Anyone, g.showPark)
	a.Handle("GET "+one+"/buy", Anyone, g.showBuy)
	a.Handle("POST "+one+"/buy", Anyone, g.buy)
	a.Handle("GET "+one+"/quote", Anyone, g.quote)
	a.Handle("POST "+one+"/waitlist", Known, g.joinWait)
	a.Handle("POST "+Prefix+"/waitlist/{id}/leave", Known, g.leaveWait)
	a.Handle("GET "+Prefix+"/waitlist/{id}/leave", Anyone, func(v *Visit) error {
		return v.SeeOther(TicketsPath, "")
	})
	a.Handle("GET "+OrdersPath+"{id}", Known, g.showOrder)
	a.Handle("POST "+OrdersPath+"{id}/pay", Known, g.pay)
	a.Handle("POST "+OrdersPath+"{id}/abandon", Known, g.abandon)
	a.Handle("GET "+OrdersPath+"{id}/cancel", Known, g.askCancel)
	a.Handle("POST "+OrdersPath+"{id}/cancel", Known, g.cancel)
	a.Handle("GET "+OrdersPath+"{id}/change", Known, g.askChange)
	a.Handle("POST "+OrdersPath+"{id}/change", Known, g.change)
	a.Handle("GET "+TicketsPath, Known, g.showTickets)
	a.Handle("GET "+TicketsPath+"/{id}", Known, g.showTicket)
	a.Handle("GET "+TicketsPath+"/{id}/print", Known, g.askPrint)
	a.Handle("POST "+TicketsPath+"/{id}/print", Known, g.printTickets)
	if c.Queues != nil {
		a.Handle("GET "+one+"/waits", Anyone, g.showWaits)
		a.Handle("GET "+one+"/waits/{place}", Anyone, g.showPlace)
		a.Handle("POST "+one+"/waits/{place}/join", Known, g.joinLine)
		a.Handle("POST "+one+"/waits/{place}/leave", Known, g.leaveLine)
	}
	if c.Maps != nil {
		a.Handle("GET "+MapPath, Anyone, g.showFirstMap)
		a.Handle("GET "+one+"/map", Anyone, g.showMap)
	}
	a.Offline(g.offline)
	a.Ending(g.end)
}

// offline names what a browser keeps: the tickets that can still be used, the map, the waits.
func (g *parkPages) offline(v *Visit) ([]string, error) {
	list := []string{}
	if v.Visitor != nil {
		list = append(list, TicketsPath)
		mine, err := g.bookings(v.Ctx(), v.Visitor.ID, park.DayOf(v.Now))
		if err != nil {
			return nil, err
		}
		for _, b := range mine {
			if len(list) <= keptOrders && strings.HasPrefix(b.Href, TicketsPath) {
				list = append(list, b.Href)
			}
		}
	}
	if g.Maps != nil {
		list = append(list, MapPath)
	}
	return list, nil
}

// keptOrders is of how many orders the tickets are kept without a connection.
const keptOrders = 12

// find is the park of the address.
func (g *parkPages) find(v *Visit) (park.Park, error) {
	return g.Parks.Find(v.Ctx(), v.R.PathValue("slug"))
}

// own is the order of the address, when it is the visitor's; another's is answered like none.
func (g *parkPages) own(v *Visit) (*order.Order, error) {
	o, err := g.Orders.Find(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if o.VisitorID != v.Visitor.ID || o.Seller != park.SellerKind {
		return nil, v.NotFound()
	}
	return o, nil
}

// buyer is the wallet whose prices are shown, "" for strangers.
func (v *Visit) buyer() string {
	if v.Visitor == nil {
		return ""
	}
	return v.Visitor.IssuerID
}

// actor names who does something.
func (v *Visit) actor() string { return "visitor:" + v.Visitor.ID }

// walletCalled is the name of a wallet, its id when nobody knows a name.
func (g *parkPages) walletCalled(ctx context.Context, issuerID string) string {
	if g.Wallet != nil {
		if name := g.Wallet(ctx, issuerID); name != "" {
			return name
		}
	}
	return issuerID
}

// yen is an amount of a price.
func yen(n int64) money.Amount { return money.MustNew(n, "JPY") }

// hoursOf are those of a day of a park; ok is false when the calendar has no such day.
func (g *parkPages) hoursOf(ctx context.Context, parkID, day string) (park.Day, bool, error) {
	days, err := g.Parks.Days(ctx, parkID, day, day)
	if err != nil || len(days) == 0 {
		return park.Day{}, false, err
	}
	return days[0], true, nil
}

// openAt tells whether a park is open at a moment of the day.
func openAt(d park.Day, known bool, now time.Time) bool {
	return known && !d.Closed && !now.Before(park.At(d.Day, d.Open)) &&
		now.Before(park.At(d.Day, d.Close))
}

// is tells whether an error is a refusal of a kind.
func is(err error, p *fault.Problem) bool { return errors.Is(err, p) }

// token turns a text of the address or form into one that may be shown again: at most 64
// characters.
func token(s string) string {
	if len(s) > 64 {
		return ""
	}
	return s
}

// hexOf writes a secret for a script.
func hexOf(b []byte) string { return hex.EncodeToString(b) }

// field of a query, without blanks around it.
func field(v *Visit, name string) string { return strings.TrimSpace(v.R.Form.Get(name)) }

// ok is the status of a page that was found.
const statusOK = http.StatusOK

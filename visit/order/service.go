package order

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"watari/kit/batch"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/money"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
)

// Payments are what this package needs of *payment.Service.
type Payments interface {
	Open(ctx context.Context, o payment.Order) (*payment.Payment, error)
	Find(ctx context.Context, acquirerNo int64, ch payment.Channel, ref payment.Ref) (
		*payment.Payment, error)
	Cancel(ctx context.Context, c payment.Cancellation) (*payment.Payment, error)
	Refund(ctx context.Context, g payment.Giveback) (*payment.Refund, error)
	Refundable(ctx context.Context, acquirerNo int64, paymentID string, a money.Amount) error
	FindRefund(ctx context.Context, acquirerNo int64, id string) (*payment.Refund, error)
	CheckoutURL(p *payment.Payment) string
}

// Config is what a Service is made of. The first six fields are required.
type Config struct {
	DB        *db.DB
	Log       *event.Log
	Lane      int
	Payments  Payments
	Directory *party.Directory
	Chart     *ledger.Chart
	// Sellers are known from the start; Add takes those that need the Service themselves.
	Sellers []Seller
	Logger  *slog.Logger     // nil is slog.Default
	Now     func() time.Time // nil is clock.Now
	// Look is how often Run looks for events and for what is due; 0 is 250 ms.
	Look time.Duration
	// Senders is how many refunds a node asks for at the same time; 0 is 8.
	Senders int
	// MassPause stands between two pages of a closure; 0 is 100 ms.
	MassPause time.Duration
	// MassSettle is how long a hold may still be committed that began before a closure; 0 is 10 s.
	MassSettle time.Duration
	// Lease is how long a node holds what is due while it works on it; 0 is 20 s.
	Lease time.Duration
}

// Service sells. It is safe for concurrent use; Run runs once on every node.
type Service struct {
	Config
	sellers map[string]Seller
	holds   *batch.Batcher[*holding, holdReply]
	ends    *batch.Batcher[*ending, endReply]
	wake    chan struct{} // there are returns to send

	begun    atomic.Bool // the place in the log was made
	follower follower
}

// New makes a Service. It panics when a required field is missing. Close it to let waiting orders
// finish.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Log != nil && c.Payments != nil && c.Directory != nil &&
		c.Chart != nil, "order: a part of the configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	wall := c.Now
	if wall == nil {
		wall = clock.Now
	}
	// Times are kept in microseconds; what is answered must be what is read later.
	c.Now = func() time.Time { return wall().UTC().Truncate(time.Microsecond) }
	if c.Look == 0 {
		c.Look = lookEvery
	}
	if c.Senders == 0 {
		c.Senders = sendersMax
	}
	if c.MassPause == 0 {
		c.MassPause = massPause
	}
	if c.MassSettle == 0 {
		c.MassSettle = massSettle
	}
	if c.Lease == 0 {
		c.Lease = workHold
	}
	s := &Service{Config: c, sellers: map[string]Seller{}, wake: make(chan struct{}, 1)}
	for _, seller := range c.Sellers {
		s.Add(seller)
	}
	s.holds = batch.New(batch.Config[*holding]{Key: (*holding).batchKey, Queue: holdsQueue,
		Whole: db.IsOutage}, s.runHolds)
	s.ends = batch.New(batch.Config[*ending]{Key: (*ending).batchKey, Max: endsMax,
		Whole: db.IsOutage}, s.runEnds)
	return s
}

// Sizes and times of the work.
const (
	lookEvery  = 250 * time.Millisecond
	sendersMax = 8
	massPause  = 100 * time.Millisecond
	endsMax    = 64 // orders that are concluded in one transaction
	// holdsQueue is how many requests may wait when a sale begins: some seconds of work.
	holdsQueue = 32_768
)

// Add makes a seller known. Call it before anything is sold; it panics when its kind is taken.
func (s *Service) Add(seller Seller) {
	check.That(s.sellers[seller.Kind()] == nil, "order: two sellers %q", seller.Kind())
	s.sellers[seller.Kind()] = seller
}

// Close waits until every order that was taken is committed.
func (s *Service) Close() {
	s.holds.Close()
	s.ends.Close()
}

// seller returns the seller of an order that exists.
func (s *Service) seller(kind string) Seller {
	found := s.sellers[kind]
	check.That(found != nil, "order: nobody sells %q", kind)
	return found
}

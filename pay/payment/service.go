package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"watari/kit/batch"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/risk"
)

// Times of one request, counted from its first byte (P12).
const (
	// BeginEnd is when a sale that still waits is refused: under an overload it is better to say so
	// than to ask a wallet that has no time left to answer.
	BeginEnd = 3 * time.Second
	// CallEnd is when the call to the wallet ends.
	CallEnd = 6 * time.Second
	// AnswerEnd is when the caller has its answer, if only "unknown".
	AnswerEnd = 7 * time.Second
	// firstInquiry is when a payment that nobody concluded is looked at: the process that
	// began it has answered or died by then.
	firstInquiry = 8 * time.Second
)

// Sealer hides personal data at rest and finds it again.
type Sealer interface {
	Seal(plain string) string
	Unseal(sealed string) (string, error)
}

// Service takes payments. All fields of Config are needed but Now and Logger.
type Service struct {
	db         *db.DB
	log        *event.Log
	lane       int
	directory  *party.Directory
	registry   *party.Registry
	board      *fx.Board
	codes      *code.Table
	chart      *ledger.Chart
	connectors map[string]link.Connector
	seal       Sealer
	now        func() time.Time
	logger     *slog.Logger
	batch      *batch.Batcher[order, reply]
	ciis       map[string]string
	clientID   string
	rules      risk.Rules
	public     string
	pokes      pokes
}

// Config is what a Service is made of.
type Config struct {
	DB         *db.DB
	Log        *event.Log
	Lane       int // this node's lane of events and balances
	Directory  *party.Directory
	Registry   *party.Registry
	Board      *fx.Board
	Codes      *code.Table
	Chart      *ledger.Chart
	Connectors map[string]link.Connector // by the folder under connect/
	// CIIs are the first six digits of the codes issued here, by the wallet's code group.
	CIIs     map[string]string
	ClientID string // how the network names itself towards wallets
	// PublicURL is where payers and wallets reach this network, without a trailing slash. The
	// codes of orders begin with it, see Orders.
	PublicURL string
	Seal      Sealer
	Rules     risk.Rules       // limits that stand in no agreement
	Now       func() time.Time // nil is clock.Now
	Logger    *slog.Logger     // nil is slog.Default
	BatchMax  int              // orders in one transaction; 0 is 256
	QueueMax  int              // orders that may wait; beyond it ErrBusy; 0 is 4096
}

// New returns a service. Close it to let waiting orders finish.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Log != nil && c.Directory != nil && c.Registry != nil &&
		c.Board != nil && c.Codes != nil && c.Chart != nil && c.Seal != nil,
		"payment: a part of the configuration is missing")
	s := &Service{db: c.DB, log: c.Log, lane: c.Lane, directory: c.Directory,
		registry: c.Registry, board: c.Board, codes: c.Codes, chart: c.Chart,
		connectors: c.Connectors, seal: c.Seal, logger: c.Logger, ciis: c.CIIs,
		rules: c.Rules, public: c.PublicURL,
		clientID: c.ClientID}
	wall := c.Now
	if wall == nil {
		wall = clock.Now
	}
	// Times are kept in microseconds; what is answered must be what is read later.
	s.now = func() time.Time { return wall().UTC().Truncate(time.Microsecond) }
	if s.logger == nil {
		s.logger = slog.Default()
	}
	s.batch = batch.New(batch.Config[order]{Max: c.BatchMax, Queue: c.QueueMax,
		Key:   order.batchKey,
		Whole: db.IsOutage}, s.run)
	return s
}

// Close waits until every order that was taken is committed.
func (s *Service) Close() { s.batch.Close() }

// Stats tells how many batches were committed with how many orders.
func (s *Service) Stats() batch.Stats { return s.batch.Stats() }

// submit puts an order into a batch and waits for its reply, not longer than until.
func (s *Service) submit(ctx context.Context, o order, until time.Time) (reply, error) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	r, err := s.batch.Do(ctx, o)
	switch {
	case err == batch.ErrBusy:
		return r, ErrBusy.Newf("too many requests are waiting; try again").Because(err)
	case err != nil:
		s.isolate(o, err)
		return r, inTime(fmt.Errorf("commit %T: %w", o, err))
	}
	return r, r.err
}

// inTime turns the end of a request's time into ErrBusy. What was asked for may be committed all
// the same; a repeat finds it.
func inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrBusy) {
		return ErrBusy.Newf("the request takes too long; send the same one again").Because(err)
	}
	return err
}

// frame is everything about the parties of a payment that its steps need.
type frame struct {
	point     party.Point
	wallet    party.Wallet
	books     *books
	connector link.Connector
	caps      link.Capabilities
	ourself   string
	notify    string // where the wallet's notices reach us
	// The agreements that the payment was made under. Its clearing days follow them for ever:
	// a cancel stands in the day of its sale, whatever was agreed between the two.
	acquirerTerms, issuerTerms party.Agreement
}

// frameOf finds the parties of a payment that exists.
func (s *Service) frameOf(ctx context.Context, p *Payment) (*frame, error) {
	point, err := s.directory.Store(ctx, p.StoreNo)
	if err != nil {
		return nil, fmt.Errorf("find store of %s: %w", p.ID, err)
	}
	if p.TerminalNo != 0 {
		if point, err = s.directory.Terminal(ctx, p.TerminalNo); err != nil {
			return nil, fmt.Errorf("find terminal of %s: %w", p.ID, err)
		}
	}
	wallet, err := s.directory.Wallet(ctx, p.IssuerNo)
	if err != nil {
		return nil, fmt.Errorf("find wallet of %s: %w", p.ID, err)
	}
	b, err := s.booksOf(ctx, p.AcquirerNo, p.MerchantNo, p.IssuerNo, p.Order.Currency(),
		p.PayTo.Currency())
	if err != nil {
		return nil, fmt.Errorf("find accounts of %s: %w", p.ID, err)
	}
	f := &frame{point: point, wallet: wallet, books: b}
	if f.acquirerTerms, err = s.directory.AgreementVersion(ctx, p.AcquirerNo, party.Acquirer,
		p.Settle.Currency(), p.AcquirerAgreement); err != nil {
		return nil, fmt.Errorf("find acquirer's agreement of %s: %w", p.ID, err)
	}
	if f.issuerTerms, err = s.directory.AgreementVersion(ctx, p.IssuerNo, party.Issuer,
		p.PayTo.Currency(), p.IssuerAgreement); err != nil {
		return nil, fmt.Errorf("find issuer's agreement of %s: %w", p.ID, err)
	}
	return f, f.connect(s)
}

// connect finds the connector that speaks the wallet's protocol.
func (f *frame) connect(s *Service) error {
	c, ok := s.connectors[f.wallet.Issuer.Connector]
	if !ok {
		return ErrWalletClosed.Newf("no connector speaks %q", f.wallet.Issuer.Connector)
	}
	f.connector, f.caps, f.ourself = c, c.Capabilities(), s.clientID
	if s.public != "" {
		f.notify = s.public + "/wallets/" + f.wallet.Issuer.Connector + "/" + f.wallet.Issuer.ID
	}
	return nil
}

// about names a leg to its wallet.
func (f *frame) about(p *Payment, l *Leg) link.About {
	way, at, prepared := p.Way, p.Created, ""
	if l.Terms != nil {
		way, at = l.Terms.Way, l.Terms.Taken
		if l.Terms.Form != nil {
			prepared = l.Terms.Form.PreparedID
		}
	}
	return link.About{OurRequestID: l.ID, AcquirerID: f.point.Acquirer.ID,
		IssuerID: f.wallet.Issuer.ID, TheirID: l.TheirID, PreparedID: prepared, Way: way,
		Order: p.Order, PayTo: l.Amount, At: at, Held: p.Hold}
}

// endpoint is where the wallet is called.
func (f *frame) endpoint() link.Endpoint {
	i := f.wallet.Issuer
	return link.Endpoint{IssuerNo: i.No, IssuerID: i.ID, ClientID: f.ourself,
		BaseURL: i.BaseURL, NotifyURL: f.notify}
}

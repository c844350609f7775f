package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"watari/app/meter"
	"watari/connect/alipayplus"
	paypaysignin "watari/connect/paypay/signin"
	"watari/kit/access"
	"watari/kit/access/oidc"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/id"
	"watari/kit/seal"
	"watari/kit/web"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/promo"
	"watari/pay/risk"
	"watari/pay/watch"
	"watari/pay/webhook"
	"watari/ui/checkout"
	"watari/ui/stand"
	"watari/ui/theme"
	"watari/ui/till"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
	"watari/visit/park/queue"
	"watari/visit/visitor"

	sandboxpark "watari/sandbox/park"
)

// node is one process of the network, wired from the database up to the pages.
type node struct {
	db        *db.DB
	log       *event.Log
	lane      int
	release   func()
	directory *party.Directory
	registry  *party.Registry
	keys      *access.Keys
	people    *people.People
	gate      *oidc.Gate
	desk      *foureyes.Desk
	pledges   *promo.Pledges
	board     *fx.Board
	chart     *ledger.Chart
	signers   *seal.Signers
	ring      *seal.Ring
	client    *alipayplus.Client
	wallets   *wallets
	public    string
	local     bool // see setting
	sandbox   bool // see setting
	guard     *guard.Guard
	payments  *payment.Service
	stands    *stand.Printer
	signup    *signup.Service
	watcher   *watch.Watch
	hooks     *webhook.Service
	orders    *order.Service
	parks     *park.Service
	gates     *gate.Service
	grounds   *ground.Grounds
	queues    *queue.Queues
	visitors  *visitor.Service
	logger    *slog.Logger

	payPaySignIn *paypaysignin.Client
	ownMoney     *vault[ownMoney]
	// filling is how far the sandbox's park is filled with people.
	filling sandboxpark.Progress
}

// setting is what differs between a live network, a sandbox and a benchmark.
type setting struct {
	keysDir    string
	repeatRate bool          // rates never age: the sandbox's file ends somewhere in the past
	deadline   time.Duration // of unknown outcomes; 0 is the protocol's
	connectors map[string]link.Connector
	guard      guard.Config // when a wallet that does not answer is given up
	codes      []code.Entry
	batchMax   int
	// public is where payers and wallets reach this network, without a trailing slash.
	public string
	// walletHost is under which host browsers find wallets that are called by loopback; "" is
	// loopback itself.
	walletHost string
	// sandbox: people need no second factor, and their passwords are printed in a file.
	sandbox bool
	// local lets acquirers be told and asked at addresses that are not on the public internet.
	local bool
}

// clientID is how the network names itself in what it signs.
const clientID = "WATARI"

// ciis are the first six digits of payment codes issued here, by code group.
func ciis() map[string]string { return map[string]string{"alipay": "251001"} }

// newNode wires a node over an open store.
func newNode(ctx context.Context, d *db.DB, s setting, logger *slog.Logger) (*node, error) {
	n := &node{db: d, log: event.NewLog(d), logger: logger}
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	n.lane, n.release, err = event.ClaimLane(ctx, d,
		fmt.Sprintf("%s:%d:%s", host, os.Getpid(), id.Secret(8)))
	if err != nil {
		return nil, fmt.Errorf("claim a lane: %w", err)
	}
	if err := n.openKeys(s.keysDir); err != nil {
		return nil, errors.Join(err, n.close())
	}
	n.directory = party.NewDirectory(d)
	n.registry = party.NewRegistry(d, n.directory, n.log, n.lane, party.DefaultSight())
	n.keys = access.New(d)
	n.keys.Heed(party.Standing)
	n.desk = newDesk(d, n.log, n.lane, n.registry, n.directory)
	n.pledges = promo.NewPledges(promo.PledgesConfig{DB: d, Log: n.log, Lane: n.lane,
		Directory: n.directory, Desk: n.desk})
	n.people = people.New(people.Config{DB: d, Log: n.log, Lane: n.lane, Ring: n.ring,
		Desk: n.desk, Exists: places{n}.exists, Terminal: places{n}.terminal,
		Standing: party.Standing, PublicURL: s.public, Sandbox: s.sandbox, Logger: logger})
	n.board = fx.New(d, fx.Config{RepeatLastDay: s.repeatRate, Desk: n.desk})
	n.chart = ledger.NewChart(d)
	aps := alipayplus.ClientConfig{Signers: n.signers, Keys: n.directory, Deadline: s.deadline}
	if s.public != "" {
		aps.NotifyURL = s.public + alipayplus.PathNotify
	}
	n.client = alipayplus.NewClient(aps)
	connectors := map[string]link.Connector{n.client.Name(): n.client}
	n.public, n.local, n.sandbox = s.public, s.local, s.sandbox
	n.gate = n.newGate(s.keysDir)
	n.wallets = newWallets(filepath.Join(filepath.Dir(s.keysDir), "wallets"), n.directory,
		s.deadline)
	n.wallets.connectors(connectors)
	for name, c := range s.connectors {
		connectors[name] = c
	}
	n.guard = n.watch(s.guard)
	for name, c := range connectors {
		connectors[name] = n.guard.Wrap(c)
	}
	entries := s.codes
	if entries == nil {
		entries = code.Default()
	}
	table, err := code.New(entries)
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	n.payments = payment.New(payment.Config{DB: d, Log: n.log, Lane: n.lane,
		Directory: n.directory, Registry: n.registry, Board: n.board, Codes: table,
		Chart: n.chart, Connectors: connectors, Seal: n.ring, CIIs: ciis(), ClientID: clientID,
		Rules: risk.Default(), Logger: logger, BatchMax: s.batchMax, PublicURL: s.public})
	n.signup = n.newSignup()
	n.watcher = n.newWatch()
	n.hooks = n.newHooks()
	n.orders = n.newOrders()
	n.parks = n.newParks()
	n.gates = n.newGates()
	n.parks.Use(n.orders, n.gates)
	n.grounds = n.newGrounds()
	n.queues = n.newQueues()
	n.visitors = n.newVisitors(filepath.Dir(s.keysDir), s.walletHost)
	return n, nil
}

// networkKey is the name of the network's signing keys in the folder of keys.
const networkKey = "network"

// makeKeys writes first versions of the network's keys where there are none.
func makeKeys(dir string) error {
	if err := seal.Create(dir, 1); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make sealing key: %w", err)
	}
	_, err := seal.CreateSigner(dir, networkKey, 1, time.Time{}, time.Time{})
	if err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make signing key: %w", err)
	}
	return nil
}

// openKeys reads the network's keys.
func (n *node) openKeys(dir string) (err error) {
	if n.ring, err = seal.Open(dir); err != nil {
		return fmt.Errorf("read sealing keys: %w", err)
	}
	if n.signers, err = seal.OpenSigners(dir, networkKey); err != nil {
		return fmt.Errorf("read signing keys: %w", err)
	}
	return nil
}

// close lets orders finish and gives the lane back. The database is the caller's.
func (n *node) close() error {
	if n.wallets != nil {
		n.wallets.close()
	}
	if n.queues != nil {
		n.queues.Close()
	}
	if n.orders != nil {
		n.orders.Close()
	}
	if n.payments != nil {
		n.payments.Close()
	}
	if n.signup != nil {
		n.signup.Close()
	}
	if n.hooks != nil {
		n.hooks.Close()
	}
	if n.client != nil {
		n.client.Close()
	}
	if n.payPaySignIn != nil {
		n.payPaySignIn.Close()
	}
	if n.release != nil {
		n.release()
	}
	return nil
}

// jobs runs what a node does on its own until ctx ends.
func (n *node) jobs(ctx context.Context) []func() {
	return []func(){
		func() { n.payments.Run(ctx) },
		func() {
			if err := n.keys.Run(ctx); err != nil && ctx.Err() == nil {
				n.logger.Error("last use of API keys not kept", "error", err)
			}
		},
		func() { n.runPeople(ctx) },
		func() { n.recordUse(ctx) },
		func() { n.tell(ctx) },
		func() { n.hooks.Run(ctx) },
		func() { n.purge(ctx) },
		func() { n.watcher.Run(ctx) },
		func() { n.visitors.Run(ctx) },
		func() { n.orders.Run(ctx) },
		func() { n.parks.Run(ctx) },
		func() { n.queues.Run(ctx) },
	}
}

// recordUse keeps when signing keys and terminals were last used, once a minute.
func (n *node) recordUse(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := n.directory.RecordUse(ctx); err != nil && ctx.Err() == nil {
			n.logger.Error("last use of keys not kept", "error", err)
		}
	}
}

// serve wires the HTTP side of a node.
func (n *node) serve(done <-chan struct{}) *web.Server {
	w := web.New(web.Config{Title: "Watari", Version: Version(), Description: apiText,
		Keys: n.keys, Log: n.logger, Ready: n.ready,
		Aliases: amountAlias()})
	n.payments.Register(w)
	(&party.API{Directory: n.directory, Registry: n.registry, DB: n.db,
		ActivationPath: activationPath}).Register(w)
	registerAPI(w, n)
	registerJoining(w, n)
	registerPrefixes(w, n)
	registerSignup(w, n)
	registerWebhooks(w, n)
	registerPeople(w, n)
	registerStands(w, n)
	registerReports(w, n)
	registerWatch(w, n)
	registerOrders(w, n)
	registerParks(w, n)
	registerGates(w, n)
	registerGrounds(w, n)
	registerQueues(w, n)
	n.desk.Register(w, changeFaults()...)
	n.pledges.Register(w)
	n.wallets.register(w, n, n.public)
	w.Metrics().MustRegister(meter.New(n.payments), meter.NewWallets(n.guard))
	w.Handle(alipayplus.Prefix, n.alipayPlus())
	w.Handle(theme.Prefix, theme.Handler())
	pages := till.New(till.Config{Payments: n.payments,
		Terminals: terminals{n.registry, n.directory}, Events: n.log, Wallets: n.directory,
		Done: done, Logger: n.logger})
	w.Handle("/till", pages)
	w.Handle("/till/", pages)
	payers := checkout.New(checkout.Config{Payments: n.payments, Places: n.directory,
		Events: n.log, PublicURL: n.public, Logger: n.logger})
	registerConsoles(w, n, done)
	registerVisitor(w, n, done)
	for _, path := range checkout.Paths() {
		w.Handle(path, payers)
	}
	return w
}

// ready says whether the database answers.
func (n *node) ready(ctx context.Context) error {
	_, err := n.directory.Reference(ctx)
	return err
}

// terminals knows which browser is which terminal.
type terminals struct {
	*party.Registry
	*party.Directory
}

// apiText introduces the API in its document.
const apiText = `Takes payments from visitors' wallets and settles them with a shop's bank.

Amounts are integers in minor units with an ISO 4217 currency. Times are RFC 3339. Errors are
problem documents (RFC 9457); their types are pages of this server. Requests that move money carry
an Idempotency-Key; merchants, stores, terminals and keys carry ids of your own. Either way a
repeat is safe.`

// activationPath is where the till takes an activation link, up to its secret.
const activationPath = "/till/activate/"

// Version is the version of the program, from its build.
func Version() string {
	if v := strings.TrimSpace(buildVersion); v != "" {
		return v
	}
	return "dev"
}

// buildVersion is set by the linker.
var buildVersion string

// keysDir is the folder of keys of an installation.
func (s Store) keysDir() string { return filepath.Join(s.Data, "keys") }

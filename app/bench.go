package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"watari/app/bench"
	"watari/kit/access"
	"watari/kit/batch"
	"watari/kit/db"
	"watari/kit/web"
	"watari/pay/code"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/sandbox/rates"
)

// benchRun is one call of the command.
type benchRun struct {
	Store
	concurrency int
	duration    time.Duration
	limit       time.Duration
	profile     string // a file, or ""
	fresh       bool   // the store is made for this run and removed after it
}

// RunBench is `watari bench`, of payments or of a rush for tickets.
func RunBench(ctx context.Context, args []string, out, errw io.Writer) int {
	switch {
	case len(args) > 0 && args[0] == "rush":
		return runRush(ctx, args[1:], out, errw)
	case len(args) == 0 || args[0] != "pay":
		fmt.Fprintln(errw, "watari bench: takes pay or rush")
		return exitFailed
	}
	var b benchRun
	fs := flag.NewFlagSet("bench pay", flag.ContinueOnError)
	fs.SetOutput(errw)
	fs.StringVar(&b.Data, "data", env("data", ""), "folder of a bench store (default: a fresh one)")
	fs.StringVar(&b.Database, "database", env("database", ""), "postgres://…")
	fs.IntVar(&b.concurrency, "concurrency", 64, "requests at once, 1 to 4096")
	fs.DurationVar(&b.duration, "duration", 20*time.Second, "how long payments are made")
	fs.DurationVar(&b.limit, "limit-duration", 10*time.Second,
		"how long the bare limit is measured")
	profile := fs.String("cpuprofile", "", "write a CPU profile of the payments to this file")
	asJSON := fs.Bool("json", false, "print only the last line")
	if _, err := parse(fs, args[1:]); err != nil {
		return usageCode(err)
	}
	if b.concurrency < 1 || b.concurrency > 4096 || b.duration <= 0 {
		fmt.Fprintln(errw, "watari bench pay: --concurrency is 1 to 4096, --duration above 0")
		return exitFailed
	}
	say := out
	if *asJSON {
		say = io.Discard
	}
	b.profile = *profile
	f, err := b.run(ctx, say)
	if err != nil {
		fmt.Fprintf(errw, "watari bench pay: %v\n", err)
		return exitBroken
	}
	line, err := f.Line()
	if err != nil {
		fmt.Fprintf(errw, "watari bench pay: %v\n", err)
		return exitBroken
	}
	fmt.Fprintf(out, "%s\n", line)
	if f.Errors > 0 {
		return exitBroken
	}
	return exitHolds
}

// run measures payments, then the bare limit on a store of its own.
func (b benchRun) run(ctx context.Context, say io.Writer) (f bench.Figures, err error) {
	if b.Data == "" {
		if b.Data, err = os.MkdirTemp("", "watari-bench-"); err != nil {
			return f, err
		}
		defer os.RemoveAll(b.Data)
	}
	d, err := b.open(ctx, Bench)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	f.Engine, f.Concurrency = d.Engine().String(), b.concurrency
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		f.Before, err = payment.Count(ctx, tx)
		return err
	})
	if err != nil {
		return f, err
	}
	before, err := bench.Size(ctx, b.Data, b.Database)
	if err != nil {
		return f, err
	}
	res, st, err := b.pay(ctx, d)
	if err != nil {
		return f, err
	}
	if res.FirstErr != nil {
		fmt.Fprintf(say, "first error: %v\n", res.FirstErr)
	}
	after, err := bench.Size(ctx, b.Data, b.Database)
	if err != nil {
		return f, err
	}
	f.Paid(res, st.Items, st.Batches, after-before)
	limit, err := bench.Bare(ctx, b.Location(), b.Database != "", b.Data, b.limit, schema())
	if err != nil {
		return f, fmt.Errorf("bare limit: %w", err)
	}
	f.Against(limit)
	f.Say(say)
	return f, nil
}

// pay serves the API on loopback and loads it.
func (b benchRun) pay(ctx context.Context, d *db.DB) (bench.Result, batch.Stats, error) {
	var none bench.Result
	var idle batch.Stats
	if err := makeKeys(b.keysDir()); err != nil {
		return none, idle, err
	}
	logger := slog.New(slog.DiscardHandler)
	n, err := newNode(ctx, d, setting{keysDir: b.keysDir(), repeatRate: true,
		connectors: map[string]link.Connector{bench.WalletName: bench.Wallet{}},
		codes:      []code.Entry{{Prefix: benchPrefix, Min: 24, Max: 24, Wallet: "bench"}}},
		logger)
	if err != nil {
		return none, idle, err
	}
	defer n.close()
	key, shops, err := n.seedBench(ctx)
	if err != nil {
		return none, idle, fmt.Errorf("seed: %w", err)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return none, idle, err
	}
	var res bench.Result
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	load := bench.Load{Addr: ln.Addr().String(), Keys: []string{key}, Stores: shops,
		Concurrency: b.concurrency, Duration: b.duration, Prefix: benchPrefix}
	w := web.New(web.Config{Keys: n.keys, Log: logger, Aliases: amountAlias()})
	n.payments.Register(w)
	err = n.listen(ctx, w, ln, func(ctx context.Context) (err error) {
		warm := load
		warm.Duration = min(time.Second, b.duration)
		if _, err := warm.Run(ctx); err != nil {
			return err
		}
		end, err := profiled(b.profile)
		if err != nil {
			return err
		}
		res, err = load.Run(ctx)
		stop()
		return errors.Join(err, end())
	})
	return res, n.payments.Stats(), err
}

// profiled profiles until the returned function is called; an empty name is no profile.
func profiled(name string) (end func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// benchPrefix begins the wallet codes of a benchmark.
const benchPrefix = "10000000"

// benchShops is how many shops a benchmark pays at.
const benchShops = 100

// seedBench makes a bank, its shops and a wallet when they are absent, and a fresh key.
func (n *node) seedBench(ctx context.Context) (key string, shops []bench.Shop, err error) {
	for i := range benchShops {
		shops = append(shops, bench.Shop{StoreID: fmt.Sprintf("S%03d", i),
			TerminalID: fmt.Sprintf("T%03d", i)})
	}
	bank, err := n.directory.ByID(ctx, "BENCH_BANK")
	if errors.Is(err, party.ErrParticipantUnknown) {
		if bank, err = n.plantBench(ctx, shops); err != nil {
			return "", nil, err
		}
		_, err = n.board.Import(ctx, strings.NewReader(string(rates.Recent)), "bench")
	}
	if err != nil {
		return "", nil, err
	}
	err = n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		key, err = n.keys.Create(ctx, tx, access.Grant{Role: access.Acquirer,
			ParticipantNo: bank.No, Label: "bench"})
		return err
	})
	return key, shops, err
}

// plantBench adds the parties of a benchmark. The limits that every payment must pass are
// set, far away, so that they are counted.
func (n *node) plantBench(ctx context.Context, shops []bench.Shop) (party.Participant, error) {
	var bank party.Participant
	far := int64(1) << 52
	err := n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		bank, err = n.registry.AddParticipant(ctx, tx, "bench", party.Participant{
			ID: "BENCH_BANK", Name: "Bench Bank"})
		if err != nil {
			return err
		}
		if _, err = n.registry.AddAgreement(ctx, tx, "bench", party.Agreement{
			ParticipantNo: bank.No, Role: party.Acquirer, Currency: "JPY",
			Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		w, err := n.registry.AddParticipant(ctx, tx, "bench", party.Participant{
			ID: "BENCH_WALLET", Name: "Bench Wallet", Connector: bench.WalletName,
			BaseURL: "http://127.0.0.1:1", CodeGroup: "bench"})
		if err != nil {
			return err
		}
		if _, err = n.registry.AddAgreement(ctx, tx, "bench", party.Agreement{
			ParticipantNo: w.No, Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai",
			SpreadPPM: 10_000, InterchangePPM: 9_000, SchemePPM: 1_500, CapMinor: &far,
			PerDayMaxMinor: &far, PerPaymentMaxMinor: &far}); err != nil {
			return err
		}
		m, err := n.registry.AddMerchant(ctx, tx, "bench", party.Merchant{AcquirerNo: bank.No,
			ID: "M1", Name: "Bench", NameJA: "ベンチ", MCC: "5812", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		for _, s := range shops {
			if err := n.plantShop(ctx, tx, m, s); err != nil {
				return err
			}
		}
		return nil
	})
	return bank, err
}

func (n *node) plantShop(ctx context.Context, tx *db.Tx, m party.Merchant, s bench.Shop) error {
	far := int64(1) << 52
	store, err := n.registry.AddStore(ctx, tx, "bench", party.Store{AcquirerNo: m.AcquirerNo,
		MerchantNo: m.No, ID: s.StoreID, Name: "Bench " + s.StoreID, NameJA: "ベンチ",
		Prefecture: "21", MCC: "5812", PerDayMaxMinor: &far})
	if err != nil {
		return err
	}
	_, err = n.registry.AddTerminal(ctx, tx, "bench", party.Terminal{AcquirerNo: m.AcquirerNo,
		StoreNo: store.No, ID: s.TerminalID, Label: s.TerminalID})
	return err
}

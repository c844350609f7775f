package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"watari/app/bench"
	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/kit/id"
	"watari/visit/order"
	"watari/visit/park"
)

// rushRun is one call of `watari bench rush`: so many visitors want a place of the same day at
// the same moment.
type rushRun struct {
	Store
	buyers, places int
}

// buyersMax is how many visitors a rush can have.
const buyersMax = 30_000

// runRush is `watari bench rush`. It ends with 1 when more or fewer places were sold than there
// are, or when anybody was told anything but that it is sold out.
func runRush(ctx context.Context, args []string, out, errw io.Writer) int {
	var b rushRun
	fs := flag.NewFlagSet("bench rush", flag.ContinueOnError)
	fs.SetOutput(errw)
	fs.StringVar(&b.Data, "data", env("data", ""), "folder of a bench store (default: a fresh one)")
	fs.StringVar(&b.Database, "database", env("database", ""), "postgres://…")
	fs.IntVar(&b.buyers, "buyers", 2000, "visitors at once, 1 to 30000")
	fs.IntVar(&b.places, "places", 500, "places that there are, 1 to 30000")
	asJSON := fs.Bool("json", false, "print only the last line")
	if _, err := parse(fs, args); err != nil {
		return usageCode(err)
	}
	if b.buyers < 1 || b.buyers > buyersMax || b.places < 1 || b.places > buyersMax {
		fmt.Fprintln(errw, "watari bench rush: --buyers and --places are 1 to 30000")
		return exitFailed
	}
	say := out
	if *asJSON {
		say = io.Discard
	}
	f, err := b.run(ctx)
	if err != nil {
		fmt.Fprintf(errw, "watari bench rush: %v\n", err)
		return exitBroken
	}
	f.Say(say)
	line, err := f.Line()
	if err != nil {
		fmt.Fprintf(errw, "watari bench rush: %v\n", err)
		return exitBroken
	}
	fmt.Fprintf(out, "%s\n", line)
	if !f.Holds() {
		return exitBroken
	}
	return exitHolds
}

// run opens a store, makes a park with so many places, and lets everybody in.
func (b rushRun) run(ctx context.Context) (f bench.Rush, err error) {
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
	if err := makeKeys(b.keysDir()); err != nil {
		return f, err
	}
	n, err := newNode(ctx, d, setting{keysDir: b.keysDir(), repeatRate: true},
		slog.New(slog.DiscardHandler))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if _, _, err := n.seedBench(ctx); err != nil {
		return f, fmt.Errorf("seed: %w", err)
	}
	parkID, day, err := n.benchPark(ctx, int64(b.places))
	if err != nil {
		return f, fmt.Errorf("make a park: %w", err)
	}
	f = bench.Rush{Engine: d.Engine().String(), Buyers: b.buyers, Places: b.places}
	n.rush(ctx, &f, parkID, day)
	qs, err := n.parks.Quotas(ctx, parkID, day, day)
	for _, q := range qs {
		if q.Channel == "" {
			f.Taken = q.Taken
		}
	}
	return f, err
}

// benchPark makes a park that sells so many places of one day, a month from now.
func (n *node) benchPark(ctx context.Context, places int64) (parkID, day string, err error) {
	bank, err := n.directory.ByID(ctx, "BENCH_BANK")
	if err != nil {
		return "", "", err
	}
	point, err := n.directory.StoreByID(ctx, bank.No, "S000")
	if err != nil {
		return "", "", err
	}
	text := i18n.Text{i18n.English: "Bench"}
	const actor = "bench"
	p, err := n.parks.AddPark(ctx, park.Park{Slug: "bench-" + id.New("rsh", 0)[4:],
		AcquirerNo: bank.No, MerchantNo: point.Merchant.No, StoreNo: point.Store.No, Name: text,
		Prefecture: "19", OnSale: true, PerVisitor: 10}, actor)
	if err != nil {
		return "", "", err
	}
	day = park.DayOf(clock.Now().AddDate(0, 1, 0))
	put := func(do func() error) {
		if err == nil {
			err = do()
		}
	}
	put(func() error {
		return n.parks.PutPools(ctx, p.ID, []park.Pool{{Code: "gate", Name: text}}, actor)
	})
	put(func() error {
		_, err := n.parks.PutProduct(ctx, park.Product{ParkID: p.ID, Code: "day",
			Kind: park.DayTicket, Name: text, Pools: []string{"gate"}}, actor)
		return err
	})
	put(func() error {
		return n.parks.PutPrices(ctx, p.ID, []park.Price{{Product: "day", Unit: park.Adult,
			Yen: 6800}}, actor)
	})
	put(func() error {
		return n.parks.PutDays(ctx, p.ID, []park.Day{{Day: day, Open: 540, Close: 1200}}, actor)
	})
	put(func() error {
		return n.parks.PutQuotas(ctx, p.ID, []park.Quota{{Pool: "gate", Day: day, Size: places}},
			actor)
	})
	return p.ID, day, err
}

// rush lets every buyer hold one place at the same moment, and counts what they are told.
func (n *node) rush(ctx context.Context, f *bench.Rush, parkID, day string) {
	var mu sync.Mutex
	var all, ready sync.WaitGroup
	took := make([]time.Duration, 0, f.Buyers)
	open := make(chan struct{})
	for i := range f.Buyers {
		q := order.Request{RequestID: "rush", Seller: park.SellerKind, Place: parkID,
			VisitorID: fmt.Sprintf("vis_%s_%d", parkID[4:], i), Channel: park.ByVisitor,
			Lang: i18n.English, Items: []order.Item{{Product: "day", Day: day,
				Unit: string(park.Adult), Count: 1}}}
		ready.Add(1)
		all.Go(func() {
			ready.Done()
			<-open
			began := clock.Now()
			_, err := n.orders.Hold(ctx, q)
			lasted := clock.Now().Sub(began)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, lasted)
			switch {
			case err == nil:
				f.Sold++
			case errors.Is(err, park.ErrSoldOut):
				f.SoldOut++
			default:
				f.Errors++
			}
		})
	}
	ready.Wait()
	began := clock.Now()
	close(open)
	all.Wait()
	f.Lasted(clock.Now().Sub(began), took)
}

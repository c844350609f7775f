package sandbox_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/seal"
	"watari/pay/fx"
	"watari/pay/party"
	"watari/pay/promo"
	"watari/sandbox"
	"watari/sandbox/seed"
	"watari/visit/order"
	visitpark "watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
)

// tables are those of the network that seeding writes.
func tables() []fs.FS {
	return []fs.FS{event.Migrations(), access.Migrations, people.Migrations, party.Migrations,
		fx.Migrations, order.Migrations, visitpark.Migrations(), ground.Migrations(),
		gate.Migrations(), promo.Migrations}
}

// site is one installation: a data folder and an empty network database. Its processes share
// both.
type site struct {
	t                            *testing.T
	folder, database, networkURL string
}

// eachSite runs fn on both engines.
func eachSite(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			s := &site{t: t, folder: t.TempDir(), networkURL: dbtest.Migrated(t, e, tables()...)}
			if e == db.Postgres {
				s.database = s.networkURL
			}
			keys := filepath.Join(s.folder, "keys")
			if _, err := seal.CreateSigner(keys, "network", 1, time.Time{},
				time.Time{}); err != nil {
				t.Fatal(err)
			}
			fn(t, s)
		})
	}
}

// process is what one process of an installation holds open.
type process struct {
	network sandbox.Network
	store   *sandbox.Store
}

// process opens both stores, as every process does.
func (s *site) process() process {
	s.t.Helper()
	d := dbtest.Open(s.t, s.networkURL, db.Options{MaxConns: 4})
	signers, err := seal.OpenSigners(filepath.Join(s.folder, "keys"), "network")
	if err != nil {
		s.t.Fatal(err)
	}
	directory, log := party.NewDirectory(d), event.NewLog(d)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	if err != nil {
		s.t.Fatal(err)
	}
	p := process{network: sandbox.Network{DB: d, Log: log, Directory: directory,
		Registry: party.NewRegistry(d, directory, log, event.FirstLane, party.DefaultSight()),
		Keys:     access.New(d),
		People: people.New(people.Config{DB: d, Log: log, Lane: event.FirstLane, Ring: ring,
			Sandbox: true}),
		Board:   fx.New(d, fx.Config{RepeatLastDay: true}),
		Signers: signers, ClientID: "WATARI"}}
	if p.store, err = sandbox.OpenStore(s.t.Context(), s.folder, s.database); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := p.store.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return p
}

// seeded is a process whose sandbox is planted.
func (s *site) seeded() process {
	s.t.Helper()
	p := s.process()
	if err := sandbox.Seed(s.t.Context(), p.network, p.store); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// config is for a host that tells the process's network.
func (p process) config() sandbox.Config {
	return sandbox.Config{Store: p.store, Log: slog.New(slog.DiscardHandler),
		Located: func(ctx context.Context, walletID, baseURL string) error {
			_, err := p.network.Relocate(ctx, walletID, baseURL)
			return err
		}}
}

// baseURL is where the network calls the first wallet.
func (p process) baseURL(t *testing.T) string {
	t.Helper()
	return p.baseURLOf(t, sandbox.Wallets()[0].ID)
}

func (p process) baseURLOf(t *testing.T, walletID string) string {
	t.Helper()
	issuer, err := p.network.Directory.ByID(t.Context(), walletID)
	if err != nil {
		t.Fatal(err)
	}
	return issuer.BaseURL
}

// start runs a host until the returned function is called, which waits for its end.
func start(t *testing.T, c sandbox.Config) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	h := sandbox.NewHost(c)
	if err := h.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// get returns the body at url, or "" while nobody answers.
func get(t *testing.T, url string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

// eventually waits until ok, at most a minute.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1200 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: not within a minute", what)
}

// count returns the one number of a query on the network.
func (p process) count(t *testing.T, q string) int64 {
	t.Helper()
	var n int64
	err := p.network.DB.View(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, func(r db.Row) (n int64, err error) {
			err = r.Scan(&n)
			return n, err
		}, q)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// whole fails the test unless the network has the world exactly once.
func (p process) whole(t *testing.T) {
	t.Helper()
	shops, banks := int64(len(seed.Shops())), int64(len(seed.Banks()))
	stores := int64(len(seed.All()))
	wallets, signing := int64(0), int64(0)
	for _, w := range sandbox.Wallets() {
		wallets++
		if w.Signs() {
			signing++
		}
	}
	for q, want := range map[string]int64{
		`select count(*) from participant`:     banks + wallets,
		`select count(*) from participant_key`: banks + signing,
		`select count(*) from agreement`:       banks + wallets,
		`select count(*) from merchant`:        shops + 1, // and the park
		`select count(*) from store`:           stores,
		`select count(*) from terminal`:        stores,
		`select count(*) from api_key`:         banks,
	} {
		if got := p.count(t, q); got != want {
			t.Errorf("%s: got %d, want %d", q, got, want)
		}
	}
}

// Goal: B2: many processes that start at once seed once. Method: six at once, on one database.
func TestSeedingHappensOnceInARace(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		var all [6]process
		for i := range all {
			all[i] = s.process()
		}
		var racing sync.WaitGroup
		for _, p := range all {
			racing.Go(func() {
				if err := sandbox.Seed(t.Context(), p.network, p.store); err != nil {
					t.Error(err)
				}
			})
		}
		racing.Wait()

		all[0].whole(t)
		first := s.write(all[0])
		for _, p := range all[1:] {
			if again := s.write(p); !sameSecrets(first, again) {
				t.Error("two processes write different secrets")
			}
		}
		if err := sandbox.Seed(t.Context(), s.process().network, all[1].store); err != nil {
			t.Errorf("seed again: %v", err)
		}
		all[0].whole(t)
	})
}

// Goal: what was begun and not finished is finished by the next process, and the world stays one.
// Method: end the first seeding at every point that a cancelled context can reach.
func TestSeedingThatDiesIsTakenOver(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		for _, life := range []time.Duration{0, 20, 80, 300} {
			p := s.process()
			ctx, cancel := context.WithTimeout(t.Context(), life*time.Millisecond)
			if err := sandbox.Seed(ctx, p.network, p.store); err == nil {
				t.Logf("seeding took less than %d ms", life)
			}
			cancel()
		}

		s.seeded().whole(t)
	})
}

// Goal: a sandbox whose own store was lost says so, instead of signing with unknown keys.
// Method: seed, open another sandbox store on the same network.
func TestLostSandboxStoreIsNoticed(t *testing.T) {
	t.Parallel()
	s := &site{t: t, folder: t.TempDir(),
		networkURL: dbtest.Migrated(t, db.SQLite, tables()...)}
	if _, err := seal.CreateSigner(filepath.Join(s.folder, "keys"), "network", 1, time.Time{},
		time.Time{}); err != nil {
		t.Fatal(err)
	}
	s.seeded()
	if err := os.Rename(filepath.Join(s.folder, "keys"), s.folder+".keys"); err != nil {
		t.Fatal(err)
	}
	s.folder = t.TempDir()
	if err := os.Rename(filepath.Join(filepath.Dir(s.folder), "001.keys"),
		filepath.Join(s.folder, "keys")); err != nil {
		t.Fatal(err)
	}

	p := s.process()
	err := sandbox.Seed(t.Context(), p.network, p.store)

	if !errors.Is(err, seed.ErrOtherSecrets) {
		t.Errorf("got %v, want ErrOtherSecrets", err)
	}
}

package gate

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/visit/park"
	core "watari/visit/park/gate"
)

//go:embed lang/*.json
var langFiles embed.FS

// Gates is what the pages ask of the gates. *gate.Service of visit/park/gate is one.
type Gates interface {
	Activate(ctx context.Context, link string) (session string, d core.Device, err error)
	Session(ctx context.Context, session string) (core.Device, core.Gate, error)
	Scan(ctx context.Context, st core.Station, in core.ScanInput) (core.Verdict, error)
	Pack(ctx context.Context, st core.Station, since time.Time, offset time.Duration,
		waiting int64) (core.Pack, error)
	Upload(ctx context.Context, st core.Station, u core.Upload) (core.Uploaded, error)
	Gates(ctx context.Context, parkID string) ([]core.Gate, error)
}

// Parks tells of parks. *park.Service is one.
type Parks interface {
	Find(ctx context.Context, idOrSlug string) (park.Park, error)
}

// Config is what the pages need. Logger and Now may be left out.
type Config struct {
	Gates  Gates
	Parks  Parks
	Logger *slog.Logger     // nil is slog.Default
	Now    func() time.Time // nil is clock.Now
}

// Prefix is below what the pages are.
const Prefix = "/gate"

// app is the handler's state.
type app struct {
	Config
	texts *i18n.Catalogue
}

// New returns the pages of gates. They answer paths from /gate on and are to be mounted at both
// "/gate" and "/gate/".
func New(c Config) http.Handler {
	check.That(c.Gates != nil && c.Parks != nil, "gate: a part of the configuration is missing")
	a := &app{Config: c, texts: i18n.MustLoad(langFiles, "lang/*.json")}
	if a.Now == nil {
		a.Now = clock.Now
	}
	if a.Logger == nil {
		a.Logger = slog.Default()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /gate", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/gate/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /gate/activate/{secret}", a.activate)
	mux.HandleFunc("POST /gate/activate", a.activateBy)
	mux.HandleFunc("GET /gate/manifest.webmanifest", a.manifest)
	mux.HandleFunc("GET /gate/worker.js", a.worker)
	mux.Handle("GET /gate/{$}", a.page(a.show))
	mux.Handle("POST /gate/{$}", a.page(a.typed))
	mux.Handle("GET /gate/pack", a.machine(a.pack))
	mux.Handle("POST /gate/scans", a.machine(a.scan))
	mux.Handle("POST /gate/uploads", a.machine(a.upload))
	mux.Handle("/gate/", a.page(a.nowhere))
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(a.foreign))
	return guard.Handler(a.guarded(mux))
}

package tidy

import (
	"slices"
	"strings"
)

// edge is a direction in which nothing may be imported. from and to are patterns of match; to is a
// folder of this module, or the import path of another one. A target that fits except is allowed.
type edge struct {
	from, to string
	except   []string
	reason   string
}

// edges is the architecture: cmd → app → {ui, connect, sandbox} → {insight, visit} → pay → kit.
// Each line is read on its own. The order inside pay stands in payOrder.
var edges = []edge{
	{"kit/...", "pay/...", nil, "plumbing knows no word of the business"},
	{"kit/...", "visit/...", nil, "plumbing knows no word of the business"},
	{"kit/...", "insight/...", nil, "plumbing knows no word of the business"},
	{"kit/...", "connect/...", nil, "plumbing knows no word of the business"},
	{"kit/...", "ui/...", nil, "plumbing knows no word of the business"},
	{"kit/...", "sandbox/...", nil, "plumbing knows no word of the business"},

	{"pay/...", "visit/...", nil, "what visitors buy is a client of pay, unknown to it"},
	{"pay/...", "insight/...", nil, "insight reads events; nobody waits for it"},
	{"pay/...", "connect/...", nil, "the core knows the contract, pay/link, and no protocol"},
	{"pay/...", "ui/...", nil, "the core has no pages"},
	{"pay/...", "sandbox/...", nil, "what is not real never reaches the core"},

	{"visit/...", "insight/...", nil, "insight reads events; nobody waits for it"},
	{"visit/...", "connect/...", nil, "services sell through pay, whatever the wallet"},
	{"visit/...", "ui/...", nil, "services have no pages"},
	{"visit/...", "sandbox/...", nil, "what is not real never reaches the services"},
	{"visit/park/...", "visit/bike/...", nil, "services meet only in visit/order"},
	{"visit/park/...", "visit/stay/...", nil, "services meet only in visit/order"},
	{"visit/bike/...", "visit/park/...", nil, "services meet only in visit/order"},
	{"visit/bike/...", "visit/stay/...", nil, "services meet only in visit/order"},
	{"visit/stay/...", "visit/park/...", nil, "services meet only in visit/order"},
	{"visit/stay/...", "visit/bike/...", nil, "services meet only in visit/order"},
	{"insight/...", "visit/...", nil, "insight reads events only"},
	{"insight/...", "connect/...", nil, "insight reads events only"},
	{"insight/...", "ui/...", nil, "insight has no pages"},
	{"insight/...", "sandbox/...", nil, "what is not real never reaches insight"},

	{"connect/...", "pay/...", []string{"pay/link", "pay/payment", "pay/code", "pay/party"},
		"a connector fulfils pay/link; protocol servers call the core through small interfaces"},
	{"connect/...", "visit/...", nil, "a protocol sells nothing"},
	{"connect/...", "insight/...", nil, "a protocol reports nothing"},
	{"connect/...", "ui/...", nil, "a protocol has no pages"},
	{"connect/...", "sandbox/...", nil, "a real connector does not know its simulation"},
	{"connect/alipayplus/...", "connect/*/...", []string{"connect/alipayplus/..."},
		"one folder a protocol, none leans on another"},
	{"connect/wechatpay/...", "connect/*/...", []string{"connect/wechatpay/..."},
		"one folder a protocol, none leans on another"},
	{"connect/paypay/...", "connect/*/...", []string{"connect/paypay/..."},
		"one folder a protocol, none leans on another"},
	{"connect/linepay/...", "connect/*/...", []string{"connect/linepay/..."},
		"one folder a protocol, none leans on another"},

	{"sandbox/...", "pay/...", nil, "the outside world speaks to us over its wires only"},
	{"sandbox/...", "visit/...", nil, "the outside world speaks to us over its wires only"},
	{"sandbox/...", "insight/...", nil, "the outside world speaks to us over its wires only"},
	{"sandbox/...", "connect/...", []string{"connect/*/wire", "connect/*/sign"},
		"the simulation shares what crosses the wire, and nothing that interprets it"},
	{"sandbox/...", "ui/...", []string{"ui/theme"}, "the phone's screen shares the look only"},

	{"ui/...", "connect/...", nil, "a page shows payments, whatever the wallet"},
	{"ui/...", "sandbox/...", nil, "a page does not know whether the wallet is real"},
	{"ui/till/...", "ui/*/...", []string{"ui/till/...", "ui/theme/..."}, "audiences are apart"},
	{"ui/gate/...", "ui/*/...", []string{"ui/gate/...", "ui/theme/..."}, "audiences are apart"},
	{"ui/checkout/...", "ui/*/...", []string{"ui/checkout/...", "ui/theme/..."},
		"audiences are apart"},
	{"ui/merchant/...", "ui/*/...", []string{"ui/merchant/...", "ui/console", "ui/theme/..."},
		"audiences are apart"},
	{"ui/park/...", "ui/*/...", []string{"ui/park/...", "ui/console", "ui/parkmap",
		"ui/theme/..."}, "audiences are apart; the map of a park is one drawing"},
	{"ui/acquirer/...", "ui/*/...", []string{"ui/acquirer/...", "ui/console", "ui/theme/..."},
		"audiences are apart"},
	{"ui/operator/...", "ui/*/...", []string{"ui/operator/...", "ui/console", "ui/theme/..."},
		"audiences are apart"},
	{"ui/visitor/...", "ui/*/...", []string{"ui/visitor/...", "ui/parkmap", "ui/theme/..."},
		"audiences are apart; the map of a park is one drawing for visitors and for its makers"},
	{"ui/account/...", "ui/*/...", []string{"ui/account/...", "ui/console", "ui/theme/..."},
		"audiences are apart"},
	{"ui/console/...", "ui/*/...", []string{"ui/console/...", "ui/theme/..."},
		"the frame knows no audience"},
	{"ui/stand/...", "ui/*/...", []string{"ui/stand/..."}, "what is printed is no page"},
	{"ui/theme/...", "ui/*/...", []string{"ui/theme/..."}, "the look knows no audience"},

	{"*/...", "app/...", nil, "app is the only place that knows everybody, so nobody knows it"},
	{"*/...", "cmd/...", nil, "a command is the end of the line"},
	{"*/...", "test/...", nil, "tests look at the program, never the other way"},

	{"*/...", "database/sql", nil, "kit/db is the one door to the engines"},
	{"*/...", "modernc.org/sqlite/...", nil, "kit/db is the one door to the engines"},
	{"*/...", "github.com/jackc/pgx/v5/...", nil, "kit/db is the one door to the engines"},
	{"*/...", "github.com/pressly/goose/v3/...", nil, "kit/db is the one door to the engines"},
	{"*/...", "github.com/danielgtaylor/huma/v2/...", nil, "kit/web is the one door to HTTP"},
	{"*/...", "github.com/prometheus/client_golang/...", nil,
		"app/meter counts, kit/web shows it"},
	{"*/...", "github.com/swaggest/swgui/...", nil, "kit/web shows the API's page"},
	{"*/...", "rsc.io/qr/...", nil, "kit/qr draws every code"},
	{"*/...", "github.com/boombuler/barcode/...", nil, "kit/qr draws every code"},
	{"*/...", "github.com/go-pdf/fpdf/...", nil, "ui/stand draws what is printed"},
	{"*/...", "golang.org/x/image/...", nil, "ui/stand draws what is printed"},
	{"pay/...", "net/http", nil, "the core does not know that HTTP exists"},
	{"pay/...", "github.com/a-h/templ/...", nil, "the core has no pages"},
	{"*/...", "log", nil, "the log is structured: log/slog"},
	{"*/...", "unsafe", nil, "not for money"},
	{"*/...", "math/rand", nil, "ids and secrets come from kit/id; elsewhere math/rand/v2"},
	{"*/...", "github.com/stretchr/testify/...", nil, "got and want are printed by hand"},
}

// doors are the packages, and files, that may pass where nobody else may: they are the door, or
// they own what the line is about.
var doors = map[string][]string{
	"app/...":  {"cmd/...", "app/...", "test/..."},
	"cmd/...":  {"cmd/..."},
	"test/...": {"test/..."},
	// Seeding plants what an operator would enter by hand; instant is a connector to measure with.
	"pay/...":                              {"sandbox/seed", "sandbox/instant", "sandbox/park"},
	"visit/...":                            {"sandbox/park", "sandbox/park/site"},
	"net/http":                             {"**/api*.go", "**/change_test.go"},
	"log":                                  {"kit/web/..."}, // net/http wants one
	"database/sql":                         {"kit/db/...", "app/bench/...", "app/bench.go"},
	"modernc.org/sqlite/...":               {"kit/db/...", "app/bench/..."},
	"github.com/jackc/pgx/v5/...":          {"kit/db/...", "app/bench/..."},
	"github.com/pressly/goose/v3/...":      {"kit/db/..."},
	"github.com/danielgtaylor/huma/v2/...": {"kit/web/..."},
	"github.com/prometheus/client_golang/...": {"kit/web/...", "app/meter"},
	"github.com/swaggest/swgui/...":           {"kit/web/..."},
	"rsc.io/qr/...":                           {"kit/qr/..."},
	"github.com/boombuler/barcode/...":        {"kit/qr/..."},
	"github.com/go-pdf/fpdf/...":              {"ui/stand/..."},
	"golang.org/x/image/...":                  {"ui/stand/..."},
}

// payOrder is the order inside pay, lowest first: each package may import what stands before it.
var payOrder = []string{"ledger", "fx", "fee", "code", "party", "risk", "link", "payment",
	"promo", "webhook", "settlement", "dispute", "recon", "report",
	"watch"}

// forTests are libraries and packages that never reach the program, only its tests.
var forTests = []string{"testing", "testing/...", "pgregory.net/rapid",
	"github.com/anishathalye/porcupine", "github.com/rogpeppe/go-internal/...",
	"github.com/chromedp/...", "github.com/makiuchi-d/gozxing/...",
	"github.com/google/go-cmp/...", module + "/kit/*/*test", module + "/pay/*/*test",
	module + "/test/..."}

// supportsTests are packages that exist for tests only, outside files named _test.go.
var supportsTests = []string{"test/...", "kit/*/*test", "pay/*/*test"}

// checkImports walks every import of every file. Test files may reach upwards (they see the whole
// program), but they respect the doors.
func checkImports(tr *tree) (found []finding) {
	for _, f := range tr.goFiles() {
		for _, spec := range f.ast.Imports {
			target := strings.Trim(spec.Path.Value, `"`)
			if why := forbidden(f, target); why != "" {
				found = append(found, f.at(tr.line(spec.Pos()), "%s may not import %s: %s",
					f.folder(), target, why))
			}
		}
	}
	return found
}

// forbidden returns why a file may not import target, or "".
func forbidden(f *file, target string) string {
	from := f.folder()
	local, ours := strings.CutPrefix(target, module+"/")
	if !f.test() && !fitsAny(supportsTests, from) && fitsAny(forTests, target) {
		return "the program does not carry its tests"
	}
	if f.test() && ours {
		return ""
	}
	if ours {
		target = local
		if why := payOrderBroken(from, local); why != "" {
			return why
		}
	}
	for _, e := range edges {
		if match(e.from, from) && match(e.to, target) && !fitsAny(e.except, target) &&
			!fitsAny(doors[e.to], from) && !fitsAny(doors[e.to], f.path) {
			return e.reason
		}
	}
	return ""
}

func payOrderBroken(from, to string) string {
	rank := func(folder string) int {
		rest, ok := strings.CutPrefix(folder, "pay/")
		if !ok {
			return -1
		}
		name, _, _ := strings.Cut(rest, "/")
		return slices.Index(payOrder, name)
	}
	low, high := rank(to), rank(from)
	if low < 0 || high < 0 || low <= high {
		return ""
	}
	return "inside pay the order is " + strings.Join(payOrder, ", ")
}

func fitsAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, name) })
}

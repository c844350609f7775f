package theme

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// The folder always holds .gitkeep, so that the package compiles before the bundle is made.
//
//go:embed all:dist
var dist embed.FS

// Prefix is the path under which Handler is mounted.
const Prefix = "/assets/"

// Built tells whether the bundle is inside this program.
func Built() bool { return bundle().version != "" }

// Asset returns the address of a file of the bundle. It changes whenever the bundle does, so the
// answer may be kept by browsers for ever.
func Asset(name string) string { return Prefix + bundle().version + "/" + name }

// Content returns a file of the bundle, for what is not served as it is; nil when there is none.
func Content(name string) []byte { return bundle().bytes[name] }

// Handler serves the bundle below Prefix. It is safe for concurrent use.
func Handler() http.Handler { return http.HandlerFunc(serve) }

// files are the contents of the bundle by name. The version is empty when there is none.
type files struct {
	version string
	bytes   map[string][]byte
}

// bundle reads the embedded folder once.
var bundle = sync.OnceValue(func() files {
	f := files{bytes: map[string][]byte{}}
	sum := sha256.New()
	names, err := fs.ReadDir(dist, "dist")
	if err != nil {
		return f
	}
	for _, n := range names {
		content, err := fs.ReadFile(dist, "dist/"+n.Name())
		if err != nil || strings.HasPrefix(n.Name(), ".") {
			continue
		}
		f.bytes[n.Name()] = content
		sum.Write([]byte(n.Name()))
		sum.Write(content)
	}
	if len(f.bytes) > 0 {
		f.version = hex.EncodeToString(sum.Sum(nil))[:12]
	}
	return f
})

func serve(w http.ResponseWriter, r *http.Request) {
	version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	f := bundle()
	content, ok := f.bytes[name]
	if !ok || version != f.version || strings.HasSuffix(name, ".gz") {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if small, ok := f.bytes[name+".gz"]; ok && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		content = small
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(content)
	}
}

// acceptsGzip looks for gzip in Accept-Encoding, not refused by a quality of zero (RFC 9110,
// section 12.5.3).
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q := strings.ReplaceAll(quality, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// htmxConfig sets what the pages rely on: no style element of htmx's own (the content security
// policy forbids it), and a request that waits longer than a sale may take.
const htmxConfig = `{"includeIndicatorCSS":false,"defaultTimeout":20000,"history":true}`

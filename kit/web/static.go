package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// minGzip is the size from which a file is worth compressing, in bytes.
const minGzip = 1024

// Static is a folder of files that pages load: scripts, styles, pictures.
type Static struct {
	prefix string
	fsys   fs.FS

	mu    sync.Mutex
	files map[string]*asset
}

// asset is one file, read once. The folder is part of the program, so it is small and still.
type asset struct {
	version string // first half of the SHA-256, hex
	kind    string // media type
	plain   []byte
	gzipped []byte // nil when that is no gain
}

// Static adds the files of fsys under a prefix such as "/static/". A file is sent compressed where
// the browser takes that: the file beside it that ends in .gz, or else made once. Browsers ask
// again whether a file changed, except for addresses made by URL, which they keep for a year.
func (s *Server) Static(prefix string, fsys fs.FS) *Static {
	if !strings.HasPrefix(prefix, "/") || !strings.HasSuffix(prefix, "/") {
		panic(fmt.Sprintf("web: static prefix %q is not of the form /name/", prefix))
	}
	st := &Static{prefix: prefix, fsys: fsys, files: map[string]*asset{}}
	s.mux.HandleFunc("GET "+prefix+"{name...}", st.serve)
	return st
}

// URL returns the address of a file with its version, or without one when there is no such file.
func (st *Static) URL(name string) string {
	a := st.asset(name)
	if a == nil {
		return st.prefix + name
	}
	return st.prefix + name + "?v=" + a.version
}

// Has tells whether there is such a file: pages do without scripts that were not built.
func (st *Static) Has(name string) bool { return st.asset(name) != nil }

// serve answers with a file.
func (st *Static) serve(w http.ResponseWriter, r *http.Request) {
	ex := w.(*exchange)
	name := r.PathValue("name")
	a := st.asset(name)
	if a == nil {
		ex.fail(ErrNothing.Newf("there is no such file"))
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == a.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := a.plain, a.version
	if a.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body, tag = a.gzipped, a.version+"-gz"
		}
	}
	h.Set("Etag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// asset finds a file, or nil.
func (st *Static) asset(name string) *asset {
	if !fs.ValidPath(name) || strings.HasSuffix(name, ".gz") || hidden(name) {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if a := st.files[name]; a != nil {
		return a
	}
	plain, err := fs.ReadFile(st.fsys, name)
	if err != nil {
		return nil
	}

	sum := sha256.Sum256(plain)
	a := &asset{version: hex.EncodeToString(sum[:8]), plain: plain, kind: mediaType(name)}
	if ready, err := fs.ReadFile(st.fsys, name+".gz"); err == nil {
		a.gzipped = ready
	} else if len(plain) >= minGzip && compressible(a.kind) {
		a.gzipped = compress(plain)
	}
	st.files[name] = a
	return a
}

// hidden tells whether a part of the path begins with a dot.
func hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return true
		}
	}
	return false
}

// mediaType is the type of a file by its name. The few that pages use are fixed, for the system's
// own table differs from machine to machine.
func mediaType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	case ".ico":
		return "image/x-icon"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

// compressible tells whether compressing gains anything.
func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") ||
		strings.Contains(kind, "xml") || kind == "application/wasm"
}

// compress returns a file compressed, or nil when that is no gain.
func compress(plain []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(plain); err != nil || z.Close() != nil || b.Len() >= len(plain) {
		return nil
	}
	return b.Bytes()
}

// takesGzip tells whether a browser takes gzip.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") {
			weight := strings.TrimSpace(params)
			return weight != "q=0" && weight != "q=0.0"
		}
	}
	return false
}

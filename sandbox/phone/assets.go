package phone

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

//go:embed assets
var assetFiles embed.FS

// assetPrefix is where Assets is mounted.
const assetPrefix = "/phone-assets/"

// asset is the address of a style sheet, script or picture of the page. It changes with the
// content, so a browser may keep the answer for ever.
func asset(name string) string {
	base, ext, _ := strings.Cut(name, ".")
	return assetPrefix + base + "-" + sums()[name] + "." + ext
}

// sums are the first digits of the files' SHA-256, by name.
var sums = sync.OnceValue(func() map[string]string {
	byName := map[string]string{}
	names, _ := fs.Glob(assetFiles, "assets/*")
	for _, name := range names {
		content, err := assetFiles.ReadFile(name)
		if err == nil {
			sum := sha256.Sum256(content)
			byName[path.Base(name)] = hex.EncodeToString(sum[:6])
		}
	}
	return byName
})

// Assets serves the page's style sheet, script and picture, at /phone-assets/.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range sums() {
			if asset(name) != r.URL.Path {
				continue
			}
			content, err := assetFiles.ReadFile("assets/" + name)
			if err != nil {
				break
			}
			h := w.Header()
			h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
			h.Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(content)
			return
		}
		http.NotFound(w, r)
	})
}

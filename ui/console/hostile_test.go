package console_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/ui/console"
)

// counted tells how much of a body was read.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// Goal: nobody fills this computer's disk who may not send files. Method: files from a stranger and
// from somebody of another role; not a byte may be read.
func TestFilesOfStrangersAreNotRead(t *testing.T) {
	t.Parallel()
	r := open(t, func(k *console.Console) {
		k.Upload("POST /bank/files", []access.Role{access.Acquirer}, 3<<20,
			page(console.Text("taken")))
	})
	for who, want := range map[access.Role]int{"": http.StatusSeeOther,
		access.AcquirerViewer: http.StatusForbidden, access.Acquirer: http.StatusOK} {
		body, kind := file(strings.Repeat("a", 2<<20))
		c := &counted{Reader: body}
		q := httptest.NewRequest(http.MethodPost, "/bank/files", c)
		q.Header.Set("Content-Type", kind)
		if w := r.send(q, who); w.Code != want || (c.n > 0) != (want == http.StatusOK) {
			t.Errorf("%q: status %d, %d bytes read", who, w.Code, c.n)
		}
	}
}

// Goal: what no database engine can keep gets no further than the form. Method: U+0000 and what is
// not UTF-8 in the address, the query and the fields.
func TestWhatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	ran := false
	r := open(t, func(k *console.Console) {
		took := func(v *console.Visit) error {
			ran = true
			return page(console.Text("taken"))(v)
		}
		k.Handle("GET /bank/{id}", nil, took)
		k.Handle("POST /bank", nil, took)
	})
	for path, want := range map[string]int{"/bank/a%00": 404, "/bank/%ff": 404,
		"/bank/a?q=%00": 400, "/bank/a?q=%ff": 400, "/bank/a?%00=1": 400} {
		if w := r.get(path, access.Acquirer); w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
	for _, bad := range []string{"\x00", "a\xff"} {
		if w := r.post("/bank", access.Acquirer, form("id", bad)); w.Code != 400 {
			t.Errorf("%q: status %d", bad, w.Code)
		}
	}
	if ran {
		t.Error("a page saw it")
	}
	if w := r.post("/bank", access.Acquirer, form("id", "高山\n")); w.Code != 200 {
		t.Errorf("text: status %d", w.Code)
	}
}

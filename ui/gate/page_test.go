package gate_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// get reads a page; post sends JSON, or a form.
func (r *rig) get(path string) (int, string) {
	r.t.Helper()
	answer, err := r.browser.Get(r.base + path)
	r.do("get "+path, err)
	return r.read(answer)
}

func (r *rig) read(answer *http.Response) (int, string) {
	r.t.Helper()
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	r.do("read", err)
	return answer.StatusCode, string(raw)
}

func (r *rig) post(path string, body any) (int, map[string]any) {
	r.t.Helper()
	raw, err := json.Marshal(body)
	r.do("write", err)
	answer, err := r.browser.Post(r.base+path, "application/json", bytes.NewReader(raw))
	r.do("post "+path, err)
	status, text := r.read(answer)
	var out map[string]any
	r.do("read "+text, json.Unmarshal([]byte(text), &out))
	return status, out
}

func (r *rig) form(path string, fields url.Values) (int, string) {
	r.t.Helper()
	answer, err := r.browser.PostForm(r.base+path, fields)
	r.do("post "+path, err)
	return r.read(answer)
}

// Goal: only the one-time link makes a browser a device, and nobody else learns anything.
func TestActivation(t *testing.T) {
	t.Parallel()
	r, link := serve(t)
	if status, page := r.get("/gate/"); status != http.StatusUnauthorized ||
		!strings.Contains(page, `action="/gate/activate"`) {
		t.Errorf("a stranger's page is %d", status)
	}
	if status, _ := r.get("/gate/pack"); status != http.StatusUnauthorized {
		t.Errorf("a stranger's pack is %d", status)
	}
	if status, _ := r.form("/gate/activate", url.Values{"code": {"https://x.example/"}}); status !=
		http.StatusUnprocessableEntity {
		t.Errorf("a bad link is %d", status)
	}
	status, page := r.form("/gate/activate", url.Values{"code": {"https://x.example" + link}})
	if status != http.StatusOK || !strings.Contains(page, "Main Entrance") {
		t.Fatalf("activated: %d", status)
	}
	if status, _ := r.get(link); status != http.StatusOK {
		t.Errorf("the link again, here: %d", status)
	}
	jar := r.browser.Jar
	r.browser.Jar = nil
	if status, _ := r.get(link); status != http.StatusNotFound {
		t.Errorf("the link again, elsewhere: %d", status)
	}
	r.browser.Jar = jar
	for _, path := range []string{"/gate/manifest.webmanifest", "/gate/worker.js"} {
		if status, _ := r.get(path); status != http.StatusOK {
			t.Errorf("%s is %d", path, status)
		}
	}
	if status, _ := r.get("/gate/nowhere"); status != http.StatusNotFound {
		t.Errorf("nowhere is %d", status)
	}
}

// Goal: a code can be typed without any script, and the verdict is in the page, in five languages.
func TestTypedWithoutScripts(t *testing.T) {
	t.Parallel()
	r, link := serve(t)
	r.get(link)
	_, ts := r.buy(item("once", "adult", 2))
	form := url.Values{"code": {ts[0].Code()}, "kind": {"entry"}}
	for _, want := range []string{"Welcome in", "Already used"} {
		status, page := r.form("/gate/?lang=en", form)
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d, and it does not say %q", status, want)
		}
	}
	for lang, want := range map[string]string{"ja": "使用済みです", "zh-Hans": "已经使用过",
		"zh-Hant": "已經使用過", "ko": "이미 사용됨"} {
		if _, page := r.form("/gate/?lang="+lang, form); !strings.Contains(page, want) {
			t.Errorf("%s does not say %q", lang, want)
		}
	}
	if status, _ := r.form("/gate/", url.Values{"kind": {"entry"}}); status !=
		http.StatusUnprocessableEntity {
		t.Errorf("nothing typed is %d", status)
	}
}

// Goal: the script gets what it needs: a pack, verdicts, and receipts for what it uploads.
func TestScript(t *testing.T) {
	t.Parallel()
	r, link := serve(t)
	r.get(link)
	_, ts := r.buy(item("once", "child", 2))
	status, text := r.get("/gate/pack?since=0&offset=-120&waiting=3")
	var loose struct {
		Tickets [][]any `json:"tickets"`
		Clock   int64   `json:"clock"`
	}
	r.do("read the pack", json.Unmarshal([]byte(text), &loose))
	if status != http.StatusOK || len(loose.Tickets) != 2 || loose.Tickets[0][0] == "" {
		t.Errorf("the pack is %d, %s", status, text)
	}
	if status, _ := r.get("/gate/pack?since=yesterday"); status !=
		http.StatusUnprocessableEntity {
		t.Errorf("a pack since yesterday is %d", status)
	}
	scan := map[string]any{"nonce": "n1", "text": ts[0].Text, "typed": false, "kind": "entry",
		"override": ""}
	status, got := r.post("/gate/scans?lang=en", scan)
	if status != http.StatusOK || got["admitted"] != true || got["unit"] != "child" ||
		got["of"] != float64(2) || got["in"] != float64(1) {
		t.Errorf("a scan is %d, %v", status, got)
	}
	scan["nonce"] = "n2"
	if _, got = r.post("/gate/scans", scan); got["reason"] != "used" || got["last"] == nil {
		t.Errorf("again it is %v", got)
	}
	kept := map[string]any{"nonce": "n3", "text": ts[1].Text, "typed": false, "kind": "entry",
		"override": "", "at": r.now().Add(-time.Hour).UnixMilli(), "offset": 0, "admitted": true,
		"reason": "admitted"}
	up := map[string]any{"waiting": 0, "scans": []any{kept}}
	for range 2 {
		status, got = r.post("/gate/uploads", up)
		if taken, _ := got["taken"].([]any); status != http.StatusOK || len(taken) != 1 {
			t.Errorf("an upload is %d, %v", status, got)
		}
	}
	kept["reason"] = "because"
	if status, _ = r.post("/gate/uploads", up); status != http.StatusUnprocessableEntity {
		t.Errorf("a bad upload is %d", status)
	}
	if status, _ = r.post("/gate/scans", map[string]any{"what": 1}); status !=
		http.StatusUnprocessableEntity {
		t.Errorf("a bad scan is %d", status)
	}
}

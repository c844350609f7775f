package oidc_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/access/oidc"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/seal"
)

const (
	secret = "a-secret-of-the-client-0123456789"
	public = "http://127.0.0.1:8080"
	bankID = "hida"
	bankNo = 7
)

// installed is a folder with the provider in it.
func installed(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "provider.js"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts",
		"--prefer-offline")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v (install Debian's nodejs and npm)\n%s", err, out)
	}
	return folder
}

// account is what the provider says of somebody.
type account map[string]any

// run starts the provider and returns its issuer.
func run(t *testing.T, folder string, accounts map[string]account) string {
	t.Helper()
	text, err := json.Marshal(accounts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "provider.js")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "OIDC_REDIRECT="+public+oidc.CallbackPath,
		"OIDC_SECRET="+secret, "OIDC_ACCOUNTS="+string(text))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	issuer, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider did not start: %v\n%s", err, &complaint)
	}
	return strings.TrimSpace(issuer)
}

// site is a network with a gate.
type site struct {
	t      *testing.T
	people *people.People
	gate   *oidc.Gate
	dir    string
}

func newSite(t *testing.T) *site {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{people.Migrations, access.Migrations,
		event.Migrations()}...)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, dir: t.TempDir()}
	s.people = people.New(people.Config{DB: d, Log: event.NewLog(d), Lane: 1, Ring: ring,
		PublicURL: public})
	s.gate = oidc.New(oidc.Config{Dir: s.dir, People: s.people, PublicURL: public, Private: true,
		Bank: func(_ context.Context, id string) (int64, string, bool, error) {
			return bankNo, "Hida Bank", id == bankID, nil
		}})
	return s
}

// configure writes the bank's file.
func (s *site) configure(issuer string, more map[string]any) {
	s.t.Helper()
	all := map[string]any{"issuer": issuer, "client_id": "watari", "client_secret": secret}
	for k, v := range more {
		all[k] = v
	}
	text, err := json.Marshal(all)
	if err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.dir, bankID+".json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

var action = regexp.MustCompile(`action="([^"]+)"`)

// visit goes through the provider's pages as a browser, from where Begin sends it, and returns
// what comes back to our own address.
func (s *site) visit(start oidc.Start, login string) url.Values {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	do := func(method, address string, form url.Values) *http.Response {
		r, err := http.NewRequestWithContext(s.t.Context(), method, address,
			strings.NewReader(form.Encode()))
		if err != nil {
			s.t.Fatal(err)
		}
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := browser.Do(r)
		if err != nil {
			s.t.Fatal(err)
		}
		return res
	}
	res := do(http.MethodGet, start.URL, nil)
	for range 12 {
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			s.t.Fatal(err)
		}
		if to, err := res.Location(); err == nil {
			if strings.HasPrefix(to.String(), public) {
				return to.Query()
			}
			res = do(http.MethodGet, to.String(), nil)
			continue
		}
		form := url.Values{"prompt": {"consent"}}
		if bytes.Contains(text, []byte(`name="login"`)) {
			form = url.Values{"prompt": {"login"}, "login": {login}, "password": {"any"}}
		}
		found := action.FindSubmatch(text)
		if found == nil {
			s.t.Fatalf("no form on %s (%d):\n%s", res.Request.URL, res.StatusCode, text)
		}
		to, err := res.Request.URL.Parse(string(found[1]))
		if err != nil {
			s.t.Fatal(err)
		}
		res = do(http.MethodPost, to.String(), form)
	}
	s.t.Fatal("the provider's pages have no end")
	return nil
}

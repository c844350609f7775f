package oidc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"watari/kit/access"
)

// settings is the file of a bank's provider.
type settings struct {
	Issuer       string      `json:"issuer"`
	ClientID     string      `json:"client_id"`
	ClientSecret string      `json:"client_secret"`
	Domains      []string    `json:"domains"`
	DefaultRole  access.Role `json:"default_role"`
	TrustEmail   bool        `json:"trust_email"`
}

// String and GoString keep the secret out of logs.
func (s settings) String() string { return "provider " + s.Issuer }

// GoString is String.
func (s settings) GoString() string { return s.String() }

// fileMax is the most bytes of a file.
const fileMax = 64 << 10

var bankName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// readSettings reads a file, and when it was changed.
//
// Errors: fs.ErrNotExist; a file that others can read, or that is not complete.
func readSettings(dir, bankID string, private bool) (s settings, changed time.Time, err error) {
	if !bankName.MatchString(bankID) {
		return s, changed, fs.ErrNotExist
	}
	path := filepath.Join(dir, bankID+".json")
	info, err := os.Stat(path)
	if err != nil {
		return s, changed, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return s, changed, fmt.Errorf("others can read %s (mode %04o); run: chmod 600 %s", path,
			info.Mode().Perm(), path)
	}
	if info.Size() > fileMax {
		return s, changed, fmt.Errorf("%s has more than %d bytes", path, fileMax)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return s, changed, err
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, changed, fmt.Errorf("read %s: %w", path, err)
	}
	if err := s.check(private); err != nil {
		return s, changed, fmt.Errorf("%s: %w", path, err)
	}
	return s, info.ModTime(), nil
}

func (s *settings) check(private bool) error {
	u, err := url.Parse(s.Issuer)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("issuer %q is not an address", s.Issuer)
	case u.Scheme != "https" && (!private || u.Scheme != "http" || !near(u.Hostname())):
		return fmt.Errorf("issuer %q is not https", s.Issuer)
	case s.ClientID == "":
		return errors.New("client_id is missing")
	}
	switch s.DefaultRole {
	case "", access.AcquirerClerk, access.AcquirerViewer:
	default:
		return fmt.Errorf("default_role %q is not %s or %s", s.DefaultRole,
			access.AcquirerClerk, access.AcquirerViewer)
	}
	if len(s.Domains) > 0 && s.DefaultRole == "" {
		return errors.New("domains need a default_role")
	}
	for i, d := range s.Domains {
		s.Domains[i] = strings.ToLower(strings.TrimSpace(d))
		if !strings.Contains(s.Domains[i], ".") || strings.ContainsAny(s.Domains[i], "@/* ") {
			return fmt.Errorf("domain %q is none", d)
		}
	}
	return nil
}

// near tells whether a host is this machine or of a private network.
func near(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}

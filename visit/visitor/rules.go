package visitor

import (
	"net/url"
	"strings"
	"time"
)

const (
	// SessionTime is after how long a visitor is signed out whatever they do.
	SessionTime = 30 * 24 * time.Hour
	// TripTime is how long a browser may be at its wallet.
	TripTime = 10 * time.Minute
	// nextMax is the longest path to go on to, in bytes.
	nextMax = 1000
)

// home is where somebody goes who wanted nothing else.
const home = "/visit"

// OwnPath returns next if it is a path of the visitor's app, else "/visit": nobody is sent
// elsewhere by an address that somebody else made (V4).
func OwnPath(next string) string {
	odd := func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }
	u, err := url.Parse(next)
	if err != nil || len(next) > nextMax || u.Scheme != "" || u.Host != "" || u.User != nil ||
		strings.ContainsFunc(next, odd) || strings.Contains(u.Path, "//") ||
		u.Path != home && !strings.HasPrefix(u.Path, home+"/") ||
		strings.Contains(u.Path, "/..") || strings.HasPrefix(u.Path, home+"/sign-in") {
		return home
	}
	return next
}

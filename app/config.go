package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Store says where an installation keeps what it knows.
type Store struct {
	Data     string // folder of keys, the sandbox's files, and the database when none is named
	Database string // postgres://… or "" for a SQLite file in Data
}

// Location is what kit/db opens.
func (s Store) Location() string {
	if s.Database != "" {
		return s.Database
	}
	return filepath.Join(s.Data, "watari.db")
}

// Serve is the configuration of `watari serve`.
type Serve struct {
	Store
	Listen string
	// PublicURL is where payers and wallets reach the network; "" is where it listens.
	PublicURL string
	// PrivateAddresses lets acquirers be told and asked at addresses that are not on the public
	// internet, and over plain HTTP. A sandbox does.
	PrivateAddresses bool
	Sandbox          bool
	SandboxPublic    bool
	// SandboxDeadline is how long an outcome may stay unknown; 0 is what the protocol says.
	SandboxDeadline time.Duration
	// SandboxQuiet leaves the sandbox's park empty: nobody buys, comes or queues there.
	SandboxQuiet bool
	Ready        io.Writer // where the ready line goes
}

// flags registers the flags that say where the store is. Every flag is also an environment
// variable: --data is WATARI_DATA.
func (s *Store) flags(fs *flag.FlagSet) {
	fs.StringVar(&s.Data, "data", env("data", "./data"), "folder of the installation")
	fs.StringVar(&s.Database, "database", env("database", ""),
		"postgres://… (default: a SQLite file in the folder)")
}

func env(name, fallback string) string {
	key := "WATARI_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return fallback
}

func envBool(name string) bool {
	v, _ := strconv.ParseBool(env(name, "false"))
	return v
}

// envDuration is -1 for a text that is not a duration, so that check refuses it.
func envDuration(name string) time.Duration {
	v, err := time.ParseDuration(env(name, "0s"))
	if err != nil {
		return -1
	}
	return v
}

// errUsage says that a command line cannot be understood; it was printed already.
var errUsage = errors.New("usage")

// parse reads a command line that takes exactly the named arguments, before, between or after
// its flags, and returns them.
func parse(fs *flag.FlagSet, args []string, names ...string) ([]string, error) {
	var found []string
	for {
		switch err := fs.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, errUsage
		}
		if fs.NArg() == 0 {
			break
		}
		found = append(found, fs.Arg(0))
		args = fs.Args()[1:]
	}
	switch {
	case len(found) == len(names):
		return found, nil
	case len(names) == 0:
		fmt.Fprintf(fs.Output(), "watari %s: takes no argument, but got %q\n", fs.Name(),
			found[0])
	default:
		fmt.Fprintf(fs.Output(), "watari %s: takes %s\n", fs.Name(), strings.Join(names, " "))
	}
	return nil, errUsage
}

// check refuses what cannot be served, in words that say what to change.
func (c Serve) check() error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q is not HOST:PORT", c.Listen)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("--listen %q: the port is 0 to 65535", c.Listen)
	}
	if c.SandboxPublic && !c.Sandbox {
		return errors.New("--sandbox-public goes with --sandbox")
	}
	if c.SandboxDeadline != 0 && !c.Sandbox {
		return errors.New("--sandbox-deadline goes with --sandbox: wallets need their time")
	}
	if c.SandboxDeadline < 0 {
		return fmt.Errorf("--sandbox-deadline %s is not a time above 0", c.SandboxDeadline)
	}
	if c.Sandbox && !c.SandboxPublic && !loopback(host) {
		return fmt.Errorf("--sandbox listens on loopback only, not on %q; add --sandbox-public"+
			" to try it with a phone on your own network", host)
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

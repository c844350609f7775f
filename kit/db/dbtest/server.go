package dbtest

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"watari/kit/db/pgtmp"
	"watari/kit/id"
)

// server is the PostgreSQL server of the test process.
type server struct {
	admin *pgxpool.Pool
	url   *url.URL
	// cluster is kept because the server ends when its pipe is collected.
	cluster *pgtmp.Cluster

	mu        sync.Mutex
	templates map[string]string // hash of the sets, or what filled it, to the name of a database
}

// process is the server that all tests of the process share, started by the first.
var process struct {
	once   sync.Once
	server *server
	err    error
}

func shared(t testing.TB) *server {
	t.Helper()
	process.once.Do(func() { process.server, process.err = connect() })
	if process.err != nil {
		t.Fatalf("PostgreSQL for tests: %v", process.err)
	}
	return process.server
}

func connect() (*server, error) {
	ctx := context.Background()
	location := os.Getenv("WATARI_TEST_PG")
	var cluster *pgtmp.Cluster
	if location == "" {
		c, err := pgtmp.Start(ctx, pgtmp.Options{})
		if errors.Is(err, pgtmp.ErrNotInstalled) {
			return nil, errors.Join(err, errors.New("or set WATARI_TEST_PG to the URL of a server"))
		}
		if err != nil {
			return nil, err
		}
		location, cluster = c.URL("postgres"), c
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(location)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 4
	config.MaxConnIdleTime = time.Minute
	admin, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &server{
		admin: admin, url: u, cluster: cluster, templates: make(map[string]string),
	}, nil
}

// location returns the URL of a database of the server.
func (s *server) location(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

// fresh creates a database with the tables of the sets and drops it with the test.
func (s *server) fresh(t testing.TB, sets []fs.FS) string {
	t.Helper()
	from, err := s.template(sets)
	if err != nil {
		t.Fatal(err)
	}
	return s.copied(t, from)
}

// copied creates a database that is a copy of another and drops it with the test.
func (s *server) copied(t testing.TB, from string) string {
	t.Helper()
	name, err := s.create(from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.exec("drop database " + quote(name) + " with (force)"); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return s.location(name)
}

// template returns the name of a database with the tables of the sets, made once.
func (s *server) template(sets []fs.FS) (string, error) {
	if len(sets) == 0 {
		return "template0", nil
	}
	key, err := hash(sets)
	if err != nil {
		return "", err
	}
	return s.filled(key, func(location string) error { return migrate(location, sets) })
}

// filled returns the name of a database that fill has filled, once for each key.
func (s *server) filled(key string, fill func(location string) error) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.templates[key]; ok {
		return name, nil
	}
	name, err := s.create("template0")
	if err != nil {
		return "", err
	}
	if err := fill(s.location(name)); err != nil {
		return "", err
	}
	s.templates[key] = name
	return name, nil
}

// Filled returns the location of a fresh PostgreSQL database: a copy of one that fill has filled.
// In one process fill is called once for each name, with the location of an empty database; it has
// to leave nobody connected there. What fails in it is for the test that called it: the next one
// tries again.
func Filled(t testing.TB, name string, fill func(location string) error) string {
	t.Helper()
	s := shared(t)
	from, err := s.filled("filled: "+name, fill)
	if err != nil {
		t.Fatalf("fill a database: %v", err)
	}
	return s.copied(t, from)
}

func (s *server) create(from string) (string, error) {
	name := "watari_test_" + id.Secret(10)
	return name, s.exec("create database " + quote(name) + " template " + quote(from))
}

func (s *server) exec(q string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := s.admin.Exec(ctx, q)
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

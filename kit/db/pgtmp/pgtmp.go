package pgtmp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotInstalled says that no server programs were found.
var ErrNotInstalled = errors.New("no PostgreSQL server programs found: install the package " +
	"postgresql (Debian: apt-get install postgresql) or set PG_BIN to the folder of initdb")

// Options change the cluster. The zero value is fast and not durable, right for tests.
type Options struct {
	// Fsync makes commits durable, as in production; needed for benchmarks.
	Fsync bool
	// Initdb are more arguments of initdb, for example a locale. Default: the locale C and
	// the encoding UTF8.
	Initdb []string
	// Settings are more settings of the server, "name=value".
	Settings []string
}

// Cluster is a running server.
type Cluster struct {
	dir   string
	user  string
	alive io.Closer
	cmd   *exec.Cmd
	once  sync.Once
}

// startTimeout bounds initdb and the start of the server together, on a busy machine.
const startTimeout = time.Minute

// script runs the server, waits for the end of its standard input, stops the server at
// once and removes the folder.
const script = `"$@" >"$D/log" 2>&1 & p=$!
read -r x
kill -INT $p 2>/dev/null
wait $p
cd / && rm -rf "$D"`

// Start makes and starts a cluster. Stop ends it, and so does the end of the process.
//
// Errors: ErrNotInstalled; others hold the output of the server.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	who, err := dropTo()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "watari-pg-")
	if err != nil {
		return nil, err
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	c := &Cluster{dir: dir, user: "postgres"}
	if err := c.initdb(ctx, bin, who, o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.start(bin, who, o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.wait(ctx); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		c.Stop()
		return nil, fmt.Errorf("start postgres: %w\n%s", err, log)
	}
	return c, nil
}

// URL returns the location of a database of the cluster; "postgres" is always there.
func (c *Cluster) URL(database string) string {
	q := url.Values{"host": {c.dir}, "user": {c.user}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}

// Stop ends all sessions, stops the server and removes the cluster.
func (c *Cluster) Stop() {
	c.once.Do(func() {
		_ = c.alive.Close()
		_ = c.cmd.Wait()
	})
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) initdb(
	ctx context.Context, bin string, who *syscall.Credential, o Options,
) error {
	extra := o.Initdb
	if len(extra) == 0 {
		extra = []string{"--locale=C", "--encoding=UTF8"}
	}
	args := append([]string{"-D", c.data(), "-U", c.user, "-A", "trust", "-N"}, extra...)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (c *Cluster) start(bin string, who *syscall.Credential, o Options) error {
	set := []string{"listen_addresses=", "unix_socket_directories=" + c.dir,
		"max_connections=1000", "shared_buffers=128MB", "max_wal_size=2GB"}
	if !o.Fsync {
		set = append(set, "fsync=off", "full_page_writes=off")
	}
	args := []string{"-c", script, "sh", filepath.Join(bin, "postgres"), "-D", c.data()}
	for _, s := range append(set, o.Settings...) {
		args = append(args, "-c", s)
	}
	c.cmd = exec.Command("/bin/sh", args...)
	c.cmd.Dir = c.dir
	c.cmd.Env = append(os.Environ(), "D="+c.dir)
	// A group of its own, so that Ctrl-C in a terminal does not reach the server before
	// the tests have closed their connections.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setpgid: true}
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return err
	}
	c.alive = in
	return c.cmd.Start()
}

func (c *Cluster) wait(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// programs returns the folder of initdb: $PG_BIN, Debian's newest, or from PATH.
func programs() (string, error) {
	var folders []string
	if bin := os.Getenv("PG_BIN"); bin != "" {
		folders = append(folders, bin)
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return release(b) - release(a) })
	folders = append(folders, debian...)
	folders = append(folders, filepath.SplitList(os.Getenv("PATH"))...)
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(f, "initdb")); err == nil {
			return f, nil
		}
	}
	return "", ErrNotInstalled
}

// release returns 15 of /usr/lib/postgresql/15/bin.
func release(folder string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	return n
}

// dropTo returns whom the programs run as: nil for the user of this process.
func dropTo() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("the server does not run as root, and there is neither a user " +
		"postgres nor nobody")
}

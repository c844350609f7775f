package pgtmp_test

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"watari/kit/db/pgtmp"
)

// folder returns where a cluster lies, from its location.
func folder(t *testing.T, location string) string {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("host")
}

// gone waits until a folder is removed, at most twenty seconds.
func gone(dir string) bool {
	for range 400 {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// Goal: a cluster has the settings asked for and leaves nothing. Method: start, ask, stop.
func TestClusterStartsAndLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, durable := range []bool{false, true} {
		c, err := pgtmp.Start(t.Context(), pgtmp.Options{
			Fsync: durable, Settings: []string{"work_mem=7MB"},
		})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		var got string
		err = conn.QueryRow(t.Context(), `select concat_ws(' ', current_setting('fsync'),
			current_setting('work_mem'), current_setting('server_encoding'))`).Scan(&got)
		want := map[bool]string{false: "off 7MB UTF8", true: "on 7MB UTF8"}[durable]
		if err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
		conn.Close(t.Context())
		c.Stop()
		c.Stop()
		if _, err := os.Stat(folder(t, c.URL("x"))); !os.IsNotExist(err) {
			t.Errorf("after Stop: %v", err)
		}
	}
}

// Goal: nothing stays when the process is killed. Method: a child starts a cluster and is
// killed with SIGKILL.
func TestKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	const env = "WATARI_TEST_PGTMP_CHILD"
	if os.Getenv(env) != "" {
		c, err := pgtmp.Start(context.Background(), pgtmp.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("location", c.URL("postgres"))
		time.Sleep(time.Minute)
		c.Stop()
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcessLeavesNothing$")
	cmd.Env = append(os.Environ(), env+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	location := ""
	for lines := bufio.NewScanner(out); location == "" && lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "location "); ok {
			location = rest
		}
	}
	dir := folder(t, location)

	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()

	if dir == "" || !gone(dir) {
		t.Errorf("%q is still there", dir)
	}
}

// Goal: a failed start names its cause and leaves nothing. Method: a locale that is none.
func TestFailedStartNamesItsCause(t *testing.T) {
	t.Parallel()
	_, err := pgtmp.Start(t.Context(), pgtmp.Options{Initdb: []string{"--locale=no_SUCH"}})
	if err == nil || !strings.Contains(err.Error(), "locale") {
		t.Errorf("got %v", err)
	}
}

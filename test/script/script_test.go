package script

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/test/program"
)

// The goal is a binary that behaves as its manual says. The method: each script of this folder, on
// both engines, with the real binary.
func TestScripts(t *testing.T) {
	t.Parallel()
	folder := filepath.Dir(program.Binary(t))
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir:   ".",
				Setup: func(env *testscript.Env) error { return setUp(env, engine, folder) },
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"serve":  serve,
					"stop":   stop,
					"kill":   kill,
					"get":    get,
					"status": status,
				},
			})
		})
	}
}

// world is what one script works with.
type world struct {
	t      testing.TB
	server *program.Server
}

type worldKey struct{}

func setUp(env *testscript.Env, engine db.Engine, folder string) error {
	t, ok := env.T().(testing.TB)
	if !ok {
		return errors.New("the script does not run in a test")
	}
	env.Values[worldKey{}] = &world{t: t}
	env.Setenv("PATH", folder+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("ENGINE", engine.String())
	env.Setenv("WATARI_DATA", filepath.Join(env.WorkDir, "data"))
	env.Setenv("WATARI_DATABASE", "")
	if engine == db.Postgres {
		env.Setenv("WATARI_DATABASE", dbtest.Location(t, engine))
	}
	return nil
}

func of(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("use: ! exec watari serve …")
	}
	w := of(ts)
	args = append(args, "--data="+ts.Getenv("WATARI_DATA"))
	if database := ts.Getenv("WATARI_DATABASE"); database != "" {
		args = append(args, "--database="+database)
	}
	w.server = program.Serve(w.t, args...)
	ts.Setenv("BASE", w.server.BaseURL)
}

func stop(ts *testscript.TestScript, neg bool, _ []string) {
	w := of(ts)
	if code := w.server.Stop(w.t); code != 0 || neg {
		ts.Fatalf("watari serve ended with status %d", code)
	}
}

func kill(ts *testscript.TestScript, neg bool, _ []string) {
	if neg {
		ts.Fatalf("a kill does not fail")
	}
	of(ts).server.Kill()
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: get PATH [STATUS]")
	}
	want := "200"
	if len(args) == 2 {
		want = args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, ts.Getenv("BASE")+args[0], nil)
	ts.Check(err)
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(ts.Stdout(), response.Body)
	ts.Check(err)
	if got := strconv.Itoa(response.StatusCode); got != want {
		ts.Fatalf("%s answers with status %s, want %s", args[0], got, want)
	}
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARGUMENT…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("status %d, want %s", got, args[0])
	}
}

package program

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Longest waits. Seeding a sandbox takes under two seconds on an idle machine; the rest is for
// machines that build and test other things at the same time.
const (
	readyMax = 90 * time.Second
	stopMax  = 30 * time.Second
)

// Server is a running `watari serve`, or another command that runs until it is stopped.
type Server struct {
	BaseURL string // from the ready line, without a slash at the end; serve only
	Data    string // the data folder
	PID     int

	cmd  *exec.Cmd
	log  *log
	done chan struct{} // closed when the process has ended
}

// Options say what is started and how.
type Options struct {
	Binary  string   // default: that of the function Binary
	Command string   // default: "serve"; "sandbox" runs the simulated wallets alone
	Args    []string // after the command
	Env     []string // "NAME=value", added to the environment of the test
	// MayEnd lets Start return also when the process has ended before it was ready, with an
	// empty BaseURL: for binaries that kill themselves.
	MayEnd bool
}

// Serve starts `watari serve` with these arguments, see Start.
func Serve(t testing.TB, args ...string) *Server {
	t.Helper()
	return Start(t, Options{Args: args})
}

// Start starts `watari serve` on a free port and waits for its ready line. It adds --data with a
// fresh folder when the arguments name none. The process is killed when the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	args := slices.Clone(o.Args)
	data := value(args, "--data")
	if data == "" {
		data = t.TempDir()
		args = append(args, "--data="+data)
	}
	if o.Binary == "" {
		o.Binary = Binary(t)
	}
	if o.Command == "" {
		o.Command = "serve"
	}
	if o.Command == "serve" && value(args, "--listen") == "" {
		args = append(args, "--listen=127.0.0.1:0")
	}
	s := &Server{Data: data, log: &log{}, done: make(chan struct{})}
	s.cmd = exec.Command(o.Binary, append([]string{o.Command}, args...)...)
	// People in the park cost time that tests of other things do not have. Those of the park
	// say WATARI_SANDBOX_QUIET=false.
	s.cmd.Env = append(append(os.Environ(), "WATARI_SANDBOX_QUIET=true"), o.Env...)
	s.cmd.Stderr = s.log
	stdout, writer, err := os.Pipe()
	if err != nil {
		t.Fatalf("make a pipe: %v", err)
	}
	s.cmd.Stdout = writer
	s.start(t)
	_ = writer.Close()
	t.Cleanup(func() {
		s.Kill()
		_ = stdout.Close()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", strings.Join(s.cmd.Args, " "), s.log)
		}
	})

	ready := make(chan string, 1)
	go s.read(stdout, ready)
	select {
	case s.BaseURL = <-ready:
	case <-s.done:
		if o.MayEnd {
			break
		}
		t.Fatalf("watari %s ended before it was ready (%v)", o.Command, s.cmd.ProcessState)
	case <-time.After(readyMax):
		t.Fatalf("watari %s is not ready after %s", o.Command, readyMax)
	}
	return s
}

// start runs the process in a thread that lives as long as this test process, because the kernel
// ends the child together with the thread that started it.
func (s *Server) start(t testing.TB) {
	t.Helper()
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait()
		}
		close(s.done)
	}()
	if err := <-started; err != nil {
		t.Fatalf("start %s: %v", s.cmd.Path, err)
	}
	s.PID = s.cmd.Process.Pid
}

// readyLine is how a command says that it is ready. The address is that of a server.
var readyLine = regexp.MustCompile(`^watari (?:\w+ )?ready(?: (http\S+))?$`)

// read copies standard output into the log and tells the address of the ready line.
func (s *Server) read(stdout io.Reader, ready chan<- string) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		_, _ = s.log.Write(append(lines.Bytes(), '\n'))
		if m := readyLine.FindStringSubmatch(strings.TrimSpace(lines.Text())); m != nil {
			select {
			case ready <- m[1]:
			default:
			}
		}
	}
}

// Sandbox reads the server's sandbox.json.
func (s *Server) Sandbox(t testing.TB) Sandbox {
	t.Helper()
	return ReadSandbox(t, s.Data)
}

// Stop asks the process to end, as an operator would, and waits. It returns the exit status.
func (s *Server) Stop(t testing.TB) int {
	t.Helper()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(stopMax):
		t.Errorf("%s did not stop within %s of SIGTERM", s.cmd.Path, stopMax)
		s.Kill()
	}
	return s.cmd.ProcessState.ExitCode()
}

// Kill ends the process at once, as a power cut would, and waits until it is gone.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

// Done is closed when the process has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.done }

// Log returns what the process wrote so far, standard output and error in one.
func (s *Server) Log() string { return s.log.String() }

// Run runs another command of the binary to its end and returns what it wrote and its exit
// status.
func Run(t testing.TB, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs strings.Builder
	cmd := exec.Command(Binary(t), args...)
	cmd.Dir = filepath.Dir(t.TempDir()) // nowhere: a command must not rely on its folder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("run watari %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// value returns the value of a flag among arguments, in both of its forms, or "".
func value(args []string, flag string) string {
	for i, arg := range args {
		if v, ok := strings.CutPrefix(arg, flag+"="); ok {
			return v
		}
		if arg == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// log collects what a process writes; the latest part is kept.
type log struct {
	mu   sync.Mutex
	text []byte
}

const logMax = 256 << 10

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	if len(l.text) > logMax {
		l.text = slices.Clone(l.text[len(l.text)-logMax/2:])
	}
	return len(p), nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"watari/kit/db/pgtmp"
)

func main() {
	fsync := flag.Bool("fsync", false, "make commits durable")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: cluster [-fsync] COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	status, err := run(pgtmp.Options{Fsync: *fsync}, flag.Args())
	if err != nil {
		fmt.Fprintf(os.Stderr, "cluster: %v\n", err)
		os.Exit(1)
	}
	os.Exit(status)
}

// run starts a server, runs the command, and stops the server. It returns the command's exit
// status.
func run(o pgtmp.Options, args []string) (int, error) {
	// An interrupt from the keyboard reaches the command as well; this process waits for it to
	// end, so that the server goes last.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)

	server, err := pgtmp.Start(context.Background(), o)
	if err != nil {
		return 0, err
	}
	defer server.Stop()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "WATARI_TEST_PG="+server.URL("postgres"))
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() {
		for s := range interrupts {
			_ = cmd.Process.Signal(s)
		}
	}()
	err = cmd.Wait()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil // a signal has no code
	}
	return 0, err
}

// Command roster is the whole product in one process: it reads the settings,
// opens the store, starts the loops and serves until it is told to stop. The
// other commands work on the same database, as the operator. Rules, queries and
// pages live in the packages it puts together.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // people choose time zones on hosts that know none

	"github.com/mattn/go-isatty"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	std := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: isatty.IsTerminal(os.Stdin.Fd())}
	err := run(ctx, os.Args[1:], os.Getenv, std)
	os.Exit(std.report(err))
}

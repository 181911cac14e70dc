package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"roster/team"
	"roster/web"
)

// streams are what the process reads from and writes to.
type streams struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // somebody sits at in
}

// usageError is a command line or a setting that is wrong: nothing was tried.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// report tells a person what went wrong and returns the exit code.
func (s streams) report(err error) int {
	if err == nil {
		return 0
	}
	text := err.Error()
	if e, ok := errors.AsType[*team.Error](err); ok {
		text = strings.ReplaceAll(text, e.Error(), e.Message) // the code is for programs
	}
	_, _ = fmt.Fprintf(s.err, "roster: %s\n", text)
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

// orMissing words a refusal of the store for the command line, where “your
// access to it has ended” would be no help.
func orMissing(err error, text string) error {
	if e, ok := errors.AsType[*team.Error](err); ok && e.Kind == team.NotFound {
		return errors.New(text)
	}
	return err
}

// cli is every command; kong makes the flags and the help from it.
type cli struct {
	Settings settings   `embed:""`
	Serve    serveCmd   `cmd:"" help:"Run the server."`
	Demo     demoCmd    `cmd:"" help:"Run the server on a database made up for a look, with a mail catcher and sign-in by one click."`
	User     userCmd    `cmd:"" help:"Accounts: create, list, disable, enable, delete."`
	Org      orgCmd     `cmd:"" help:"Organizations: create, list, set-plan, transfer, delete, export, apply."`
	Token    tokenCmd   `cmd:"" help:"API tokens: create, list, revoke."`
	Scheme   schemeCmd  `cmd:"" help:"Role schemes: list, show, check."`
	Mail     mailCmd    `cmd:"" help:"Mail: test."`
	Audit    auditCmd   `cmd:"" help:"The audit log: verify."`
	Secret   secretCmd  `cmd:"" help:"The server key: rotate."`
	Doctor   doctorCmd  `cmd:"" help:"Check settings, database, mail and public address, and say what to mend."`
	Backup   backupCmd  `cmd:"" help:"Copy the SQLite database to a file, while the server runs."`
	Restore  restoreCmd `cmd:"" help:"Put a backup in the place of the SQLite database."`
	Move     moveCmd    `cmd:"" help:"Copy an instance from SQLite to PostgreSQL, or back."`
	Version  versionCmd `cmd:"" help:"Print the version, commit, Go version and database driver."`
}

// process is what a command works with.
type process struct {
	ctx context.Context // kong hands values over; this one lives as long as the process
	streams
	lines *bufio.Reader
	conf  config
	log   *slog.Logger
	world *web.Demo // nil but in the demo
	gone  time.Time // by when the process has to end; zero until it stops serving

	metrics *metrics // nil where nobody measures
	tls     *secured // nil where Roster speaks HTTP
}

// run is the life of the process: it reads the command line and the settings,
// and does what they say until ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, std streams) error {
	var c cli
	r := &resolver{getenv: getenv}
	parsed, helped, err := c.parse(args, r, std)
	if helped || err != nil {
		return err
	}
	p := &process{ctx: ctx, streams: std, lines: bufio.NewReader(std.in)}
	if parsed.Command() != "version" { // which has to work with any settings
		if p.conf, err = c.Settings.check(r.source); err != nil {
			return usageError{err}
		}
	}
	p.log = newLogger(std.err, p.conf)
	return parsed.Run(p)
}

// parse reads the command line; helped says that help was asked for and given.
func (c *cli) parse(args []string, r *resolver, std streams) (parsed *kong.Context, helped bool, err error) {
	parser, err := kong.New(c,
		kong.Name("roster"),
		kong.Description("Roster is the Settings → Team page of your product: members, roles, invitations, and who did what. “roster help COMMAND” explains one."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { helped = true }), // the process ends by itself
		kong.Resolvers(r),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ValueFormatter(nameVariable),
		kong.Help(printHelp),
	)
	if err != nil {
		return nil, false, fmt.Errorf("read command line: %w", err)
	}
	parsed, err = parser.Parse(helpWords(args))
	switch {
	case helped:
		return nil, true, nil
	case err != nil:
		return nil, false, usageError{withHint(err)}
	}
	return parsed, false, nil
}

// helpWords turns "help user" into "user --help", and nothing at all into --help.
func helpWords(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"--help"}
	case args[0] == "help":
		return append(args[1:len(args):len(args)], "--help")
	}
	return args
}

// withHint says where the right form stands.
func withHint(err error) error {
	pe, ok := errors.AsType[*kong.ParseError](err)
	if !ok || pe.Context == nil {
		return err
	}
	command := "roster help"
	if node := pe.Context.Selected(); node != nil {
		command += strings.TrimPrefix(node.FullPath(), "roster")
	}
	return fmt.Errorf("%w\nRun “%s” to see the right form", err, command)
}

// printHelp shows all settings with serve; elsewhere only those that say which
// instance is meant, because the others count there too but drown the rest.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	selected := ctx.Selected()
	for _, f := range ctx.Model.Flags {
		switch {
		case f.Group == nil || selected != nil && selected.Name == "serve":
		case selected != nil && selected.Name == "demo" && slices.Contains(demoSettings, f.Name):
		case selected != nil && selected.Name != "demo" && (f.Name == "config" || f.Name == "database" || f.Name == "schemes"):
		default:
			f.Hidden = true
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// nameVariable adds the environment variable to the help of a setting.
func nameVariable(v *kong.Value) string {
	if v.Flag == nil || v.Name == "help" {
		return v.Help
	}
	return v.Help + " ($" + variable(v.Name) + ")"
}

// printf writes to the standard output. A reader that went away is no error of
// the command.
func (p *process) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, format, args...)
}

// line reads one line from the standard input.
func (p *process) line() (string, error) {
	text, err := p.lines.ReadString('\n')
	if err != nil && (text == "" || !errors.Is(err, io.EOF)) {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return strings.TrimRight(text, "\r\n"), nil
}

// confirm asks who sits at a terminal to type what is about to go. Scripts, which
// named it, are not asked.
func (p *process) confirm(yes bool, phrase, loss string) error {
	if yes || !p.terminal {
		return nil
	}
	p.printf("%s\nType %s to go on: ", loss, phrase)
	typed, err := p.line()
	if err != nil || strings.TrimSpace(typed) != phrase {
		p.printf("\n")
		return usageError{fmt.Errorf("nothing was deleted: “%s” was not typed. Give --yes to go on without being asked", phrase)}
	}
	return nil
}

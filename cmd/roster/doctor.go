package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"roster/mail"
	"roster/store"
	"roster/team"
)

type doctorCmd struct {
	MailTo string `placeholder:"ADDRESS" help:"Send a test message there, too. Otherwise it only signs in to the mail server."`
}

// doctor is one examination. It writes nothing, and a server may be running.
type doctor struct {
	*process
	problems, warnings int
}

// Run looks at everything an instance needs and prints a line about each: what is
// fine, what may be meant and what is wrong, with what to do.
func (c doctorCmd) Run(p *process) error {
	to := ""
	if c.MailTo != "" {
		if !p.conf.mailOn {
			return usageError{errMailOff()}
		}
		var err error
		if to, _, err = team.ParseEmail(c.MailTo); err != nil {
			return usageError{err}
		}
	}
	d := &doctor{process: p}
	schemes := d.checkSettings()
	keys, known := d.checkKeyFile()
	d.checkDatabase(store.Options{Keys: keys, Schemes: schemes, DefaultScheme: p.conf.defaultScheme, MailOn: p.conf.mailOn}, known)
	d.checkMail(to)
	d.checkBaseURL(keys, known)
	return d.verdict()
}

func (d *doctor) line(level, what, format string, args ...any) {
	d.printf("%-8s %-9s %s\n", level, what, fmt.Sprintf(format, args...))
}

func (d *doctor) fine(what, format string, args ...any) { d.line("ok", what, format, args...) }

// unsure is for what works, and may not be meant.
func (d *doctor) unsure(what, format string, args ...any) {
	d.warnings++
	d.line("warning", what, format, args...)
}

func (d *doctor) wrong(what, format string, args ...any) {
	d.problems++
	d.line("problem", what, format, args...)
}

// failed is wrong with what an error says to people.
func (d *doctor) failed(what string, err error) {
	text := err.Error()
	if e, ok := errors.AsType[*team.Error](err); ok {
		text = strings.ReplaceAll(text, e.Error(), e.Message)
	}
	d.wrong(what, "%s", strings.ReplaceAll(strings.TrimSuffix(text, "."), "\n", "; ")+".")
}

func (d *doctor) verdict() error {
	count := func(n int, what string) string {
		if n == 1 {
			return "1 " + what
		}
		return fmt.Sprintf("%d %ss", n, what)
	}
	switch {
	case d.problems > 0:
		return fmt.Errorf("%s and %s: see above for what to do", count(d.problems, "problem"), count(d.warnings, "warning"))
	case d.warnings > 0:
		d.printf("No problems, %s.\n", count(d.warnings, "warning"))
	default:
		d.printf("Everything is fine.\n")
	}
	return nil
}

// checkSettings goes over what can be right for the parser and wrong for people.
// A setting that can't be read at all has stopped the command before.
func (d *doctor) checkSettings() team.Schemes {
	before := d.problems + d.warnings
	schemes, err := d.conf.allSchemes()
	if err != nil {
		d.failed("settings", err)
	}
	base, err := d.conf.publicURL(nil)
	if err != nil {
		d.failed("settings", err)
	}
	if strings.HasPrefix(base, "http://") && !isLocal(base) {
		d.unsure("settings", "--base-url %s is not https: passwords and sessions travel in the clear. Put TLS in front, and https:// in --base-url.", base)
	}
	if d.conf.mailOn && d.conf.mail.Encryption == mail.NoTLS && !isLocal("smtp://"+d.conf.mail.Address()) {
		d.unsure("settings", "--smtp-url sends letters to %s in the clear: leave out tls=none if the server knows STARTTLS.", d.conf.mail.Address())
	}
	d.checkSiblings(base)
	if others := readableByOthers(d.conf.file); others != "" && d.conf.hasSecrets() {
		d.unsure("settings", "the file %s holds a password or a key, and others can read it (%s): run chmod 600 on it, or 640 for a group of its own.", d.conf.file, others)
	}
	if d.problems+d.warnings == before {
		d.fine("settings", "all of them make sense; the base URL is %s.", base)
	}
	return schemes
}

// hasSecrets reports whether the settings hold what others must not read.
func (c config) hasSecrets() bool {
	return c.secret != "" || c.mail.User != "" || strings.Contains(c.database, "@") && strings.Contains(c.database, "://")
}

// readableByOthers returns the mode of a file that everybody can read, else "".
func readableByOthers(path string) string { return openTo(path, 0o007) }

// openTo returns the mode of a file that these permissions are open on, else "".
func openTo(path string, bits os.FileMode) string {
	if path == "" || runtime.GOOS == "windows" {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&bits == 0 {
		return ""
	}
	return info.Mode().Perm().String()
}

// checkKeyFile looks for the server key and makes none.
func (d *doctor) checkKeyFile() (team.Keys, bool) {
	path, sqlite := d.conf.sqlitePath()
	keys, err := d.conf.keyThere(path)
	file := path + ".key"
	switch {
	case errors.Is(err, os.ErrNotExist) && !holdsData(path):
		d.unsure("key", "%s is not there yet: the first start makes it.", file)
		return keys, false
	case errors.Is(err, os.ErrNotExist):
		d.wrong("key", "%s is missing, but the database is there: put it back from your backup. Without it the server does not start.", file)
		return keys, false
	case err != nil:
		d.failed("key", err)
		return keys, false
	case d.conf.secret != "":
		if _, err := os.Stat(file); sqlite && err == nil {
			d.unsure("key", "--secret is used, and %s lies there unused: put it elsewhere, so that nobody takes it for the key.", file)
		}
		return keys, true
	}
	if mode := openTo(file, 0o077); mode != "" {
		d.wrong("key", "%s can be read by others (%s): run chmod 600 on it.", file, mode)
	}
	return keys, true
}

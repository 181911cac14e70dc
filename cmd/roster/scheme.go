package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"roster/team"
	"roster/team/scheme"
)

type schemeCmd struct {
	List  schemeList  `cmd:"" help:"List the schemes: the built-in ones and those of --schemes."`
	Show  schemeShow  `cmd:"" help:"Print the file of a scheme: a start for one of your own."`
	Check schemeCheck `cmd:"" help:"Check a scheme file and name every mistake with its line."`
}

type schemeList struct{}

// Run prints one line for each scheme.
func (schemeList) Run(p *process) error {
	all, err := p.conf.allSchemes()
	if err != nil {
		return err
	}
	t := p.table("NAME", "LABEL", "OWNERSHIP", "ROLES")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		label := s.Label
		if s.Name == p.conf.defaultScheme {
			label += " (default)"
		}
		t.row(s.Name, label, string(s.Ownership), labels(s.Roles))
	}
	return t.Flush()
}

func labels(roles []team.Role) string {
	var out []string
	for _, r := range roles {
		out = append(out, r.Label)
	}
	return strings.Join(out, ", ")
}

type schemeShow struct {
	Name string `arg:"" name:"NAME" help:"Which scheme."`
}

// Run prints the scheme’s file: comments and all, it says more than a table of
// ours would, and it is the start for one’s own.
func (c schemeShow) Run(p *process) error {
	text, err := p.conf.schemeText(c.Name)
	if err != nil {
		return err
	}
	p.printf("%s", text)
	return nil
}

func (c config) schemeText(name string) ([]byte, error) {
	if text, ok := scheme.Text(name); ok {
		return text, nil
	}
	if c.schemes != "" {
		files, err := filepath.Glob(filepath.Join(c.schemes, "*.toml"))
		if err != nil {
			return nil, fmt.Errorf("list schemes: %w", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("read scheme: %w", err)
			}
			if s, err := scheme.Parse(file, text); err == nil && strings.EqualFold(s.Name, name) {
				return text, nil
			}
		}
	}
	return nil, usageError{fmt.Errorf("there is no scheme %q: “roster scheme list” has them", name)}
}

type schemeCheck struct {
	File string `arg:"" name:"FILE" help:"The TOML file."`
}

// Run reads the file as the start of the server would.
func (c schemeCheck) Run(p *process) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return usageError{fmt.Errorf("read scheme: %w", err)}
	}
	s, err := scheme.Parse(c.File, text)
	if err != nil {
		return err
	}
	if _, taken := scheme.Text(s.Name); taken {
		return fmt.Errorf("%s: name: there is a built-in scheme “%s” already; choose another name", c.File, s.Name)
	}
	p.printf("%s is fine: the scheme %s with %d roles. Put it into the folder of --schemes and start again.\n", filepath.Base(c.File), s.Name, len(s.Roles))
	return nil
}

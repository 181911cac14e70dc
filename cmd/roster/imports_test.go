package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// arrows is the package graph, outermost first: what each package may import of
// ours, what its tests may import besides, and what it must never touch. A new
// arrow is a line in a diff that someone agrees to.
var arrows = map[string]struct{ may, tests, never []string }{
	"cmd/roster": {may: []string{"web", "store", "mail", "mail/catcher", "team", "team/scheme"}, tests: []string{"mail/mailtest", "store/storetest"}},
	"web": {
		may:   []string{"handlers", "handlers/api", "static", "team"},
		tests: []string{"store", "store/storetest", "mail", "mail/mailtest", "team/scheme", "views"},
		never: []string{"database/sql"},
	},
	"handlers":     {may: []string{"views", "team"}, tests: []string{"team/scheme"}, never: []string{"database/sql", "os", "github.com/alexedwards/scs/v2"}},
	"handlers/api": {may: []string{"views", "team"}, tests: []string{"team/scheme"}, never: []string{"database/sql", "os", "github.com/alexedwards/scs/v2"}},
	"views":        {may: []string{"static", "team"}, tests: []string{"team/scheme"}, never: []string{"net/http", "database/sql", "os"}},
	"store":        {may: []string{"team"}, tests: []string{"store/storetest", "team/scheme"}, never: []string{"net/http", "github.com/a-h/templ", "github.com/wneessen/go-mail"}},
	"mail":         {may: []string{"team"}, tests: []string{"mail/mailtest", "team/scheme"}, never: []string{"net/http", "database/sql"}},
	"static":       {},
	"team":         {tests: []string{"team/scheme"}, never: []string{"net/http", "database/sql", "os", "context"}},

	"team/scheme":     {may: []string{"team"}, never: []string{"net/http", "database/sql", "os"}},
	"store/storetest": {may: []string{"store", "team", "team/scheme"}},
	"mail/catcher":    {may: []string{"team"}, tests: []string{"mail"}, never: []string{"net/http", "database/sql", "os"}},
	"mail/mailtest":   {may: []string{"mail/catcher"}},
}

type listed struct {
	ImportPath, Dir                    string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "roster/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, "roster/")
		rule, ok := arrows[from]
		if !ok {
			t.Errorf("package %s is not in the graph", from)
			continue
		}
		for _, path := range p.Imports {
			if to, ours := strings.CutPrefix(path, "roster/"); ours && !slices.Contains(rule.may, to) {
				t.Errorf("%s must not import %s", from, to)
			}
			if slices.Contains(rule.never, path) {
				t.Errorf("%s must not touch %s", from, path)
			}
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			to, ours := strings.CutPrefix(path, "roster/")
			if ours && to != from && !slices.Contains(rule.may, to) && !slices.Contains(rule.tests, to) {
				t.Errorf("the tests of %s must not import %s", from, to)
			}
		}
	}
}

// readsEnvironment finds what style rule 25 leaves to cmd.
var readsEnvironment = regexp.MustCompile(`\bos\.(Getenv|LookupEnv|Environ|ExpandEnv)\b`)

func TestOnlyTheCommandReadsTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.ImportPath == "roster/cmd/roster" || strings.HasSuffix(p.ImportPath, "test") {
			continue
		}
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if found := readsEnvironment.Find(text); found != nil {
				t.Errorf("%s/%s: %s: settings come in as values", p.ImportPath, name, found)
			}
		}
	}
}

// TestTopLevel keeps the top of the repository to what architecture.md fixes.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	known := []string{"cmd", "web", "views", "handlers", "store", "mail", "static", "team", "docs", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE"}
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "--full-name", "../..").Output()
	if err != nil {
		t.Skip("not a git clone: ", err)
	}
	for _, path := range strings.Fields(string(out)) {
		top, _, _ := strings.Cut(path, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(known, top) {
			t.Errorf("%s does not belong on the top level", top)
		}
	}
}

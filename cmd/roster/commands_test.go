package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"roster/mail/mailtest"
	"roster/team"
)

// operator is a command line on a database of its own.
type operator struct {
	t  *testing.T
	db string
}

func newOperator(t *testing.T) operator {
	return operator{t, filepath.Join(t.TempDir(), "roster.db")}
}

// says runs a command that succeeds and checks what it says.
func (o operator) says(stdin, line string, want ...string) string {
	o.t.Helper()
	out, problem, code := command(o.t, env("ROSTER_DATABASE", o.db), stdin, strings.Fields(line)...)
	if code != 0 {
		o.t.Fatalf("roster %s: %d\n%s%s", line, code, out, problem)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			o.t.Errorf("roster %s: %q is not in:\n%s", line, w, out)
		}
	}
	return out
}

// refuses runs a command that fails and checks why.
func (o operator) refuses(stdin, line string, want ...string) {
	o.t.Helper()
	out, problem, code := command(o.t, env("ROSTER_DATABASE", o.db), stdin, strings.Fields(line)...)
	if code == 0 {
		o.t.Errorf("roster %s: went through: %s", line, out)
	}
	for _, w := range want {
		if !strings.Contains(problem, w) {
			o.t.Errorf("roster %s: %q is not in:\n%s", line, w, problem)
		}
	}
}

// types runs a command as somebody at a terminal.
func (o operator) types(stdin, line string, code int, want ...string) {
	o.t.Helper()
	var out strings.Builder
	std := streams{in: strings.NewReader(stdin), out: &out, err: &out, terminal: true}
	if got := std.report(run(o.t.Context(), strings.Fields(line), env("ROSTER_DATABASE", o.db), std)); got != code {
		o.t.Errorf("roster %s: %d, want %d\n%s", line, got, code, out.String())
	}
	for _, w := range want {
		if !strings.Contains(out.String(), w) {
			o.t.Errorf("roster %s: %q is not in:\n%s", line, w, out.String())
		}
	}
}

func TestUserCommands(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.refuses("", "user list", "there is no database", "ROSTER_DATABASE")
	if _, err := os.Stat(o.db); !os.IsNotExist(err) {
		t.Error("looking made a database")
	}

	o.says("", "user create --email Ada@Example.com --name Ada --operator", "Ada@example.com", "http://127.0.0.1:8080/password/reset/")
	o.says("correct horse battery\r\n", "user create --email bob@example.com --name Bob --password-stdin", "bob@example.com")
	o.refuses("", "user create --email eve@example.com --name Eve --password-stdin", "standard input")
	o.refuses("short\n", "user create --email eve@example.com --name Eve --password-stdin", "at least 8 characters")
	o.refuses("", "user create --email bob@EXAMPLE.com --name Bobby", "account")
	o.refuses("", "user create --email bob --name Bob", "name@example.com")
	o.refuses("", "user create --email bob@example.com", "--name")

	o.says("", "user disable bob@example.com", "Disabled")
	o.says("", "user list", "Ada@example.com", "operator", "bob@example.com", "disabled")
	o.says("", "user enable bob@example.com", "Enabled")
	o.refuses("", "user disable nobody@example.com", "nobody@example.com")

	o.types("", "user delete bob@example.com", 2, "nothing was deleted", "--yes")
	o.types("ada@example.com\n", "user delete bob@example.com", 2, "nothing was deleted")
	o.types("bob@example.com\n", "user delete bob@example.com", 0, "Type bob@example.com", "Deleted")
	if out := o.says("", "user list"); strings.Contains(out, "bob@") {
		t.Errorf("still there:\n%s", out)
	}
	o.says("", "user create --email carl@example.com --name Carl", "/password/reset/")
	o.types("", "user delete carl@example.com --yes", 0, "Deleted")
	o.says("", "user create --email dora@example.com --name Dora", "/password/reset/")
	if out := o.says("", "user delete dora@example.com", "Deleted"); strings.Contains(out, "Type") {
		t.Errorf("a script is asked:\n%s", out)
	}
}

// C2: a personal organization goes with its account, from others only by name.
func TestC2PersonalOrganizationCommands(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.says("", "user create --email ada@example.com --name Ada --operator", "Made")
	o.says("", "user create --email bob@example.com --name Bob", "Made")
	o.says("", "org create --name Acme --slug acme --owner ada@example.com --scheme modular", "acme")
	o.says("", "org list", "Ada’s organization", "ada ")
	o.refuses("", "org delete ada", "Delete that account, and it goes with it")
	o.refuses("", "user delete ada@example.com", "only owner of Acme")
	o.says("", "org delete acme", "Deleted")

	db := besides(t, o.db)
	personal, err := db.Organization(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	answers, err := db.Invite(t.Context(), team.Operator, personal.ID, []string{"bob@example.com"}, []team.Grant{{ScopeID: personal.ID, Role: "member"}}, "")
	if err != nil || answers[0].Err != nil {
		t.Fatal(answers, err)
	}
	bob, err := db.AccountByEmail(t.Context(), "bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.AcceptMine(t.Context(), team.Actor{Kind: team.ByUser, UserID: bob.ID}, answers[0].Invitation.ID); err != nil {
		t.Fatal(err)
	}
	o.refuses("", "user delete ada@example.com", "for the others in it, too (1)", "--organization ada")
	o.types("ada@example.com\n", "user delete ada@example.com --organization ada", 0, "personal organization ada goes with it", "Deleted")
	o.says("", "org list", "Bob’s organization")
	if out := o.says("", "org list"); strings.Contains(out, "Ada") {
		t.Error(out)
	}
}

func TestOrgCommands(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.says("", "user create --email ada@example.com --name Ada", "Made")
	o.says("", "user create --email bob@example.com --name Bob", "Made")

	o.refuses("", "org create --name Acme --slug acme --owner eve@example.com", "there is no account eve@example.com")
	o.refuses("", "org create --name Acme --slug acme --owner ada@example.com --scheme pyramid", "pyramid")
	o.refuses("", "org create --name Acme --slug Ac_me --owner ada@example.com", "a–z")
	o.says("", "org create --name Acme --slug acme --owner ADA@example.com --plan starter", "acme", "workspace", "ada@example.com")
	o.refuses("", "org create --name Other --slug acme --owner ada@example.com", "taken")
	o.says("", "org create --name Duo --slug duo --owner bob@example.com --scheme pair", "pair")
	o.says("", "org list", "acme", "starter", "duo", "pair")

	o.says("", "org set-plan acme business", "business")
	o.refuses("", "org set-plan acme gold", "gold")
	o.refuses("", "org set-plan nix business", `there is no organization "nix"`)
	o.refuses("", "org transfer acme --to bob@example.com", "bob@example.com is not a member")

	doc := o.says("", "org export acme", `"slug": "acme"`, `"role": "owner"`, `"invitations": []`)
	file := filepath.Join(t.TempDir(), "acme.json")
	wish := strings.Replace(doc, `"invitations": []`, `"invitations": [{"email": "carl@example.com", "role": "viewer"}]`, 1)
	if err := os.WriteFile(file, []byte(wish), 0o600); err != nil {
		t.Fatal(err)
	}
	o.says("", "org apply "+file+" --dry-run", "carl@example.com", "dry run")
	o.says("", "org export acme", `"invitations": []`)
	o.says(wish, "org apply -", "carl@example.com")
	o.says("", "org export acme", `"carl@example.com"`)
	o.says("", "org apply "+file, "Nothing to do")
	o.refuses(`{"organizations": {}}`, "org apply -", "organizations")
	o.refuses("not json", "org apply -", "org export")

	o.types("duo\n", "org delete acme", 2, "nothing was deleted")
	o.types("acme\n", "org delete acme", 0, "Deleted")
	o.says("", "org delete duo", "Deleted")
	o.refuses("", "org export acme", "there is no organization")
}

func TestSchemeCommands(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.says("", "scheme list", "workspace", "(default)", "pair", "cluster", "tenanted", "modular")
	text := o.says("", "scheme show Workspace", "[[roles]]", "preselected")
	o.refuses("", "scheme show pyramid", "pyramid", "scheme list")

	dir := t.TempDir()
	file := filepath.Join(dir, "studio.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	o.refuses("", "scheme check "+file, "already")
	own := strings.Replace(text, `"workspace"`, `"studio"`, 1)
	write(own)
	o.says("", "scheme check "+file, "studio.toml is fine", "4 roles")
	o.says("", "scheme list --schemes "+dir, "studio")
	if shown := o.says("", "scheme show studio --schemes "+dir); shown != own {
		t.Error("the file of an own scheme is not shown as it is")
	}
	write(strings.Replace(own, `manages     = ["admin"`, `manages     = ["boss"`, 1))
	o.refuses("", "scheme check "+file, "studio.toml:", "boss")
	o.refuses("", "user create --email ada@example.com --name Ada --schemes "+dir, "studio.toml:", "boss")
	if _, err := os.Stat(o.db); !os.IsNotExist(err) {
		t.Error("a start with a wrong scheme made a database")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.says("", "version", "roster ", "commit ", "go1.")
	if _, _, code := command(t, env("ROSTER_LOG_LEVEL", "loud"), "", "version"); code != 0 {
		t.Error("the version is told with any settings")
	}
	info := &debug.BuildInfo{
		GoVersion: "go1.26.0",
		Main:      debug.Module{Version: "v1.2.3"},
		Deps:      []*debug.Module{{Path: "modernc.org/sqlite", Version: "v1.61.1"}},
		Settings:  []debug.BuildSetting{{Key: "vcs.revision", Value: "abc123"}, {Key: "vcs.modified", Value: "true"}},
	}
	for _, want := range []string{"v1.2.3", "abc123 (changed)", "go1.26.0", "modernc.org/sqlite v1.61.1"} {
		if !strings.Contains(describe(info), want) {
			t.Errorf("%q is not in:\n%s", want, describe(info))
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"":                   "user create",
		"help":               "org set-plan",
		"--help":             "mail test",
		"help serve":         "$ROSTER_LIMIT_INVITATIONS_PER_DAY",
		"help org apply":     "--dry-run",
		"user create --help": "--password-stdin",
	} {
		out, problem, code := command(t, env(), "", strings.Fields(line)...)
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("roster %s: %d, %q is not in:\n%s%s", line, code, want, out, problem)
		}
	}
	if out, _, _ := command(t, env(), "", "help", "user", "create"); strings.Contains(out, "--trusted-proxies") {
		t.Error("settings of the server drown the help of a command")
	}
	for _, line := range []string{"serf", "user", "user list extra", "user list --frobnicate"} {
		if _, problem, code := command(t, env(), "", strings.Fields(line)...); code != 2 || !strings.Contains(problem, "roster help") {
			t.Errorf("roster %s: %d %s", line, code, problem)
		}
	}
}

func TestMailTest(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.refuses("", "mail test --to you@example.com", "ROSTER_SMTP_URL", "smtp://")

	server := mailtest.Start(t)
	on := " --smtp-url " + server.URL() + " --mail-from roster@example.com"
	o.says("", "mail test --to you@example.com"+on, "you@example.com", "Accepted by the mail server")
	if got := server.Letters(); len(got) != 1 || got[0].To != "you@example.com" || got[0].From != "roster@example.com" {
		t.Errorf("%+v", got)
	}
	server.Refuse("gone@example.com", 550, "5.1.1 no such user")
	o.refuses("", "mail test --to gone@example.com"+on, "550 5.1.1 no such user")
	o.refuses("", "mail test --to nobody"+on, "name@example.com")
}

package scheme_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"roster/team"
	"roster/team/scheme"
)

var update = flag.Bool("update", false, "write the golden files anew")

// whole is the smallest file with every part, and no mistake.
const whole = `name = "studio"
label = "Studio"
summary = "For tests."
ownership = "single"
default_plan = "small"

[nouns]
one = "studio"
many = "studios"
members_page = "Crew"

[[permissions]]
key = "floor.sweep"
label = "Sweep the floor"

[[modules]]
key = "sound"
label = "Sound"
read = ["team.view"]
write = ["floor.sweep"]

[[roles]]
key = "owner"
label = "Owner"
owner = true
permissions = "*"
manages = ["Manager", "HAND"]
grants = ["manager", "hand"]

[[roles]]
key = "manager"
label = "Manager"
previous_owner = true
permissions = ["team.view", "floor.sweep"]
manages = ["hand"]

[[roles]]
key = "hand"
label = "Hand"
preselected = true
module_default = "read"

[[roles]]
key = "set_lead"
label = "Set lead"
scope = "set"

[[roles]]
key = "corner_lead"
label = "Corner lead"
scope = "corner"

[[scopes]]
key = "corner"
parent = "SET"
noun = { one = "corner", many = "corners" }
invite = "anyone"

[scopes.inherits]
Set_Lead = "corner_lead"

[[scopes]]
key = "set"
parent = "organization"
noun = { one = "set", many = "sets" }

[[plans]]
key = "small"
label = "Small"
seats = 5
extra_seats = true

[[plans]]
key = "large"
label = "Large"
seats = "unlimited"

[[shapes]]
up_to = 5
roles = { owner = "1", hand = "2-3" }

[[shapes]]
roles = { hand = "15+" }
`

func TestParseReadsEveryPart(t *testing.T) {
	s, err := scheme.Parse("studio.toml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &team.Scheme{
		Name: "studio", Label: "Studio", Summary: "For tests.", Ownership: team.Single,
		Noun: team.Noun{One: "studio", Many: "studios"}, PageTitle: "Crew", InvitationDays: 7,
		Permissions: []team.PermissionInfo{{Key: "floor.sweep", Label: "Sweep the floor"}},
		Modules:     []team.Module{{Key: "sound", Label: "Sound", Read: []team.Permission{"team.view"}, Write: []team.Permission{"floor.sweep"}}},
		Roles: []team.Role{
			{Key: "owner", Label: "Owner", Kind: "organization", All: true, Owner: true, ModuleDefault: "none", Manages: []string{"manager", "hand"}, Grants: []string{"manager", "hand"}},
			{Key: "manager", Label: "Manager", Kind: "organization", PreviousOwner: true, ModuleDefault: "none", Permissions: []team.Permission{"team.view", "floor.sweep"}, Manages: []string{"hand"}, Rank: 1},
			{Key: "hand", Label: "Hand", Kind: "organization", Preselected: true, ModuleDefault: "read", Rank: 2},
			{Key: "set_lead", Label: "Set lead", Kind: "set", ModuleDefault: "none", Rank: 3},
			{Key: "corner_lead", Label: "Corner lead", Kind: "corner", ModuleDefault: "none", Rank: 4},
		},
		Kinds: []team.ScopeKind{
			{Key: "set", Parent: "organization", Noun: team.Noun{One: "set", Many: "sets"}, Invite: team.InviteMembers},
			{Key: "corner", Parent: "set", Noun: team.Noun{One: "corner", Many: "corners"}, Invite: team.InviteAnyone, Inherits: map[string]string{"set_lead": "corner_lead"}},
		},
		Plans:       []team.Plan{{Key: "small", Label: "Small", Seats: 5, ExtraSeats: true}, {Key: "large", Label: "Large"}},
		DefaultPlan: "small",
		Shapes:      []team.Shape{{UpTo: 5, Roles: map[string]string{"owner": "1", "hand": "2–3"}}, {Roles: map[string]string{"hand": "15+"}}},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

// TestBrokenFileSaysEverything is the page a self-hoster sees: each mistake
// with its place, its key and what would be right (F1).
func TestBrokenFileSaysEverything(t *testing.T) {
	data, err := os.ReadFile("testdata/broken.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = scheme.Parse("broken.toml", data)
	golden := filepath.Join("testdata", "broken.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, rerr := os.ReadFile(golden)
	if rerr != nil {
		t.Fatal(rerr)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(err.Error()+"\n", "\n")); diff != "" {
		t.Error(diff)
	}
	var one *scheme.Error
	if !errors.As(err, &one) || one.File != "broken.toml" || one.Right == "" {
		t.Errorf("the first mistake cannot be had on its own: %v", one)
	}
}

func TestSyntaxErrorHasItsPlace(t *testing.T) {
	_, err := scheme.Parse("x.toml", []byte("name = \"x\"\nlabel = oops\n"))
	var one *scheme.Error
	if !errors.As(err, &one) || one.Line != 2 || one.Column == 0 {
		t.Fatalf("got %v", err)
	}
}

func TestLoadAddsADirectory(t *testing.T) {
	t.Run("a file joins the five", func(t *testing.T) {
		all, err := scheme.Load(fstest.MapFS{"studio.toml": {Data: []byte(whole)}, "notes.txt": {Data: []byte("no scheme")}})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := all.Named("STUDIO"); !ok || len(all) != 6 {
			t.Errorf("%d schemes, studio there: %v", len(all), ok)
		}
	})
	t.Run("a name that is taken is refused", func(t *testing.T) {
		_, err := scheme.Load(fstest.MapFS{"mine.toml": {Data: []byte(strings.Replace(whole, `"studio"`, `"workspace"`, 1))}})
		if err == nil || !strings.Contains(err.Error(), "mine.toml:1:1: name: there is a scheme “workspace” already") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("mistakes of several files are reported together", func(t *testing.T) {
		_, err := scheme.Load(fstest.MapFS{"a.toml": {Data: []byte("x = 1")}, "b.toml": {Data: []byte("= 1")}})
		if err == nil || !strings.Contains(err.Error(), "a.toml:1:1") || !strings.Contains(err.Error(), "b.toml:1:1") {
			t.Errorf("got %v", err)
		}
	})
}

func TestTextIsTheFile(t *testing.T) {
	text, ok := scheme.Text("Workspace")
	if !ok || !strings.Contains(string(text), `name      = "workspace"`) {
		t.Error("the workspace file is not to be had")
	}
	for _, name := range []string{"", "none", "../scheme/pair", "*"} {
		if _, ok := scheme.Text(name); ok && name != "../scheme/pair" {
			t.Errorf("there is a file %q", name)
		}
	}
}

// FuzzParse: no file whatever breaks the reader, every refusal names its file
// and what is wrong, and whatever passes keeps the promises of a scheme.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	for _, name := range []string{"pair", "cluster", "modular", "tenanted", "workspace"} {
		text, _ := scheme.Text(name)
		f.Add(text)
	}
	f.Add([]byte("x = 1\n[\n")) // once an error of two lines
	f.Add([]byte("\"\\u0061\" = 1\n[[roles]]\nkey = 1979-05-27\nroles = []"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scheme.Parse("fuzz.toml", data)
		if err != nil {
			var all scheme.Errors
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("not Errors: %v", err)
			}
			for _, e := range all {
				if e.File != "fuzz.toml" || e.Problem == "" || strings.ContainsAny(e.Error(), "\n\r") {
					t.Fatalf("not one readable line: %q", e.Error())
				}
			}
			return
		}
		checkPromises(t, s)
	})
}

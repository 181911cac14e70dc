package scheme_test

import (
	"strings"
	"testing"

	"roster/team/scheme"
)

// TestRefusals holds one case for every reason to refuse a file. Each starts
// from the whole file and makes one mistake (F1, schemes.md).
func TestRefusals(t *testing.T) {
	const hand = "key = \"hand\"\n"
	cases := []struct {
		name, old, new string // old → new in the whole file; old "" appends
		want           string // part of the one error
	}{
		{"unknown key", `label = "Studio"`, "label = \"Studio\"\ncolor = \"blue\"", `:3:1: color: there is no such key; write one of name, label`},
		{"misspelled key", `default_plan`, "default_plann", `default_plann: there is no such key; write “default_plan”`},
		{"unknown key in a table", `members_page = "Crew"`, "members_page = \"Crew\"\ntitle = \"x\"", `nouns.title: there is no such key`},
		{"wrong type of text", `label = "Studio"`, "label = 7", `:2:1: label: this is a number, not text`},
		{"wrong type of flag", "owner = true\npermissions", "owner = \"yes\"\npermissions", `roles.owner.owner: this is text, not true or false`},
		{"wrong type of list", `manages = ["hand"]`, `manages = "hand"`, `roles.manager.manages: this is text, not a list`},
		{"wrong type of table", "[nouns]\none = \"studio\"\nmany = \"studios\"\nmembers_page = \"Crew\"", `nouns = "studio"`, `nouns: this is text, not a table`},
		{"text that hides", `label = "Studio"`, `label = "Stu\u202Edio"`, `label: this text can’t be shown as it is`},
		{"text without end", `label = "Studio"`, `label = "` + strings.Repeat("x", 61) + `"`, `write one line of at most 60 plain letters`},
		{"missing label", `label = "Hand"`, ``, `roles.hand: label is missing; add label = "Editor"`},
		{"empty label", `label = "Hand"`, `label = " "`, `roles.hand.label: this is empty`},
		{"missing ownership", `ownership = "single"`, ``, `ownership is missing; add ownership = "single" or "shared"`},
		{"unknown ownership", `ownership = "single"`, `ownership = "dual"`, `:4:1: ownership: “dual” is not one of the choices; write one of single or shared`},

		{"scheme name not snake case", `name = "studio"`, `name = "My Studio"`, `name: “My Studio” is not lower snake case; write “my_studio”`},
		{"role key not snake case", hand, "key = \"Hand\"\n", `roles.Hand.key: “Hand” is not lower snake case; write “hand”`},
		{"kind key not snake case", "key = \"set\"", `key = "Set"`, `scopes.Set.key: “Set” is not lower snake case`},
		{"module key not snake case", `key = "sound"`, `key = "Sound"`, `is not lower snake case`},
		{"plan key not snake case", `key = "large"`, `key = "Large!"`, `is not lower snake case; write “large”`},
		{"permission not dotted", `"floor.sweep"
label`, `"sweep"
label`, `“sweep” is not a permission; write words in lower snake case with a dot between`},

		{"noun with a space", `many = "studios"`, `many = "film studios"`, `nouns.many: “film studios” does not fit into an address`},
		{"noun that is a path of the API", `many = "studios"`, `many = "invitations"`, `nouns.many: “invitations” means something else in the API`},
		{"organizations for something else", `many = "studios"`, `many = "organizations"`, `“organizations” means something else in the API`},
		{"noun of a child that is a path", `many = "sets"`, `many = "scopes"`, `scopes.set.noun.many: “scopes” means something else in the API`},
		{"noun used twice", `many = "sets"`, `many = "studios"`, `“studios” already means organization`},
		{"invitations that never end", "[nouns]", "[invitations]\ndays = 0\n[nouns]", `invitations.days: “0” is out of range; write a whole number from 1 to 90`},

		{"permission declared twice", "[[modules]]", "[[permissions]]\nkey = \"floor.sweep\"\nlabel = \"x\"\n[[modules]]", `there are two permissions “floor.sweep”`},
		{"own permission declared", "[[modules]]", "[[permissions]]\nkey = \"team.view\"\nlabel = \"x\"\n[[modules]]", `“team.view” is one of Roster’s own`},
		{"permission nobody declared", `["team.view", "floor.sweep"]`, `["team.view", "floor.mop"]`, `roles.manager.permissions: nobody declared the permission “floor.mop”; declare it with [[permissions]]`},
		{"misspelled permission", `["team.view", "floor.sweep"]`, `["team.veiw"]`, `or write “team.view”`},
		{"undeclared permission of a module", `write = ["floor.sweep"]`, `write = ["floor.mop"]`, `modules.sound.write: nobody declared`},
		{"star inside a list", `["team.view", "floor.sweep"]`, `["team.view", "*"]`, `write permissions = "*" on its own`},
		{"listed twice", `["team.view", "floor.sweep"]`, `["team.view", "team.view"]`, `“team.view” is listed twice`},

		{"manages a role that is not there", `manages = ["hand"]`, `manages = ["hnd"]`, `roles.manager.manages: there is no role “hnd”; write “hand”`},
		{"grants a role that is not there", `grants = ["manager", "hand"]`, `grants = ["janitor"]`, `roles.owner.grants: there is no role “janitor”; write one of owner, manager, hand`},
		{"manages a role above its scope", "label = \"Set lead\"", "label = \"Set lead\"\nmanages = [\"hand\"]", `roles.set_lead.manages: the role “hand” belongs to another kind of scope: organization`},
		{"two roles of one key", "key = \"manager\"", "key = \"hand\"", `there are two roles “hand”`},
		{"role of an unknown scope", `scope = "corner"`, `scope = "cornr"`, `roles.corner_lead.scope: there is no kind of scope “cornr”; write “corner”`},
		{"no owner role", "owner = true\npermissions", "permissions", `studio.toml: no role is the owner role`},
		{"two owner roles", "previous_owner = true", "owner = true\nprevious_owner = true", `roles.manager.owner: “owner” is marked too, and an organization has one owner role`},
		{"owner role in a child scope", `scope = "set"`, "scope = \"set\"\nowner = true", `roles.set_lead.owner: the owner role belongs to the organization`},
		{"single owner managed", `manages = ["hand"]`, `manages = ["hand", "owner"]`, `roles.manager.manages: “owner” is the owner role; take it out: with a single owner`},
		{"single owner granted", `grants = ["manager", "hand"]`, `grants = ["OWNER"]`, `roles.owner.grants: “owner” is the owner role`},
		{"single owner preselected", "owner = true\npermissions", "owner = true\npreselected = true\npermissions", `roles.owner.preselected: nobody is invited as the single owner`},
		{"no role for a former owner", "previous_owner = true", "", `no role is the one that an owner gets after a transfer`},
		{"two roles for a former owner", hand, hand + "previous_owner = true\n", `roles.hand.previous_owner: “manager” is marked too`},
		{"the owner as former owner", "owner = true\npermissions", "owner = true\nprevious_owner = true\npermissions", `roles.owner.previous_owner: this is the owner role itself`},
		{"former owner in a child scope", `scope = "set"`, "scope = \"set\"\nprevious_owner = true", `a former owner stays in the organization`},
		{"former owner with shared ownership", `"single"`, `"shared"`, `roles.manager.previous_owner: with shared ownership there is no transfer`},
		{"preselected twice", "previous_owner = true", "previous_owner = true\npreselected = true", `roles.hand.preselected: “manager” is preselected too`},
		{"module default unknown", `module_default = "read"`, `module_default = "admin"`, `roles.hand.module_default: “admin” is not one of the choices; write one of none, read or write`},
		{"module default without modules", "[[modules]]\nkey = \"sound\"\nlabel = \"Sound\"\nread = [\"team.view\"]\nwrite = [\"floor.sweep\"]", "", `roles.hand.module_default: there are no modules`},
		{"two modules of one key", "[[modules]]", "[[modules]]\nkey = \"sound\"\nlabel = \"Sound\"\n[[modules]]", `there are two modules “sound”`},

		{"unknown parent", `parent = "SET"`, `parent = "stage"`, `scopes.corner.parent: there is no kind of scope “stage”; write`},
		{"cycle", `parent = "organization"`, `parent = "corner"`, `these kinds contain each other: corner in set in corner`},
		{"more than three levels", "", "\n[[scopes]]\nkey = \"shelf\"\nparent = \"corner\"\nnoun = { one = \"shelf\", many = \"shelves\" }\n[[roles]]\nkey = \"keeper\"\nlabel = \"Keeper\"\nscope = \"shelf\"\n", `scopes.shelf.parent: shelf in corner in set in organization is level 4; put it higher: there are at most 3 levels`},
		{"kind called organization", `key = "set"`, `key = "organization"`, `there are two kinds of scope “organization”`},
		{"kind without a noun", `noun = { one = "set", many = "sets" }`, "", `scopes.set: noun is missing; add noun`},
		{"kind without a role", "scope = \"corner\"", "", `scopes.corner: no role belongs to this kind of scope; add a role with scope = "corner"`},
		{"unknown invite policy", `invite = "anyone"`, `invite = "all"`, `scopes.corner.invite: “all” is not one of the choices; write one of members or anyone`},
		{"inherits from a role of the wrong kind", `Set_Lead = "corner_lead"`, `hand = "corner_lead"`, `scopes.corner.inherits.hand: the role “hand” belongs to another kind of scope: organization; write “set_lead”`},
		{"inherits to a role of the wrong kind", `Set_Lead = "corner_lead"`, `set_lead = "hand"`, `scopes.corner.inherits.set_lead: the role “hand” belongs to another kind of scope`},
		{"inherits to no role", `Set_Lead = "corner_lead"`, `set_lead = "nobody"`, `there is no role “nobody”; write “corner_lead”`},

		{"default plan unknown", `default_plan = "small"`, `default_plan = "tiny"`, `default_plan: there is no plan “tiny”; write one of small or large`},
		{"default plan missing", `default_plan = "small"`, ``, `default_plan is missing; add default_plan = "small"`},
		{"two plans of one key", `key = "large"`, `key = "small"`, `there are two plans “small”`},
		{"plan without seats", `seats = 5`, ``, `plans.small: seats is missing`},
		{"plan with no seats", `seats = 5`, `seats = 0`, `plans.small.seats: “0” is no number of seats`},
		{"extra seats without a cap", `seats = 5`, `seats = "unlimited"`, `a plan without a cap has no extra seats`},
		{"shape of an unknown role", `roles = { hand = "15+" }`, `roles = { hands = "15+" }`, `there is no role “hands”; write “hand”`},
		{"shape that is no number", `roles = { hand = "15+" }`, `roles = { hand = "many" }`, `shapes[1].roles.hand: “many” is no number of people`},
		{"shapes out of order", `roles = { hand = "15+" }`, "up_to = 4\nroles = { hand = \"15+\" }", `the shape before goes up to 5 already`},
		{"shape without a size first", "up_to = 5\n", "", `only the last shape is for any larger team`},
		{"no TOML", `label = "Studio"`, `label = Studio`, `studio.toml:2:`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := whole + c.new
			if c.old != "" {
				if !strings.Contains(whole, c.old) {
					t.Fatalf("the whole file has no %q", c.old)
				}
				text = strings.Replace(whole, c.old, c.new, 1)
			}
			s, err := scheme.Parse("studio.toml", []byte(text))
			if err == nil {
				t.Fatalf("passed: %+v", s)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got:\n%v\nwant a line with:\n%s", err, c.want)
			}
		})
	}
}

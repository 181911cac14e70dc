package team

import "strings"

// wording is how an action is told. In did and would, {target} is who or what it
// is about, {before} and {after} are the two sides of its first change, {changes}
// lists all of them, {access} those of somebody’s access, and {noun} is what the scheme calls an organization. did
// starts behind the name of who acted, unless it names its own subject first.
type wording struct {
	headline string // of what was done: "Changed a role"
	tried    string // of what was refused: "Tried to change a role"
	did      string
	would    string // behind "tried to"
}

var wordings = map[Action]wording{
	OrganizationCreated: {"Created the organization", "", "created the {noun}", ""},
	OrganizationChanged: {"Changed the settings", "Tried to change the settings", "changed {changes}", "change the settings"},
	OrganizationDeleted: {"Deleted the organization", "Tried to delete the organization", "deleted the {noun}", "delete the {noun}"},
	PlanChanged:         {"Changed the plan", "Tried to change the plan", "changed the plan from {before} to {after}", "change the plan"},
	MemberJoined:        {"Joined", "", "{target} joined as {after}", ""},
	MemberRoleChanged:   {"Changed a role", "Tried to change a role", "changed the role of {target} from {before} to {after}", "change the role of {target}"},
	MemberAccessChanged: {"Changed roles", "Tried to change roles", "changed the roles of {target}: {access}", "change the roles of {target}"},
	MemberRemoved:       {"Removed a member", "Tried to remove a member", "removed {target}, whose role was {before}", "remove {target}"},
	MemberLeft:          {"Left", "Tried to leave", "{target} left", "leave"},
	OwnershipMoved:      {"Transferred ownership", "Tried to transfer ownership", "transferred ownership from {before} to {after}", "transfer ownership to {target}"},
	InvitationCreated:   {"Sent an invitation", "Tried to invite", "invited {target} as {after}", "invite somebody"},
	InvitationResent:    {"Resent an invitation", "Tried to resend an invitation", "sent the invitation of {target} again", "send the invitation of {target} again"},
	InvitationEdited:    {"Changed an invitation", "Tried to change an invitation", "changed the role in the invitation of {target} from {before} to {after}", "change the invitation of {target}"},
	InvitationRevoked:   {"Revoked an invitation", "Tried to revoke an invitation", "revoked the invitation of {target}", "revoke the invitation of {target}"},
	InvitationAccepted:  {"Accepted an invitation", "Tried to accept an invitation", "{target} accepted the invitation", "accept the invitation of {target}"},
	InvitationDeclined:  {"Declined an invitation", "Tried to decline an invitation", "{target} declined the invitation", "decline the invitation of {target}"},
	InvitationExpired:   {"An invitation expired", "", "The invitation of {target} expired", ""},
	InvitationPassed:    {"Took over an invitation", "", "answers for the invitation of {target} now, in place of {before}", ""},
	InvitationLinkShown: {"Copied an invitation link", "Tried to copy an invitation link", "copied the link in the invitation of {target}", "copy the link in the invitation of {target}"},
	InvitationRenewal:   {"Asked for a new link", "", "{target} asked for a new link to the invitation", ""},
	ScopeCreated:        {"Made a scope", "Tried to make a scope", "made the {after} {target}", "make something here"},
	ScopeRenamed:        {"Renamed a scope", "Tried to rename a scope", "renamed {target} from {before} to {after}", "rename {target}"},
	ScopeMoved:          {"Moved a scope", "Tried to move a scope", "moved {target} from {before} to {after}", "move {target}"},
	ScopeArchived:       {"Archived a scope", "Tried to archive a scope", "archived {target}", "archive {target}"},
	ScopeRestored:       {"Restored a scope", "Tried to restore a scope", "restored {target}", "restore {target}"},
	ScopeDeleted:        {"Deleted a scope", "Tried to delete a scope", "deleted {target}", "delete {target}"},
	SignedIn:            {"Signed in", "", "signed in with {after}", ""},
	SessionEnded:        {"Signed out a browser", "", "signed out one of their browsers", ""},
	AccountCreated:      {"Made an account", "", "made the account of {target}", ""},
	AccountVerified:     {"Confirmed an address", "", "confirmed the address of {target}", ""},
	AccountChanged:      {"Changed an account", "", "changed {changes} of the account of {target}", ""},
	AccountDisabled:     {"Disabled an account", "Tried to disable an account", "disabled the account of {target}", "disable the account of {target}"},
	AccountEnabled:      {"Enabled an account", "", "enabled the account of {target}", ""},
	AccountDeleted:      {"Deleted an account", "Tried to delete an account", "deleted the account of {target}", "delete the account of {target}"},
	PasswordChanged:     {"Changed a password", "", "changed the password of {target}", ""},
	TokenCreated:        {"Made an API token", "Tried to make an API token", "made the API token {target}", "make an API token"},
	TokenRevoked:        {"Revoked an API token", "Tried to revoke an API token", "revoked the API token {target}", "revoke the API token {target}"},
	AuditExported:       {"Exported the audit log", "Tried to export the audit log", "exported the audit log as {after}", "export the audit log"},
	AuditKept:           {"Changed how long entries are kept", "Tried to change how long entries are kept", "changed how long the audit log is kept from {before} to {after}", "change how long the audit log is kept"},
	AuditTrimmed:        {"Dropped old entries", "", "The entries before number {after} were dropped: they were older than the {noun} keeps them", ""},
	LetterRetried:       {"Retried a letter", "", "sent a letter again that had not arrived", ""},
	LetterCancelled:     {"Cancelled a letter", "", "took a letter out of the queue", ""},
	ServerKeyChanged:    {"Changed the server key", "", "changed the key of this server", ""},
}

// Headline says in a few words what an entry is about: “Changed a role”, or
// “Tried to change a role” where it was refused.
func (e Entry) Headline() string {
	w, ok := wordings[e.Action]
	switch {
	case !ok:
		return string(e.Action)
	case e.Result == Failure && w.tried != "":
		return w.tried
	}
	return w.headline
}

// Headline says in a few words what an action is: “Changed a role”.
func (a Action) Headline() string { return Entry{Action: a, Result: Success}.Headline() }

// Actions are the actions that an organization's audit log can hold, in the
// order pages offer them.
func Actions() []Action {
	return []Action{
		MemberJoined, MemberRoleChanged, MemberAccessChanged, MemberRemoved, MemberLeft, OwnershipMoved,
		InvitationCreated, InvitationResent, InvitationEdited, InvitationRevoked, InvitationAccepted, InvitationDeclined,
		InvitationExpired, InvitationPassed, InvitationLinkShown, InvitationRenewal,
		ScopeCreated, ScopeRenamed, ScopeMoved, ScopeArchived, ScopeRestored, ScopeDeleted, SignedIn,
		OrganizationCreated, OrganizationChanged, PlanChanged, OrganizationDeleted, TokenCreated, TokenRevoked, AuditKept, AuditExported, AuditTrimmed,
	}
}

// Describe tells an entry in one full sentence, with the names and labels that
// hold now. Who was erased is “a deleted account” (rule 2).
func Describe(s *Scheme, r Record) string {
	w, ok := wordings[r.Action]
	if !ok {
		w = wording{did: "did " + string(r.Action), would: "do " + string(r.Action)}
	}
	text := w.did
	if r.Result == Failure {
		text = "tried to " + w.would
	}
	said := told(s, r).Replace(text)
	if strings.HasPrefix(text, "{target}") {
		said = r.begin(text, said)
	} else if !strings.HasPrefix(text, "The ") {
		return r.Who() + " " + said + r.whose() + r.where() + r.with() + decided(r) + "."
	}
	return said + r.whose() + r.where() + decided(r) + "."
}

// with names the token of theirs that somebody acted with.
func (r Record) with() string {
	if r.TokenName == "" || r.Actor.Kind != ByUser {
		return ""
	}
	return " with the token " + r.TokenName
}

// where says in which child scope something happened.
func (r Record) where() string {
	if r.ScopeName == "" || r.TargetKind == OnScope {
		return ""
	}
	return " in " + r.ScopeName
}

// begin has a sentence begin with a capital letter, but for a name or an address,
// which are written as they are.
func (r Record) begin(text, said string) string {
	if strings.HasPrefix(text, "{target}") && r.TargetName != "" && r.About() == r.TargetName {
		return said
	}
	return upper(said)
}

// whose says which organization an entry of the instance's log is about: it
// tells of all of them. One that is gone has no name, but had an address.
func (r Record) whose() string {
	switch {
	case r.TargetKind != OnOrganization:
		return ""
	case r.Action == OrganizationDeleted && r.TargetName == "" && len(r.Changes) > 0:
		return " at /o/" + r.Changes[0].Before
	case r.TargetName == "":
		return ""
	case r.Action == OrganizationCreated || r.Action == OrganizationDeleted:
		return " " + r.TargetName
	}
	return " in " + r.TargetName
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

// told fills the placeholders of a wording.
func told(s *Scheme, r Record) *strings.Replacer {
	var first Change
	if len(r.Changes) > 0 {
		first = r.Changes[0]
	}
	target := nameOr(r.About(), "somebody")
	self := r.Actor.UserID != "" && r.Actor.UserID == r.TargetID
	words := []string{
		"{before}", r.Value(s, first.Field, first.Before), "{after}", r.Value(s, first.Field, first.After), "{changes}", r.changes(s), "{access}", r.access(s),
		"{noun}", nameOr(s.Noun.One, OrganizationKind),
	}
	if self {
		words = append(words, "the role of {target}", "their own role", "the roles of {target}", "their own roles", "the account of {target}", "their own account",
			"the address of {target}", "their own address", "the password of {target}", "their own password")
	}
	return strings.NewReplacer(append(words, "{target}", target)...)
}

// changes lists what changed: “the name from “A” to “B” and the address”.
func (r Record) changes(s *Scheme) string {
	var out []string
	for _, c := range r.Changes {
		text := "the " + FieldLabel(c.Field)
		if c.Before != "" || c.After != "" {
			text += " from “" + r.Value(s, c.Field, c.Before) + "” to “" + r.Value(s, c.Field, c.After) + "”"
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return "nothing"
	}
	return joinList(out, "and")
}

// FieldLabel is what people call a field of a Change.
func FieldLabel(field string) string {
	switch field {
	case "slug":
		return "address in links"
	case "kept_days":
		return "kept for"
	case "outsiders":
		return "invitations of people from outside"
	case "letters_off":
		return "letters switched off"
	case "first_entry":
		return "first entry"
	case handedOver:
		return "handed over"
	}
	return strings.ReplaceAll(field, "_", " ")
}

// Value puts the value of a Change into words: labels for keys, names for ids.
func (r Record) Value(s *Scheme, field, value string) string {
	if value == "" {
		return "nothing"
	}
	switch field {
	case "role":
		if role, ok := s.Role(value); ok {
			return role.Label
		}
	case "modules":
		var out []string
		for _, l := range levelsIn(value) {
			out = append(out, s.moduleLabel(l[0])+" "+l[1])
		}
		return strings.Join(out, ", ")
	case "kind":
		if k, ok := s.Kind(value); ok {
			return k.Noun.One
		}
	case "parent":
		return nameOr(r.Names[value], "the "+nameOr(s.Noun.One, OrganizationKind))
	case "owner", "sponsor":
		return nameOr(r.Names[value], "a deleted account")
	case handedOver, oneInvitation, FieldInvitations, oneToken:
		if value == revoked {
			return value
		}
		return nameOr(r.Names[value], "what is gone")
	case "plan":
		if p, ok := s.Plan(value); ok {
			return p.Label
		}
	case "kept_days":
		return KeptFor(value)
	case "method":
		return "a " + value
	case "format":
		return strings.ToUpper(value)
	}
	return value
}

// KeptFor puts a number of days of an entry into words; "0" is forever.
func KeptFor(days string) string {
	switch days {
	case "0":
		return "forever"
	case "1":
		return "1 day"
	}
	return days + " days"
}

func upper(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

package views

import (
	"strings"

	"roster/team"
)

// TransferPath returns the address of the form that hands an organization over.
func TransferPath(slug string) string { return TeamPath(slug) + "/transfer" }

// TransferModel is the form that hands an organization over to a member (B6).
type TransferModel struct {
	Sheet    SheetModel
	From, To TransferSide
	Warnings []string
	Phrase   string // what has to be typed
	Typed    string
	Wrong    string // what is wrong with the phrase
	Password FieldModel
	Above    string // what no field shows
	Other    string // the way to choose somebody else
	Cancel   string
}

// TransferSide is one of the two people, with the roles before and after.
type TransferSide struct{ ID, Name, Before, After string }

// TransferInput is what the form is made of.
type TransferInput struct {
	Viewer  team.Viewer
	To      team.MemberRow
	Typed   string
	MailOn  bool
	Dialog  bool
	Problem Problem
}

// NewTransferModel prepares the form.
func NewTransferModel(in TransferInput) TransferModel {
	v, org := in.Viewer, in.Viewer.Organization
	owner := v.Scheme.OwnerRole()
	previous, _ := v.Scheme.PreviousOwnerRole()
	was, _ := v.Scheme.Role(in.To.Role)
	path := TransferPath(org.Slug)
	return TransferModel{
		Sheet: SheetModel{
			ID: "transfer", Small: true, Dialog: in.Dialog, Back: TeamPath(org.Slug), Action: path,
			Title: "Transfer ownership of " + org.Name, Text: "Takes effect at once. Only the new owner can give it back.",
		},
		From:     TransferSide{v.Account.ID, v.Account.Name, owner.Label, previous.Label},
		To:       TransferSide{in.To.UserID, in.To.Name, was.Label, owner.Label},
		Warnings: transferWarnings(in, owner, previous),
		Phrase:   team.TransferPhrase(org.Slug), Typed: in.Typed, Wrong: in.Problem.at("confirm"),
		Password: FieldModel{
			ID: "password", Name: "password", Label: "Your password", Type: "password", Required: true,
			Autocomplete: "current-password", Error: in.Problem.at("password"), MaxLength: 4 * team.PasswordMax,
			Hint: "We ask again because you can’t undo this yourself.",
		},
		Above: in.Problem.above("confirm", "password"), Other: path, Cancel: TeamPath(org.Slug),
	}
}

// transferWarnings names nobody: the two stand above, and a name would turn
// round what is beside it.
func transferWarnings(in TransferInput, owner, previous team.Role) []string {
	var out []string
	if lost := lostBy(in.Viewer.Scheme, owner, previous); lost != "" {
		out = append(out, "You can no longer "+lost+".")
	}
	if owner.CanManage(previous.Key) {
		out = append(out, "The new "+owner.Label+" can change your role or remove you.")
	}
	if !in.To.Verified && in.MailOn {
		out = append(out, "Nobody has proven yet that mail to "+in.To.Email+" reaches the new "+owner.Label+".")
	}
	if in.MailOn {
		return append(out, "Both of you get an email, and the audit log keeps a record.")
	}
	return append(out, "The audit log keeps a record.")
}

// lostBy says what one role may and another may not, as one list.
func lostBy(s *team.Scheme, has, lacks team.Role) string {
	var out []string
	for _, list := range [][]team.PermissionInfo{s.OwnPermissions(), s.Permissions} {
		for _, p := range list {
			if has.Has(p.Key) && !lacks.Has(p.Key) {
				out = append(out, inSentence(p.Label))
			}
		}
	}
	if n := len(out) - listedMax; n > 0 {
		out = append(out[:listedMax], "do "+plural(n, "other thing", "other things"))
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}

// HeirsModel is the list of members to hand an organization over to.
type HeirsModel struct {
	Sheet  SheetModel
	Query  string
	Heirs  []Heir
	Wrong  string // what was wrong with who was chosen
	Note   string // what the list leaves out; why it is empty
	Cancel string
}

// Heir is one member to choose.
type Heir struct {
	ID, Name, Email, Role string
	Href                  string
	Why                   string // why they can't be chosen
}

// HeirsShown is how many members are offered at once; a search finds the others.
const HeirsShown = 6

// HeirsInput is what the list is made of.
type HeirsInput struct {
	Viewer  team.Viewer
	Query   string
	Page    team.Page[team.MemberRow]
	Dialog  bool
	Problem Problem
}

// NewHeirsModel prepares the list.
func NewHeirsModel(in HeirsInput) HeirsModel {
	v, org := in.Viewer, in.Viewer.Organization
	path := TransferPath(org.Slug)
	m := HeirsModel{
		Query: in.Query, Cancel: TeamPath(org.Slug), Wrong: in.Problem.above(),
		Sheet: SheetModel{
			ID: "heir", Small: true, Dialog: in.Dialog, Back: TeamPath(org.Slug), Action: path, Finds: "heirs",
			Title: "Transfer ownership of " + org.Name, Text: "Choose who becomes the new " + v.Scheme.OwnerRole().Label + ".",
		},
	}
	for _, row := range in.Page.Items {
		if row.UserID == v.Account.ID || len(m.Heirs) == HeirsShown {
			continue
		}
		role, _ := v.Scheme.Role(row.Role)
		h := Heir{ID: row.UserID, Name: row.Name, Email: row.Email, Role: role.Label, Href: withQuery(path, "user", row.UserID)}
		if row.Inactive {
			h.Why = "This account is disabled."
		}
		m.Heirs = append(m.Heirs, h)
	}
	switch {
	case len(m.Heirs) == 0 && in.Query == "":
		m.Note = "There is nobody else yet. Invite somebody first; once they have joined, you can hand over to them."
	case len(m.Heirs) == 0:
		m.Note = "No other member matches “" + in.Query + "”."
	case in.Page.Next != "" || len(in.Page.Items) > len(m.Heirs)+1:
		m.Note = "There are more. Search for the others by name or email."
	}
	return m
}

package views

import (
	"cmp"

	"roster/team"
)

// TokenTyped is what was typed into the form of a new token, as it came.
type TokenTyped struct {
	Kind, Name string
	Role       string // a key, or TokenAll
	Ends       string // a number of days, or one of the constants below
	Day        string // with EndsOnDay
}

// What a form says in the place of a role and of a number of days.
const (
	TokenAll  = "*" // a personal one, held down to nothing
	EndsOnDay = "day"
	EndsNever = "never"
)

// TokenDays are the numbers of days that are offered.
var TokenDays = []string{"30", "90", "365"}

// NewTokenTyped is the form as it comes.
func NewTokenTyped(kind team.TokenKind) TokenTyped {
	return TokenTyped{Kind: string(kind), Ends: "90"}
}

// TokenFormModel is the form of a new token.
type TokenFormModel struct {
	Sheet   SheetModel
	Above   string
	Kind    string // "" on the server's page
	Name    FieldModel
	Roles   []PickCard // none where there is no choice
	RoleBad string
	Ends    []Option
	EndsBad string
	Day     FieldModel
}

// TokenFormInput is what the form is made of.
type TokenFormInput struct {
	Viewer  team.Viewer // of an organization; none for a token of the server
	Typed   TokenTyped
	Back    string
	Dialog  bool
	Problem Problem
}

// NewTokenFormModel prepares the form.
func NewTokenFormModel(in TokenFormInput) TokenFormModel {
	v, p := in.Viewer, in.Problem
	m := TokenFormModel{
		Above: p.above("name", "role", "ends", "expires", "day"), Kind: in.Typed.Kind, RoleBad: p.at("role"), EndsBad: p.at("ends"),
		Name: FieldModel{
			ID: "token-name", Name: "name", Label: "Name", Value: in.Typed.Name, Error: p.at("name"), Autocomplete: "off", Required: true, MaxLength: team.NameMax,
			Placeholder: "Deploy bot", Hint: "What uses it, so that everybody knows what stops when it is revoked.", Autofocus: !p.Any() || p.at("name") != "",
		},
		Day: FieldModel{
			ID: "token-day", Name: "day", Label: "Last day", Type: "date", Value: in.Typed.Day, Error: cmp.Or(p.at("day"), p.at("expires")),
			Hint: "It works to the end of that day, in your time zone.",
		},
	}
	for _, days := range TokenDays {
		m.Ends = append(m.Ends, Option{days, "In " + days + " days", in.Typed.Ends == days})
	}
	m.Ends = append(m.Ends, Option{EndsOnDay, "On a day", in.Typed.Ends == EndsOnDay}, Option{EndsNever, "Never: until it is revoked", in.Typed.Ends == EndsNever})
	m.Sheet = SheetModel{ID: "token", Back: in.Back, Dialog: in.Dialog, Small: in.Viewer.Scheme == nil}
	switch team.TokenKind(in.Typed.Kind) {
	case team.TokenOrganization:
		m.Sheet.Title, m.Sheet.Text = "New token of "+v.Organization.Name, "It acts with the role that you choose here, whoever uses it."
		m.Roles = tokenCards(team.TokenRoles(v.Scheme, v.Party()), in.Typed.Role, true)
	case team.TokenPersonal:
		m.Sheet.Title, m.Sheet.Text = "New personal token", "It acts as you in "+v.Organization.Name+": never more than you may at the time, and less if you hold it down."
		m.Roles = personalCards(v, in.Typed.Role)
	default:
		m.Sheet.Title, m.Sheet.Text = "New token for the whole server", "It acts as an operator: everything in every organization is open to whoever has it."
	}
	m.Sheet.Action = AdminTokensPath
	if v.Scheme != nil {
		m.Sheet.Action = TokensPath(v.Organization.Slug)
	}
	return m
}

// tokenCards offers roles, least access first: what is chosen, else the least.
func tokenCards(roles []team.Role, chosen string, highestFirst bool) []PickCard {
	var out []PickCard
	for i := range roles {
		r := roles[i]
		if highestFirst {
			r = roles[len(roles)-1-i]
		}
		out = append(out, PickCard{Value: r.Key, Label: r.Label, Says: r.Description, Checked: r.Key == chosen})
	}
	if len(out) > 1 {
		out[0].Tag = "Least access"
	}
	if len(out) > 0 && chosen == "" {
		out[0].Checked = true
	}
	return out
}

// personalCards offers what a personal token may be held down to, and at the end
// nothing: who has the least role has no choice.
func personalCards(v team.Viewer, chosen string) []PickCard {
	out := tokenCards(team.HoldDownRoles(v.Scheme, v.Access), chosen, false)
	for i := range out {
		out[i].Label = "No more than " + out[i].Label
	}
	return append(out, PickCard{
		Value: TokenAll, Label: "All you may do", Says: "Whatever you are in " + v.Organization.Name + " at the time, now " + v.Access.Role.Label + ".",
		Checked: chosen == TokenAll || chosen == "" && len(out) == 0,
	})
}

// NewSecretModel is what shows a new token, this once.
type NewSecretModel struct {
	Sheet        SheetModel
	Secret, Curl string
	Until        string
}

// NewSecret prepares it.
func NewSecret(t team.Token, raw, base, slug, back string, dialog bool, clock Clock) NewSecretModel {
	m := NewSecretModel{Secret: raw, Sheet: SheetModel{ID: "secret", Title: t.Name + " is ready", Back: back, Dialog: dialog}, Until: "It works until it is revoked."}
	if !t.ExpiresAt.IsZero() {
		m.Until = "It works until " + clock.Exact(t.ExpiresAt).Text + " (" + clock.Zone() + "), or until it is revoked."
	}
	address := base + "/api/v1/organizations"
	if slug != "" {
		address += "/" + slug
	}
	m.Curl = "curl -H 'Authorization: Bearer " + raw + "' " + address
	return m
}

// RevocationModel asks before a token ends.
type RevocationModel struct {
	Sheet SheetModel
	Use   string // when it was used last
	InUse bool   // and not long ago
}

// NewRevocation prepares the question.
func NewRevocation(l TokenLine, back string, dialog bool) RevocationModel {
	m := RevocationModel{
		Use: "It was never used.",
		Sheet: SheetModel{
			ID: "revoke", Title: "Revoke " + l.Name + "?", Action: l.Path + "/revoke", Back: back, Dialog: dialog, Small: true,
			Text: "Whatever uses it stops working. There is no way back: make a new one instead.",
		},
	}
	switch {
	case l.Ended:
		m.Use = "It has ended: nothing works with it any more."
	case l.Recent:
		m.Use, m.InUse = "Something still uses it: last used "+lowerFirst(l.Used.Text)+".", true
	case !l.Unused:
		m.Use = "It was used last " + lowerFirst(l.Used.Text) + "."
	}
	return m
}

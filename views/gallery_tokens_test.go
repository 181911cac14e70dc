package views

import (
	"testing"

	"roster/team"
)

// someTokens are one of each kind of line.
func someTokens() []team.Token {
	org := func(id, name, role string) team.Token {
		return team.Token{ID: id, Name: name, Role: role, Kind: team.TokenOrganization, CreatedBy: "u5", CreatorName: "Samuel Adeyemi", CreatedAt: ago(40 * day)}
	}
	used, soon, ended, lost, gone := org("t1", "Deploy bot", "member"), org("t2", "Nightly report", "viewer"), org("t3", "Trial <b>", "viewer"), org("t4", "Provisioning", "admin"), org("t5", "ليلى", "retired")
	used.LastUsedAt, used.CreatedBy = ago(4*60*1e9), "u0"
	soon.ExpiresAt, soon.CreatedBy = now.Add(5*day), ""
	ended.ExpiresAt, lost.MakerLost = ago(day), true
	gone.CreatorName, gone.MakerLost, gone.ExpiresAt = "", true, now.Add(200*day)
	return []team.Token{used, soon, ended, lost, gone}
}

func tokensShots(t *testing.T) []shot {
	t.Helper()
	owner, reader, clock := viewer(t, "workspace", "owner"), viewer(t, "workspace", "viewer"), NewClock(now, "Europe/Oslo")
	page := func(name string, in TokensInput) shot {
		in.Clock = clock
		return shot{name, "page", TokensBody(NewTokensModel(in))}
	}
	form := func(name, in string, f TokenFormInput) shot {
		f.Back, f.Dialog = "/back", in == "dialog"
		return shot{name, in, TokenForm(NewTokenFormModel(f))}
	}
	mine := team.Token{ID: "t6", Name: "Laptop", Kind: team.TokenPersonal, UserID: owner.Account.ID, CreatedAt: ago(day)}
	theirs := team.Token{ID: "t7", Name: "Script", Kind: team.TokenPersonal, UserID: "u5", HolderName: "Samuel Adeyemi", Role: "viewer", CreatedAt: ago(day)}
	wrong := NewTokenTyped(team.TokenOrganization)
	wrong.Role, wrong.Ends, wrong.Day = "admin", EndsOnDay, "2020-01-01"
	revocation := func(i int, dialog bool) RevocationModel {
		return NewRevocation(TokensInput{Viewer: owner, Clock: clock}.Line(someTokens()[i]), "/back", dialog)
	}
	until := someTokens()[1]
	return []shot{
		page("tokens", TokensInput{Viewer: owner, Tab: TabOwnTokens, Page: team.Page[team.Token]{Items: someTokens(), Next: "n", Prev: "p"}}),
		page("tokens-own", TokensInput{Viewer: owner, Page: team.Page[team.Token]{Items: []team.Token{mine}}}),
		page("tokens-members", TokensInput{Viewer: owner, Tab: TabMembersTokens, Page: team.Page[team.Token]{Items: []team.Token{theirs}}}),
		page("tokens-none", TokensInput{Viewer: reader}),
		{"tokens-instance", "page", TokensBody(NewAdminTokensModel("u0", team.Page[team.Token]{Items: []team.Token{{ID: "t8", Name: "Billing", Kind: team.TokenInstance, CreatedBy: "u0", CreatorName: "Maya Okafor", CreatedAt: ago(day)}}}, clock))},
		form("token-form", "dialog", TokenFormInput{Viewer: owner, Typed: NewTokenTyped(team.TokenOrganization)}),
		form("token-form-wrong", "page", TokenFormInput{Viewer: owner, Typed: wrong, Problem: NewProblem(team.Wrong("name", "x", "Type a name.")).With(team.Wrong("expires", "x", "The token would have ended already."))}),
		form("token-form-personal", "dialog", TokenFormInput{Viewer: owner, Typed: NewTokenTyped(team.TokenPersonal)}),
		form("token-form-least", "dialog", TokenFormInput{Viewer: reader, Typed: NewTokenTyped(team.TokenPersonal)}),
		form("token-form-instance", "dialog", TokenFormInput{Typed: TokenTyped{Ends: "90"}}),
		{"token-secret", "dialog", ShowSecret(NewSecret(until, "roster_o_EXAMPLEexampleEXAMPLEexample12345678", "https://team.example.com", "brightwater", "/back", true, clock))},
		{"token-secret-page", "page", ShowSecret(NewSecret(someTokens()[0], "roster_o_EXAMPLEexampleEXAMPLEexample12345678", "https://team.example.com", "", "/back", false, clock))},
		{"token-revoke", "dialog", RevocationForm(revocation(0, true))},
		{"token-revoke-ended", "page", RevocationForm(revocation(2, false))},
	}
}

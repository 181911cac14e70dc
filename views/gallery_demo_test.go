package views

import (
	"testing"
	"time"

	"roster/team"
)

func demoShots(t *testing.T) []shot {
	t.Helper()
	owner := viewer(t, "workspace", "owner")
	counts := team.Counts{Members: 8, Pending: 2, Seats: team.Seats{Cap: 10, Used: 8, Held: 1}}
	world := DemoInput{Password: "try everything once", Clock: clock()}
	world.People = []DemoPersonInput{
		{Account: owner.Account, Says: "Owner of Brightwater, in 4 organizations in all, and runs this server.", Path: "/o/brightwater/settings/team"},
		{Account: team.Account{ID: "u7", Name: "ليلى حداد", Email: "leila@fontaine-audit.example"}, Says: "Came by a link that was handed over, and never confirmed the address."},
		{Account: team.Account{ID: "u9", Name: "Chidi Nwosu", Email: "chidi@brightwater.example"}, Says: "Was a member of Brightwater until some weeks ago.", Path: "/"},
	}
	world.Teams = []DemoTeamInput{{Viewer: owner, Members: append(people("owner"), strangeNames()[2]), Counts: counts}}
	letters := []team.CaughtLetter{
		{ID: "2", From: "Roster demo <roster@demo.example>", To: "nadia.rahman@fontaine-audit.example", Subject: "Maya Okafor invited you to Brightwater", HTML: "<p>", At: ago(time.Minute), Text: "See the invitation:\nhttps://team.example.com/invitations/AaIBGX6\n\n<b>not markup</b>\n"},
		{ID: "1", From: "roster@demo.example", To: "maya.okafor@brightwater.example", Subject: "<script>alert(1)</script> accepted", At: ago(50 * time.Hour), Text: "Nothing to follow.\n"},
	}
	const refused = "Letters to anybody at gone.example are refused."
	return []shot{
		{"demo-bar", "dialog", DemoBar(DemoBarModel{Name: "Maya Okafor"})},
		{"demo-bar-nobody", "dialog", DemoBar(DemoBarModel{Section: "people"})},
		{"demo-people", "page", DemoPeople(NewDemoModel(world))},
		{"demo-people-page", "auth", DemoPeoplePage(DemoFrame{Title: "Try Roster as anybody", Section: "people", Name: "Maya Okafor"}, NewDemoModel(DemoInput{}))},
		{"demo-mail", "page", DemoMailList(NewDemoMail(letters, 2, "", refused, clock()))},
		{"demo-mail-none", "page", DemoMailList(NewDemoMail(nil, 0, "", refused, clock()))},
		{"demo-mail-not-found", "page", DemoMailList(NewDemoMail(nil, 2, "omar", refused, clock()))},
		{"demo-letter", "page", DemoLetterBody(NewDemoLetter(letters[0], false, clock()))},
		{"demo-letter-text", "page", DemoLetterBody(NewDemoLetter(letters[0], true, clock()))},
		{"demo-letter-only-text", "page", DemoLetterBody(NewDemoLetter(letters[1], false, clock()))},
	}
}

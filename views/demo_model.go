package views

import (
	"context"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"

	"roster/team"
)

// DemoBarModel is the bar above every page of the demo.
type DemoBarModel struct {
	Name    string // who is signed in; "" where nobody is, or nobody looked
	Section string // people or mail, on the demo's own pages
}

func (m DemoBarModel) people() string {
	if m.Name == "" {
		return "Choose a person"
	}
	return "Switch person"
}

// DemoFrame is the frame of the demo's own pages.
type DemoFrame struct {
	Title, Section string
	Name           string // who is signed in, "" for nobody
	Theme          team.Theme
	Clock          Clock
}

// DemoModel is who there is to be.
type DemoModel struct {
	Password string
	People   []DemoLine
	Teams    []DemoTeam
}

// DemoTeam is one organization with its people.
type DemoTeam struct {
	Name, Slug, Scheme, Summary, Facts string
	Picks                              []DemoLine // one of each role
	All                                string
	Groups                             []DemoGroup
}

// DemoGroup is the people of one role.
type DemoGroup struct {
	Label, Count string
	People       []DemoLine
}

// DemoLine is somebody to sign in as.
type DemoLine struct {
	ID, Name, Email string
	Role, Says      string
	Path            string // where to begin
	Online, Off     bool
}

// DemoInput is what the page of people is made of.
type DemoInput struct {
	Password string
	People   []DemoPersonInput
	Teams    []DemoTeamInput
	Clock    Clock
}

// DemoPersonInput is somebody with a story.
type DemoPersonInput struct {
	Account    team.Account
	Says, Path string
}

// DemoTeamInput is an organization as its owner sees it.
type DemoTeamInput struct {
	Viewer  team.Viewer
	Members []team.MemberRow
	Counts  team.Counts
}

// NewDemoModel prepares the page of people.
func NewDemoModel(in DemoInput) DemoModel {
	m := DemoModel{Password: in.Password}
	for _, p := range in.People {
		m.People = append(m.People, DemoLine{ID: p.Account.ID, Name: p.Account.Name, Email: p.Account.Email, Says: p.Says, Path: p.Path})
	}
	for _, t := range in.Teams {
		m.Teams = append(m.Teams, newDemoTeam(t, in.Clock))
	}
	return m
}

func newDemoTeam(in DemoTeamInput, clock Clock) DemoTeam {
	v, o := in.Viewer, in.Viewer.Organization
	t := DemoTeam{
		Name: o.Name, Slug: o.Slug, Scheme: v.Scheme.Label, Summary: v.Scheme.Summary,
		Facts: demoFacts(in.Counts), All: "All " + plural(len(in.Members), "person", "people"),
	}
	for _, r := range v.Scheme.RolesOf(team.OrganizationKind) {
		g := DemoGroup{Label: r.Plural}
		for _, m := range in.Members {
			if m.Role != r.Key {
				continue
			}
			l := DemoLine{ID: m.UserID, Name: m.Name, Email: m.Email, Role: r.Label, Says: r.Description, Path: OrganizationPath(o.Slug), Online: m.Online(clock.Now()), Off: m.Inactive}
			if !l.Off && len(g.People) == 0 {
				t.Picks = append(t.Picks, l)
			}
			g.People = append(g.People, l)
		}
		if g.Count = grouped(len(g.People)); len(g.People) > 0 {
			t.Groups = append(t.Groups, g)
		}
	}
	return t
}

// demoFacts says in a few words how large an organization is, and may become.
func demoFacts(c team.Counts) string {
	out := plural(c.Members, "member", "members") + ", " + plural(c.Pending, "invitation", "invitations")
	if c.Seats.Cap > 0 {
		out += ", " + grouped(c.Seats.Used+c.Seats.Held) + " of " + plural(c.Seats.Cap, "seat", "seats")
	}
	return out
}

// DemoMail is the list of letters that were caught.
type DemoMail struct {
	Query       string
	Count       string
	Refused     string
	Lines       []DemoMailLine
	Empty, Hint string
}

// DemoMailLine is one letter of the list.
type DemoMailLine struct {
	Path, Subject, To string
	At                TimeModel
}

// NewDemoMail prepares the list of those letters that were asked for, of all.
func NewDemoMail(found []team.CaughtLetter, all int, query, refused string, clock Clock) DemoMail {
	m := DemoMail{Query: query, Refused: refused, Count: plural(len(found), "letter", "letters"), Empty: "No letter yet", Hint: "Invite somebody: the letter is here within a second."}
	if all > 0 {
		m.Empty, m.Hint = "No letter like that", "Look for a part of an address, or of a subject."
	}
	for _, l := range found {
		m.Lines = append(m.Lines, DemoMailLine{Path: demoLetterPath(l.ID), Subject: l.Subject, To: l.To, At: clock.Relative(l.At)})
	}
	return m
}

func demoLetterPath(id string) string { return "/demo/mail/" + id }

// DemoLetter is one letter.
type DemoLetter struct {
	Path, Subject, From, To string
	At                      TimeModel
	HTML, AsText            bool
	Text                    linked
}

// NewDemoLetter prepares a letter, as text where that is asked for or all there is.
func NewDemoLetter(l team.CaughtLetter, asText bool, clock Clock) DemoLetter {
	return DemoLetter{
		Path: demoLetterPath(l.ID), Subject: l.Subject, From: l.From, To: l.To, At: clock.Exact(l.At),
		HTML: l.HTML != "", AsText: asText || l.HTML == "", Text: linked(l.Text),
	}
}

// linked is a plain text whose addresses can be followed.
type linked string

var webAddress = regexp.MustCompile(`https?://[^\s<>"']+`)

// Render writes the text as it stands, in lines of its own.
func (text linked) Render(_ context.Context, w io.Writer) error {
	var b strings.Builder
	b.WriteString("<pre>")
	from := 0
	for _, at := range webAddress.FindAllStringIndex(string(text), -1) {
		href := templ.EscapeString(string(text[at[0]:at[1]]))
		b.WriteString(templ.EscapeString(string(text[from:at[0]])) + `<a href="` + href + `">` + href + `</a>`)
		from = at[1]
	}
	b.WriteString(templ.EscapeString(string(text[from:])) + "</pre>")
	_, err := io.WriteString(w, b.String())
	return err
}

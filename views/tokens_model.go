package views

import (
	"cmp"
	"time"

	"roster/team"
)

// The parts of the page of API tokens beside one's own.
const (
	TabOwnTokens     = "organization" // those of the organization itself
	TabMembersTokens = "members"      // everybody's personal ones
)

// AdminTokensPath is the address of the tokens for the whole server.
const AdminTokensPath = "/admin/tokens"

// documentPath is where the API explains itself.
const documentPath = "/api/docs"

// TokensPath returns the address of an organization's API tokens.
func TokensPath(slug string) string { return OrganizationPath(slug) + "/settings/api" }

// TokensModel is a page of API tokens: one of an organization, or the server's.
type TokensModel struct {
	Title, Intro string
	Docs         string
	Tabs         []TokenTab // none where there is one list alone
	Says         string     // who sees what is in this list
	Locked       string     // why the other lists are not there (F2)
	New          string     // address of the form, "" where none is made here
	NewLabel     string
	List         TokenList
}

// TokenTab leads to one of the lists.
type TokenTab struct {
	ID, Label, Href string
	Current         bool
}

// TokenList is the part of a page that changes with its tokens.
type TokenList struct {
	Caption string
	Acts    bool // what a token acts as differs from line to line
	Lines   []TokenLine
	Empty   *EmptyModel
	Pager   PagerModel
}

// TokenLine is one token.
type TokenLine struct {
	ID, Name, Path string // Path is that of the token
	Acts, ActsSub  string
	Maker          string
	Made           TimeModel
	Warn           string // what to look into
	Used           TimeModel
	Unused, Ended  bool
	Recent         bool // used within a week
	Soon           bool // it ends within a week
	Ends           TimeModel
	Log            string // address of what it did, "" for who may not see
}

// TokensInput is what an organization's page is made of.
type TokensInput struct {
	Viewer team.Viewer
	Tab    string
	Page   team.Page[team.Token]
	Clock  Clock
}

// NewTokensModel prepares the page of an organization.
func NewTokensModel(in TokensInput) TokensModel {
	v, path := in.Viewer, TokensPath(in.Viewer.Organization.Slug)
	name := v.Organization.Name
	m := TokensModel{
		Title: "API tokens", Intro: "Keys to " + name + " for scripts, bots and other programs.", Docs: documentPath,
		New: withQuery(path+"/new", "kind", string(team.TokenPersonal)), NewLabel: "New personal token",
		Says: "They act as you, and never do more than you may yourself. You see them, and so does who manages API tokens. All of them end when you leave.",
		List: TokenList{Caption: "Your personal tokens, newest first", Acts: true},
	}
	if why := v.Access.Require(team.TokensManage); why != nil {
		m.Locked = "Tokens that belong to " + name + " itself are not shown to you. " + why.Message
	} else {
		m.Tabs = []TokenTab{
			{"tab-own", "Yours", path, in.Tab == ""},
			{"tab-organization", upperFirst(v.Scheme.Noun.One) + "’s", withQuery(path, "tab", TabOwnTokens), in.Tab == TabOwnTokens},
			{"tab-members", "Members’", withQuery(path, "tab", TabMembersTokens), in.Tab == TabMembersTokens},
		}
	}
	empty := EmptyModel{Icon: "key-round", Title: "You have no personal tokens", Text: "Make one for a script that works on your behalf. It is shown once, and you can revoke it any time."}
	switch in.Tab {
	case TabOwnTokens:
		m.New, m.NewLabel = withQuery(path+"/new", "kind", string(team.TokenOrganization)), "New token"
		m.Says = "They act with a role of their own and are nobody’s: they go on when whoever made them leaves. Who manages API tokens sees them."
		m.List.Caption = "Tokens of " + name + ", newest first"
		empty.Title, empty.Text = "No tokens yet", "Make one for a program that works for "+name+", with no more access than it needs."
	case TabMembersTokens:
		m.New = ""
		m.Says = "Personal tokens of everybody in " + name + ", for you to revoke. What they open nobody can read, you included."
		m.List.Caption = "Personal tokens of members"
		empty.Title, empty.Text = "Nobody has a personal token", "They are listed here as soon as somebody makes one."
	}
	for _, t := range in.Page.Items {
		m.List.Lines = append(m.List.Lines, in.Line(t))
	}
	m.List.Pager = tokenPager(path, in.Tab, in.Page)
	if len(in.Page.Items) == 0 {
		m.List.Empty = &empty
	}
	return m
}

func tokenPager(path, tab string, page team.Page[team.Token]) PagerModel {
	m := PagerModel{Target: "#token-list"}
	if len(page.Items) > 0 {
		m.Text = "Newest first"
	}
	if tab == TabMembersTokens && m.Text != "" {
		m.Text = "By person, newest first"
	}
	if page.Prev != "" {
		m.Prev = withQuery(path, "tab", tab, "before", page.Prev)
	}
	if page.Next != "" {
		m.Next = withQuery(path, "tab", tab, "after", page.Next)
	}
	return m
}

// Line prepares a token of an organization as one of its people sees it.
func (in TokensInput) Line(t team.Token) TokenLine {
	v := in.Viewer
	l := newTokenLine(t, v.Account.ID, TokensPath(v.Organization.Slug)+"/tokens/", in.Clock)
	role := t.Role
	if r, ok := v.Scheme.Role(t.Role); ok {
		role = r.Label
	}
	switch {
	case t.Kind == team.TokenOrganization:
		l.Acts = role
		if v.Access.Can(team.AuditView) {
			l.Log = withQuery(AuditPath(v.Organization.Slug), "person", t.ID)
		}
	case t.UserID == v.Account.ID:
		l.Acts = "You"
	default:
		l.Acts = cmp.Or(t.HolderName, "A deleted account")
	}
	if t.Kind == team.TokenPersonal {
		if l.ActsSub = "All they may do"; role != "" {
			l.ActsSub = "No more than " + role
		} else if t.UserID == v.Account.ID {
			l.ActsSub = "All you may do"
		}
		l.Maker = "" // the holder
	}
	if t.MakerLost {
		l.Warn = l.Maker + " could not make it any more. Is it still needed?"
	}
	return l
}

// endsSoon is how long before its end a token is pointed out.
const endsSoon = 7 * 24 * time.Hour

// usedLately is how long ago a use counts as one that goes on.
const usedLately = 7 * 24 * time.Hour

func newTokenLine(t team.Token, own, path string, clock Clock) TokenLine {
	l := TokenLine{
		ID: t.ID, Name: t.Name, Path: path + t.ID, Maker: cmp.Or(t.CreatorName, "A deleted account"), Made: clock.Date(t.CreatedAt),
		Used: clock.Relative(t.LastUsedAt), Unused: t.LastUsedAt.IsZero(), Ends: clock.Relative(t.ExpiresAt),
		Recent: clock.Now().Sub(t.LastUsedAt) < usedLately,
	}
	switch t.CreatedBy {
	case "":
		l.Maker = "The operator of this server"
	case own:
		l.Maker = "You"
	}
	if !t.ExpiresAt.IsZero() {
		left := t.ExpiresAt.Sub(clock.Now())
		l.Ended, l.Soon = left <= 0, left < endsSoon
	} else {
		l.Ends = TimeModel{Text: "No end"}
	}
	return l
}

// NewAdminTokensModel prepares the page of the tokens for the whole server.
func NewAdminTokensModel(own string, page team.Page[team.Token], clock Clock) TokensModel {
	m := TokensModel{
		Title: "API tokens", Intro: "Keys to the whole server, for the product that Roster is a part of.", Docs: documentPath,
		Says: "They act as an operator: in every organization, with every permission, and they make new organizations. Operators see them.",
		New:  AdminTokensPath + "/new", NewLabel: "New token", List: TokenList{Caption: "Tokens for the whole server, newest first"},
	}
	for _, t := range page.Items {
		m.List.Lines = append(m.List.Lines, AdminTokenLine(t, own, clock))
	}
	m.List.Pager = tokenPager(AdminTokensPath, "", page)
	if len(page.Items) == 0 {
		m.List.Empty = &EmptyModel{Icon: "key-round", Title: "No tokens for the whole server", Text: "A product makes organizations and asks about everybody with one. For a single organization, make a token in its settings."}
	}
	return m
}

// AdminTokenLine prepares a token for the whole server.
func AdminTokenLine(t team.Token, own string, clock Clock) TokenLine {
	return newTokenLine(t, own, AdminTokensPath+"/", clock)
}

// RevokedText says that a token is no more.
func RevokedText(t team.Token) string {
	return t.Name + " is revoked. The next request with it is refused."
}

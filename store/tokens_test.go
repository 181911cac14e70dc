package store_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// made makes a token and presents it.
func made(t *testing.T, w *storetest.World, by team.Actor, o team.Organization, in team.NewToken) (team.Bearer, string) {
	t.Helper()
	ctx := context.Background()
	if in.Name == "" {
		in.Name = "Deploy bot"
	}
	create := func() (string, error) { _, raw, err := w.CreateToken(ctx, by, o.ID, in); return raw, err }
	if in.Kind == team.TokenInstance {
		create = func() (string, error) { _, raw, err := w.CreateInstanceToken(ctx, by, in); return raw, err }
	}
	raw, err := create()
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.Bearer(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	return b, raw
}

// D3, R2, rule 5: a token does what its role does, no more, and names itself in
// the log; what opens is nowhere to be read.
func TestD3TokensActAsWhatTheyAreMadeFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar, vera := w.User("maya@example.com"), w.User("omar@example.com"), w.User("vera@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		other := w.Organization("workspace", "globex", w.User("gwen@example.com"))
		w.Join(maya, o, omar, "admin")
		w.Join(maya, o, vera, "viewer")

		bot, raw := made(t, w, storetest.Actor(maya), o, team.NewToken{Kind: team.TokenOrganization, Role: "admin"})
		change := func(b team.Bearer, in team.Organization, who team.Account, role string) string {
			_, err := w.ChangeRole(ctx, b.Actor("192.0.2.7"), in.ID, in.ID, who.ID, role)
			if err == nil {
				return ""
			}
			return code(err)
		}
		if got := change(bot, o, vera, "member"); got != "" {
			t.Errorf("as admin: %s", got)
		}
		if got := change(bot, o, vera, "admin"); got != "role_not_granted" {
			t.Errorf("as admin, makes an admin: %s", got)
		}
		if got := change(bot, other, vera, "member"); got != "not_found" {
			t.Errorf("elsewhere (E1): %s", got)
		}
		log, err := w.AuditEntries(ctx, w.Viewer(maya, o), team.AuditFilter{Limit: 1, Action: team.MemberRoleChanged, Result: team.Success})
		if err != nil || team.Describe(w.Viewer(maya, o).Scheme, log.Items[0]) != "The token Deploy bot changed the role of Vera from Viewer to Member." {
			t.Errorf("%+v, %v", log.Items, err)
		}

		// What a token of the organization invites, its maker answers for.
		inv := w.Invite(bot.Actor(""), o, "nils@example.com", "viewer")
		if inv.SponsorID != maya.ID {
			t.Errorf("%s answers", inv.SponsorID)
		}

		// A personal one is held down to the lesser of two roles, as they are now (E4).
		own, _ := made(t, w, storetest.Actor(omar), o, team.NewToken{Kind: team.TokenPersonal, Role: "owner"})
		low, _ := made(t, w, storetest.Actor(omar), o, team.NewToken{Kind: team.TokenPersonal, Role: "viewer"})
		if got := change(own, o, vera, "viewer"); got != "" {
			t.Errorf("personal: %s", got)
		}
		if got := change(low, o, vera, "member"); got != "permission_missing" {
			t.Errorf("held down to viewer: %s", got)
		}
		if _, err := w.ChangeRole(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID, "member"); err != nil {
			t.Fatal(err)
		}
		if got := change(own, o, vera, "member"); got != "permission_missing" {
			t.Errorf("holder is a member now: %s", got)
		}
		if v, err := w.BearerViewer(ctx, own, o.Slug, ""); err != nil || v.Access.Role.Key != "member" || v.Party().Operator {
			t.Errorf("%+v, %v", v.Access.Role, err)
		}

		// Of the instance: anywhere, as the operator.
		all, _ := made(t, w, team.Operator, o, team.NewToken{Kind: team.TokenInstance})
		if got := change(all, o, vera, "admin"); got != "" {
			t.Errorf("instance: %s", got)
		}
		if v, err := w.BearerViewer(ctx, all, other.ID, ""); err != nil || !v.Access.Can(team.OrganizationDelete) || !v.Party().Operator {
			t.Errorf("%v, %v", v.Access.Role.Key, err)
		}

		// D1: removal ends what is the person's; nothing of it comes back (D6).
		if _, err := w.RemoveMember(ctx, storetest.Actor(maya), o.ID, o.ID, omar.ID); err != nil {
			t.Fatal(err)
		}
		w.Join(maya, o, omar, "admin")
		if got := change(own, o, vera, "viewer"); got != "token_invalid" {
			t.Errorf("of who was removed: %s", got)
		}
		if stored := everythingStored(t, w); bytes.Contains(stored, []byte(raw[9:39])) || !bytes.Contains(stored, []byte(bot.Token.ID)) {
			t.Error("the token is stored")
		}
	})
}

// A revoked or ended token opens nothing from the next request on, and what is
// under way with it changes nothing any more (C6, D1, rule 10).
func TestD1EndedTokensOpenNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, vera := w.User("maya@example.com"), w.User("vera@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, vera, "viewer")
		for name, end := range map[string]func(team.Bearer) error{
			"revoked": func(b team.Bearer) error {
				_, err := w.RevokeToken(ctx, storetest.Actor(maya), o.ID, b.Token.ID)
				return err
			},
			"ended": func(team.Bearer) error { w.Clock.Move(2 * time.Hour); return nil },
		} {
			b, raw := made(t, w, storetest.Actor(maya), o, team.NewToken{Kind: team.TokenOrganization, Role: "admin", ExpiresAt: w.Clock.Now().Add(time.Hour)})
			if err := end(b); err != nil {
				t.Fatal(name, err)
			}
			if _, err := w.Bearer(ctx, raw); code(err) != "token_invalid" {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := w.ChangeRole(ctx, b.Actor(""), o.ID, o.ID, vera.ID, "member"); code(err) != "token_invalid" {
				t.Errorf("%s, under way: %v", name, err)
			}
		}
		mine, _ := made(t, w, storetest.Actor(vera), o, team.NewToken{Kind: team.TokenPersonal})
		if _, err := w.RevokeToken(ctx, storetest.Actor(vera), o.ID, mine.Token.ID); err != nil {
			t.Error("one's own: ", err)
		}
		again, raw := made(t, w, storetest.Actor(vera), o, team.NewToken{Kind: team.TokenPersonal})
		if err := w.DisableUser(ctx, vera.Email); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Bearer(ctx, raw); code(err) != "token_invalid" {
			t.Errorf("of a disabled account: %v", err)
		}
		gwen := w.User("gwen@example.com")
		other := w.Organization("workspace", "globex", gwen)
		bot, _ := made(t, w, storetest.Actor(maya), o, team.NewToken{Kind: team.TokenOrganization, Role: "admin"})
		for _, c := range []struct {
			by   team.Actor
			in   team.Organization
			id   string
			want string
		}{
			{storetest.Actor(gwen), o, bot.Token.ID, "not_found"},
			{storetest.Actor(gwen), other, bot.Token.ID, "not_found"},
			{bot.Actor(""), o, again.Token.ID, ""},
		} {
			_, err := w.RevokeToken(ctx, c.by, c.in.ID, c.id)
			if got := code(err); err != nil && got != c.want || err == nil && c.want != "" {
				t.Errorf("%s, want %q", got, c.want)
			}
		}
	})
}

// R1, E1: what is the operator's is done by a token of the instance, and by no other,
// whoever holds it.
func TestR1NoOtherTokenDoesWhatIsTheOperators(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		all, _ := made(t, w, team.Operator, o, team.NewToken{Kind: team.TokenInstance})
		for _, kind := range []team.TokenKind{team.TokenOrganization, team.TokenPersonal} {
			b, _ := made(t, w, storetest.Actor(maya), o, team.NewToken{Kind: kind, Role: "admin"})
			if _, err := w.FoundOrganization(ctx, b.Actor(""), team.NewOrganization{Name: "Mine"}, team.NewOwner{Email: maya.Email}); code(err) != "not_found" {
				t.Errorf("%s makes an organization: %v", kind, err)
			}
			if _, err := w.RevokeInstanceToken(ctx, b.Actor(""), all.Token.ID); code(err) != "not_found" {
				t.Errorf("%s ends a token of the instance: %v", kind, err)
			}
		}
	})
}

// Rule 13: tokens are listed by cursor, newest first, to who may know of them, with
// when they were used last.
func TestTokensAreListed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, omar, "viewer")
		for _, name := range []string{"One", "Two", "Three"} {
			w.Clock.Move(time.Second)
			made(t, w, storetest.Actor(maya), o, team.NewToken{Kind: team.TokenOrganization, Role: "viewer", Name: name})
			made(t, w, storetest.Actor(omar), o, team.NewToken{Kind: team.TokenPersonal, Name: "My " + name})
		}
		list := func(a team.Account, f team.TokenFilter) string {
			f.Limit = 2
			var out []string
			for {
				page, err := w.Tokens(ctx, w.Viewer(a, o), f)
				if err != nil {
					return code(err)
				}
				for _, tok := range page.Items {
					out = append(out, tok.Name+" "+tok.CreatorName+" "+tok.LastUsedAt.Sub(tok.CreatedAt).String())
				}
				if f.After = page.Next; f.After == "" {
					return strings.Join(out, ", ")
				}
			}
		}
		const own, mine = "Three Maya 0s, Two Maya 0s, One Maya 0s", "My Three Omar 0s, My Two Omar 0s, My One Omar 0s"
		for range 2 {
			for _, c := range []struct {
				who  team.Account
				f    team.TokenFilter
				want string
			}{
				{maya, team.TokenFilter{Kind: team.TokenOrganization}, own},
				{maya, team.TokenFilter{Kind: team.TokenPersonal}, ""},
				{maya, team.TokenFilter{Kind: team.TokenPersonal, Members: true}, mine},
				{omar, team.TokenFilter{Kind: team.TokenOrganization}, "permission_missing"},
				{omar, team.TokenFilter{Kind: team.TokenPersonal, Members: true}, "permission_missing"},
				{omar, team.TokenFilter{Kind: team.TokenPersonal}, mine},
			} {
				if got := list(c.who, c.f); got != c.want {
					t.Errorf("%s, %+v: %q, want %q", c.who.Name, c.f, got, c.want)
				}
			}
			if err := w.FlushPresence(ctx); err != nil { // and all the same from the database
				t.Fatal(err)
			}
		}
	})
}

// A9, F2: the log says with which token somebody acted, whoever it belongs to, and
// is narrowed to a token by its id or its name; who may see activity only learns
// no names of personal tokens.
func TestTheAuditLogNamesTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya, vera := w.User("maya@example.com"), w.User("vera@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, vera, "viewer")
		bot, _ := made(t, w, storetest.Actor(maya), o, team.NewToken{Kind: team.TokenOrganization, Role: "admin", Name: "Deploy bot"})
		own, _ := made(t, w, storetest.Actor(maya), o, team.NewToken{Kind: team.TokenPersonal, Name: "Laptop"})
		all, _ := made(t, w, team.Operator, o, team.NewToken{Kind: team.TokenInstance, Name: "Billing"})
		role := map[string]string{"viewer": "member", "member": "viewer"}
		for i, by := range []team.Bearer{bot, own, all} {
			if _, err := w.ChangeRole(ctx, by.Actor(""), o.ID, o.ID, vera.ID, role[[]string{"viewer", "member", "viewer"}[i]]); err != nil {
				t.Fatal(err)
			}
		}
		v := w.Viewer(maya, o)
		says := func(f team.AuditFilter) (out []string) {
			t.Helper()
			f.Action = team.MemberRoleChanged
			page, err := w.AuditEntries(ctx, v, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Items {
				who, _, _ := strings.Cut(team.Describe(v.Scheme, r), " changed")
				_, with, _ := strings.Cut(team.Describe(v.Scheme, r), " with ")
				out = append(out, who+"/"+with)
			}
			return out
		}
		if got := strings.Join(says(team.AuditFilter{}), " "); got != "The token Billing (operator)/ Maya/the token Laptop. The token Deploy bot/" {
			t.Error(got)
		}
		for _, text := range []string{bot.Token.ID, "Deploy bot"} {
			found, err := w.AuditPeople(ctx, v, text)
			if err != nil || len(found) != 1 || found[0].ID != bot.Token.ID || found[0].Name != "Deploy bot" {
				t.Errorf("%s finds %v, %v", text, found, err)
			}
		}
		if got := says(team.AuditFilter{Person: bot.Token.ID}); len(got) != 1 || got[0] != "The token Deploy bot/" {
			t.Error(got)
		}
		for _, text := range []string{own.Token.ID, "Laptop", all.Token.ID, "Billing"} {
			if found, err := w.AuditPeople(ctx, v, text); err != nil || len(found) > 0 {
				t.Errorf("%s finds %v, %v (E3)", text, found, err)
			}
		}
		v.Access = w.Viewer(vera, o).Access // a viewer sees activity
		if got := strings.Join(says(team.AuditFilter{}), " "); strings.Contains(got, "Laptop") {
			t.Error(got)
		}
	})
}

// Whose account made a token gets a message about it, whatever they chose; the
// command line has no account.
func TestWhoMakesATokenIsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		op, _, err := w.CreateUser(ctx, "op@example.com", "Op", "", true)
		if err != nil {
			t.Fatal(err)
		}
		w.Letters()
		for _, c := range []struct {
			by                 team.Actor
			in                 team.NewToken
			to, acts, path, of string
		}{
			{storetest.Actor(maya), team.NewToken{Kind: team.TokenOrganization, Role: "member"}, "maya@example.com", "Member", "/o/brightwater/settings/api?tab=organization", o.Name},
			{storetest.Actor(maya), team.NewToken{Kind: team.TokenPersonal}, "maya@example.com", "You, with all you may do there", "/o/brightwater/settings/api", o.Name},
			{storetest.Actor(maya), team.NewToken{Kind: team.TokenPersonal, Role: "viewer"}, "maya@example.com", "You, but no more than Viewer", "/o/brightwater/settings/api", o.Name},
			{team.Actor{Kind: team.ByOperator, UserID: op.ID}, team.NewToken{Kind: team.TokenInstance}, "op@example.com", "An operator, in every organization", "/admin/tokens", ""},
		} {
			made(t, w, c.by, o, c.in)
			if l := w.Letter(team.LetterToken); l.To != c.to || l.Role != c.acts || l.Path != c.path || l.Token != "Deploy bot" || l.Organization != c.of {
				t.Errorf("%+v", l)
			}
		}
		made(t, w, team.Operator, o, team.NewToken{Kind: team.TokenOrganization, Role: "member"})
		made(t, w, team.Operator, o, team.NewToken{Kind: team.TokenInstance})
		if list := w.Letters(); len(list) > 0 {
			t.Error(list)
		}
	}, storetest.WithMail)
}

// askTokens lists tokens among those of many organizations, and looks each up.
func askTokens(t *testing.T, w *storetest.World, v team.Viewer, size int) {
	t.Helper()
	ctx := context.Background()
	w.Exec(fmt.Sprintf(`INSERT INTO tokens (hash, id, organization_id, user_id, name, created_by, created_at) SELECT scope_id || user_id, scope_id || user_id, 'of-' || (num %% %d), '', 'Bot', user_id, num FROM memberships`, size/20))
	if w.Postgres {
		w.Exec(`ANALYZE tokens`)
	}
	op, _, err := w.CreateUser(ctx, "lister@example.com", "Lister", "", true)
	if err != nil {
		t.Fatal(err)
	}
	actor := team.Actor{Kind: team.ByOperator, UserID: op.ID}
	bot, _ := made(t, w, storetest.Actor(v.Account), v.Organization, team.NewToken{Kind: team.TokenOrganization, Role: "viewer"})
	all, _ := made(t, w, actor, v.Organization, team.NewToken{Kind: team.TokenInstance})
	for _, f := range []team.TokenFilter{{}, {Limit: 1}, {Kind: team.TokenPersonal}, {Kind: team.TokenPersonal, Members: true}} {
		page, err := w.Tokens(ctx, v, f)
		if err == nil && page.Next != "" {
			_, err = w.Tokens(ctx, v, team.TokenFilter{After: page.Next})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.InstanceTokens(ctx, actor, team.TokenFilter{})
	for _, ask := range []func() error{
		func() error { _, err := w.DB.Token(ctx, v, bot.Token.ID); return err },
		func() error { _, err := w.InstanceToken(ctx, actor, all.Token.ID); return err },
		func() error { _, err := w.AuditPeople(ctx, v, bot.Token.ID); return err },
		func() error { _, err := w.EndToken(ctx, bot.Token.ID); return err },
		func() error { _, err := w.EndToken(ctx, all.Token.ID); return err },
	} {
		if err == nil {
			err = ask()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

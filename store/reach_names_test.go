package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

// D1, in a scheme of somebody's own: who invites people to the organization but
// reaches no tenant is offered none of them by name; of two kinds that stand side
// by side, a search finds the one that is reached.
func TestD1NoNamesOfWhatIsOutOfReach(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		agency := *w.Schemes["tenanted"]
		agency.Name, agency.Roles = "agency", slices.Clone(agency.Roles)
		for i := range agency.Roles {
			if agency.Roles[i].Key == "admin" {
				agency.Roles[i].Permissions = []team.Permission{team.TeamView, team.TeamInvite}
				agency.Roles[i].All = false
			}
		}
		board := team.ScopeKind{Key: "board", Parent: team.OrganizationKind, Noun: team.Noun{One: "board", Many: "boards"}, Inherits: map[string]string{"admin": "board_member"}}
		agency.Kinds = append(slices.Clone(agency.Kinds), board)
		agency.Roles = append(agency.Roles, team.Role{Key: "board_member", Label: "Board member", Kind: "board", Permissions: []team.Permission{team.TeamView}, Rank: len(agency.Roles)})
		w.Schemes["agency"] = &agency

		maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
		o := w.Organization("agency", "acme", maya)
		w.Join(maya, o, omar, "admin")
		alpha := scope(t, w, maya, o, o.ID, "tenant", "Alpha")
		scope(t, w, maya, o, alpha.ID, "project", "Alphabet")
		scope(t, w, maya, o, o.ID, "board", "Alps")
		listed := func(a team.Account) string {
			places, more, err := w.InvitePlaces(ctx, w.Viewer(a, o))
			found, ferr := w.FindPlaces(ctx, w.Viewer(a, o), "al")
			if err != nil || ferr != nil || more {
				t.Fatal(err, ferr, more)
			}
			var out [2][]string
			for i, list := range [][]team.Scope{places, found} {
				for _, s := range list {
					out[i] = append(out[i], s.Name)
				}
			}
			return strings.Join(out[0], " ") + "|" + strings.Join(out[1], " ")
		}
		if got := listed(maya); got != "Alpha Alphabet Alps|Alpha Alps Alphabet" && got != "Alpha Alphabet Alps|Alpha Alphabet Alps" {
			t.Error("the owner:", got)
		}
		if got := listed(omar); got != "Alps|Alps" {
			t.Error("who reaches no tenant:", got)
		}
		addTo(t, w, maya, alpha, omar, "tenant_member")
		if got := listed(omar); got != "Alpha Alphabet Alps|Alpha Alps" && got != "Alpha Alphabet Alps|Alps Alpha" {
			t.Error("who was added to one:", got)
		}
	})
}

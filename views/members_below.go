package views

import "roster/team"

// newScopeCards counts the people of a child scope: all of them, those added to it
// by role, and those who come from above (D7, D8).
func newScopeCards(v team.Viewer, counts team.Counts, f team.MemberFilter) []RoleCard {
	card := func(key, label, says, icon string, n int, to team.MemberFilter) RoleCard {
		c := RoleCard{Key: key, Label: label, Says: says, Icon: icon, Count: grouped(n), Current: f.Role == to.Role && f.Source == to.Source && f.Query == ""}
		if c.Current && key != "total" {
			to = team.MemberFilter{Sort: team.SortRole} // pressing it again shows everybody
		}
		c.Href = membersQuery{v: v, path: PeoplePath(v), f: to}.href()
		return c
	}
	total := card("total", "Total", "Everybody with access", "users", counts.Everybody(), team.MemberFilter{Sort: team.SortRole})
	total.Current = total.Current && f.Role == "" && f.Source == ""
	out := []RoleCard{total}
	for _, c := range counts.Roles {
		r, ok := v.Scheme.Role(c.Role)
		if !ok {
			continue
		}
		out = append(out, card(r.Key, r.PluralLabel(), brief(r.Description), roleIcon(r), c.Members, team.MemberFilter{Role: r.Key, Source: team.OnlyDirect, Sort: team.SortRole}))
	}
	other := card("other", "Other roles", "From above "+isolate(v.PlaceName(), v.PlaceName()), "layers", counts.Above, team.MemberFilter{Source: team.NotDirect, Sort: team.SortRole})
	if counts.AtMost {
		out[0].Count, other.Count = "Up to "+out[0].Count, "Up to "+other.Count
	}
	return append(out, other)
}

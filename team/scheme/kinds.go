package scheme

import (
	"fmt"
	"slices"
	"strings"

	"roster/team"
)

// levelsMax is how deep the tree of scopes goes, the organization counted.
const levelsMax = 3

func (d *draft) readKinds() {
	nouns := map[string]string{d.Noun.One: team.OrganizationKind, d.Noun.Many: team.OrganizationKind}
	for _, t := range d.top.tables("scopes") {
		k := team.ScopeKind{
			Key:    t.key("key", "project"),
			Parent: strings.ToLower(t.text("parent", true, labelMax, `"organization"`)),
			Invite: team.InvitePolicy(t.choice("invite", string(team.InviteMembers), string(team.InviteMembers), string(team.InviteAnyone))),
		}
		if n := t.table("noun"); n != nil {
			k.Noun = noun(n, false)
			n.done()
			for _, form := range []struct{ key, word string }{{"one", k.Noun.One}, {"many", k.Noun.Many}} {
				if other, taken := nouns[form.word]; taken && form.word != "" {
					n.wrong(form.key, "choose another word", "%s already means %s", quote(form.word), other)
				}
				nouns[form.word] = k.Key
			}
		} else {
			t.wrong("", `add noun = { one = "project", many = "projects" }`, "noun is missing")
		}
		_, twice := d.Kind(k.Key)
		if twice && k.Key != "" || k.Key == team.OrganizationKind {
			t.wrong("key", "give one of them another key", "there are two kinds of scope %s", quote(k.Key))
		}
		d.Kinds, d.kinds = append(d.Kinds, k), append(d.kinds, t)
	}
	for i, k := range d.Kinds {
		d.checkParents(d.kinds[i], k)
	}
}

// checkParents follows a kind up to the organization.
func (d *draft) checkParents(t *table, k team.ScopeKind) {
	if k.Parent == "" {
		return
	}
	chain := []string{k.Key}
	for at := k; at.Parent != team.OrganizationKind; {
		up, ok := d.Kind(at.Parent)
		if !ok {
			if at.Key == k.Key { // else the kind above says so itself
				t.wrong("parent", oneOf(at.Parent, slices.DeleteFunc(d.kindKeys(), func(key string) bool { return key == k.Key })), "there is no kind of scope %s", quote(at.Parent))
			}
			return
		}
		if slices.Contains(chain, up.Key) {
			if up.Key == k.Key {
				t.wrong("parent", "let one of them stand under the organization", "these kinds contain each other: %s", strings.Join(append(chain, up.Key), " in "))
			}
			return
		}
		chain = append(chain, up.Key)
		at = up
	}
	if len(chain)+1 > levelsMax {
		t.wrong("parent", fmt.Sprintf("put it higher: there are at most %d levels, the organization counted", levelsMax),
			"%s is level %d", strings.Join(append(chain, team.OrganizationKind), " in "), len(chain)+1)
	}
}

// depth counts the levels above a kind; it stops where the parents are wrong.
func (d *draft) depth(k team.ScopeKind) int {
	n := 1
	for k.Parent != team.OrganizationKind && n <= len(d.Kinds) {
		up, ok := d.Kind(k.Parent)
		if !ok {
			break
		}
		n, k = n+1, up
	}
	return n
}

// below returns a kind of scope and every kind under it.
func (d *draft) below(kind string) []string {
	out := []string{kind}
	for i := 0; i < len(out); i++ {
		for _, k := range d.Kinds {
			if k.Parent == out[i] && !slices.Contains(out, k.Key) {
				out = append(out, k.Key)
			}
		}
	}
	return out
}

// readInherits reads what the roles of the parent are worth in a child scope.
func (d *draft) readInherits() {
	for i, t := range d.kinds {
		k := &d.Kinds[i]
		inherits := t.table("inherits")
		t.done()
		if inherits == nil {
			continue
		}
		k.Inherits = map[string]string{}
		for _, above := range inherits.keys() {
			here := inherits.text(above, true, labelMax, fmt.Sprintf("%q", d.Least(k.Key).Key))
			from := d.role(inherits, above, above, k.Parent)
			if here == "" || from == nil {
				continue
			}
			if to := d.role(inherits, above, here, k.Key); to != nil {
				k.Inherits[from.Key] = to.Key
			}
		}
	}
}

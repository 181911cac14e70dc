package team_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/team"
	"roster/team/scheme"
)

var now = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)

var everyScheme, builtInErr = scheme.BuiltIn()

func schemeNamed(t testing.TB, name string) *team.Scheme {
	t.Helper()
	if builtInErr != nil {
		t.Fatal(builtInErr)
	}
	s, ok := everyScheme.Named(name)
	if !ok {
		t.Fatalf("no scheme %s", name)
	}
	return s
}

// wayTo returns the kinds of scope from the organization down to kind.
func wayTo(s *team.Scheme, kind string) []string {
	if kind == team.OrganizationKind {
		return []string{kind}
	}
	k, _ := s.Kind(kind)
	return append(wayTo(s, k.Parent), kind)
}

// accessOf returns what the roles, each held directly at its own place, are
// worth at a scope of the kind.
func accessOf(s *team.Scheme, kind string, roles ...string) team.Access {
	var path []team.Place
	for _, k := range wayTo(s, kind) {
		p := team.Place{ScopeID: "id-" + k, Kind: k, Name: "the " + k}
		for _, key := range roles {
			if r, ok := s.Role(key); ok && r.Kind == k {
				p.Role, p.Modules = r.Key, s.ModuleDefaults(r)
			}
		}
		path = append(path, p)
	}
	return team.Effective(s, path)
}

func party(s *team.Scheme, kind, role string) team.Party {
	if role == "operator" {
		return team.Party{Operator: true}
	}
	return team.Party{UserID: "u-actor", Name: "Ada", Access: accessOf(s, kind, role)}
}

func memberOf(kind, role string) team.Membership {
	return team.Membership{UserID: "u-target", ScopeID: "id-" + kind, Role: role, Name: "Tom"}
}

func invitationFor(kind, role string) team.Invitation {
	return team.Invitation{
		ID: "i", OrganizationID: "id-organization", Email: "ivy@example.com", Stored: team.Pending, Generation: 1,
		Grants: []team.Grant{{ScopeID: "id-" + kind, Kind: kind, Role: role}}, SponsorID: "u-sponsor", SponsorName: "Sam",
		SentAt: now.Add(-time.Hour), CreatedAt: now.Add(-time.Hour), ExpiresAt: now.AddDate(0, 0, 6), HoldsSeat: true,
	}
}

// world is everything there is to try at one kind of scope.
type world struct {
	s      *team.Scheme
	kind   string
	roles  []string // of this kind
	others []string // no role of this kind: of other kinds, and never heard of
	actors map[string]string
}

func worldOf(s *team.Scheme, kind string) world {
	w := world{s: s, kind: kind, others: []string{"", "nonsense", "owner,member", "\x00"}, actors: map[string]string{"nobody": "outsider", "operator": "operator"}}
	for _, r := range s.Roles {
		if r.Kind == kind {
			w.roles = append(w.roles, r.Key)
		} else {
			w.others = append(w.others, r.Key)
		}
		if slices.Contains(wayTo(s, kind), r.Kind) {
			w.actors[r.Key] = r.Key
		} else {
			w.actors[r.Key] = "outsider"
		}
	}
	return w
}

// wishes returns every role that can be wished for, with its column.
func (w world) wishes() map[string]string {
	out := map[string]string{}
	for _, r := range w.roles {
		out[r] = r
		out[strings.ToUpper(r)] = r
	}
	for _, o := range w.others {
		out[o] = "other"
	}
	return out
}

// TestPolicy walks every scheme × kind of scope × action × actor × target ×
// wish against the tables written by hand in testdata/policy.
func TestPolicy(t *testing.T) {
	for _, name := range []string{"pair", "cluster", "modular", "tenanted", "workspace"} {
		t.Run(name, func(t *testing.T) {
			s, p := schemeNamed(t, name), readPolicy(t, name)
			used := map[policyCase]bool{}
			kinds := []string{team.OrganizationKind}
			for _, k := range s.Kinds {
				kinds = append(kinds, k.Key)
			}
			for _, kind := range kinds {
				w := worldOf(s, kind)
				for _, a := range policyActions {
					t.Run(kind+"/"+a.name, func(t *testing.T) { a.walk(t, w, p, used) })
				}
			}
			for c := range p {
				if !used[c] {
					t.Errorf("nothing there is like this row: %s", c)
				}
			}
			if slices.Sort(kinds); !slices.Equal(kinds, p.kinds()) {
				t.Errorf("the tables are about %v", p.kinds())
			}
		})
	}
}

var policyActions = []struct {
	name string
	walk func(*testing.T, world, policy, map[policyCase]bool)
}{
	{"invite (A3 B1 D4 E1, rule 3, R2 R5)", walkInvite},
	{"change role (A6 B3 C5 D5 E5, rule 3, R2 R3 R5)", walkChangeRole},
	{"remove (A7 B5 C5 D5 E5 E6, R2 R3)", walkRemove},
	{"leave (A2 C2 D1, rule 3, R3)", walkLeave},
	{"resend (A5 B7 C3 D5 E2, rule 3 and 6, R2)", walkResend},
	{"revoke (A5 B7 C3 D5 E2, rule 3, R2)", walkRevoke},
	{"edit (rule 3 and 6, R2 R5)", walkEdit},
}

func walkInvite(t *testing.T, w world, p policy, used map[policyCase]bool) {
	for actor, column := range w.actors {
		for wish, row := range w.wishes() {
			a := party(w.s, w.kind, actor)
			got, err := team.Invite(w.s, a, func(string) team.Access { return a.Access }, team.Invitee{Email: "ivy@example.com", Inside: true, HasAccess: true},
				[]team.Grant{{ScopeID: "id-" + w.kind, Kind: w.kind, Role: wish}}, "", team.Seats{}, now)
			check(t, policyCase{w.kind, "invite", column, row, ""}, p, used, answer(err, true), err, got.Entry, team.InvitationCreated)
		}
	}
}

// rowsFor returns the targets there are for an actor, with the number of owners.
func (w world) rowsFor(actor string) map[string]targetCase {
	out := map[string]targetCase{}
	owners := 1
	if w.s.Ownership == team.Shared {
		owners = 2
	}
	for _, key := range w.roles {
		role, _ := w.s.Role(key)
		out[key] = targetCase{memberOf(w.kind, key), owners}
		if role.Owner && w.s.Ownership == team.Shared && actor != key {
			out["last"] = targetCase{memberOf(w.kind, key), 1}
		}
		if actor == key {
			m := memberOf(w.kind, key)
			m.UserID = "u-actor"
			out["self"] = targetCase{m, owners}
			if role.Owner && w.s.Ownership == team.Shared {
				out["self_last"] = targetCase{m, 1}
			}
		}
	}
	return out
}

type targetCase struct {
	member team.Membership
	owners int
}

func walkChangeRole(t *testing.T, w world, p policy, used map[policyCase]bool) {
	for actor, column := range w.actors {
		for row, target := range w.rowsFor(actor) {
			for wish, wished := range w.wishes() {
				a := party(w.s, w.kind, actor)
				got, err := team.ChangeRole(w.s, a, target.member, wish, target.owners)
				c := policyCase{w.kind, "change_role", column, row, wished}
				check(t, c, p, used, answer(err, got.Changed), err, got.Entry, team.MemberRoleChanged)
				if err == nil && (got.Member.Role != wished || got.Member.UserID != target.member.UserID || got.Before != target.member.Role) {
					t.Errorf("%s: became %+v", c, got)
				}
			}
			sameAsOffered(t, w, actor, target)
		}
	}
}

// sameAsOffered: the page offers exactly what would be done (style rule 9).
func sameAsOffered(t *testing.T, w world, actor string, target targetCase) {
	t.Helper()
	a, open := party(w.s, w.kind, actor), false
	for _, o := range team.OfferRoles(w.s, a, target.member, target.owners) {
		_, err := team.ChangeRole(w.s, a, target.member, o.Role.Key, target.owners)
		if own := o.Role.Key == target.member.Role; own && o.Locked != nil || !own && (o.Locked == nil) != (err == nil) {
			t.Errorf("%s sees %s for %s locked: %v, but %v", actor, o.Role.Key, target.member.Role, o.Locked, err)
		}
		open = open || err == nil && o.Role.Key != target.member.Role
	}
	if locked := team.LockedRole(w.s, a, target.member, target.owners); (locked == nil) != open {
		t.Errorf("%s sees the role of %s locked: %v, but can change it: %v", actor, target.member.Role, locked, open)
	}
}

func walkRemove(t *testing.T, w world, p policy, used map[policyCase]bool) {
	for actor, column := range w.actors {
		for row, target := range w.rowsFor(actor) {
			if strings.HasPrefix(row, "self") {
				continue // leaving
			}
			got, err := team.Remove(w.s, party(w.s, w.kind, actor), target.member, target.owners)
			check(t, policyCase{w.kind, "remove", column, row, ""}, p, used, answer(err, true), err, got.Entry, team.MemberRemoved)
		}
		if c := (policyCase{w.kind, "remove", column, "last", ""}); p[c] == "-" {
			used[c] = true
		}
	}
}

func walkLeave(t *testing.T, w world, p policy, used map[policyCase]bool) {
	for _, key := range w.roles {
		for row, target := range w.rowsFor(key) {
			if !strings.HasPrefix(row, "self") {
				continue
			}
			line := map[string]string{"self": key, "self_last": "last"}[row]
			got, err := team.Remove(w.s, party(w.s, w.kind, key), target.member, target.owners)
			check(t, policyCase{w.kind, "leave", "", line, ""}, p, used, answer(err, true), err, got.Entry, team.MemberLeft)
		}
	}
}

func walkResend(t *testing.T, w world, p policy, used map[policyCase]bool) {
	for actor, column := range w.actors {
		for _, role := range w.roles {
			for action, sponsorCan := range map[string]bool{"resend": true, "take_over": false} {
				got, err := team.Resend(w.s, party(w.s, w.kind, actor), invitationFor(w.kind, role), sponsorCan, team.Seats{}, now)
				check(t, policyCase{w.kind, action, column, role, ""}, p, used, answer(err, true), err, got.Entry, team.InvitationResent)
			}
			// Copying the link is for who may resend (S8).
			_, resend := team.Resend(w.s, party(w.s, w.kind, actor), invitationFor(w.kind, role), true, team.Seats{}, now)
			_, link := team.HandleInvitation(w.s, party(w.s, w.kind, actor), invitationFor(w.kind, role), now)
			if answer(resend, true) != answer(link, true) {
				t.Errorf("%s and an invitation for %s: resend %v, link %v", actor, role, resend, link)
			}
		}
	}
}

func walkRevoke(t *testing.T, w world, p policy, used map[policyCase]bool) {
	for actor, column := range w.actors {
		for _, role := range w.roles {
			entry, err := team.Revoke(w.s, party(w.s, w.kind, actor), invitationFor(w.kind, role), now)
			check(t, policyCase{w.kind, "revoke", column, role, ""}, p, used, answer(err, true), err, entry, team.InvitationRevoked)
		}
	}
}

func walkEdit(t *testing.T, w world, p policy, used map[policyCase]bool) {
	for actor, column := range w.actors {
		for _, role := range w.roles {
			for wish, wished := range w.wishes() {
				got, err := team.EditInvitation(w.s, party(w.s, w.kind, actor), nil, invitationFor(w.kind, role), wish, now)
				c := policyCase{w.kind, "edit", column, role, wished}
				check(t, c, p, used, answer(err, got.Changed), err, got.Entry, team.InvitationEdited)
				if err == nil && got.Invitation.Grants[0].Role != wished {
					t.Errorf("%s: became %+v", c, got)
				}
			}
		}
	}
}

// answer is what a decision said, in the words of the tables.
func answer(err error, changed bool) string {
	switch {
	case err != nil:
		return team.Explain(err).Code
	case changed:
		return "ok"
	}
	return "same"
}

var badArticle = regexp.MustCompile(`\b[Aa] [AEIOaeio]|\b[Aa]n [^AEIOUaeiou]|  |\ba Owner|\.\.|%!`)

// check compares an answer with the table, and looks at what comes with it: the
// entry (rule 2, B8), the sentence, and the reasons of a refusal (F2).
func check(t *testing.T, c policyCase, p policy, used map[policyCase]bool, got string, err error, done team.Entry, action team.Action) {
	t.Helper()
	if want := p.expect(t, c, used); got != want {
		t.Errorf("%s: %s, want %s (%v)", c, got, want, err)
		return
	}
	if err == nil {
		if got == "ok" && (done.Action != action || done.Result != team.Success) {
			t.Errorf("%s: entry %+v", c, done)
		}
		return
	}
	var e *team.Error
	if !errors.As(err, &e) {
		t.Fatalf("%s: %v is no *team.Error", c, err)
	}
	if e.Entry == nil || e.Entry.Action != action || e.Entry.Result != team.Failure || e.Entry.Code != got {
		t.Errorf("%s: a refused attempt leaves the entry %+v", c, e.Entry)
	}
	if !strings.HasSuffix(e.Message, ".") || badArticle.MatchString(e.Message) {
		t.Errorf("%s: sentence %q", c, e.Message)
	}
	if (e.Kind == team.Forbidden || e.Kind == team.NotFound) && len(e.Trace) == 0 {
		t.Errorf("%s: %s without its reasons", c, got)
	}
	kinds := map[string]team.Kind{
		"not_found": team.NotFound, "permission_missing": team.Forbidden, "role_not_managed": team.Forbidden,
		"role_not_granted": team.Forbidden, "own_role": team.Forbidden, "last_owner": team.Conflict, "owner_by_transfer": team.Conflict, "role_unknown": team.Invalid,
	}
	if e.Kind != kinds[got] {
		t.Errorf("%s: %s is of kind %d", c, got, e.Kind)
	}
}

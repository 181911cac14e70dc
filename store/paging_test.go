package store_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// crowd makes an organization of people who are alike: names in several cases
// and alphabets, the same moments, some of them disabled.
func crowd(w *storetest.World) (team.Viewer, []team.MemberRow) {
	maya := w.User("maya@example.com")
	o := w.Organization("workspace", "brightwater", maya)
	names := []string{"Ann Lee", "ann lee", "Zoe", "Åsa", "Ádám", "adam", "山田", "Ann-Lee", "Ann Lee", "O’Hara"}
	now := w.Clock.Now()
	for i := range 60 {
		role := []string{"admin", "member", "viewer"}[i%3]
		s, _ := w.Schemes.Named(o.Scheme)
		r, _ := s.Role(role)
		id, name, key := fmt.Sprintf("u-%02d", i*37%60), names[i%len(names)], fmt.Sprintf("p%02d@example.com", i)
		w.Exec(`INSERT INTO users (id, email, email_key, name, created_at) VALUES ($1, $2, $2, $3, 1)`, id, key, name)
		w.Exec(`INSERT INTO memberships (scope_id, user_id, organization_id, num, role, role_rank, name_key, inactive, joined_at, last_seen_at)
			VALUES ($1, $2, $1, $3, $4, $5, $6, $7, $8, $9)`, o.ID, id, 100+i, role, r.Rank, strings.ToLower(name), i%4 == 0,
			now.Add(time.Duration(i%5)*time.Hour).UnixMilli(), []int64{0, now.UnixMilli(), now.UnixMilli() + 5}[i%3])
	}
	v := w.Viewer(maya, o)
	page, err := w.Members(context.Background(), v, o.ID, team.MemberFilter{Limit: 200})
	if err != nil || len(page.Items) != 61 {
		w.T.Fatal(len(page.Items), err)
	}
	return v, page.Items
}

// A walk through any list, forward and back, meets everybody once and in order.
func TestPaging(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		v, everybody := crowd(w)
		for _, role := range []string{"", "admin", "viewer", "owner"} {
			for _, status := range []team.MemberStatus{team.AnyStatus, team.StatusActive, team.StatusInactive} {
				for _, sort := range []team.MemberSort{team.SortRole, team.SortName, team.SortJoined, team.SortLastSeen} {
					for _, desc := range []bool{false, true} {
						f := team.MemberFilter{Role: role, Status: status, Sort: sort, Desc: desc, Limit: 7}
						want := inOrder(v.Scheme, everybody, f)
						got := walk(t, func(after, before string) (team.Page[team.MemberRow], error) {
							f.After, f.Before = after, before
							return w.Members(context.Background(), v, v.Organization.ID, f)
						}, func(m team.MemberRow) string { return m.UserID })
						if !slices.Equal(got, want) {
							t.Errorf("%+v:\n got %v\nwant %v", f, got, want)
						}
					}
				}
			}
		}
	})
}

// inOrder is what a list ought to be.
func inOrder(s *team.Scheme, everybody []team.MemberRow, f team.MemberFilter) []string {
	var rows []team.MemberRow
	for _, m := range everybody {
		if (f.Role == "" || m.Role == f.Role) && (f.Status == team.AnyStatus || m.Inactive == (f.Status == team.StatusInactive)) {
			rows = append(rows, m)
		}
	}
	byName := func(a, b team.MemberRow) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.UserID, b.UserID))
	}
	rank := func(m team.MemberRow) int { r, _ := s.Role(m.Role); return r.Rank }
	slices.SortFunc(rows, func(a, b team.MemberRow) int {
		n := byName(a, b)
		switch {
		case f.Status == team.StatusInactive: // one order, by name
		case f.Sort == team.SortRole:
			n = cmp.Or(cmp.Compare(rank(a), rank(b)), n)
		case f.Sort == team.SortJoined:
			n = cmp.Or(a.JoinedAt.Compare(b.JoinedAt), cmp.Compare(a.UserID, b.UserID))
		case f.Sort == team.SortLastSeen:
			n = cmp.Or(a.LastSeenAt.Compare(b.LastSeenAt), cmp.Compare(a.UserID, b.UserID))
		}
		if f.Desc {
			return -n
		}
		return n
	})
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.UserID
	}
	return ids
}

// walk goes to the end and back, and returns the ids on the way there.
func walk[T any](t *testing.T, list func(after, before string) (team.Page[T], error), id func(T) string) []string {
	t.Helper()
	var there, back []string
	var last team.Page[T]
	for after := ""; ; {
		page, err := list(after, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Items {
			there = append(there, id(m))
		}
		if (page.Prev == "") != (after == "") {
			t.Fatalf("a page behind %q has the one before at %q", after, page.Prev)
		}
		last = page
		if after = page.Next; after == "" {
			break
		}
	}
	for page := last; ; {
		for _, m := range slices.Backward(page.Items) {
			back = append(back, id(m))
		}
		if page.Prev == "" {
			break
		}
		var err error
		if page, err = list("", page.Prev); err != nil || page.Next == "" {
			t.Fatalf("%+v, %v", page, err)
		}
	}
	slices.Reverse(back)
	if !slices.Equal(there, back) {
		t.Errorf("forward %v\nback    %v", there, back)
	}
	return there
}

// C9: members and pending invitations alike, by any part of a name or address
// from three letters on, by how a word begins below that.
func TestC9SearchPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		other := w.Organization("workspace", "elsewhere", w.User("max@example.com"))
		seed(w, o, 100, 45)
		seed(w, other, 100, 45)
		v := w.Viewer(maya, o)
		for _, c := range []struct {
			q                string
			members, pending int
		}{
			{"pe", 100, 0},
			{"m", 1, 0},
			{"Person", 100, 0},
			{"n 10000", 99, 0},
			{"ma", 1, 0},
			{"MAYA", 1, 0},
			{"aya@ex", 1, 0},
			{"br", 0, 45},
			{"BRIGHT", 100, 45},
			{"elsewhere", 0, 0},
			{"max", 0, 0},
			{"seed.example", 100, 0},
			{"invited.example", 0, 45},
			{`"`, 0, 0},
			{`a"b`, 0, 0},
			{"%", 0, 0},
			{"___", 0, 0},
			{"_____________", 0, 0},
			{`\\\`, 0, 0},
			{"person OR maya", 0, 0},
			{"per*", 0, 0},
			{"山田", 0, 0},
			{"山田太", 0, 0},
		} {
			members := walk(t, func(after, before string) (team.Page[team.MemberRow], error) {
				return w.Members(ctx, v, o.ID, team.MemberFilter{Query: c.q, After: after, Before: before, Limit: 9})
			}, func(m team.MemberRow) string { return m.UserID })
			pending := walk(t, func(after, before string) (team.Page[team.InvitationRow], error) {
				return w.Invitations(ctx, v, team.InvitationFilter{Query: c.q, After: after, Before: before, Limit: 9})
			}, func(i team.InvitationRow) string { return i.ID })
			if len(members) != c.members || len(pending) != c.pending {
				t.Errorf("%q finds %d members and %d invitations, want %d and %d", c.q, len(members), len(pending), c.members, c.pending)
			}
			slices.Sort(members)
			if len(slices.Compact(members)) != c.members {
				t.Errorf("%q finds somebody twice", c.q)
			}
		}
	})
}

func TestInvitationPaging(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		seed(w, o, 60, 60)
		v := w.Viewer(maya, o)
		for _, f := range []struct {
			filter team.InvitationFilter
			want   int
		}{
			{team.InvitationFilter{}, 60},
			{team.InvitationFilter{Role: "admin"}, 8},
			{team.InvitationFilter{Delivery: team.Failed}, 12},
			{team.InvitationFilter{Role: "admin", Delivery: team.Failed}, 1},
			{team.InvitationFilter{Role: "member", Query: "br"}, 52},
			{team.InvitationFilter{Role: "admin", Query: "bright"}, 8},
			{team.InvitationFilter{Delivery: team.Retrying}, 0},
		} {
			got := walk(t, func(after, before string) (team.Page[team.InvitationRow], error) {
				q := f.filter
				q.After, q.Before, q.Limit = after, before, 7
				return w.Invitations(context.Background(), v, q)
			}, func(i team.InvitationRow) string { return i.ID })
			if len(got) != f.want {
				t.Errorf("%+v lists %d, want %d", f.filter, len(got), f.want)
			}
		}
	})
}

// I3: what somebody made up in place of a cursor is refused, at once and on both
// databases alike.
func TestI3WrongCursors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := context.Background()
		v, _ := crowd(w)
		enc := base64.RawURLEncoding.EncodeToString
		wrong := []string{
			"x", "…", enc([]byte("{}")), enc([]byte("[]")), enc([]byte("[null]")), enc([]byte("[null,null]")), enc([]byte("[1,2,3,4]")),
			enc([]byte(`["a","\u0000"]`)), enc([]byte(`[1e99,"a"]`)), enc([]byte(`[99999999999999999999,"a"]`)), enc([]byte(`[-1]`)), enc([]byte(`[1.5]`)),
			enc([]byte(`[true,"a"]`)), enc([]byte(`["a",""]`)), enc([]byte(`[1] [2]`)), strings.Repeat("A", 5000), enc([]byte(`[9223372036854775807]`)), " ", "\n",
		}
		lists := map[string]func(after, before string) error{
			"invitations": func(a, b string) error {
				_, err := w.Invitations(ctx, v, team.InvitationFilter{After: a, Before: b})
				return err
			},
			"found invitations": func(a, b string) error {
				_, err := w.Invitations(ctx, v, team.InvitationFilter{After: a, Before: b, Query: "abc"})
				return err
			},
			"found members": func(a, b string) error {
				_, err := w.Members(ctx, v, v.Organization.ID, team.MemberFilter{After: a, Before: b, Query: "abc"})
				return err
			},
		}
		for _, sort := range []team.MemberSort{team.SortRole, team.SortName, team.SortJoined, team.SortLastSeen} {
			lists["by "+string(sort)] = func(a, b string) error {
				_, err := w.Members(ctx, v, v.Organization.ID, team.MemberFilter{After: a, Before: b, Sort: sort})
				return err
			}
		}
		for name, list := range lists {
			for _, c := range wrong {
				for _, err := range []error{list(c, ""), list("", c), list(c, c)} {
					if e, ok := errors.AsType[*team.Error](err); !ok || e.Kind != team.Invalid || e.Code != "cursor_invalid" {
						t.Errorf("%s with %.40q: %v", name, c, err)
					}
				}
			}
		}
		for _, limit := range []int{-1, 201, 1 << 40} {
			if _, err := w.Members(ctx, v, v.Organization.ID, team.MemberFilter{Limit: limit}); team.Explain(err).Kind != team.Invalid {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
	})
}

package handlers

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/team/scheme"
	"roster/views"
)

// FuzzForm: whatever comes as a form is refused or is text that every database
// takes, each field once; fields of the address are never among it.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"role=viewer", "a=1&a=2", "emails=a&emails=b", "x=%00", "x=%ff", "%zz", "a;b", "=", "&&&", "role[]=owner&role=viewer", "x=%F0%9F%98%80"} {
		f.Add(seed, "application/x-www-form-urlencoded")
	}
	f.Add(`{"role":"owner"}`, "application/json")
	f.Add("<role>owner</role>", "text/xml; charset=utf-8")
	f.Fuzz(func(t *testing.T, body, kind string) {
		r := httptest.NewRequest("POST", "/o/acme?role=owner&only=address", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		read, err := readForm(echo.New().NewContext(r, httptest.NewRecorder()), "emails")
		if err != nil {
			if e := refusal(err); e.Kind == team.Internal {
				t.Fatalf("%q as %q: %v", body, kind, err)
			}
			return
		}
		for name, values := range read.values {
			if name == "only" && !strings.Contains(body, "only") || len(values) > 1 && name != "emails" {
				t.Fatalf("%q: %q is %q", body, name, values)
			}
			for _, v := range append(values, name) {
				if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
					t.Fatalf("%q: %q is %q", body, name, v)
				}
			}
		}
	})
}

// FuzzNext: what “next” leads to is on this site as browsers read it: they take a
// backslash for a slash, and leave out tabs and newlines.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{"/o/acme", "//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example", "/o/../..//evil", "/%2f%2fevil", "/?next=//x", "\x00/", "/a\r\nLocation: x", "/.//evil.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := local(next)
		if got == "" {
			return
		}
		seen := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(got)
		base := &url.URL{Scheme: "https", Host: "team.example.com", Path: "/signin"}
		to, err := base.Parse(seen)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || to.User != nil || strings.HasPrefix(seen, "//") || seen != got {
			t.Fatalf("%q leads to %v, %v", next, to, err)
		}
		if path := signInPath(next); !strings.HasPrefix(path, "/signin") || strings.ContainsAny(path, "\r\n") {
			t.Fatalf("%q: %q", next, path)
		}
	})
}

// FuzzFilters: whatever stands behind the question mark of a list is refused or
// becomes a filter within its bounds (I3).
func FuzzFilters(f *testing.F) {
	schemes, err := scheme.BuiltIn()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		"q=ada&role=viewer&status=pending&sort=seen&after=x", "role=emperor", "sort=x&limit=-1", "tab=invitations&status=expired", "q=" + strings.Repeat("%F0%9F%98%80", 300),
		"action=member.removed&result=failure&from=2026-11-21&to=2026-11-20", "from=9999-99-99", "from=0001-01-01&to=9999-12-31", "after=a&before=b", "limit=99999999999999999999",
	} {
		f.Add(seed)
	}
	clock := views.NewClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), "Pacific/Kiritimati")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return // refused before
		}
		refused := func(err error) bool {
			if err != nil && team.Explain(err).Kind == team.Internal {
				t.Fatalf("%q: %v", query, err)
			}
			return err != nil
		}
		for _, name := range []string{"pair", "tenanted"} {
			s, _ := schemes.Named(name)
			m, err := memberFilter(team.Viewer{Scheme: s, Access: team.Access{Scope: team.Place{Kind: team.OrganizationKind}}}, q)
			if !refused(err) {
				if m, err = team.ParseMemberFilter(s, team.OrganizationKind, m); !refused(err) && (m.Limit < 1 || m.Limit > 1000 || len(m.Query) > 1000) {
					t.Fatalf("%q: %+v", query, m)
				}
			}
			i, err := invitationFilter(s, q)
			if !refused(err) {
				if i, err = team.ParseInvitationFilter(s, i); !refused(err) && (i.Limit < 1 || i.Limit > 1000) {
					t.Fatalf("%q: %+v", query, i)
				}
			}
		}
		a, err := auditFilter(auditQuery(q), clock)
		if refused(err) {
			return
		}
		if a.Limit < 1 || a.Limit > team.AuditBatch || !a.Since.IsZero() && !a.Until.IsZero() && !a.Since.Before(a.Until) {
			t.Fatalf("%q: %+v", query, a)
		}
	})
}

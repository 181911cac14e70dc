package web_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/html"

	"roster/store/storetest"
)

// lines are the scopes of the tree of access on a page, each with its depth, role
// and source, and the reasons that it unfolds.
func (a answer) lines(t *testing.T) (out []string) {
	t.Helper()
	card := first(a.page(t), is("section", "id", "access"))
	for _, line := range all(card, func(n *html.Node) bool { return n.Data == "div" && n.Parent.Data == "li" }) {
		depth := 0
		for up := line.Parent; up != card && up != nil; up = up.Parent {
			if up.Data == "ul" {
				depth++
			}
		}
		out = append(out, strings.Repeat("· ", depth-1)+strings.NewReplacer(" .", ".", " ,", ",").Replace(text(line)))
	}
	return out
}

func (a answer) wantsLines(t *testing.T, want ...string) {
	t.Helper()
	if got := a.lines(t); a.status != 200 || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("status %d, the tree is\n%s\nwant\n%s", a.status, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// C7, D1, F2: the page of a member shows where they have access and why, as far
// as whoever looks may know.
func TestF2TheTreeOfAccess(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		at, inTenant, inProject := "/o/acme/settings/team/members/", w.fill("{t}")+"/members/members/", w.fill("{p}")+"/members/members/"
		id := func(who string) string { return w.people[who].ID }
		w.add(w.inside, "tenant_member", "project_viewer")

		viewer := "· · Site Project viewer Direct Why Project viewer in Site Project viewer in Site, given there directly."
		member := "A Acme Member Direct Why Member in Acme Member in Acme."
		alpha := "· Alpha Tenant member Direct Why Tenant member in Alpha Tenant member in Alpha, given there directly."
		w.visit("owner").get(at+id("tenant_member")).wantsLines(t, member, alpha, viewer)
		w.visit("tenant_member").get(at+id("tenant_member")).wantsLines(t, member, alpha, viewer)
		w.visit("member").get(at+id("tenant_member")).wantsLines(t, member)
		w.visit("project_admin").get(inProject+id("tenant_member")).wantsLines(t, strings.TrimPrefix(viewer, "· · "))

		// From above: the tenants that the owner reaches, and in Alpha, where nobody
		// gave them anything, not what is below it.
		owner := "A Acme Owner Direct Why Owner in Acme Owner in Acme."
		manages := func(name string) string {
			return "· " + name + " Tenant admin Organization role Why Tenant admin in " + name + " Owner in Acme. Acts as Tenant admin in " + name + ", because Owner above manages what is below it."
		}
		w.visit("admin").get(at+id("owner")).wantsLines(t, owner, manages("Alpha"), manages("Beta"))
		w.visit("member").get(at+id("owner")).wantsLines(t, owner)
		w.visit("tenant_admin").get(inTenant+id("owner")).wantsLines(t, owner, manages("Alpha"),
			"· · Site Project admin Inherited Why Project admin in Site Owner in Acme. Acts as Tenant admin in Alpha, because Owner above manages what is below it. Project admin in Site, inherited from Tenant admin above.")
		w.visit("guest").get(inProject+id("owner")).wantsLines(t, "Site Project admin Inherited Why Project admin in Site Access to Site comes from above.")

		// Who manages above sees the way to a guest; the guest does not.
		w.visit("owner").get(w.fill("{p}/members/members/")+id("guest")).wantsLines(t, "A Acme No access", "· Alpha No access", viewer)
		guest := w.visit("guest").get(inProject + id("guest"))
		guest.wantsLines(t, strings.TrimPrefix(viewer, "· · "))
		for _, who := range []string{"owner", "admin", "tenant_admin", "project_admin"} {
			if a := w.visit("guest").get(inProject + id(who)); strings.Contains(a.body, "Alpha") || strings.Contains(a.body, "Owner above") {
				t.Errorf("the page of %s tells a guest of what is above", who)
			}
		}

		// What is put away is not there, nor what is in it.
		w.visit("owner").post(w.fill("{t}")+"/archive", nil)
		w.visit("owner").get(at+id("tenant_member")).wantsLines(t, member)
	})
}

// F11: many scopes are a few lines and a link; the page asks as often for them as
// for one.
func TestF11TheTreeIsShort(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newTree(t)
		for _, name := range strings.Fields("Gamma Delta Epsilon Zeta Eta") {
			w.scope(w.org.ID, "tenant", name)
		}
		b, asked := w.visit("admin"), atomic.Int32{}
		w.db.Listen(func(string, []any) { asked.Add(1) })
		page := b.get("/o/acme/settings/team/members/" + w.people["owner"].ID)
		if n := asked.Load(); n > 8 { // one of them is the session
			t.Errorf("%d statements", n)
		}
		lines := page.lines(t)
		if len(lines) != 7 || !strings.HasPrefix(lines[5], "· Eta ") || lines[6] != "· All tenants" {
			t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
		}
		page.wants(t, 200, `href="/o/acme/scopes/tenant"`)
		w.organization(w.people["owner"], "flat", "workspace")
		w.visit("owner").get("/o/flat/settings/team/members/"+w.people["owner"].ID).wants(t, 200, "What you can do", "!Where you have access")
	})
}

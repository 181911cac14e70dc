package web_test

import (
	"net/url"
	"regexp"
	"testing"

	"roster/store/storetest"
)

// B3: a changed role offers Undo, by a form on the next page and in the message
// that htmx adds; who undoes gets the row, the counts and the news.
func TestB3UndoByFormAndByMessage(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t)
		theo := w.member(w.org, "theo@example.com", "member")
		role := func() string { return w.role(w.org, theo) }
		b := w.visit("admin")
		undo := regexp.MustCompile(`action="(/o/acme/settings/team/undo/[0-9]+)"`)

		b.post(teamPage+"/members/"+theo.ID+"/role", url.Values{"role": {"viewer"}}).leads(t, teamPage)
		page := b.get(teamPage)
		page.wants(t, 200, "Theo is now Viewer.", "Undo")
		at := undo.FindStringSubmatch(page.body)
		if at == nil {
			t.Fatal("no way to undo")
		}
		for _, who := range []string{"owner", "viewer", "stranger", "removed"} {
			w.visit(who).post(at[1], nil).wants(t, 404)
		}
		b.post(at[1], nil).leads(t, teamPage)
		b.get(teamPage).wants(t, 200, "Theo is Member again.", "!"+at[1])
		b.post(at[1], nil).wants(t, 409, "changed again since")
		if got := role(); got != "member" {
			t.Errorf("the role is %s", got)
		}

		a := b.htmx(teamPage+"/members/"+theo.ID+"/role", "role=viewer", teamPage)
		a.wants(t, 200, "Theo is now Viewer.", `hx-swap="none"`, "Undo")
		at = regexp.MustCompile(`hx-post="(/o/acme/settings/team/undo/[0-9]+)"`).FindStringSubmatch(a.body)
		done := b.htmx(at[1], "", teamPage)
		done.wants(t, 200, "Theo is Member again.", `hx-swap-oob="delete"`, "!<html")
		if got := role(); got != "member" {
			t.Errorf("after htmx the role is %s", got)
		}
		b.post(teamPage+"/undo/x", nil).wants(t, 404)
	})
}

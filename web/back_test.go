package web_test

import (
	"net/url"
	"testing"
	"time"

	"roster/store/storetest"
)

// Without JavaScript a change leads back to the place in the list it was made at.
func TestChangesLeadBackToWhereTheyWereMade(t *testing.T) {
	t.Parallel()
	storetest.Both(t, func(t *testing.T) {
		w := newWorld(t, withMail)
		b, member := w.visit("owner"), w.people["member"].ID
		role, from := teamPage+"/members/"+member+"/role", teamPage+"?q=a&role=viewer"
		change := func(key, referer string) answer {
			return b.post(role, url.Values{"role": {key}}, "Referer", referer)
		}
		change("viewer", w.url+from).leads(t, from)
		change("member", w.url+teamPage+"?sort=-joined&after=abc").leads(t, teamPage+"?sort=-joined&after=abc")
		for what, referer := range map[string]string{
			"none": "", "another site": "https://evil.example" + from, "another port": w.url + "1" + from, "another page": w.url + "/profile",
			"another organization": w.url + "/o/globex/settings/team?q=a", "somebody": "http://x@" + w.url[len("http://"):] + from, "nonsense": w.url + teamPage + "?status=odd",
			"an odd tab": w.url + teamPage + "?tab=odd", "twice": w.url + teamPage + "?q=a&q=b", "damaged": w.url + teamPage + "?q=%zz", "nul": w.url + teamPage + "?q=%00",
		} {
			if a := change("viewer", referer); a.header.Get("Location") != teamPage {
				t.Errorf("%s: leads to %q", what, a.header.Get("Location"))
			}
		}
		b.post(role, url.Values{"role": {"member"}, "back": {"https://evil.example" + teamPage}}).leads(t, teamPage)

		inv := w.invite(w.org, "nadia@example.com", "member")
		w.clock.pass(2 * time.Minute)
		resend := teamPage + "/invitations/" + inv.ID + "/resend"
		b.post(resend, nil, "Referer", w.url+teamPage+"?q=nadia").leads(t, teamPage+"?q=nadia")
		w.clock.pass(2 * time.Minute)
		b.post(resend, nil, "Referer", w.url+teamPage+"?tab=invitations&role=member").leads(t, teamPage+"?tab=invitations&role=member")
		w.clock.pass(24 * time.Hour)
		b.post(resend, nil).leads(t, teamPage+"?tab=invitations")
		b.post(teamPage+"/invitations/"+inv.ID+"/revoke", nil, "Referer", w.url+teamPage).leads(t, teamPage)

		remove := teamPage + "/members/" + member + "/remove"
		b.get(remove, "Referer", w.url+from).wants(t, 200, `name="back" value="/o/acme/settings/team?q=a&amp;role=viewer"`)
		b.get(remove).wants(t, 200, `!name="back"`)
		b.post(remove, url.Values{"back": {from}}, "Referer", w.url+remove).leads(t, from)
	})
}

// Where a change is asked about first, the question keeps the place too.
func TestQuestionsKeepThePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t, patient)
	owner := s.person("ada@example.com")
	org := s.organization(owner, "depot", "cluster")
	other := s.member(org, "theo@example.com", "viewer")
	from := "/o/depot/settings/team?q=theo"
	role := "/o/depot/settings/team/members/" + other.ID + "/role"
	b := s.as(owner)
	b.post(role, url.Values{"role": {"moderator"}}, "Referer", s.url+from).wants(t, 200, `name="back" value="`+from+`"`, `href="`+from+`"`)
	b.post(role, url.Values{"role": {"moderator"}, "confirm": {"1"}, "back": {from}}, "Referer", s.url+role).leads(t, from)
}

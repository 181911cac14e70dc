package handlers

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

func TestUnfinishedAddressIsNotComplainedAbout(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"":                        nil,
		"bob":                     {},
		"ada@example.org, bob@":   {"ada@example.org"},
		"ada@example.org, bob@, ": {"ada@example.org", "bob@"},
		"bob@, ada@example.org":   {"bob@", "ada@example.org"},
		"ada@example.org":         {"ada@example.org"},
		"ada@example.org\nbob":    {"ada@example.org"},
	} {
		if got := finished(typed); !slices.Equal(got, want) {
			t.Errorf("finished(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestListIsDrawnAsItStandsOnThePage(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"https://team.example.org/o/acme/settings/team?tab=invitations&q=a": "q=a&tab=invitations",
		"https://team.example.org/o/acme/settings/team":                     "",
		"https://team.example.org/o/acme?q=a":                               "",
		"%zz":                                                               "",
		"":                                                                  "",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		r.Header.Set("HX-Current-URL", from)
		if got := shownQuery(r).Encode(); got != want {
			t.Errorf("from %q the query is %q, want %q", from, got, want)
		}
	}
}

package mail

import "testing"

func TestPhrases(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"":                                    list(nil, "and", 3),
		"Invite people":                       list([]string{"Invite people"}, "and", 3),
		"Invite people and manage API tokens": list([]string{"Invite people", "Manage API tokens"}, "and", 3),
		"See, API keys or change":             list([]string{"See", "API keys", "Change"}, "or", 3),
		"See, edit and more":                  list([]string{"See", "Edit", "Delete"}, "and", 2),
		"an Admin":                            article("Admin") + "Admin",
		"a MODERATOR":                         article("MODERATOR") + "MODERATOR",
		"a User":                              article("User") + "User",
		"an Unpaid helper":                    article("Unpaid helper") + "Unpaid helper",
		"a ":                                  article(""),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestHelloName(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"roster.example.com": "roster.example.com", "127.0.0.1": "[127.0.0.1]", "::1": "[IPv6:::1]",
	} {
		if got := helloName(host); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
	if helloName("localhost") == "" {
		t.Error("no name for localhost")
	}
}

func TestWrongBaseURL(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "roster.example.com", "ftp://example.com", "https://", "https://%zz"} {
		if _, err := NewSender(Settings{}, bad, Options{}); err == nil {
			t.Errorf("%q is taken", bad)
		}
		if _, err := Compose(invite(), bad); err == nil {
			t.Errorf("%q makes links", bad)
		}
	}
}

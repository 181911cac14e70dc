package mail

import (
	"strings"
	"testing"

	"roster/mail/mailtest"
)

// Signing in is tried without a letter.
func TestLogIn(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]mailtest.Option{
		"open": nil, "with a password": {mailtest.Auth("roster", "hunter2")},
		"STARTTLS": {mailtest.StartTLS(), mailtest.Auth("roster", "hunter2")}, "TLS": {mailtest.ImplicitTLS()},
	} {
		server := mailtest.Start(t, options...)
		sender := sending(t, server)
		if out := sender.LogIn(t.Context()); !out.Sent || len(server.Letters()) > 0 {
			t.Errorf("%s: %+v, %d letters", name, out, len(server.Letters()))
		}
		server.Busy()
		if out := sender.LogIn(t.Context()); out.Sent || !strings.Contains(out.Detail, "421") {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

package mail

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roster/team"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	from := mail.Address{Name: "Roster", Address: "roster@example.com"}
	for _, c := range []struct {
		url, password string
		want          Settings
	}{
		{"smtp://user:pass@mail.example.com:587", "pass", Settings{Host: "mail.example.com", Port: 587, Encryption: StartTLS, User: "user"}},
		{"smtp://mail.example.com", "", Settings{Host: "mail.example.com", Port: 587, Encryption: StartTLS}},
		{"smtps://mail.example.com", "", Settings{Host: "mail.example.com", Port: 465, Encryption: ImplicitTLS}},
		{"smtps://u%40example.com:p%2F%3A%23@mail.example.com:4650/", "p/:#", Settings{Host: "mail.example.com", Port: 4650, Encryption: ImplicitTLS, User: "u@example.com"}},
		{"smtp://localhost:25?tls=none", "", Settings{Host: "localhost", Port: 25, Encryption: NoTLS}},
		{"smtp://localhost?tls=none", "", Settings{Host: "localhost", Port: 25, Encryption: NoTLS}},
		{"smtp://[::1]:2525?tls=none", "", Settings{Host: "::1", Port: 2525, Encryption: NoTLS}},
		{"SMTP://mail.example.com?tls=starttls", "", Settings{Host: "mail.example.com", Port: 587, Encryption: StartTLS}},
	} {
		got, err := ParseURL(c.url, "Roster <roster@example.com>")
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		c.want.From, c.want.password = from, c.password
		if d := cmp.Diff(c.want, got, cmp.AllowUnexported(Settings{}), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s", c.url, d)
		}
	}
}

func TestWrongSettingsAreExplained(t *testing.T) {
	t.Parallel()
	const ok = "roster@example.com"
	for _, c := range []struct{ url, from, code string }{
		{"", ok, "smtp_url_scheme"},
		{"mail.example.com:587", ok, "smtp_url_scheme"},
		{"http://mail.example.com", ok, "smtp_url_scheme"},
		{"smtp://", ok, "smtp_url_host"},
		{"smtp://:587", ok, "smtp_url_host"},
		{"smtp://mail.example.com:0", ok, "smtp_url_port"},
		{"smtp://mail.example.com:70000", ok, "smtp_url_port"},
		{"smtp://mail.example.com:port", ok, "smtp_url_form"},
		{"smtp://user:hunter2%zz@mail.example.com", ok, "smtp_url_form"},
		{"smtp://user:hunter2/x@mail.example.com", ok, "smtp_url_form"},
		{"smtp://user:2#hunter2@mail.example.com", ok, "smtp_url_rest"},
		{"smtp://mail.example.com/path", ok, "smtp_url_rest"},
		{"smtp://user@mail.example.com", ok, "smtp_url_password"},
		{"smtp://:hunter2@mail.example.com", ok, "smtp_url_user"},
		{"smtp://mail.example.com?tls=maybe", ok, "smtp_url_tls"},
		{"smtps://mail.example.com?tls=none", ok, "smtp_url_tls"},
		{"smtp://mail.example.com?verify=no", ok, "smtp_url_query"},
		{"smtp://mail.example.com", "", "mail_from_empty"},
		{"smtp://mail.example.com", "roster", "mail_from_form"},
		{"smtp://mail.example.com", "a@example.com, b@example.com", "mail_from_form"},
		{"smtp://mail.example.com", "a@-.example", "mail_from_domain"},
	} {
		_, err := ParseURL(c.url, c.from)
		e, ok := errors.AsType[*team.Error](err)
		if !ok || e.Code != c.code {
			t.Errorf("%s, %s: got %v, want %s", c.url, c.from, err, c.code)
			continue
		}
		if !strings.Contains(e.Message, "Example: ") || !strings.Contains(e.Message, "ROSTER_") {
			t.Errorf("%s: %q has no example or does not name the setting", c.url, e.Message)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the password", c.url)
		}
	}
}

func TestThePasswordIsNeverPrinted(t *testing.T) {
	t.Parallel()
	s, err := ParseURL("smtp://user:hunter2@mail.example.com", "roster@example.com")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("mail", "settings", s, "pointer", &s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("mail", "settings", s, "pointer", &s)
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&log, form+form+"\n", s, &s)
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("the password is in\n%s", log.String())
	}
	if !strings.Contains(log.String(), "mail.example.com:587") {
		t.Errorf("the server is not in\n%s", log.String())
	}
}

package mail

import (
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"roster/team"
)

// hostile are the values that S11 names, and their relatives.
var hostile = []string{
	"<script>alert(1)</script><img src=x onerror=alert(1)>",
	`"><a href="https://evil.example/">Click here</a>`,
	"</td></tr></table><h1>Your account is locked</h1>",
	"https://evil.example/login javascript:alert(1) www.evil.example",
	"Maya\r\nBcc: victim@evil.example\r\n\r\n<b>body</b>",
	"Maya\nX-Mailer: evil", "Maya\rSubject: other", "Maya\u2028Bcc: victim@evil.example",
	"=?utf-8?Q?Maya=0D=0ABcc:_victim@evil.example?=",
	"\u202egnihsihp\u202c \u2066x\u2069 \u200b\ufeff",
	"O'Brien \"The Boss\" <boss@evil.example>, \\ ; (comment)",
	strings.Repeat("A", 5000), strings.Repeat("word ", 1000), strings.Repeat("ü", 5000), strings.Repeat("\n", 5000),
	"nul\x00 bell\x07 broken\xff\xfe", "{{.Path}} ${x} %s %d", "\n.\n.\r\n..\r\n",
	"Ünïcode Nàme 名前 👩‍👩‍👧",
}

// S11: markup, URLs, line breaks and 5,000 characters in every value that
// people type: quoted, cut, no header gained, no link made of it.
func TestS11HostileValues(t *testing.T) {
	t.Parallel()
	sender, err := NewSender(Settings{Host: "localhost", From: mail.Address{Name: "Roster", Address: "roster@example.com"}}, base, Options{
		Now: func() time.Time { return time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind := range writers() {
		for _, evil := range hostile {
			l := letter(kind, ending, func(l *team.Letter) {
				l.ToName, l.Organization, l.Noun, l.ActorName, l.ActorEmail = evil, evil, evil, evil, evil
				l.Role, l.RoleBefore, l.Message, l.Device, l.Address = evil, evil, evil, evil, evil
				l.Can, l.Cannot = []string{evil, evil}, []string{evil}
				l.TimeZone, l.At = evil, l.EndsAt
			})
			m, err := Compose(l, base)
			if err != nil {
				t.Fatalf("%s, %.40q: %v", kind, evil, err)
			}
			raw, _, _, err := sender.build(l.ID, mail.Address{Name: line(l.ToName, team.NameMax), Address: l.To}, m)
			if err != nil {
				t.Fatalf("%s, %.40q: %v", kind, evil, err)
			}
			checkHarmless(t, string(kind), evil, m)
			checkHeaders(t, string(kind), evil, string(raw))
		}
	}
}

var (
	hrefs     = regexp.MustCompile(`(?i)href="([^"]*)"`)
	dangerous = regexp.MustCompile(`(?i)<(script|img|iframe|form|svg)|<h1>|<b>body|<a href="https://evil`)
)

func checkHarmless(t *testing.T, kind, evil string, m Message) {
	t.Helper()
	for _, h := range hrefs.FindAllStringSubmatch(m.HTML, -1) {
		if !strings.HasPrefix(h[1], base+"/") {
			t.Errorf("%s, %.40q: link to %q", kind, evil, h[1])
		}
	}
	if found := dangerous.FindString(m.HTML); found != "" {
		t.Errorf("%s, %.40q: markup %q", kind, evil, found)
	}
	if n := utf8.RuneCountInString(m.Subject); n > 201 || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("%s, %.40q: subject of %d: %q", kind, evil, n, m.Subject)
	}
	if n := len(m.Text) + len(m.HTML); n > 40_000 {
		t.Errorf("%s, %.40q: %d bytes long", kind, evil, n)
	}
	for _, r := range m.Subject + m.Text + m.HTML {
		if r != '\n' && r != '\t' && r < ' ' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError {
			t.Errorf("%s, %.40q: character %U", kind, evil, r)
			break
		}
	}
}

func checkHeaders(t *testing.T, kind, evil, raw string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("%s, %.40q: %v", kind, evil, err)
	}
	for name, values := range m.Header {
		switch name {
		case "Subject", "From", "To", "Date", "Message-Id", "Mime-Version", "Content-Type", "Auto-Submitted":
		default:
			t.Errorf("%s, %.40q: header %s gained", kind, evil, name)
		}
		if len(values) != 1 {
			t.Errorf("%s, %.40q: %d headers %s", kind, evil, len(values), name)
		}
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "nadia.rahman@brightwater.example" {
		t.Errorf("%s, %.40q: to %v, %v", kind, evil, to, err)
	}
	for _, row := range strings.Split(raw, "\r\n") {
		if len(row) > 998 || strings.ContainsAny(row, "\r\n\x00") {
			t.Errorf("%s, %.40q: bad line %.80q", kind, evil, row)
		}
	}
}

// Every line of a message is marked as somebody else's words.
func TestMessagesAreQuoted(t *testing.T) {
	t.Parallel()
	m, err := Compose(letter(team.LetterInvitation, ending, func(l *team.Letter) {
		l.Message = "Hello\r\n\r\n---\rSent to you because you won\n" + strings.Repeat("long ", 60)
	}), base)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n> Hello\n>\n> ---\n> Sent to you because you won\n> long long", "\n> long"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("%q is not in\n%s", want, m.Text)
		}
	}
	if strings.Contains(m.Text, "\nSent to you because") {
		t.Errorf("a line of the message stands by itself:\n%s", m.Text)
	}
	if !strings.Contains(m.HTML, "“Hello<br> <br> ---<br> Sent to you because you won<br> long") {
		t.Errorf("the message's lines are lost:\n%s", m.HTML)
	}
}

func TestNamesKeepTheirLetters(t *testing.T) {
	t.Parallel()
	for _, name := range []string{`Siân "Sid" O’Neil`, "Ünïcode Nàme", "名前", "نادية", "👩‍👩‍👧"} {
		if got := line(name, team.NameMax); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
	if got := line("a://b =?utf-8?q?c?= \r\n d", 50); got != "a: //b = ?utf-8?q?c?= d" {
		t.Errorf("got %q", got)
	}
}

package mail

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roster/team"
)

// Message is a letter as it is read.
type Message struct{ Subject, Text, HTML string }

// sheet is what one letter says, once for both forms: text and HTML can't
// disagree.
type sheet struct {
	Subject, Preview string
	Mark             string // one letter: the organization's
	Heading          string
	Intro            []paragraph
	Quote            string // somebody's own words, never markup
	Facts            []fact
	CanTitle, Can    string
	Button, Link     string
	After            []paragraph // below the button
	Why              string      // why the reader got it
	Unexpected       string      // what to do if it was not expected
}

type fact struct{ Label, Value string }

// paragraph is a run of spans; span is a piece of text, strong where it names
// a person, an organization or a role.
type paragraph []span

type span struct {
	Text   string
	Strong bool
}

func say(text string) span { return span{Text: text} }

func strong(text string) span { return span{Text: text, Strong: true} }

// plain makes a paragraph of one piece of text.
func plain(text string) paragraph { return paragraph{say(text)} }

func (p paragraph) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Compose writes a letter. Links in it begin with baseURL and nothing else:
// what people typed is shown, never linked.
func Compose(l team.Letter, baseURL string) (Message, error) {
	link, err := address(baseURL, l.Path)
	if err != nil {
		return Message{}, err
	}
	write, ok := writers()[l.Kind]
	if !ok {
		return Message{}, fmt.Errorf("write letter %s: no letter of kind %q", l.ID, l.Kind)
	}
	s := write(cleaned(l))
	s.Link = link
	if s.Link == "" {
		s.Button = ""
	}
	if s.Mark == "" {
		s.Mark = mark(l.Organization)
	}
	return s.message()
}

// writers holds who writes which letter.
func writers() map[team.LetterKind]func(team.Letter) sheet {
	return map[team.LetterKind]func(team.Letter) sheet{
		team.LetterInvitation: invitation,
		team.LetterReminder:   reminder,
		team.LetterAccepted:   accepted,
		team.LetterRenewal:    renewal,
		team.LetterRole:       roleChanged,
		team.LetterRemoved:    removed,
		team.LetterTransfer:   transferred,
		team.LetterReset:      passwordReset,
		team.LetterWelcome:    welcome,
		team.LetterPassword:   passwordChanged,
		team.LetterVerify:     verification,
		team.LetterAddress:    addressChanged,
		team.LetterSignIn:     newSignIn,
		team.LetterToken:      tokenCreated,
		team.LetterExists:     accountExists,
	}
}

// then adds spans to a paragraph.
func (p paragraph) then(spans ...span) paragraph { return append(p, spans...) }

// place names what a letter is about: the organization, or a child scope of it.
func place(before string, l team.Letter) paragraph {
	p := paragraph{say(before + l.Noun + " "), strong(l.Organization)}
	if l.Within != "" {
		p = p.then(say(" of "), strong(l.Within))
	}
	return p
}

// cleaned makes every value fit to be shown (S11).
func cleaned(l team.Letter) team.Letter {
	for _, p := range []*string{&l.ToName, &l.To, &l.Organization, &l.Within, &l.ActorName, &l.ActorEmail, &l.Role, &l.RoleBefore, &l.Token, &l.Device, &l.Address} {
		limit := team.NameMax
		if p == &l.To || p == &l.ActorEmail {
			limit = team.EmailMax
		}
		*p = line(*p, limit)
	}
	for i := range l.Besides {
		l.Besides[i] = line(l.Besides[i], 2*team.NameMax)
	}
	places := l.Places
	l.Places = nil
	for _, p := range places {
		l.Places = append(l.Places, team.LetterPlace{Scope: line(p.Scope, team.NameMax), Module: line(p.Module, 40), Before: line(p.Before, 40), After: line(p.After, 40)})
	}
	l.Message = block(l.Message, team.MessageMax)
	if l.Noun = line(l.Noun, 40); l.Noun == "" {
		l.Noun = "organization"
	}
	if l.Organization == "" {
		l.Organization = "the " + l.Noun
	}
	return l
}

// address joins the base URL and a path of ours.
func address(baseURL, path string) (string, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return "", fmt.Errorf("write link: %w", err)
	}
	if path == "" {
		return "", nil
	}
	full, err := url.Parse(strings.TrimSuffix(baseURL, "/") + path)
	if err != nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || full.Host != base.Host || full.User != nil || strings.ContainsFunc(path, unicode.IsSpace) {
		return "", fmt.Errorf("write link: path leads away from %s", base.Host)
	}
	return full.String(), nil
}

func mark(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "R"
}

func (s sheet) message() (Message, error) {
	var b bytes.Buffer
	if err := page(s).Render(context.Background(), &b); err != nil {
		return Message{}, fmt.Errorf("draw letter: %w", err)
	}
	return Message{Subject: line(s.Subject, 200), Text: s.text(), HTML: b.String()}, nil
}

// text writes the plain form.
func (s sheet) text() string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	add(wrap(s.Heading, ""))
	for _, p := range s.Intro {
		add(wrap(p.String(), ""))
	}
	if s.Quote != "" {
		add(wrap(s.Quote, "> "))
	}
	var facts []string
	for _, f := range s.Facts {
		facts = append(facts, f.Label+": "+f.Value)
	}
	add(strings.Join(facts, "\n"))
	if s.Can != "" {
		add(wrap(s.CanTitle+":\n"+s.Can, ""))
	}
	if s.Button != "" {
		add(s.Button + ":\n" + s.Link)
	}
	for _, p := range s.After {
		add(wrap(p.String(), ""))
	}
	add("---\n" + wrap(s.Why+" "+s.Unexpected, ""))
	return strings.Join(parts, "\n\n") + "\n"
}

// The forms of a moment: with minutes where it counts, always with its zone.
const (
	dayForm    = "2 January 2006"
	momentForm = "2 January 2006, 15:04"
)

// zone returns the letter's time zone and its name as shown.
func zone(l team.Letter) (*time.Location, string) {
	if l.TimeZone != "" && l.TimeZone != "Local" {
		if loc, err := time.LoadLocation(l.TimeZone); err == nil {
			return loc, l.TimeZone
		}
	}
	return time.UTC, "UTC"
}

func moment(l team.Letter, t time.Time) string {
	loc, name := zone(l)
	return t.In(loc).Format(momentForm) + " (" + name + ")"
}

func day(l team.Letter, t time.Time) string {
	loc, _ := zone(l)
	return t.In(loc).Format(dayForm)
}

// until says when the link ends, if it does.
func until(l team.Letter) string {
	if l.EndsAt.IsZero() {
		return "The link works for a limited time."
	}
	return "The link works until " + moment(l, l.EndsAt) + "."
}

// actor names who did it, in the middle of a sentence or at its start.
func actor(l team.Letter, start string) paragraph { //nolint:unparam // a sentence may begin otherwise
	switch {
	case l.ActorName == "" && l.ActorEmail == "":
		return paragraph{say(start + " operator of this server")}
	case l.ActorName == "":
		return paragraph{strong(l.ActorEmail)}
	case l.ActorEmail == "":
		return paragraph{strong(l.ActorName)}
	}
	return paragraph{strong(l.ActorName), say(" (" + l.ActorEmail + ")")}
}

// whom is the actor in few words, for the last lines.
func whom(l team.Letter) string {
	switch {
	case l.ActorName != "":
		return team.FirstName(l.ActorName)
	case l.ActorEmail != "":
		return l.ActorEmail
	}
	return "the operator of this server"
}

// role says what the letter's role may do.
func role(l team.Letter) (title, can string) {
	if l.Role == "" {
		return "", ""
	}
	title = "As " + article(l.Role) + l.Role
	if len(l.Can) > 0 {
		title += " you can"
		can = list(l.Can, "and", 8) + "."
	}
	if len(l.Cannot) > 0 {
		first, n := utf8.DecodeRuneInString(l.Cannot[0])
		rest := append([]string{string(unicode.ToLower(first)) + l.Cannot[0][n:]}, l.Cannot[1:]...)
		can = strings.TrimSpace(can + " You can’t " + list(rest, "or", 6) + ".")
	}
	return title, can
}

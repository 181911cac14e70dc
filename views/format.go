package views

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"roster/team"
)

// Clock turns times into words for one reader: it holds the moment of the
// request and the reader's time zone, so that components need neither.
type Clock struct {
	now  time.Time
	zone *time.Location
}

// NewClock returns a Clock for a moment and an IANA time zone; an empty or
// unknown one is UTC.
func NewClock(now time.Time, zone string) Clock {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		loc = time.UTC
	}
	return Clock{now: now, zone: loc}
}

// TimeModel is a moment as a page shows it.
type TimeModel struct {
	At    string // for machines; "" where there is no moment
	Text  string
	Title string // the exact moment, where Text is relative
}

// Zone names the time zone, to be said once beside exact times.
func (c Clock) Zone() string { return c.zone.String() }

// Location is the time zone, to read days by.
func (c Clock) Location() *time.Location { return c.zone }

// Now returns the moment of the request.
func (c Clock) Now() time.Time { return c.now }

// Exact shows day and time of day: 26 Nov 2026, 09:30.
func (c Clock) Exact(t time.Time) TimeModel {
	if t.IsZero() {
		return TimeModel{Text: "Never"}
	}
	return TimeModel{At: stamp(t), Text: t.In(c.zone).Format("2 Jan 2006, 15:04")}
}

// Date shows the day: 26 Nov 2026.
func (c Clock) Date(t time.Time) TimeModel {
	if t.IsZero() {
		return TimeModel{Text: "Never"}
	}
	return TimeModel{At: t.In(c.zone).Format("2006-01-02"), Text: t.In(c.zone).Format("2 Jan 2006")}
}

// Near shows a moment to the minute, by the name of the day where it was one of
// the last two: Today, 07:58 or 18 Nov, 09:40, with the year where it is another.
func (c Clock) Near(t time.Time) TimeModel {
	if t.IsZero() {
		return TimeModel{Text: "Never"}
	}
	m := TimeModel{At: stamp(t)}
	local := t.In(c.zone)
	switch days := c.days(t, c.now); {
	case days == 0:
		m.Text = "Today, " + local.Format("15:04")
	case days == 1:
		m.Text = "Yesterday, " + local.Format("15:04")
	case local.Year() == c.now.In(c.zone).Year():
		m.Text = local.Format("2 Jan, 15:04")
	default:
		m.Text = local.Format("2 Jan 2006, 15:04")
	}
	return m
}

// dayAndHour shows a moment in two parts for a log: 21 Nov, with the year where it
// is another one, and 19:44.
func (c Clock) dayAndHour(t time.Time) (day, hour string) {
	t = t.In(c.zone)
	day = t.Format("2 Jan")
	if t.Year() != c.now.In(c.zone).Year() {
		day = t.Format("2 Jan 2006")
	}
	return day, t.Format("15:04")
}

// seconds shows a moment as exactly as a log needs it, with its zone.
func (c Clock) seconds(t time.Time) string { return t.In(c.zone).Format("2 Jan 2006, 15:04:05 MST") }

// Relative shows how long ago, or in how long: 3 hours ago, Yesterday, In 5 days.
func (c Clock) Relative(t time.Time) TimeModel {
	if t.IsZero() {
		return TimeModel{Text: "Never"}
	}
	m := TimeModel{At: stamp(t), Title: t.In(c.zone).Format("2 Jan 2006, 15:04 MST")}
	if d := c.now.Sub(t); d >= 0 {
		m.Text = c.ago(t, d)
	} else {
		m.Text = c.in(t, -d)
	}
	return m
}

// lastSeen is Relative without the exact moment, for rows.
func (c Clock) lastSeen(t time.Time) TimeModel {
	if t.IsZero() {
		return TimeModel{Text: "Never"}
	}
	return TimeModel{At: stamp(t), Text: c.ago(t, c.now.Sub(t))}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }

func (c Clock) ago(t time.Time, d time.Duration) string {
	switch days := c.days(t, c.now); {
	case d < time.Minute:
		return "Just now"
	case d < time.Hour:
		return plural(int(d/time.Minute), "minute", "minutes") + " ago"
	case d < 12*time.Hour || days == 0:
		return plural(int(d/time.Hour), "hour", "hours") + " ago"
	case days == 1:
		return "Yesterday"
	default:
		return span(days) + " ago"
	}
}

func (c Clock) in(t time.Time, d time.Duration) string {
	switch days := c.days(c.now, t); {
	case d < time.Minute:
		return "In a moment"
	case d < time.Hour:
		return "In " + plural(int(d/time.Minute), "minute", "minutes")
	case days == 0 || d < 6*time.Hour:
		return "In " + plural(int(d/time.Hour), "hour", "hours")
	case days == 1:
		return "Tomorrow"
	default:
		return "In " + span(days)
	}
}

// days counts midnights between two moments, as the reader's calendar has them.
func (c Clock) days(from, to time.Time) int {
	return int(c.midnight(to).Sub(c.midnight(from)) / (24 * time.Hour))
}

func (c Clock) midnight(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) // UTC, so that every day has 24 hours
}

func span(days int) string {
	switch {
	case days < 14:
		return plural(days, "day", "days")
	case days < 60:
		return plural(days/7, "week", "weeks")
	case days < 120: // around the 90 days after which somebody is pointed out
		return plural(days, "day", "days")
	case days < 730:
		return plural(days/30, "month", "months")
	}
	return plural(days/365, "year", "years")
}

// plural puts a number before its noun: 1 seat, 2 seats.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// andList joins words: a, b and c.
func andList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// avatars are the classes of a person's initials, one for each color there is.
var avatars = [8]string{"avatar hue-0", "avatar hue-1", "avatar hue-2", "avatar hue-3", "avatar hue-4", "avatar hue-5", "avatar hue-6", "avatar hue-7"}

// avatarClass picks one of them, the same one for an id on every page.
func avatarClass(id string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return avatars[h.Sum32()%8]
}

func hue(id string) string { return strings.TrimPrefix(avatarClass(id), "avatar ") }

// initial is the letter on an organization's avatar.
func initial(name string) string {
	return string([]rune(team.Initials(name))[:1])
}

// cutEmail splits an address where a line may break.
func cutEmail(addr string) (local, rest string) {
	if i := strings.LastIndexByte(addr, '@'); i > 0 {
		return addr[:i], addr[i:]
	}
	return addr, ""
}

// inSentence writes a label without its capital; one that is all capitals stays.
func inSentence(label string) string {
	if strings.ToUpper(label) == label {
		return label
	}
	return lowerFirst(label)
}

// upperFirst and lowerFirst change the case of the first letter.
func upperFirst(s string) string { return mapFirst(s, strings.ToUpper) }

func lowerFirst(s string) string { return mapFirst(s, strings.ToLower) }

func mapFirst(s string, change func(string) string) string {
	_, n := utf8.DecodeRuneInString(s)
	return change(s[:n]) + s[n:]
}

package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// line makes one harmless line of what people typed: no line breaks or other
// control characters, nothing that turns the reading direction, nothing that
// reads as an encoded word or an address to follow, and an end (S11). Forms
// refuse all this already; a letter doesn't rely on it.
func line(s string, limit int) string {
	s = strings.Join(strings.Fields(printable(s, "")), " ")
	s = strings.ReplaceAll(s, "=?", "= ?")
	s = strings.ReplaceAll(s, "://", ": //")
	return cut(s, limit)
}

// block keeps the line breaks of a longer text and nothing else that isn't seen.
func block(s string, limit int) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ", "\u2028", "\n", "\u2029", "\n").Replace(s)
	return cut(strings.TrimSpace(printable(s, "\n")), limit)
}

// printable drops broken and invisible characters, except those to keep.
func printable(s, keep string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(keep, r):
			return r
		case unicode.IsSpace(r), r == 0x2028, r == 0x2029:
			return ' '
		case r == utf8.RuneError, unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d:
			return -1 // the two joiners stay: scripts and emoji need them
		}
		return r
	}, s)
}

func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:limit])) + "…"
}

// article puts a or an before a role's label.
func article(label string) string {
	low := strings.ToLower(label)
	if low == "" || !strings.ContainsRune("aeiou", rune(low[0])) || strings.HasPrefix(low, "use") || strings.HasPrefix(low, "uni") {
		return "a "
	}
	return "an "
}

// list joins phrases into a sentence: all but the first begin in lower case.
func list(phrases []string, last string, most int) string {
	var out []string
	for i, p := range phrases {
		p = line(p, 120)
		if i > 0 {
			p = lowerFirst(p)
		}
		out = append(out, p)
	}
	more := len(out) > most
	if more {
		out = out[:most]
	}
	switch {
	case len(out) == 0:
		return ""
	case more:
		return strings.Join(out, ", ") + " " + last + " more"
	case len(out) == 1:
		return out[0]
	}
	return strings.Join(out[:len(out)-1], ", ") + " " + last + " " + out[len(out)-1]
}

// lowerFirst leaves words such as API alone.
func lowerFirst(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[n:]
}

// wrap breaks text at spaces so that plain-text readers see whole lines. A
// word longer than a line stays whole: addresses must.
func wrap(s, prefix string) string {
	const width = 72
	var b strings.Builder
	for i, paragraph := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		words := strings.Fields(paragraph)
		if len(words) == 0 {
			b.WriteString(strings.TrimSpace(prefix))
			continue
		}
		b.WriteString(prefix)
		column := 0
		for _, word := range words {
			n := utf8.RuneCountInString(word)
			switch {
			case column == 0:
			case column+1+n > width:
				b.WriteString("\n" + prefix)
				column = 0
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += n
		}
	}
	return b.String()
}

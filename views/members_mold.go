package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// memberRows draws many rows at a third of the cost of drawing each: rows of one
// shape (the same role, the same tags, the same menu) differ in fifteen words, so
// the component is run once for each shape, with marks in their places, and the
// words are filled in. MemberRow stays the one place that says what a row is.
type memberRows []MemberLine

// shape is what two rows must share to come from one mold.
type shape struct {
	role                      *RoleControl
	online, seen, off, fresh  bool
	activity, transfer        bool
	add, manage               bool
	source                    Tag
	remove, icon, tags, below string
}

func (l MemberLine) shape() shape {
	s := shape{
		role: l.Role, online: l.Online, seen: l.Seen.At != "", off: l.Off, fresh: l.Fresh,
		activity: l.Activity, transfer: l.Transfer != "", add: l.Add != "", manage: l.Manage != "", source: l.Source, remove: l.Remove, icon: l.RemoveIcon, below: l.Sub,
	}
	for _, t := range l.Tags {
		s.tags += t.Kind + ":" + t.Text + "\n"
	}
	return s
}

// words points to what differs from row to row, in the order of the marks.
func (l *MemberLine) words() [15]*string {
	return [15]*string{&l.Row, &l.Path, &l.Name, &l.Avatar, &l.Initials, &l.Local, &l.Domain, &l.Seen.At, &l.Seen.Text, &l.Joined.At, &l.Joined.Text, &l.Transfer, &l.SeenClass, &l.Add, &l.Manage}
}

// mark is the rune that stands for a word: of the private use area, which no
// component writes by itself.
const mark = '\uE000'

func isMark(r rune) bool { return r >= mark && r < mark+15 }

// moldable: nobody put a mark into what a shape takes over as it is.
func (s shape) moldable() bool {
	return !strings.ContainsFunc(s.below, isMark) && !strings.ContainsFunc(s.remove, isMark)
}

// mold is a row cut at its marks: text, then the word that follows it.
type mold struct {
	texts []string
	next  []int
	end   string
}

func newMold(ctx context.Context, l MemberLine) (mold, error) {
	for i, word := range l.words() {
		if *word != "" || i != 7 && i != 11 && i != 13 && i != 14 { // without a moment there is no time element, without a way no link
			*word = string(mark + rune(i))
		}
	}
	var b strings.Builder
	if err := MemberRow(l, nil).Render(ctx, &b); err != nil {
		return mold{}, err
	}
	var m mold
	rest := b.String()
	for {
		at := strings.IndexFunc(rest, isMark)
		if at < 0 {
			m.end = rest
			return m, nil
		}
		r := []rune(rest[at : at+len(string(mark))])[0]
		m.texts, m.next = append(m.texts, rest[:at]), append(m.next, int(r-mark))
		rest = rest[at+len(string(mark)):]
	}
}

// fill appends a row of the mold's shape.
func (m mold) fill(b []byte, l *MemberLine) []byte {
	words := l.words()
	for i, text := range m.texts {
		b = append(b, text...)
		b = append(b, templ.EscapeString(*words[m.next[i]])...)
	}
	return append(b, m.end...)
}

// Render writes the rows.
func (rows memberRows) Render(ctx context.Context, w io.Writer) error {
	molds := make(map[shape]mold, 8)
	var row []byte
	for i := range rows {
		s := rows[i].shape()
		if !s.moldable() {
			if err := MemberRow(rows[i], nil).Render(ctx, w); err != nil {
				return err
			}
			continue
		}
		m, ok := molds[s]
		if !ok {
			var err error
			if m, err = newMold(ctx, rows[i]); err != nil {
				return err
			}
			molds[s] = m
		}
		row = m.fill(row[:0], &rows[i])
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}

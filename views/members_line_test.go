package views

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A disabled owner is not among those who are counted: who is left stays owner
// without them, so that the row says what the member's page and the server say.
func TestRowsOfDisabledOwnersAreOpen(t *testing.T) {
	t.Parallel()
	v := viewer(t, "pair", "owner") // Maya is the one owner who counts
	for _, disabled := range [][]bool{{true, true, false}, {false, true, true}} {
		lines := NewMemberLines(v, clock())
		for i, off := range disabled {
			row := member(i+1, fmt.Sprintf("Ximena Herrera %d", i+1), "x@example.com", "owner", ago(time.Hour))
			row.Inactive = off
			got, page := lines.Line(row), NewMemberModel(MemberInput{Viewer: v, Member: row, Clock: clock()})
			open := got.Role.options != "" && got.Remove != ""
			if open != off || open != (len(page.Role.Offers) > 0) || open != (page.Remove != "") {
				t.Errorf("disabled %v: the row is open: %v, the page offers %d roles and %q to remove", off, open, len(page.Role.Offers), page.Remove)
			}
		}
	}
}

// What names somebody stands on their row alone.
func TestRowsNameTheirOwnMember(t *testing.T) {
	t.Parallel()
	lines := NewMemberLines(viewer(t, "pair", "owner"), clock())
	for i, name := range []string{"Ximena Herrera", "Theo Lang", "Ada Obi"} {
		got := lines.Line(member(i+1, name, "x@example.com", "owner", ago(time.Hour)))
		if !strings.Contains(got.Role.Why, name) {
			t.Errorf("the row of %s says %q", name, got.Role.Why)
		}
	}
}

package views

import (
	"strconv"
	"strings"

	"roster/team"
)

// RoleModel is what a changed role makes stale on the page: the row and the counts.
type RoleModel struct {
	Line  MemberLine
	Team  TeamModel
	Cards []RoleCard
}

// News is a message about a change, with the address that takes it back; "" where
// nothing does.
type News struct{ Kind, Text, Undo string }

// UndoPath is where an entry is undone; "" for none.
func UndoPath(v team.Viewer, number int64) string {
	if number == 0 {
		return ""
	}
	return PeoplePath(v) + "/undo/" + strconv.FormatInt(number, 10)
}

const undoKind = "undo-"

// UndoKind is the kind of a message for the next page that offers to undo an entry.
func UndoKind(number int64) string { return undoKind + strconv.FormatInt(number, 10) }

// undone returns the number in the kind of a message, "" where it offers nothing.
func undone(kind string) string {
	number, ok := strings.CutPrefix(kind, undoKind)
	if !ok {
		return ""
	}
	return number
}

func undoID(number int64) string { return undoKind + strconv.FormatInt(number, 10) }

func (n News) id() string { return undoKind + n.Undo[strings.LastIndexByte(n.Undo, '/')+1:] }

package views

import "roster/team"

// RoleConfirmModel asks before a role changes, where the scheme wants that (B3).
type RoleConfirmModel struct {
	Sheet        SheetModel
	Path         string
	Name         string
	Value        string // the role wanted
	Back         string // BackToMember, or the place on the team page, where the question came from there
	Will         string
	WillSays     string
	Gains, Loses []string
}

// NewRoleConfirm prepares that question.
func NewRoleConfirm(v team.Viewer, m team.MemberRow, to, back string, dialog bool) RoleConfirmModel {
	s := v.Scheme
	was, _ := s.Role(m.Role)
	will, _ := s.Role(to)
	path := PeoplePath(v)
	out := RoleConfirmModel{
		Path: path, Value: will.Key, Name: m.Name, Will: will.Label, WillSays: will.Description,
		Gains: missing(s, will, was), Loses: missing(s, was, will),
	}
	switch {
	case back == BackToMember:
		out.Path, out.Back = MemberPath(v, m.UserID), back
	case back != "":
		out.Path, out.Back = back, back
	}
	out.Sheet = SheetModel{
		ID: "role", Small: true, Dialog: dialog, Back: path, Action: path + "/members/" + m.UserID + "/role",
		Title: "Make " + m.Name + " " + will.Label + "?", Email: m.Email, Text: was.Label + " now",
	}
	return out
}

// listedMax is how many permissions a list names before it counts the rest.
const listedMax = 5

// missing lists in words what has holds and lacks does not.
func missing(s *team.Scheme, has, lacks team.Role) []string {
	var out []string
	for _, list := range [][]team.PermissionInfo{s.Permissions, s.OwnPermissions()} {
		for _, p := range list {
			if has.Has(p.Key) && !lacks.Has(p.Key) {
				out = append(out, p.Label)
			}
		}
	}
	if n := len(out) - listedMax; n > 1 {
		out = append(out[:listedMax], "And "+plural(n, "other thing", "other things"))
	}
	return out
}

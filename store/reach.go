package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roster/team"
)

// section is a part of the list of a child scope's people: those added to it, or
// those who come to it from one scope above. Each is read from the index of its
// own scope, so that inherited people are never expanded (F11).
type section struct {
	number int // 0: added to the scope itself; else how far above
	team.Reach
	lo, hi int64 // between these ranks are the roles that reach down
}

// sections takes the list apart, the nearest first, as a filter leaves it.
func sections(v team.Viewer, f team.MemberFilter) []section {
	var out []section
	if f.Source.Takes(team.Direct) {
		out = append(out, section{Reach: team.Reach{Place: v.Access.Scope}, hi: 1 << 30})
	}
	for _, r := range team.Reaches(v.Scheme, v.Path) {
		if narrow := newSection(v.Scheme, r.Narrowed(f)); narrow.hi >= narrow.lo {
			out = append(out, narrow)
		}
	}
	return out
}

func newSection(s *team.Scheme, r team.Reach) section {
	out := section{number: r.Steps, Reach: r, lo: 1 << 30, hi: -1}
	for key := range r.Worth {
		role, _ := s.Role(key)
		out.lo, out.hi = min(out.lo, int64(role.Rank)), max(out.hi, int64(role.Rank))
	}
	return out
}

// reachQuery composes the queries of the sections into one.
type reachQuery struct {
	db    *DB
	v     team.Viewer
	all   []team.Reach // unfiltered: a nearer membership counts whatever the filter
	now   int64
	args  []any
	parts []string
}

func (q *reachQuery) arg(value any) string {
	q.args = append(q.args, value)
	return `$` + strconv.Itoa(len(q.args))
}

func (q *reachQuery) text() string {
	if len(q.parts) == 1 {
		return q.parts[0]
	}
	for i, p := range q.parts {
		q.parts[i] = `SELECT * FROM (` + p + `) s` + strconv.Itoa(i)
	}
	return strings.Join(q.parts, ` UNION ALL `)
}

// reachColumns come before those of a member: the section, and what the person
// holds at each step of the way.
func (q *reachQuery) columns(s section) string {
	out := strconv.Itoa(s.number) + ` AS section`
	for i := range q.v.Path {
		out += fmt.Sprintf(`, COALESCE(p%[1]d.role, '') AS role%[1]d, COALESCE(p%[1]d.modules, '') AS modules%[1]d`, i)
	}
	return out + `, ` + memberColumns
}

// joins reads what a member m of a section holds on the way.
func (q *reachQuery) joins() string {
	var b strings.Builder
	b.WriteString(` JOIN users u ON u.id = m.user_id`)
	for i, p := range q.v.Path {
		alias := `p` + strconv.Itoa(i)
		b.WriteString(q.db.beside(`memberships `+alias, fmt.Sprintf(`%[1]s.scope_id = %[2]s AND %[1]s.user_id = m.user_id AND (%[1]s.expires_at = 0 OR %[1]s.expires_at > %[3]s)`,
			alias, q.arg(p.ScopeID), q.arg(q.now))))
	}
	return b.String()
}

// belongs says who stands in a section: its members with a role that reaches
// down, but those who stand in a nearer one.
func (q *reachQuery) belongs(s section) string {
	out := `m.scope_id = ` + q.arg(s.Place.ScopeID)
	if s.number == 0 {
		return out
	}
	last := len(q.v.Path) - 1
	out += ` AND (m.expires_at = 0 OR m.expires_at > ` + q.arg(q.now) + `) AND m.role IN (` + q.keys(s.Worth) + `)` + q.notIn(q.v.Path[last], nil)
	for _, near := range q.all {
		if near.Steps < s.number {
			out += q.notIn(near.Place, near.Worth)
		}
	}
	return out
}

// notIn leaves out who has a membership in a scope, with one of some roles if any
// are given.
func (q *reachQuery) notIn(p team.Place, roles map[string]team.Access) string {
	from := `memberships n WHERE n.user_id = m.user_id AND n.scope_id = ` + q.arg(p.ScopeID) + ` AND (n.expires_at = 0 OR n.expires_at > ` + q.arg(q.now) + `)`
	if roles != nil {
		from += ` AND n.role IN (` + q.keys(roles) + `)`
	}
	return ` AND ` + q.db.absent(from)
}

func (q *reachQuery) keys(worth map[string]team.Access) string {
	var marks []string
	for key := range worth {
		marks = append(marks, key)
	}
	slices.Sort(marks)
	for i, key := range marks {
		marks[i] = q.arg(key)
	}
	return strings.Join(marks, `, `)
}

// reached is a line with where it stands in the list.
type reached struct {
	team.MemberRow
	section int
}

// reachScan scans what columns lists.
func (q *reachQuery) scan(s scanner) (reached, error) {
	var out reached
	roles, modules := make([]string, len(q.v.Path)), make([]string, len(q.v.Path))
	head := []any{&out.section}
	for i := range q.v.Path {
		head = append(head, &roles[i], &modules[i])
	}
	row, err := newMemberScan().row(scanHead{s, head})
	if err != nil {
		return out, err
	}
	path := slices.Clone(q.v.Path)
	for i := range path {
		path[i].Role = roles[i]
		if path[i].Modules, err = parseModules(modules[i]); err != nil {
			return out, err
		}
	}
	access := team.Effective(q.v.Scheme, path)
	row.Access = &access
	out.MemberRow = row
	return out, nil
}

// scanHead scans further columns before those that another function scans.
type scanHead struct {
	scanner
	first []any
}

// Scan scans the further columns and dest.
func (h scanHead) Scan(dest ...any) error { return h.scanner.Scan(append(h.first, dest...)...) }

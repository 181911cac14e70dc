package handlers

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"roster/team"
)

// exportBatch is how many members an export reads at once.
const exportBatch = 200

// Export sends the list of members, as a search and filters leave it, as a file.
// Reading the list is not noted anywhere, and neither is this: it is the same.
func (h *Members) Export(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	f, err := memberFilter(v, c.QueryParams())
	if err != nil {
		return err
	}
	format := c.QueryParam("format")
	if format != "csv" && format != "json" {
		return team.Wrong("format", "format_unknown", "The list can be exported as csv or json.")
	}
	read := h.exported(c.Request().Context(), v, f)
	first, err := read("")
	if err != nil {
		return err
	}
	return sendFile(c, memberFile(v, format, h.Clock()), first, read)
}

// exported returns how to read a page of the export. Each asks anew who may: a
// removal ends an export under way (D1).
func (h *Members) exported(ctx context.Context, v team.Viewer, f team.MemberFilter) func(string) (team.Page[team.MemberRow], error) {
	f.Before, f.Limit = "", exportBatch
	return func(after string) (team.Page[team.MemberRow], error) {
		now, err := h.again(ctx, v)
		if err != nil {
			return team.Page[team.MemberRow]{}, err
		}
		f.After = after
		return h.Store.Members(ctx, now, now.ScopeID(), f)
	}
}

func memberFile(v team.Viewer, format string, now time.Time) file[team.MemberRow] {
	name := fileName(v.Organization.Slug, "members", now)
	if format == "json" {
		return file[team.MemberRow]{
			name: name + ".json", kind: kindJSON, head: "[\n", between: ",\n", tail: "\n]\n",
			line: func(m team.MemberRow) (string, error) { return jsonLine(newMemberLine(v.Scheme, m, now)) },
		}
	}
	return csvFile(name, []string{"name", "email", "role", "status", "joined", "last seen", "last sign-in", "address confirmed", "access ends", "id"},
		func(m team.MemberRow) []string {
			role, _ := v.Scheme.Role(m.Role)
			if m.Access != nil {
				role = m.Access.Role
			}
			return []string{
				m.Name, m.Email, role.Label, memberStatus(m), stampMillis(m.JoinedAt), stampMillis(m.LastSeenAt), stampMillis(m.SignInAt),
				strconv.FormatBool(m.Verified), stampMillis(m.ExpiresAt), m.UserID,
			}
		})
}

func memberStatus(m team.MemberRow) string {
	if m.Inactive {
		return string(team.StatusInactive)
	}
	return string(team.StatusActive)
}

// memberLine is a member as one JSON object, named as the API names it.
type memberLine struct {
	ID       string                `json:"id"`
	Email    string                `json:"email"`
	Name     string                `json:"name"`
	Role     string                `json:"role"`
	Scope    string                `json:"scope"`
	Source   team.Source           `json:"source"`
	Modules  map[string]team.Level `json:"modules,omitempty"`
	Status   string                `json:"status"`
	JoinedAt *string               `json:"joined_at"`
	SignInAt *string               `json:"last_sign_in_at"`
	SeenAt   *string               `json:"last_seen_at"`
	Online   bool                  `json:"online"`
	EndsAt   *string               `json:"expires_at"`
}

func newMemberLine(s *team.Scheme, m team.MemberRow, now time.Time) memberLine {
	l := memberLine{
		ID: m.UserID, Email: m.Email, Name: m.Name, Role: m.Role, Scope: m.ScopeID, Source: team.Direct, Modules: m.Modules, Status: memberStatus(m),
		JoinedAt: stampOrNull(m.JoinedAt), SignInAt: stampOrNull(m.SignInAt), SeenAt: stampOrNull(m.LastSeenAt), Online: m.Online(now), EndsAt: stampOrNull(m.ExpiresAt),
	}
	if m.Access != nil {
		l.Role, l.Scope, l.Source, l.Modules = m.Access.Role.Key, m.Access.Scope.ScopeID, m.Access.Source, m.Access.Modules
	}
	if len(s.Modules) == 0 {
		l.Modules = nil
	}
	return l
}

func stampOrNull(t time.Time) *string {
	text := strings.Replace(stampMillis(t), ".000Z", "Z", 1)
	if text == "" {
		return nil
	}
	return &text
}

package handlers

import (
	"strconv"
	"strings"
	"time"

	"roster/team"
)

// auditFile is how entries are written to a file.
func auditFile(v team.Viewer, format string, now time.Time) file[team.Record] {
	name := fileName(v.Organization.Slug, "audit", now)
	if format == team.FormatLines {
		return file[team.Record]{
			name: name + ".jsonl", kind: kindLines, tail: "",
			line: func(r team.Record) (string, error) {
				line, err := jsonLine(newAuditLine(v.Scheme, r))
				return line + "\n", err
			},
		}
	}
	return csvFile(name, auditColumns, func(r team.Record) []string { return auditRow(v.Scheme, r) })
}

// auditColumns are the columns of the table. New ones are added at the end:
// people's spreadsheets count on the others.
var auditColumns = []string{
	"entry", "time", "result", "action", "what", "who", "who id", "acting as", "ip address", "session",
	"about", "about kind", "about id", "before", "after", "rule", "scope", "hash", "token",
}

func auditRow(s *team.Scheme, r team.Record) []string {
	var before, after []string
	for _, c := range r.Changes {
		name := c.Field
		if c.Scope != "" {
			name += "@" + c.Scope
		}
		before, after = append(before, name+"="+c.Before), append(after, name+"="+c.After)
	}
	return []string{
		strconv.FormatInt(r.Seq, 10), stampMillis(r.At), string(r.Result), string(r.Action), team.Describe(s, r), r.Who(), r.Actor.UserID,
		string(r.Actor.Kind), r.Actor.Address, r.Actor.SessionID, r.About(), r.TargetKind, r.TargetID,
		strings.Join(before, "; "), strings.Join(after, "; "), r.Code, r.ScopeID, r.Hash, r.TokenName,
	}
}

// auditLine is an entry as one JSON object.
type auditLine struct {
	Entry   int64         `json:"entry"`
	Time    string        `json:"time"`
	Result  team.Result   `json:"result"`
	Action  team.Action   `json:"action"`
	What    string        `json:"what"`
	Who     auditWho      `json:"who"`
	About   auditAbout    `json:"about"`
	Changes []team.Change `json:"changes"`
	Rule    string        `json:"rule,omitempty"`
	Scope   string        `json:"scope,omitempty"`
	Hash    string        `json:"hash"`
}

type auditWho struct {
	Kind    team.ActorKind `json:"kind"`
	ID      string         `json:"id,omitempty"`
	Name    string         `json:"name,omitempty"`
	Address string         `json:"address,omitempty"`
	Session string         `json:"session,omitempty"`
	Token   string         `json:"token,omitempty"`
}

type auditAbout struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

func newAuditLine(s *team.Scheme, r team.Record) auditLine {
	l := auditLine{
		Entry: r.Seq, Time: stampMillis(r.At), Result: r.Result, Action: r.Action, What: team.Describe(s, r),
		Who:   auditWho{r.Actor.Kind, r.Actor.UserID, r.ActorName, r.Actor.Address, r.Actor.SessionID, r.TokenName},
		About: auditAbout{r.TargetKind, r.TargetID, r.TargetName}, Changes: r.Changes, Rule: r.Code, Scope: r.ScopeID, Hash: r.Hash,
	}
	if l.Changes == nil {
		l.Changes = []team.Change{} // a list, for whoever reads it
	}
	return l
}

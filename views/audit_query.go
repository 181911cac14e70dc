package views

import (
	"strconv"

	"roster/team"
)

// AuditQuery is what the address of a log's page asks for, as it was typed.
type AuditQuery struct {
	Person        string
	Action        team.Action
	Result        team.Result
	From, To      string // days
	After, Before string
}

// Href returns the address of a log's page that asks for the same.
func (q AuditQuery) Href(path string) string { return q.href(path) }

func (q AuditQuery) href(path string) string {
	return withQuery(path, "person", q.Person, "action", string(q.Action), "result", string(q.Result), "from", q.From, "to", q.To,
		"after", q.After, "before", q.Before)
}

// first is the same log from its start.
func (q AuditQuery) first() AuditQuery {
	q.After, q.Before = "", ""
	return q
}

func (q AuditQuery) filtered() bool {
	return q.Person != "" || q.Action != "" || q.Result != "" || q.From != "" || q.To != ""
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

package team

import (
	"strconv"
	"strings"
	"time"
)

// AuditFilter says which part of an audit log is wanted, newest first.
type AuditFilter struct {
	Person string // user id: who acted, or whom it was about
	Actor  string // user or token id: who acted; instead of Person
	Action Action
	Result Result
	Since  time.Time // inclusive; zero: from the start
	Until  time.Time // exclusive; zero: to the end
	After  string    // cursor of the page before, opaque
	Before string    // cursor of the page after
	Limit  int       // 50 if 0, at most AuditBatch
}

// Person is somebody whom an audit log can be narrowed to.
type Person struct{ ID, Name, Email string }

// PeopleFound is the most people that a name is looked up to.
const PeopleFound = 8

// AuditBatch is the most entries that are read at once.
const AuditBatch = 500

// ParseAuditFilter checks what came in from an address. Unknown actions and
// results are refused, not guessed.
func ParseAuditFilter(f AuditFilter) (AuditFilter, error) {
	if _, known := wordings[f.Action]; f.Action != "" && !known {
		return f, Wrong("action", "action_unknown", "There is no action “%s”. Choose one from the list.", cut(string(f.Action), 40))
	}
	switch f.Result {
	case "", Success, Failure:
	default:
		return f, Wrong("result", "result_unknown", "The result can be success or failure.")
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until) {
		return f, Wrong("to", "range_empty", "The first day comes after the last one. Turn them round.")
	}
	if f.Limit < 0 || f.Limit > AuditBatch {
		return f, Wrong("limit", "limit_range", "A page holds 1 to %d lines.", AuditBatch)
	}
	if f.Limit == 0 {
		f.Limit = 50
	}
	return f, nil
}

// ParseDay reads a day of a form, such as 2026-11-21, as the moment it begins in
// a time zone; "" is the zero time.
func ParseDay(field, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil || t.Year() < 1970 || t.Year() > 9998 {
		return time.Time{}, Wrong(field, "day_invalid", "“%s” is not a day. Type it like 2026-11-21.", cut(text, 20))
	}
	return t, nil
}

// AuditView says how much of the log an access shows: all of it, the activity
// without addresses and refused attempts, or nothing.
func (a Access) AuditView() (full bool, err error) {
	if a.Can(AuditView) {
		return true, nil
	}
	if a.Can(ActivityView) {
		return false, nil
	}
	if e := a.Require(AuditView); e != nil {
		return false, e
	}
	return false, nil
}

// Activity is what of a record they see who may see activity, not the audit
// log: no address, no session, no token.
func (r Record) Activity() Record {
	r.Actor.Address, r.Actor.SessionID, r.TokenName = "", "", ""
	if r.TargetKind == OnSession {
		r.TargetID = ""
	}
	r.Hash = ""
	return r
}

// The bounds of how long an organization keeps its audit log, in days.
const (
	KeepForever = 0
	KeepLeast   = 90
	KeepMost    = 36_500
)

// KeepAudit decides how long an organization keeps its audit log.
func KeepAudit(actor Party, organizationID string, before, after int) (Entry, error) {
	entry := Done(AuditKept, OnOrganization, organizationID, organizationID)
	if err := mayManage(actor); err != nil {
		return entry, err.Refused(entry)
	}
	if after != KeepForever && (after < KeepLeast || after > KeepMost) {
		return entry, Wrong("days", "kept_days_range", "The audit log is kept for at least %d days, and at most %s. Type a number between them, or keep everything.",
			KeepLeast, "36,500")
	}
	entry.Changes = []Change{{Field: "kept_days", Before: strconv.Itoa(before), After: strconv.Itoa(after)}}
	return entry, nil
}

// ParseKeptDays reads a number of days from a form.
func ParseKeptDays(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, Wrong("days", "kept_days_range", "Type how many days to keep entries for, %d at least.", KeepLeast)
	}
	return n, nil
}

// The forms of an exported audit log.
const (
	FormatCSV   = "csv"
	FormatLines = "jsonl" // one JSON object a line
)

// ExportAudit decides whether somebody may take a copy of the audit log.
func ExportAudit(actor Party, organizationID, format string) (Entry, error) {
	entry := Done(AuditExported, OnAudit, organizationID, organizationID, Change{Field: "format", After: format})
	if !actor.Operator {
		if err := actor.Access.Require(AuditView); err != nil {
			return entry, err.Refused(entry)
		}
	}
	if format != FormatCSV && format != FormatLines {
		return entry, Wrong("format", "format_unknown", "The audit log can be exported as csv or jsonl.")
	}
	return entry, nil
}

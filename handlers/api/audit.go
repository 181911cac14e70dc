package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"roster/team"
)

// AuditStore is what reading the audit log needs from the store.
type AuditStore interface {
	AuditEntries(ctx context.Context, v team.Viewer, f team.AuditFilter) (team.Page[team.Record], error)
	AuditPeople(ctx context.Context, v team.Viewer, text string) ([]team.Person, error)
}

// Entry is a line of the audit log.
type Entry struct {
	_       struct{}     `json:"-" additionalProperties:"true"`
	Entry   int64        `json:"entry" doc:"Its number in the log, from 1."`
	Time    time.Time    `json:"time"`
	Result  team.Result  `json:"result" enum:"success,failure"`
	Action  team.Action  `json:"action" example:"member.role_changed"`
	What    string       `json:"what" doc:"All of it in one sentence, with the names that hold now."`
	Who     EntryActor   `json:"who"`
	About   EntryTarget  `json:"about"`
	Changes []FieldShift `json:"changes" nullable:"false"`
	Rule    string       `json:"rule,omitempty" doc:"The rule that refused, with failure."`
	Scope   string       `json:"scope" doc:"Id of where it happened."`
	Hash    string       `json:"hash,omitempty" doc:"The link to the entry before, in hexadecimal; for who reads the whole log."`
}

// EntryActor is who did something.
type EntryActor struct {
	_       struct{}       `json:"-" additionalProperties:"true"`
	Kind    team.ActorKind `json:"kind" enum:"user,token,operator,system"`
	ID      string         `json:"id,omitempty" doc:"Of the account, or of the token."`
	Name    string         `json:"name,omitempty" doc:"Left out where the account is gone."`
	Address string         `json:"address,omitempty" doc:"IP address; for who reads the whole log."`
	Session string         `json:"session,omitempty"`
}

// EntryTarget is whom or what something was done to.
type EntryTarget struct {
	_    struct{} `json:"-" additionalProperties:"true"`
	Kind string   `json:"kind" example:"member"`
	ID   string   `json:"id,omitempty"`
	Name string   `json:"name,omitempty"`
}

// FieldShift is one value before and after.
type FieldShift struct {
	_      struct{} `json:"-" additionalProperties:"true"`
	Field  string   `json:"field" example:"role"`
	Scope  string   `json:"scope,omitempty" doc:"Where, in an entry about several scopes."`
	Before string   `json:"before,omitempty"`
	After  string   `json:"after,omitempty"`
}

type (
	auditAsked struct {
		InOrganization
		Paging
		Actor  string    `query:"actor" maxLength:"320" doc:"Who did it: id of an account or of a token, or the e-mail address of somebody that the log knows."`
		Action string    `query:"action" maxLength:"100" example:"member.role_changed"`
		Result string    `query:"result" enum:"success,failure"`
		Since  time.Time `query:"since" doc:"From this moment on."`
		Until  time.Time `query:"until" doc:"Before this moment."`
	}
	auditFound struct{ Body Page[Entry] }
)

func (a *API) audit() {
	subject := a.subject("Audit log", "Every change and every refused attempt, written in the same transaction.")
	register(a, operation{
		method: http.MethodGet, path: organizationPath + "/audit", id: "list-audit-entries", subject: subject,
		summary: "Read the audit log",
		about: "Newest first. With `audit.view` all of it; with `activity.view` alone what was done, without addresses, sessions and refused attempts. " +
			"Any filter costs the same, however long the log is.",
	}, a.listEntries)
}

func (a *API) listEntries(ctx context.Context, by *caller, in *auditAsked) (*auditFound, error) {
	v, err := a.viewer(ctx, by, in.Org, "")
	if err != nil {
		return nil, err
	}
	f := team.AuditFilter{
		Actor: in.Actor, Action: team.Action(in.Action), Result: team.Result(in.Result), Since: in.Since, Until: in.Until, After: in.After, Limit: in.Limit,
	}
	if strings.Contains(in.Actor, "@") {
		people, err := a.Store.AuditPeople(ctx, v, in.Actor)
		if err != nil {
			return nil, err
		}
		if len(people) != 1 {
			return &auditFound{Page[Entry]{Items: []Entry{}}}, nil // of nobody that the log knows
		}
		f.Actor = people[0].ID
	}
	page, err := a.Store.AuditEntries(ctx, v, f)
	if err != nil {
		return nil, named(err, auditField)
	}
	return &auditFound{pageOf(page, entryOf(v.Scheme))}, nil
}

// auditField names a field of the page's form as the address has it.
func auditField(field string) string {
	if field == "to" {
		return "until"
	}
	return field
}

func entryOf(s *team.Scheme) func(team.Record) Entry {
	return func(r team.Record) Entry {
		out := Entry{
			Entry: r.Seq, Time: r.At, Result: r.Result, Action: r.Action, What: team.Describe(s, r),
			Who:   EntryActor{Kind: r.Actor.Kind, ID: r.Actor.UserID, Name: r.ActorName, Address: r.Actor.Address, Session: r.Actor.SessionID},
			About: EntryTarget{Kind: r.TargetKind, ID: r.TargetID, Name: r.TargetName}, Changes: []FieldShift{}, Rule: r.Code, Scope: r.ScopeID, Hash: r.Hash,
		}
		for _, c := range r.Changes {
			out.Changes = append(out.Changes, FieldShift{Field: c.Field, Scope: c.Scope, Before: c.Before, After: c.After})
		}
		return out
	}
}

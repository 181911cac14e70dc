package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// AuditStore is what the audit log's page needs from the store.
type AuditStore interface {
	AuditEntries(ctx context.Context, v team.Viewer, f team.AuditFilter) (team.Page[team.Record], error)
	AuditPeople(ctx context.Context, v team.Viewer, text string) ([]team.Person, error)
	KeptDays(ctx context.Context, v team.Viewer) (int, error)
	RecordAuditExport(ctx context.Context, actor team.Actor, organizationID, format string) error
}

// Audit serves an organization's audit log: all of it, or to who may see no more
// the activity in it.
type Audit struct {
	Deps
	Store AuditStore
}

// Index draws the log, or what a filter or a page of it changes.
func (h *Audit) Index(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	full, err := v.Access.AuditView()
	if err != nil {
		return err
	}
	q := auditQuery(c.QueryParams())
	m, err := h.model(c.Request().Context(), v, full, q)
	code := http.StatusOK
	if e, ok := fieldError(err); ok {
		m, code = h.unread(v, full, q, e), status(e)
	} else if err != nil {
		return err
	}
	if wantsFragment(c.Request()) {
		c.Response().Header().Set("HX-Push-Url", q.Href(m.Path))
		return render(c, code, views.AuditFound(m))
	}
	app, err := h.appModel(c, v, "audit", m.Title)
	if err != nil {
		return err
	}
	return render(c, code, views.AuditPage(app, m))
}

func (h *Audit) model(ctx context.Context, v team.Viewer, full bool, q views.AuditQuery) (views.AuditModel, error) {
	in := h.input(v, full, q)
	f, err := auditFilter(q, in.Clock)
	if err != nil {
		return views.AuditModel{}, err
	}
	if in.People, err = h.people(ctx, v, q.Person); err != nil {
		return views.AuditModel{}, err
	}
	if len(in.People) == 1 {
		f.Person = in.People[0].ID
	}
	if q.Person == "" || f.Person != "" {
		if in.Page, err = h.Store.AuditEntries(ctx, v, f); err != nil {
			return views.AuditModel{}, err
		}
	}
	days := team.KeepForever
	if full {
		if days, err = h.Store.KeptDays(ctx, v); err != nil {
			return views.AuditModel{}, err
		}
	}
	in.Intro = views.NewAuditIntro(v, full, days)
	return views.NewAuditModel(in), nil
}

// unread is the page of filters that make no sense together.
func (h *Audit) unread(v team.Viewer, full bool, q views.AuditQuery, e *team.Error) views.AuditModel {
	in := h.input(v, full, q)
	in.Intro, in.Problem = views.NewAuditIntro(v, full, team.KeepForever), e.Message
	return views.NewAuditModel(in)
}

func (h *Audit) input(v team.Viewer, full bool, q views.AuditQuery) views.AuditInput {
	in := views.AuditInput{Scheme: v.Scheme, Path: views.AuditPath(v.Organization.Slug), Title: "Activity", Full: full, Query: q, Clock: h.clock(v.Account)}
	if full {
		in.Title = "Audit log"
	}
	return in
}

// people returns whom somebody means by an id, an address or a name.
func (h *Audit) people(ctx context.Context, v team.Viewer, text string) ([]team.Person, error) {
	if text == "" {
		return nil, nil
	}
	return h.Store.AuditPeople(ctx, v, text)
}

func auditQuery(q url.Values) views.AuditQuery {
	return views.AuditQuery{
		Person: strings.TrimSpace(q.Get("person")), Action: team.Action(q.Get("action")), Result: team.Result(q.Get("result")),
		From: q.Get("from"), To: q.Get("to"), After: q.Get("after"), Before: q.Get("before"),
	}
}

// auditFilter reads the days in the reader's time zone; the last one counts whole.
func auditFilter(q views.AuditQuery, clock views.Clock) (team.AuditFilter, error) {
	f := team.AuditFilter{Action: q.Action, Result: q.Result, After: q.After, Before: q.Before}
	var err error
	if f.Since, err = team.ParseDay("from", q.From, clock.Location()); err != nil {
		return f, err
	}
	last, err := team.ParseDay("to", q.To, clock.Location())
	if err != nil {
		return f, err
	}
	if !last.IsZero() {
		f.Until = last.AddDate(0, 0, 1)
	}
	return team.ParseAuditFilter(f)
}

// Export sends the entries that the filters leave as a file. It is a form, not a
// link, because the log notes who took a copy of it.
func (h *Audit) Export(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, format, q := c.Request().Context(), form.text("format"), auditQuery(form.values)
	f, err := auditFilter(q, h.clock(v.Account))
	if err != nil {
		return err
	}
	if err := h.Store.RecordAuditExport(ctx, h.actor(c), v.Organization.ID, format); err != nil {
		return err
	}
	people, err := h.people(ctx, v, q.Person)
	if err != nil {
		return err
	}
	read := h.reader(ctx, v, f, people, q.Person != "")
	first, err := read("")
	if err != nil {
		return err
	}
	return sendFile(c, auditFile(v, format, h.Clock()), first, read)
}

// reader returns how to read a page of the export. Each asks anew who may: a
// removal ends an export under way (D1).
func (h *Audit) reader(ctx context.Context, v team.Viewer, f team.AuditFilter, people []team.Person, oneOnly bool) func(string) (team.Page[team.Record], error) {
	f.Limit = team.AuditBatch
	return func(after string) (team.Page[team.Record], error) {
		if oneOnly && len(people) != 1 {
			return team.Page[team.Record]{}, nil // as the page shows it
		}
		if oneOnly {
			f.Person = people[0].ID
		}
		f.After = after
		now, err := h.Deps.Store.Viewer(ctx, v.Account.ID, v.Organization.Slug)
		if err != nil {
			return team.Page[team.Record]{}, err
		}
		if err := now.Access.Require(team.AuditView); err != nil {
			return team.Page[team.Record]{}, err
		}
		return h.Store.AuditEntries(ctx, now, f)
	}
}

// fileName names an export by what it is of and its day.
func fileName(slug, what string, now time.Time) string {
	return slug + "-" + what + "-" + now.UTC().Format(time.DateOnly)
}

package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// Mail lists the letters that wait, or those that were given up.
func (h *Admin) Mail(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	state, err := queueState(c)
	if err != nil {
		return err
	}
	ctx, f := c.Request().Context(), h.operatorPage(c, views.QueuePath(team.QueueWaiting))
	counts, err := h.Store.QueueCounts(ctx)
	if err != nil {
		return err
	}
	page, err := h.Store.MailQueue(ctx, h.operator(c), state, f)
	if err != nil {
		return err
	}
	return h.draw(c, http.StatusOK, "mail", "Mail", views.QueueBody(views.NewQueueModel(views.QueueInput{
		State: state, Counts: counts, Page: page,
		MailOn: h.Deps.Store.MailOn(), Clock: h.clock(a),
	})))
}

func queueState(c echo.Context) (team.QueueState, error) {
	switch s := team.QueueState(c.QueryParam("state")); s {
	case "", team.QueueWaiting:
		return team.QueueWaiting, nil
	case team.QueueFailed:
		return s, nil
	}
	return "", team.Wrong("state", "state_unknown", "The mail queue shows what is waiting or failed.")
}

// Retry has a letter tried again at once.
func (h *Admin) Retry(c echo.Context) error {
	return h.changeLetter(c, h.Store.RetryLetter, "The message is sent again now.")
}

// Cancel takes a letter out of the queue.
func (h *Admin) Cancel(c echo.Context) error {
	return h.changeLetter(c, h.Store.CancelLetter, "The message is out of the queue. It will not be sent.")
}

func (h *Admin) changeLetter(c echo.Context, change func(context.Context, team.Actor, string) error, text string) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := change(c.Request().Context(), h.operator(c), c.Param("id")); err != nil {
		return err
	}
	return h.flashed(c, text, h.listed(c, views.QueuePath(team.QueueWaiting)))
}

// Log draws the instance's own log: accounts, and what operators did.
func (h *Admin) Log(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	q := auditQuery(c.QueryParams())
	in := views.AuditInput{
		Scheme: &team.Scheme{}, Path: "/admin/audit", Title: "Log", Intro: "What happened to accounts, and what operators did. Organizations have logs of their own.",
		Full: true, Instance: true, Query: q, Clock: h.clock(a),
	}
	code := http.StatusOK
	if err := h.readLog(c, &in); err != nil {
		e, ok := fieldError(err)
		if !ok {
			return err
		}
		in.Problem, code = e.Message, status(e)
	}
	m := views.NewAuditModel(in)
	if wantsFragment(c.Request()) {
		c.Response().Header().Set("HX-Push-Url", q.Href(m.Path))
		return render(c, code, views.AuditFound(m))
	}
	return h.draw(c, code, "log", "Log", views.AuditBody(m))
}

func (h *Admin) readLog(c echo.Context, in *views.AuditInput) error {
	ctx, actor := c.Request().Context(), h.operator(c)
	f, err := auditFilter(in.Query, in.Clock)
	if err != nil {
		return err
	}
	if in.Query.Person != "" {
		if in.People, err = h.Store.InstancePeople(ctx, actor, in.Query.Person); err != nil || len(in.People) != 1 {
			return err
		}
		f.Person = in.People[0].ID
	}
	in.Page, err = h.Store.InstanceEntries(ctx, actor, f)
	return err
}

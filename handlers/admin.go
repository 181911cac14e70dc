package handlers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// AdminStore is what the pages for operators need from the store.
type AdminStore interface {
	InstanceTokensStore
	Health(ctx context.Context) (team.Health, error)
	CheckCounters(ctx context.Context, actor team.Actor) ([]string, error)
	AdminAccounts(ctx context.Context, actor team.Actor, f team.OperatorPage) (team.Page[team.AccountRow], error)
	DisableAccount(ctx context.Context, actor team.Actor, userID string) (team.Account, error)
	EnableAccount(ctx context.Context, actor team.Actor, userID string) (team.Account, error)
	AdminOrganizations(ctx context.Context, actor team.Actor, f team.OperatorPage) (team.Page[team.OrganizationRow], error)
	ChangePlan(ctx context.Context, actor team.Actor, organizationID, plan string) (team.Organization, error)
	QueueCounts(ctx context.Context) (team.QueueCounts, error)
	MailQueue(ctx context.Context, actor team.Actor, state team.QueueState, f team.OperatorPage) (team.Page[team.QueuedLetter], error)
	RetryLetter(ctx context.Context, actor team.Actor, id string) error
	CancelLetter(ctx context.Context, actor team.Actor, id string) error
	InstanceEntries(ctx context.Context, actor team.Actor, f team.AuditFilter) (team.Page[team.Record], error)
	InstancePeople(ctx context.Context, actor team.Actor, text string) ([]team.Person, error)
}

// Admin serves the pages of who runs the server. What they do there is noted as
// the operator's.
type Admin struct {
	Deps
	Store AdminStore
}

// Operator lets only those pass who run the server; to others there is nothing.
func (d Deps) Operator(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, err := d.account(c)
		if err == nil && !a.Operator {
			err = team.ErrNotFound
		}
		if err != nil {
			return err
		}
		return next(c)
	}
}

// operator is who acts, as one who runs the server.
func (h *Admin) operator(c echo.Context) team.Actor {
	a := h.actor(c)
	a.Kind = team.ByOperator
	return a
}

// operatorPage is the part of a list that is asked for, or, after a form, that the
// form was sent from.
func (d Deps) operatorPage(c echo.Context, path string) team.OperatorPage {
	q := c.QueryParams()
	if c.Request().Method == http.MethodPost { // drawn again, as it stood
		q = d.refererQuery(c, path)
	}
	return team.OperatorPage{Query: q.Get("q"), After: q.Get("after"), Before: q.Get("before")}
}

// draw draws a page for operators.
func (h *Admin) draw(c echo.Context, code int, section, title string, body templ.Component) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	app, err := h.frame(c, a, section, title)
	if err != nil {
		return err
	}
	app.Server = true
	return render(c, code, views.AdminPage(app, body))
}

// Health draws how the server is.
func (h *Admin) Health(c echo.Context) error { return h.drawHealth(c, nil) }

// checkPatience is how long counting a large server anew may take.
const checkPatience = 10 * time.Minute

// Check counts everything anew and says what differs. It reads all there is, so
// it is a form.
func (h *Admin) Check(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(checkPatience)); err != nil {
		return fmt.Errorf("wait for counters: %w", err)
	}
	list, err := h.Store.CheckCounters(c.Request().Context(), h.operator(c))
	if err != nil {
		return err
	}
	return h.drawHealth(c, &views.Counters{Differ: list})
}

func (h *Admin) drawHealth(c echo.Context, counters *views.Counters) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	health, err := h.Store.Health(c.Request().Context())
	if err != nil {
		return err
	}
	return h.draw(c, http.StatusOK, "health", "Health", views.HealthBody(views.NewHealthModel(health, counters, h.clock(a))))
}

// Accounts lists the accounts.
func (h *Admin) Accounts(c echo.Context) error { return h.drawAccounts(c, nil) }

func (h *Admin) drawAccounts(c echo.Context, wrong error) error {
	e, ok := fieldError(wrong)
	if wrong != nil && !ok {
		return wrong
	}
	a, err := h.account(c)
	if err != nil {
		return err
	}
	f := h.operatorPage(c, views.AccountsPath)
	page, err := h.Store.AdminAccounts(c.Request().Context(), h.operator(c), f)
	if err != nil {
		return err
	}
	code := http.StatusOK
	if e != nil {
		code = status(e)
	}
	return h.draw(c, code, "accounts", "Accounts", views.AccountsBody(views.NewAccountsModel(a.ID, f, page, h.clock(a), views.NewProblem(wrong))))
}

// Disable blocks an account.
func (h *Admin) Disable(c echo.Context) error {
	return h.changeAccount(c, h.Store.DisableAccount, " is disabled and signed out everywhere.")
}

// Enable lets somebody sign in again.
func (h *Admin) Enable(c echo.Context) error {
	return h.changeAccount(c, h.Store.EnableAccount, " can sign in again.")
}

func (h *Admin) changeAccount(c echo.Context, change func(context.Context, team.Actor, string) (team.Account, error), text string) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	a, err := change(c.Request().Context(), h.operator(c), c.Param("id"))
	if err != nil {
		return h.drawAccounts(c, err)
	}
	return h.flashed(c, a.Name+text, h.listed(c, views.AccountsPath))
}

// Organizations lists the organizations.
func (h *Admin) Organizations(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	f := h.operatorPage(c, views.AdminOrganizationsPath)
	page, err := h.Store.AdminOrganizations(c.Request().Context(), h.operator(c), f)
	if err != nil {
		return err
	}
	return h.draw(c, http.StatusOK, "organizations", "Organizations",
		views.AdminOrganizationsBody(views.NewAdminOrganizationsModel(f, page, h.Schemes, h.clock(a))))
}

// ChangePlan puts an organization on another plan.
func (h *Admin) ChangePlan(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	o, err := h.Store.ChangePlan(c.Request().Context(), h.operator(c), c.Param("id"), f.text("plan"))
	if err != nil {
		return err
	}
	label := o.Plan
	if s, ok := h.Schemes.Named(o.Scheme); ok {
		p, _ := s.Plan(o.Plan)
		label = p.Label
	}
	text := o.Name + " is on the plan " + label + " now."
	if wantsFragment(c.Request()) {
		return render(c, http.StatusOK, views.ToastOOB("ok", text))
	}
	return h.flashed(c, text, h.listed(c, views.AdminOrganizationsPath))
}

package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// TokensStore is what the page of API tokens needs from the store.
type TokensStore interface {
	Tokens(ctx context.Context, v team.Viewer, f team.TokenFilter) (team.Page[team.Token], error)
	Token(ctx context.Context, v team.Viewer, id string) (team.Token, error)
	CreateToken(ctx context.Context, actor team.Actor, organizationID string, in team.NewToken) (t team.Token, raw string, err error)
	RevokeToken(ctx context.Context, actor team.Actor, organizationID, tokenID string) (team.Token, error)
}

// Tokens serves the API tokens of an organization: everybody's own, and to who
// manages them those of the organization and of its members.
type Tokens struct {
	Deps
	Store TokensStore
}

// Index lists the tokens of one of the tabs.
func (h *Tokens) Index(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	m, err := h.model(c.Request().Context(), v, c.QueryParams())
	if err != nil {
		return err
	}
	if wantsFragment(c.Request()) {
		c.Response().Header().Set("HX-Push-Url", c.Request().URL.RequestURI())
		return render(c, http.StatusOK, views.TokenRows(m.List))
	}
	app, err := h.appModel(c, v, "api", m.Title)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.TokensPage(app, m))
}

func (h *Tokens) model(ctx context.Context, v team.Viewer, q url.Values) (views.TokensModel, error) {
	in := views.TokensInput{Viewer: v, Tab: q.Get("tab"), Clock: h.clock(v.Account)}
	f := team.TokenFilter{Kind: team.TokenPersonal, Members: in.Tab == views.TabMembersTokens, After: q.Get("after"), Before: q.Get("before")}
	switch in.Tab {
	case "", views.TabMembersTokens:
	case views.TabOwnTokens:
		f.Kind = team.TokenOrganization
	default:
		return views.TokensModel{}, team.Wrong("tab", "tab_unknown", "There is no such list of tokens. Choose from the tabs.")
	}
	var err error
	if in.Page, err = h.Store.Tokens(ctx, v, f); err != nil {
		return views.TokensModel{}, err
	}
	return views.NewTokensModel(in), nil
}

// shown is the list as it stands on the page that htmx sent a request from.
func (h *Tokens) shown(c echo.Context, v team.Viewer) (views.TokenList, error) {
	q := url.Values{}
	if u, err := url.Parse(c.Request().Header.Get("HX-Current-URL")); err == nil && u.Path == views.TokensPath(v.Organization.Slug) {
		q = u.Query()
	}
	m, err := h.model(c.Request().Context(), v, q)
	if _, nonsense := fieldError(err); nonsense {
		m, err = h.model(c.Request().Context(), v, nil)
	}
	return m.List, err
}

// New shows the form of a new token.
func (h *Tokens) New(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	kind := team.TokenKind(c.QueryParam("kind"))
	if kind == "" {
		kind = team.TokenPersonal
	}
	return h.form(c, v, views.NewTokenTyped(kind), nil)
}

// form draws the form of a new token, with what is wrong with it, to who may send it.
func (h *Tokens) form(c echo.Context, v team.Viewer, typed views.TokenTyped, wrong error) error {
	kind := team.TokenKind(typed.Kind)
	if !slices.Contains([]team.TokenKind{team.TokenOrganization, team.TokenPersonal}, kind) {
		return team.Wrong("kind", "kind_unknown", "There are personal tokens and tokens of the %s. Choose one of them.", v.Scheme.Noun.One)
	}
	if kind == team.TokenOrganization {
		if err := v.Access.Require(team.TokensManage); err != nil {
			return err
		}
	}
	e, ok := drawnAgain(c, wrong)
	if !ok && wrong != nil && refusal(wrong).Kind == team.Forbidden {
		e, wrong = refusal(wrong), team.Wrong("role", refusal(wrong).Code, "%s", refusal(wrong).Message)
	}
	code := http.StatusOK
	switch {
	case e != nil:
		code = status(e)
	case wrong != nil:
		return wrong
	}
	in := views.TokenFormInput{Viewer: v, Typed: typed, Back: h.back(v, kind), Dialog: wantsFragment(c.Request()), Problem: views.NewProblem(wrong)}
	m := views.NewTokenFormModel(in)
	return h.sheetIn(c, v, "api", code, m.Sheet.Title, views.TokenForm(m))
}

// back is the list that tokens of a kind stand in for who made them.
func (h *Tokens) back(v team.Viewer, kind team.TokenKind) string {
	path := views.TokensPath(v.Organization.Slug)
	if kind == team.TokenOrganization {
		path += "?tab=" + views.TabOwnTokens
	}
	return path
}

// Create makes a token, and shows it this once: no address, message or log has it.
func (h *Tokens) Create(c echo.Context) error {
	v, f, err := h.submitted(c)
	_, slow := tooSoon(c, err)
	if err != nil && !slow {
		return err
	}
	typed := typedToken(f)
	wish, raw := team.NewToken{}, ""
	if !slow {
		wish, err = wishedToken(v.Scheme, typed, h.clock(v.Account))
	}
	var t team.Token
	if err == nil {
		t, raw, err = h.Store.CreateToken(c.Request().Context(), h.actor(c), v.Organization.ID, wish)
	}
	if err != nil {
		return h.form(c, v, typed, err)
	}
	m := views.NewSecret(t, raw, h.BaseURL, v.Organization.Slug, h.back(v, t.Kind), wantsFragment(c.Request()), h.clock(v.Account))
	if !m.Sheet.Dialog {
		return h.sheetIn(c, v, "api", http.StatusOK, m.Sheet.Title, views.ShowSecret(m))
	}
	list, err := h.shown(c, v)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Both(views.ShowSecret(m), views.TokensStale(list)))
}

// typedToken is the form of a new token, as it came.
func typedToken(f form) views.TokenTyped {
	return views.TokenTyped{Kind: f.text("kind"), Name: f.text("name"), Role: f.text("role"), Ends: f.text("ends"), Day: f.text("day")}
}

// wishedToken reads what was typed. A role has to be chosen: none is never all.
// Scheme is nil for a token of the whole server, which has none.
func wishedToken(s *team.Scheme, typed views.TokenTyped, clock views.Clock) (team.NewToken, error) {
	in := team.NewToken{Kind: team.TokenKind(typed.Kind), Name: typed.Name, Role: typed.Role}
	var problems []error
	switch {
	case s == nil:
		in.Kind, in.Role = team.TokenInstance, ""
	case in.Kind == team.TokenPersonal && typed.Role == views.TokenAll:
		in.Role = ""
	case in.Kind == team.TokenPersonal && typed.Role == "":
		problems = append(problems, team.Wrong("role", "role_unknown", "Choose a role from the list."))
	}
	end, err := tokenEnd(typed, clock)
	if in.ExpiresAt = end; err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 { // and what the store would say next
		if _, err := team.TokenName(typed.Name); err != nil {
			problems = append([]error{err}, problems...)
		}
	}
	return in, errors.Join(problems...)
}

// tokenEnd reads when a token ends: after some days, with a day in the reader's
// time zone, or never.
func tokenEnd(typed views.TokenTyped, clock views.Clock) (time.Time, error) {
	switch {
	case typed.Ends == views.EndsNever:
		return time.Time{}, nil
	case typed.Ends == views.EndsOnDay:
		day, err := team.ParseDay("day", typed.Day, clock.Location())
		if err == nil && day.IsZero() {
			err = team.Wrong("day", "day_missing", "Choose the last day that it works.")
		}
		return day.AddDate(0, 0, 1), err
	case slices.Contains(views.TokenDays, typed.Ends):
		days, err := strconv.Atoi(typed.Ends)
		return clock.Now().AddDate(0, 0, days), err
	}
	return time.Time{}, team.Wrong("ends", "ends_unknown", "Choose when the token ends.")
}

// AskRevoke asks before a token ends.
func (h *Tokens) AskRevoke(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	t, err := h.Store.Token(c.Request().Context(), v, c.Param("id"))
	if err != nil {
		return err
	}
	m := views.NewRevocation(views.TokensInput{Viewer: v, Clock: h.clock(v.Account)}.Line(t), h.listOf(v, t), wantsFragment(c.Request()))
	return h.sheetIn(c, v, "api", http.StatusOK, m.Sheet.Title, views.RevocationForm(m))
}

// listOf is the list that a token stands in for a viewer.
func (h *Tokens) listOf(v team.Viewer, t team.Token) string {
	if t.Kind == team.TokenPersonal && t.UserID != v.Account.ID {
		return views.TokensPath(v.Organization.Slug) + "?tab=" + views.TabMembersTokens
	}
	return h.back(v, t.Kind)
}

// Revoke ends a token. The next request with it is refused.
func (h *Tokens) Revoke(c echo.Context) error {
	v, _, err := h.submitted(c)
	if err != nil {
		return err
	}
	t, err := h.Store.RevokeToken(c.Request().Context(), h.actor(c), v.Organization.ID, c.Param("id"))
	closeDialog(c)
	if err != nil {
		return err
	}
	text := views.RevokedText(t)
	if !wantsFragment(c.Request()) {
		return h.flashed(c, text, h.listOf(v, t))
	}
	c.Response().Header().Set("HX-Reswap", "none")
	list, err := h.shown(c, v)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.TokensChanged(list, text))
}

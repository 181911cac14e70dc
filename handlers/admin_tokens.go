package handlers

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// InstanceTokensStore is what the tokens for the whole server need from the store.
type InstanceTokensStore interface {
	InstanceTokens(ctx context.Context, actor team.Actor, f team.TokenFilter) (team.Page[team.Token], error)
	InstanceToken(ctx context.Context, actor team.Actor, id string) (team.Token, error)
	CreateInstanceToken(ctx context.Context, actor team.Actor, in team.NewToken) (t team.Token, raw string, err error)
	RevokeInstanceToken(ctx context.Context, actor team.Actor, tokenID string) (team.Token, error)
}

// Tokens lists the tokens for the whole server.
func (h *Admin) Tokens(c echo.Context) error {
	q := c.QueryParams()
	m, err := h.tokensModel(c, team.TokenFilter{After: q.Get("after"), Before: q.Get("before")})
	if err != nil {
		return err
	}
	if wantsFragment(c.Request()) {
		c.Response().Header().Set("HX-Push-Url", c.Request().URL.RequestURI())
		return render(c, http.StatusOK, views.TokenRows(m.List))
	}
	return h.draw(c, http.StatusOK, "tokens", m.Title, views.TokensBody(m))
}

func (h *Admin) tokensModel(c echo.Context, f team.TokenFilter) (views.TokensModel, error) {
	a, err := h.account(c)
	if err != nil {
		return views.TokensModel{}, err
	}
	page, err := h.Store.InstanceTokens(c.Request().Context(), h.operator(c), f)
	return views.NewAdminTokensModel(a.ID, page, h.clock(a)), err
}

// NewToken shows the form of a new one.
func (h *Admin) NewToken(c echo.Context) error {
	return h.tokenForm(c, views.NewTokenTyped(team.TokenInstance), nil)
}

func (h *Admin) tokenForm(c echo.Context, typed views.TokenTyped, wrong error) error {
	typed.Kind = ""
	code := http.StatusOK
	if wrong != nil {
		e, ok := drawnAgain(c, wrong)
		if !ok {
			return wrong
		}
		code = status(e)
	}
	m := views.NewTokenFormModel(views.TokenFormInput{Typed: typed, Back: views.AdminTokensPath, Dialog: wantsFragment(c.Request()), Problem: views.NewProblem(wrong)})
	return h.sheet(c, code, m.Sheet.Title, views.TokenForm(m))
}

// sheet draws a form that is a page of its own without htmx.
func (h *Admin) sheet(c echo.Context, code int, title string, sheet templ.Component) error {
	if wantsFragment(c.Request()) {
		return render(c, code, sheet)
	}
	return h.draw(c, code, "tokens", title, sheet)
}

// CreateToken makes a token for the whole server, and shows it this once.
func (h *Admin) CreateToken(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	f, err := readForm(c)
	_, slow := tooSoon(c, err)
	if err != nil && !slow {
		return err
	}
	typed, wish := typedToken(f), team.NewToken{}
	if !slow {
		wish, err = wishedToken(nil, typed, h.clock(a))
	}
	var t team.Token
	raw := ""
	if err == nil {
		t, raw, err = h.Store.CreateInstanceToken(c.Request().Context(), h.operator(c), wish)
	}
	if err != nil {
		return h.tokenForm(c, typed, err)
	}
	m := views.NewSecret(t, raw, h.BaseURL, "", views.AdminTokensPath, wantsFragment(c.Request()), h.clock(a))
	if !m.Sheet.Dialog {
		return h.sheet(c, http.StatusOK, m.Sheet.Title, views.ShowSecret(m))
	}
	page, err := h.tokensModel(c, team.TokenFilter{})
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Both(views.ShowSecret(m), views.TokensStale(page.List)))
}

// AskRevokeToken asks before a token for the whole server ends.
func (h *Admin) AskRevokeToken(c echo.Context) error {
	a, err := h.account(c)
	if err != nil {
		return err
	}
	t, err := h.Store.InstanceToken(c.Request().Context(), h.operator(c), c.Param("id"))
	if err != nil {
		return err
	}
	m := views.NewRevocation(views.AdminTokenLine(t, a.ID, h.clock(a)), views.AdminTokensPath, wantsFragment(c.Request()))
	return h.sheet(c, http.StatusOK, m.Sheet.Title, views.RevocationForm(m))
}

// RevokeToken ends one.
func (h *Admin) RevokeToken(c echo.Context) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	t, err := h.Store.RevokeInstanceToken(c.Request().Context(), h.operator(c), c.Param("id"))
	closeDialog(c)
	if err != nil {
		return err
	}
	if !wantsFragment(c.Request()) {
		return h.flashed(c, views.RevokedText(t), views.AdminTokensPath)
	}
	c.Response().Header().Set("HX-Reswap", "none")
	page, err := h.tokensModel(c, team.TokenFilter{})
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.TokensChanged(page.List, views.RevokedText(t)))
}

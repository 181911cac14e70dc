package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
)

// CheckStore is what access checks for proxies need from the store.
type CheckStore interface {
	SessionEntrant(ctx context.Context, key, organization, scopeID string) (team.Entrant, error)
	TokenEntrant(ctx context.Context, raw, organization, scopeID string) (team.Entrant, error)
	Seen(organizationID, userID, sessionID, address string)
}

// Check answers proxies whether who came to them may go on (F3, forward-auth).
type Check struct {
	Deps
	Store    CheckStore
	Key      func(*http.Request) string // of the session that a request brings, "" for none
	Original func(*http.Request) string // the address that a trusted proxy asks about, "" for none
}

// The names of what a check says about who may go on.
const (
	headerUser  = "X-Roster-User"
	headerEmail = "X-Roster-Email"
	headerRole  = "X-Roster-Role"
	headerScope = "X-Roster-Scope"
)

var errKeptOut = team.Refuse(team.Forbidden, "not_allowed", "You don’t have access to this. Ask somebody who manages the team.")

const plainKey = "plain"

// PlainError is Error with a line of text instead of a page: whoever asked shows it
// to people elsewhere, where our pages have no styles.
func PlainError(err error, c echo.Context) {
	c.Set(plainKey, true)
	Error(err, c)
}

// checkQuery is what a proxy asks.
type checkQuery struct {
	team.Asked
	organization, scope string
	redirect            bool // whoever is signed out is to be sent to sign in
}

// Answer says 200 and who it is, 401 to whoever is signed out, and 403 to everybody
// else: to members without the permission, to outsiders, and where there is no such
// organization or place, all alike (rule 8). It is the truth of this moment, and
// counts as having been here (rule 12).
func (h *Check) Answer(c echo.Context) error {
	q, err := readCheck(c.QueryParams())
	if err != nil {
		return err
	}
	e, err := h.entrant(c.Request(), q)
	switch {
	case err != nil && team.Explain(err).Kind != team.SignedOut:
		return err
	case err != nil, e.Account.ID == "" && e.Token == nil:
		return h.signedOut(c, q)
	}
	access := e.Access()
	if access.None() {
		return errKeptOut
	}
	if e.Token == nil { // a program is not the person
		h.Store.Seen(e.Organization.ID, e.Account.ID, e.SessionID, c.RealIP())
	}
	question, err := q.In(e.Scheme)
	if err != nil {
		return err
	}
	if !question.Allows(access) {
		return errKeptOut
	}
	if e.Account.VerifiedAt.IsZero() && h.Deps.Store.MailOn() { // who typed it may not own it: the site must not take them for who does (S14)
		e.Account.EmailKey = ""
	}
	identify(c.Response().Header(), e, access)
	return c.NoContent(http.StatusOK)
}

// entrant reads who it is, as they stand in what is asked for: by a token of ours,
// which somebody means who sends one, else by the session. Tokens of the site behind
// the proxy are not ours to read. Either is read with the rest, in one statement.
func (h *Check) entrant(r *http.Request, q checkQuery) (team.Entrant, error) {
	if raw := ownToken(r); raw != "" {
		return h.Store.TokenEntrant(r.Context(), raw, q.organization, q.scope)
	}
	key := h.Key(r)
	if key == "" {
		return team.Entrant{}, nil
	}
	return h.Store.SessionEntrant(r.Context(), key, q.organization, q.scope)
}

// ownToken returns what a request brings as a token of ours, "" for none.
func ownToken(r *http.Request) string {
	for _, value := range r.Header.Values(echo.HeaderAuthorization) {
		if scheme, raw, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(raw, "roster_") {
			return raw
		}
	}
	return ""
}

// readCheck reads what is asked. A word that is not known, or that stands there
// without a value, is refused: a mistake in a proxy's settings must never ask for
// less than was meant.
func readCheck(values url.Values) (checkQuery, error) {
	var q checkQuery
	redirect := ""
	fields := map[string]*string{
		"org": &q.organization, "scope": &q.scope, "permission": &q.Permission, "module": &q.Module, "level": &q.Level, "redirect": &redirect,
	}
	for name := range values {
		field, known := fields[name]
		if !known {
			return q, team.Wrong(shown(name), "field_unknown", "There is nothing called “%s” to ask for. It takes org, permission (or module and level), scope and redirect.", shown(name))
		}
		if *field = values.Get(name); *field == "" {
			return q, team.Wrong(name, "field_empty", "“%s” is there, but empty.", name)
		}
	}
	if q.organization == "" {
		return q, team.Wrong("org", "field_missing", "Say which organization is asked about: org, its id or its part of the address.")
	}
	if redirect != "" && redirect != "1" {
		return q, team.Wrong("redirect", "field_unknown", "“redirect” is 1, or not there.")
	}
	q.redirect = redirect == "1"
	return q, q.Whole()
}

// signedOut says so; where that is asked for, and a browser can follow, by the way
// to sign in and come back.
func (h *Check) signedOut(c echo.Context, q checkQuery) error {
	r := c.Request()
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="Roster"`)
	if ownToken(r) != "" { // a program
		return team.ErrSignedOut
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); !q.redirect || mode != "" && mode != "navigate" { // a script can’t follow
		return team.ErrSignedOut
	}
	back := h.Original(r)
	if m := method(r); m != http.MethodGet && m != http.MethodHead {
		back = r.Referer() // the page that held the form
	}
	return c.Redirect(http.StatusFound, h.BaseURL+withNext("/signin", team.ReturnTo(back, h.ReturnOrigins)))
}

// method is the one by which the proxy was asked.
func method(r *http.Request) string {
	for _, name := range []string{"X-Forwarded-Method", "X-Original-Method"} {
		if m := r.Header.Get(name); m != "" {
			return m
		}
	}
	return r.Method
}

// identify tells the proxy who it is. The site behind it trusts these lines, all of
// which are always there: a proxy replaces what a visitor sent under their names. A
// token that is nobody’s goes by its own id and has no address.
func identify(header http.Header, e team.Entrant, access team.Access) {
	id := e.Account.ID
	if id == "" {
		id = e.Token.ID
	}
	values := [4]string{inHeader(id), inHeader(e.Account.EmailKey), inHeader(access.Role.Key), inHeader(access.Scope.ScopeID)}
	for i, name := range [4]string{headerUser, headerEmail, headerRole, headerScope} {
		header[name] = values[i : i+1 : i+1]
	}
}

// inHeader keeps what a line of a header can’t hold out of it. None of what is put
// there has any: ids and keys are ours, and addresses are compared in ASCII.
func inHeader(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return value
}

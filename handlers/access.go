package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/team"
	"roster/views"
)

// AccessStore is what the access explorer needs from the store.
type AccessStore interface {
	ViewerAt(ctx context.Context, v team.Viewer, scopeID string) (team.Viewer, error)
	FindPlaces(ctx context.Context, v team.Viewer, text string) ([]team.Scope, error)
	FindPeople(ctx context.Context, v team.Viewer, text string) ([]team.MemberRow, error)
	AccessOf(ctx context.Context, v team.Viewer, userID string) (team.AskedFor, error)
}

// Access serves the page that answers what somebody may do where, and why (F2).
type Access struct {
	Deps
	Store AccessStore
}

// Show draws the question and, once it names a person and a place, the answer.
// What is not there is said beside its field.
func (h *Access) Show(c echo.Context) error {
	v, err := h.viewer(c)
	if err != nil {
		return err
	}
	in, err := h.asked(c, v)
	if err != nil {
		return err
	}
	code := http.StatusOK
	if in.Problem.Any() {
		code = http.StatusUnprocessableEntity
	}
	section := "roles"
	if v.Below() {
		section = views.PeopleSection(v)
	}
	app, err := h.appModel(c, v, section, "Check access")
	if err != nil {
		return err
	}
	return render(c, code, views.AccessPage(app, views.NewAccessModel(in)))
}

// asked reads the question: what is asked, then where, then about whom.
func (h *Access) asked(c echo.Context, v team.Viewer) (views.AccessInput, error) {
	in := views.AccessInput{Viewer: v, At: v}
	q := c.QueryParams()
	for name := range q {
		if err := CheckText(name, q.Get(name)); err != nil {
			return in, err
		}
	}
	var err error
	if in.Question, err = team.ParseQuestion(v.Scheme, q.Get("what")); err != nil {
		in.Problem = in.Problem.With(err)
		in.Question, _ = team.ParseQuestion(v.Scheme, "")
	}
	ctx := c.Request().Context()
	if err := h.place(ctx, &in, q); err != nil {
		return in, err
	}
	return in, h.person(ctx, &in, q)
}

// kept returns the id that was chosen before, where the text beside it still says
// so: an address alone keeps it too.
func kept(q url.Values, text, id string) string {
	if q.Has(text) && strings.TrimSpace(q.Get(text)) != q.Get(id+"_text") {
		return ""
	}
	return q.Get(id)
}

// place finds where access is asked for: the chosen scope, one whose name was
// typed, or where the viewer stands.
func (h *Access) place(ctx context.Context, in *views.AccessInput, q url.Values) error {
	in.Place = strings.TrimSpace(q.Get("place"))
	if id := q.Get("scope"); id != "" { // of what was chosen before, names are looked for inside it
		at, err := h.Store.ViewerAt(ctx, in.Viewer, id)
		switch {
		case err == nil:
			in.At = at
		case team.Explain(err).Kind != team.NotFound:
			return err
		case kept(q, "place", "scope") != "":
			in.Problem = in.Problem.With(noSuchPlace(in.Place))
		}
	}
	if kept(q, "place", "scope") != "" || in.Place == "" {
		if in.Place == "" && q.Has("place") {
			in.At = in.Viewer
		}
		return nil
	}
	found, err := h.Store.FindPlaces(ctx, in.At, in.Place)
	if err != nil {
		return wrongField(in, "place", err)
	}
	in.Places = found
	for _, s := range found {
		if len(found) == 1 || strings.EqualFold(s.Name, in.Place) {
			at, err := h.Store.ViewerAt(ctx, in.Viewer, s.ID)
			if err == nil {
				in.At, in.Places = at, nil
			}
			return err
		}
	}
	if len(found) == 0 {
		in.Problem = in.Problem.With(noSuchPlace(in.Place))
	}
	return nil
}

func noSuchPlace(text string) error {
	return team.Wrong("place", "scope_unknown", "There is no “%s” here that you know of. Look for it from the place that it is in.", shown(text))
}

// person finds whose access is asked for, and what it is there.
func (h *Access) person(ctx context.Context, in *views.AccessInput, q url.Values) error {
	in.Person = strings.TrimSpace(q.Get("person"))
	id := kept(q, "person", "user")
	if id == "" && in.Person == "" {
		id = in.Viewer.Account.ID
	}
	if id == "" {
		people, err := h.Store.FindPeople(ctx, in.At, in.Person)
		if err != nil {
			return wrongField(in, "q", err)
		}
		for _, m := range people {
			if len(people) == 1 && !strings.Contains(in.Person, "@") || strings.EqualFold(m.Email, in.Person) {
				id = m.UserID
			}
		}
		if in.People = people; id == "" && len(people) > 0 {
			return nil
		}
		in.People = nil
	}
	if in.Problem.Any() || len(in.Places) > 0 {
		return nil
	}
	if id == "" {
		id = "nobody"
	}
	asked, err := h.Store.AccessOf(ctx, in.At, id)
	if err != nil {
		return h.unknownPerson(in, err)
	}
	in.Asked = &asked
	return nil
}

// unknownPerson says beside the field that nobody is there, or that one may ask
// about oneself alone.
func (h *Access) unknownPerson(in *views.AccessInput, err error) error {
	e := team.Explain(err)
	switch e.Kind {
	case team.NotFound:
		in.Problem = in.Problem.With(team.Wrong("person", "person_unknown", "There is nobody like that in %s. Search for a name or an address.", in.At.PlaceName()))
	case team.Forbidden:
		in.Problem = in.Problem.With(team.Wrong("person", e.Code, "%s Your own access is yours to see: leave the field empty.", e.Message))
	default:
		return err
	}
	return nil
}

// wrongField puts what is wrong with a search beside its field.
func wrongField(in *views.AccessInput, field string, err error) error {
	e, ok := fieldError(err)
	if !ok {
		return err
	}
	if field == "q" {
		field = "person"
	}
	in.Problem = in.Problem.With(team.Wrong(field, e.Code, "%s", e.Message))
	return nil
}

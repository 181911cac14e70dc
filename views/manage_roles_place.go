package views

import (
	"strconv"

	"roster/team"
)

// place prepares one scope of the form.
func (w *weighing) place(at team.Standing, chosen string) RolePlace {
	now := at.Place()
	path := w.change.After(at.Path)
	to := path[len(path)-1]
	p := RolePlace{
		ID: now.ScopeID, Name: now.Name, About: aboutPlace(w.s, at.Path), Chosen: now.ScopeID == chosen, Was: now.Stamp(),
		Depth: "in-" + strconv.Itoa(len(at.Path)-w.depth()), Now: w.standing(path), Changed: to.Stamp() != now.Stamp(),
		Wrong: w.in.Problem.at(team.RoleField(now.ScopeID)),
	}
	offer := w.in.Access.Offer(w.s, now.ScopeID)
	if offer.Locked != nil {
		p.Locked, p.Steps = isolate(offer.Locked.Message, w.in.Access.Person.Name), newWhy(offer.Locked.Trace)
		p.Only = "No role of their own"
		if r, ok := w.s.Role(now.Role); ok {
			p.Only = r.Label
		}
		p.Was = "" // nothing of it is sent
	} else {
		p.Roles, p.Dialog = w.roles(at, offer, to), w.in.Dialog
		if now.Kind == team.OrganizationKind && now.Role != "" {
			p.Remove, p.Person = removePath(w.in.Viewer, now, w.in.Access.Person.UserID), team.FirstName(w.in.Access.Person.Name)
		}
	}
	for _, m := range w.s.Modules {
		p.Modules = append(p.Modules, w.module(m, path, to, offer))
	}
	return p
}

// depth is how many scopes stand above the root, the root counted.
func (w *weighing) depth() int { return len(w.in.Access.At[w.in.Access.Root].Path) }

// roles are the choices of one scope. Below the organization there can be none.
func (w *weighing) roles(at team.Standing, offer team.AccessOffer, to team.Place) []PlaceRole {
	id := at.Place().ScopeID
	var out []PlaceRole
	for _, o := range offer.Roles {
		r := PlaceRole{
			ID: "role-" + id + "-" + o.Role.Key, Value: o.Role.Key, Label: o.Role.Label, Says: firstSentence(o.Role.Description),
			Checked: o.Role.Key == to.Role, Plain: o.Role.All,
		}
		if o.Locked != nil {
			r.Locked = isolate(o.Locked.Message, w.in.Access.Person.Name)
		}
		out = append(out, r)
	}
	if at.Place().Kind == team.OrganizationKind && at.Place().Role != "" {
		return out // that is removing them, which is asked for elsewhere
	}
	none := PlaceRole{ID: "role-" + id + "-none", Value: team.NoRole, Label: "None here", Says: w.without(at), Checked: to.Role == "", Plain: true}
	if offer.None != nil {
		none.Locked = isolate(offer.None.Message, w.in.Access.Person.Name)
	}
	return append(out, none)
}

// without says what counts in a scope without a role of one’s own there (C10).
func (w *weighing) without(at team.Standing) string {
	path := w.change.After(at.Path)
	last := len(path) - 1
	path[last].Role, path[last].Modules = "", nil
	if acc := team.Effective(w.s, path); !acc.None() {
		return "Falls back to what is inherited: " + acc.Role.Label + "."
	}
	if last == 0 {
		return "No access to the " + w.s.Noun.One + " itself."
	}
	return "Nothing is inherited here: no access."
}

var levelNames = []team.Level{team.LevelNone, team.LevelRead, team.LevelWrite}

// module prepares the levels of one module, as they stand with what was chosen.
// Who has no role yet, or one with which modules mean nothing, is offered what
// comes with the least role.
func (w *weighing) module(m team.Module, path []team.Place, to team.Place, offer team.AccessOffer) PlaceModule {
	p := PlaceModule{Key: m.Key, Label: m.Label, Locked: map[string]bool{}}
	level := to.Modules[m.Key]
	if role, ok := w.s.Role(to.Role); !ok || role.All && len(to.Modules) == 0 {
		level = w.s.ModuleDefaults(w.s.Least(to.Kind))[m.Key]
	}
	if typed, ok := w.wishes[to.ScopeID].Modules[m.Key]; ok {
		level = typed
	}
	for _, l := range levelNames {
		p.Levels = append(p.Levels, Option{Value: string(l), Label: upperFirst(string(l)), Selected: l == level || l == team.LevelNone && level == ""})
		p.Locked[string(l)] = l != team.LevelNone && l != level && !offer.Levels[m.Key].AtLeast(l)
	}
	counts, source, from := team.LevelOrigin(w.s, path, m.Key)
	p.Now = Standing{Label: upperFirst(string(counts))}
	p.Now.Source, p.Now.From = w.source(source, from)
	return p
}

// standing is what somebody is worth at the end of a path.
func (w *weighing) standing(path []team.Place) Standing {
	acc := team.Effective(w.s, path)
	if acc.None() {
		return Standing{Label: "No access"}
	}
	out := Standing{Label: acc.Role.Label}
	out.Source, out.From = w.source(acc.Source, team.RoleOrigin(w.s, path))
	return out
}

// source says how access came about, and from where. Where the viewer knows
// nothing of what is above, it is “from above” (D1).
func (w *weighing) source(src team.Source, from team.Place) (word, place string) {
	switch src {
	case team.Direct:
		return "Direct", ""
	case team.NoAccess:
		return "", ""
	case team.Managing:
		word = "Organization role"
	case team.Inherited:
		word = "Inherited"
	}
	v := w.in.Viewer
	for i := range v.Path {
		if v.Path[i].ScopeID == from.ScopeID && v.At(i).Access.None() {
			return word, "above"
		}
	}
	return word, from.Name
}

// rolesShown is how many changes a preview lists before it folds the others.
const rolesShown = 6

// preview says what would change: what was chosen, and what follows from it in
// the other places of the form.
func (w *weighing) preview() RolesPreview {
	var p RolesPreview
	if w.err != nil {
		p.Refused = team.Explain(w.err).Message
		return p
	}
	names, touched := map[string]string{}, map[string]bool{}
	for _, at := range w.in.Access.At {
		names[at.Place().ScopeID] = at.Place().Name
	}
	for _, n := range team.AccessNewsOf(w.s, w.change.Entry.Changes) {
		touched[n.ScopeID+n.Module] = true
		p.Lines = append(p.Lines, RolesLine{Place: names[n.ScopeID], What: module(n.Module), Before: orWord(n.Before, "none here"), After: orWord(n.After, "none here")})
	}
	if len(p.Lines) == 0 {
		return p
	}
	for _, at := range w.in.Access.Places {
		w.follows(&p, at, touched)
	}
	if len(p.Lines) > rolesShown+1 {
		p.Lines, p.More = p.Lines[:rolesShown], p.Lines[rolesShown:]
	}
	return p
}

// follows adds what changes in a place because something above it does.
func (w *weighing) follows(p *RolesPreview, at team.Standing, touched map[string]bool) {
	place, path := at.Place(), w.change.After(at.Path)
	before, after := w.standing(at.Path), w.standing(path)
	if before.Label != after.Label && !touched[place.ScopeID] {
		p.Lines = append(p.Lines, RolesLine{Place: place.Name, Before: before.Label, After: after.Label, Follows: true})
	}
	for _, m := range w.s.Modules {
		was, _, _ := team.LevelOrigin(w.s, at.Path, m.Key)
		is, _, _ := team.LevelOrigin(w.s, path, m.Key)
		if was != is && !touched[place.ScopeID+m.Label] && !touched[place.ScopeID] {
			p.Lines = append(p.Lines, RolesLine{Place: place.Name, What: module(m.Label), Before: upperFirst(string(was)), After: upperFirst(string(is)), Follows: true})
		}
	}
}

// module is how a line says which module it is about.
func module(label string) string {
	if label == "" {
		return ""
	}
	return ", " + label
}

func orWord(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

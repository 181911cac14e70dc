package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"roster/team"
)

// CheckStore is what access checks need from the store.
type CheckStore interface {
	Check(ctx context.Context, raw string, c team.Check) (team.CheckAnswer, error)
	Checks(ctx context.Context, b team.Bearer, list []team.Check) ([]team.CheckAnswer, error)
}

// Check asks whether somebody may do something somewhere.
type Check struct {
	User         string `json:"user,omitempty" maxLength:"400" doc:"Id of the account, or its e-mail address. Somebody unknown is not allowed." example:"maya@example.com"`
	Organization string `json:"organization,omitempty" maxLength:"100" doc:"Id or slug." example:"acme"`
	Scope        string `json:"scope,omitempty" minLength:"1" maxLength:"100" doc:"Id of a child scope; without it, the organization itself."`
	Permission   string `json:"permission,omitempty" maxLength:"100" doc:"Key of a permission, of Roster’s own or of the scheme’s." example:"instances.view"`
	Module       string `json:"module,omitempty" maxLength:"100" doc:"Key of a module, in the place of a permission."`
	Level        string `json:"level,omitempty" maxLength:"20" enum:"read,write" doc:"Of the module."`
	Explain      bool   `json:"explain,omitempty" doc:"Say why, and which role would do."`
}

// CheckBody is one check, or many.
type CheckBody struct {
	Check
	Checks []Check `json:"checks,omitempty" nullable:"false" doc:"Many checks at once, up to 1,000, in the place of one."`
}

// CheckAnswer answers a check.
type CheckAnswer struct {
	_       struct{} `json:"-" additionalProperties:"true"`
	Allowed bool     `json:"allowed"`
	Role    *string  `json:"role" example:"member" doc:"Key of the role that counts there; null without access."`
	Reason  string   `json:"reason" enum:"allowed,no_access,permission_missing,level_missing" doc:"no_access: not a member there, or nothing that this token may know of."`
	Trace   []Step   `json:"trace,omitempty" nullable:"false" doc:"Where explain was asked for: how access was weighed, first reason first."`
	Would   []Would  `json:"would,omitempty" nullable:"false" doc:"The same, where it is not allowed: what would do, held alone; the nearest place first."`
}

// Would is what would do in one place.
type Would struct {
	_      struct{} `json:"-" additionalProperties:"true"`
	Scope  string   `json:"scope" doc:"Id of the scope."`
	Name   string   `json:"name" doc:"Name of that scope."`
	Roles  []string `json:"roles" nullable:"false" doc:"Keys of roles."`
	Module string   `json:"module,omitempty" doc:"Key of a module that would do at a level, with any other role."`
	Level  string   `json:"level,omitempty"`
}

type (
	checkAsked    struct{ Body CheckBody }
	checkAnswered struct{ Body checkOutcome }
)

// checkOutcome is the answer to one check, or a list of them.
type checkOutcome struct {
	one  *CheckAnswer
	many []CheckAnswer
}

// MarshalJSON writes it.
func (o checkOutcome) MarshalJSON() ([]byte, error) { return json.Marshal(o.shown()) }

// shown is the one, or a list as any other.
func (o checkOutcome) shown() any {
	if o.one != nil {
		return o.one
	}
	return &Page[CheckAnswer]{Items: o.many}
}

// Schema describes both.
func (checkOutcome) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[CheckAnswer](), true, "CheckAnswer"), r.Schema(reflect.TypeFor[Page[CheckAnswer]](), true, "PageCheckAnswer"),
	}}
}

// CheckPath is where programs ask, below Prefix: before each of their own requests,
// if they like.
const CheckPath = "/check"

const checkID = "check"

// checksBody is the most bytes that a thousand checks have.
const checksBody = 1 << 20

func (a *API) checks() {
	subject := a.subject("Access checks", "Whether somebody may do something, somewhere.")
	register(a, operation{
		method: http.MethodPost, path: CheckPath, id: checkID, subject: subject, limit: Unlimited, body: checksBody,
		summary: "Check access",
		about: "One check, or up to 1,000 as `checks`, which are answered in their order. The answer is the truth of this moment: nothing is cached, and nothing changes.\n\n" +
			"A token of an organization asks about its people, as far as it sees them; a personal one about its holder too; one of the instance about everybody. " +
			"Whoever else is asked about is not allowed, like somebody unknown. Who is asked about alone, by a token that is no person’s and without `explain`, counts as online.",
	}, a.check)
}

func (a *API) check(ctx context.Context, by *caller, in *checkAsked) (*checkAnswered, error) {
	if in.Body.Checks == nil {
		answer, err := a.Store.Check(ctx, by.raw, in.Body.check())
		shown := checkShown(answer)
		return &checkAnswered{checkOutcome{one: &shown}}, err
	}
	if in.Body.Check != (Check{}) {
		return nil, team.Wrong("checks", "question_twice", "Send one check, or many in “checks”, not both.")
	}
	out, err := a.many(ctx, by, in.Body.Checks)
	return &checkAnswered{out}, err
}

// many answers many checks, in their order.
func (a *API) many(ctx context.Context, by *caller, checks []Check) (checkOutcome, error) {
	list := make([]team.Check, len(checks))
	for i, c := range checks {
		list[i] = c.check()
	}
	answers, err := a.Store.Checks(ctx, by.Bearer, list)
	if err != nil {
		return checkOutcome{}, fmt.Errorf("check access: %w", err)
	}
	out := checkOutcome{many: make([]CheckAnswer, len(answers))}
	for i, answer := range answers {
		out.many[i] = checkShown(answer)
	}
	return out, nil
}

func (c Check) check() team.Check {
	return team.Check{
		User: c.User, Organization: c.Organization, Scope: c.Scope, Explain: c.Explain,
		Asked: team.Asked{Permission: c.Permission, Module: c.Module, Level: c.Level},
	}
}

func checkShown(c team.CheckAnswer) CheckAnswer {
	out := CheckAnswer{Allowed: c.Allowed, Reason: string(c.Reason), Trace: steps(c.Trace)}
	if c.Role != "" {
		out.Role = &c.Role
	}
	for _, w := range c.Would {
		shown := Would{Scope: w.Place.ScopeID, Name: w.Place.Name, Roles: []string{}, Module: w.Module.Key, Level: string(w.Level)}
		for _, r := range w.Roles {
			shown.Roles = append(shown.Roles, r.Key)
		}
		out.Would = append(out.Would, shown)
	}
	return out
}

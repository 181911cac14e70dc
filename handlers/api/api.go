// Package api is the REST API below /api/v1: what the pages can do, for programs
// that bring a token. Each operation reads what was sent, makes the store's call
// that the page makes too, and shapes the answer; no rule stands here. The OpenAPI
// document is made from the very types that are served. It knows no table, no
// cookie and no setting of the process.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"roster/team"
)

// Prefix is where the API is mounted; what is below is described by Document.
const (
	Prefix   = "/api/v1"
	Document = "/api/openapi.json"
)

// Store is everything that the API needs from the database.
type Store interface {
	BearerStore
	RepeatStore
	CheckStore
	MembersStore
	MemberChangesStore
	InvitationsStore
	OrganizationsStore
	ScopesStore
	AuditStore
	TransferStore
	EventsStore
}

// Deps is what the API is made of.
type Deps struct {
	Store   Store
	Schemes team.Schemes
	BaseURL string // public address, without a slash at the end
	Clock   func() time.Time
	Log     *slog.Logger // nil for none

	Outside []echo.MiddlewareFunc // what each request goes through before anybody is recognized
	Inside  []echo.MiddlewareFunc // and behind that: TokenID and OperationOf know what it is
}

// Limit names what an operation counts its requests by.
type Limit string

// The limits of an operation.
const (
	Usual     Limit = ""          // as many as a token may send
	Inviting  Limit = "inviting"  // S10
	Unlimited Limit = "unlimited" // what a host product asks for every request of its own
)

// Operation is one thing that the API does, for whoever lists or counts them.
type Operation struct {
	ID     string
	Method string
	Path   string // below Prefix, with parameters as Echo writes them
	Limit  Limit
	Body   int64 // most bytes it reads; 0 where it takes none
}

// API serves the operations.
type API struct {
	Deps
	huma       huma.API
	operations []Operation
	nouns      map[string]bool
	document   []byte
	docs       []byte           // the page that explains it
	way        echo.HandlerFunc // every request's, to its operation
}

// New registers every operation on a group that stands at Prefix.
func New(e *echo.Echo, g *echo.Group, d Deps) *API {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	a := &API{Deps: d, nouns: pluralNouns(d.Schemes)}
	a.huma = humaecho.NewWithGroup(e, g, a.config())
	a.way = onward
	for _, m := range slices.Backward(slices.Concat([]echo.MiddlewareFunc{a.begin}, a.Outside, []echo.MiddlewareFunc{a.recognize}, a.Inside,
		[]echo.MiddlewareFunc{readNarrow, a.readBody, a.shortMany, strict, a.once})) {
		a.way = m(a.way)
	}
	a.huma.UseMiddleware(a.through)
	for _, subject := range []func(){a.organizations, a.members, a.invitations, a.roles, a.scopes, a.audit, a.events, a.transfer, a.checks} {
		subject()
	}
	a.describe()
	return a
}

// Operations lists every operation, for the table of routes and tests that walk it.
func (a *API) Operations() []Operation { return a.operations }

// through leads a request to its operation, past everything that stands before it.
// Addresses that are none never come here: no middleware of the group's own, which
// would answer 404 where a method is wrong.
func (a *API) through(ctx huma.Context, next func(huma.Context)) {
	c := humaecho.Unwrap(ctx)
	op, _ := ctx.Operation().Metadata[operationKey].(Operation)
	c.Set(comeKey, &come{op, ctx, next})
	if !plainParams(c) {
		a.Error(team.ErrNotFound, c)
		return
	}
	if err := a.way(c); err != nil {
		a.Error(err, c)
	}
}

// come is a request on its way to an operation.
type come struct {
	operation Operation
	huma      huma.Context
	next      func(huma.Context)
}

const comeKey = "come"

// onward is the end of the way: the operation itself, which answers errors too.
func onward(c echo.Context) error {
	if to, ok := c.Get(comeKey).(*come); ok {
		to.next(to.huma)
	}
	return nil
}

// operation is what its subject says about one.
type operation struct {
	method, path string // below Prefix, parameters in braces
	id           string // lower-case words with hyphens; clients are generated from it
	subject      string // what subject returned
	summary      string
	about        string // more than the summary says, in Markdown
	status       int    // of success; 200 with a body and 204 without, if 0
	limit        Limit
	body         int64 // most bytes; 0 for the usual
}

// The most bytes that a body may have.
const usualBody = 64 << 10

// slowest is how long huma waits for a body, which was read before it looks.
const slowest = 30 * time.Second

// register serves an operation. What it returns as an error becomes an answer in
// problem.go alone.
func register[I, O any](a *API, op operation, handle func(context.Context, *caller, *I) (*O, error)) {
	if _, takes := reflect.TypeFor[I]().FieldByName("Body"); takes && op.body == 0 {
		op.body = usualBody
	}
	o := huma.Operation{
		Method: op.method, Path: op.path, OperationID: op.id, Summary: op.summary, Description: op.about, Tags: []string{op.subject},
		DefaultStatus: op.status, MaxBodyBytes: -1, BodyReadTimeout: slowest, RejectUnknownQueryParameters: true,
		Responses: a.refusals(), Metadata: map[string]any{operationKey: op.listed()},
	}
	if op.method == http.MethodPost && op.limit != Unlimited {
		o.Parameters = append(o.Parameters, repeatKey)
	}
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*O, error) {
		by := callerOf(ctx)
		out, err := handle(ctx, by, in)
		if err != nil {
			return nil, a.problem(ctx, by, err)
		}
		return out, nil
	})
	a.operations = append(a.operations, op.listed())
}

func (op operation) listed() Operation {
	path := strings.NewReplacer("{", ":", "}", "").Replace(op.path)
	return Operation{ID: op.id, Method: op.method, Path: path, Limit: op.limit, Body: op.body}
}

const operationKey = "operation"

// OperationOf returns the operation that a request came to.
func OperationOf(c echo.Context) Operation {
	if to, ok := c.Get(comeKey).(*come); ok {
		return to.operation
	}
	return Operation{}
}

// config is huma without pages of its own, without addresses of its own and
// without what it would add to answers.
func (a *API) config() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Roster", Version: "1",
				Description: introduction,
				License:     &huma.License{Name: "MIT License", Identifier: "MIT"},
			},
			Servers:  []*huma.Server{{URL: Prefix}},
			Security: []map[string][]string{{"token": {}}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {
					Type: "http", Scheme: "bearer", Description: "A token made under Settings → API or by `roster token create`, in the header Authorization and nowhere else.",
				}},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}, // the second for problem+json
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.transform},
		CreateHooks:   nil,
	}
}

const introduction = `Everything that Roster’s pages can do. Bodies are JSON in UTF-8; a field that is not described here, or stands there twice, is refused.
Times are in RFC 3339, UTC. Lists come in pages: the value of ` + "`next`" + ` is the ` + "`after`" + ` of the page behind it.
Refusals are problem details (RFC 9457) with the ` + "`code`" + ` of the rule that refused.
An organization is named by its id or its slug, and “organizations” in an address may be the plural that its role scheme has for it, such as “clusters”.`

// describe finishes the document once everything is registered.
func (a *API) describe() {
	o := a.huma.OpenAPI()
	for _, unused := range []string{"ErrorModel", "ErrorDetail"} { // huma's own words for what Problem says
		delete(o.Components.Schemas.Map(), unused)
	}
	var err error
	if a.document, err = json.Marshal(o); err != nil {
		panic("api: describe: " + err.Error()) // plain data always marshals
	}
	a.docs = a.drawDocs()
}

// subject begins a group of operations in the document.
func (a *API) subject(name, about string) string {
	o := a.huma.OpenAPI()
	o.Tags = append(o.Tags, &huma.Tag{Name: name, Description: about})
	return name
}

// ShowDocument serves the OpenAPI document.
func (a *API) ShowDocument(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(a.document)))
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", a.document)
}

package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"roster/team"
)

// TransferStore is what handing an organization over needs from the store.
type TransferStore interface {
	TransferOwnershipAs(ctx context.Context, actor team.Actor, organizationID, toUserID, confirm, password string) (team.Transferred, error)
}

// Transfer is what it takes to hand an organization over.
type Transfer struct {
	To       string `json:"to" minLength:"1" maxLength:"320" example:"omar@example.com" doc:"Who becomes the owner: id of an account, or its e-mail address. It has to be a member."`
	Confirm  string `json:"confirm" maxLength:"200" example:"transfer acme" doc:"“transfer”, a space and the slug of the organization."`
	Password string `json:"password,omitempty" maxLength:"1000" example:"your own password" doc:"Of the owner, whose token this is. A token that was stolen takes nothing without it."`
}

// Transferred says what became of the two.
type Transferred struct {
	_        struct{} `json:"-" additionalProperties:"true"`
	Owner    Hand     `json:"owner" doc:"Who is the owner now."`
	Previous Hand     `json:"previous" doc:"Who was the owner."`
}

// Hand is a side of a transfer.
type Hand struct {
	_    struct{} `json:"-" additionalProperties:"true"`
	ID   string   `json:"id" doc:"Of the account."`
	Name string   `json:"name"`
	Role string   `json:"role" doc:"Key of the role they have now."`
}

type (
	transferAsked struct {
		InOrganization
		Body Transfer
	}
	transferDone struct{ Body Transferred }
)

func (a *API) transfer() {
	subject := a.subject("Ownership", "Where there is one owner, ownership moves by transfer alone.")
	register(a, operation{
		method: http.MethodPost, path: organizationPath + "/transfer", id: "transfer-ownership", subject: subject, status: http.StatusOK,
		summary: "Hand an organization over",
		about: "With a personal token of its owner and the owner’s password: as in the browser, who hands over proves that it is really them. There is no undo. " +
			"Where owners are several there is no transfer (409): owners add owners.",
	}, a.transferOwnership)
}

func (a *API) transferOwnership(ctx context.Context, by *caller, in *transferAsked) (*transferDone, error) {
	v, err := a.viewer(ctx, by, in.Org, "")
	if err != nil {
		return nil, err
	}
	to := in.Body.To
	if strings.Contains(to, "@") {
		if to, err = a.Store.UserByAddress(ctx, v, to); err != nil && !errors.Is(err, error(team.ErrNotFound)) {
			return nil, named(err, transferField)
		}
	}
	moved, err := a.Store.TransferOwnershipAs(ctx, by.actor(), v.Organization.ID, to, in.Body.Confirm, in.Body.Password)
	if err != nil {
		return nil, named(err, transferField)
	}
	return &transferDone{Transferred{Owner: handOf(moved.To), Previous: handOf(moved.From)}}, nil
}

func handOf(m team.Membership) Hand { return Hand{ID: m.UserID, Name: m.Name, Role: m.Role} }

// transferField names a field of the page's form as the body has it.
func transferField(field string) string {
	if field == "user" || field == "email" {
		return "to"
	}
	return field
}

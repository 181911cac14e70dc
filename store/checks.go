package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"roster/team"
)

// Check answers whether somebody may do something somewhere, for who sent a token:
// about the people of its organization as far as it may see them, about its holder,
// or about everybody. Whatever else is asked about is not allowed, like what is not
// there. A host product that asks about somebody has them in front of it: they were
// seen (rule 12).
func (db *DB) Check(ctx context.Context, b team.Bearer, c team.Check) (team.CheckAnswer, error) {
	none := team.CheckAnswer{Reason: team.CheckNoAccess}
	if err := c.Whole(); err != nil {
		return none, err
	}
	user, address := checkedUser(c.User)
	e, err := db.entrant(ctx, address, user, c.Organization, c.Scope)
	if err != nil || e.Scheme == nil {
		return none, err
	}
	asker := bounded(e, b.Token)
	if b.Token.Kind == team.TokenPersonal && asker.Way != nil && e.Account.ID != b.Token.UserID {
		own, err := db.Entrant(ctx, b.Token.UserID, e.Organization.ID, c.Scope)
		if err != nil {
			return none, err
		}
		asker.Way = own.Way
	}
	may, err := team.MayAsk(b.Token, asker.Capacity, e.Scheme, asker.Way, e.Account.ID)
	if err != nil || !may {
		return none, err
	}
	q, err := c.In(e.Scheme)
	if err != nil {
		return none, err
	}
	out := team.AnswerCheck(e.Scheme, e.Way, q, c.Explain, asker.Capacity.Way(e.Scheme, asker.Way))
	if b.Token.Kind != team.TokenPersonal && !c.Explain && out.Role != "" {
		db.Seen(e.Organization.ID, e.Account.ID, "", "")
	}
	return out, nil
}

// checkedUser says how somebody is named: by an address, which is compared in its
// own form, or by an id.
func checkedUser(text string) (user string, address bool) {
	if !strings.Contains(text, "@") {
		return text, false
	}
	_, key, err := team.ParseEmail(text)
	if err != nil {
		return "", true // nobody's
	}
	return key, true
}

// Checks answers many checks at once, in their order, with a few statements: what
// they are about is read first, each once. They are questions about people, who may
// be elsewhere: nobody is seen.
func (db *DB) Checks(ctx context.Context, b team.Bearer, list []team.Check) ([]team.CheckAnswer, error) {
	if len(list) > team.ChecksMost {
		return nil, team.Wrong("checks", "checks_many", "At most %d checks can be asked at once. Ask in several parts.", team.ChecksMost)
	}
	for i, c := range list {
		if err := c.Whole(); err != nil {
			return nil, inCheck(i, err)
		}
	}
	k := checking{db: db, token: b.Token, list: list, ids: make([]string, len(list)), named: make([]bool, len(list)), ways: make([]*checkWay, len(list))}
	for _, read := range []func(context.Context) error{k.readOrganizations, k.readScopes, k.readAddresses, k.readHeld} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	out := make([]team.CheckAnswer, len(list))
	for i := range list {
		var err error
		if out[i], err = k.answer(i); err != nil {
			return nil, inCheck(i, err)
		}
	}
	return out, nil
}

// inCheck is a refusal that says which of several checks it is about.
func inCheck(i int, err error) error {
	e, ok := errors.AsType[*team.Error](err)
	if !ok {
		return err
	}
	out := *e
	out.Field = strings.TrimSuffix(fmt.Sprintf("checks[%d].%s", i, e.Field), ".")
	return &out
}

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
// seen (rule 12). The token is read with the rest.
func (db *DB) Check(ctx context.Context, raw string, c team.Check) (team.CheckAnswer, error) {
	none := team.CheckAnswer{Reason: team.CheckNoAccess}
	hash, ok := team.HashToken(raw)
	if !ok {
		return none, errBearer
	}
	if err := c.Whole(); err != nil {
		return none, err
	}
	q := entrantQuery{who: byID}
	user, address := checkedUser(c.User)
	if address {
		q.who = byAddress
	}
	e, err := db.entrant(ctx, q, user, c.Organization, c.Scope, hash)
	if err != nil {
		return none, missing(err)
	}
	db.presence.use(e.Token.ID, db.now())
	if e.Scheme == nil {
		return none, nil
	}
	return db.answerCheck(ctx, c, e)
}

// answerCheck answers a check about somebody for whose token came along.
func (db *DB) answerCheck(ctx context.Context, c team.Check, e team.Entrant) (team.CheckAnswer, error) {
	none, asker, token := team.CheckAnswer{Reason: team.CheckNoAccess}, bounded(e), *e.Token
	if token.Kind == team.TokenPersonal && asker.Way != nil && e.Account.ID != token.UserID {
		own, err := db.Entrant(ctx, token.UserID, e.Organization.ID, c.Scope)
		if err != nil {
			return none, err
		}
		asker.Way = own.Way
	}
	may, err := team.MayAsk(token, asker.Capacity, e.Scheme, asker.Way, e.Account.ID)
	if err != nil || !may {
		return none, err
	}
	q, err := c.In(e.Scheme)
	if err != nil {
		return none, err
	}
	var seenBy []team.Place
	if c.Explain {
		seenBy = asker.Capacity.Way(e.Scheme, asker.Way)
	}
	out := team.AnswerCheck(e.Scheme, e.Way, q, c.Explain, seenBy)
	if token.Kind != team.TokenPersonal && !c.Explain && out.Role != "" {
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
	k := checking{db: db, token: b.Token, list: list, ids: make([]string, len(list)), named: make([]bool, len(list)), ways: make([]*checkWay, len(list)), known: map[sameCheck]team.CheckAnswer{}}
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

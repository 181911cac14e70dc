package store

import "fmt"

// A check is answered from the database alone, in one statement, which reads the
// session or the token with it: whoever was removed a moment ago, through whichever
// process, is refused now (A7). The tree has three levels at most (team/scheme), so
// that the way up is joined, not walked.

// The statement: $1 is the user, their session or their token, $2 the organization,
// $3 now, and behind it the token of who asks about somebody and the scope below.
const (
	entrantColumns = `SELECT COALESCE(u.id, ''), COALESCE(o.id, ''), COALESCE(o.scheme, ''), COALESCE(o.name, '')`
	ownColumns     = `, COALESCE(u.email_key, ''), COALESCE(u.verified_at, 0), COALESCE(u.epoch, 0)`
	askerColumns   = `, t.id, t.organization_id, t.user_id, t.role, COALESCE(%s.id, '')`
	atTop          = `, COALESCE(m.role, ''), COALESCE(m.modules, '')`
	heldAtTop      = ` LEFT JOIN memberships m ON m.scope_id = o.id AND m.user_id = u.id AND (m.expires_at = 0 OR m.expires_at > $3)`
	atStep         = `, COALESCE(s%[1]d.id, ''), COALESCE(s%[1]d.kind, ''), COALESCE(s%[1]d.name, ''), COALESCE(s%[1]d.archived_at + s%[1]d.deleted_at, 0), COALESCE(m%[1]d.role, ''), COALESCE(m%[1]d.modules, '')`
	heldAtStep     = ` LEFT JOIN memberships m%[1]d ON m%[1]d.scope_id = s%[1]d.id AND m%[1]d.user_id = u.id AND (m%[1]d.expires_at = 0 OR m%[1]d.expires_at > $3)`
	stepTo         = ` LEFT JOIN scopes s0 ON s0.id = %s AND s0.organization_id = o.id`
	stepUp         = ` LEFT JOIN scopes s%d ON s%[1]d.id = s%d.parent_id`
	working        = ` AND %[1]s.disabled_at = 0 AND %[1]s.deleted_at = 0`
	openSession    = ` WHERE n.token = $1 AND n.revoked_at = 0 AND n.expires_at > $3`
	openToken      = ` WHERE t.hash = %s AND t.revoked_at = 0 AND (t.expires_at = 0 OR t.expires_at > $3)`
)

// levels is how many there are, the organization counted.
const levels = 3

// namedBy finds an organization by what it is called: by its slug or one that it
// had, which is nobody else’s, and before that by its id.
func namedBy(what string, id bool) string {
	out := fmt.Sprintf(`(SELECT n.id FROM organizations n WHERE n.slug = %[1]s), (SELECT n.organization_id FROM old_slugs n WHERE n.slug = %[1]s)`, what)
	if id {
		out = fmt.Sprintf(`(SELECT n.id FROM organizations n WHERE n.id = %s), `, what) + out
	}
	return `COALESCE(` + out + `)`
}

// finder says how somebody is found.
type finder int

const (
	byID finder = iota
	byAddress
	bySession // by its key
	byToken   // by its hash
)

// naming says what an organization is named by.
type naming int

const (
	bySlug naming = iota
	byOwnID
	byAnything // either, or a slug that it had
)

// entrantQuery is which of the statements it takes.
type entrantQuery struct {
	who   finder
	asked bool // by a token, about somebody else
	named naming
	below bool // the organization
}

// entrantTexts are the statements there are.
var entrantTexts = func() map[entrantQuery]string {
	out := map[entrantQuery]string{}
	for _, who := range []finder{byID, byAddress, bySession, byToken} {
		for _, named := range []naming{bySlug, byOwnID, byAnything} {
			for i := range 4 {
				if q := (entrantQuery{who, i&1 > 0, named, i&2 > 0}); q.asked && who <= byAddress || !q.asked && who != byAddress {
					out[q] = q.text()
				}
			}
		}
	}
	return out
}()

func (q entrantQuery) text() string {
	columns, from, where := q.person()
	from += ` LEFT JOIN organizations o ON o.deleted_at = 0 AND o.` + map[naming]string{bySlug: `slug = $2`, byOwnID: `id = $2`, byAnything: `id = ` + namedBy(`$2`, true)}[q.named]
	if !q.below {
		return columns + atTop + from + heldAtTop + where
	}
	scope := `$4`
	if q.asked {
		scope = `$5`
	}
	from += fmt.Sprintf(stepTo, scope)
	for i := range levels {
		if i > 0 {
			from += fmt.Sprintf(stepUp, i, i-1)
		}
		columns += fmt.Sprintf(atStep, i)
	}
	for i := range levels {
		from += fmt.Sprintf(heldAtStep, i)
	}
	return columns + from + where
}

// person is the part of the statement that finds who it is about, and who asks.
func (q entrantQuery) person() (columns, from, where string) {
	user := ` LEFT JOIN users u ON u.%s` + fmt.Sprintf(working, "u")
	named := map[finder]string{byID: `id = $1`, byAddress: `email_key = $1`}[q.who]
	switch {
	case q.who == bySession:
		return entrantColumns + ownColumns + `, n.id, n.data`, ` FROM sessions n` + fmt.Sprintf(user, `id = n.user_id`), openSession
	case q.who == byToken:
		return entrantColumns + ownColumns + fmt.Sprintf(askerColumns, "u"), ` FROM tokens t` + fmt.Sprintf(user, `id = t.user_id`), fmt.Sprintf(openToken, `$1`)
	case q.asked:
		return entrantColumns + fmt.Sprintf(askerColumns, "h"),
			` FROM tokens t LEFT JOIN users h ON h.id = t.user_id` + fmt.Sprintf(working, "h") + fmt.Sprintf(user, named), fmt.Sprintf(openToken, `$4`)
	}
	return entrantColumns + ownColumns, ` FROM (SELECT 1 AS x) one` + fmt.Sprintf(user, named), ``
}

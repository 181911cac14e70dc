package store

import (
	"context"
	"sort"
	"strings"
	"unicode"
)

// Searching is the one thing the two databases have no common words for. On
// SQLite it is a trigram index whose rowid is scope number << 32 | number within
// the scope: a range of rowids keeps a search inside one scope, so that a small
// organization in a large database pays nothing for its size. Hits come in the
// order of that number, never ranked, and the first page ends the work.
//
// One and two letters make no trigram: they are looked up in member_prefixes.

const numBits = 32

func (db *DB) searchSchema() []string {
	if db.lite {
		return []string{
			`CREATE VIRTUAL TABLE member_search USING fts5 (words, tokenize = 'trigram', content = '', contentless_delete = 1)`,
			`CREATE VIRTUAL TABLE invitation_search USING fts5 (words, tokenize = 'trigram', content = '', contentless_delete = 1)`,
		}
	}
	return []string{
		`CREATE EXTENSION IF NOT EXISTS pg_trgm`,
		`CREATE EXTENSION IF NOT EXISTS btree_gin`,
		`CREATE TABLE member_search (scope_num BIGINT NOT NULL, num BIGINT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (scope_num, num))`,
		`CREATE INDEX member_search_words ON member_search USING gin (scope_num, words gin_trgm_ops)`,
		`CREATE TABLE invitation_search (scope_num BIGINT NOT NULL, num BIGINT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (scope_num, num))`,
		`CREATE INDEX invitation_search_words ON invitation_search USING gin (scope_num, words gin_trgm_ops)`,
		// What pages are ordered by has one order everywhere, whatever language
		// the database was made for: SQLite's, by the letters' numbers.
		`ALTER TABLE memberships ALTER COLUMN name_key TYPE TEXT COLLATE "C"`,
		`ALTER TABLE invitations ALTER COLUMN email_key TYPE TEXT COLLATE "C"`,
	}
}

// indexMember makes a member findable by name and address.
func (tx *Tx) indexMember(ctx context.Context, scopeID string, scopeNum, num int64, name, email string) error {
	if err := tx.indexWords(ctx, "member_search", scopeNum, num, name+" "+email); err != nil {
		return err
	}
	for _, p := range prefixes(name, email) {
		if err := tx.do(ctx, "index member", `INSERT INTO member_prefixes (scope_id, prefix, num) VALUES ($1, $2, $3)`, scopeID, p, num); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) unindexMember(ctx context.Context, scopeID string, scopeNum, num int64, name, email string) error {
	if err := tx.unindexWords(ctx, "member_search", scopeNum, num); err != nil {
		return err
	}
	for _, p := range prefixes(name, email) {
		if err := tx.do(ctx, "unindex member", `DELETE FROM member_prefixes WHERE scope_id = $1 AND prefix = $2 AND num = $3`, scopeID, p, num); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) indexWords(ctx context.Context, table string, scopeNum, num int64, words string) error {
	words = strings.ToLower(words)
	if tx.db.lite {
		return tx.do(ctx, "index words", `INSERT INTO `+table+` (rowid, words) VALUES ($1, $2)`, scopeNum<<numBits|num, words)
	}
	return tx.do(ctx, "index words", `INSERT INTO `+table+` (scope_num, num, words) VALUES ($1, $2, $3)`, scopeNum, num, words)
}

func (tx *Tx) unindexWords(ctx context.Context, table string, scopeNum, num int64) error {
	if tx.db.lite {
		return tx.do(ctx, "unindex words", `DELETE FROM `+table+` WHERE rowid = $1`, scopeNum<<numBits|num)
	}
	return tx.do(ctx, "unindex words", `DELETE FROM `+table+` WHERE scope_num = $1 AND num = $2`, scopeNum, num)
}

// prefixes returns the first letter and the first two of every word in a name
// and an address, each once.
func prefixes(name, email string) []string {
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(name+" "+email), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		letters := []rune(w)
		seen[string(letters[:1])] = true
		seen[string(letters[:min(2, len(letters))])] = true
	}
	out := make([]string, 0, len(seen))
	for p := range seen {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// hits is where the matches of a search come from: rows called f, with their
// number in the scope. $1 is the scope's id, $2 the query, $3 and $4 the
// numbers between which the page lies.
type hits struct {
	from, num, where string
	args             []any
}

// allNums is above every number within a scope.
const allNums = int64(1)<<numBits - 1

// memberHits finds members of a scope. Three letters and more are looked up as
// any part of a name or address, fewer as the start of a word.
func (db *DB) memberHits(scopeID, query string, after, before int64) hits {
	if len([]rune(query)) < 3 {
		return hits{
			from: `member_prefixes f`, num: `f.num`, where: `f.scope_id = $1 AND f.prefix = $2 AND f.num > $3 AND f.num < $4`,
			args: []any{scopeID, query, after, before},
		}
	}
	return db.wordHits("member_search", scopeID, query, after, before)
}

// wordHits finds three letters and more as any part of what is indexed. The
// number of the scope is read on the way: one query less for every letter typed.
func (db *DB) wordHits(table, scopeID, query string, after, before int64) hits {
	const scope = `(SELECT num FROM scopes WHERE id = $1)`
	if db.lite {
		return hits{
			from: table + ` f`, num: `(f.rowid & 4294967295)`,
			where: table + ` MATCH $2 AND f.rowid > (` + scope + ` << 32) + $3 AND f.rowid < (` + scope + ` << 32) + $4`,
			args:  []any{scopeID, `"` + strings.ReplaceAll(query, `"`, `""`) + `"`, after, before},
		}
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query) + "%"
	return hits{
		from: table + ` f`, num: `f.num`, where: `f.words LIKE $2 AND f.num > $3 AND f.num < $4 AND f.scope_num = ` + scope,
		args: []any{scopeID, like, after, before},
	}
}

// order is the column that hits come by without being sorted.
func (h hits) order() string {
	if strings.HasPrefix(h.num, "(") {
		return `f.rowid`
	}
	return h.num
}

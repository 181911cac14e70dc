package web_test

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"roster/team"
)

// person makes an account without a password: hashing one takes long under the
// race detector, and most scenarios begin with somebody who is signed in.
func (s *site) person(email string) team.Account {
	s.t.Helper()
	name, _, _ := strings.Cut(email, "@")
	a, _, err := s.db.CreateUser(s.t.Context(), email, strings.ToUpper(name[:1])+name[1:], "", false)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// as is a browser that signed in as an account a while ago: its session is in
// the store as signing in would have left it.
func (s *site) as(a team.Account) *browser {
	s.t.Helper()
	token := rand.Text()
	data, err := json.Marshal(map[string]any{"deadline": time.Now().Add(time.Hour), "values": map[string]any{
		"user": a.ID, "sid": uuid.NewString(), "epoch": a.Epoch, "address": "127.0.0.1", "device": "Firefox on Linux",
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(token))
	if err := s.db.CommitCtx(s.t.Context(), base64.RawURLEncoding.EncodeToString(hash[:]), data, s.clock.now().Add(30*24*time.Hour)); err != nil {
		s.t.Fatal(err)
	}
	b := s.browser()
	u, _ := url.Parse(s.url)
	b.http.Jar.SetCookies(u, []*http.Cookie{{Name: "roster_session", Value: token, Path: "/"}})
	return b
}

// invite invites an address as the operator, or as by.
func (s *site) invite(o team.Organization, email, role string, by ...team.Account) team.Invitation {
	s.t.Helper()
	actor := team.Operator
	if len(by) > 0 {
		actor = team.Actor{Kind: team.ByUser, UserID: by[0].ID}
	}
	answers, err := s.db.Invite(s.t.Context(), actor, o.ID, []string{email}, []team.Grant{{ScopeID: o.ID, Kind: team.OrganizationKind, Role: role}}, "")
	if err != nil || answers[0].Err != nil {
		s.t.Fatal(err, answers)
	}
	return *answers[0].Invitation
}

// mailed is the path of an invitation's link as its mail carries it.
func (s *site) mailed(i team.Invitation) string { return s.link(team.MailedInvitation, i) }

// copied is the path of a link that is handed over by hand.
func (s *site) copied(i team.Invitation) string { return s.link(team.CopiedInvitation, i) }

func (s *site) link(p team.LinkPurpose, i team.Invitation) string {
	return "/invitations/" + s.keys.Sign(team.Link{Purpose: p, ID: i.ID, Generation: i.Generation})
}

// join makes somebody a member.
func (s *site) join(o team.Organization, a team.Account, role string) {
	s.t.Helper()
	token := strings.TrimPrefix(s.mailed(s.invite(o, a.Email, role)), "/invitations/")
	if _, err := s.db.AcceptInvitation(s.t.Context(), team.Actor{Kind: team.ByUser, UserID: a.ID}, token); err != nil {
		s.t.Fatal(err)
	}
}

// member makes an account that is a member.
func (s *site) member(o team.Organization, email, role string) team.Account {
	s.t.Helper()
	a := s.person(email)
	s.join(o, a, role)
	return a
}

// refresh reads an account again.
func (s *site) refresh(a team.Account) team.Account {
	s.t.Helper()
	a, err := s.db.Account(s.t.Context(), a.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// read asks the database itself; every row becomes one line.
func (s *site) read(query string, args ...any) []string {
	s.t.Helper()
	stmt, ok := s.kept.Load(query)
	if !ok {
		var err error
		if stmt, err = s.sql.PrepareContext(s.t.Context(), query); err != nil {
			s.t.Fatal(err)
		}
		s.kept.Store(query, stmt) // closed with the database
	}
	rows, err := stmt.(*sql.Stmt).QueryContext(s.t.Context(), args...)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	cols, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, dest := make([]any, len(cols)), make([]any, len(cols))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			s.t.Fatal(err)
		}
		words := make([]string, len(cols))
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			words[i] = fmt.Sprint(v)
		}
		out = append(out, strings.Join(words, " "))
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// one is the answer to a question that has one.
func (s *site) one(query string, args ...any) string {
	s.t.Helper()
	rows := s.read(query, args...)
	if len(rows) == 0 {
		return ""
	}
	return rows[0]
}

// role is the role somebody has, or "".
func (s *site) role(o team.Organization, a team.Account) string {
	return s.one(`SELECT role FROM memberships WHERE scope_id = $1 AND user_id = $2`, o.ID, a.ID)
}

// status is where an invitation stands: its status, role and generation.
func (s *site) status(id string) string {
	return s.one(`SELECT status, role, generation FROM invitations WHERE id = $1`, id)
}

// entry is the newest line of an organization's audit log, without who.
func (s *site) entry(o team.Organization) string {
	return strings.TrimSpace(s.one(`SELECT action, result, code FROM audit_entries WHERE chain_id = $1 ORDER BY seq DESC LIMIT 1`, o.ID))
}

// state is everything that a request could have changed for somebody. Audit
// entries, sessions and counted attempts are left out: refusals leave them.
func (s *site) state() string {
	s.t.Helper()
	var b strings.Builder
	for _, query := range []string{
		`SELECT id, email, name, password_hash, verified_at, vouched_by, epoch, operator, time_zone, theme, quiet, disabled_at, deleted_at FROM users ORDER BY id`,
		`SELECT id, slug, name, scheme, plan, extra_seats, owners, seats_used, seats_held, audit_days, deleted_at FROM organizations ORDER BY id`,
		`SELECT scope_id, user_id, role, modules, num, invited_by, joined_at, expires_at FROM memberships ORDER BY scope_id, user_id`,
		`SELECT scope_id, role, members, pending FROM role_counts ORDER BY scope_id, role`,
		`SELECT id, email, message, status, generation, role, sponsor_id, mail_id, delivery, sent_at, expires_at, ended_at, renewal_at FROM invitations ORDER BY id`,
		`SELECT invitation_id, scope_id, role FROM invitation_grants ORDER BY invitation_id, scope_id`,
		`SELECT id, COALESCE(parent_id, ''), kind, name, archived_at, deleted_at FROM scopes ORDER BY id`,
		`SELECT id, role, revoked_at FROM tokens ORDER BY id`,
		`SELECT id, kind, recipient, state FROM outbox ORDER BY id`,
		`SELECT id, generation, used_at FROM account_links ORDER BY id`,
	} {
		for _, line := range s.read(query) {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

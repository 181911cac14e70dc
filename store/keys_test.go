package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// rotated returns the World's key behind a new one, as “roster secret rotate”
// leaves them.
func rotated(t testing.TB, w *storetest.World, fresh byte) team.Keys {
	t.Helper()
	k, err := w.Keys.Rotated(bytes.Repeat([]byte{fresh}, team.KeyBytes), w.Clock.Now().AddDate(0, 0, 9))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func withKeys(k team.Keys) storetest.Option { return func(o *store.Options) { o.Keys = k } }

func open(w *storetest.World, k team.Keys) error {
	db, err := store.Open(context.Background(), w.DSN, store.Options{Keys: k, Schemes: w.Schemes, Now: w.Clock.Now})
	if err == nil {
		err = db.Close()
	}
	return err
}

// take opens the database with keys and has it use the newest.
func take(t testing.TB, w *storetest.World, k team.Keys, opts ...storetest.Option) *store.DB {
	t.Helper()
	db := w.Another(append(opts, withKeys(k))...)
	if taken, err := db.TakeKey(t.Context()); err != nil || !taken {
		t.Fatal(taken, err)
	}
	return db
}

func verified(t testing.TB, db *store.DB, chain string, want int64) {
	t.Helper()
	if n, err := db.VerifyChain(t.Context(), chain); err != nil || n != want {
		t.Errorf("%d entries hold, want %d: %v", n, want, err)
	}
}

// A new server key: links of the old one hold until they end, the log goes on and
// verifies on both sides of the change, and the server’s own log tells of it.
func TestKeyIsChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := t.Context()
		maya := w.User("maya@example.com")
		o, quiet := w.Organization("workspace", "brightwater", maya), w.Organization("workspace", "quiet", maya)
		inv := w.Invite(storetest.Actor(maya), o, "new@example.com", "viewer")
		link := w.Token(team.MailedInvitation, inv)
		keys := rotated(t, w, 8)
		db := take(t, w, keys)
		verified(t, db, o.ID, 3)
		verified(t, db, quiet.ID, 2)
		records, err := db.Records(ctx, "instance", 1)
		if err != nil || records[0].Action != team.ServerKeyChanged || records[0].Changes[0].After != keys.IDs()[0] {
			t.Errorf("%+v %v", records, err)
		}
		if taken, err := db.TakeKey(ctx); taken || err != nil {
			t.Error("taken twice: ", err)
		}
		opens := func(db *store.DB, token string) error {
			_, err := db.OpenInvitation(ctx, token, "")
			return err
		}
		if err := opens(db, link); err != nil {
			t.Error("a link of the old key ended: ", err)
		}
		copied, err := db.InvitationLink(ctx, storetest.Actor(maya), o.ID, inv.ID)
		if err != nil {
			t.Fatal(err)
		}
		fresh, _, _ := bytes.Cut([]byte(copied[len("/invitations/"):]), []byte("/"))
		if err := opens(w.DB, string(fresh)); err == nil {
			t.Error("the new link is signed with the old key")
		}
		verified(t, db, o.ID, 4)
		verified(t, w.Another(withKeys(keys)), o.ID, 4)

		w.Clock.Move(10 * 24 * time.Hour)
		if err := opens(db, link); team.Explain(err).Kind != team.NotFound {
			t.Error("whoever has the old key makes links for good: ", err)
		}
		verified(t, db, o.ID, 4)              // it is for the log now
		if err := db.Sweep(ctx); err != nil { // 'expired' comes under the new key
			t.Fatal(err)
		}
		verified(t, db, o.ID, 5)
		third, err := keys.Rotated(bytes.Repeat([]byte{9}, team.KeyBytes), w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		verified(t, take(t, w, third), o.ID, 5)
	})
}

// Who starts, or goes on, without the key that the database uses changes nothing.
func TestKeyOfAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := t.Context()
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		foreign, err := team.NewKeys(bytes.Repeat([]byte{1}, team.KeyBytes))
		if err != nil {
			t.Fatal(err)
		}
		if err := open(w, foreign); !errors.Is(err, store.ErrForeignKey) {
			t.Error("a foreign key is taken: ", err)
		}
		w.Exec(`DELETE FROM instance WHERE name = 'keys'`) // as in a database from before
		w.Exec(`UPDATE audit_chains SET key_id = ''`)
		if err := open(w, foreign); !errors.Is(err, store.ErrForeignKey) {
			t.Error("a foreign key is taken: ", err)
		}
		if err := open(w, w.Keys); err != nil {
			t.Fatal(err)
		}

		keys := rotated(t, w, 8)
		words := keys.Words()
		both, err := team.ParseKeys(words[1][:64] + " " + words[0]) // the new one is known, and not in use yet
		if err != nil {
			t.Fatal(err)
		}
		prepared := w.Another(withKeys(both))
		follower := w.Another(func(o *store.Options) { o.RereadKeys = func() (team.Keys, error) { return keys, nil } })
		rename := func(db *store.DB, name string) error {
			_, err := db.RenameOrganization(ctx, storetest.Actor(maya), o.ID, name, o.Slug)
			return err
		}
		db := take(t, w, keys)
		if err := rename(w.DB, "Without"); team.Explain(err).Code != "server_key_changed" {
			t.Error("a process without the new key wrote: ", err)
		}
		for name, other := range map[string]*store.DB{"Prepared": prepared, "Follower": follower, "New": db} {
			if err := rename(other, name); err != nil {
				t.Error(name, err)
			}
		}
		verified(t, db, o.ID, 5)
		verified(t, prepared, o.ID, 5)
		if err := open(w, w.Keys); !errors.Is(err, store.ErrForeignKey) {
			t.Error("started with the old key alone: ", err)
		}
	})
}

// F7: who has an earlier key and can write to the database changes nothing of what
// stands there unseen, neither before the change of keys nor after.
func TestF7TamperingWithAnEarlierKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := t.Context()
		maya := w.User("maya@example.com")
		keys := rotated(t, w, 8)
		var orgs []team.Organization
		for i := range 4 {
			orgs = append(orgs, w.Organization("workspace", fmt.Sprintf("org-%d", i), maya))
			w.Join(maya, orgs[i], w.User(fmt.Sprintf("omar%d@example.com", i)), "viewer")
		}
		early, late, downgraded, appended := orgs[0], orgs[1], orgs[2], orgs[3]
		db := take(t, w, keys)
		renamed := 0
		rename := func(o team.Organization) error {
			renamed++
			_, err := db.RenameOrganization(ctx, storetest.Actor(maya), o.ID, fmt.Sprintf("Name %d", renamed), o.Slug)
			return err
		}
		for _, o := range orgs {
			if err := rename(o); err != nil {
				t.Fatal(err)
			}
		}
		broken := func(o team.Organization) {
			t.Helper()
			if n, err := db.VerifyChain(ctx, o.ID); err == nil {
				t.Errorf("%d entries of %s are believed", n, o.Slug)
			}
			if n, err := w.Another(withKeys(keys)).VerifyChain(ctx, o.ID); err == nil {
				t.Errorf("%d entries of %s are believed after a start", n, o.Slug)
			}
		}
		// An entry from before, written anew, with the ends sealed under the old key.
		w.Exec(`UPDATE audit_entries SET actor_id = 'x' WHERE chain_id = $1 AND seq = 2`, early.ID)
		w.Exec(`DELETE FROM audit_entries WHERE chain_id = $1 AND seq > 3`, early.ID)
		if err := db.Forge(ctx, w.Keys, early.ID); err != nil {
			t.Fatal(err)
		}
		broken(early)
		// The same, and the ends left as they are.
		w.Exec(`UPDATE audit_entries SET actor_id = 'x' WHERE chain_id = $1 AND seq = 2`, late.ID)
		broken(late)
		// A whole forged chain, and the database told that the old key is in use.
		if err := db.Forge(ctx, w.Keys, downgraded.ID); err != nil {
			t.Fatal(err)
		}
		history := storetest.Value[string](w, `SELECT value FROM instance WHERE name = 'keys'`)
		w.Exec(`UPDATE instance SET value = $1 WHERE name = 'keys'`, w.Keys.IDs()[0])
		if err := rename(downgraded); err == nil {
			t.Error("the server went back to the old key")
		}
		if newest, err := w.Another(withKeys(keys)).KeyInUse(ctx); err != nil || newest {
			t.Error("nobody sees that the old key is in use: ", newest, err)
		}
		w.Exec(`UPDATE instance SET value = $1 WHERE name = 'keys'`, history)
		w.Exec(`INSERT INTO instance (name, value) VALUES ('keys-turning', 'please')`)
		if _, err := db.TakeKey(ctx); err != nil {
			t.Fatal(err)
		}
		broken(downgraded)
		// What is written on top does not make a forged chain sound.
		if err := db.Forge(ctx, w.Keys, appended.ID); err != nil {
			t.Fatal(err)
		}
		if err := rename(appended); err != nil {
			t.Fatal(err)
		}
		broken(appended)
	})
}

// F7: entries cut off the end show, although more is written on top.
func TestF7CutOffAndWrittenOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, w.User("omar@example.com"), "viewer")
		w.Exec(`DELETE FROM audit_entries WHERE chain_id = $1 AND seq = 5`, o.ID)
		w.Exec(`UPDATE audit_chains SET seq = 4, hash = (SELECT hash FROM audit_entries WHERE chain_id = $1 AND seq = 4) WHERE id = $1`, o.ID)
		w.Join(maya, o, w.User("ines@example.com"), "viewer")
		if n, err := w.VerifyChain(t.Context(), o.ID); err == nil {
			t.Errorf("%d entries hold", n)
		}
	})
}

// The key may change while changes are made and logs are walked.
func TestKeyChangesUnderLoad(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		ctx := t.Context()
		maya := w.User("maya@example.com")
		keys := rotated(t, w, 8)
		w.DB = w.Another(func(o *store.Options) { o.RereadKeys = func() (team.Keys, error) { return keys, nil } })
		var orgs []team.Organization
		for i := range 20 {
			orgs = append(orgs, w.Organization("workspace", fmt.Sprintf("org-%d", i), maya))
		}
		other := w.Another(withKeys(keys))
		var all sync.WaitGroup
		for worker := range 4 {
			all.Go(func() {
				for i := range 40 {
					o := orgs[(worker*5+i)%len(orgs)]
					if _, err := w.DB.RenameOrganization(ctx, storetest.Actor(maya), o.ID, fmt.Sprintf("Name %d %d", worker, i), o.Slug); err != nil {
						t.Error(err)
					}
					if _, err := other.VerifyChain(ctx, o.ID); err != nil {
						t.Error(err)
					}
				}
			})
		}
		if taken, err := other.TakeKey(ctx); !taken || err != nil {
			t.Error(taken, err)
		}
		all.Wait()
		entries := int64(0)
		for _, db := range []*store.DB{w.DB, other} {
			n, logs, err := db.VerifyAll(ctx)
			if err != nil || logs != 21 || entries != 0 && n != entries {
				t.Error(n, logs, err)
			}
			entries = n
		}
	})
}

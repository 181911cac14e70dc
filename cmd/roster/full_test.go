package main

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"roster/store/storetest"
	"roster/team"
)

// full is a Roster whose database is on a disk that can be filled up.
type full struct {
	t    *testing.T
	s    *instance
	w    *storetest.World
	door string
	disk string
	o    team.Organization
	ada  team.Account
	bob  team.Account // who is in the way
	v    *visitor
}

// ballast takes all the room that is left on the disk.
func (f *full) ballast() {
	f.t.Helper()
	file, err := os.OpenFile(filepath.Join(f.disk, "ballast"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			f.t.Fatal(err)
		}
	}
}

// free makes room again.
func (f *full) free() {
	f.t.Helper()
	if err := os.Remove(filepath.Join(f.disk, "ballast")); err != nil {
		f.t.Fatal(err)
	}
}

// role is the role that Ada has.
func (f *full) role() string {
	f.t.Helper()
	return storetest.Value[string](f.w, `SELECT role FROM memberships WHERE user_id = $1`, f.ada.ID)
}

// next is the role that Ada does not have.
func (f *full) next(role string) string {
	if role == "member" {
		return "viewer"
	}
	return "member"
}

func (f *full) change(role string) answered {
	f.t.Helper()
	a, err := f.v.ask(f.door, teamPage(f.o)+"/members/"+f.ada.ID+"/role", url.Values{"role": {role}})
	if err != nil {
		f.t.Fatal(err)
	}
	return a
}

// The disk of the database fills up while Roster runs: what would write is
// answered with 503, why and what to do; every page goes on being read, what was
// answered before is there, and with room again all goes on in the same process (H2).
func TestH2DiskFull(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) *full{"sqlite": fullSQLite, "postgres": fullPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t)
			owner := f.w.User("owner@full.test")
			f.o, f.ada = f.w.Organization("workspace", "full", owner), f.w.User("ada@full.test")
			f.w.Join(owner, f.o, f.ada, "member")
			f.bob = f.w.User("bob@full.test")
			f.w.Join(owner, f.o, f.bob, "member")
			f.v = newVisitor(t, teamURL, "192.0.2.1").signIn(f.door, owner.Email)
			for range 2 { // it recovers every time
				f.fill()
				f.readsGoOn()
				f.writesAreRefused()
				f.free()
				until(t, 5*time.Second, "changes are taken again", func() bool { return f.change(f.next(f.role())).status == http.StatusSeeOther })
				newVisitor(t, teamURL, "192.0.2.9").signIn(f.door, f.ada.Email)
			}
			checkWhole(t, f.w)
			log := f.s.log.String()
			if strings.Contains(log, "panic") || strings.Contains(log, "status=500") || !strings.Contains(log, "disk_full") {
				t.Errorf("the log:\n%.4000s", log)
			}
		})
	}
}

func fullSQLite(t *testing.T) *full {
	disk := smallDisk(t, "3")
	path := filepath.Join(disk, "roster.db")
	s := serve(t, env("ROSTER_DATABASE", path, "ROSTER_SECRET", secret, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1"))
	return &full{t: t, s: s, w: openWorld(t, path), door: s.out.wait(t, `listens on (\S+)\. `), disk: disk}
}

// fullPostgres has the tables of the database on the small disk, as a tablespace.
func fullPostgres(t *testing.T) *full {
	disk := smallDisk(t, "20")
	space := filepath.Join(disk, "space")
	if err := os.Mkdir(space, 0o700); err != nil {
		t.Fatal(err)
	}
	if u, err := user.Lookup("postgres"); err == nil && os.Getuid() == 0 {
		uid, err := strconv.Atoi(u.Uid)
		if err == nil {
			err = os.Chown(space, uid, -1)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w := storetest.OpenPostgres(t)
	w.Exec(`CREATE TABLESPACE small LOCATION '` + space + `'`)
	t.Cleanup(func() { w.Exec(`DROP TABLESPACE small`) })
	dsn := emptyPostgres(t, `TABLESPACE small`)
	s := serve(t, env("ROSTER_DATABASE", dsn, "ROSTER_SECRET", secret, "ROSTER_BASE_URL", teamURL, "ROSTER_TRUSTED_PROXIES", "127.0.0.1"))
	return &full{t: t, s: s, w: openWorld(t, dsn), door: s.out.wait(t, `listens on (\S+)\. `), disk: disk}
}

// fill fills the disk, and goes on changing until what the database had in
// reserve is used up.
func (f *full) fill() {
	f.t.Helper()
	f.ballast()
	role := f.role()
	for range 4000 {
		a := f.change(f.next(role))
		if a.status != http.StatusSeeOther {
			f.refused("a change of role", a)
			if got := f.role(); got != role {
				f.t.Errorf("Ada is %s, and was answered %s", got, role)
			}
			return
		}
		role = f.next(role)
	}
	f.t.Fatal("it goes on saving on a full disk")
}

// refused checks that an answer says that nothing can be saved, and what to do.
func (f *full) refused(what string, a answered) {
	f.t.Helper()
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" ||
		!strings.Contains(a.body, "disk is full") || !strings.Contains(a.body, "Tell whoever runs the server") {
		f.t.Errorf("%s: %d, Retry-After %q\n%.1500s", what, a.status, a.header.Get("Retry-After"), a.body)
	}
}

func (f *full) readsGoOn() {
	f.t.Helper()
	for _, r := range whileDown(teamPage(f.o), f.ada.ID) {
		if r.form == nil {
			path := strings.Replace(r.path, "/o/down", "/o/full", 1)
			if a, err := f.v.ask(f.door, path, nil); err != nil || a.status >= http.StatusBadRequest {
				f.t.Errorf("%s: %d %v", path, a.status, err)
			}
		}
	}
	f.v.get(f.door, "/readyz", http.StatusOK)
}

// writesAreRefused tries everything that writes; some of it may still find room.
func (f *full) writesAreRefused() {
	f.t.Helper()
	role := f.role()
	stranger, htmx := newVisitor(f.t, teamURL, "192.0.2.7"), *f.v
	htmx.htmx = true
	at := teamPage(f.o)
	some := url.Values{"emails": {strings.Repeat("x", 60) + "@full.test"}, "role": {"viewer"}, "message": {strings.Repeat("long ", 100)}}
	refusals := 0
	for _, r := range []struct {
		who *visitor
		wanted
	}{
		{f.v, wanted{at + "/members/" + f.ada.ID + "/role", url.Values{"role": {f.next(role)}}}},
		{&htmx, wanted{at + "/members/" + f.ada.ID + "/role", url.Values{"role": {f.next(role)}}}},
		{f.v, wanted{at + "/members/" + f.bob.ID + "/remove", url.Values{}}},
		{f.v, wanted{at + "/invitations", some}},
		{&htmx, wanted{at + "/invitations", some}},
		{f.v, wanted{"/o/full/settings/general", url.Values{"organization": {"Fuller"}, "slug": {"full"}}}},
		{f.v, wanted{"/profile", url.Values{"name": {strings.Repeat("Long ", 20)}}}},
		{stranger, wanted{"/signin", url.Values{"email": {f.ada.Email}, "password": {storetest.Password}}}},
		{stranger, wanted{"/signin", url.Values{"email": {f.ada.Email}, "password": {"another password"}}}},
	} {
		a, err := r.who.ask(f.door, r.path, r.form)
		if err != nil {
			f.t.Fatal(err)
		}
		switch {
		case a.status == http.StatusServiceUnavailable:
			f.refused(r.path, a)
			refusals++
		case a.status >= http.StatusInternalServerError:
			f.t.Errorf("%s: %d\n%.800s", r.path, a.status, a.body)
		}
	}
	if refusals == 0 {
		f.t.Error("nothing was refused on a full disk")
	}
	f.v.get(f.door, at, http.StatusOK)
}

// A backup to a disk that is full says so, and leaves nothing that could be taken
// for one (H2).
func TestH2BackupToAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "1")
	path := filepath.Join(t.TempDir(), "roster.db")
	at := operator{t, path}
	at.says("", "user create --email ada@example.com --name Ada")
	(&full{t: t, disk: disk}).ballast()
	at.refuses("", "backup "+filepath.Join(disk, "backup.db"), "full")
	if left, err := filepath.Glob(filepath.Join(disk, "backup*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
	at.says("", "user list", "ada@example.com")
}

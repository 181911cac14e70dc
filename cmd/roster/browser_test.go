package main

import (
	"context"
	"hash/fnv"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"roster/mail/mailtest"
	"roster/store"
	"roster/store/storetest"
	"roster/team"
)

// TestBrowser plays the journeys that people make, in real Chromium, against the
// real run() with a real SMTP server. Every journey is played on either database,
// with scripts and without, and every page on the way is looked over: no violation
// of the policy, no error in the console, and nothing for axe to find. Whether
// there are scripts is nothing to the database, so two plays do for both: one with
// scripts on one of the databases, one without on the other. The long version
// plays all four (ROSTER_SOAK=1).
//
// There is one browser for all of it, with a profile of its own for each person.
// The tour and the picture are of what pages look like, which no database decides.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := launch(t)
	t.Run("pages", func(t *testing.T) { t.Parallel(); tour(t, b) })
	t.Run("screenshot", func(t *testing.T) { t.Parallel(); screenshot(t, b) })
	t.Run("screenshots of scopes", func(t *testing.T) { t.Parallel(); scopesScreenshots(t, b) })
	t.Run("demo", func(t *testing.T) { t.Parallel(); tryDemo(t, b) })
	storetest.Both(t, func(t *testing.T) {
		s := newStage(t, b)
		for name, act := range journeys {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for _, scripts := range []bool{true, false} {
					tag := "plain"
					if scripts {
						tag = "scripts"
					}
					if !soak() && scripts != scriptsOn(name, s.now.Postgres) {
						continue
					}
					t.Run(tag, func(t *testing.T) {
						t.Parallel()
						act(newPlay(t, s, scripts))
					})
				}
			})
		}
	})
}

// scriptsOn tells with what a journey is played on a database: by its name, so that
// either has half of the journeys with scripts and half without.
func scriptsOn(journey string, postgres bool) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(journey))
	return (h.Sum32()%2 == 0) == postgres
}

// browser is one Chromium, and what was looked over in it.
type browser struct {
	ctx    context.Context
	judged *judged
}

// launch starts Chromium until the test ends.
func launch(t *testing.T) browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-US"))
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("start Chromium: ", err)
	}
	t.Cleanup(func() {
		late, stop := context.WithTimeout(ctx, 10*time.Second)
		defer stop()
		if err := chromedp.Cancel(late); err != nil {
			t.Log("close Chromium: ", err)
		}
	})
	return browser{ctx, &judged{}}
}

// chromium finds the browser. Journeys are never skipped: without them nobody
// knows whether the product works.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{
		os.Getenv("ROSTER_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
	} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("The journeys need Chromium, which is not there.\n" +
		"  Debian, Ubuntu: sudo apt-get install chromium\n" +
		"  macOS:          brew install --cask chromium\n" +
		"  elsewhere:      install it, and name it with ROSTER_CHROMIUM=/path/to/chromium")
	return ""
}

// stage is a running Roster with its mail server and its database.
type stage struct {
	browser browser
	mail    *mailtest.Server
	server  *instance
	now     *storetest.World // the same database
	earlier *storetest.World // the same with a clock two hours behind, so that what was sent can be sent again
	silent  *storetest.World // the same without mail
	plays   atomic.Int64
}

// secret is the key that storetest's worlds have, as a setting.
var secret = strings.Repeat("07", team.KeyBytes)

// newStage starts a Roster on the database that the test is for. The pairs are
// settings besides the usual ones.
func newStage(t *testing.T, b browser, pairs ...string) *stage {
	t.Helper()
	w := storetest.Here(t, storetest.WithMail, clock(0))
	s := &stage{browser: b, mail: mailtest.Start(t), now: w}
	s.earlier, s.silent = s.ago(2*time.Hour, storetest.WithMail), s.ago(2*time.Hour)
	pairs = append(pairs, "ROSTER_DATABASE", w.DSN, "ROSTER_SECRET", secret, "ROSTER_SMTP_URL", s.mail.URL(),
		"ROSTER_MAIL_FROM", "Roster <roster@example.com>", "ROSTER_TRUSTED_PROXIES", "127.0.0.1")
	s.server = serve(t, env(pairs...))
	t.Cleanup(func() {
		for line := range strings.Lines(s.server.log.String()) {
			// While the tests write past it, the server may have to wait for long.
			if strings.Contains(line, "level=ERROR") && !strings.Contains(line, "database is locked") {
				t.Errorf("the log has an error: %s", line)
			}
		}
	})
	return s
}

// ago opens the database of the stage once more, with a clock that is behind: an
// invitation of two hours ago can be resent, one of ten days ago has expired.
func (s *stage) ago(behind time.Duration, options ...storetest.Option) *storetest.World {
	w := *s.now
	w.DB = s.now.Another(append(options, clock(behind))...)
	return &w
}

// clock is the time, or some time before.
func clock(behind time.Duration) storetest.Option {
	return func(o *store.Options) { o.Now = func() time.Time { return time.Now().Add(-behind) } }
}

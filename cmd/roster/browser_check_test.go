package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// noise is everything a browser complains about while somebody uses it. It is
// heard from outside the page: what a test puts into a page is not bound by the
// page's policy and would miss the violations.
type noise struct {
	mu       sync.Mutex
	lines    []string
	expected []string // what htmx adds to an answer that was expected, sooner or later
}

func (n *noise) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

// hear is called for every event of the page.
func (n *noise) hear(event any) {
	switch e := event.(type) {
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			n.add("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeLog && e.Type != runtime.ConsoleAPICalledTypeInfo && e.Type != runtime.ConsoleAPICalledTypeDebug {
			var words []string
			for _, a := range e.Args {
				words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
			}
			n.add("console.%s: %s", e.Type, strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += ": " + e.ExceptionDetails.Exception.Description
		}
		n.add("exception: %s", text)
	case *page.EventJavascriptDialogOpening:
		n.add("a script opened a %s: %s", e.Type, e.Message)
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			n.add("policy: %s violated by %s", d.ViolatedDirective, d.BlockedURL)
		} else if text, err := json.Marshal(e.Issue.Details); err == nil {
			n.add("issue: %s %s", e.Issue.Code, text)
		}
	}
}

// listen asks for the events that chromedp does not ask for by itself.
func (n *noise) listen(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
	_, err := cdp.Call(ctx, t, audits.Enable, cdp.Empty{})
	return chromedp.Void{}, err
}

// take removes the first line that contains the text, and reports whether there
// was one.
func (n *noise) take(text string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.lines, func(s string) bool { return strings.Contains(s, text) })
	if i >= 0 {
		n.lines = slices.Delete(n.lines, i, i+1)
	}
	return i >= 0
}

func (n *noise) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := slices.DeleteFunc(n.lines, func(line string) bool {
		// A newer request of ours takes the place of one on its way: htmx complains of it.
		if strings.HasPrefix(line, "console.error: htmx:sendAbort") || strings.HasPrefix(line, "console.error: htmx:afterRequest") {
			return true
		}
		return slices.ContainsFunc(n.expected, func(s string) bool { return strings.HasPrefix(line, s) })
	})
	n.lines = nil
	return out
}

// quiet fails if the browser complained.
func (p *person) quiet() {
	p.t.Helper()
	for _, line := range p.heard.all() {
		p.t.Errorf("the browser complains: %s", line)
	}
}

// expect names the beginning of a line that may come from now on.
func (n *noise) expect(begin string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expected = append(n.expected, begin)
}

// refused says that the last step was answered with a status such as 422, which
// browsers and htmx complain about by themselves.
func (p *person) refused(status int) {
	p.t.Helper()
	p.heard.expect(fmt.Sprintf("console.error: Response Status Error Code %d", status))
	p.until(fmt.Sprintf("answer %d", status), func() error {
		if !p.heard.take(fmt.Sprintf("Failed to load resource: the server responded with a status of %d", status)) {
			return fmt.Errorf("no %d so far", status)
		}
		return nil
	})
}

// axe is the checker's script.
var axe = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile(filepath.Join("testdata", "axe", "axe.min.js"))
	return string(text), err
})

const runAxe = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], preload: false,
}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + v.help + "\n    " + n.html.slice(0, 300) + "\n    " + n.failureSummary)))`

// sound is what must hold of every page besides: no id twice, and nothing that
// makes it scroll sideways.
const sound = `(() => {
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id), out = [];
	for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) out.push("the id " + id + " is there twice");
	if (document.documentElement.scrollWidth > innerWidth) out.push("the page scrolls sideways: " + document.documentElement.scrollWidth + " > " + innerWidth);
	return out;
})()`

// check looks the page over: no complaint of the browser, nothing for axe.
func (p *person) check() {
	p.t.Helper()
	p.until("page", func() error {
		ready, err := eval[bool](p, `document.readyState === "complete"`)
		if err == nil && !ready {
			err = errors.New("it is still loading")
		}
		return err
	})
	p.quiet()
	for _, fault := range p.faults() {
		p.t.Errorf("%s: %s", must[string](p, "location.pathname + ' ' + document.title + ' ' + innerWidth"), fault)
	}
}

// judged are the pages that axe found nothing on. Journeys come by pages that
// others came by already, on the other database or in another's browser, and axe
// takes most of their time: what is the same to the letter is judged once.
type judged struct{ known sync.Map }

// likeness is all that axe looks at: the page, what is open, chosen and typed in
// on it, the window and the theme.
const likeness = `[document.documentElement.outerHTML, innerWidth, matchMedia("(prefers-color-scheme: dark)").matches,
	...[...document.querySelectorAll(":popover-open, :modal, :focus, :checked, :disabled, :user-invalid")].map((e) => e.tagName + e.id),
	...[...document.querySelectorAll("input, textarea, select")].map((e) => e.value)].join("\n")`

// passing is what differs between the pages of two plays that are the same: ids,
// links, the play's own addresses, the port, the time of day, and the color of a
// face, which comes from the id (the tour has crowds in all of them).
var passing = regexp.MustCompile(`\bhue-\d|\d{4}-\d\d-\d\dT[\d:]+Z|[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{26,}|team-\d+|\b\d+\.\d+\.\d+\.\d+(:\d+)?|\b\d\d:\d\d(:\d\d)?`)

// faults lists what axe finds, and what is not sound.
func (p *person) faults() []string {
	p.t.Helper()
	shown := passing.ReplaceAllString(must[string](p, likeness), "*")
	list := must[[]string](p, sound)
	if _, known := p.judged.known.Load(shown); known {
		return list
	}
	found := p.judge()
	if len(found) == 0 {
		p.judged.known.Store(shown, true)
	}
	return append(list, found...)
}

// judge runs axe.
func (p *person) judge() []string {
	p.t.Helper()
	script, err := axe()
	if err != nil {
		p.t.Fatal(err)
	}
	if !p.scripts { // the checker waits for time-outs, which do not come with scripts off
		call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
		defer p.obey()
	}
	ctx, cancel := context.WithTimeout(p.ctx, 2*patience)
	defer cancel()
	if !must[bool](p, `typeof axe === "object"`) {
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](script+";0")); err != nil {
			p.t.Fatal("load axe: ", err)
		}
	}
	list, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](runAxe, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("run axe: %v\n%s", err, p.where())
	}
	return list
}

// notice: what the checks look for, they find.
func notice(p *play) {
	maya := p.visitor("Maya")
	hears := func(text, does string) {
		p.Helper()
		must[bool](maya, "("+does+", true)")
		maya.until("noise", func() error {
			if !maya.heard.take(text) {
				return fmt.Errorf("nothing said %s", text)
			}
			return nil
		})
	}
	maya.visit("/signin")
	maya.at("Sign in")
	hears("policy: style-src", `document.head.append(Object.assign(document.createElement("style"), {textContent: "a { color: red }"}))`)
	hears("policy: img-src", `document.body.append(Object.assign(new Image(), {src: "https://example.com/x.png"}))`)
	hears("console.error: oh", `console.error("oh", "no")`)
	if p.scripts { // without them there is nothing to refuse
		hears("policy: script-src", `document.body.insertAdjacentHTML("beforeend", "<b onclick='x()'>x</b>")`)
		hears("exception", `setTimeout(() => { throw new Error("oops") })`)
	}
	found := strings.Join(maya.faults(), "\n")
	must[bool](maya, `(document.body.insertAdjacentHTML("beforeend", "<i id='email'></i><pre>"+"long ".repeat(500)), true)`)
	found += strings.Join(maya.faults(), "\n")
	for _, want := range []string{"image-alt", "the id email is there twice", "scrolls sideways"} {
		if !strings.Contains(found, want) {
			p.Errorf("%s is not found, only:\n%s", want, found)
		}
	}
	maya.heard.all()
}

// keep leaves a picture of the page and its HTML where the test keeps what it
// leaves behind: go test -artifacts.
func (p *person) keep() {
	dir := p.t.ArtifactDir()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		_ = os.WriteFile(filepath.Join(dir, p.who+".png"), picture, 0o600)
	}
	if html, err := eval[string](p, `document.documentElement.outerHTML`); err == nil {
		_ = os.WriteFile(filepath.Join(dir, p.who+".html"), []byte(html), 0o600)
	}
	p.t.Logf("%s is left at %s\nkept in %s", p.who, p.where(), dir)
}

// What is vendored is what was published.
func TestAxeIsUnchanged(t *testing.T) {
	t.Parallel()
	vendor, err := os.ReadFile(filepath.Join("testdata", "axe", "VENDOR.md"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(script))
	if !strings.Contains(string(vendor), "| 4.14.1 | MPL-2.0, `LICENSE` | `"+hex.EncodeToString(sum[:])+"` |") || !strings.Contains(script[:200], "axe v4.14.1") {
		t.Errorf("axe.min.js has the checksum %x", sum)
	}
	if _, err := os.Stat(filepath.Join("testdata", "axe", "LICENSE")); err != nil {
		t.Error(err)
	}
}

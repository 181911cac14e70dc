package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long anything on a page may take.
const patience = 30 * time.Second

// person is somebody in front of a browser, with cookies of their own. They find
// things as people do, by their role and their name, never by how they are built.
type person struct {
	t       *testing.T
	who     string
	ctx     context.Context
	base    string
	scripts bool
	heard   *noise
	judged  *judged
	within  cdp.BackendNodeID // where to look; 0 for the whole page
}

// open gives somebody a browser. Every person comes from a network address of
// their own, so that the limits on guessing meet nobody here.
func (b browser) open(t *testing.T, who, base, address string, scripts bool) *person {
	t.Helper()
	n := &noise{}
	ctx, _ := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(n.hear))
	p := &person{t: t, who: who, ctx: ctx, base: base, scripts: scripts, heard: n, judged: b.judged}
	if err := chromedp.Do(ctx, n.listen); err != nil { // without a time-out: the page lives as long as this context
		t.Fatal("open a page: ", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			p.keep()
		}
		p.quiet()
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log("close page: ", err)
		}
	})
	call(p, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"X-Forwarded-For": address}})
	p.look(false, 1280)
	p.obey()
	return p
}

// obey lets the pages run scripts, or not.
func (p *person) obey() {
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !p.scripts})
}

// look sets the theme and the width of the window. Nothing moves: what fades in
// has no contrast yet.
func (p *person) look(dark bool, width int64) {
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 844, DeviceScaleFactor: 1, Mobile: width < 600})
}

// do runs steps of chromedp.
func (p *person) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// call sends one command to the browser.
func call[P, R any](p *person, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	r, err := try(p, command, params)
	if err != nil {
		p.t.Fatalf("%s: %v", command.Method, err)
	}
	return r
}

func try[P, R any](p *person, command cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Call(ctx, command, params)
}

// eval works out an expression on the page.
func eval[T any](p *person, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// must is eval where nothing can go wrong.
func must[T any](p *person, expression string) T {
	p.t.Helper()
	v, err := eval[T](p, expression)
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for something to become so. The page may change in the meantime,
// so an error is a no.
func (p *person) until(what string, so func() error) {
	p.t.Helper()
	late := time.After(patience)
	for {
		err := so()
		if err == nil {
			return
		}
		select {
		case <-late:
			p.t.Fatalf("%s: %v\n%s", what, err, p.where())
		case <-p.ctx.Done():
			p.t.Fatalf("%s: the browser has gone: %v", what, context.Cause(p.ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// where says what the page is, for messages.
func (p *person) where() string {
	s, err := eval[string](p, `location.pathname + location.search + " " + document.body.innerText.replace(/\s+/g, " ").slice(0, 1500)`)
	if err != nil {
		return err.Error()
	}
	return s
}

// visit opens an address of the site.
func (p *person) visit(path string) {
	p.t.Helper()
	if !strings.Contains(path, "://") {
		path = p.base + path
	}
	p.do(chromedp.Navigate(path))
}

// back presses the button of the browser, and waits until it led to the page
// before. Its address tells, for a page kept by the browser is not loaded anew.
func (p *person) back() {
	p.t.Helper()
	before := call(p, page.GetNavigationHistory, cdp.Empty{})
	if before.CurrentIndex == 0 {
		p.t.Fatal("there is no page to go back to")
	}
	call(p, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.Entries[before.CurrentIndex-1].ID})
	p.until("back", func() error {
		now, err := try(p, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err // between two pages there is none
		}
		if now.CurrentIndex != before.CurrentIndex-1 {
			return errors.New("the browser is still on its way")
		}
		return nil
	})
}

// found is something on the page.
type found struct {
	id         cdp.BackendNodeID
	role, name string
}

// all lists what has a role and a name, where this person looks. In a name, …
// stands for any text.
func (p *person) all(role, name string) ([]found, error) {
	root := accessibility.QueryAXTreeParams{Role: role, BackendNodeID: p.within}
	if p.within == 0 {
		doc, err := try(p, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
		if err != nil {
			return nil, err
		}
		root.ObjectID = doc.Result.ObjectID
	}
	r, err := try(p, accessibility.QueryAXTree, root)
	if err != nil {
		return nil, err
	}
	var out []found
	for _, n := range r.Nodes {
		f := found{n.BackendDOMNodeID, text(n.Role), text(n.Name)}
		if !n.Ignored && named(f.name, name) {
			out = append(out, f)
		}
	}
	return out, nil
}

func named(is, want string) bool {
	parts := strings.Split(want, "…")
	rest, ok := strings.CutPrefix(is, parts[0])
	for _, part := range parts[1:] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return ok && (rest == "" || parts[len(parts)-1] == "")
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	if err := json.Unmarshal(v.Value, &s); err != nil {
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

// byID is in the place of a role where the name is an id: for what is there twice
// under one name.
const byID = "#"

// one finds the one thing that has a role and a name.
func (p *person) one(role, name string) (found, error) {
	if role == byID {
		return p.element(fmt.Sprintf(`document.getElementById(%q)`, name))
	}
	list, err := p.all(role, name)
	switch {
	case err != nil:
		return found{}, err
	case len(list) == 1:
		return list[0], nil
	}
	var names []string
	if others, err := p.all(role, "…"); err == nil {
		for _, o := range others {
			names = append(names, fmt.Sprintf("%q", o.name))
		}
	}
	return found{}, fmt.Errorf("%d of role %s are named %q; there are %s", len(list), role, name, strings.Join(names, ", "))
}

// element finds what an expression on the page gives.
func (p *person) element(expression string) (found, error) {
	r, err := try(p, runtime.Evaluate, runtime.EvaluateParams{Expression: expression})
	if err != nil {
		return found{}, err
	}
	if r.Result.ObjectID == "" {
		return found{}, fmt.Errorf("there is no %s", expression)
	}
	d, err := try(p, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: r.Result.ObjectID})
	if err != nil {
		return found{}, err
	}
	return found{id: d.Node.BackendNodeID, name: expression}, nil
}

// find waits for the one thing that has a role and a name.
func (p *person) find(role, name string) (f found) {
	p.t.Helper()
	p.until("find", func() (err error) {
		f, err = p.one(role, name)
		return err
	})
	return f
}

// gone waits until nothing has a role and a name.
func (p *person) gone(role, name string) {
	p.t.Helper()
	p.until("gone", func() error {
		list, err := p.all(role, name)
		if err == nil && len(list) > 0 {
			err = fmt.Errorf("%s %q is still there", role, name)
		}
		return err
	})
}

// has reports whether something is there now.
func (p *person) has(role, name string) bool {
	list, err := p.all(role, name)
	return err == nil && len(list) > 0
}

// in is the same person, looking only at one thing.
func (p *person) in(role, name string) *person {
	p.t.Helper()
	inner := *p
	inner.within = p.find(role, name).id
	return &inner
}

// spot is where the mouse hits something, or why it can't.
const spot = `function () {
	this.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
	const box = this.getClientRects()[0];
	if (!box) return {why: "it has no place on the page"};
	const x = box.x + box.width / 2, y = box.y + box.height / 2;
	const hit = document.elementFromPoint(x, y);
	const own = hit && (this.contains(hit) || hit.contains(this) && hit.closest("label") || [...this.labels ?? []].some((l) => l.contains(hit)));
	return own ? {x, y} : {why: "it is behind " + (hit ? hit.outerHTML.slice(0, 200) : "the edge of the window")};
}`

// on calls a function on something on the page.
func on[T any](p *person, f found, function string) (T, error) {
	var out T
	o, err := try(p, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: f.id})
	if err != nil {
		return out, err
	}
	byValue := true
	r, err := try(p, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: function, ObjectID: o.Object.ObjectID, ReturnByValue: &byValue})
	if err != nil {
		return out, err
	}
	if r.ExceptionDetails != nil {
		return out, errors.New(r.ExceptionDetails.Text)
	}
	return out, json.Unmarshal(r.Result.Value, &out)
}

// click presses something with the mouse.
func (p *person) click(role, name string) {
	p.t.Helper()
	p.until("click", func() error {
		f, err := p.one(role, name)
		if err != nil {
			return err
		}
		at, err := on[struct {
			X, Y float64
			Why  string
		}](p, f, spot)
		if err != nil {
			return err
		}
		if at.Why != "" {
			return fmt.Errorf("%s %q can't be pressed: %s", role, name, at.Why)
		}
		for _, kind := range []input.DispatchMouseEventType{chromedp.MouseMoved, chromedp.MousePressed, chromedp.MouseReleased} {
			e := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y}
			if kind != chromedp.MouseMoved {
				e.Button, e.ClickCount = input.MouseButtonLeft, 1
			}
			call(p, input.DispatchMouseEvent, e)
		}
		return nil
	})
}

// fill types into a field, over what stands in it.
func (p *person) fill(label, value string) {
	p.t.Helper()
	p.fillAs("textbox", label, value)
}

func (p *person) fillAs(role, label, value string) {
	p.t.Helper()
	p.click(role, label)
	f := p.find(role, label)
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl), selectAll))
	if value == "" {
		p.do(chromedp.KeyEvent(kb.Backspace))
	} else {
		call(p, input.InsertText, input.InsertTextParams{Text: value})
	}
	got, err := on[string](p, f, `function () { return this.value }`)
	if err != nil || got != value {
		p.t.Fatalf("%q took %q as %q: %v", label, value, got, err)
	}
}

func selectAll(e *input.DispatchKeyEventParams) { e.Commands = []string{"selectAll"} }

// keys presses keys, one after the other.
func (p *person) keys(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.do(chromedp.KeyEvent(k))
	}
}

// choose picks from a dropdown, as the keyboard does: by the first letter.
func (p *person) choose(label, option string) {
	p.t.Helper()
	f := p.find("combobox", label)
	call(p, dom.Focus, dom.FocusParams{BackendNodeID: f.id})
	p.keys(option[:1])
}

// chosen is what a dropdown shows.
func (p *person) chosen(label string) string {
	p.t.Helper()
	s, err := on[string](p, p.find("combobox", label), `function () { return this.selectedOptions[0].label }`)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// focused is what the keyboard goes to.
func (p *person) focused() (found, error) {
	o, err := try(p, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.activeElement"})
	if err != nil {
		return found{}, err
	}
	alone := false
	r, err := try(p, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{ObjectID: o.Result.ObjectID, FetchRelatives: &alone})
	if err != nil {
		return found{}, err
	}
	n := r.Nodes[0]
	return found{n.BackendDOMNodeID, text(n.Role), text(n.Name)}, nil
}

// onto waits until the keyboard goes to something.
func (p *person) onto(role, name string) {
	p.t.Helper()
	p.until("focus", func() error {
		f, err := p.focused()
		if err == nil && (f.role != role || !named(f.name, name)) {
			err = fmt.Errorf("focus is on %s %q, not on %s %q", f.role, f.name, role, name)
		}
		return err
	})
}

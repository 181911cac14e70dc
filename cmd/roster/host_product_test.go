package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"roster/store/storetest"
)

// hostProduct is docs/host-product.md being followed, every block in it, from the
// first to the last, by a real shell and a real Caddy: a product gets a team page.
type hostProduct struct {
	t        *testing.T
	dir      string
	roster   string // where it listens
	env      []string
	swap     *strings.Replacer
	product  *guarded
	out      string // of the last commands
	customer string // id of the organization
	maya     *visitor
}

// E3, F3: from nothing to “Roster is my Settings → Team”.
func TestManualOfTheHostProduct(t *testing.T) {
	t.Parallel()
	h := newHostProduct(t)
	done := map[string]int{}
	for _, f := range fence.FindAllStringSubmatch(document(t, "docs/host-product.md"), -1) {
		if f[1] == "" {
			done[f[3]]++
			h.follow(f[3], h.swap.Replace(f[4]))
		}
	}
	if want := map[string]int{"toml": 1, "sh": 9, "json": 5, "caddy": 1, "html": 1, "text": 1}; !maps.Equal(done, want) {
		t.Errorf("the document has %v, and the test knows %v", done, want)
	}
	// What the product told stands on the page that its menu leads to.
	if page := h.maya.get(h.product.door, "/o/acme/settings/team/members/"+h.header(h.maya, 1), http.StatusOK); !strings.Contains(page, "Order refunded") || !strings.Contains(page, "Order 1042") {
		t.Errorf("nothing of what she did there:\n%s", page)
	}
	// The product's own permissions are answered by role, and the role by the team page.
	omar := h.colleague()
	for permission, want := range map[string]string{
		"orders.view": `{"allowed": true, "role": "clerk", "reason": "allowed"}`, "catalog.edit": `{"allowed": true}`,
		"orders.refund": `{"allowed": false, "role": "clerk", "reason": "permission_missing"}`, "team.invite": `{"allowed": false}`,
	} {
		h.shell(`curl -fsS http://` + h.roster + `/api/v1/check -H "Authorization: Bearer $ROSTER_TOKEN" -H "Content-Type: application/json" \
			-d '{"user": "omar@example.com", "organization": "acme", "permission": "` + permission + `"}'`)
		h.answered(want)
	}
	if a := h.product.knock(omar, http.MethodGet, "/", ""); a.status != http.StatusOK || !strings.Contains(a.body, "|omar@example.com|clerk|") {
		t.Errorf("%d %q", a.status, a.body)
	}
	h.maya.post(h.product.door, "/o/acme/settings/team/members/"+h.header(omar, 1)+"/remove", http.StatusSeeOther)
	h.product.turnedAway(omar, http.StatusForbidden)
}

func newHostProduct(t *testing.T) *hostProduct {
	t.Helper()
	h := &hostProduct{t: t, dir: t.TempDir(), roster: fmt.Sprintf("127.0.0.1:%d", freePort(t)), product: &guarded{t: t}}
	h.swap = strings.NewReplacer("https://team.example.com", teamURL, "https://app.example.com", appURL, "127.0.0.1:8080", h.roster)
	h.put("bin/roster", "#!/usr/bin/env bash\nexport ROSTER_TEST_AS_PROCESS=1\nexec "+os.Args[0]+` "$@"`)
	h.put("exports", "")
	h.env = []string{"PATH=" + filepath.Join(h.dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + h.dir, "ROSTER_ADDR=" + h.roster}
	return h
}

func (h *hostProduct) put(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		h.t.Fatal(err)
	}
}

// follow does what one block says.
func (h *hostProduct) follow(language, text string) {
	h.t.Helper()
	switch language {
	case "toml":
		h.put("work/schemes/shop.toml", text)
	case "sh":
		h.shell(text)
	case "json":
		h.answered(text)
	case "text":
		if h.out != text {
			h.t.Errorf("the document has %q, and it is %q", text, h.out)
		}
	case "caddy":
		h.guard(text)
	case "html":
		for _, link := range regexp.MustCompile(`href="`+teamURL+`([^"]*)"`).FindAllStringSubmatch(text, -1) {
			if page := h.maya.get(h.product.door, link[1], http.StatusOK); !strings.Contains(page, "Maya Okafor") {
				h.t.Errorf("%s is not hers:\n%s", link[1], page)
			}
		}
	default:
		h.t.Fatalf("what is a block of %q?\n%s", language, text)
	}
}

// shell runs a block; what it exports, the next one has. Roster goes on serving.
func (h *hostProduct) shell(text string) {
	h.t.Helper()
	rest, serving := strings.CutSuffix(text, "roster serve\n")
	whole := "set -eu -o pipefail\ncd " + h.dir + "/work\nsource ../exports\n" + rest + "\nexport -p > ../exports\n"
	if serving {
		p := begin(h.t, h.env, "bash", "-c", whole+"exec roster serve")
		h.t.Cleanup(func() {
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
			<-p.ended
		})
		if door := p.out.wait(h.t, `Roster listens on (\S+)\. `); door != h.roster {
			h.t.Fatalf("it listens on %s", door)
		}
		if !strings.Contains(p.out.String(), teamURL+"/password/reset/") {
			h.t.Errorf("no link for the operator:\n%s", p.out)
		}
		return
	}
	cmd := exec.CommandContext(h.t.Context(), "bash", "-c", whole)
	cmd.Env = h.env
	out, err := cmd.Output()
	if err != nil {
		failed, _ := errors.AsType[*exec.ExitError](err)
		h.t.Fatalf("%v\n%s\n%s%s", err, text, out, failed.Stderr)
	}
	h.out = string(out)
}

// answered compares the last answer with what the document shows of it.
func (h *hostProduct) answered(text string) {
	h.t.Helper()
	var want, got map[string]any
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		h.t.Fatalf("%v\n%s", err, text)
	}
	if err := json.Unmarshal([]byte(h.out), &got); err != nil {
		h.t.Fatalf("%v\n%s", err, h.out)
	}
	if !covers(got, want) {
		h.t.Errorf("the document shows\n%s\nand the answer is\n%s", text, h.out)
	}
	if owner, ok := got["owner"].(map[string]any); ok {
		h.customer = fmt.Sprint(got["id"])
		h.arrives(fmt.Sprint(owner["link"]))
	}
}

// covers reports whether an answer holds what is wanted, and maybe more.
func covers(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		has, ok := got.(map[string]any)
		for name, value := range want {
			ok = ok && covers(has[name], value)
		}
		return ok
	case []any:
		has, ok := got.([]any)
		return ok && slices.EqualFunc(has, want, covers)
	}
	return reflect.DeepEqual(got, want)
}

// arrives is the first owner, who chooses a password by the link that the product
// handed over.
func (h *hostProduct) arrives(link string) {
	h.t.Helper()
	path, ours := strings.CutPrefix(link, teamURL)
	if !ours {
		h.t.Fatalf("the owner’s link is %q", link)
	}
	h.maya = newVisitor(h.t, teamURL, "192.0.2.1")
	h.maya.get(h.roster, path, http.StatusOK)
	h.maya.post(h.roster, path, http.StatusSeeOther, "password", storetest.Password)
}

// guard runs Caddy in front of both, and has people come to the product: signed
// out, signed in, and as somebody of elsewhere.
func (h *hostProduct) guard(text string) {
	h.t.Helper()
	app := httptest.NewServer(http.HandlerFunc(h.product.app))
	h.t.Cleanup(app.Close)
	port := freePort(h.t)
	conf := strings.NewReplacer("team.example.com {", fmt.Sprintf("http://team.example.com:%d {", port), "app.example.com {", fmt.Sprintf("http://app.example.com:%d {", port),
		"127.0.0.1:3000", strings.TrimPrefix(app.URL, "http://")).Replace(text)
	h.put("Caddyfile", "{\n\tadmin off\n\tauto_https off\n}\n"+conf)
	caddy, err := exec.LookPath("caddy")
	if err != nil {
		h.t.Fatal("The tests put an app behind Caddy, which is not there.\n  Debian, Ubuntu: sudo apt-get install caddy\n  macOS:          brew install caddy")
	}
	h.product.door = opened(h.t, fmt.Sprintf("127.0.0.1:%d", port), begin(h.t, h.env, caddy, "run", "--config", filepath.Join(h.dir, "Caddyfile"), "--adapter", "caddyfile"))

	if to := h.product.turnedAway(newVisitor(h.t, teamURL, "192.0.2.2"), http.StatusFound).header.Get("Location"); !strings.HasPrefix(to, teamURL+"/signin?next=http") {
		h.t.Errorf("signed out, one is led to %s", to)
	}
	h.maya.cookies = map[string]string{}
	h.maya.signIn(h.product.door, "maya@example.com")
	a := h.product.knock(h.maya, http.MethodGet, "/orders", "")
	if want := "GET /orders|" + h.header(h.maya, 1) + "|maya@example.com|owner|" + h.customer; a.status != http.StatusOK || !strings.HasPrefix(a.body, want+"|") {
		h.t.Errorf("%d %q, want %q", a.status, a.body, want)
	}
}

// header is one of what the product reads about a visitor: 1 is the id.
func (h *hostProduct) header(v *visitor, at int) string {
	h.t.Helper()
	a := h.product.knock(v, http.MethodGet, "/", "")
	parts := strings.Split(a.body, "|")
	if a.status != http.StatusOK || len(parts) < 5 {
		h.t.Fatalf("%d %q", a.status, a.body)
	}
	return parts[at]
}

// colleague is Omar, who joins by the link of his invitation.
func (h *hostProduct) colleague() *visitor {
	h.t.Helper()
	call := `curl -fsS -H "Authorization: Bearer $ROSTER_TOKEN" http://` + h.roster + `/api/v1/organizations/acme/invitations`
	read := func(what any) {
		if err := json.Unmarshal([]byte(h.out), what); err != nil {
			h.t.Fatalf("%v\n%s", err, h.out)
		}
	}
	var list struct{ Items []struct{ ID string } }
	h.shell(call)
	if read(&list); len(list.Items) != 1 {
		h.t.Fatal(h.out)
	}
	var link struct{ Link string }
	h.shell(call + "/" + list.Items[0].ID + "/link -X POST")
	read(&link)
	v := newVisitor(h.t, teamURL, "192.0.2.3")
	v.post(h.roster, strings.TrimPrefix(link.Link, teamURL)+"/accept", http.StatusSeeOther, "name", "Omar", "password", storetest.Password)
	return v
}

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"roster/store/storetest"
)

// F3: what docs/api.md tells to type is typed, as it stands there, against a server
// that runs; so is its program in Go.
func TestF3CommandsOfTheAPIDocument(t *testing.T) {
	t.Parallel()
	w := storetest.Open(t, storetest.WithMail, clock(0))
	maya, omar := w.User("maya@example.com"), w.User("omar@example.com")
	o := w.Organization("workspace", "acme", maya)
	w.Join(maya, o, omar, "member")
	server := serve(t, env("ROSTER_DATABASE", w.DSN, "ROSTER_SECRET", secret))
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put("roster", "#!/bin/sh\nROSTER_TEST_AS_PROCESS=1 ROSTER_DATABASE="+w.DSN+" ROSTER_SECRET="+secret+" exec "+os.Args[0]+` "$@"`+"\n")
	script := "set -eu -o pipefail\n"
	for _, f := range regexp.MustCompile("(?s)```(sh|go)\n(.*?)```").FindAllStringSubmatch(document(t, "docs/api.md"), -1) {
		text := strings.ReplaceAll(f[2], "http://127.0.0.1:8080", server.base)
		if f[1] == "sh" {
			script += text + "echo\n"
			continue
		}
		put("main.go", text)
		script += "ROSTER_TOKEN=$ROSTER_TOKEN go run " + filepath.Join(dir, "main.go") + "\n"
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"email":"maya@example.com"`, `"email":"teammate@example.com"`, `"role":"viewer"`, "owner Maya maya@example.com\nviewer Omar omar@example.com\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not in what came of it:\n%s", want, out)
		}
	}
}

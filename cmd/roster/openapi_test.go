package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"roster/store/storetest"
)

// TestOpenAPI has others judge the API: a linter its document, and a proxy that
// knows nothing but the document every request and every answer of a server that
// runs. Each operation is asked for once at least; that they do the same on either
// database is proven elsewhere.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	tools := openAPITools(t)
	w := storetest.Open(t, storetest.WithMail, clock(0))
	server := serve(t, env("ROSTER_DATABASE", w.DSN, "ROSTER_SECRET", secret))
	_, document := server.get(t, "/api/openapi.json")
	lint := exec.CommandContext(t.Context(), "node", filepath.Join(tools, "lint.mjs"))
	lint.Stdin = strings.NewReader(document)
	if out, err := lint.CombinedOutput(); err != nil {
		t.Errorf("the document: %v\n%s", err, out)
	}
	var doc openAPI
	if err := json.Unmarshal([]byte(document), &doc); err != nil {
		t.Fatal(err)
	}
	c := newContract(t, w, prism(t, tools, document, server.base+"/api/v1"))
	asked := map[string]bool{}
	for _, s := range c.steps() {
		method, path, ok := doc.find(s.id)
		if !ok {
			t.Errorf("there is no operation %s", s.id)
			continue
		}
		asked[s.id] = true
		c.ask(t, s, method, path)
	}
	for id := range doc.operations() {
		if !asked[id] {
			t.Errorf("nobody asks for %s", id)
		}
	}
}

// openAPI is the part of a document that says which operations there are.
type openAPI struct {
	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
	} `json:"paths"`
}

func (d openAPI) operations() map[string][2]string {
	out := map[string][2]string{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			out[op.OperationID] = [2]string{strings.ToUpper(method), path}
		}
	}
	return out
}

func (d openAPI) find(id string) (method, path string, ok bool) {
	op, ok := d.operations()[id]
	return op[0], op[1], ok
}

// openAPITools returns the folder of the tools, which make test has installed.
func openAPITools(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join("..", "..", ".ci", "openapi", "tools"))
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf(".ci/openapi/tools: %v\n%s", err, trouble.String())
	}
	return strings.TrimSpace(string(out))
}

// prism starts the proxy that compares what passes with the document, and returns
// its address.
func prism(t *testing.T, tools, document, upstream string) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	log := newOutput()
	cmd := exec.CommandContext(t.Context(), filepath.Join(tools, "node_modules", ".bin", "prism"), "proxy", file, upstream, "--errors", "--port", port)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	log.wait(t, `(Prism is listening)`)
	return "http://" + address
}

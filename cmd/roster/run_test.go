package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"roster/store/storetest"
)

// TestMain lets a test start the whole process as a second one, for what only a
// process has: signals and exit codes.
func TestMain(m *testing.M) {
	if os.Getenv("ROSTER_TEST_AS_PROCESS") == "1" {
		main()
		return
	}
	os.Exit(storetest.Main(m))
}

// instance is a run() that serves.
type instance struct {
	base  string // where it listens
	out   *output
	log   *output
	stop  context.CancelFunc
	ended chan error
}

// output collects what a process writes and can be waited on.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{}, 1)} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// wait returns the first group of the pattern once it was written.
func (o *output) wait(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(4 * time.Minute) // the demo fills its database first, which takes the race detector long
	for {
		if m := re.FindStringSubmatch(o.String()); m != nil {
			return m[1]
		}
		select {
		case <-o.more:
		case <-late:
			t.Fatalf("%s was not written: %s", pattern, o)
		}
	}
}

// serve starts the real run() on a free port and waits until it listens.
func serve(t *testing.T, getenv func(string) string, args ...string) *instance {
	t.Helper()
	return start(t, "serve", getenv, args...)
}

// start is serve for another command that serves.
func start(t *testing.T, command string, getenv func(string) string, args ...string) *instance {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &instance{out: newOutput(), log: newOutput(), stop: stop, ended: make(chan error, 1)}
	go func() {
		std := streams{in: strings.NewReader(""), out: s.out, err: s.log}
		err := run(ctx, append([]string{command, "--addr", "127.0.0.1:0"}, args...), getenv, std)
		std.report(err)
		if err != nil {
			_, _ = io.WriteString(s.out, "\nEnded. Open nothing\n") // ends the wait below
		}
		s.ended <- err
	}()
	t.Cleanup(func() { s.end(t) })
	s.base = s.out.wait(t, `Open (\S+)\n`)
	if s.base == "nothing" {
		t.Fatalf("it did not start: %s", s.log)
	}
	return s
}

// end stops the instance and waits for it.
func (s *instance) end(t *testing.T) {
	t.Helper()
	s.stop()
	select {
	case err, running := <-s.ended:
		if running {
			close(s.ended)
		}
		if err != nil {
			t.Errorf("it ended with: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it was not gone within 10 seconds")
	}
}

// get returns the status and the body at a path.
func (s *instance) get(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(s.base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "roster.db")
	s := serve(t, env("ROSTER_DATABASE", db))

	for _, path := range []string{"/healthz", "/readyz", "/signin"} {
		if status, body := s.get(t, path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	setUp := s.out.wait(t, `(http\S+/setup/\S+)\n`)
	path, ok := strings.CutPrefix(setUp, s.base)
	if !ok {
		t.Errorf("the set-up address %s does not begin with %s", setUp, s.base)
	}
	if status, body := s.get(t, path); status != http.StatusOK || !strings.Contains(body, "<form") {
		t.Errorf("the set-up page: %d %s", status, body)
	}
	if token := filepath.Base(path); strings.Contains(s.log.String(), token) {
		t.Errorf("the log holds the set-up token: %s", s.log)
	}
	for _, file := range []string{db, db + ".key", db + "-wal"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file, info.Mode())
		}
	}
	s.end(t)

	again := serve(t, env("ROSTER_DATABASE", db))
	if printed := again.out.wait(t, `(http\S+/setup/\S+)\n`); strings.TrimPrefix(printed, again.base) != path {
		t.Error("the set-up address changed although nobody used it")
	}
	again.end(t)

	if out, problem, code := command(t, env(), "correct horse battery\n", "user", "create", "--database", db,
		"--email", "ada@example.com", "--name", "Ada", "--operator", "--password-stdin"); code != 0 {
		t.Fatal(out, problem)
	}
	third := serve(t, env("ROSTER_DATABASE", db))
	if status, _ := third.get(t, path); status == http.StatusOK {
		t.Error("the set-up address still works")
	}
	if strings.Contains(third.out.String(), "/setup/") {
		t.Errorf("a set-up address although somebody has an account: %s", third.out)
	}
}

func TestServeOnASocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "roster") // t.TempDir() can be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	if l, err := net.Listen("unix", path); err != nil { // a socket that a killed process left
		t.Fatal(err)
	} else if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
		_ = u.Close()
	}
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(dir, "roster.db"), "ROSTER_BASE_URL", "https://team.example.com"), "--addr", "unix:"+path)
	if s.base != "https://team.example.com" {
		t.Error(s.base)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != socketMode {
		t.Errorf("the socket has mode %v", info.Mode())
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	resp, err := client.Get("http://team.example.com/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Error(resp.Status)
	}
	_, problem, code := command(t, env(), "", "serve", "--addr", "unix:"+path, "--base-url", "https://b.example.com", "--database", filepath.Join(dir, "b.db"))
	if code != 1 || !strings.Contains(problem, "in use") {
		t.Errorf("a second server took the socket: %d %s", code, problem)
	}
	s.end(t)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

func TestPortInUseIsExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(dir, "a.db")))
	addr := strings.TrimPrefix(s.base, "http://")
	_, problem, code := command(t, env(), "", "serve", "--addr", addr, "--database", filepath.Join(dir, "b.db"))
	if code != 1 || !strings.Contains(problem, addr+" is in use") || !strings.Contains(problem, "ROSTER_ADDR") {
		t.Errorf("%d: %s", code, problem)
	}
}

// A request that was begun is answered although the server was told to stop in
// the middle of it (H7).
func TestStopFinishesWhatWasBegun(t *testing.T) {
	t.Parallel()
	s := serve(t, env("ROSTER_DATABASE", filepath.Join(t.TempDir(), "roster.db")))
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const form = "email=nobody%40example.com&password=wrong-password"
	if _, err := fmt.Fprintf(conn, "POST /signin HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nSec-Fetch-Site: same-origin\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		strings.TrimPrefix(s.base, "http://"), s.base, len(form)); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatal("the handler does not read the form:", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	s.stop()
	s.log.wait(t, `(msg=stopping)`)
	if _, err := io.WriteString(conn, form); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal("the request was cut off:", err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusForbidden {
		t.Error(resp.Status)
	}
	s.end(t)
}

func TestSignalStopsTheProcess(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			out := newOutput()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "serve")
			cmd.Env = append(os.Environ(), "ROSTER_TEST_AS_PROCESS=1", "ROSTER_ADDR=127.0.0.1:0", "ROSTER_DATABASE="+filepath.Join(t.TempDir(), "roster.db"))
			cmd.Stdout, cmd.Stderr = out, out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			out.wait(t, `Open (\S+)\n`)
			began := time.Now()
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("exit: %v\n%s", err, out)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

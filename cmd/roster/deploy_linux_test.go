package main

import (
	"debug/elf"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The binary needs nothing of the system: no library, no shell, no account, no
// home, and no place to write to but its data, as docs/deploy/Dockerfile has it.
func TestBinaryAlone(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "roster-alone-") // its user has to get in, unlike into t.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	program := filepath.Join(dir, "roster")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	binary, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it is not static: %v", p.Type)
		}
	}

	const nobody = 65532
	data := filepath.Join(dir, "data")
	if err := errors.Join(os.Mkdir(data, 0o700), os.Chmod(program, 0o555)); err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Chroot: dir}
	if os.Getuid() == 0 {
		if err := os.Chown(data, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}
	} else {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getgid(), Size: 1}}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	out := newOutput()
	cmd := exec.CommandContext(t.Context(), "/roster", "serve")
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = "/", attr, out, out
	cmd.Env = []string{"ROSTER_DATABASE=/data/roster.db", "ROSTER_ADDR=127.0.0.1:0"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	base := out.wait(t, `Open (\S+)\n`)
	resp, err := http.Get(base + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Error(resp.Status)
	}
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v\n%s", err, time.Since(began), out)
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if name := strings.TrimPrefix(path, dir); err == nil && name != "" && name != "/roster" && !strings.HasPrefix(name, "/data") {
			t.Errorf("it wrote %s", name)
		}
		return err
	})
	if _, serr := os.Stat(filepath.Join(data, "roster.db.key")); serr != nil || err != nil {
		t.Error(serr, err)
	}
}

// The unit of the documents is one that systemd understands, and keeps Roster to
// itself.
func TestUnitOfTheDocuments(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	unit := filepath.Join(t.TempDir(), "roster.service")
	text := strings.Replace(document(t, "docs/deploy/roster.service"), "/usr/local/bin/roster", os.Args[0], 1)
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, "verify", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), program, "security", "--offline=true", "--threshold=15", unit).CombinedOutput()
	level := regexp.MustCompile(`Overall exposure level.*`).FindString(string(out))
	if err != nil {
		t.Errorf("%v: %s", err, level)
	}
	t.Log(level)
}

// The example settings are settings that start, and the unit and the container
// name files that are there.
func TestDeploymentOfTheDocuments(t *testing.T) {
	t.Parallel()
	var pairs []string
	for _, line := range strings.Split(document(t, "docs/deploy/roster.env"), "\n") {
		line = strings.TrimPrefix(line, "#") // those that are commented out, too
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, "ROSTER_") && value != "" {
			pairs = append(pairs, name, value)
		}
	}
	c, err := parseSettings(env(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	if len(pairs) != 2*8 || !c.mailOn || !c.logJSON || c.metricsAddress == "" || len(c.proxies) != 1 {
		t.Errorf("%d settings: %+v", len(pairs)/2, c)
	}
	docker := document(t, "docs/deploy/Dockerfile")
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(document(t, "go.mod"))
	if version == nil || !strings.Contains(docker, "FROM golang:"+version[1]+" AS build") {
		t.Error("the container is built with another Go than go.mod names")
	}
	for _, path := range regexp.MustCompile(`COPY (go\.mod) (go\.sum)`).FindStringSubmatch(docker)[1:] {
		document(t, path)
	}
}

package main

import (
	"runtime"
	"runtime/debug"
	"strings"
)

type versionCmd struct{}

// Run prints what this binary was made of.
func (versionCmd) Run(p *process) error { //nolint:unparam // the form of every command
	info, _ := debug.ReadBuildInfo()
	p.printf("%s", describe(info))
	return nil
}

// describe reads the version, commit and drivers from what the Go tool noted
// when it built the binary.
func describe(info *debug.BuildInfo) string {
	if info == nil {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	version, commit := info.Main.Version, "unknown"
	if version == "" || version == "(devel)" {
		version = "development"
	}
	dirty := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if dirty {
		commit += " (changed)"
	}
	var b strings.Builder
	b.WriteString("roster   " + version + "\n")
	b.WriteString("commit   " + commit + "\n")
	b.WriteString("go       " + info.GoVersion + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n")
	for _, d := range info.Deps {
		if d.Path == "modernc.org/sqlite" {
			b.WriteString("database " + d.Path + " " + d.Version + "\n")
		}
	}
	return b.String()
}

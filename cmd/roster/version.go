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
	from := builtFrom(info)
	var b strings.Builder
	b.WriteString("roster   " + from.version + "\n")
	b.WriteString("commit   " + from.commit + "\n")
	b.WriteString("go       " + from.golang + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n")
	if from.database != "" {
		b.WriteString("database " + from.database + "\n")
	}
	return b.String()
}

// built is what a binary was made of.
type built struct{ version, commit, golang, database string }

func builtFrom(info *debug.BuildInfo) built {
	if info == nil {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	b := built{version: info.Main.Version, commit: "unknown", golang: info.GoVersion}
	if b.version == "" || b.version == "(devel)" {
		b.version = "development"
	}
	dirty := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if dirty {
		b.commit += " (changed)"
	}
	for _, d := range info.Deps {
		if d.Path == "modernc.org/sqlite" {
			b.database = d.Path + " " + d.Version
		}
	}
	return b
}

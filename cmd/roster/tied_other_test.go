//go:build !linux

package main

import "os/exec"

// tie: only Linux ends a program with who started it.
func tie(*exec.Cmd) {}

//go:build !linux

package main

import "testing"

// smallDisk: only Linux mounts memory.
func smallDisk(t *testing.T, _ string) string {
	t.Helper()
	t.Skip("file systems of a chosen size are made on Linux only")
	return ""
}

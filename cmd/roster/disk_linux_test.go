package main

import (
	"os"
	"syscall"
	"testing"
)

// smallDisk returns a folder on a file system of its own with so many MiB. Only
// root may mount one, and not in every container: the test is skipped there, and
// store.TestH2FullDatabase stands for it.
func smallDisk(t *testing.T, mib string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "roster-disk-") // PostgreSQL's user has to get in, unlike into t.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("roster-test", dir, "tmpfs", 0, "mode=0755,size="+mib+"m"); err != nil {
		t.Skipf("mounting is not allowed here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

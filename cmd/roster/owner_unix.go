//go:build unix

package main

import (
	"os"
	"syscall"
)

// sameOwner gives a new file to the owner of the one it takes the place of: root
// may have run the command, and the server that reads it is not root.
func sameOwner(of, file string) error {
	info, err := os.Stat(of)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Getuid() && int(stat.Gid) == os.Getgid() {
		return nil
	}
	return os.Chown(file, int(stat.Uid), int(stat.Gid))
}

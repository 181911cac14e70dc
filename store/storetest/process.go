package storetest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

type sysProcAttr = syscall.SysProcAttr

// The signals that end PostgreSQL: fast ends every connection and writes down what
// there is, quit is at once.
const (
	fast = syscall.SIGINT
	quit = syscall.SIGQUIT
)

// servant says as whom PostgreSQL runs, which refuses to run as root: as its own
// user then, who owns the folder.
func servant(dir string) (*sysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // as ourselves
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and its own user is missing: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read user postgres: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read user postgres: %w", err)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &sysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

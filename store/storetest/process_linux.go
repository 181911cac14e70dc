package storetest

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// withParent has the kernel end the server when the tests die, however they do.
func withParent(as *sysProcAttr) *sysProcAttr {
	attr := sysProcAttr{}
	if as != nil {
		attr = *as
	}
	attr.Pdeathsig = syscall.SIGQUIT
	return &attr
}

func lockThread() { runtime.LockOSThread() }

// memory is a folder whose files stand in memory: a database is made and dropped
// there in a tenth of the time that a disk takes.
const memory = "/dev/shm"

// enough is how much room a server needs there. Containers often have less.
const enough = 2 << 30

// quickest returns where the files of servers go: into memory, where there is
// room, once what killed tests left there is cleared away.
func quickest() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < enough {
		return os.TempDir()
	}
	left, _ := filepath.Glob(filepath.Join(memory, prefix+"*"))
	for _, dir := range left {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute { // it may be just about to be claimed
			continue
		}
		if mine, err := claim(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = mine.Close()
		}
	}
	return memory
}

// claim locks a folder until the file is closed, or the process ends, however
// that comes about. It fails where another one has it.
func claim(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "claimed"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

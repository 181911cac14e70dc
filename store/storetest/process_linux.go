package storetest

import (
	"runtime"
	"syscall"
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

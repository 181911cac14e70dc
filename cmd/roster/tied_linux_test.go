package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// tie has the kernel end a program when the tests die, however they do: it does so
// when the thread ends that started it, which therefore nobody else may use.
func tie(cmd *exec.Cmd) {
	runtime.LockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}

package main

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// onlySYN drops the packets that ask for a connection, which are then sent again a
// second later, and lets those pass that complete one. It sees TCP headers: byte
// 13 has the flags, and 2 is SYN.
var onlySYN = []unix.SockFilter{
	{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 13},
	{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: 2, Jf: 1},
	{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	{Code: unix.BPF_RET | unix.BPF_K, K: 1 << 30},
}

// turnAway has the kernel take no new connections while those it has taken can
// still be accepted. Until the listener is closed nobody is refused: who asks
// meanwhile asks again.
func turnAway(l *net.TCPListener) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return fmt.Errorf("reach socket: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(onlySYN)), Filter: &onlySYN[0]}) //nolint:gosec // a filter has a handful of instructions
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("turn newcomers away: %w", err)
	}
	return nil
}

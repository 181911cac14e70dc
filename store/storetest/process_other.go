//go:build !linux

package storetest

// withParent: only Linux ends a child with its parent.
func withParent(as *sysProcAttr) *sysProcAttr { return as }

func lockThread() {}

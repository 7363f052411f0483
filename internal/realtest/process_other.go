//go:build !linux

package realtest

import "os/exec"

// DieWithParent does nothing: a test that is killed leaves its processes behind.
func DieWithParent(*exec.Cmd) {}

// lock does nothing: of two processes that fetch the same, one may fail.
func lock(string) (unlock func(), err error) { return func() {}, nil }

//go:build !linux

package kafkatest

import "os/exec"

// dieWithParent does nothing: a test that is killed leaves its brokers behind.
func dieWithParent(*exec.Cmd) {}

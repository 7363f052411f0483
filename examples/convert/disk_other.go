//go:build !linux

package main

import "os"

// startWriteback is left to the system.
func startWriteback(*os.File, int64, int64) error { return nil }

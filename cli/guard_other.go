//go:build !unix

package cli

import "os"

var guardIgnores = []os.Signal{os.Interrupt}

// inForeground: there are no process groups that could take a terminal over.
func inForeground(int) bool { return true }

// quietRuntime changes nothing: the report shows on the screen as well.
func quietRuntime() (undo func()) { return func() {} }

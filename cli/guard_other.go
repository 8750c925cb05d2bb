//go:build !unix

package cli

import "os"

var guardIgnores = []os.Signal{os.Interrupt}

// Package cli is adit's command line: it reads flags and environment, chooses AWS or the embedded service, and joins the
// other rooms together.
package cli

// Execute runs a command line and returns the exit code.
func Execute(args []string) int { panic("not built") }

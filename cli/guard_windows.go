package cli

import (
	"os"
	"strconv"

	"golang.org/x/sys/windows"
)

var guardIgnores = []os.Signal{os.Interrupt}

// inForeground: there are no process groups that could take a terminal over.
func inForeground(int) bool { return true }

// terminalState is a console's mode, in a form that another process restores it from.
func terminalState(console int) (string, error) {
	var mode uint32
	err := windows.GetConsoleMode(windows.Handle(console), &mode)
	return strconv.FormatUint(uint64(mode), 10), err
}

func restoreTerminal(console int, state string) error {
	mode, err := strconv.ParseUint(state, 10, 32)
	if err != nil {
		return err
	}
	return windows.SetConsoleMode(windows.Handle(console), uint32(mode))
}

// quietRuntime changes nothing: the report shows on the screen as well.
func quietRuntime() (undo func()) { return func() {} }

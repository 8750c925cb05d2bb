package session

// BusyError: the tunnel's source is connected, and not by this adit. The user may take over, open a new one, or wait.
type BusyError struct {
	Thing string
	// Holder is who has it by the holder tag, "" where nobody says.
	Holder string
}

func (e *BusyError) Error() string { panic("not built") }

// NothingToReuseError: no open tunnel of the thing can be reused; opening one is billed, so that is the user's to say.
type NothingToReuseError struct {
	Thing  string
	Reason string
}

func (e *NothingToReuseError) Error() string { panic("not built") }

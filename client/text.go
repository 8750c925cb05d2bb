package client

// Text came from the network. It is kept raw, so that editing it changes nothing else, and shown clean.
type Text string

// Raw is the text as it came.
func (t Text) Raw() string { return string(t) }

// String is the text fit for a terminal: control characters, escape sequences and bidirectional controls are gone.
func (t Text) String() string { return Clean(string(t)) }

// Clean makes foreign text fit for a terminal line.
func Clean(raw string) string { panic("not built") }

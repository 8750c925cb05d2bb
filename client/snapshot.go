package client

import "time"

// Row is a tunnel with what is known about the knowledge.
type Row struct {
	Tunnel
	// ListedAt and DescribedAt are when it was last seen by List and by Describe, zero for never.
	ListedAt, DescribedAt time.Time
	// Err is why the last refresh of this row failed; the data stays.
	Err error
}

// ContextState is how the listing of one context goes.
type ContextState struct {
	Context  Context
	ListedAt time.Time
	// Err is why the last sweep failed; nil after a good one. Since is when it first failed so.
	Err   error
	Since time.Time
	// More tells that the service has further pages that were not asked for.
	More bool
}

// Snapshot is what the watcher knew at one moment. It is never changed after it was published.
type Snapshot struct {
	Seq      uint64
	At       time.Time
	Rows     []*Row // newest first; those that did not change are the same as before
	Contexts []ContextState
	// Thing is the server-side filter, "" for none.
	Thing string
}

// Row is the tunnel with this key, false where it is not in the snapshot.
func (s *Snapshot) Row(key Key) (Row, bool) {
	for _, row := range s.Rows {
		if row.Key == key {
			return *row, true
		}
	}
	return Row{}, false
}

// Attention is what the screen looks at; it decides the order of DescribeTunnel.
type Attention struct {
	// Watched are being opened or proxied, Selected is under the cursor, Visible on the screen.
	Watched  []Key
	Selected Key
	Visible  []Key
	// Sought are those that a filter or an order cannot judge before they are described. It is not changed any more.
	Sought map[Key]bool
	// Places are those that the screen shows, none for all. Of the others only the watched is described, and they are listed
	// now and then, as a local proxy may still run there.
	Places []Key
	// Blurred slows everything but the watched down.
	Blurred bool
}

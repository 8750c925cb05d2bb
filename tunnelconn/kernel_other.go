//go:build !linux

package tunnelconn

import (
	"net"
	"syscall"
)

// queuedInKernel is not known here: the size of the kernel's send buffer is the bound.
func queuedInKernel(net.Conn) (int, bool) { return 0, false }

// deliveryOf is not known here: a second connection tells whether the way is open.
func deliveryOf(net.Conn) (delivery, bool) { return delivery{}, false }

// limitUnsent does nothing here.
func limitUnsent(net.Conn, int) {}

// resetWhenClosed does nothing where the call differs from system to system.
func resetWhenClosed(string, string, syscall.RawConn) error { return nil }

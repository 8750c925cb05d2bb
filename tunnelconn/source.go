package tunnelconn

import (
	"context"
	"net"
)

// Source is a running source local proxy.
type Source struct{}

// StartSource binds the listeners and begins to connect. It returns once the listeners are bound; an address that is
// taken is a *ListenError. The Source stops by Close, or by itself when the service turns it away for good.
func StartSource(cfg SourceConfig) (*Source, error) { panic("not built") }

// Attach carries one local connection, such as ssh's, to a service of the tunnel and takes the connection over: it is
// closed when the stream ends. It blocks until then. An empty service is the tunnel's only one.
func (s *Source) Attach(ctx context.Context, service string, local net.Conn) error {
	panic("not built")
}

// Status samples the proxy.
func (s *Source) Status() Status { panic("not built") }

// Changed blocks until Status().Seq differs from seen, and returns the new one.
func (s *Source) Changed(ctx context.Context, seen uint64) (uint64, error) { panic("not built") }

// Done is closed when the proxy has stopped and everything of it is gone.
func (s *Source) Done() <-chan struct{} { panic("not built") }

// Close ends the proxy in order: listeners, connections, then the WebSocket, within three seconds.
func (s *Source) Close() error { panic("not built") }

package tunnelconn

import "context"

// Destination is a running destination local proxy.
type Destination struct{}

// StartDestination begins to connect; applications are dialled when a stream asks for them.
func StartDestination(cfg DestinationConfig) (*Destination, error) { panic("not built") }

// Status samples the proxy.
func (d *Destination) Status() Status { panic("not built") }

// Changed blocks until Status().Seq differs from seen, and returns the new one.
func (d *Destination) Changed(ctx context.Context, seen uint64) (uint64, error) { panic("not built") }

// Done is closed when the proxy has stopped and everything of it is gone.
func (d *Destination) Done() <-chan struct{} { panic("not built") }

// Close ends the proxy in order, within three seconds.
func (d *Destination) Close() error { panic("not built") }

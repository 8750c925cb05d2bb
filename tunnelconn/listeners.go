package tunnelconn

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// listenAll binds every address or none.
func listenAll(listeners []Listener) ([]net.Listener, error) {
	var bound []net.Listener
	for _, l := range listeners {
		listener, err := listen(l)
		if err != nil {
			for _, other := range bound {
				_ = other.Close()
			}
			return nil, err
		}
		bound = append(bound, listener)
	}
	return bound, nil
}

func listen(l Listener) (net.Listener, error) {
	host, port, err := net.SplitHostPort(l.Address)
	if err != nil {
		return nil, &ListenError{Service: l.Service, Address: l.Address, Err: err}
	}
	if host == "" {
		// The usual meaning, every interface, would let the network in.
		host = "127.0.0.1"
	}
	config := net.ListenConfig{KeepAlive: keepAliveOf(host)}
	listener, err := config.Listen(context.Background(), "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, &ListenError{Service: l.Service, Address: l.Address, InUse: inUse(err), Err: err}
	}
	return listener, nil
}

// keepAliveOf is how often the kernel is to ask whether the other end of a local connection is still there: as usual, and
// never on loopback, where nobody vanishes without a word, and setting it costs a short connection four calls.
func keepAliveOf(host string) time.Duration {
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() || host == "localhost" {
		return -1
	}
	return 0
}

// inUse tells a taken port from other failures, by the number that Windows has for it too.
func inUse(err error) bool {
	const windows = syscall.Errno(10048) // WSAEADDRINUSE
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windows)
}

// accept serves a listener until it is closed. Any other failure, such as too many open files, passes: it tries again
// after a while, so that the port stays.
func (s *Source) accept(listener net.Listener, service string, count *counters) {
	const first, longest = 5 * time.Millisecond, time.Second
	pause := first
	for {
		local, err := listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			s.uplink.log.Warn("cannot accept a local connection", "service", service, "reason", err)
			waitFor(s.life.Done(), pause)
			pause = min(2*pause, longest)
			continue
		}
		pause = first
		if !s.enter() {
			reset(local)
			continue
		}
		go func() {
			defer s.work.Done()
			// The reason of a failure was logged, and counted; the local side has seen a reset.
			_ = s.serve(context.Background(), service, local, count)
		}()
	}
}

package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"syscall"

	"adit/client"
	"adit/tunnelconn"
)

// anyPort leaves the local port to the system.
const anyPort = "127.0.0.1:0"

// mostTries bounds the search for a free port above a taken one.
const mostTries = 50

// PortTakenError says that a local address is in use already.
type PortTakenError struct {
	// Service asked for Address; the name is "" in a tunnel that names no services.
	Service, Address string
	// By is who has it, as a sentence names them.
	By string
	// Free is the next address that was free a moment ago, for Request.Bind; "" when there is none near.
	Free string
}

func (e *PortTakenError) Error() string { return fmt.Sprintf("%s is taken by %s.", e.Address, e.By) }

// listeners gives every service a local address; a tunnel without services has one without a name.
func (a *Attempt) listeners(t client.Tunnel) []tunnelconn.Listener {
	names := rawTexts(t.Services)
	if len(names) == 0 {
		names = []string{""}
	}
	listeners := make([]tunnelconn.Listener, len(names))
	for i, name := range names {
		address := a.req.Bind[name]
		if address == "" {
			address = anyPort
		}
		listeners[i] = tunnelconn.Listener{Service: name, Address: address}
	}
	return listeners
}

// checkPorts tries the local addresses before anything is opened or rotated: a port that is taken must cost nobody the
// source, nor money.
func (a *Attempt) checkPorts(ctx context.Context, t client.Tunnel) error {
	if _, ours := a.sessions.running(t.Key); ours || a.req.Then == ThenNothing {
		return nil
	}
	listeners := a.listeners(t)
	for i, l := range listeners {
		if l.Address == anyPort {
			continue
		}
		shared := slices.ContainsFunc(listeners[:i], func(other tunnelconn.Listener) bool { return collide(l.Address, other.Address) })
		err := bindable(ctx, l.Address)
		if err != nil || shared {
			return a.sessions.unbound(ctx, &tunnelconn.ListenError{Service: l.Service, Address: l.Address, InUse: shared || inUse(err), Err: err}, listeners)
		}
	}
	return nil
}

// unbound says why an address could not be bound, who has it, and which one is free.
func (s *Sessions) unbound(ctx context.Context, err *tunnelconn.ListenError, listeners []tunnelconn.Listener) error {
	if !err.InUse {
		return &Failure{Text: err.Error(), Remedy: "Choose another local address, or auto for any free port.", Err: err}
	}
	taken := &PortTakenError{Service: err.Service, Address: err.Address, By: s.occupant(err, listeners)}
	failure := &Failure{Text: taken.Error(), Remedy: "Choose another port, or auto for any free one.", Err: taken}
	if taken.Free = nextFree(ctx, err.Address, listeners); taken.Free != "" {
		failure.Remedy = fmt.Sprintf("%s is free; auto takes any free one.", taken.Free)
	}
	return failure
}

// occupant is who has an address that is in use.
func (s *Sessions) occupant(err *tunnelconn.ListenError, listeners []tunnelconn.Listener) string {
	for _, l := range listeners {
		if l.Service != err.Service && collide(l.Address, err.Address) {
			return fmt.Sprintf("the service %s of the same tunnel", client.Clean(l.Service))
		}
	}
	for _, proxy := range s.Proxies() {
		for _, service := range proxy.Services {
			if proxy.State != tunnelconn.Stopped && service.Address != "" && collide(service.Address, err.Address) {
				return "this adit's local proxy to " + thingOrTunnel(client.Tunnel{Key: proxy.Tunnel, Thing: client.Text(proxy.Thing)})
			}
		}
	}
	if holder := client.Clean(portHolder(err.Address)); holder != "" {
		return holder
	}
	return "another program"
}

// nextFree looks for a free port above the taken one that no other service is to have, "" when there is none near.
func nextFree(ctx context.Context, address string, listeners []tunnelconn.Listener) string {
	host, port, ok := splitAddress(address)
	if !ok {
		return ""
	}
	for next := port + 1; next <= min(port+mostTries, 65535); next++ {
		candidate := net.JoinHostPort(host, strconv.Itoa(next))
		wanted := slices.ContainsFunc(listeners, func(l tunnelconn.Listener) bool { return collide(l.Address, candidate) })
		if !wanted && bindable(ctx, candidate) == nil {
			return candidate
		}
	}
	return ""
}

// bindable binds an address and lets it go at once.
func bindable(ctx context.Context, address string) error {
	host, port, ok := splitAddress(address)
	if !ok {
		return errors.New("it is not of the form host:port")
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return listener.Close()
}

// collide tells that two addresses cannot both be bound: the same port, and the same host or one that means them all.
func collide(x, y string) bool {
	xHost, xPort, xOK := splitAddress(x)
	yHost, yPort, yOK := splitAddress(y)
	if !xOK || !yOK || xPort != yPort || xPort == 0 {
		return false
	}
	return xHost == yHost || net.ParseIP(xHost).IsUnspecified() || net.ParseIP(yHost).IsUnspecified()
}

// splitAddress reads host:port as a local proxy does, for which no host is loopback.
func splitAddress(address string) (host string, port int, ok bool) {
	host, text, err := net.SplitHostPort(address)
	port, numeral := strconv.Atoi(text)
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	return host, port, err == nil && numeral == nil
}

// inUse tells a taken port from other failures, by the number that Windows has for it too.
func inUse(err error) bool {
	const windows = syscall.Errno(10048) // WSAEADDRINUSE
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windows)
}

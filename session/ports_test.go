package session

import (
	"errors"
	"net"
	"strings"
	"testing"

	"adit/client"
	"adit/tunnelconn"
)

// taken listens on a port of its own until the test ends.
func taken(t *testing.T, host string) string {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// freeAddress is one that nobody listens at just now.
func freeAddress(t *testing.T, host string) string {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort(host, port)
}

func TestTakenPortIsFoundBeforeAnythingIsOpenedOrRotated(t *testing.T) {
	b := newBench(t)
	address := taken(t, "127.0.0.1")
	bind := map[string]string{"SSH": address}
	key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
	open := openRequest(ThenProxy)
	open.Bind = bind
	for name, req := range map[string]Request{"reuse": {Key: key, Then: ThenProxy, Bind: bind}, "open": open} {
		p := b.run(req)
		stage := b.stage(p, StageTunnel)
		var refused *PortTakenError
		if !errors.As(p.Err, &refused) || refused.Service != "SSH" || refused.Address != address || !strings.HasPrefix(stage.Text, address+" is taken by ") {
			t.Fatalf("%s: error %v, stage %+v", name, p.Err, stage)
		}
		if !strings.Contains(stage.Remedy, refused.Free) {
			t.Errorf("%s: remedy %q does not name %s", name, stage.Remedy, refused.Free)
		}
		listener, err := net.Listen("tcp", refused.Free)
		if err != nil {
			t.Fatalf("%q is said to be free: %v", refused.Free, err)
		}
		_ = listener.Close()
	}
	if calls := b.service.Calls("OpenTunnel", "RotateTunnelAccessToken"); len(calls) != 0 || len(b.state().Intents) != 0 {
		t.Errorf("calls %v, intents %v", calls, b.state().Intents)
	}
}

func TestPortTakenAtTheLastMomentKeepsTheToken(t *testing.T) {
	b := newBench(t)
	key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
	address := freeAddress(t, "127.0.0.1")
	b.proxies.refuse = &tunnelconn.ListenError{Service: "SSH", Address: address, InUse: true, Err: errors.New("in use")}
	p := b.run(Request{Key: key, Then: ThenProxy, Bind: map[string]string{"SSH": address}})
	var refused *PortTakenError
	if !errors.As(p.Err, &refused) || b.stage(p, StageProxy).State != StageFailed {
		t.Fatalf("error %v", p.Err)
	}
	b.proxies.refuse = nil
	if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil || len(b.service.rotations(client.ModeSource)) != 1 {
		t.Errorf("error %v, %d rotations; want the kept token used", p.Err, len(b.service.rotations(client.ModeSource)))
	}
}

func TestOccupantOfAPortIsNamedTruly(t *testing.T) {
	b := newBench(t)
	two := func(u *client.Tunnel) {
		u.Services = []client.Text{"SSH", "HTTP"}
		connected(&u.Destination)
	}
	key := b.service.add("two", "pump-12", two)
	address := freeAddress(t, "127.0.0.1")
	_, port, _ := net.SplitHostPort(address)
	for _, other := range []string{address, "0.0.0.0:" + port, ":" + port, "localhost:" + port} {
		p := b.run(Request{Key: key, Then: ThenProxy, Bind: map[string]string{"SSH": address, "HTTP": other}})
		var refused *PortTakenError
		if !errors.As(p.Err, &refused) || refused.Service != "HTTP" || refused.By != "the service SSH of the same tunnel" || refused.Free == "" {
			t.Errorf("%s: error %v", other, p.Err)
		}
	}
	b.proxies.born = func(s *fakeSource) { s.status.Services[0].Address = taken(t, "127.0.0.1") }
	if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil {
		t.Fatal(p.Err)
	}
	ours := b.Proxies()[0].Services[0].Address
	third := b.service.add("three", "pump-03", two)
	if p := b.run(Request{Key: third, Then: ThenProxy, Bind: map[string]string{"SSH": ours}}); p.Err == nil || !strings.Contains(p.Err.Error(), "this adit's local proxy to pump-12") {
		t.Errorf("error %v", p.Err)
	}
}

func TestAddressThatCannotBeBoundIsNotCalledTaken(t *testing.T) {
	b := newBench(t)
	key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
	for _, address := range []string{"192.0.2.1:5555", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000"} {
		p := b.run(Request{Key: key, Then: ThenProxy, Bind: map[string]string{"SSH": address}})
		var refused *PortTakenError
		if p.Err == nil || errors.As(p.Err, &refused) || !strings.Contains(p.Err.Error(), address) {
			t.Errorf("%s: error %v", address, p.Err)
		}
	}
	if n := len(b.service.rotations("")); n != 0 {
		t.Errorf("%d rotations", n)
	}
}

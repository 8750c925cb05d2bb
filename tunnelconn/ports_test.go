package tunnelconn

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestT22PortsAreTakenAsAskedForOrNotAtAll(t *testing.T) {
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	start := func(address string) (*Source, error) {
		return StartSource(SourceConfig{Link: r.link(RoleSource), Listeners: []Listener{{"SSH", address}}, FallBack: -1})
	}
	first, err := start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := addressOf(t, first, "SSH")
	var failed *ListenError
	if _, err := start(address); !errors.As(err, &failed) || !failed.InUse || !strings.Contains(err.Error(), address) {
		t.Errorf("a port of our own: %v", err)
	}
	// What was served just now leaves sockets in TIME_WAIT, which must not keep the port.
	conn := dial(t, first, "SSH")
	roundTrip(t, conn, 1, 100)
	closeProxy(t, first)
	_ = conn.Close()
	again, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("the port is not free after its proxy: %v", err)
	}
	_ = again.Close()
	// The other loopback is another address.
	six, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Logf("no IPv6 here: %v", err)
		return
	}
	defer six.Close()
	if _, err := start(six.Addr().String()); !errors.As(err, &failed) || !failed.InUse {
		t.Errorf("a port of IPv6 that is taken: %v", err)
	}
	_, port, _ := net.SplitHostPort(six.Addr().String())
	four, err := listen(Listener{Address: "127.0.0.1:" + port})
	if err != nil {
		t.Errorf("the same port of IPv4: %v", err)
		return
	}
	_ = four.Close()
}

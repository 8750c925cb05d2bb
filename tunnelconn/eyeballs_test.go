package tunnelconn

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// A name has an address of IPv6 that swallows what is sent to it, as behind a broken tunnel of a home router, and one of
// IPv4 that answers.
func TestDeadAddressOfIPv6DelaysTheLinkNoLongerThanAMoment(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	tried := make(chan string, 10)
	dialer := serviceDialer()
	dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go answerNames(far)
		return near, nil
	}}
	dialer.ControlContext = func(ctx context.Context, network, _ string, _ syscall.RawConn) error {
		tried <- network
		if network == "tcp6" {
			<-ctx.Done()
		}
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(t.Context(), standardTiming().handshake)
	defer cancel()
	begun := time.Now()
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("data.example.com", port))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	// 300 ms, and some for a machine that is busy.
	if took := time.Since(begun); took > 1300*time.Millisecond {
		t.Errorf("connected after %v", took)
	}
	if first := <-tried; first != "tcp6" {
		t.Logf("%s was tried first: this machine has no IPv6, so there was nothing to delay it", first)
	}
}

// answerNames is a name server that has ::1 and 127.0.0.1 for every name, over a stream (RFC 1035, section 4.2.2).
func answerNames(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		end := 12
		for question[end] != 0 {
			end += int(question[end]) + 1
		}
		end += 5
		address := net.IPv4(127, 0, 0, 1).To4()
		if kind := question[end-3]; kind == 28 { // AAAA
			address = net.IPv6loopback
		}
		answer := append([]byte{question[0], question[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0}, question[12:end]...)
		answer = append(answer, 0xc0, 12, question[end-4], question[end-3], 0, 1, 0, 0, 0, 60, 0, byte(len(address)))
		answer = append(answer, address...)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

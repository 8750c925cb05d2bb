package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"

	"github.com/google/uuid"
)

// Listener makes JSON of what net/http itself answers to requests that no handler gets to see: what is not HTTP, or has
// headers that are too long, or expects the impossible.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &unread{tcp}, err
	}
	return conn, err
}

// unread is a connection whose answers to requests unread are rewritten. It keeps a TCP connection's other methods, as
// net/http wants its half-close.
type unread struct{ *net.TCPConn }

// bare is how net/http goes on after the status line of an answer that it writes past the handlers: without a date.
const bare = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// Write implements net.Conn.
func (u *unread) Write(answer []byte) (int, error) {
	line, rest, found := bytes.Cut(answer, []byte("\r\n"))
	status, isAnswer := strings.CutPrefix(string(line), "HTTP/1.1 ")
	if !found || !isAnswer || !bytes.HasPrefix(rest, []byte(bare[2:])) && !strings.HasPrefix(status, "417 ") {
		return u.TCPConn.Write(answer)
	}
	const kind = "SerializationException"
	body, err := json.Marshal(fault{Type: kind, Message: "The request could not be read: " + status + "."})
	if err != nil {
		return 0, err
	}
	_, err = fmt.Fprintf(u.TCPConn, "HTTP/1.1 %s\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\nConnection: close\r\n"+
		"X-Amzn-RequestId: %s\r\nX-Amzn-ErrorType: %s\r\n\r\n%s", status, len(body), uuid.NewString(), kind, body)
	return len(answer), err
}

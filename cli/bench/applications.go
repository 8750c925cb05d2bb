package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// The services that every path leads to.
const (
	echo = "ECHO"
	bulk = "BULK"
)

// block is how much the applications write and read at once, in bytes.
const block = 64 << 10

// The directions of a bulk transfer, seen from the client.
const (
	up   = 'u'
	down = 'd'
)

// applications are the far ends of all paths: one that echoes, and one that takes or gives as many bytes as it is told.
type applications struct {
	addresses map[string]string // by service
	listeners []net.Listener
	// taken counts what the uploads have brought, by the number that their client gave them.
	taken sync.Map // uint64 → *atomic.Int64
}

func startApplications(ctx context.Context) (*applications, error) {
	a := &applications{addresses: map[string]string{}}
	for service, serve := range map[string]func(net.Conn){echo: echoAll, bulk: a.transfer} {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			a.close()
			return nil, err
		}
		a.addresses[service] = l.Addr().String()
		a.listeners = append(a.listeners, l)
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return // It was closed.
				}
				go func() {
					defer conn.Close()
					serve(conn)
				}()
			}
		}()
	}
	return a, nil
}

func (a *applications) close() {
	for _, l := range a.listeners {
		l.Close()
	}
}

func echoAll(conn net.Conn) {
	room := make([]byte, 4<<10)
	for {
		n, err := conn.Read(room)
		if err != nil {
			return
		}
		if _, err := conn.Write(room[:n]); err != nil {
			return
		}
	}
}

// request is what a client of the bulk service sends first: the direction, a number of its own, and how many bytes.
const request = 1 + 8 + 8

func (a *applications) transfer(conn net.Conn) {
	var head [request]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return
	}
	size := int64(binary.BigEndian.Uint64(head[9:]))
	if head[0] == down {
		_ = pour(conn, size)
		return
	}
	count := a.count(binary.BigEndian.Uint64(head[1:]))
	if drain(conn, size, count) == nil {
		_, _ = conn.Write([]byte{1})
	}
}

// count is the counter of an upload.
func (a *applications) count(number uint64) *atomic.Int64 {
	counter, _ := a.taken.LoadOrStore(number, new(atomic.Int64))
	return counter.(*atomic.Int64)
}

// pour writes so many bytes.
func pour(conn net.Conn, size int64) error {
	bytes := make([]byte, block)
	for size > 0 {
		n, err := conn.Write(bytes[:min(size, block)])
		if err != nil {
			return err
		}
		size -= int64(n)
	}
	return nil
}

// drain reads so many bytes, and counts them.
func drain(conn net.Conn, size int64, count *atomic.Int64) error {
	room := make([]byte, block)
	for size > 0 {
		n, err := conn.Read(room[:min(size, block)])
		size -= int64(n)
		count.Add(int64(n))
		if err != nil {
			return err
		}
	}
	return nil
}

// begin asks for a bulk transfer.
func begin(conn net.Conn, direction byte, number uint64, size int64) error {
	head := binary.BigEndian.AppendUint64([]byte{direction}, number)
	head = binary.BigEndian.AppendUint64(head, uint64(size))
	_, err := conn.Write(head)
	return err
}

// move transfers so many bytes over a path, and gives the speed in MiB/s.
func move(ctx context.Context, p path, direction byte, size int64) (float64, error) {
	conn, err := p.dial(ctx, bulk)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	begun := time.Now()
	if err := begin(conn, direction, 0, size); err != nil {
		return 0, err
	}
	if direction == down {
		err = drain(conn, size, new(atomic.Int64))
	} else if err = pour(conn, size); err == nil {
		_, err = io.ReadFull(conn, make([]byte, 1))
	}
	if err != nil {
		return 0, fmt.Errorf("transfer of %d bytes: %w", size, err)
	}
	return float64(size) / (1 << 20) / time.Since(begun).Seconds(), nil
}

// bounce sends a message to the echo and waits for it.
func bounce(conn net.Conn, message []byte) error {
	if _, err := conn.Write(message); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, message)
	return err
}

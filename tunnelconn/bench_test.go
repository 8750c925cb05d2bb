package tunnelconn

import (
	"bytes"
	"io"
	"net"
	"testing"
)

// BenchmarkUpload moves data through both proxies and the relay of the tests, all in this process, as fast as it goes.
func BenchmarkUpload(b *testing.B) {
	const size = 256 << 20
	r := newRelay(b, "SSH")
	arrived := make(chan int64)
	r.destination(Auto, map[string]string{"SSH": application(b, func(conn net.Conn) {
		n, _ := io.CopyN(io.Discard, conn, size)
		arrived <- n
	})})
	s := r.source("SSH")
	block := bytes.Repeat([]byte("adit"), 16<<10)
	b.SetBytes(size)
	for b.Loop() {
		conn := dial(b, s, "SSH")
		for range size / len(block) {
			if _, err := conn.Write(block); err != nil {
				b.Fatal(err)
			}
		}
		if n := <-arrived; n != size {
			b.Fatalf("%d bytes arrived", n)
		}
		conn.Close()
	}
}

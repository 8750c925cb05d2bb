package tunnelconn

import (
	"fmt"
	"net"
	"testing"
	"time"

	"adit/tunnelconn/wire"
)

// BenchmarkWriter takes messages from a connection's payload to the network: frame, mask, header, one write.
func BenchmarkWriter(b *testing.B) {
	for _, size := range []int{64, 4096, wire.MaxPayload} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			to := &discard{}
			pool := newBuffers()
			w := newWriter(to, pool, time.Minute, func() {})
			w.greedy = true
			go func() { _ = w.run() }()
			o := w.outlet()
			m := wire.Message{Type: wire.Data, StreamID: 1 << 30, ServiceID: "SSH", ConnectionID: 3}
			messages := 0
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				buf := pool.get(size)
				buf.to += size
				if err := buf.frame(&m); err != nil {
					b.Fatal(err)
				}
				if !o.send(buf) {
					b.Fatal("the outlet is closed")
				}
				messages++
			}
			w.leave(nil, closeNormal)
			<-w.done
			// The close frame is one more.
			b.ReportMetric(float64(to.writes-1)/float64(messages), "writes/message")
		})
	}
}

// discard is a connection that takes everything at once.
type discard struct {
	net.Conn
	writes int
}

func (d *discard) Write(p []byte) (int, error) {
	d.writes++
	return len(p), nil
}

func (d *discard) SetWriteDeadline(time.Time) error { return nil }

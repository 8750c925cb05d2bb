package tunnelconn

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/wire"
)

// keystroke is the size of what a terminal sends for one key through ssh.
const keystroke = 36

// measured is how long keystrokes are timed, once the bulk transfer has filled whatever it can fill.
const measured, settling = 10 * time.Second, 3 * time.Second

// BenchmarkKeystrokeUnderUpload times the echo of single keystrokes while an upload saturates a tunnel that is held to so
// many bytes a second, for a source proxy and for a naive loop that writes what it reads.
func BenchmarkKeystrokeUnderUpload(b *testing.B) {
	for _, rate := range []int64{100e3, 800e3} {
		b.Run(fmt.Sprintf("%dKBps", rate/1000), func(b *testing.B) {
			for b.Loop() {
				bulk, keys, s := saturated(b, rate, RoleSource)
				p50, p99, goodput := typeAway(b, bulk, keys)
				b.ReportMetric(p50, "p50-ms")
				b.ReportMetric(p99, "p99-ms")
				b.ReportMetric(goodput/float64(rate)*100, "%goodput")
				closeProxy(b, s)

				naive := naiveEcho(b, rate)
				b.ReportMetric(naive, "naive-ms")
				b.ReportMetric(naive/p50, "times-better")
			}
		})
	}
}

// BenchmarkKeystrokeUnderDownload is the same while the destination is what saturates its side.
func BenchmarkKeystrokeUnderDownload(b *testing.B) {
	for _, rate := range []int64{100e3, 800e3} {
		b.Run(fmt.Sprintf("%dKBps", rate/1000), func(b *testing.B) {
			for b.Loop() {
				bulk, keys, s := saturated(b, rate, RoleDestination)
				p50, p99, goodput := typeAway(b, bulk, keys)
				b.ReportMetric(p50, "p50-ms")
				b.ReportMetric(p99, "p99-ms")
				b.ReportMetric(goodput/float64(rate)*100, "%goodput")
				closeProxy(b, s)
			}
		})
	}
}

// saturated is a tunnel of two services: one in which a bulk transfer never ends, sent by from, and an echo. It gives the
// count of what arrives of the transfer.
func saturated(b *testing.B, rate int64, from Role) (bulk *atomic.Int64, keys net.Conn, s *Source) {
	b.Helper()
	bulk = new(atomic.Int64)
	r := newRelay(b, "BULK", "KEYS")
	r.slowed.rate.Store(rate)
	r.destination(Auto, map[string]string{"KEYS": application(b, echo), "BULK": application(b, func(conn net.Conn) {
		if from == RoleSource {
			count(conn, bulk)
		} else {
			pour(conn)
		}
	})})
	s = r.source("BULK", "KEYS")
	conn := dial(b, s, "BULK")
	var group sync.WaitGroup
	if from == RoleSource {
		group.Go(func() { pour(conn) })
	} else {
		group.Go(func() { count(conn, bulk) })
	}
	b.Cleanup(func() {
		conn.Close()
		group.Wait()
	})
	return bulk, dial(b, s, "KEYS"), s
}

// pour sends for as long as anybody takes it.
func pour(conn net.Conn) {
	for block := make([]byte, 64<<10); ; {
		if _, err := conn.Write(block); err != nil {
			return
		}
	}
}

// count adds up what comes.
func count(conn net.Conn, sum *atomic.Int64) {
	for block := make([]byte, 64<<10); ; {
		n, err := conn.Read(block)
		sum.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// typeAway times keystrokes, and gives percentiles in milliseconds and the bulk transfer's bytes a second meanwhile.
func typeAway(b *testing.B, bulk *atomic.Int64, keys net.Conn) (p50, p99, goodput float64) {
	b.Helper()
	time.Sleep(settling)
	var trips []time.Duration
	key := make([]byte, keystroke)
	begun, before := time.Now(), bulk.Load()
	for time.Since(begun) < measured {
		sent := time.Now()
		if _, err := keys.Write(key); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(keys, key); err != nil {
			b.Fatal(err)
		}
		trips = append(trips, time.Since(sent))
		// No multiple of the relay's own steps, lest the keys always meet the same moment of them.
		time.Sleep(37 * time.Millisecond)
	}
	goodput = float64(bulk.Load()-before) / time.Since(begun).Seconds()
	slices.Sort(trips)
	at := func(share float64) float64 {
		return float64(trips[int(share*float64(len(trips)-1))]) / float64(time.Millisecond)
	}
	return at(0.5), at(0.99), goodput
}

// naiveEcho is the echo time of one keystroke, in milliseconds, behind a loop that writes whole messages as the kernel
// takes them, with the kernel's own buffers.
func naiveEcho(b *testing.B, rate int64) float64 {
	b.Helper()
	r := newRelay(b, "BULK", "KEYS")
	r.slowed.rate.Store(rate)
	var bulk atomic.Int64
	d := r.destination(Auto, map[string]string{
		"KEYS": application(b, echo), "BULK": application(b, func(conn net.Conn) { count(conn, &bulk) }),
	})
	link := r.link(RoleSource)
	link.fill()
	link.Dial = new(net.Dialer).DialContext
	h, _, err := link.shake(context.Background(), RoleSource)
	if err != nil {
		b.Fatal(err)
	}
	var writing sync.Mutex
	send := func(m wire.Message) error {
		frame, err := wire.AppendFrame(nil, &m)
		if err != nil {
			return err
		}
		writing.Lock()
		defer writing.Unlock()
		return ws.WriteFrame(h.conn, ws.MaskFrameInPlace(ws.NewBinaryFrame(frame)))
	}
	for i, service := range []string{"BULK", "KEYS"} {
		if err := send(wire.Message{Type: wire.StreamStart, StreamID: int32(i + 1), ServiceID: service, ConnectionID: 1}); err != nil {
			b.Fatal(err)
		}
	}
	var group sync.WaitGroup
	group.Go(func() {
		for send(wire.Message{Type: wire.Data, StreamID: 1, ServiceID: "BULK", ConnectionID: 1, Payload: make([]byte, wire.MaxPayload)}) == nil {
		}
	})
	defer group.Wait()
	defer h.raw.Close()
	time.Sleep(settling)
	sent := time.Now()
	if err := send(wire.Message{Type: wire.Data, StreamID: 2, ServiceID: "KEYS", ConnectionID: 1, Payload: make([]byte, keystroke)}); err != nil {
		b.Fatal(err)
	}
	frames := wire.NewReader(newIncoming(h.source, func([]byte) {}, func([]byte) {}))
	for {
		frame, err := frames.Next()
		if err != nil {
			b.Fatal(err)
		}
		var m wire.Message
		if err := wire.Decode(frame[2:], &m); err != nil {
			b.Fatal(err)
		}
		if m.Type == wire.Data {
			break
		}
	}
	trip := time.Since(sent)
	d.close()
	return float64(trip) / float64(time.Millisecond)
}

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

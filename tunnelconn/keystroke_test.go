package tunnelconn

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/faultproxy"
	"adit/tunnelconn/wire"
)

// keystroke is the size of what a terminal sends for one key through ssh.
const keystroke = 36

// measured is how long keystrokes are timed, once the bulk transfer has filled whatever it can fill.
const measured, settling = 10 * time.Second, 3 * time.Second

// rows are the tunnels that keystrokes are timed on: the rate in bytes a second, and how much the way to the service adds
// to the round trip.
var rows = []struct {
	rate int64
	trip time.Duration
}{
	{100e3, 0}, {100e3, 40 * time.Millisecond}, {100e3, 150 * time.Millisecond},
	{800e3, 0}, {800e3, 40 * time.Millisecond}, {800e3, 150 * time.Millisecond},
}

// BenchmarkKeystrokeUnderUpload times the echo of single keystrokes while an upload saturates a tunnel that is held to a
// rate. On the tunnels without an added round trip a naive loop that writes what it reads is timed in the same run.
func BenchmarkKeystrokeUnderUpload(b *testing.B) {
	for _, row := range rows {
		b.Run(fmt.Sprintf("%dKBps/%v", row.rate/1000, row.trip), func(b *testing.B) {
			for b.Loop() {
				p50 := timed(b, row.rate, row.trip, RoleSource)
				if row.trip == 0 {
					naive := naiveEcho(b, row.rate)
					b.ReportMetric(naive, "naive-ms")
					b.ReportMetric(naive/p50, "times-better")
				}
			}
		})
	}
}

// BenchmarkKeystrokeUnderDownload is the same while the destination is what saturates its side.
func BenchmarkKeystrokeUnderDownload(b *testing.B) {
	for _, row := range rows {
		b.Run(fmt.Sprintf("%dKBps/%v", row.rate/1000, row.trip), func(b *testing.B) {
			for b.Loop() {
				timed(b, row.rate, row.trip, RoleDestination)
			}
		})
	}
}

// timed reports the times of a row, without the round trip itself, and the transfer's share of the rate.
func timed(b *testing.B, rate int64, trip time.Duration, from Role) (p50 float64) {
	b.Helper()
	bulk, keys, s := saturated(b, rate, trip, from)
	p50, p99, goodput := typeAway(b, bulk, keys)
	closeProxy(b, s)
	bare := float64(trip) / float64(time.Millisecond)
	b.ReportMetric(p50-bare, "p50-ms")
	b.ReportMetric(p99-bare, "p99-ms")
	b.ReportMetric(goodput/float64(rate)*100, "%goodput")
	b.ReportMetric(0, "ns/op")
	return p50 - bare
}

// throttled is the relay's address behind a network that takes no more than so many bytes a second towards it, and adds
// to the round trip. What it holds itself is little, so that the queue is the sender's.
func throttled(b testing.TB, r *relay, rate int64, trip time.Duration) (endpoint string) {
	b.Helper()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	network := faultproxy.New(1, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", r.listener.Addr().String())
	})
	network.Set(faultproxy.Up, faultproxy.Faults{Rate: rate, Latency: trip / 2, Buffer: 16<<10 + int(float64(rate)*trip.Seconds())})
	network.Set(faultproxy.Down, faultproxy.Faults{Latency: trip / 2})
	network.Serve(front)
	b.Cleanup(network.Close)
	return front.Addr().String()
}

// saturated is a tunnel of two services: one in which a bulk transfer never ends, sent by from, and an echo. It gives the
// count of what arrives of the transfer.
func saturated(b *testing.B, rate int64, trip time.Duration, from Role) (bulk *atomic.Int64, keys net.Conn, s *Source) {
	b.Helper()
	bulk = new(atomic.Int64)
	r := newRelay(b, "BULK", "KEYS")
	endpoint := throttled(b, r, rate, trip)
	target := DestinationConfig{Link: r.link(RoleDestination), Targets: map[string]string{
		"KEYS": application(b, echo),
		"BULK": application(b, func(conn net.Conn) {
			if from == RoleSource {
				count(conn, bulk)
			} else {
				pour(conn)
			}
		}),
	}}
	source := SourceConfig{Link: r.link(RoleSource), Listeners: []Listener{{"BULK", "127.0.0.1:0"}, {"KEYS", "127.0.0.1:0"}}}
	if from == RoleSource {
		source.Endpoint = endpoint
	} else {
		target.Endpoint = endpoint
	}
	d, err := StartDestination(target)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeProxy(b, d) })
	r.side(RoleDestination)
	if s, err = StartSource(source); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeProxy(b, s) })
	conn := dial(b, s, "BULK")
	var group sync.WaitGroup
	if from == RoleSource {
		group.Go(func() { pour(conn) })
	} else {
		// The application sends once it is connected to, and that takes a connection.
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
	key, random := make([]byte, keystroke), rand.New(rand.NewPCG(1, 2))
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

		// At random, lest the keys always meet the same moment of the steps in which the transfer moves.
		time.Sleep(time.Duration(random.Int64N(int64(60 * time.Millisecond))))
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
	var bulk atomic.Int64
	d := r.destination(Auto, map[string]string{
		"KEYS": application(b, echo), "BULK": application(b, func(conn net.Conn) { count(conn, &bulk) }),
	})
	link := r.link(RoleSource)
	link.Endpoint = throttled(b, r, rate, 0)
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

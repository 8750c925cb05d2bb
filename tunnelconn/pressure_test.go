package tunnelconn

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
)

func TestT06StalledReaderAloneIsResetAndTheOthersLoseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const others = 10
		m := newMemoryRelay(t, "BULK", "KEYS")
		m.destination(Auto, standardTiming(), map[string]string{"BULK": m.application(pourPaced), "KEYS": m.application(echo)})
		for _, way := range []faultproxy.Way{faultproxy.Up, faultproxy.Down} {
			m.net[RoleSource].Set(way, faultproxy.Faults{Latency: 20 * time.Millisecond, Buffer: mebibyte})
		}
		s := m.sourceOf(Auto, standardTiming())
		typists := make([]attached, others)
		for i := range typists {
			typists[i] = attach(s, "KEYS")
			typeKeys(t, typists[i], 2) // The device is known to carry many from here on.
		}
		baseline := typeAll(t, typists, 100)
		before := memoryInUse()
		stalled := attach(s, "BULK")
		under := typeAll(t, typists, 800) // For a minute.
		if held := int64(memoryInUse()) - int64(before); held > 64*mebibyte {
			t.Errorf("a stalled reader holds %d bytes", held)
		}
		if n, end := stalled.Waiting(); !isResetError(end) {
			t.Errorf("the stalled one has %d bytes and the end %v, want a reset", n, end)
		}
		at := func(trips []time.Duration) time.Duration { return trips[len(trips)*99/100] }
		if at(under) > 2*at(baseline) {
			t.Errorf("a keystroke's p99 went from %v to %v", at(baseline), at(under))
		}
		_ = stalled.finish()
		for _, typist := range typists {
			_ = typist.finish()
		}
		if status := s.Status(); status.Services[0].Overflowed != 1 || status.Services[1].Overflowed != 0 || status.Reconnects != 0 {
			t.Errorf("status %+v", status)
		}
	})
}

// typeKeys sends keystrokes to an echo, and gives how long each took.
func typeKeys(t *testing.T, conn net.Conn, n int) (trips []time.Duration) {
	key := make([]byte, keystroke)
	for range n {
		sent := time.Now()
		if _, err := conn.Write(key); err != nil {
			t.Error(err)
			return trips
		}
		if _, err := io.ReadFull(conn, key); err != nil {
			t.Error(err)
			return trips
		}
		trips = append(trips, time.Since(sent))
		time.Sleep(37 * time.Millisecond)
	}
	return trips
}

// typeAll lets all type at once, and gives how long their keystrokes took, the shortest first.
func typeAll(t *testing.T, typists []attached, n int) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var group sync.WaitGroup
	for _, typist := range typists {
		group.Go(func() {
			trips := typeKeys(t, typist, n)
			mu.Lock()
			all = append(all, trips...)
			mu.Unlock()
		})
	}
	group.Wait()
	slices.Sort(all)
	return all
}

func TestT07ReaderThatStandsStillForAMinuteAloneLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 24 * mebibyte
		m := newMemoryRelay(t, "HTTP")
		d := m.destination(Auto, standardTiming(), map[string]string{
			"HTTP": m.application(func(conn net.Conn) { _, _ = io.Copy(conn, noise(7, size)) }),
		})
		s := m.sourceOf(Auto, standardTiming())
		conn := attach(s, "HTTP")
		time.Sleep(time.Minute)
		if sent := d.Status().Services[0].Sent; sent == size {
			t.Error("the sender was never held up")
		}
		got, n := digest(t, conn) // An end that is not clean fails it.
		if want, _ := digest(t, noise(7, size)); got != want {
			t.Errorf("%d bytes of %d, or not the same", n, size)
		}
		if err := conn.finish(); err != nil || s.Status().Reconnects != 0 {
			t.Errorf("it ended with %v, status %+v", err, s.Status())
		}
	})
}

func TestT08SlowTunnelHoldsTheUploadUpAndNotTheMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, length = 100e3, 2 * time.Minute
		m := newMemoryRelay(t, "BULK")
		var arrived atomic.Int64
		m.destination(Auto, standardTiming(), map[string]string{"BULK": m.application(func(conn net.Conn) { count(conn, &arrived) })})
		m.net[RoleSource].Set(faultproxy.Up, faultproxy.Faults{Rate: rate, Latency: 20 * time.Millisecond})
		s := m.sourceOf(Auto, standardTiming())
		conn := attach(s, "BULK")
		var taken atomic.Int64
		go func() {
			for block := make([]byte, 16<<10); ; taken.Add(int64(len(block))) {
				if _, err := conn.Write(block); err != nil {
					return
				}
			}
		}()
		before := memoryInUse()
		for begun := time.Now(); time.Since(begun) < length; time.Sleep(time.Second) {
			// The buffers of the local connection and the network are part of it.
			if held := taken.Load() - arrived.Load(); held > outletLimit+4*localBuffer {
				t.Fatalf("%d bytes were taken from the client and have not arrived", held)
			}
		}
		if goodput := float64(arrived.Load()) / length.Seconds(); goodput < 0.85*rate {
			t.Errorf("%.0f bytes a second arrived of %.0f", goodput, rate)
		}
		if grown := int64(memoryInUse()) - int64(before); grown > 16*mebibyte {
			t.Errorf("the upload holds %d bytes of memory", grown)
		}
		_ = conn.finish()
	})
}

func TestLongT08TenMinutesOfBulkInBoundedMemory(t *testing.T) {
	long(t)
	nothingLeft(t)
	const rate, length = 100e3, 10 * time.Minute
	r := newRelay(t, "BULK")
	slow := throttled(t, r, rate, 0)
	r.dial[RoleSource] = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialService(ctx, network, slow)
	}
	var arrived atomic.Int64
	r.destination(Auto, map[string]string{"BULK": application(t, func(conn net.Conn) { count(conn, &arrived) })})
	s := r.source("BULK")
	conn := dial(t, s, "BULK")
	var group sync.WaitGroup
	group.Go(func() { pour(conn) })
	most := 0
	for begun := time.Now(); time.Since(begun) < length; time.Sleep(time.Second) {
		most = max(most, residentSet(t))
	}
	if most > 64*mebibyte {
		t.Errorf("the process came to %d bytes", most)
	}
	t.Logf("resident %d KiB at most, %.0f bytes a second", most>>10, float64(arrived.Load())/length.Seconds())
	conn.Close()
	group.Wait()
}

// residentSet is the memory of this process that is resident, in bytes; zero where that cannot be told.
func residentSet(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(status))
	pages := 0
	for _, digit := range fields[1] {
		pages = 10*pages + int(digit-'0')
	}
	return pages * os.Getpagesize()
}

func TestT09ThousandConnectionsAtOnceAndOneTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(echo)})
		cfg := SourceConfig{Link: m.link(RoleSource)}
		cfg.Version = V3
		var log syncBuffer
		cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		s, err := StartSource(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer closeProxy(t, s)
		stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
		before := memoryInUse()
		conns := make([]attached, maxConnections)
		var group sync.WaitGroup
		for i := range conns {
			conns[i] = attach(s, "SSH")
			group.Go(func() { roundTrip(t, conns[i], uint64(i), 1000) })
		}
		group.Wait()
		// Both ends, the relay and the applications are in this process: one end may have 96 KiB of it, and has far less.
		if each := (int64(memoryInUse()) - int64(before)) / maxConnections; each > memoryFactor*128<<10 {
			t.Errorf("an idle connection holds %d bytes", each)
		}
		attach(s, "SSH").refused(t, ErrTooMany)
		if !strings.Contains(log.String(), ErrTooMany.Error()) {
			t.Errorf("the log does not say it:\n%s", log.String())
		}
		for i := range conns {
			group.Go(func() {
				roundTrip(t, conns[i], uint64(i)+1, 100)
				_ = conns[i].finish()
			})
		}
		group.Wait()
		roundTrip(t, attach(s, "SSH"), 1, 100)
	})
}

func TestLongT09ThousandConnectionsOverSockets(t *testing.T) {
	long(t)
	nothingLeft(t)
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	s := r.sourceOf(V3, standardTiming(), "SSH")
	stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	conns := make([]net.Conn, maxConnections)
	for i := range conns {
		conns[i] = dial(t, s, "SSH")
		roundTrip(t, conns[i], uint64(i), 100)
	}
	mustRefuse(t, s, "SSH")
	for i, conn := range conns {
		roundTrip(t, conn, uint64(i), 1000)
		conn.Close()
	}
}

package tunnelconn

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/wire"
)

func TestT10HalfCloseDeliversWhatTheProtocolCanSay(t *testing.T) {
	const up, down = 300_000, 700_000
	for name, c := range map[string]struct {
		serve     func(t *testing.T, conn net.Conn)
		half      bool  // the client ends its side when it has sent
		sent      int64 // by the client
		want      int64 // bytes that the client gets, by an end that is clean
		withReset bool
	}{
		"(a) the answer comes after the client's end": {func(t *testing.T, conn net.Conn) {
			got, _ := digest(t, io.LimitReader(conn, up))
			if want, _ := digest(t, noise(1, up)); got != want {
				t.Error("the request came as another")
			}
			_, _ = io.Copy(conn, noise(2, down))
		}, true, up, down, false},
		"(b) the server ends first": {func(_ *testing.T, conn net.Conn) { _, _ = io.Copy(conn, noise(2, down)) }, false, 0, down, false},
		"(c) both end": {func(t *testing.T, conn net.Conn) {
			_, _ = io.Copy(conn, noise(2, down))
			if err := comparePrefix(conn, noise(1, up), up); err != nil {
				t.Errorf("the request ended with %v", err)
			}
		}, true, up, down, false},
		"(d) the server waits for the end": {func(t *testing.T, conn net.Conn) {
			if n, err := io.Copy(io.Discard, conn); n != up || err != nil {
				t.Errorf("the server read %d bytes to %v", n, err)
			}
		}, true, up, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryRelay(t, "HTTP")
				served := make(chan struct{})
				m.destination(Auto, standardTiming(), map[string]string{"HTTP": m.application(func(conn net.Conn) {
					c.serve(t, conn)
					close(served)
				})})
				s := m.sourceOf(Auto, standardTiming())
				conn := attach(s, "HTTP")
				go func() {
					_, _ = io.Copy(conn, noise(1, c.sent))
					if c.half {
						_ = conn.CloseWrite()
					}
				}()
				begun := time.Now()
				err := comparePrefix(conn, noise(2, c.want), c.want)
				if err == nil {
					_, err = conn.Read(make([]byte, 1))
				}
				if took := time.Since(begun); took > 11*time.Second {
					t.Errorf("it took %v", took)
				}
				if c.withReset && !isResetError(err) || !c.withReset && err != io.EOF {
					t.Errorf("it ended with %v", err)
				}
				<-served
				_ = conn.finish()
			})
		})
	}
}

// An application that ends its side while it still receives gets the connection's end for it, and no clean one: what the
// client has still to send is lost. Only where the client had ended before is the end clean.
func TestT10ApplicationThatEndsFirstTakesNoPartOfAnUploadForTheWhole(t *testing.T) {
	for name, ended := range map[string]bool{"in the middle of an upload": false, "after the client's end": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryRelay(t, "HTTP")
				served := make(chan error, 1)
				m.destination(Auto, standardTiming(), map[string]string{"HTTP": m.application(func(conn net.Conn) {
					if _, err := io.ReadFull(conn, make([]byte, 100_000)); err != nil {
						t.Error(err)
					}
					if ended {
						time.Sleep(time.Minute) // The source gives up waiting for an answer.
					}
					_ = closeWrite(conn)
					_, err := io.Copy(io.Discard, conn)
					served <- err
				})})
				conn := attach(m.sourceOf(Auto, standardTiming()), "HTTP")
				if ended {
					_, _ = conn.Write(make([]byte, 110_000))
					_ = conn.CloseWrite()
				}
				var pouring sync.WaitGroup
				defer pouring.Wait()
				if !ended {
					pouring.Go(func() { pourPaced(conn) })
				}
				if err := <-served; ended != (err == nil) || !ended && !isResetError(err) {
					t.Errorf("the application was told of %v", err)
				}
				_ = conn.finish()
			})
		})
	}
}

func TestT11ResetInTheMiddleOfATransferTakesItsConnectionAlone(t *testing.T) { resets(t, 100) }

func TestLongT11TenThousandResets(t *testing.T) { long(t); resets(t, 10_000) }

// resets breaks connections in the middle of transfers in both directions, from either end.
func resets(t *testing.T, times int) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH", "ECHO")
		var ends [2]atomic.Int64
		m.pass = func(from Role, message wire.Message) []wire.Message {
			if message.Type == wire.ConnectionReset || message.Type == wire.StreamReset {
				ends[from].Add(1)
			}
			return []wire.Message{message}
		}
		far := make(chan net.Conn, 1)
		done := make(chan struct{})
		m.destination(Auto, standardTiming(), map[string]string{
			"ECHO": m.application(echo),
			"SSH": m.application(func(conn net.Conn) {
				go func() {
					_, _ = io.Copy(io.Discard, conn)
					_ = conn.Close()
				}()
				far <- conn
				pourPaced(conn)
				done <- struct{}{}
			}),
		})
		s := m.sourceOf(V3, standardTiming())
		other := attach(s, "ECHO")
		roundTrip(t, other, 1, 100)
		random := rand.New(rand.NewPCG(11, 0))
		for i := range times {
			conn := attach(s, "SSH")
			go pourPaced(conn)
			if _, err := io.CopyN(io.Discard, conn, random.Int64N(100_000)+1); err != nil {
				t.Fatal(err)
			}
			by := Role(i % 2)
			before := ends[by].Load()
			application := <-far
			if by == RoleSource {
				reset(conn)
			} else {
				reset(application)
				if _, err := io.Copy(io.Discard, conn); err != nil && !isResetError(err) {
					t.Fatal(err)
				}
			}
			_ = conn.Close()
			<-done
			<-conn.result
			synctest.Wait()
			if n := ends[by].Load() - before; n != 1 {
				t.Fatalf("reset %d, by the %v: %d messages say so", i, by, n)
			}
		}
		roundTrip(t, other, 2, 100)
		if err := other.finish(); !errors.Is(err, errNoAnswer) || s.Status().Reconnects != 0 {
			t.Errorf("%v, status %+v", err, fmt.Sprint(s.Status()))
		}
	})
}

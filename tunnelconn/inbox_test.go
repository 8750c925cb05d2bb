package tunnelconn

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/wire"
)

func TestStalledReaderAmongOthersIsTheOnlyOneToGo(t *testing.T) {
	r := newRelay(t, "BULK", "KEYS")
	r.destination(Auto, map[string]string{
		"BULK": application(t, func(conn net.Conn) { pour(conn) }), "KEYS": application(t, echo),
	})
	quick := standardTiming()
	quick.grace = 20 * time.Millisecond
	s := r.sourceOf(Auto, quick, "BULK", "KEYS")
	keys := dial(t, s, "KEYS")
	roundTrip(t, keys, 1, 1000)
	stalled := dial(t, s, "BULK")
	eventually(t, "the one that takes nothing is reset", func() bool { return s.Status().Services[0].Overflowed == 1 })
	roundTrip(t, keys, 2, mebibyte)
	for block := make([]byte, 64<<10); ; {
		if _, err := stalled.Read(block); err != nil {
			if !isResetError(err) {
				t.Errorf("it ended with %v, want a reset", err)
			}
			break
		}
	}
	if status := s.Status(); status.Services[1].Overflowed != 0 || status.Reconnects != 0 {
		t.Errorf("status %+v", status)
	}
}

func TestFullInboxWaitsForAReaderThatMovesOrIsAlone(t *testing.T) {
	for name, c := range map[string]struct{ others, moves, overflows bool }{
		"alone":                      {false, false, false},
		"among others, and moves":    {true, true, false},
		"among others, and is stuck": {true, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := newInbox(newBuffers(), &budget{process: NewShared()})
				push := func() bool {
					return in.push(make([]byte, wire.MaxPayload), time.Second, func() bool { return c.others })
				}
				for range inboxLimit / wire.MaxPayload {
					push()
				}
				result := make(chan bool, 1)
				go func() { result <- push() }()
				for range 10 {
					time.Sleep(900 * time.Millisecond)
					if c.moves {
						b, _ := in.next()
						in.done(b)
					}
				}
				synctest.Wait()
				if (len(result) == 1 && <-result) != c.overflows {
					t.Errorf("overflows: %v", !c.overflows)
				}
				in.abort()
			})
		})
	}
}

func TestBytesPassTheInboxOnlyWhileNothingWaitsInIt(t *testing.T) {
	got := make(chan string, 1)
	local, err := net.Dial("tcp", application(t, func(conn net.Conn) {
		all, _ := io.ReadAll(conn)
		got <- string(all)
	}))
	if err != nil {
		t.Fatal(err)
	}
	in := newInbox(newBuffers(), &budget{process: NewShared()})
	if n := in.pass([]byte("early")); n != 0 {
		t.Errorf("%d bytes were passed to nobody", n)
	}
	in.attach(local, func() {})
	if n := in.pass([]byte("one ")); n != 4 {
		t.Errorf("%d bytes were passed to an idle local side", n)
	}
	in.push([]byte("two "), time.Hour, nil)
	b, _ := in.next()
	if n := in.pass([]byte("three")); n != 0 {
		t.Errorf("%d bytes overtook what is being written", n)
	}
	if _, err := local.Write(b.bytes()); err != nil {
		t.Error(err)
	}
	in.done(b)
	if n := in.pass([]byte("three")); n != 5 {
		t.Errorf("%d bytes were passed when all was written", n)
	}
	in.end()
	if n := in.pass([]byte("late")); n != 0 {
		t.Errorf("%d bytes were passed behind the end", n)
	}
	local.Close()
	if all := <-got; all != "one two three" {
		t.Errorf("the local side got %q", all)
	}
}

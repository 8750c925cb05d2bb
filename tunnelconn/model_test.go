package tunnelconn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
	"adit/tunnelconn/wire"
)

// script plays the service and the peer of one proxy, one random operation after the other. In a bubble everything that an
// operation causes has happened when all goroutines wait, so a model can say after each what has to be there.
type script struct {
	*memoryRelay
	role   Role
	random *rand.Rand
	// done are the operations so far, for the report of a difference.
	done []string

	mu   sync.Mutex
	sent []wire.Message // by the proxy, since the last operation
	ends []*programEnd  // local programs and applications that are open
}

// programEnd is a local program's or an application's end of a connection, and what the model says of it.
type programEnd struct {
	*faultproxy.Conn
	due  []byte // what it has to read
	want error  // how that ends: nil while it goes on, io.EOF, ECONNRESET
}

// effects are the messages of each connection, in their order, with the data that they carry joined.
type effects map[string]string

func (e effects) add(m wire.Message) {
	key := fmt.Sprintf("stream %d, service %q, connection %d", m.StreamID, m.ServiceID, m.ConnectionID)
	if m.Type == wire.Data {
		e[key] += string(m.Payload)
	} else {
		e[key] += "<" + m.Type.String() + ">"
	}
}

func newScript(t *testing.T, role Role, seed uint64, services ...string) *script {
	s := &script{memoryRelay: newMemoryRelay(t, services...), role: role, random: rand.New(rand.NewPCG(seed, uint64(role)))}
	s.pass = func(_ Role, m wire.Message) []wire.Message {
		m.Payload = bytes.Clone(m.Payload)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sent = append(s.sent, m)
		return nil
	}
	return s
}

// do runs one operation, and compares what it has caused with what the model expects.
func (s *script) do(name string, operation func(want effects)) {
	s.done = append(s.done, name)
	want := make(effects)
	operation(want)
	synctest.Wait()
	s.mu.Lock()
	got := make(effects)
	for _, m := range s.sent {
		got.add(m)
	}
	s.sent = nil
	s.mu.Unlock()
	if !maps.Equal(got, want) {
		s.differs("the proxy sent %q, want %q", got, want)
	}
	open := s.ends[:0]
	for _, e := range s.ends {
		if s.check(e) {
			open = append(open, e)
		}
	}
	s.ends = open
}

// check compares an end with its model; one that is over is closed, and false.
func (s *script) check(e *programEnd) bool {
	n, end := e.Waiting()
	got := make([]byte, n)
	if _, err := io.ReadFull(e, got); err != nil {
		s.differs("reading %d bytes: %v", n, err)
	}
	if !bytes.Equal(got, e.due) || !errors.Is(end, e.want) || (end == nil) != (e.want == nil) {
		s.differs("a program has %q and the end %v, want %q and %v", got, end, e.due, e.want)
	}
	e.due = nil
	if e.want != nil {
		_ = e.Close()
	}
	return e.want == nil
}

func (s *script) differs(format string, args ...any) {
	s.t.Helper()
	last := s.done[max(0, len(s.done)-12):]
	s.t.Fatalf("after %d operations, the last of them %q:\n%s", len(s.done), last, fmt.Sprintf(format, args...))
}

// chance is true one time in n.
func (s *script) chance(n int) bool { return s.random.IntN(n) == 0 }

// payload is a few random bytes, now and then more than one message holds at first.
func (s *script) payload() []byte {
	size := s.random.IntN(40) + 1
	if s.chance(20) {
		size = s.random.IntN(6000) + 1
	}
	b := make([]byte, size)
	for i := range b {
		b[i] = 'a' + byte(s.random.IntN(26))
	}
	return b
}

// pick is a random one of several, or nil of none.
func pick[T any](s *script, list []T) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[s.random.IntN(len(list))], true
}

// cut breaks the proxy's link and waits until it is back.
func (s *script) cut(p interface{ Status() Status }) {
	before := p.Status().Reconnects
	old := s.side(s.role)
	s.net[s.role].CutNow(faultproxy.Reset)
	eventually(s.t, "the link is back", func() bool {
		status := p.Status()
		return status.State == Connected && status.Reconnects > before && s.side(s.role) != old
	})
}

// modelTiming comes back from a cut at once, however short the link lasted.
func modelTiming() timing {
	t := standardTiming()
	t.healthy = 0
	return t
}

// runModel spreads so many operations over runs of a few hundred, each with a seed of its own.
func runModel(t *testing.T, operations int, run func(t *testing.T, seed uint64, operations int)) {
	const each = 400
	begun := time.Now()
	for seed := range uint64(operations / each) {
		synctest.Test(t, func(t *testing.T) { run(t, seed, each) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d operations in %v", operations, time.Since(begun).Round(time.Second))
}

var errGone = syscall.ECONNRESET

const shortModel, longModel = 8000, 500_000

func TestT15DestinationDoesWhatItsModelSays(t *testing.T) { runModel(t, shortModel, modelDestination) }
func TestT15SourceDoesWhatItsModelSays(t *testing.T)      { runModel(t, shortModel, modelSource) }

// The two together are a million operations.
func TestLongT15DestinationDoesWhatItsModelSays(t *testing.T) {
	long(t)
	runModel(t, longModel, modelDestination)
}

func TestLongT15SourceDoesWhatItsModelSays(t *testing.T) {
	long(t)
	runModel(t, longModel, modelSource)
}

package tunnelconn

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Shared is what the local proxies of one process share: the pace of handshakes, because the service counts those of an
// account, and the memory for what local programs have not taken yet. The zero value is ready.
type Shared struct {
	handshakes pace
	queued     atomic.Int64
}

// NewShared makes it.
func NewShared() *Shared { return new(Shared) }

const (
	// handshakesPerSecond keeps one process, with paceJitter, at the ten a second that the service is said to allow an account.
	// Fewer would have the last of 200 tunnels wait for more than half a minute after an outage; whoever shares the account and
	// is refused for it (429) comes again by its back-off, as we do.
	handshakesPerSecond = 9
	// paceJitter keeps processes that were cut together from asking together. It delays one, and not those behind it.
	paceJitter = 50 * time.Millisecond
)

// pace lets no more than handshakesPerSecond begin in any second. The first few need not wait, so that a single cut is
// mended at once.
type pace struct {
	mu sync.Mutex
	// begun are the last moments that were given away, the oldest at next; some may lie ahead.
	begun [handshakesPerSecond]time.Time
	next  int
}

// wait waits for the turn.
func (p *pace) wait(ctx context.Context) error {
	waitFor(ctx.Done(), time.Until(p.reserve(time.Now())))
	return ctx.Err()
}

// reserve gives a moment away.
func (p *pace) reserve(now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	turn, jitter := now, time.Duration(0)
	if free := p.begun[p.next].Add(time.Second); free.After(now) {
		last := p.begun[(p.next+handshakesPerSecond-1)%handshakesPerSecond]
		turn, jitter = free, rand.N(paceJitter)
		if spaced := last.Add(time.Second / handshakesPerSecond); spaced.After(free) {
			turn = spaced
		}
	}
	p.begun[p.next] = turn
	p.next = (p.next + 1) % handshakesPerSecond
	return turn.Add(jitter)
}

const (
	// tunnelBudget and processBudget bound what waits for the local programs of a tunnel and of a process, in bytes. When
	// one is used up, a queue may hold no more than inboxFloor.
	tunnelBudget, processBudget = 32 << 20, 128 << 20
	inboxFloor                  = 64 << 10
)

// budget counts what waits for the local programs of a tunnel.
type budget struct {
	queued  atomic.Int64
	process *Shared
}

// add counts bytes that come, or go.
func (b *budget) add(n int) {
	b.queued.Add(int64(n))
	b.process.queued.Add(int64(n))
}

// spent tells whether n more bytes are too many.
func (b *budget) spent(n int) bool {
	return b.queued.Load()+int64(n) > tunnelBudget || b.process.queued.Load()+int64(n) > processBudget
}

package tunnelconn

import "time"

// backoff spaces the attempts to reach the service: full jitter over a span that doubles. Failures after the handshake
// count like those before, because each handshake is one the service has to bear.
type backoff struct {
	failures int
	// random gives a number in [0, n), for n above zero.
	random func(n int64) int64
}

const (
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 20 * time.Second
)

// next is how long to wait before the coming attempt.
func (b *backoff) next() time.Duration {
	span := maxBackoff
	if b.failures < 16 {
		span = min(firstBackoff<<b.failures, maxBackoff)
	}
	b.failures++
	return time.Duration(b.random(int64(span) + 1))
}

func (b *backoff) reset() { b.failures = 0 }

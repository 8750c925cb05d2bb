package relay

import (
	"io"
	"time"

	"golang.org/x/time/rate"
)

// evenness is the share of a second that may be written at once, so that a slow tunnel is slow for every frame.
const evenness = 20

// smallestPiece is what is written at once at least, in bytes: a network packet's worth.
const smallestPiece = 1400

// paced writes at most so many bytes a second.
type paced struct {
	to    io.Writer
	tally *rate.Limiter
	pause func(time.Duration) bool
}

func newPaced(to io.Writer, bytesPerSecond int, pause func(time.Duration) bool) *paced {
	return &paced{to, rate.NewLimiter(rate.Limit(bytesPerSecond), max(bytesPerSecond/evenness, smallestPiece)), pause}
}

func (p *paced) Write(b []byte) (written int, err error) {
	for written < len(b) && err == nil {
		piece := b[written:min(len(b), written+p.tally.Burst())]
		p.pause(p.tally.ReserveN(time.Now(), len(piece)).Delay())
		var n int
		n, err = p.to.Write(piece)
		written += n
	}
	return written, err
}

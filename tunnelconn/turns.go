package tunnelconn

import (
	"strconv"
	"time"

	"github.com/gobwas/ws"
)

const (
	// kernelWindow is how much the kernel may have of ours where no pongs tell what has arrived, in bytes.
	kernelWindow = 64 << 10
	// kernelPoll is how often it is asked, as it cannot tell by itself.
	kernelPoll = 5 * time.Millisecond
	// kernelUnsent is how much of that may be unsent, where the kernel keeps such a bound.
	kernelUnsent = 16 << 10
)

func (w *writer) nextPing() *buffer {
	return controlBuffer(strconv.AppendInt(nil, w.window.ping(w.now()), 10))
}

// nextData takes the next data message, or a ping that is to open the window. Without either, held says that the window
// is shut; else there was nothing but outlets that had been dropped.
func (w *writer) nextData() (op ws.OpCode, b *buffer, from *outlet, held bool) {
	now := w.now()
	late := w.window.late(now)
	w.boundUnsent(late)
	// What is interactive is little, so it need not wait for the window; but there is an end to that too.
	if w.greedy || late || w.window.pending() < 2*w.window.size {
		for w.keen.len() > 0 {
			from = w.keen.pop()
			from.listed = false
			if from.queue.len() == 0 {
				continue // It was dropped meanwhile.
			}
			b = from.queue.pop()
			if from.queue.len() > 0 {
				from.listed = true
				w.round.push(from)
			}
			w.took(b, now)
			return ws.OpBinary, b, from, false
		}
	}
	switch {
	case w.greedy:
	case late:
		if queued, known := w.kernel(); known && queued >= kernelWindow {
			w.alarm.Reset(kernelPoll)
			return 0, nil, nil, true
		}
	case w.window.open(now):
	case w.window.asks(now):
		return ws.OpPing, w.nextPing(), nil, false
	default:
		w.alarm.Reset(w.window.patience(now))
		return 0, nil, nil, true
	}
	if b, from = w.nextBulk(); b == nil {
		return 0, nil, nil, false
	}
	w.took(b, now)
	return ws.OpBinary, b, from, false
}

// boundUnsent keeps the kernel's own bound on while the window counts by the kernel.
func (w *writer) boundUnsent(late bool) {
	unsent := 0
	if late && !w.greedy {
		unsent = kernelUnsent
	}
	if unsent != w.unsent {
		w.unsent = unsent
		w.limitUnsent(unsent)
	}
}

// took counts a data message that is about to be written, and gives it a ping to take along when one is due.
func (w *writer) took(b *buffer, now time.Duration) {
	w.window.wrote(b.to - b.from)
	if !w.greedy && w.window.wants() {
		b.ping = w.window.ping(now)
	}
}

// nextBulk goes on with the outlet whose turn it is, or gives the next one its turn.
func (w *writer) nextBulk() (*buffer, *outlet) {
	for {
		if w.turn == nil {
			if w.round.len() == 0 {
				return nil, nil
			}
			w.turn = w.round.pop()
			w.turn.credit += w.message()
		}
		o := w.turn
		if o.queue.len() > 0 {
			head := o.queue.oldest()
			size := head.to - head.from
			if size > o.credit {
				w.round.push(o)
				w.turn = nil
				continue
			}
			o.queue.pop()
			o.credit -= size
			if o.queue.len() > 0 {
				return head, o
			}
			o.listed, o.credit, w.turn = false, 0, nil
			return head, o
		}
		o.listed, o.credit, w.turn = false, 0, nil
	}
}

// message is how many bytes of payload a message should have at most.
func (w *writer) message() int {
	switch {
	case w.greedy:
		return largeRoom
	case w.window.late(w.now()):
		return kernelWindow / 8
	default:
		return w.window.message()
	}
}

package relay

import (
	"slices"
	"time"

	"github.com/gobwas/ws"

	"adit/emulator/faults"
	"adit/tunnelconn/wire"
)

const (
	// splitSize is the length of a piece in bytes: odd, so that it cuts lengths and headers too.
	splitSize = 3
	// fragmentSize is that of the reference local proxy's own fragments.
	fragmentSize = 4096
	// coalesceWithin is how close together frames must come to share a message.
	coalesceWithin = 20 * time.Millisecond
)

// bent is how tunnel frames are sent otherwise than each in one message, on demand.
type bent struct {
	kind faults.Kind
	size int
	// pending are frames that wait for others to share their message.
	pending []byte
}

func newBent(effect faults.Effect) bent {
	b := bent{kind: effect.Kind, size: effect.Bytes}
	if b.size == 0 && b.kind == faults.Split {
		b.size = splitSize
	}
	if b.size == 0 && b.kind == faults.Fragment {
		b.size = fragmentSize
	}
	return b
}

// bend queues a tunnel frame as the fault has it, and tells whether there was one. The caller holds the lock.
func (o *outgoing) bend(frame []byte) bool {
	switch o.bent.kind {
	case faults.Split:
		for piece := range slices.Chunk(frame, o.bent.size) {
			o.append(final|byte(ws.OpBinary), piece)
		}
	case faults.Fragment:
		first := byte(ws.OpBinary)
		for len(frame) > o.bent.size {
			o.append(first, frame[:o.bent.size])
			first, frame = byte(ws.OpContinuation), frame[o.bent.size:]
		}
		o.append(final|first, frame)
	case faults.Unknown:
		o.append(final|byte(ws.OpBinary), frame)
		o.append(final|byte(ws.OpBinary), []byte{0, 4, 0x08, 9, 0x18, 1}) // type 9, ignorable
	case faults.Coalesce:
		if len(o.bent.pending)+len(frame) > wire.MaxWebSocketFrame {
			o.flushPending()
		}
		o.bent.pending = append(o.bent.pending, frame...)
		o.wake()
	default:
		return false
	}
	return true
}

// flushPending queues the frames that share a message. The caller holds the lock.
func (o *outgoing) flushPending() {
	if len(o.bent.pending) > 0 {
		o.append(final|byte(ws.OpBinary), o.bent.pending)
		o.bent.pending = o.bent.pending[:0]
	}
}

package tunnelconn

import (
	"sync"

	"adit/tunnelconn/wire"
)

const (
	// webSocketHeader is the longest header of a masked frame: two bytes, a 64-bit length, the key.
	webSocketHeader = 14
	headroom        = webSocketHeader + wire.Headroom
	// smallRoom serves keystrokes and the reads of an idle connection, largeRoom whatever fills it.
	smallRoom = 4 << 10
	largeRoom = wire.MaxPayload
)

// buffer is bytes at data[from:to] with room around them, so that a payload that was read from a socket becomes a tunnel
// frame, then a WebSocket frame, without ever being moved.
type buffer struct {
	data     []byte
	from, to int
}

func (b *buffer) bytes() []byte { return b.data[b.from:b.to] }

// room is where a payload may be read to.
func (b *buffer) room() []byte { return b.data[b.to : len(b.data)-wire.Tailroom] }

// frame makes a tunnel frame of the payload in place.
func (b *buffer) frame(m *wire.Message) error {
	from, to, err := wire.PutFrame(b.data, b.from, b.to, m)
	if err != nil {
		return err
	}
	b.from, b.to = from, to
	return nil
}

// controlBuffer holds a message without a payload, or the payload of a WebSocket control frame, of at most 125 bytes.
func controlBuffer(payload []byte) *buffer {
	b := &buffer{data: make([]byte, headroom+len(payload)+wire.Tailroom), from: headroom, to: headroom + len(payload)}
	copy(b.bytes(), payload)
	return b
}

// buffers is a pool of them in two sizes, for one local proxy.
type buffers struct{ small, large sync.Pool }

func newBuffers() *buffers {
	return &buffers{
		small: sync.Pool{New: func() any { return &buffer{data: make([]byte, headroom+smallRoom+wire.Tailroom)} }},
		large: sync.Pool{New: func() any { return &buffer{data: make([]byte, headroom+largeRoom+wire.Tailroom)} }},
	}
}

// get gives an empty buffer with room for size bytes, which is at most largeRoom.
func (p *buffers) get(size int) *buffer {
	pool := &p.large
	if size <= smallRoom {
		pool = &p.small
	}
	b := pool.Get().(*buffer)
	b.from, b.to = headroom, headroom
	return b
}

// put takes a buffer back; nobody may hold its bytes any more.
func (p *buffers) put(b *buffer) {
	switch len(b.data) {
	case headroom + smallRoom + wire.Tailroom:
		p.small.Put(b)
	case headroom + largeRoom + wire.Tailroom:
		p.large.Put(b)
	}
}

package tunnelconn

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"sync"

	"github.com/gobwas/ws"

	"adit/tunnelconn/wire"
)

const (
	// webSocketHeader is the longest header of a masked frame: two bytes, a 64-bit length, the key.
	webSocketHeader = 14
	headroom        = webSocketHeader + wire.Headroom
	// smallRoom serves keystrokes and the reads of an idle connection, largeRoom whatever fills it.
	smallRoom = 4 << 10
	largeRoom = wire.MaxPayload
	// pingRoom is the header of a masked frame and a decimal number.
	pingRoom = 2 + 4 + 19
	tailroom = wire.Tailroom + pingRoom
)

// buffer is bytes at data[from:to] with room around them, so that a payload that was read from a socket becomes a tunnel
// frame, then a WebSocket frame, without ever being moved.
type buffer struct {
	data     []byte
	from, to int
	// ping is the id of a ping that goes out behind these bytes in the same write; zero is none.
	ping int64
}

func (b *buffer) bytes() []byte { return b.data[b.from:b.to] }

// room is where a payload may be read to.
func (b *buffer) room() []byte { return b.data[b.to : len(b.data)-tailroom] }

// frame makes a tunnel frame of the payload in place.
func (b *buffer) frame(m *wire.Message) error {
	from, to, err := wire.PutFrame(b.data, b.from, b.to, m)
	if err != nil {
		return err
	}
	b.from, b.to = from, to
	return nil
}

// The first two bytes of a WebSocket frame hold these, beside the kind and a short length.
const finalFrame, masked = 0x80, 0x80

// seal makes a WebSocket frame of the bytes: it masks them in place, puts the header in front of them and the ping behind.
func (b *buffer) seal(op ws.OpCode) {
	payload := b.bytes()
	var mask [4]byte
	binary.LittleEndian.PutUint32(mask[:], rand.Uint32())
	ws.Cipher(payload, mask, 0)

	var header [webSocketHeader]byte
	header[0] = finalFrame | byte(op)
	n := 2
	switch size := len(payload); {
	case size < 126:
		header[1] = masked | byte(size)
	case size <= 0xffff:
		header[1] = masked | 126
		binary.BigEndian.PutUint16(header[2:], uint16(size))
		n = 4
	default:
		header[1] = masked | 127
		binary.BigEndian.PutUint64(header[2:], uint64(size))
		n = 10
	}
	n += copy(header[n:], mask[:])
	b.from -= copy(b.data[b.from-n:], header[:n])
	if b.ping != 0 {
		b.appendPing(mask)
	}
}

// appendPing puts the ping's frame behind the bytes, in the room that is kept for it.
func (b *buffer) appendPing(mask [4]byte) {
	const header = 2 + 4
	frame := append(b.data[b.to:b.to], finalFrame|byte(ws.OpPing), 0)
	frame = strconv.AppendInt(append(frame, mask[:]...), b.ping, 10)
	frame[1] = masked | byte(len(frame)-header)
	ws.Cipher(frame[header:], mask, 0)
	b.to += len(frame)
}

// controlBuffer holds a message without a payload, or the payload of a WebSocket control frame, of at most 125 bytes.
func controlBuffer(payload []byte) *buffer {
	b := &buffer{data: make([]byte, headroom+len(payload)+tailroom), from: headroom, to: headroom + len(payload)}
	copy(b.bytes(), payload)
	return b
}

// buffers is a pool of them in two sizes, for one local proxy.
type buffers struct{ small, large sync.Pool }

func newBuffers() *buffers {
	return &buffers{
		small: sync.Pool{New: func() any { return &buffer{data: make([]byte, headroom+smallRoom+tailroom)} }},
		large: sync.Pool{New: func() any { return &buffer{data: make([]byte, headroom+largeRoom+tailroom)} }},
	}
}

// get gives an empty buffer with room for size bytes, which is at most largeRoom.
func (p *buffers) get(size int) *buffer {
	pool := &p.large
	if size <= smallRoom {
		pool = &p.small
	}
	b := pool.Get().(*buffer)
	b.from, b.to, b.ping = headroom, headroom, 0
	return b
}

// put takes a buffer back; nobody may hold its bytes any more.
func (p *buffers) put(b *buffer) {
	switch len(b.data) {
	case headroom + smallRoom + tailroom:
		p.small.Put(b)
	case headroom + largeRoom + tailroom:
		p.large.Put(b)
	}
}

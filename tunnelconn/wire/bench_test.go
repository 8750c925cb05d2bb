package wire

import (
	"bytes"
	"fmt"
	"testing"
)

func BenchmarkCodec(b *testing.B) {
	for _, size := range []int{64, 4096, MaxPayload} {
		m := Message{Type: Data, StreamID: 1 << 30, ServiceID: "SSH", ConnectionID: 3}
		buf := make([]byte, Headroom+size+Tailroom)
		b.Run(fmt.Sprintf("put/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := PutFrame(buf, Headroom, Headroom+size, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
		start, end, err := PutFrame(buf, Headroom, Headroom+size, &m)
		if err != nil {
			b.Fatal(err)
		}
		frame := bytes.Clone(buf[start:end])
		b.Run(fmt.Sprintf("decode/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var decoded Message
			for b.Loop() {
				if err := Decode(frame[2:], &decoded); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("copy/%d", size), func(b *testing.B) { // the speed of the memory, to compare with
			b.SetBytes(int64(size))
			to := make([]byte, len(frame))
			for b.Loop() {
				copy(to, frame)
			}
		})
		b.Run(fmt.Sprintf("read/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			r := NewReader(&endless{frame: frame})
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// endless repeats one frame for ever.
type endless struct {
	frame []byte
	at    int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.frame[e.at:])
	e.at = (e.at + n) % len(e.frame)
	return n, nil
}

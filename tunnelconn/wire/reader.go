package wire

import (
	"encoding/binary"
	"io"
)

const (
	// firstBuffer is enough for a tunnel that carries keystrokes.
	firstBuffer = 4 << 10
	// maxBuffer holds any frame and leaves room to read the next one along with it.
	maxBuffer = 128 << 10
	// maxEmptyReads is how often a reader may return nothing without an error, as in package bufio.
	maxEmptyReads = 100
)

// Reader cuts a byte stream into frames. Its memory grows with the traffic to at most 128 KiB.
type Reader struct {
	source     io.Reader
	buf        []byte
	start, end int // buf[start:end] is read and not yet returned.
	err        error
}

// NewReader reads frames from r, which may return any slice of the stream.
func NewReader(r io.Reader) *Reader { return &Reader{source: r, buf: make([]byte, firstBuffer)} }

// Next returns the next frame, its length prefix included: frame[2:] is the message. It is valid until the next call.
// The end of the stream between frames is io.EOF, within one io.ErrUnexpectedEOF.
func (r *Reader) Next() (frame []byte, err error) {
	for {
		need := prefixSize
		if have := r.buf[r.start:r.end]; len(have) >= prefixSize {
			need += int(binary.BigEndian.Uint16(have))
			if len(have) >= need {
				r.start += need
				return have[:need:need], nil
			}
		}
		if r.err != nil {
			if r.err == io.EOF && r.end > r.start {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, r.err
		}
		r.makeRoom(need)
		r.fill()
	}
}

// makeRoom moves what is there to the front, and grows the buffer when the frame needs it or the last read filled it.
func (r *Reader) makeRoom(need int) {
	size := len(r.buf)
	if r.end == size {
		size = min(2*size, maxBuffer)
	}
	for size < need {
		size *= 2
	}
	target := r.buf
	switch {
	case size > len(target):
		target = make([]byte, size)
	case r.start == 0:
		return // All of it is at the front already.
	}
	r.end = copy(target, r.buf[r.start:r.end])
	r.start = 0
	r.buf = target
}

func (r *Reader) fill() {
	for range maxEmptyReads {
		n, err := r.source.Read(r.buf[r.end:])
		r.end += n
		r.err = err
		if n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}

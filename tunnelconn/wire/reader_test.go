package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// pieces reads a stream in the given pieces, one a call.
type pieces struct{ left [][]byte }

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[0])
	if p.left[0] = p.left[0][n:]; len(p.left[0]) == 0 {
		p.left = p.left[1:]
	}
	return n, nil
}

func readAll(t testing.TB, r *Reader) [][]byte {
	t.Helper()
	var frames [][]byte
	for {
		frame, err := r.Next()
		if err == io.EOF {
			return frames
		}
		if err != nil {
			t.Fatalf("after %d frames: %v", len(frames), err)
		}
		frames = append(frames, bytes.Clone(frame))
	}
}

func vectorStream(t testing.TB) (stream []byte, frames [][]byte) {
	for _, v := range vectors {
		frame := vectorBytes(t, v.hex)
		frames = append(frames, frame)
		stream = append(stream, frame...)
	}
	return stream, frames
}

func sameFrames(got, want [][]byte) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			return false
		}
	}
	return true
}

func TestReaderFindsFramesInAnyTwoPieces(t *testing.T) {
	stream, want := vectorStream(t)
	for split := range len(stream) + 1 {
		got := readAll(t, NewReader(&pieces{[][]byte{stream[:split], stream[split:]}}))
		if !sameFrames(got, want) {
			t.Errorf("split at %d: %d frames differ", split, len(got))
		}
	}
}

func TestReaderFindsFramesInSingleBytesAndInOneRead(t *testing.T) {
	stream, want := vectorStream(t)
	for name, source := range map[string]io.Reader{
		"single bytes":      iotest.OneByteReader(bytes.NewReader(stream)),
		"coalesced":         bytes.NewReader(stream),
		"data with the EOF": iotest.DataErrReader(bytes.NewReader(stream)),
		"halves":            iotest.HalfReader(bytes.NewReader(stream)),
	} {
		if got := readAll(t, NewReader(source)); !sameFrames(got, want) {
			t.Errorf("%s: %d frames differ", name, len(got))
		}
	}
}

func TestReaderTakesTheLargestFramesAmongSmallOnes(t *testing.T) {
	var stream []byte
	var want [][]byte
	for _, size := range []int{0, MaxMessage, 1, MaxMessage, MaxMessage, 5000, 0, 3, 40000} {
		frame := append([]byte{byte(size >> 8), byte(size)}, bytes.Repeat([]byte{byte(size)}, size)...)
		want = append(want, frame)
		stream = append(stream, frame...)
	}
	for name, source := range map[string]io.Reader{
		"in one":       bytes.NewReader(stream),
		"single bytes": iotest.OneByteReader(bytes.NewReader(stream)),
	} {
		r := NewReader(source)
		if got := readAll(t, r); !sameFrames(got, want) {
			t.Errorf("%s: frames differ", name)
		}
		if len(r.buf) > maxBuffer {
			t.Errorf("%s: the buffer grew to %d", name, len(r.buf))
		}
	}
}

func TestReaderTellsAnEndBetweenFramesFromOneWithin(t *testing.T) {
	whole := []byte{0, 2, 8, 5}
	for cut := range len(whole) + 1 {
		r := NewReader(bytes.NewReader(whole[:cut]))
		_, err := r.Next()
		switch {
		case cut == 0 && err != io.EOF:
			t.Errorf("nothing: %v, want EOF", err)
		case cut > 0 && cut < len(whole) && err != io.ErrUnexpectedEOF:
			t.Errorf("cut at %d: %v, want ErrUnexpectedEOF", cut, err)
		case cut == len(whole) && err != nil:
			t.Errorf("whole: %v", err)
		}
	}
}

func TestReaderGivesFramesBeforeTheError(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(bytes.NewReader([]byte{0, 0, 0, 2, 8}), iotest.ErrReader(broken)))
	if frame, err := r.Next(); err != nil || len(frame) != 2 {
		t.Fatalf("first frame = % x, %v", frame, err)
	}
	for range 2 {
		if _, err := r.Next(); err != broken {
			t.Fatalf("error = %v, want it as it was", err)
		}
	}
}

type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

func TestReaderGivesUpOnAStreamThatReturnsNothing(t *testing.T) {
	if _, err := NewReader(silent{}).Next(); err != io.ErrNoProgress {
		t.Errorf("error = %v, want ErrNoProgress", err)
	}
}

func FuzzReader(f *testing.F) {
	stream, _ := vectorStream(f)
	f.Add(stream, byte(1))
	f.Add([]byte{0xff, 0xff, 1}, byte(200))
	f.Fuzz(func(t *testing.T, stream []byte, step byte) {
		source := &pieces{}
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), int(step)+1)
			source.left = append(source.left, rest[:n])
			rest = rest[n:]
		}
		r := NewReader(source)
		var back []byte
		for {
			frame, err := r.Next()
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				rest := stream[len(back):]
				if !bytes.Equal(back, stream[:len(back)]) || (err == io.EOF) != (len(rest) == 0) {
					t.Fatalf("%d of %d bytes came back, then %v", len(back), len(stream), err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			back = append(back, frame...)
		}
	})
}

package relay

import (
	"bufio"
	"bytes"
	"io"
	"testing"

	"github.com/gobwas/ws"
)

// masking makes a client's frame.
func masking(f ws.Frame) []byte { return ws.MustCompileFrame(ws.MaskFrameInPlace(f)) }

func TestOnlyAWholeShortMessageIsAnotherOne(t *testing.T) {
	short := masking(ws.NewBinaryFrame([]byte("short")))
	for name, c := range map[string]struct {
		next []byte
		want bool
	}{
		"nothing":          {nil, false},
		"a short message":  {short, true},
		"a part of one":    {short[:len(short)-1], false},
		"one byte":         {short[:1], false},
		"a longer message": {masking(ws.NewBinaryFrame(make([]byte, 126))), false},
		"a fragment":       {masking(ws.NewFrame(ws.OpBinary, false, []byte("part"))), false},
		"a ping":           {masking(ws.NewPingFrame([]byte("ping"))), false},
	} {
		in := &incoming{link: &link{}, in: bufio.NewReader(bytes.NewReader(append(masking(ws.NewBinaryFrame([]byte("first"))), c.next...)))}
		if _, err := io.ReadFull(in, make([]byte, len("first"))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := in.another(); got != c.want {
			t.Errorf("%s behind a message: another %v", name, got)
		}
	}
}

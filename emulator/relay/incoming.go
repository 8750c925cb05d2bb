package relay

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/gobwas/ws"

	"adit/tunnelconn/wire"
)

// violation is what a local proxy did wrong, and the code it is sent away with; 0 is the one chosen for the tunnel's protocol.
type violation struct {
	code ws.StatusCode
	text string
}

func (v *violation) Error() string { return v.text }

// errClosedByPeer: the local proxy sent a close frame.
var errClosedByPeer = errors.New("closed by the local proxy")

// incoming turns WebSocket messages into the byte stream of tunnel frames: how the stream was cut carries no meaning.
// It answers control frames in passing.
type incoming struct {
	in   *bufio.Reader
	link *link

	left   int64 // of the present WebSocket frame
	mask   [4]byte
	offset int
	state  ws.State // whether a fragmented message is under way
	room   [ws.MaxHeaderSize]byte
	body   [ws.MaxControlFramePayloadSize]byte
}

// Read implements io.Reader. Large reads go past the bufio.Reader's buffer straight into p.
func (c *incoming) Read(p []byte) (int, error) {
	for c.left == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.left)])
	ws.Cipher(p[:n], c.mask, c.offset)
	c.offset += n
	c.left -= int64(n)
	return n, err
}

// another tells whether a further message, a short one, has come along with the last. What is passed on can wait for it.
func (c *incoming) another() bool {
	const header, longest = 2 + 4, 125 // of a short frame that is masked, and what it may hold
	if c.in.Buffered() < header {
		return false
	}
	head, err := c.in.Peek(2)
	length := int(head[1] &^ masked)
	return err == nil && head[0] == final|byte(ws.OpBinary) && length <= longest && c.in.Buffered() >= header+length
}

// next reads the header of a frame, and the whole of a control frame.
func (c *incoming) next() error {
	h, err := ws.ReadHeaderBuffer(c.in, c.room[:0])
	if errors.Is(err, ws.ErrHeaderLengthMSB) {
		return &violation{ws.StatusProtocolError, "A WebSocket frame has an impossible length."}
	}
	if err != nil {
		return err
	}
	c.link.heard()
	if err := ws.CheckHeader(h, ws.StateServerSide|c.state); err != nil {
		return &violation{ws.StatusProtocolError, "WebSocket: " + err.Error() + "."}
	}
	switch {
	case h.OpCode.IsControl():
		return c.control(h)
	case h.OpCode == ws.OpText:
		return broken("Tunnel frames go in binary messages, not in text.")
	case h.Length > wire.MaxWebSocketFrame:
		return &violation{ws.StatusMessageTooBig, fmt.Sprintf("A WebSocket frame is longer than %d bytes.", wire.MaxWebSocketFrame)}
	}
	c.state = 0
	if !h.Fin {
		c.state = ws.StateFragmented
	}
	c.left, c.mask, c.offset = h.Length, h.Mask, 0
	return nil
}

func (c *incoming) control(h ws.Header) error {
	body := c.body[:h.Length]
	if _, err := io.ReadFull(c.in, body); err != nil {
		return err
	}
	ws.Cipher(body, h.Mask, 0)
	switch h.OpCode {
	case ws.OpPing:
		// The payload goes back exactly as it came: the reference local proxy dies of a pong that it cannot read.
		c.link.reply(body)
	case ws.OpClose:
		code, _ := ws.ParseCloseFrameData(body)
		if len(body) == 1 || (len(body) > 1 && ws.CheckCloseFrameData(code, "") != nil) {
			code = ws.StatusProtocolError
		}
		c.link.end(code, "")
		return errClosedByPeer
	}
	return nil
}

// reply sends a pong as soon as there is room for it, so that a client that pings and does not read stops itself alone.
func (l *link) reply(body []byte) {
	for room := l.out.wait(); room != nil; room = l.out.wait() {
		select {
		case <-room:
		case <-l.ended:
			return
		}
	}
	l.out.post(ws.OpPong, body)
	l.out.hurry()
}

package tunnelconn

import (
	"bufio"
	"errors"
	"io"

	"github.com/gobwas/ws"

	"adit/tunnelconn/wire"
)

// Close codes of RFC 6455, section 7.4.1.
const (
	closeNormal        = int(ws.StatusNormalClosure)
	closeProtocolError = int(ws.StatusProtocolError)
	closeUnsupported   = int(ws.StatusUnsupportedData)
	closePolicy        = int(ws.StatusPolicyViolation)
	closeTooBig        = int(ws.StatusMessageTooBig)
)

// readBuffer is what one Read from the network may bring; it holds a whole TLS record.
const readBuffer = 16 << 10

// incoming turns the frames of a WebSocket into the byte stream that their payloads are, and answers control frames on the
// way. Where a message or a fragment begins or ends carries no meaning in the tunnel's protocol.
type incoming struct {
	source *bufio.Reader
	// ping and pong get the payload of such frames, valid during the call.
	ping, pong func(payload []byte)

	left       int64 // of the data frame at hand
	fragmented bool  // its message goes on in a further frame
	scratch    [ws.MaxControlFramePayloadSize]byte
}

func newIncoming(r io.Reader, ping, pong func([]byte)) *incoming {
	return &incoming{source: bufio.NewReaderSize(r, readBuffer), ping: ping, pong: pong}
}

// Read gives bytes of the tunnel. Its errors are a *closeError, a *protocolError, or the network's.
func (in *incoming) Read(p []byte) (int, error) {
	for in.left == 0 {
		if err := in.nextFrame(); err != nil {
			return 0, err
		}
	}
	n, err := in.source.Read(p[:min(int64(len(p)), in.left)])
	in.left -= int64(n)
	return n, noEOF(err)
}

// nextFrame reads up to the payload of a data frame, or past a control frame.
func (in *incoming) nextFrame() error {
	h, err := ws.ReadHeaderBuffer(in.source, in.scratch[:0:cap(in.scratch)])
	switch {
	case errors.Is(err, ws.ErrHeaderLengthMSB), errors.Is(err, ws.ErrHeaderLengthUnexpected):
		return violation("a WebSocket frame of an impossible length")
	case err != nil:
		return noEOF(err)
	case h.Rsv != 0:
		return violation("a WebSocket frame with reserved bits set")
	case h.Masked:
		return violation("a masked WebSocket frame from the service")
	case h.OpCode.IsControl():
		return in.control(h)
	case h.OpCode == ws.OpText:
		return &protocolError{code: closeUnsupported, text: "a text message, where only binary ones are allowed"}
	case h.OpCode == ws.OpBinary && in.fragmented, h.OpCode == ws.OpContinuation && !in.fragmented:
		return violation("WebSocket fragments out of order")
	case h.OpCode != ws.OpBinary && h.OpCode != ws.OpContinuation:
		return violation("a WebSocket frame of the unknown kind %d", h.OpCode)
	case h.Length > wire.MaxWebSocketFrame:
		return &protocolError{code: closeTooBig, text: "a WebSocket frame larger than the protocol allows"}
	}
	in.left = h.Length
	in.fragmented = !h.Fin
	return nil
}

func (in *incoming) control(h ws.Header) error {
	if !h.Fin || h.Length > ws.MaxControlFramePayloadSize {
		return violation("a WebSocket control frame that is cut up or too long")
	}
	payload := in.scratch[:h.Length]
	if _, err := io.ReadFull(in.source, payload); err != nil {
		return noEOF(err)
	}
	switch h.OpCode {
	case ws.OpPing:
		in.ping(payload)
	case ws.OpPong:
		in.pong(payload)
	case ws.OpClose:
		code, reason := ws.ParseCloseFrameData(payload)
		return &closeError{code: int(code), reason: cleanText(reason)}
	default:
		return violation("a WebSocket control frame of the unknown kind %d", h.OpCode)
	}
	return nil
}

// noEOF makes an error of the end of a network stream: a WebSocket ends by a close frame, and whatever else ends it cuts
// the tunnel short.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Package tunnelconn is the data plane of AWS IoT Secure Tunneling: the local proxy, as a source and as a destination.
//
// The vocabulary is that of the protocol guides of the reference local proxy. A *tunnel* joins one source and one
// destination through the service; each side holds one WebSocket. On it travel *tunnel frames* (package wire). A tunnel
// has up to three *services*, names such as SSH; each service has at most one *stream*, which the source starts, and a
// V3 stream carries many *connections*, one for each local TCP connection. V1 and V2 peers know one connection a stream.
// A lost WebSocket ends every stream: nothing is resumed, so what was in flight is reset, never ended cleanly.
//
// A V1 or V2 peer has one message for the end of a connection, STREAM_RESET, and cannot tell a cut from an end by it; no
// more can we when it sends one. So a local proxy that is closed in the middle of sending sends such a peer none: its
// application waits, until the next stream replaces the one it has, rather than take a part for the whole. Where nothing
// was sent for a while the reset goes out. In the other direction an end before the first byte is read as a refusal, and
// one after it as an orderly end, whatever it was.
//
// The package knows nothing of the screen and nothing of the API that opens tunnels: it gets an endpoint and a token.
package tunnelconn

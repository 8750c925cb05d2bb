// Package tunnelconn is the data plane of AWS IoT Secure Tunneling: the local proxy, as a source and as a destination.
//
// The vocabulary is that of the protocol guides of the reference local proxy. A *tunnel* joins one source and one
// destination through the service; each side holds one WebSocket. On it travel *tunnel frames* (package wire). A tunnel
// has up to three *services*, names such as SSH; each service has at most one *stream*, which the source starts, and a
// V3 stream carries many *connections*, one for each local TCP connection. V1 and V2 peers know one connection a stream.
// A lost WebSocket ends every stream: nothing is resumed, so what was in flight is reset, never ended cleanly.
//
// The package knows nothing of the screen and nothing of the API that opens tunnels: it gets an endpoint and a token.
package tunnelconn

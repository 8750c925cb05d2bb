package tunnelconn

// Version is a generation of the protocol, by the shape of its messages: V1 names neither service nor connection, V2
// names the service, V3 names both.
type Version uint8

const (
	// Auto lets a source speak V3, accept answers of any shape and fall back to V1 where it can without harm
	// (SourceConfig.FallBack), and a destination adopt the source's shape.
	Auto Version = iota
	V1
	V2
	V3
)

// Role is the side of a tunnel.
type Role uint8

const (
	RoleSource Role = iota
	RoleDestination
)

// String is the name that the protocol guides use.
func (v Version) String() string {
	switch v {
	case V1:
		return "V1"
	case V2:
		return "V2"
	case V3:
		return "V3"
	default:
		return "auto"
	}
}

// single tells whether the version knows one connection a stream, so that another one has to wait its turn.
func (v Version) single() bool { return v == V1 || v == V2 }

// shapeOf is the generation that a message of a stream has the form of, when it is an answer to messages that named a
// service, or not. Without a service V1 and V2 look alike, and count as V1.
func shapeOf(serviceNamed bool, service string, connection uint32) Version {
	switch {
	case service == "" && (serviceNamed || connection == 0):
		return V1
	case connection == 0:
		return V2
	default:
		return V3
	}
}

// String is the word for it in query strings and logs.
func (r Role) String() string {
	if r == RoleDestination {
		return "destination"
	}
	return "source"
}

// Package client is what adit knows of the AWS IoT Secure Tunneling API: the domain types, the Service that speaks to
// it, errors with their remedies, and the Watcher, the one poller of a running adit.
//
// Everything that comes from the network is kept raw in a [Text] and shown clean by its String method. Tokens come as
// token.Token. The package knows nothing of the screen.
package client

// Context is where a Service's tunnels live. It is comparable.
type Context struct {
	// Profile is the shared configuration's profile, "" for none.
	Profile string
	// Account is the 12-digit account id, "" where it is not known.
	Account string
	Region  string
	// Endpoint is the control plane's URL when it is not AWS's own, else "".
	Endpoint string
	// EndpointFrom says where Endpoint was set, such as AWS_ENDPOINT_URL or --endpoint-url.
	EndpointFrom string
	// Demo marks the embedded service of `adit demo`.
	Demo bool
	// Production marks what its user has marked so: it is shown by colour and word wherever something is at stake.
	Production bool
	// ReadOnly: the Service refuses whatever changes something.
	ReadOnly bool
}

// NotAWS tells whether the control plane is somebody else's.
func (c Context) NotAWS() bool { return c.Endpoint != "" }

// Key names the tunnel with this id.
func (c Context) Key(id string) Key {
	return Key{Endpoint: c.Endpoint, Account: c.Account, Region: c.Region, ID: id}
}

// Place is the key without a tunnel: contexts of one place list the same tunnels and share a quota, whatever profile leads
// there.
func (c Context) Place() Key { return c.Key("") }

// host is the control plane in a sentence.
func (c Context) host() string {
	switch {
	case c.Demo:
		return "the demo's service"
	case c.NotAWS():
		return c.Endpoint
	default:
		return "AWS"
	}
}

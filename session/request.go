package session

import (
	"adit/client"
	"adit/tunnelconn"
)

// Then is what follows once the device is connected.
type Then uint8

const (
	ThenShell Then = iota
	ThenProxy
	ThenNothing
)

// Request asks for a way to a device.
type Request struct {
	Service client.Service
	// Key is the tunnel to use; a zero Key looks for one of Thing that can be reused.
	Key   client.Key
	Thing string
	// Open opens a new tunnel, billed, with these parameters instead.
	Open *client.OpenInput
	Then Then
	// Name is the service of the tunnel that the shell goes to, "" for SSH or else the only one.
	Name string
	// Bind is the local address of the proxy by service, such as 127.0.0.1:5555; a missing one is 127.0.0.1:0.
	Bind map[string]string
	// TakeOver allows to throw a present source off that is not this adit.
	TakeOver bool
	// Peer is the protocol the device speaks, Auto to use what was learnt.
	Peer tunnelconn.Version
}

// sshService is the name under which every agent and the AWS console know a device's ssh.
const sshService = "SSH"

// serviceOf picks the service that name, or the lack of one, means among a tunnel's services. A tunnel without services
// carries everything under the empty name.
func serviceOf(name string, services []client.Text) (string, bool) {
	for _, service := range services {
		if service.Raw() == name || name == "" && service.Raw() == sshService {
			return service.Raw(), true
		}
	}
	switch {
	case name != "":
		return "", false
	case len(services) == 0:
		return "", true
	case len(services) == 1:
		return services[0].Raw(), true
	}
	return "", false
}

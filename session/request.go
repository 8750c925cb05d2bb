package session

import (
	"fmt"

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
	// Name is the service of the tunnel that the shell goes to, "" for SSH. A tunnel that names no services needs none.
	Name string
	// Bind is the local address of the proxy by service, such as 127.0.0.1:5555; a missing one is 127.0.0.1:0.
	Bind map[string]string
	// User is whom the shell logs in as whatever ssh's own configuration says, "" to leave it to that.
	User string
	// WhenOnline waits until the registry says that the thing is online before anything is opened or taken.
	WhenOnline bool
	// TakeOver allows to throw a present source off that is not this adit.
	TakeOver bool
	// Peer is the protocol the device speaks, Auto to use what was learnt.
	Peer tunnelconn.Version
}

// sshService is the name under which every agent and the AWS console know a device's ssh.
const sshService = "SSH"

// serviceOf picks the service that name, or SSH for the lack of one, means among a tunnel's services. A tunnel without
// services carries everything under the empty name. A service that is the only one is no reason to run ssh over it.
func serviceOf(name string, services []client.Text) (string, bool) {
	for _, service := range services {
		if service.Raw() == name || name == "" && service.Raw() == sshService {
			return service.Raw(), true
		}
	}
	return "", name == "" && len(services) == 0
}

// lacking says that a tunnel does not carry what a shell needs.
func (r Request) lacking(t client.Tunnel) error {
	tunnel := "Tunnel " + shortTunnel(t.Key.ID)
	if t.Thing != "" {
		tunnel = "The tunnel to " + t.Thing.String()
	}
	if r.Name != "" {
		return &Failure{Text: fmt.Sprintf("%s carries %s, not %s.", tunnel, listed(t.Services), client.Clean(r.Name)),
			Remedy: "Services cannot be added to a tunnel: open another one, which is billed."}
	}
	return &Failure{Text: fmt.Sprintf("%s carries %s, and ssh needs the service %s.", tunnel, listed(t.Services), sshService),
		Remedy: fmt.Sprintf("Use its local ports instead, or open another tunnel with %s, which is billed.", sshService)}
}

// unopenable says that a shell could not use the tunnel that is about to be opened.
func (r Request) unopenable() error {
	wanted := "ssh needs the service " + sshService
	if r.Name != "" {
		wanted = "the shell is to go to " + client.Clean(r.Name)
	}
	return &Failure{Text: fmt.Sprintf("The new tunnel would carry %s, and %s. Nothing was opened.", listed(texts(r.Open.Services)), wanted),
		Remedy: "Add it to the services, or use the local ports alone."}
}

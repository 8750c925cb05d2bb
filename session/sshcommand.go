package session

import (
	"net"

	"adit/client"
)

// SSHCommand is the command by which another ssh reaches a thing through the local proxy that listens on address, under
// the name that its host key is kept by; "" where there is no such address. It holds no secret.
func SSHCommand(where client.Context, thing, address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return "ssh -p " + port + " -o HostKeyAlias=" + HostKeyAlias(where, thing) + " " + host
}

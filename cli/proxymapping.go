package cli

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"adit/client"
	"adit/pattern"
	"adit/tunnelconn"
)

// mapped is one part of a mapping of services: ID=what, or what alone for a tunnel's only service.
type mapped struct{ service, what string }

// parseMapping splits ID=what,ID2=what2, or one what without an id.
func parseMapping(text string) ([]mapped, error) {
	// A path may hold both an equals sign and a comma, and no service's name begins with a slash.
	if strings.HasPrefix(text, "/") || !strings.ContainsAny(text, "=,") {
		return []mapped{{what: text}}, nil
	}
	var all []mapped
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		service, what, named := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !named:
			return nil, fmt.Errorf("%s has no service: where there are several, each is ID=VALUE", quoted(part))
		case !pattern.Name.MatchString(service):
			return nil, fmt.Errorf("%s is not the name of a service: 1 to 128 letters, digits, colons, dashes and underscores", quoted(service))
		case seen[service]:
			return nil, fmt.Errorf("the service %s is given twice", service)
		}
		seen[service] = true
		all = append(all, mapped{service, what})
	}
	return all, nil
}

// parseListeners makes listeners of -s: 5555, or SSH=5555,HTTP=8080. Port 0 takes a free one.
func parseListeners(text, bind string) ([]tunnelconn.Listener, error) {
	parts, err := parseMapping(text)
	if err != nil {
		return nil, err
	}
	var listeners []tunnelconn.Listener
	seen := map[string]bool{}
	for _, part := range parts {
		port, err := parsePort(part.what)
		if err != nil && part.what != "0" {
			return nil, err
		}
		if port != "0" && seen[port] {
			return nil, fmt.Errorf("the port %s is given twice", port)
		}
		seen[port] = true
		listeners = append(listeners, tunnelconn.Listener{Service: part.service, Address: net.JoinHostPort(bind, port)})
	}
	return listeners, nil
}

// parseTargets makes applications of -d: 22, host:22 or /unix/path, or such after ID= and separated by commas. A bare port
// is on host.
func parseTargets(text, host string) (map[string]string, error) {
	parts, err := parseMapping(text)
	if err != nil {
		return nil, err
	}
	targets := make(map[string]string)
	for _, part := range parts {
		if targets[part.service], err = parseTarget(part.what, host); err != nil {
			return nil, err
		}
	}
	return targets, nil
}

func parseTarget(what, host string) (string, error) {
	if strings.Contains(what, "/") {
		if strings.ContainsRune(what, 0) || len(what) > maxSocketPath {
			return "", fmt.Errorf("%s is not the path of a Unix socket, which has at most %d characters", quoted(what), maxSocketPath)
		}
		return what, nil
	}
	if !strings.Contains(what, ":") {
		port, err := parsePort(what)
		return net.JoinHostPort(host, port), err
	}
	name, port, err := net.SplitHostPort(what)
	if err != nil || name == "" || strings.ContainsAny(name, " \t") {
		return "", fmt.Errorf("%s is not an application: give a port, host:port, [IPv6]:port or /unix/path", quoted(what))
	}
	port, err = parsePort(port)
	return net.JoinHostPort(name, port), err
}

// maxSocketPath is the shortest limit of the platforms for a Unix socket's path, in bytes.
const maxSocketPath = 103

var errPort = errors.New("a port is a number from 1 to 65535")

// parsePort checks a port and gives it without leading zeros; "0" comes with an error.
func parsePort(text string) (string, error) {
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil || number == 0 {
		return "0", fmt.Errorf("%s is not a port: %w", quoted(text), errPort)
	}
	return strconv.FormatUint(number, 10), nil
}

// quoted repeats what somebody wrote in a sentence, unless it is as long as a secret that went to the wrong option.
func quoted(text string) string {
	const longest = 64
	if len(text) > longest {
		return fmt.Sprintf("a text of %d characters", len(text))
	}
	return strconv.Quote(client.Clean(text))
}

package cli

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/netip"
	"strings"

	"adit/client"
	"adit/pattern"
	"adit/session"
	"adit/tunnelconn"
)

// proxyPlan is what the options come to.
type proxyPlan struct {
	role      tunnelconn.Role
	link      tunnelconn.Link
	listeners []tunnelconn.Listener
	targets   map[string]string
	// exposed is the address beyond loopback that is listened on, "" for none.
	exposed string
}

var regionForm = pattern.Of(`^[a-z0-9-]+$`)

// plan checks everything that can be checked before anything is started.
func (o *proxyOptions) plan(ctx context.Context, stdin io.Reader, env environment) (*proxyPlan, error) {
	if err := o.refuseUnknown(); err != nil {
		return nil, err
	}
	p := &proxyPlan{}
	for _, step := range []func(*proxyPlan) error{
		o.planRole, o.planShape, o.planSides,
		func(p *proxyPlan) error { return o.planEndpoint(p, env) },
		func(p *proxyPlan) error { return o.planTokens(ctx, p, stdin) },
	} {
		if err := step(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// refuseUnknown says why some options of the reference local proxy are not taken over.
func (o *proxyOptions) refuseUnknown() error {
	switch {
	case o.unverified:
		return usage("-k is refused: without TLS verification anybody on the way could read the access token and the session. Trust another authority with --ca FILE or -c DIRECTORY instead")
	case o.configDir != "":
		return usage("--config-dir is not taken over: give the services with -s or -d, such as -s SSH=5555,HTTP=8080, or in a file for --config")
	case o.settingsJSON != "" || o.exportsJSON != "":
		return usage("--settings-json and --export-default-settings are not taken over: buffers, pings and retries need no tuning here")
	case o.logFormat != "text" && o.logFormat != "json":
		return usage("--log-format is text or json, not %s", quoted(o.logFormat))
	case o.status != "" && o.status != statusAuto && o.status != statusJSON:
		return usage("--status is given alone or as --status json, not %s", quoted(o.status))
	case o.giveUp < 0:
		return usage("--give-up-after cannot be negative")
	}
	return nil
}

func (o *proxyOptions) planRole(p *proxyPlan) error {
	source, destination := o.listen != "", o.apps != ""
	switch o.mode {
	case "src", "source":
		source = true
	case "dst", "destination":
		destination = true
	case "":
	default:
		return usage("-m is source or destination, not %s", quoted(o.mode))
	}
	switch {
	case o.listen != "" && o.apps != "":
		return usage("%s and %s exclude each other: a local proxy is the source or the destination", o.from("source-listen-port", "-s"), o.from("destination-app", "-d"))
	case source && destination:
		return usage("%s contradicts -s or -d: -s goes with a source, -d with a destination", o.from("mode", "-m"))
	case destination && o.apps == "":
		return usage("a destination needs -d: the application to connect to, such as -d 22")
	case destination:
		p.role = tunnelconn.RoleDestination
	case !source:
		return usage("say which side of the tunnel this is: -s 5555 for the source, -d 22 for the destination")
	}
	return nil
}

func (o *proxyOptions) planShape(p *proxyPlan) error {
	switch strings.ToUpper(o.shape) {
	case "":
	case "V1":
		p.link.Version = tunnelconn.V1
	case "V2":
		p.link.Version = tunnelconn.V2
	case "V3":
		p.link.Version = tunnelconn.V3
	default:
		return usage("-y is V1, V2 or V3, not %s", quoted(o.shape))
	}
	return nil
}

// planSides works out where to listen, or what to connect to.
func (o *proxyOptions) planSides(p *proxyPlan) (err error) {
	const loopback = "127.0.0.1"
	host := strings.Trim(o.bind, "[]")
	// Any other colon is that of a port, which belongs to -s.
	_, noIP := netip.ParseAddr(host)
	if strings.ContainsAny(host, "/ \t") || noIP != nil && strings.Contains(host, ":") {
		return usage("-b %s is not an address", quoted(o.bind))
	}
	if p.role == tunnelconn.RoleDestination {
		return o.planApps(p, host)
	}
	if host == "" {
		host = loopback
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		p.exposed = host
	}
	ports := o.listen
	if ports == "" {
		ports = "0"
	}
	if p.listeners, err = parseListeners(ports, host); err != nil {
		return usage("%s: %w", o.from("source-listen-port", "-s"), err)
	}
	return nil
}

func (o *proxyOptions) planApps(p *proxyPlan, host string) (err error) {
	bare := host
	if bare == "" {
		bare = "127.0.0.1"
	}
	if p.targets, err = parseTargets(o.apps, bare); err != nil {
		return usage("%s: %w", o.from("destination-app", "-d"), err)
	}
	for _, target := range p.targets {
		if name, _, err := net.SplitHostPort(target); host != "" && (err != nil || name != host) {
			return usage("-b with a destination is the host of bare ports alone, and %s names its own: the address to connect from is the system's choice", quoted(target))
		}
	}
	return nil
}

// planEndpoint says where the service is and whom to trust there.
func (o *proxyOptions) planEndpoint(p *proxyPlan, env environment) error {
	switch {
	case o.region != "" && o.endpoint != "":
		return usage("%s and %s exclude each other: leave one out, or unset its variable", o.from("region", "-r"), o.from("proxy-endpoint", "-e"))
	case o.region == "" && o.endpoint == "":
		return usage("say where the tunnel is: -r REGION, such as -r eu-west-1, or AWSIOT_TUNNEL_REGION")
	case o.region != "" && !regionForm.MatchString(o.region):
		return usage("%s %s is not an AWS region, such as eu-west-1", o.from("region", "-r"), quoted(o.region))
	case len(o.endpoint) > 253:
		return usage("%s is longer than a host name can be", o.from("proxy-endpoint", "-e"))
	}
	authority := o.authority
	if fromEnv := env.get("ADIT_CA"); authority == "" && fromEnv != "" {
		if o.endpoint != "" {
			authority = fromEnv
		} else {
			o.note("ADIT_CA in the environment not followed: for AWS's own endpoint only --ca counts, so that no stray setting makes another service trusted")
		}
	}
	plane, err := session.ResolveDataPlane(session.DataPlaneInput{
		Context:      client.Context{Region: o.region},
		FlagEndpoint: strings.ToLower(o.endpoint), FlagCA: authority,
	})
	switch {
	case err != nil && o.region != "" && authority == "":
		return usage("no data endpoint of AWS is known for the region %s: check its name, or give the endpoint with -e", quoted(o.region))
	case err != nil:
		return usage("%w", err)
	}
	p.link.Endpoint, p.link.Roots = plane.Endpoint, plane.Roots
	if host, _, err := net.SplitHostPort(plane.Endpoint); o.endpoint != "" && !awsHost(plane.Endpoint) && (err != nil || !awsHost(host)) {
		o.note("not AWS: the access token goes to " + client.Clean(plane.Endpoint) + ", from " + o.from("proxy-endpoint", "-e"))
	}
	if o.authorities == "" {
		return nil
	}
	if p.link.Roots == nil {
		if p.link.Roots, err = x509.SystemCertPool(); err != nil {
			return usage("the system's certificate authorities cannot be read: %w", err)
		}
	}
	if err := addDirectory(p.link.Roots, o.authorities); err != nil {
		return usage("%s: %w", o.from("capath", "-c"), err)
	}
	return nil
}

func awsHost(host string) bool {
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn")
}

func (o *proxyOptions) planTokens(ctx context.Context, p *proxyPlan, stdin io.Reader) error {
	p.link.AccessToken, p.link.ClientToken = o.access.token, o.client.token
	if o.tokenFile != "" {
		read, note, err := readTokenFile(ctx, o.tokenFile, stdin)
		if ctx.Err() != nil {
			return &exitStatus{code: 0}
		}
		if err != nil {
			return usage("%w", err)
		}
		o.note(note)
		p.link.AccessToken = read
	}
	switch {
	case p.link.AccessToken.IsZero():
		return usage("there is no access token: give it with --token-file FILE, --token-file - or AWSIOT_TUNNEL_ACCESS_TOKEN")
	case !o.client.token.IsZero() && !pattern.ClientToken.MatchString(o.client.token.Reveal()):
		return usage("%s, the client token, must be 32 to 128 letters, digits and dashes, such as a UUID", o.from("client-token", "-i"))
	}
	return nil
}

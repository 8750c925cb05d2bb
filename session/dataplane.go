package session

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"adit/client"
	"adit/pattern"
)

// DataPlaneInput is what may say where the tunnels' data goes, and whom to trust there.
type DataPlaneInput struct {
	Context client.Context
	// FlagEndpoint and FlagCA come from the command line and always count.
	FlagEndpoint, FlagCA string
	// EnvEndpoint is AWSIOT_TUNNEL_ENDPOINT, EnvCA is ADIT_CA. They count only where the control plane is not AWS's.
	EnvEndpoint, EnvCA string
	// ReadFile reads the CA file; nil is os.ReadFile.
	ReadFile func(string) ([]byte, error)
}

// ResolveDataPlane applies the trust rule: the data plane of AWS is the only one for a control plane of AWS, unless the
// command line says otherwise. An environment alone, such as a project's .env, could else send a real token to a
// stranger. And the other way about: with a control plane that is not AWS's the real data plane is never used.
func ResolveDataPlane(in DataPlaneInput) (DataPlane, error) {
	c := in.Context
	endpoint, ca := in.FlagEndpoint, in.FlagCA
	var out DataPlane
	if c.NotAWS() {
		if endpoint == "" {
			endpoint = in.EnvEndpoint
		}
		if ca == "" {
			ca = in.EnvCA
		}
	} else {
		out.Note = ignored(in)
	}
	var err error
	switch {
	case endpoint != "":
		out.Endpoint, err = hostPort(endpoint)
	case c.NotAWS():
		from := c.EndpointFrom
		if from == "" {
			from = "The endpoint"
		}
		err = fmt.Errorf("%s points to %s, which is not AWS, but nothing says where its tunnels' data goes. Set AWSIOT_TUNNEL_ENDPOINT or give --data-endpoint; AWS's own data endpoint is never used with another service", from, client.Clean(c.Endpoint))
	default:
		out.Endpoint, err = awsDataHost(c.Region)
	}
	if err != nil {
		return DataPlane{}, err
	}
	if ca == "" {
		return out, nil
	}
	if in.ReadFile == nil {
		in.ReadFile = os.ReadFile
	}
	out.Roots, err = roots(ca, in.ReadFile, c.NotAWS())
	return out, err
}

func ignored(in DataPlaneInput) string {
	var names []string
	if in.EnvEndpoint != "" && in.FlagEndpoint == "" {
		names = append(names, "AWSIOT_TUNNEL_ENDPOINT")
	}
	if in.EnvCA != "" && in.FlagCA == "" {
		names = append(names, "ADIT_CA")
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, " and ") + " in the environment not followed: with AWS's own endpoint only --data-endpoint and --ca count, so that no stray setting sends a token elsewhere."
}

// hostPort accepts host, host:port and a bare wss://host[:port], as people copy it.
func hostPort(endpoint string) (string, error) {
	u, err := url.Parse("wss://" + strings.TrimPrefix(endpoint, "wss://"))
	if err != nil || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
		return "", fmt.Errorf("the data endpoint %q is not of the form host or host:port", client.Clean(endpoint))
	}
	return u.Host, nil
}

func awsDataHost(region string) (string, error) {
	if !pattern.Region.MatchString(region) {
		return "", fmt.Errorf("%q is not an AWS region: give one with --region", client.Clean(region))
	}
	suffix := "amazonaws.com"
	switch {
	case strings.HasPrefix(region, "cn-"):
		suffix = "amazonaws.com.cn"
	case strings.Contains(region, "-iso"), strings.HasPrefix(region, "eusc-"):
		return "", fmt.Errorf("AWS publishes no data endpoint for %s: give it with --data-endpoint", region)
	}
	return "data.tunneling.iot." + region + "." + suffix, nil
}

// roots trusts the file's authorities, and for AWS the system's as well: a company's proxy adds one, it replaces none.
func roots(file string, read func(string) ([]byte, error), alone bool) (*x509.CertPool, error) {
	data, err := read(file)
	if err != nil {
		if cause := errors.Unwrap(err); cause != nil {
			err = cause
		}
		return nil, fmt.Errorf("the certificate file %s cannot be read: %w. Give a PEM file with --ca or ADIT_CA", file, err)
	}
	pool := x509.NewCertPool()
	if !alone {
		if pool, err = x509.SystemCertPool(); err != nil {
			return nil, fmt.Errorf("the system's certificate authorities cannot be read: %w", err)
		}
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", file)
	}
	return pool, nil
}

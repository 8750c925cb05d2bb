package client

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"adit/pattern"
)

// The variables that override the control plane, the service's own first.
const (
	serviceEndpointVariable = "AWS_ENDPOINT_URL_IOTSECURETUNNELING"
	endpointVariable        = "AWS_ENDPOINT_URL"
	flagOrigin              = "--endpoint-url"
)

// awsHost are AWS's own hosts of the control plane: standard, FIPS and dual stack, in each partition, and behind an
// interface VPC endpoint. Other names under amazonaws.com may be anybody's, such as a load balancer's.
var awsHost = pattern.Of(`^(vpce-[a-z0-9-]+\.)?(api\.tunneling\.iot(-fips)?\.[a-z0-9-]+\.(vpce\.)?amazonaws\.(com|com\.cn|eu)` +
	`|api\.iot-tunneling(-fips)?\.[a-z0-9-]+\.(api\.aws|api\.amazonwebservices\.com\.cn))$`)

// endpointOrigin says who set the override that the SDK found. The SDK alone decides which one counts.
func endpointOrigin(opts ConnectOptions, shared config.SharedConfig, override string) string {
	switch {
	case override == "":
		return ""
	case opts.EndpointURL != "":
		return flagOrigin
	case os.Getenv(serviceEndpointVariable) == override:
		return serviceEndpointVariable
	case os.Getenv(endpointVariable) == override:
		return endpointVariable
	default:
		return fmt.Sprintf("profile %s in the AWS configuration file", cmp.Or(shared.Profile, "default"))
	}
}

// withEndpoint sets an override that is not AWS's own. Plain http goes to the same machine only: the answers hold tokens.
func withEndpoint(where Context, override, from string) (Context, error) {
	if override == "" {
		return where, nil
	}
	fail := func(what string) error {
		return &Error{Kind: KindConfig, Context: where, Remedy: "Correct " + from + ", or leave it out.",
			Message: fmt.Sprintf("The endpoint %q (from %s) %s", Clean(override), from, what)}
	}
	u, err := url.Parse(override)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return where, fail("is not an address such as https://host:port")
	case u.User != nil:
		return where, fail("must not carry a password")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return where, fail("is not encrypted: http:// is for this machine alone (127.0.0.1, ::1, localhost)")
	case u.Scheme == "https" && awsHost.MatchString(strings.ToLower(u.Host)):
		return where, nil
	}
	where.Endpoint, where.EndpointFrom = override, from
	return where, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// trusting is an HTTP client with further certificate authorities beside those it had, the system's by default.
func trusting(client aws.HTTPClient, file string) (aws.HTTPClient, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, sentencef("The file of certificate authorities cannot be read: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return nil, sentencef("There is no certificate in %s", Clean(file))
	}
	buildable, ok := client.(*awshttp.BuildableClient)
	if !ok {
		buildable = awshttp.NewBuildableClient()
	}
	return buildable.WithTransportOptions(func(t *http.Transport) {
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		pool := t.TLSClientConfig.RootCAs
		if pool == nil {
			// Where the system has no readable pool, the file's authorities are all there is.
			pool, _ = x509.SystemCertPool()
		}
		if pool == nil {
			pool = x509.NewCertPool()
		}
		pool = pool.Clone()
		pool.AppendCertsFromPEM(pem)
		t.TLSClientConfig.RootCAs = pool
	}), nil
}

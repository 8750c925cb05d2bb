package client

import (
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// neighbour is the endpoint of another AWS service that is asked about the tunnels' account, nil for AWS's own; override
// is what the SDK found for it.
//
// The question goes where the tunnels are: to the override named on the command line, to an override of the service when
// the control plane is overridden too (AWS_ENDPOINT_URL names both), else to AWS.
func neighbour(opts ConnectOptions, where Context, override *string) *string {
	switch {
	case opts.EndpointURL == "":
		return override
	case where.NotAWS():
		return aws.String(where.Endpoint)
	}
	return nil
}

// belongs tells whether a neighbour's endpoint may be asked and believed. AWS is never asked for an emulator, and an
// override of the neighbour alone is not believed: it could give a strange account the name of a known one.
func belongs(where Context, override string) bool {
	return where.NotAWS() == (override != "") && reachableSafely(override)
}

// reachableSafely tells whether an address is encrypted or on this machine.
func reachableSafely(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (address == "" || u.Scheme == "https" || loopback(u.Hostname()))
}

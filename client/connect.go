package client

import (
	"context"
	"log/slog"

	"adit/tunnelconn/token"
)

// ConnectOptions choose the account, region and endpoint, as the AWS CLI does; empty values follow the usual chain.
type ConnectOptions struct {
	Profile, Region string
	// EndpointURL overrides the control plane (--endpoint-url); AWS_ENDPOINT_URL and its kin count as usual without it.
	EndpointURL string
	// CAFile holds extra certificate authorities for an endpoint that is not AWS's.
	CAFile string
	// ReadOnly refuses every changing operation in the Service itself.
	ReadOnly bool
	// Static are fixed credentials that replace the chain altogether, as the demo's.
	Static *StaticCredentials
	// MFA asks for a token code; nil makes an MFA profile an error with its remedy.
	MFA func(ctx context.Context, serial string) (string, error)
	Log *slog.Logger
}

// StaticCredentials are an access key and its secret.
type StaticCredentials struct {
	AccessKeyID     string
	SecretAccessKey token.Token
}

// Connect resolves credentials and region up front, within the context's deadline, and returns the Service. A failure
// is an *Error of KindNoCredentials, KindExpired, KindConfig or KindOffline, with the command that mends it.
func Connect(ctx context.Context, opts ConnectOptions) (Service, error) { panic("not built") }

package client

import (
	"context"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// accountLimit is short: the account is good to know and no more.
const accountLimit = 3 * time.Second

// account asks whose credentials these are, "" where that cannot be told.
//
// The question goes where the tunnels are: to the override named on the command line, to an override of STS when the
// control plane is overridden too (AWS_ENDPOINT_URL names both), else to AWS. It never goes to AWS for an emulator, and
// an override of STS alone is not believed: it could give a strange account the name of a known one.
func account(ctx context.Context, base aws.Config, opts ConnectOptions, where Context, value aws.Credentials) string {
	if value.AccountID != "" && !where.NotAWS() {
		return Clean(value.AccountID)
	}
	client := sts.NewFromConfig(base, func(o *sts.Options) {
		o.Retryer = aws.NopRetryer{}
		if opts.EndpointURL != "" {
			o.BaseEndpoint = nil
			if where.NotAWS() {
				o.BaseEndpoint = aws.String(where.Endpoint)
			}
		}
	})
	override := aws.ToString(client.Options().BaseEndpoint)
	if where.NotAWS() != (override != "") || !reachableSafely(override) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, accountLimit)
	defer cancel()
	answer, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return ""
	}
	return Clean(aws.ToString(answer.Account))
}

// reachableSafely tells whether an address is encrypted or on this machine.
func reachableSafely(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (address == "" || u.Scheme == "https" || loopback(u.Hostname()))
}

package client

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// accountLimit is short: the account is good to know and no more.
const accountLimit = 3 * time.Second

// account asks whose credentials these are, "" where that cannot be told. The question goes where the tunnels are: see
// neighbour.
func account(ctx context.Context, base aws.Config, opts ConnectOptions, where Context, value aws.Credentials) string {
	if value.AccountID != "" && !where.NotAWS() {
		return Clean(value.AccountID)
	}
	client := sts.NewFromConfig(base, func(o *sts.Options) {
		o.Retryer = aws.NopRetryer{}
		o.BaseEndpoint = neighbour(opts, where, o.BaseEndpoint)
	})
	if !belongs(where, aws.ToString(client.Options().BaseEndpoint)) {
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

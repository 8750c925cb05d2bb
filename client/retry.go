package client

import (
	"context"
	"crypto/tls"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/smithy-go"
)

// retryer is the SDK's standard one, but for errors that the given functions say are not to be tried again.
func retryer(final ...retry.IsErrorRetryableFunc) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		retryables := make([]retry.IsErrorRetryable, 0, len(final)+len(o.Retryables))
		for _, f := range final {
			retryables = append(retryables, f)
		}
		o.Retryables = append(retryables, o.Retryables...)
	})
}

// untrusted keeps the SDK from trying again, for seconds, what a certificate has decided.
func untrusted(err error) aws.Ternary {
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// throttled keeps the SDK from asking again when it was told to ask less.
func throttled(err error) aws.Ternary {
	var refused smithy.APIError
	if errors.As(err, &refused) {
		if _, ok := retry.DefaultThrottleErrorCodes[refused.ErrorCode()]; ok {
			return aws.FalseTernary
		}
	}
	return aws.UnknownTernary
}

// pollingKey marks the context of a read that the Watcher makes.
type pollingKey struct{}

// polling marks reads that are not to be tried again after a throttle: the second try would use quota that no budget sees.
func polling(ctx context.Context) context.Context {
	return context.WithValue(ctx, pollingKey{}, true)
}

// patience is how the SDK tries a read again.
func (a *api) patience(ctx context.Context) func(*iotsecuretunneling.Options) {
	return func(o *iotsecuretunneling.Options) {
		if ctx.Value(pollingKey{}) != nil {
			o.Retryer = a.polling
		}
	}
}

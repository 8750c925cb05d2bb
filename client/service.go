package client

import "context"

// Service is the API of one account and region: the eight operations of AWS IoT Secure Tunneling
// (API version 2018-10-05). Every error is an *Error with a Kind and a remedy.
//
// Open is never retried: it has no idempotency token and every open is billed. The others may be.
type Service interface {
	// Context says where the tunnels live.
	Context() Context
	List(ctx context.Context, in ListInput) (Page, error)
	Describe(ctx context.Context, id string) (Tunnel, error)
	Open(ctx context.Context, in OpenInput) (Opened, error)
	// Close ends a tunnel for good; with remove its record leaves every list at once.
	Close(ctx context.Context, id string, remove bool) error
	Rotate(ctx context.Context, in RotateInput) (Rotated, error)
	Tags(ctx context.Context, arn string) ([]Tag, error)
	Tag(ctx context.Context, arn string, tags []Tag) error
	Untag(ctx context.Context, arn string, keys []string) error
	// Registry is that of the things of the same account and region.
	Registry() Registry
}

// The operations' names in the API, in IAM actions and in CloudTrail.
const (
	opList     = "ListTunnels"
	opDescribe = "DescribeTunnel"
	opOpen     = "OpenTunnel"
	opClose    = "CloseTunnel"
	opRotate   = "RotateTunnelAccessToken"
	opTags     = "ListTagsForResource"
	opTag      = "TagResource"
	opUntag    = "UntagResource"
)

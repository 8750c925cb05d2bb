package client

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
)

// callLimit is how long one operation may take, repeats included.
const callLimit = 30 * time.Second

// api is the Service over the AWS SDK.
type api struct {
	login login
	sdk   *iotsecuretunneling.Client
	// polling is how reads of the Watcher are tried again.
	polling  aws.Retryer
	registry registry
	readOnly bool
	log      *slog.Logger
}

func (a *api) Context() Context { return a.login.context }

func (a *api) Registry() Registry { return a.registry }

func (a *api) List(ctx context.Context, in ListInput) (Page, error) {
	object := ""
	if in.Thing != "" {
		object = thingObject(in.Thing)
	}
	if in.PageSize < 0 || in.PageSize > maxPageSize {
		return Page{}, a.invalid(opList, object, sentencef("a page has 1 to %d tunnels", maxPageSize))
	}
	if err := ValidateThing(in.Thing); err != nil {
		return Page{}, a.invalid(opList, object, err)
	}
	request := &iotsecuretunneling.ListTunnelsInput{ThingName: optional(in.Thing), NextToken: optional(in.Next)}
	if in.PageSize > 0 {
		request.MaxResults = aws.Int32(int32(in.PageSize)) //nolint:gosec // 1..100.
	}
	var page Page
	err := a.call(ctx, opList, object, func(ctx context.Context) error {
		answer, err := a.sdk.ListTunnels(ctx, request, a.patience(ctx))
		if err == nil {
			page = a.page(answer)
		}
		return err
	})
	return page, err
}

func (a *api) Describe(ctx context.Context, id string) (Tunnel, error) {
	object := tunnelObject(id)
	if err := validateID(id); err != nil {
		return Tunnel{}, a.invalid(opDescribe, object, err)
	}
	var tunnel Tunnel
	err := a.call(ctx, opDescribe, object, func(ctx context.Context) error {
		answer, err := a.sdk.DescribeTunnel(ctx, &iotsecuretunneling.DescribeTunnelInput{TunnelId: &id}, a.patience(ctx))
		if err != nil {
			return err
		}
		tunnel, err = a.tunnel(answer.Tunnel)
		return err
	})
	return tunnel, err
}

func (a *api) Open(ctx context.Context, in OpenInput) (Opened, error) {
	object := ""
	if in.Thing != "" {
		object = thingObject(in.Thing)
	}
	if err := a.mayChange(opOpen, object); err != nil {
		return Opened{}, err
	}
	if err := in.validate(); err != nil {
		return Opened{}, a.invalid(opOpen, object, err)
	}
	request := &iotsecuretunneling.OpenTunnelInput{
		Description: optional(in.Description), DestinationConfig: destination(in.Thing, in.Services), Tags: sdkTags(in.Tags),
	}
	if in.Lifetime != 0 {
		request.TimeoutConfig = &types.TimeoutConfig{MaxLifetimeTimeoutMinutes: aws.Int32(int32(in.Lifetime / time.Minute))}
	}
	var opened Opened
	err := a.call(ctx, opOpen, object, func(ctx context.Context) error {
		// A second OpenTunnel makes and bills a second tunnel, and the SDK would send one after a lost answer, and after
		// LimitExceededException, which it takes for a throttle.
		answer, err := a.sdk.OpenTunnel(ctx, request, func(o *iotsecuretunneling.Options) { o.Retryer = aws.NopRetryer{} })
		if err != nil {
			return err
		}
		opened, err = openedOf(answer)
		return err
	})
	return opened, err
}

func (a *api) Close(ctx context.Context, id string, remove bool) error {
	object := tunnelObject(id)
	if err := a.mayChange(opClose, object); err != nil {
		return err
	}
	if err := validateID(id); err != nil {
		return a.invalid(opClose, object, err)
	}
	return a.call(ctx, opClose, object, func(ctx context.Context) error {
		request := &iotsecuretunneling.CloseTunnelInput{TunnelId: &id}
		if remove {
			// Policies may allow closing on the condition that iot:Delete is not true, so it is sent only when meant.
			request.Delete = aws.Bool(true)
		}
		_, err := a.sdk.CloseTunnel(ctx, request)
		return err
	})
}

func (a *api) Rotate(ctx context.Context, in RotateInput) (Rotated, error) {
	object := tunnelObject(in.ID)
	if err := a.mayChange(opRotate, object); err != nil {
		return Rotated{}, err
	}
	if err := in.validate(); err != nil {
		return Rotated{}, a.invalid(opRotate, object, err)
	}
	var rotated Rotated
	err := a.call(ctx, opRotate, object, func(ctx context.Context) error {
		answer, err := a.sdk.RotateTunnelAccessToken(ctx, &iotsecuretunneling.RotateTunnelAccessTokenInput{
			TunnelId: &in.ID, ClientMode: types.ClientMode(in.Mode), DestinationConfig: destination(in.Thing, in.Services),
		})
		if err != nil {
			return err
		}
		rotated, err = rotatedOf(answer, in.Mode)
		return err
	})
	return rotated, err
}

func (a *api) Tags(ctx context.Context, arn string) ([]Tag, error) {
	var tags []Tag
	err := a.call(ctx, opTags, arnObject(arn), func(ctx context.Context) error {
		answer, err := a.sdk.ListTagsForResource(ctx, &iotsecuretunneling.ListTagsForResourceInput{ResourceArn: &arn})
		if err == nil {
			tags = tagsOf(answer.Tags)
		}
		return err
	})
	return tags, err
}

func (a *api) Tag(ctx context.Context, arn string, tags []Tag) error {
	object := arnObject(arn)
	if err := a.mayChange(opTag, object); err != nil {
		return err
	}
	if err := ValidateTags(tags); err != nil {
		return a.invalid(opTag, object, err)
	}
	return a.call(ctx, opTag, object, func(ctx context.Context) error {
		_, err := a.sdk.TagResource(ctx, &iotsecuretunneling.TagResourceInput{ResourceArn: &arn, Tags: sdkTags(tags)})
		return err
	})
}

func (a *api) Untag(ctx context.Context, arn string, keys []string) error {
	object := arnObject(arn)
	if err := a.mayChange(opUntag, object); err != nil {
		return err
	}
	return a.call(ctx, opUntag, object, func(ctx context.Context) error {
		_, err := a.sdk.UntagResource(ctx, &iotsecuretunneling.UntagResourceInput{ResourceArn: &arn, TagKeys: keys})
		return err
	})
}

// call runs one operation within its limit, logs how it went, and puts its failure into words.
func (a *api) call(parent context.Context, operation, object string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(parent, callLimit)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	started := time.Now()
	err := do(ctx)
	log := a.log.With("operation", operation, "object", object, "region", a.login.context.Region, "took", time.Since(started))
	if err == nil {
		log.Debug("call")
		return nil
	}
	at := attempt{operation: operation, object: object, sent: sent.Load(), given: parent.Err() != nil}
	failure := a.classify(at, err)
	log.Warn("call failed", "kind", failure.Kind, "code", failure.Code, "request", failure.RequestID, "error", failure.Sentence())
	return failure
}

func (a *api) mayChange(operation, object string) error {
	if !a.readOnly {
		return nil
	}
	return &Error{Kind: KindReadOnly, Operation: operation, Object: object, Context: a.login.context,
		Remedy: "Start adit without --read-only to change something."}
}

func (a *api) invalid(operation, object string, err error) error {
	return &Error{Kind: KindInvalid, Operation: operation, Object: object, Context: a.login.context, Message: err.Error(), Err: err}
}

func thingObject(name string) string { return fmt.Sprintf("thing %q", Clean(name)) }
func tunnelObject(id string) string  { return fmt.Sprintf("tunnel %q", Clean(id)) }

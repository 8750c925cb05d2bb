package client

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
)

// thingsPage is ListThings' maxResults, the most there may be.
const thingsPage = 250

// registry is the Registry over the AWS SDK. Without an sdk there is no place where it may be asked.
type registry struct {
	api *api
	sdk *iot.Client
}

// newRegistry speaks to the AWS IoT that belongs to the tunnels: see neighbour.
func newRegistry(a *api, base aws.Config, opts ConnectOptions) registry {
	where := a.login.context
	sdk := iot.NewFromConfig(base, func(o *iot.Options) {
		o.BaseEndpoint = neighbour(opts, where, o.BaseEndpoint)
		o.Retryer = a.polling
		o.HTTPClient = wholeBody{o.HTTPClient}
	})
	if !belongs(where, aws.ToString(sdk.Options().BaseEndpoint)) {
		sdk = nil
	}
	return registry{a, sdk}
}

func (r registry) Things(ctx context.Context, next string) (ThingPage, error) {
	const object = "the things"
	if r.sdk == nil {
		return ThingPage{}, r.nowhere(opThings, object)
	}
	var page ThingPage
	err := r.api.call(ctx, opThings, object, func(ctx context.Context) error {
		answer, err := r.sdk.ListThings(ctx, &iot.ListThingsInput{MaxResults: aws.Int32(thingsPage), NextToken: optional(next)})
		if err != nil {
			return err
		}
		for _, thing := range answer.Things {
			page.Names = append(page.Names, Text(aws.ToString(thing.ThingName)))
		}
		page.Next = aws.ToString(answer.NextToken)
		return nil
	})
	return page, err
}

func (r registry) Presence(ctx context.Context, thing string) (Presence, error) {
	object := thingObject(thing)
	if r.sdk == nil {
		return Presence{}, r.nowhere(opPresence, object)
	}
	if err := validateName("A thing's name", thing); err != nil {
		return Presence{}, r.api.invalid(opPresence, object, err)
	}
	var presence Presence
	err := r.api.call(ctx, opPresence, object, func(ctx context.Context) error {
		answer, err := r.sdk.GetThingConnectivityData(ctx, &iot.GetThingConnectivityDataInput{ThingName: &thing})
		if err != nil {
			return err
		}
		presence = Presence{State: PresenceNotSeen, AskedAt: time.Now()}
		if aws.ToBool(answer.Connected) {
			presence.State = PresenceOnline
		}
		// A client that is away for long is told of with the beginning of Unix's time.
		if since := aws.ToTime(answer.Timestamp); since.Unix() > 0 {
			presence.Since = since
		}
		return nil
	})
	return presence, err
}

// nowhere: an emulator has no registry that adit was told of, and AWS's own is not asked about somebody else's things.
func (r registry) nowhere(operation, object string) error {
	return &Error{Kind: KindConfig, Operation: operation, Object: object, Context: r.api.login.context,
		Message: "the things of this endpoint are nowhere to be asked for", Remedy: "AWS_ENDPOINT_URL names both services."}
}

package client

import (
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"

	"adit/tunnelconn/token"
)

var errIncomplete = errors.New("the answer lacks what it must hold")

// page keeps tunnels that have an id; one without could not be spoken of.
func (a *api) page(answer *iotsecuretunneling.ListTunnelsOutput) Page {
	page := Page{Tunnels: make([]Tunnel, 0, len(answer.TunnelSummaries)), Next: aws.ToString(answer.NextToken)}
	for _, s := range answer.TunnelSummaries {
		id := aws.ToString(s.TunnelId)
		if id == "" {
			continue
		}
		page.Tunnels = append(page.Tunnels, Tunnel{
			Key: a.login.context.Key(id), Context: a.login.context, ARN: aws.ToString(s.TunnelArn), Status: Status(s.Status),
			Description: Text(aws.ToString(s.Description)), CreatedAt: aws.ToTime(s.CreatedAt), UpdatedAt: aws.ToTime(s.LastUpdatedAt),
		})
	}
	return page
}

func (a *api) tunnel(t *types.Tunnel) (Tunnel, error) {
	if t == nil || aws.ToString(t.TunnelId) == "" {
		return Tunnel{}, errIncomplete
	}
	out := Tunnel{
		Key: a.login.context.Key(*t.TunnelId), Context: a.login.context, ARN: aws.ToString(t.TunnelArn), Status: Status(t.Status),
		Description: Text(aws.ToString(t.Description)), CreatedAt: aws.ToTime(t.CreatedAt), UpdatedAt: aws.ToTime(t.LastUpdatedAt),
		Described: true, Source: sideOf(t.SourceConnectionState), Destination: sideOf(t.DestinationConnectionState), Tags: tagsOf(t.Tags),
	}
	if d := t.DestinationConfig; d != nil {
		out.Thing = Text(aws.ToString(d.ThingName))
		for _, service := range d.Services {
			out.Services = append(out.Services, Text(service))
		}
	}
	if t.TimeoutConfig != nil {
		out.Lifetime = time.Duration(aws.ToInt32(t.TimeoutConfig.MaxLifetimeTimeoutMinutes)) * time.Minute
	}
	return out, nil
}

// sideOf leaves Since zero for a side that never connected: the service sends no lastUpdatedAt for it.
func sideOf(state *types.ConnectionState) Side {
	if state == nil {
		return Side{}
	}
	return Side{Known: true, Connected: state.Status == types.ConnectionStatusConnected, Since: aws.ToTime(state.LastUpdatedAt)}
}

// openedOf insists on all parts: with a token missing the tunnel is there and of no use, and the caller must look for it.
func openedOf(answer *iotsecuretunneling.OpenTunnelOutput) (Opened, error) {
	opened := Opened{
		ID: aws.ToString(answer.TunnelId), ARN: aws.ToString(answer.TunnelArn),
		Source: token.New(aws.ToString(answer.SourceAccessToken)), Destination: token.New(aws.ToString(answer.DestinationAccessToken)),
	}
	if opened.ID == "" || opened.Source.IsZero() || opened.Destination.IsZero() {
		return Opened{}, errIncomplete
	}
	return opened, nil
}

func rotatedOf(answer *iotsecuretunneling.RotateTunnelAccessTokenOutput, mode ClientMode) (Rotated, error) {
	rotated := Rotated{
		ARN:    aws.ToString(answer.TunnelArn),
		Source: token.New(aws.ToString(answer.SourceAccessToken)), Destination: token.New(aws.ToString(answer.DestinationAccessToken)),
	}
	if mode != ModeDestination && rotated.Source.IsZero() || mode != ModeSource && rotated.Destination.IsZero() {
		return Rotated{}, errIncomplete
	}
	return rotated, nil
}

func tagsOf(tags []types.Tag) []Tag {
	out := make([]Tag, 0, len(tags))
	for _, tag := range tags {
		out = append(out, Tag{Key: Text(aws.ToString(tag.Key)), Value: Text(aws.ToString(tag.Value))})
	}
	return out
}

func sdkTags(tags []Tag) []types.Tag {
	var out []types.Tag
	for _, tag := range tags {
		out = append(out, types.Tag{Key: aws.String(tag.Key.Raw()), Value: aws.String(tag.Value.Raw())})
	}
	return out
}

// destination is nil where there is nothing to say: an empty one is not valid.
func destination(thing string, services []string) *types.DestinationConfig {
	if thing == "" && len(services) == 0 {
		return nil
	}
	return &types.DestinationConfig{ThingName: optional(thing), Services: services}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// arnObject names a tunnel by the id at the end of its ARN.
func arnObject(arn string) string {
	if _, id, ok := strings.Cut(arn, "tunnel/"); ok {
		return tunnelObject(id)
	}
	return tunnelObject(arn)
}

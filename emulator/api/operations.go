package api

import (
	"time"

	"adit/emulator/choices"
	"adit/emulator/tunnels"
)

// Bounds of the model.
const (
	maxLifetimeMinutes = 720
	maxPageSize        = 100
)

type openAnswer struct {
	TunnelID               string `json:"tunnelId"`
	TunnelARN              string `json:"tunnelArn"`
	SourceAccessToken      string `json:"sourceAccessToken"`
	DestinationAccessToken string `json:"destinationAccessToken"`
}

func (a *API) openTunnel(scope tunnels.Scope, in input) (any, error) {
	open := tunnels.OpenInput{
		Description: in.text("description", false, description()),
		Tags:        a.tags(in, "tags", false),
		Destination: a.destinationConfig(in),
	}
	if timeout, ok := in.object("timeoutConfig"); ok {
		open.Lifetime = time.Duration(timeout.integer("maxLifetimeTimeoutMinutes", 1, maxLifetimeMinutes)) * time.Minute
	}
	if err := in.err(); err != nil {
		return nil, err
	}
	if err := a.checkThing(scope, open.Destination); err != nil {
		return nil, err
	}
	out, err := a.Tunnels.Open(scope, open)
	if err != nil {
		return nil, err
	}
	return openAnswer{out.Tunnel.ID, out.Tunnel.ARN(), out.SourceToken, out.DestinationToken}, nil
}

// checkThing refuses a thing that is not registered, where that is chosen.
func (a *API) checkThing(scope tunnels.Scope, to *tunnels.DestinationConfig) error {
	how := a.Choices.Of(choices.UnknownThing)
	if how == "ok" || to == nil || to.Thing == "" {
		return nil
	}
	if _, err := a.Things.Describe(scope, to.Thing); err != nil {
		refusal := &fault{Type: "ResourceNotFoundException", Message: "There is no thing " + to.Thing + " in the registry of this region of the account."}
		if how == "invalid" {
			refusal.Type = "ValidationException"
		}
		return refusal
	}
	return nil
}

func (a *API) describeTunnel(scope tunnels.Scope, in input) (any, error) {
	id := in.text("tunnelId", true, tunnelID())
	if err := in.err(); err != nil {
		return nil, err
	}
	t, err := a.reads.Describe(scope, id)
	if err != nil {
		return nil, err
	}
	answer := describeAnswer{detailOf(t)}
	if len(answer.Tunnel.Tags) == 0 && a.Choices.Is(choices.NoTags, "left-out") {
		answer.Tunnel.Tags = nil
	}
	return answer, nil
}

func (a *API) closeTunnel(scope tunnels.Scope, in input) (any, error) {
	id := in.text("tunnelId", true, tunnelID())
	forget := in.boolean("delete")
	if err := in.err(); err != nil {
		return nil, err
	}
	return nil, a.Tunnels.Close(scope, id, forget)
}

type listAnswer struct {
	TunnelSummaries []summary `json:"tunnelSummaries"`
	NextToken       string    `json:"nextToken,omitempty"`
}

func (a *API) listTunnels(scope tunnels.Scope, in input) (any, error) {
	thing := in.text("thingName", false, nameOf())
	limit := in.integer("maxResults", 1, maxPageSize)
	next := in.text("nextToken", false, nextToken())
	if err := in.err(); err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = a.Choices.Number(choices.DefaultPageSize)
	}
	page, more, err := a.reads.List(scope, thing, limit, next)
	if err != nil {
		return nil, err
	}
	out := listAnswer{TunnelSummaries: make([]summary, 0, len(page)), NextToken: more}
	for _, t := range page {
		out.TunnelSummaries = append(out.TunnelSummaries, summaryOf(t))
	}
	return out, nil
}

type rotateAnswer struct {
	TunnelARN              string `json:"tunnelArn"`
	SourceAccessToken      string `json:"sourceAccessToken,omitempty"`
	DestinationAccessToken string `json:"destinationAccessToken,omitempty"`
}

func (a *API) rotateTunnelAccessToken(scope tunnels.Scope, in input) (any, error) {
	id := in.text("tunnelId", true, tunnelID())
	mode := in.clientMode()
	to := a.destinationConfig(in)
	if err := in.err(); err != nil {
		return nil, err
	}
	if err := a.checkThing(scope, to); err != nil {
		return nil, err
	}
	out, err := a.Tunnels.Rotate(scope, id, mode, to)
	if err != nil {
		return nil, err
	}
	return rotateAnswer{out.Tunnel.ARN(), out.SourceToken, out.DestinationToken}, nil
}

func (a *API) tagResource(scope tunnels.Scope, in input) (any, error) {
	arn := in.text("resourceArn", true, resourceARN())
	tags := a.tags(in, "tags", true)
	if err := in.err(); err != nil {
		return nil, err
	}
	return nil, a.Tunnels.Tag(scope, arn, tags)
}

func (a *API) untagResource(scope tunnels.Scope, in input) (any, error) {
	arn := in.text("resourceArn", true, resourceARN())
	keys := in.texts("tagKeys", true, 0, maxTagList, tagKey())
	if err := in.err(); err != nil {
		return nil, err
	}
	return nil, a.Tunnels.Untag(scope, arn, keys)
}

type tagsAnswer struct {
	Tags []tag `json:"tags"`
}

func (a *API) listTagsForResource(scope tunnels.Scope, in input) (any, error) {
	arn := in.text("resourceArn", true, resourceARN())
	if err := in.err(); err != nil {
		return nil, err
	}
	tags, err := a.reads.Tags(scope, arn)
	if err != nil {
		return nil, err
	}
	return tagsAnswer{tagsOf(tags)}, nil
}

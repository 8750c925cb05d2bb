package api

import (
	"slices"
	"strings"
	"time"

	"adit/emulator/choices"
	"adit/emulator/tunnels"
)

// maxTagList is the longest list of tags or keys in one request.
const maxTagList = 200

// epoch is a time as the API has it: seconds since 1970 as a number, with a fraction.
type epoch float64

func epochOf(t time.Time) epoch { return epoch(t.UnixMilli()) / 1000 }

type summary struct {
	TunnelID      string         `json:"tunnelId"`
	TunnelARN     string         `json:"tunnelArn"`
	Status        tunnels.Status `json:"status"`
	Description   string         `json:"description,omitempty"`
	CreatedAt     epoch          `json:"createdAt"`
	LastUpdatedAt epoch          `json:"lastUpdatedAt"`
}

func summaryOf(t tunnels.Tunnel) summary {
	return summary{t.ID, t.ARN(), t.Status, t.Description, epochOf(t.CreatedAt), epochOf(t.UpdatedAt)}
}

type describeAnswer struct {
	Tunnel detail `json:"tunnel"`
}

type detail struct {
	summary
	SourceConnectionState      connection         `json:"sourceConnectionState"`
	DestinationConnectionState connection         `json:"destinationConnectionState"`
	DestinationConfig          *destinationConfig `json:"destinationConfig,omitempty"`
	TimeoutConfig              timeoutConfig      `json:"timeoutConfig"`
	Tags                       []tag              `json:"tags,omitzero"`
}

type connection struct {
	Status string `json:"status"`
	// LastUpdatedAt is left out until the side connected for the first time, as in the developer guide's samples.
	LastUpdatedAt *epoch `json:"lastUpdatedAt,omitempty"`
}

type destinationConfig struct {
	ThingName string   `json:"thingName,omitempty"`
	Services  []string `json:"services"`
}

type timeoutConfig struct {
	MaxLifetimeTimeoutMinutes int `json:"maxLifetimeTimeoutMinutes"`
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func detailOf(t tunnels.Tunnel) detail {
	d := detail{
		summary:                    summaryOf(t),
		SourceConnectionState:      connectionOf(t.Connections[tunnels.Source]),
		DestinationConnectionState: connectionOf(t.Connections[tunnels.Destination]),
		TimeoutConfig:              timeoutConfig{int(t.Lifetime / time.Minute)},
		Tags:                       tagsOf(t.Tags),
	}
	if t.Destination != nil {
		d.DestinationConfig = &destinationConfig{t.Destination.Thing, t.Destination.Services}
	}
	return d
}

func connectionOf(c tunnels.Connection) connection {
	out := connection{Status: "DISCONNECTED"}
	if c.Connected {
		out.Status = "CONNECTED"
	}
	if !c.Since.IsZero() {
		since := epochOf(c.Since)
		out.LastUpdatedAt = &since
	}
	return out
}

func tagsOf(tags []tunnels.Tag) []tag {
	out := make([]tag, 0, len(tags))
	for _, t := range tags {
		out = append(out, tag(t))
	}
	return out
}

func (a *API) tags(in input, name string, required bool) (tags []tunnels.Tag) {
	seen := map[string]bool{}
	for _, member := range in.objects(name, required, 1, maxTagList) {
		tag := tunnels.Tag{
			Key:   member.text("key", true, tagKey()),
			Value: member.text("value", true, tagValue()),
		}
		if seen[tag.Key] && a.Choices.Is(choices.DuplicateTag, "invalid") {
			member.violates(member.at("key"), "be there once")
		}
		if strings.HasPrefix(tag.Key, "aws:") && a.Choices.Is(choices.AWSTagKeys, "invalid") {
			member.violates(member.at("key"), "not begin with aws:, which is reserved")
		}
		seen[tag.Key] = true
		tags = append(tags, tag)
	}
	return tags
}

// destinationConfig is nil when absent.
func (a *API) destinationConfig(in input) *tunnels.DestinationConfig {
	config, ok := in.object("destinationConfig")
	if !ok {
		return nil
	}
	out := &tunnels.DestinationConfig{
		Thing:    config.text("thingName", false, nameOf()),
		Services: config.texts("services", true, 1, noMaximum, nameOf()),
	}
	var once []string
	for _, service := range out.Services {
		if !slices.Contains(once, service) {
			once = append(once, service)
		} else if a.Choices.Is(choices.DuplicateService, "invalid") {
			config.violates(config.at("services"), "name each service once")
		}
	}
	out.Services = once
	return out
}

func (in input) clientMode() (mode tunnels.Mode) {
	if !in.value("clientMode", true, &mode) {
		return ""
	}
	switch mode {
	case tunnels.RotateSource, tunnels.RotateDestination, tunnels.RotateAll:
	default:
		in.violates(in.at("clientMode"), "satisfy enum value set: [SOURCE, DESTINATION, ALL]")
	}
	return mode
}

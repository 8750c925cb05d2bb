package api

import (
	"net/url"
	"strconv"
	"strings"

	"adit/emulator/choices"
	"adit/emulator/registry"
	"adit/emulator/tunnels"
)

// maxThingPage is the model's bound of ListThings.
const maxThingPage = 250

type thingAnswer struct {
	DefaultClientID string            `json:"defaultClientId,omitempty"`
	ThingName       string            `json:"thingName"`
	ThingID         string            `json:"thingId,omitempty"`
	ThingARN        string            `json:"thingArn"`
	ThingTypeName   string            `json:"thingTypeName,omitempty"`
	Attributes      map[string]string `json:"attributes,omitempty"`
	Version         int64             `json:"version,omitempty"`
	BillingGroup    string            `json:"billingGroupName,omitempty"`
}

func (a *API) createThing(scope tunnels.Scope, name string, in input, _ url.Values) (any, error) {
	thing := registry.Thing{
		Name: name, Type: in.text("thingTypeName", false, nameOf()), BillingGroup: in.text("billingGroupName", false, nameOf()),
	}
	if payload, ok := in.object("attributePayload"); ok {
		payload.value("attributes", false, &thing.Attributes)
		for key, value := range thing.Attributes {
			payload.check(payload.at("attributes"), key, attributeName())
			payload.check(payload.at("attributes."+key), value, attributeValue())
		}
	}
	if err := in.err(); err != nil {
		return nil, err
	}
	thing, err := a.Things.Create(scope, thing)
	if err != nil {
		return nil, err
	}
	return thingAnswer{ThingName: name, ThingARN: registry.ARN(scope, name), ThingID: thing.ID}, nil
}

func (a *API) describeThing(scope tunnels.Scope, name string, _ input, _ url.Values) (any, error) {
	thing, err := a.Things.Describe(scope, name)
	if err != nil {
		return nil, err
	}
	return thingAnswer{
		DefaultClientID: name, ThingName: name, ThingID: thing.ID, ThingARN: registry.ARN(scope, name),
		ThingTypeName: thing.Type, Attributes: thing.Attributes, Version: thing.Version, BillingGroup: thing.BillingGroup,
	}, nil
}

func (a *API) deleteThing(scope tunnels.Scope, name string, in input, query url.Values) (any, error) {
	version := in.number(query, "expectedVersion")
	if err := in.err(); err != nil {
		return nil, err
	}
	return nil, a.Things.Delete(scope, name, int64(version))
}

type thingsAnswer struct {
	Things    []thingAnswer `json:"things"`
	NextToken string        `json:"nextToken,omitempty"`
}

func (a *API) listThings(scope tunnels.Scope, in input, query url.Values) (any, error) {
	limit := a.Choices.Number(choices.DefaultThingsPage)
	if query.Has("maxResults") {
		limit = in.number(query, "maxResults")
		if limit < 1 || limit > maxThingPage {
			in.violates("maxResults", "have value between 1 and "+strconv.Itoa(maxThingPage))
		}
	}
	if err := in.err(); err != nil {
		return nil, err
	}
	page, more, err := a.Things.List(scope, fitting(query), limit, query.Get("nextToken"))
	if err != nil {
		return nil, err
	}
	out := thingsAnswer{Things: make([]thingAnswer, 0, len(page)), NextToken: more}
	for _, thing := range page {
		out.Things = append(out.Things, thingAnswer{
			ThingName: thing.Name, ThingARN: registry.ARN(scope, thing.Name), ThingTypeName: thing.Type,
			Attributes: thing.Attributes, Version: thing.Version,
		})
	}
	return out, nil
}

// fitting is the filter of ListThings.
func fitting(query url.Values) func(registry.Thing) bool {
	return func(thing registry.Thing) bool {
		if kind := query.Get("thingTypeName"); kind != "" && thing.Type != kind {
			return false
		}
		name, want := query.Get("attributeName"), query.Get("attributeValue")
		if name == "" {
			return true
		}
		have, ok := thing.Attributes[name]
		if query.Get("usePrefixAttributeValue") == "true" {
			return ok && strings.HasPrefix(have, want)
		}
		return ok && (have == want || !query.Has("attributeValue"))
	}
}

type endpointAnswer struct {
	EndpointAddress string `json:"endpointAddress"`
}

// describeEndpoint has one address, with its port, as there is no well-known one here.
func (a *API) describeEndpoint(query url.Values) (any, error) {
	switch query.Get("endpointType") {
	case "", "iot:Data", "iot:Data-ATS":
		return endpointAnswer{a.Broker}, nil
	}
	return nil, &fault{Type: "InvalidRequestException", Message: "The emulator has endpoints of the types iot:Data and iot:Data-ATS only."}
}

type connectivityAnswer struct {
	ThingName        string `json:"thingName"`
	Connected        bool   `json:"connected"`
	Timestamp        *epoch `json:"timestamp,omitempty"`
	DisconnectReason string `json:"disconnectReason"`
}

// getThingConnectivityData tells of the MQTT client whose id is the thing's name, whoever that is.
func (a *API) getThingConnectivityData(scope tunnels.Scope, name string, _ input, _ url.Values) (any, error) {
	if _, err := a.Things.Describe(scope, name); err != nil {
		return nil, err
	}
	presence, known := a.Presence(name)
	out := connectivityAnswer{ThingName: name, Connected: presence.Connected, DisconnectReason: presence.Reason}
	if known {
		since := epochOf(presence.Since)
		out.Timestamp = &since
	}
	switch {
	case !known:
		out.DisconnectReason = "UNKNOWN"
		if a.Choices.Is(choices.NeverConnected, "zero") {
			out.Timestamp = new(epoch)
		}
	case presence.Connected:
		out.DisconnectReason = "NONE"
	}
	return out, nil
}

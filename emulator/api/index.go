package api

import (
	"adit/emulator/choices"
	"adit/emulator/registry"
	"adit/emulator/tunnels"
)

// maxIndexPage is how many things an answer of SearchIndex has at most.
const maxIndexPage = 100

type indexAnswer struct {
	Things    []thingDocument `json:"things"`
	NextToken string          `json:"nextToken,omitempty"`
}

type thingDocument struct {
	ThingName     string               `json:"thingName"`
	ThingID       string               `json:"thingId,omitempty"`
	ThingTypeName string               `json:"thingTypeName,omitempty"`
	Attributes    map[string]string    `json:"attributes,omitempty"`
	Connectivity  documentConnectivity `json:"connectivity"`
}

// documentConnectivity is as in a thing's own connectivity data, but with its time in milliseconds.
type documentConnectivity struct {
	Connected        bool   `json:"connected"`
	Timestamp        int64  `json:"timestamp,omitempty"`
	DisconnectReason string `json:"disconnectReason,omitempty"`
}

// searchIndex tells of things and of the MQTT clients whose ids are their names. The index is never late here.
func (a *API) searchIndex(scope tunnels.Scope, in input) (any, error) {
	text, token := in.text("queryString", true, anyText(1, noMaximum)), in.text("nextToken", false, anyText(0, noMaximum))
	index, limit := in.text("indexName", false, nameOf()), a.Choices.Number(choices.DefaultIndexPage)
	if n := in.integer("maxResults", 1, maxIndexPage); n > 0 {
		limit = n
	}
	if err := in.err(); err != nil {
		return nil, err
	}
	if index != "" && index != "AWS_Things" {
		return nil, registry.ErrNotFound
	}
	query, err := parseIndexQuery(text)
	if err != nil {
		return nil, err
	}
	page, more, err := a.Things.List(scope, func(t registry.Thing) bool {
		return query.finds(t.Name) && (query.connected == "" || (query.connected == "true") == a.connectivity(t.Name).Connected)
	}, limit, token)
	if err != nil {
		return nil, err
	}
	out := indexAnswer{Things: make([]thingDocument, 0, len(page)), NextToken: more}
	for _, thing := range page {
		out.Things = append(out.Things, thingDocument{
			ThingName: thing.Name, ThingID: thing.ID, ThingTypeName: thing.Type, Attributes: thing.Attributes, Connectivity: a.connectivity(thing.Name),
		})
	}
	return out, nil
}

func (a *API) connectivity(name string) documentConnectivity {
	presence, known := a.Presence(name)
	c := documentConnectivity{Connected: presence.Connected, DisconnectReason: presence.Reason}
	if known {
		c.Timestamp = presence.Since.UnixMilli()
	}
	return c
}

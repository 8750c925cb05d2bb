package fleet

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"adit/tunnelconn/token"
)

// notification tells a device of a tunnel. The payload has neither the tunnel's id nor its end.
// https://docs.aws.amazon.com/iot/latest/developerguide/configure-remote-agent.html
type notification struct {
	accessToken token.Token
	region      string
	services    []string
}

// topic is where a thing's notifications come.
func topic(thing string) string { return "$aws/things/" + thing + "/tunnels/notify" }

// parseNotification reads a payload. Its errors never quote it: it holds a token.
func parseNotification(payload []byte) (notification, error) {
	var fields struct {
		ClientAccessToken string   `json:"clientAccessToken"`
		ClientMode        string   `json:"clientMode"`
		Region            string   `json:"region"`
		Services          []string `json:"services"`
	}
	if json.Unmarshal(payload, &fields) != nil {
		return notification{}, errors.New("the notification is not the JSON that the service sends")
	}
	switch {
	case fields.ClientAccessToken == "":
		return notification{}, errors.New("the notification has no access token")
	case fields.ClientMode != "destination":
		return notification{}, errors.New("the notification is not for a destination")
	case len(fields.Services) == 0:
		return notification{}, errors.New("the notification names no service")
	}
	return notification{token.New(fields.ClientAccessToken), fields.Region, fields.Services}, nil
}

// key tells tunnels apart as far as a payload can: by their services, in any order.
func (n notification) key() string {
	return strings.Join(slices.Sorted(slices.Values(n.services)), " ")
}

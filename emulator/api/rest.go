package api

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"adit/emulator/registry"
	"adit/emulator/tunnels"
)

// callOfPath finds the operation of AWS IoT (API version 2015-05-28) that method and path name.
func (a *API) callOfPath(r *http.Request) (call, error) {
	query := r.URL.Query()
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	rest := func(name string, run operation) (call, error) {
		return call{name: name, run: run, rest: true}, nil
	}
	ofThing := func(name string, run func(tunnels.Scope, string, input, url.Values) (any, error)) (call, error) {
		thing := path[1]
		return rest(name, func(_ *API, scope tunnels.Scope, in input) (any, error) {
			in.check("thingName", thing, nameOf())
			if err := in.err(); err != nil {
				return nil, err
			}
			return run(scope, thing, in, query)
		})
	}
	switch {
	case len(path) == 1 && path[0] == "endpoint" && r.Method == http.MethodGet:
		return rest("DescribeEndpoint", func(*API, tunnels.Scope, input) (any, error) { return a.describeEndpoint(query) })
	case len(path) == 1 && path[0] == "things" && r.Method == http.MethodGet:
		return rest("ListThings", func(_ *API, scope tunnels.Scope, in input) (any, error) { return a.listThings(scope, in, query) })
	case len(path) == 2 && path[0] == "indices" && path[1] == "search" && r.Method == http.MethodPost:
		return rest("SearchIndex", func(_ *API, scope tunnels.Scope, in input) (any, error) { return a.searchIndex(scope, in) })
	case len(path) == 3 && path[0] == "things" && path[2] == "connectivity-data" && r.Method == http.MethodPost:
		return ofThing("GetThingConnectivityData", a.getThingConnectivityData)
	case len(path) == 2 && path[0] == "things":
		switch r.Method {
		case http.MethodPost:
			return ofThing("CreateThing", a.createThing)
		case http.MethodGet:
			return ofThing("DescribeThing", a.describeThing)
		case http.MethodDelete:
			return ofThing("DeleteThing", a.deleteThing)
		}
	}
	return call{}, unknownOperation()
}

// translate gives an error the name and status that the operation's service has for it.
func (c call) translate(err error) error {
	if !c.rest {
		return err
	}
	var known *fault
	switch {
	case errors.Is(err, registry.ErrNotFound):
		return &fault{Type: "ResourceNotFoundException", Message: "There is no such thing in this region of the account.", status: http.StatusNotFound}
	case errors.Is(err, registry.ErrExists):
		return &fault{Type: "ResourceAlreadyExistsException", Message: "The thing exists already, with another configuration.", status: http.StatusConflict}
	case errors.Is(err, registry.ErrVersion):
		return &fault{Type: "VersionConflictException", Message: "The thing has another version than expected.", status: http.StatusConflict}
	case errors.Is(err, registry.ErrNextToken):
		return &fault{Type: "InvalidRequestException", Message: "The nextToken is not one that ListThings returned."}
	case errors.As(err, &known) && known.Type == "InvalidQueryException":
		return known
	case errors.As(err, &known):
		return &fault{Type: "InvalidRequestException", Message: known.Message}
	}
	return err
}

// number is a whole number of the query, 0 when absent.
func (in input) number(query url.Values, name string) int {
	text := query.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		in.violates(name, "be a whole number")
	}
	return n
}

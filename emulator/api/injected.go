package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"adit/emulator/choices"
	"adit/emulator/faults"
	"adit/emulator/tunnels"
)

// Knows tells whether there is an operation of a name.
func Knows(operation string) bool {
	return operationOf(operation) != nil || operation == callerIdentityName || slices.Contains([]string{
		"CreateThing", "DescribeThing", "ListThings", "DeleteThing", "DescribeEndpoint", "GetThingConnectivityData", "SearchIndex",
	}, operation)
}

// tagKeys are the tag keys that a request names, whatever else is wrong with it.
func (in input) tagKeys() (keys []string) {
	var tags []tag
	_ = json.Unmarshal(in.members["tags"], &tags)
	for _, t := range tags {
		keys = append(keys, t.Key)
	}
	var listed []string
	_ = json.Unmarshal(in.members["tagKeys"], &listed)
	return append(keys, listed...)
}

// injected is the refusal that a fault on demand asks for; nil is none. What AWS IoT answers is written down; what tunnels
// answer is chosen.
func (a *API) injected(effect faults.Effect, c call, scope tunnels.Scope) *fault {
	switch effect.Kind {
	case faults.Throttle:
		throttled := &fault{Type: "ThrottlingException", Message: "Rate exceeded"}
		if c.run != nil && !c.rest {
			throttled.status = a.Choices.Number(choices.ThrottledStatus)
		}
		return throttled
	case faults.Fail:
		failed := &fault{Type: "InternalFailureException", Message: "The emulator fails on demand.", status: http.StatusInternalServerError}
		if c.run != nil && !c.rest {
			failed.Type = a.Choices.Of(choices.FailureCode)
		}
		return failed
	case faults.Limit:
		return &fault{Type: "LimitExceededException", Message: "The limit is reached, on demand."}
	case faults.Deny:
		action := "iot:" + c.name
		if c.name == callerIdentityName {
			action = "sts:" + c.name
		}
		denied := &fault{Type: "AccessDeniedException", Message: "User: arn:aws:iam::" + scope.Account + ":user/emulator is not authorized to perform: " + action}
		if c.rest {
			denied.status = http.StatusForbidden
		}
		return denied
	}
	return nil
}

// hold waits, for as long as the client does.
func hold(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

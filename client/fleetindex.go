package client

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iot"
)

const (
	// indexPage is how many things one answer of SearchIndex tells of at most.
	indexPage = 100
	// indexTerms is how many names one query may have, and indexQuery how many bytes it is given at most here.
	indexTerms, indexQuery = 12, 1000
	// theIndex is what the sentences call it.
	theIndex = "the fleet index"
)

// queryOf asks for things by name, or for all where none is named.
func queryOf(things []string) string {
	if len(things) == 0 {
		return "thingName:*"
	}
	// Quoted, because a colon in a name would begin another field.
	return `thingName:("` + strings.Join(things, `" OR "`) + `")`
}

// Search is one call of SearchIndex. The index knows no upper case: what else it finds is left out by whoever asked.
func (r registry) Search(ctx context.Context, things []string) (map[string]Presence, error) {
	if r.sdk == nil {
		return nil, r.nowhere(opIndex, theIndex)
	}
	for _, thing := range things {
		if err := validateName("A thing's name", thing); err != nil {
			return nil, r.api.invalid(opIndex, thingObject(thing), err)
		}
	}
	found, indexed := map[string]Presence{}, true
	err := r.api.call(ctx, opIndex, theIndex, func(ctx context.Context) error {
		answer, err := r.sdk.SearchIndex(ctx, &iot.SearchIndexInput{QueryString: aws.String(queryOf(things)), MaxResults: aws.Int32(indexPage)})
		if err != nil {
			return err
		}
		for _, thing := range answer.Things {
			if indexed = thing.Connectivity != nil; !indexed {
				return nil
			}
			presence := Presence{State: PresenceNotSeen, AskedAt: time.Now()}
			if aws.ToBool(thing.Connectivity.Connected) {
				presence.State = PresenceOnline
			}
			if since := aws.ToInt64(thing.Connectivity.Timestamp); since > 0 {
				presence.Since = time.UnixMilli(since)
			}
			found[aws.ToString(thing.ThingName)] = presence
		}
		return nil
	})
	switch known := asError(err); {
	case known != nil:
		notIndexed(known)
		return nil, known
	case !indexed:
		known = &Error{Operation: opIndex, Object: theIndex, Context: r.api.login.context, Code: "ResourceNotFoundException"}
		notIndexed(known)
		return nil, known
	}
	return found, nil
}

// notIndexed says what to do about an index that is not there, or may not be asked.
func notIndexed(e *Error) {
	switch e.Code {
	case "ResourceNotFoundException", "InvalidRequestException":
		e.Kind, e.Message = KindConfig, "it does not know who is connected"
		e.Remedy = "Fleet indexing with thingConnectivityIndexingMode=STATUS would tell, and is paid."
	case "IndexNotReadyException":
		e.Kind, e.Message, e.Remedy = KindConfig, "it is being built", "Try again later."
	default:
		if e.Kind == KindDenied {
			e.Remedy = "Each thing is asked for by itself, which is paid by the thing; ask for iot:SearchIndex on index/AWS_Things."
		}
	}
}

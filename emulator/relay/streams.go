package relay

import "slices"

// stream is one that a local proxy believes to be alive. connection is the one that its start named: 0 before V3.
type stream struct {
	service    string
	id         int32
	connection uint32
}

// streams has at most one stream a service.
type streams []stream

// start replaces the stream of a service.
func (s *streams) start(new stream) {
	for i := range *s {
		if (*s)[i].service == new.service {
			(*s)[i] = new
			return
		}
	}
	*s = append(*s, new)
}

// reset ends a stream. A side that speaks V1 leaves the service out of its messages, so a service that is missing on
// either hand matches.
func (s *streams) reset(service string, id int32) {
	*s = slices.DeleteFunc(*s, func(have stream) bool {
		return have.id == id && (have.service == service || service == "" || have.service == "")
	})
}

// of is the stream of a service.
func (s streams) of(service string) (stream, bool) {
	for _, have := range s {
		if have.service == service {
			return have, true
		}
	}
	return stream{}, false
}

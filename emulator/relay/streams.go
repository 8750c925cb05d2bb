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
func (s *streams) start(begun stream) {
	for i := range *s {
		if (*s)[i].service == begun.service {
			(*s)[i] = begun
			return
		}
	}
	*s = append(*s, begun)
}

// reset ends a stream.
func (s *streams) reset(service string, id int32) {
	*s = slices.DeleteFunc(*s, func(have stream) bool { return have.is(service, id) })
}

// find gives a stream that is alive.
func (s streams) find(service string, id int32) (stream, bool) {
	at := slices.IndexFunc(s, func(have stream) bool { return have.is(service, id) })
	if at < 0 {
		return stream{}, false
	}
	return s[at], true
}

// is compares with what a message names. A side that speaks V1 leaves the service out of its messages, so a service that is
// missing on either hand matches.
func (s stream) is(service string, id int32) bool {
	return s.id == id && (s.service == service || service == "" || s.service == "")
}

package tunnels

import "slices"

// Tags of the tunnel that a resource name names.
func (s *Store) Tags(scope Scope, arn string) (tags []Tag, err error) {
	id, ok := idOfARN(scope, arn)
	if !ok {
		return nil, scope.notFound(arn)
	}
	t, err := s.Describe(scope, id)
	return t.Tags, err
}

// Tag adds tags; one whose key is there takes the new value.
func (s *Store) Tag(scope Scope, arn string, tags []Tag) error {
	return s.withARN(scope, arn, func(r *record) error {
		merged := mergeTags(r.Tags, tags)
		if len(merged) > MaxTags {
			return tooManyTags(len(merged))
		}
		r.Tags = merged
		return nil
	})
}

// Untag removes tags by their keys; a key that is not there is none to remove.
func (s *Store) Untag(scope Scope, arn string, keys []string) error {
	return s.withARN(scope, arn, func(r *record) error {
		r.Tags = slices.DeleteFunc(r.Tags, func(t Tag) bool { return slices.Contains(keys, t.Key) })
		return nil
	})
}

func (s *Store) withARN(scope Scope, arn string, do func(*record) error) error {
	id, ok := idOfARN(scope, arn)
	if !ok {
		return scope.notFound(arn)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	r, err := s.find(scope, id)
	if err != nil {
		return err
	}
	s.journal.note(now, r, true)
	return do(r)
}

// mergeTags keeps the order in which keys first came.
func mergeTags(tags, more []Tag) []Tag {
	merged := slices.Clone(tags)
	for _, tag := range more {
		at := slices.IndexFunc(merged, func(t Tag) bool { return t.Key == tag.Key })
		if at < 0 {
			merged = append(merged, tag)
		} else {
			merged[at].Value = tag.Value
		}
	}
	return merged
}

func tooManyTags(n int) *Error {
	return failure(Limit, "A tunnel has at most %d tags; it would have %d.", MaxTags, n)
}

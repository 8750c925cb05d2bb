package tunnels

import (
	"slices"

	"adit/emulator/choices"
)

// Tags of the tunnel that a resource name names.
func (s *Store) Tags(scope Scope, arn string) (tags []Tag, err error) {
	id, err := s.idOf(scope, arn)
	if err != nil {
		return nil, err
	}
	t, err := s.Describe(scope, id)
	if err != nil {
		return nil, err
	}
	return t.Tags, s.readable(t)
}

// idOf is the tunnel id in a resource name of the scope.
func (s *Store) idOf(scope Scope, arn string) (id string, err error) {
	home, id, ok := parseARN(arn)
	switch {
	case !ok:
		return "", s.failure(choices.MalformedARN, "%s is not the resource name of a tunnel.", arn)
	case home != scope.arn():
		return "", s.failure(choices.ForeignARN, "%s is not of region %s of account %s.", arn, scope.Region, scope.Account)
	}
	return id, nil
}

// readable tells whether the tags of a tunnel are still there.
func (s *Store) readable(t Tunnel) error {
	if t.Status == Closed && s.cfg.Choices.Is(choices.TagsOfClosed, "gone") {
		return failure(NotFound, "Tunnel %s is closed, and its tags are gone.", t.ID)
	}
	return nil
}

// Tag adds tags; one whose key is there takes the new value.
func (s *Store) Tag(scope Scope, arn string, tags []Tag) error {
	return s.withARN(scope, arn, func(r *record) error {
		merged := mergeTags(r.Tags, tags)
		if err := s.checkTags(merged); err != nil {
			return err
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
	id, err := s.idOf(scope, arn)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	r, err := s.find(scope, id)
	if err != nil {
		return err
	}
	if err := s.readable(r.Tunnel); err != nil {
		return err
	}
	if r.Status == Closed && s.cfg.Choices.Is(choices.TagsOfClosed, "read-only") {
		return failure(Invalid, "Tunnel %s is closed, and its tags cannot be changed.", r.ID)
	}
	s.journal.note(now, r, true)
	s.touch(r, now, "all")
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

func (s *Store) checkTags(tags []Tag) error {
	if most := s.cfg.Choices.Number(choices.MaxTags); len(tags) > most {
		return failure(Limit, "A tunnel has at most %d tags; it would have %d.", most, len(tags))
	}
	return nil
}

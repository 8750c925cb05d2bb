package clienttest

import (
	"context"
	"slices"

	"adit/client"
)

// Tags are a tunnel's tags.
func (s *Service) Tags(ctx context.Context, arn string) ([]client.Tag, error) {
	var tags []client.Tag
	err := s.edit(ctx, "ListTagsForResource", arn, func(t *client.Tunnel) { tags = slices.Clone(t.Tags) })
	return tags, err
}

// Tag adds or changes tags.
func (s *Service) Tag(ctx context.Context, arn string, tags []client.Tag) error {
	return s.edit(ctx, "TagResource", arn, func(t *client.Tunnel) {
		kept := slices.Clone(t.Tags)
		for _, tag := range tags {
			kept = slices.DeleteFunc(kept, func(old client.Tag) bool { return old.Key == tag.Key })
			kept = append(kept, tag)
		}
		t.Tags = kept
	})
}

// Untag removes tags.
func (s *Service) Untag(ctx context.Context, arn string, keys []string) error {
	return s.edit(ctx, "UntagResource", arn, func(t *client.Tunnel) {
		t.Tags = slices.DeleteFunc(slices.Clone(t.Tags), func(tag client.Tag) bool { return slices.Contains(keys, tag.Key.Raw()) })
	})
}

func (s *Service) edit(ctx context.Context, operation, arn string, change func(*client.Tunnel)) error {
	if err := s.begin(ctx, Call{Operation: operation, Object: arn}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.tunnels {
		if s.tunnels[i].ARN == arn {
			change(&s.tunnels[i])
			return nil
		}
	}
	return s.missing(operation, arn)
}

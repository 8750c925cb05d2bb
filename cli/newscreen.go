//go:build !e2epanic

package cli

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"adit/views"
)

// newScreen makes the screen's model. A build for the crash tests has its own.
func newScreen(ctx context.Context, _ *world, opts views.Options) tea.Model {
	return views.New(ctx, opts)
}

package views

import (
	"slices"

	"adit/client"
	"adit/keymap"
)

// denier is a Service that remembers what it was denied, as client.Lasting does.
type denier interface {
	Denied(client.Permission) *client.Error
	Forgive()
}

// permissions are those of which an action needs at least one; none for an action that needs no permission.
func (a *app) permissions(name keymap.Action) []client.Permission {
	switch name {
	case keymap.TunnelOpen:
		return []client.Permission{client.MayOpen}
	case keymap.TunnelSSH, keymap.TunnelProxy:
		mode := client.ModeAll
		if row, ok := a.selected(); ok && row.Destination.Connected {
			mode = client.ModeSource
		}
		return []client.Permission{client.MayRotate(mode)}
	case keymap.TunnelRotate:
		return []client.Permission{client.MayRotate(client.ModeSource), client.MayRotate(client.ModeDestination), client.MayRotate(client.ModeAll)}
	case keymap.TunnelClose:
		return []client.Permission{client.MayClose}
	case keymap.TunnelDelete:
		return []client.Permission{client.MayDelete}
	case keymap.TunnelTags:
		return []client.Permission{client.MayReadTags}
	}
	return nil
}

// denied says that an action was denied in the context it would begin in, "" where it was not. It is asked for again after
// a refresh, as policies change. Where tunnels are marked they may be of several contexts, each with its own result.
func (a *app) denied(name keymap.Action) string {
	needed := a.permissions(name)
	if len(needed) == 0 || len(a.tunnels.table.Marked()) > 0 {
		return ""
	}
	service, ok := a.service(a.context()).(denier)
	if !ok || slices.ContainsFunc(needed, func(p client.Permission) bool { return service.Denied(p) == nil }) {
		return ""
	}
	denial := service.Denied(needed[0])
	if denial == nil {
		return ""
	}
	return sentences(client.Clean(denial.Sentence()), a.scene.key(keymap.AppRefresh)+" has it tried again.")
}

// forgive forgets what was denied in the contexts shown.
func (a *app) forgive() {
	for _, service := range a.connection.backend.Services {
		if d, ok := service.(denier); ok {
			d.Forgive()
		}
	}
}

package views

import (
	"cmp"

	tea "charm.land/bubbletea/v2"

	"adit/keymap"
	"adit/session"
)

// action is what an action of the keymap does here.
type action struct {
	run func(*app) tea.Cmd
	// connected: it needs a backend.
	connected bool
	// why says why it cannot run now, "" when it can; nil for one that always can.
	why func(*app) string
}

// perform looks an action up. The actions of dialogs and forms are carried out by the overlays themselves, which look
// their keys up in the same keymap.
func perform(name keymap.Action) (action, bool) {
	switch name {
	case keymap.AppQuit:
		return action{run: (*app).quit}, true
	case keymap.AppSuspend:
		return action{run: func(*app) tea.Cmd { return tea.Suspend }}, true
	case keymap.AppHelp:
		return action{run: (*app).help}, true
	case keymap.AppPalette:
		return action{run: (*app).palette}, true
	case keymap.AppRefresh:
		return action{run: (*app).refresh, connected: true}, true
	case keymap.ViewTunnels:
		return action{run: goTo(keymap.ScopeTunnels), connected: true}, true
	case keymap.ViewProxies:
		return action{run: goTo(keymap.ScopeProxies), connected: true}, true
	case keymap.ViewThings:
		return action{run: goTo(keymap.ScopeThings), connected: true}, true
	case keymap.AppMouse:
		return action{run: (*app).toggleMouse}, true
	case keymap.ViewActivity:
		return action{run: goTo(keymap.ScopeActivity), connected: true}, true
	case keymap.ViewLog:
		return action{run: goTo(keymap.ScopeLog), connected: true}, true
	case keymap.CursorUp:
		return move(func(l list) { l.Move(-1) }), true
	case keymap.CursorDown:
		return move(func(l list) { l.Move(1) }), true
	case keymap.CursorPageUp:
		return move(func(l list) { l.Page(-1) }), true
	case keymap.CursorPageDown:
		return move(func(l list) { l.Page(1) }), true
	case keymap.CursorTop:
		return move(func(l list) { l.Top() }), true
	case keymap.CursorBottom:
		return move(func(l list) { l.Bottom() }), true
	case keymap.AppContexts:
		return action{run: (*app).readProfiles, why: func(a *app) string {
			if a.opts.Contexts == nil {
				return "There are no other contexts here."
			}
			return ""
		}}, true
	case keymap.AppLogin:
		return action{run: (*app).login, why: needLoggedOut}, true
	}
	if act, ok := performTrial(name); ok {
		return act, true
	}
	if act, ok := performTunnel(name); ok {
		return act, true
	}
	if act, ok := performThing(name); ok {
		return act, true
	}
	if act, ok := performRecords(name); ok {
		return act, true
	}
	return performProxy(name)
}

func performTrial(name keymap.Action) (action, bool) {
	switch name {
	case keymap.ConnectRetry:
		return action{run: (*app).tryAgain, why: func(a *app) string {
			switch {
			case a.trial == nil:
				return "adit is connected."
			case a.trial.err == nil:
				return "adit is still connecting."
			}
			return ""
		}}, true
	case keymap.ConnectDemo:
		return action{run: (*app).startDemo, why: func(a *app) string {
			// Who waits for a login that does not come may leave for the demo: the wait ends with its epoch.
			if a.opts.Demo == nil || a.connection.backend != nil {
				return "This is offered where adit is not connected."
			}
			return ""
		}}, true
	case keymap.ConnectBack:
		return action{run: (*app).back, why: func(a *app) string {
			switch {
			case a.trial == nil:
				return "adit is connected."
			case a.trial.err != nil && a.connection.backend == nil:
				return "There is nothing to go back to."
			}
			return ""
		}}, true
	}
	return action{}, false
}

func performTunnel(name keymap.Action) (action, bool) {
	one := func(run func(*app) tea.Cmd, why func(*app) string) (action, bool) {
		return action{run: onTunnels(run), connected: true, why: why}, true
	}
	switch name {
	case keymap.TunnelSSH:
		return one((*app).shell, needSSH)
	case keymap.TunnelOpen:
		return one((*app).openForm, nil)
	case keymap.TunnelDuplicate:
		return one((*app).duplicate, needDescribed)
	case keymap.TunnelProxy:
		return one((*app).proxyForm, needOpen)
	case keymap.TunnelClose:
		return one(func(a *app) tea.Cmd { return a.closeTunnels(false) }, needOpenOrMarks)
	case keymap.TunnelDelete:
		return one(func(a *app) tea.Cmd { return a.closeTunnels(true) }, needRow)
	case keymap.TunnelTags:
		return one((*app).editTagsOf, needRow)
	case keymap.TunnelRotate:
		return one((*app).rotate, needOpen)
	case keymap.TunnelWindow:
		return one(func(a *app) tea.Cmd { return a.shellIn(session.NewWindow) }, needWindow)
	case keymap.TunnelPane:
		return one(func(a *app) tea.Cmd { return a.shellIn(session.NewPane) }, needWindow)
	case keymap.TunnelWatch:
		return one((*app).watch, needOpen)
	case keymap.TunnelResend:
		return one((*app).resendToken, needResend)
	case keymap.TunnelDetail:
		return one((*app).tunnelDetail, needRow)
	case keymap.TunnelMark:
		return one((*app).toggleMark, needRow)
	case keymap.TunnelRange:
		return one((*app).markRange, needRow)
	case keymap.TunnelMarkAll:
		return one((*app).markAll, needRow)
	case keymap.TunnelFilter:
		return one(func(a *app) tea.Cmd { a.tunnels.finding.editing = true; a.offer(); return nil }, nil)
	case keymap.TunnelFilters:
		return one((*app).savedFilters, needFilters)
	case keymap.TunnelFilterSave:
		return one((*app).saveFilter, needFilter)
	case keymap.TunnelNarrow:
		return one((*app).narrow, nil)
	case keymap.TunnelSort:
		return one((*app).sortMenu, nil)
	case keymap.TunnelReverse:
		return one((*app).reverse, func(a *app) string {
			if id, _ := a.tunnels.table.Sorting(); id == "" {
				return "The list is in the service's order: " + a.scene.key(keymap.TunnelSort) + " sorts it."
			}
			return ""
		})
	case keymap.TunnelColumns:
		return one((*app).columnsDialog, nil)
	case keymap.TunnelCopy:
		return one((*app).copyMenu, needRow)
	case keymap.TunnelMore:
		return one((*app).loadMore, func(a *app) string {
			if !a.more() {
				return "All tunnels are listed."
			}
			return ""
		})
	}
	return action{}, false
}

func performProxy(name keymap.Action) (action, bool) {
	why := func(a *app) string {
		if _, ok := a.proxies.table.Selected(); !ok {
			return "No local proxy is selected."
		}
		return ""
	}
	switch name {
	case keymap.ProxySSH:
		return action{run: (*app).proxyShell, connected: true, why: why}, true
	case keymap.ProxyStop:
		return action{run: (*app).stopProxy, connected: true, why: why}, true
	case keymap.ProxyCopy:
		return action{run: (*app).copyAddress, connected: true, why: why}, true
	case keymap.ProxyDetail:
		return action{run: (*app).proxyDetail, connected: true, why: why}, true
	case keymap.ProxyRestart:
		return action{run: (*app).restartProxy, connected: true, why: why}, true
	case keymap.ProxyBrowse:
		return action{run: (*app).browse, connected: true, why: func(a *app) string { return cmp.Or(why(a), needWeb(a)) }}, true
	}
	return action{}, false
}

func performRecords(name keymap.Action) (action, bool) {
	switch name {
	case keymap.ActivityDetail:
		return action{run: (*app).deedDetail, connected: true, why: needDeed}, true
	case keymap.ActivityCopy:
		return action{run: (*app).copyCommand, connected: true, why: needCommand}, true
	case keymap.ActivityExport:
		return action{run: (*app).exportActivity, connected: true, why: needDeed}, true
	case keymap.LogDetail:
		return action{run: (*app).logDetail, connected: true, why: needEntry}, true
	case keymap.LogLevel:
		return action{run: (*app).nextLevel, connected: true}, true
	}
	return action{}, false
}

// list is what the cursor moves in.
type list interface {
	Move(int)
	Page(int)
	Top()
	Bottom()
	// Point moves to the row on a line of the table, counted from its first, where there is one.
	Point(line int) bool
}

func move(how func(list)) action {
	return action{connected: true, run: func(a *app) tea.Cmd {
		how(a.list())
		return nil
	}}
}

// list is that of the view in front.
func (a *app) list() list {
	switch a.front {
	case keymap.ScopeProxies:
		return a.proxies.table
	case keymap.ScopeThings:
		return a.things.table
	case keymap.ScopeActivity:
		return a.activity.table
	case keymap.ScopeLog:
		return a.log.table
	}
	return a.tunnels.table
}

func goTo(scope keymap.Scope) func(*app) tea.Cmd {
	return func(a *app) tea.Cmd {
		a.giveUp()
		a.front = scope
		a.sample()
		a.refillThings()
		return nil
	}
}

// onTunnels shows the tunnels before an action on them, which may have been chosen from elsewhere.
func onTunnels(run func(*app) tea.Cmd) func(*app) tea.Cmd {
	return func(a *app) tea.Cmd {
		a.front = keymap.ScopeTunnels
		return run(a)
	}
}

func needRow(a *app) string {
	if _, ok := a.selected(); !ok {
		return "No tunnel is selected."
	}
	return ""
}

func needDescribed(a *app) string {
	if row, ok := a.selected(); ok && !row.Described && row.Lifetime == 0 {
		return "What this tunnel was opened with is not known yet: try again in a moment."
	}
	return needRow(a)
}

func needOpen(a *app) string {
	row, ok := a.selected()
	switch {
	case !ok:
		return "No tunnel is selected."
	case !row.Open():
		return "This tunnel is closed, and a closed tunnel cannot be reopened. " + a.scene.key(keymap.TunnelOpen) + " opens a new one."
	}
	return ""
}

func needOpenOrMarks(a *app) string {
	if len(a.tunnels.table.Marked()) > 0 || a.bulkRuns() {
		return ""
	}
	return needOpen(a)
}

package keymap

// Action is noun.verb, such as tunnel.open. The names are what a person writes in the configuration to rebind a key.
type Action string

// The actions of every screen.
const (
	AppPalette     Action = "app.palette"
	AppHelp        Action = "app.help"
	AppRefresh     Action = "app.refresh"
	AppContexts    Action = "app.contexts"
	AppLogin       Action = "app.login"
	AppMouse       Action = "app.mouse"
	AppSuspend     Action = "app.suspend"
	AppQuit        Action = "app.quit"
	ViewTunnels    Action = "view.tunnels"
	ViewProxies    Action = "view.proxies"
	ViewThings     Action = "view.things"
	ViewActivity   Action = "view.activity"
	ViewLog        Action = "view.log"
	CursorUp       Action = "cursor.up"
	CursorDown     Action = "cursor.down"
	CursorPageUp   Action = "cursor.pageup"
	CursorPageDown Action = "cursor.pagedown"
	CursorTop      Action = "cursor.top"
	CursorBottom   Action = "cursor.bottom"
)

// The actions on the list of tunnels.
const (
	TunnelSSH       Action = "tunnel.ssh"
	TunnelOpen      Action = "tunnel.open"
	TunnelProxy     Action = "tunnel.proxy"
	TunnelClose     Action = "tunnel.close"
	TunnelTags      Action = "tunnel.tags"
	TunnelMark      Action = "tunnel.mark"
	TunnelFilter    Action = "tunnel.filter"
	TunnelNarrow    Action = "tunnel.narrow"
	TunnelRotate    Action = "tunnel.rotate"
	TunnelSort      Action = "tunnel.sort"
	TunnelCopy      Action = "tunnel.copy"
	TunnelMore      Action = "tunnel.more"
	TunnelDelete    Action = "tunnel.delete"
	TunnelRange     Action = "tunnel.range"
	TunnelMarkAll   Action = "tunnel.markall"
	TunnelDetail    Action = "tunnel.detail"
	TunnelResend    Action = "tunnel.resend"
	TunnelWatch     Action = "tunnel.watch"
	TunnelWindow    Action = "tunnel.window"
	TunnelPane      Action = "tunnel.pane"
	TunnelDuplicate Action = "tunnel.duplicate"
)

// How what is looked for is found in the list of tunnels.
const (
	TunnelFilters    Action = "tunnel.filters"
	TunnelFilterSave Action = "tunnel.savefilter"
	TunnelReverse    Action = "tunnel.reverse"
	TunnelColumns    Action = "tunnel.columns"
)

// The actions on the list of things.
const (
	ThingSSH    Action = "thing.ssh"
	ThingOpen   Action = "thing.open"
	ThingProxy  Action = "thing.proxy"
	ThingFilter Action = "thing.filter"
	ThingSort   Action = "thing.sort"
)

// The actions on the list of local proxies.
const (
	ProxySSH  Action = "proxy.ssh"
	ProxyStop Action = "proxy.stop"
	ProxyCopy Action = "proxy.copy"

	ProxyDetail  Action = "proxy.detail"
	ProxyRestart Action = "proxy.restart"
	ProxyBrowse  Action = "proxy.browse"
)

// The actions on what adit did, and on its log.
const (
	ActivityDetail Action = "activity.detail"
	ActivityCopy   Action = "activity.copy"
	ActivityExport Action = "activity.export"

	LogDetail Action = "log.detail"
	LogLevel  Action = "log.level"
)

// The actions while something is under way or asks, in a form, and where adit could not connect.
const (
	AttemptRetry    Action = "attempt.retry"
	AttemptResend   Action = "attempt.resend"
	AttemptTakeover Action = "attempt.takeover"
	AttemptNew      Action = "attempt.new"
	AttemptPort     Action = "attempt.port"
	DialogCancel    Action = "dialog.cancel"

	FormSubmit Action = "form.submit"
	FormReuse  Action = "form.reuse"
	FormCopy   Action = "form.copy"
	FormNext   Action = "form.next"
	FormPrev   Action = "form.prev"
	FormCancel Action = "form.cancel"

	BulkPause  Action = "bulk.pause"
	BulkCancel Action = "bulk.cancel"
	BulkRetry  Action = "bulk.retry"
	BulkBack   Action = "bulk.back"

	ConnectRetry Action = "connect.retry"
	ConnectDemo  Action = "connect.demo"
	ConnectBack  Action = "connect.back"
)

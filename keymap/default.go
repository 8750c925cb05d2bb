package keymap

// defaults are the bindings as shipped, by scope and within a scope in order of importance: the hint bar shows as many
// as fit, from the front.
//
// No action that cuts or deletes sits on a control key or beside one that pages, and ctrl+h, ctrl+i and ctrl+m stay free:
// most terminals cannot tell them from backspace, tab and enter.
func defaults() []Binding {
	return []Binding{
		{Action: AppPalette, Scope: ScopeGlobal, Keys: []string{":"}, Hint: "commands", Title: "Find a command and run it"},
		{Action: AppHelp, Scope: ScopeGlobal, Keys: []string{"?"}, Hint: "help", Title: "Show every key of this screen"},
		{Action: ViewTunnels, Scope: ScopeGlobal, Keys: []string{"1"}, Hint: "tunnels", Title: "Go to the tunnels"},
		{Action: ViewProxies, Scope: ScopeGlobal, Keys: []string{"2"}, Hint: "proxies", Title: "Go to the local proxies"},
		{Action: ViewThings, Scope: ScopeGlobal, Keys: []string{"3"}, Hint: "things", Title: "Go to the things"},
		{Action: ViewActivity, Scope: ScopeGlobal, Keys: []string{"4"}, Title: "Go to what adit did"},
		{Action: ViewLog, Scope: ScopeGlobal, Keys: []string{"5"}, Title: "Go to the log"},
		{Action: AppLogin, Scope: ScopeGlobal, Keys: []string{"L"}, Hint: "log in", Title: "Log in again where a login has expired"},
		{Action: AppContexts, Scope: ScopeGlobal, Keys: []string{"c"}, Hint: "contexts", Title: "Go to other profiles and regions", Opens: true},
		{Action: AppQuit, Scope: ScopeGlobal, Keys: []string{"q", "ctrl+c"}, Hint: "quit", Title: "Quit adit"},
		{Action: AppRefresh, Scope: ScopeGlobal, Keys: []string{"R"}, Title: "Ask the service again now"},
		{Action: CursorUp, Scope: ScopeGlobal, Keys: []string{"up", "k"}, Title: "Move up"},
		{Action: CursorDown, Scope: ScopeGlobal, Keys: []string{"down", "j"}, Title: "Move down"},
		{Action: CursorPageUp, Scope: ScopeGlobal, Keys: []string{"pgup", "ctrl+b"}, Title: "Move up a page"},
		{Action: CursorPageDown, Scope: ScopeGlobal, Keys: []string{"pgdown", "ctrl+f"}, Title: "Move down a page"},
		{Action: CursorTop, Scope: ScopeGlobal, Keys: []string{"g", "home"}, Title: "Go to the first row"},
		{Action: CursorBottom, Scope: ScopeGlobal, Keys: []string{"G", "end"}, Title: "Go to the last row"},
		{Action: AppMouse, Scope: ScopeGlobal, Keys: []string{"M"}, Title: "Give the mouse to adit, or back to the terminal"},
		{Action: AppSuspend, Scope: ScopeGlobal, Keys: []string{"ctrl+z"}, Title: "Put adit in the background"},

		{Action: TunnelSSH, Scope: ScopeTunnels, Keys: []string{"enter"}, Hint: "ssh", Title: "Open a shell on the device", Danger: Changes},
		{Action: TunnelOpen, Scope: ScopeTunnels, Keys: []string{"o"}, Hint: "open", Title: "Open a new tunnel (billed)", Opens: true, Danger: Changes},
		{Action: TunnelProxy, Scope: ScopeTunnels, Keys: []string{"p"}, Hint: "proxy", Title: "Start a local proxy", Opens: true, Danger: Changes},
		{Action: TunnelClose, Scope: ScopeTunnels, Keys: []string{"x"}, Hint: "close", Title: "Close the tunnel: both sides are cut", Opens: true, Danger: Destructive},
		{Action: TunnelTags, Scope: ScopeTunnels, Keys: []string{"t"}, Hint: "tags", Title: "Edit the tags", Opens: true, Danger: Changes},
		{Action: TunnelMark, Scope: ScopeTunnels, Keys: []string{"space"}, Hint: "mark", Title: "Mark the tunnel, or take the mark away"},
		{Action: TunnelRange, Scope: ScopeTunnels, Keys: []string{"v"}, Title: "Begin a range of tunnels, and mark it"},
		{Action: TunnelMarkAll, Scope: ScopeTunnels, Keys: []string{"ctrl+a"}, Title: "Mark all tunnels that are listed and checked, or none"},
		{Action: TunnelFilter, Scope: ScopeTunnels, Keys: []string{"/"}, Hint: "filter", Title: "Filter the list"},
		{Action: TunnelDetail, Scope: ScopeTunnels, Keys: []string{"i"}, Hint: "details", Title: "Show all that is known of the tunnel, and what was seen to change"},
		{Action: TunnelNarrow, Scope: ScopeTunnels, Keys: []string{"n"}, Hint: "narrow", Title: "List the tunnels of one thing only", Opens: true},
		{Action: TunnelRotate, Scope: ScopeTunnels, Keys: []string{"r"}, Hint: "rotate", Title: "Rotate tokens: the sides that hold them are cut", Opens: true, Danger: Destructive},
		{Action: TunnelResend, Scope: ScopeTunnels, Keys: []string{"e"}, Hint: "send token", Title: "Send the device its token again", Opens: true, Danger: Changes},
		{Action: TunnelWindow, Scope: ScopeTunnels, Keys: []string{"w"}, Hint: "window", Title: "Open a shell in a new window of tmux", Danger: Changes},
		{Action: TunnelPane, Scope: ScopeTunnels, Keys: []string{"W"}, Title: "Open a shell in a new pane of tmux", Danger: Changes},
		{Action: TunnelWatch, Scope: ScopeTunnels, Keys: []string{"N"}, Hint: "watch", Title: "Tell me when the device connects, or no longer"},
		{Action: TunnelSort, Scope: ScopeTunnels, Keys: []string{"s"}, Hint: "sort", Title: "Sort by a column", Opens: true},
		{Action: TunnelCopy, Scope: ScopeTunnels, Keys: []string{"y"}, Hint: "copy", Title: "Copy something of the tunnel", Opens: true},
		{Action: TunnelMore, Scope: ScopeTunnels, Keys: []string{"m"}, Hint: "more", Title: "Load the next page of tunnels"},
		{Action: TunnelDuplicate, Scope: ScopeTunnels, Keys: []string{"d"}, Hint: "duplicate", Title: "Open a new tunnel like this one (billed)", Opens: true, Danger: Changes},
		{Action: TunnelDelete, Scope: ScopeTunnels, Keys: []string{"X"}, Hint: "delete", Title: "Close the tunnel and delete its record", Opens: true, Danger: Destructive},
		{Action: TunnelReverse, Scope: ScopeTunnels, Keys: []string{"S"}, Title: "Sort the other way round"},
		{Action: TunnelFilters, Scope: ScopeTunnels, Keys: []string{"f"}, Hint: "filters", Title: "Choose a saved filter", Opens: true},
		{Action: TunnelFilterSave, Scope: ScopeTunnels, Keys: []string{"F"}, Title: "Save the filter by a name", Opens: true},
		{Action: TunnelColumns, Scope: ScopeTunnels, Keys: []string{"C"}, Hint: "columns", Title: "Choose, order and size the columns", Opens: true},

		{Action: ThingSSH, Scope: ScopeThings, Keys: []string{"enter"}, Hint: "ssh", Title: "Open a shell on the thing, through an open tunnel where there is one", Danger: Changes},
		{Action: ThingOpen, Scope: ScopeThings, Keys: []string{"o"}, Hint: "open", Title: "Open a new tunnel to the thing (billed)", Opens: true, Danger: Changes},
		{Action: ThingProxy, Scope: ScopeThings, Keys: []string{"p"}, Hint: "proxy", Title: "Start a local proxy to the thing", Opens: true, Danger: Changes},
		{Action: ThingFilter, Scope: ScopeThings, Keys: []string{"/"}, Hint: "find", Title: "Find things by a part of the name"},
		{Action: ThingSort, Scope: ScopeThings, Keys: []string{"s"}, Hint: "sort", Title: "Sort the things by the next column"},

		{Action: ProxySSH, Scope: ScopeProxies, Keys: []string{"enter"}, Hint: "ssh", Title: "Open a shell through the proxy", Danger: Changes},
		{Action: ProxyDetail, Scope: ScopeProxies, Keys: []string{"i"}, Hint: "connections", Title: "Show the proxy's link and each of its connections"},
		{Action: ProxyStop, Scope: ScopeProxies, Keys: []string{"x"}, Hint: "stop", Title: "Stop the proxy: its connections are cut", Opens: true, Danger: Destructive},
		{Action: ProxyCopy, Scope: ScopeProxies, Keys: []string{"y"}, Hint: "copy", Title: "Copy the address"},
		{Action: ProxyRestart, Scope: ScopeProxies, Keys: []string{"r"}, Hint: "restart", Title: "Restart the proxy with a new token, on the same port: its connections are cut", Opens: true, Danger: Destructive},
		{Action: ProxyBrowse, Scope: ScopeProxies, Keys: []string{"b"}, Hint: "browse", Title: "Open an HTTP service in the browser"},

		{Action: ActivityDetail, Scope: ScopeActivity, Keys: []string{"enter", "i"}, Hint: "details", Title: "Show all of what was done"},
		{Action: ActivityCopy, Scope: ScopeActivity, Keys: []string{"y"}, Hint: "copy command", Title: "Copy the equivalent aws command"},
		{Action: ActivityExport, Scope: ScopeActivity, Keys: []string{"E"}, Hint: "export", Title: "Write what adit did into a file, as lines of JSON", Opens: true},

		{Action: LogLevel, Scope: ScopeLog, Keys: []string{"l"}, Hint: "level", Title: "Show the log from the next level up"},
		{Action: LogDetail, Scope: ScopeLog, Keys: []string{"enter", "i"}, Hint: "details", Title: "Show all of the entry"},

		{Action: AttemptRetry, Scope: ScopeDialog, Keys: []string{"enter"}, Hint: "try again", Title: "Try again", Danger: Changes},
		{Action: AttemptResend, Scope: ScopeDialog, Keys: []string{"r"}, Hint: "send the token again", Title: "Send the device's token again", Danger: Changes},
		{Action: AttemptTakeover, Scope: ScopeDialog, Keys: []string{"t"}, Hint: "take over", Title: "Take the source over: whoever holds it is cut off", Danger: Destructive},
		{Action: AttemptNew, Scope: ScopeDialog, Keys: []string{"n"}, Hint: "new tunnel", Title: "Open a second tunnel (billed)", Danger: Changes},
		{Action: AttemptPort, Scope: ScopeDialog, Keys: []string{"f"}, Hint: "use the free port", Title: "Use the free port that is named instead of the taken one", Danger: Changes},
		{Action: DialogCancel, Scope: ScopeDialog, Keys: []string{"esc"}, Hint: "back", Title: "Leave without doing anything"},

		{Action: BulkPause, Scope: ScopeBulk, Keys: []string{"p"}, Hint: "rest", Title: "Rest before the next tunnel, or go on"},
		{Action: BulkCancel, Scope: ScopeBulk, Keys: []string{"s"}, Hint: "stop", Title: "Leave alone what was not begun"},
		{Action: BulkRetry, Scope: ScopeBulk, Keys: []string{"r"}, Hint: "try the failed again", Title: "Try again what failed", Danger: Changes},
		{Action: BulkBack, Scope: ScopeBulk, Keys: []string{"esc", "enter"}, Hint: "back", Title: "Go back; it goes on"},

		{Action: FormSubmit, Scope: ScopeForm, Keys: []string{"ctrl+s"}, Hint: "go", Title: "Do it", Danger: Changes},
		{Action: FormReuse, Scope: ScopeForm, Keys: []string{"ctrl+r"}, Hint: "reuse", Title: "Use the open tunnel instead of a new one", Danger: Changes},
		{Action: FormCopy, Scope: ScopeForm, Keys: []string{"ctrl+o"}, Hint: "copy", Title: "Copy the equivalent aws command"},
		{Action: FormNext, Scope: ScopeForm, Keys: []string{"tab"}, Hint: "next", Title: "Go to the next field"},
		{Action: FormPrev, Scope: ScopeForm, Keys: []string{"shift+tab"}, Title: "Go to the field before"},
		{Action: FormCancel, Scope: ScopeForm, Keys: []string{"esc"}, Hint: "back", Title: "Leave the form"},

		{Action: ConnectRetry, Scope: ScopeConnect, Keys: []string{"r"}, Hint: "try again", Title: "Try to connect again"},
		{Action: ConnectDemo, Scope: ScopeConnect, Keys: []string{"d"}, Hint: "demo", Title: "Start the demo: no account, no network"},
		{Action: ConnectBack, Scope: ScopeConnect, Keys: []string{"esc"}, Hint: "back", Title: "Stop waiting, or go back to what was shown before"},
	}
}

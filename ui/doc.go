// Package ui is the toolkit of the screen: theme and symbols, table, form, dialog, menu, toasts, layout. It knows
// nothing of tunnels, does no I/O and asks no clock: times are handed in. Every View returns lines that are exactly as
// wide as they were told to be.
package ui

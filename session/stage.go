package session

import "time"

// StageID names a stage of an Attempt, in their order.
type StageID string

const (
	StageOnline StageID = "online" // the thing is online, where that is waited for
	StageTunnel StageID = "tunnel" // reuse or open
	StageToken  StageID = "token"  // rotate
	StageDevice StageID = "device" // the destination is connected
	StageProxy  StageID = "proxy"  // the local proxy is connected and listens
	StageAnswer StageID = "answer" // the device's ssh answered
	StageShell  StageID = "shell"
)

// StageState is how far a stage is.
type StageState uint8

const (
	StagePending StageState = iota
	StageRunning
	StageDone
	StageFailed
)

// Stage is one step, in words.
type Stage struct {
	ID    StageID
	State StageState
	// Text says what is done, or what happened; Remedy what to do about a failure.
	Text, Remedy   string
	Started, Ended time.Time
}

// stagesOf lists what a request goes through. Only a service called SSH is known to speak first, so only its answer is
// waited for.
func stagesOf(req Request) []StageID {
	if req.WhenOnline {
		req.WhenOnline = false
		return append([]StageID{StageOnline}, stagesOf(req)...)
	}
	switch {
	case req.Then == ThenNothing:
		return []StageID{StageTunnel, StageDevice}
	case req.Then == ThenProxy:
		return []StageID{StageTunnel, StageToken, StageDevice, StageProxy}
	case req.Name != "" && req.Name != sshService:
		return []StageID{StageTunnel, StageToken, StageDevice, StageProxy, StageShell}
	}
	return []StageID{StageTunnel, StageToken, StageDevice, StageProxy, StageAnswer, StageShell}
}

// pendingText is what a stage is called before it has anything to say.
func pendingText(id StageID) string {
	switch id {
	case StageOnline:
		return "the device is online"
	case StageTunnel:
		return "tunnel"
	case StageToken:
		return "source token"
	case StageDevice:
		return "device"
	case StageProxy:
		return "local proxy"
	case StageAnswer:
		return "its ssh"
	}
	return "shell"
}

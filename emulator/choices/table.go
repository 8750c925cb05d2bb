package choices

import "time"

// The names, each with its row in All.
const (
	InvalidValue      Name = "invalid-value"
	MalformedJSON     Name = "malformed-json"
	UnknownOperation  Name = "unknown-operation"
	DeniedStatus      Name = "denied-status"
	ThrottledStatus   Name = "throttled-status"
	FailureCode       Name = "failure-code"
	UnknownThing      Name = "unknown-thing"
	MaxServices       Name = "max-services"
	TooManyServices   Name = "too-many-services"
	DuplicateService  Name = "duplicate-service"
	MaxTags           Name = "max-tags"
	DuplicateTag      Name = "duplicate-tag"
	AWSTagKeys        Name = "aws-tag-keys"
	NoTags            Name = "no-tags"
	TagsOfClosed      Name = "tags-of-closed"
	MalformedARN      Name = "malformed-arn"
	ForeignARN        Name = "foreign-arn"
	DefaultPageSize   Name = "default-page-size"
	UnknownNextToken  Name = "unknown-next-token"
	NextTokenLife     Name = "next-token-life"
	CloseClosed       Name = "close-closed"
	KeepClosed        Name = "keep-closed"
	RotateClosed      Name = "rotate-closed"
	RotationConfig    Name = "rotation-config"
	LastUpdated       Name = "last-updated"
	NewcomerUpdates   Name = "newcomer-updates"
	DefaultThingsPage Name = "default-things-page"
	DefaultIndexPage  Name = "default-index-page"
	NeverConnected    Name = "never-connected"

	TokenLength               Name = "token-length"
	UnknownTokenStatus        Name = "unknown-token-status"
	UsedTokenStatus           Name = "used-token-status"
	WrongSideStatus           Name = "wrong-side-status"
	ClientTokenStatus         Name = "client-token-status"
	ClosedTunnelStatus        Name = "closed-tunnel-status"
	BadRequestStatus          Name = "bad-request-status"
	ThrottledConnectionStatus Name = "throttled-connection-status"
	StatusReason              Name = "status-reason"
	OtherParameters           Name = "other-parameters"
	SeveralSubprotocols       Name = "several-subprotocols"
	RotatedClientToken        Name = "rotated-client-token"

	ClosedCloseCode    Name = "closed-close-code"
	ExpiredCloseCode   Name = "expired-close-code"
	ReplacedCloseCode  Name = "replaced-close-code"
	RotatedCloseCode   Name = "rotated-close-code"
	ViolationCloseCode Name = "violation-close-code"
	CloseReason        Name = "close-reason"
	RotatedSide        Name = "rotated-side"
	AbsentPeer         Name = "absent-peer"
	ArrivingPeer       Name = "arriving-peer"
	ServiceIDsAgain    Name = "service-ids-again"
	MixedVersions      Name = "mixed-versions"
	StreamIDZero       Name = "stream-id-0"
	PingEvery          Name = "ping-every"
	IdleTimeout        Name = "idle-timeout"
	RateLimit          Name = "rate-limit"

	BareRotation   Name = "bare-rotation"
	NotifyQoS      Name = "notify-qos"
	NotifyRetained Name = "notify-retained"
)

// The parts of the service that choices are about.
const (
	ofAPI          = "API"
	ofTokens       = "Tokens and handshake"
	ofWebSocket    = "WebSocket"
	ofNotification = "Notification"
)

const day = 24 * time.Hour

// minRateLimit is 1 kB a second, in bits: a slower tunnel could not be told from a stall.
const minRateLimit = 8000

// All are the choices, by part.
func All() []Choice {
	return []Choice{
		word(ofAPI, InvalidValue, "The error of a value that breaks a constraint, and wherever `invalid` stands below.", "ValidationException", "ValidationError", "InvalidRequestException"),
		word(ofAPI, MalformedJSON, "The error of a body that is not a JSON object, and of a member of the wrong type.", "SerializationException", "ValidationException"),
		word(ofAPI, UnknownOperation, "The error of a request that names no operation.", "UnknownOperationException", "InvalidAction"),
		word(ofAPI, DeniedStatus, "The status of `denied`, AccessDeniedException, from an operation of tunnels.", "400", "403"),
		word(ofAPI, ThrottledStatus, "The status of ThrottlingException from an operation of tunnels.", "400", "429"),
		word(ofAPI, FailureCode, "The error of status 500 from an operation of tunnels.", "InternalFailureException", "InternalFailure"),
		word(ofAPI, UnknownThing, "A tunnel to a thing that is not in the registry: opened, or refused.", "ok", "not-found", "invalid"),
		number(ofAPI, MaxServices, "How many services a tunnel may have. AWS raises the quota on demand.", 3, 1, 1000),
		word(ofAPI, TooManyServices, "The error of more services.", "limit", "invalid"),
		word(ofAPI, DuplicateService, "The same service twice: refused, or taken as named once.", "invalid", "once"),
		number(ofAPI, MaxTags, "How many tags a tunnel may have; more are `limit`.", 50, 1, 200),
		word(ofAPI, DuplicateTag, "The same tag key twice in one request: the last value counts, or it is refused.", "last", "invalid"),
		word(ofAPI, AWSTagKeys, "Tag keys that begin with aws: are taken or refused. AWS calls them reserved.", "ok", "invalid"),
		word(ofAPI, NoTags, "How DescribeTunnel tells that a tunnel has no tags.", "left-out", "empty-list"),
		word(ofAPI, TagsOfClosed, "The tags of a closed tunnel: as those of an open one, or not to be changed (`invalid`), or gone (`not-found`).", "ok", "read-only", "gone"),
		word(ofAPI, MalformedARN, "The error of a resource name that is none of a tunnel.", "not-found", "invalid"),
		word(ofAPI, ForeignARN, "The error of the resource name of another account, region or partition.", "not-found", "denied"),
		number(ofAPI, DefaultPageSize, "How many tunnels ListTunnels gives when nothing else is asked for.", 100, 1, 100),
		word(ofAPI, UnknownNextToken, "A nextToken that ListTunnels did not give, or that is too old: refused, or taken for none.", "invalid", "first-page"),
		span(ofAPI, NextTokenLife, "How long a nextToken of ListTunnels is good; 0s is for ever.", 0, time.Millisecond, day),
		word(ofAPI, CloseClosed, "CloseTunnel without delete on a closed tunnel.", "ok", "invalid", "not-found"),
		span(ofAPI, KeepClosed, "How long closed tunnels stay. AWS says at least three hours.", 3*time.Hour, time.Millisecond, 365*day),
		word(ofAPI, RotateClosed, "RotateTunnelAccessToken on a closed tunnel; ok gives tokens that are good for nothing.", "invalid", "not-found", "ok"),
		word(ofAPI, RotationConfig, "The destinationConfig of a rotation: counts for its notification, or takes the place of the tunnel's.", "once", "kept"),
		word(ofAPI, LastUpdated, "What changes lastUpdatedAt of a tunnel: its end and rotations, its end alone, connections too, or tags too.", "rotations", "end", "connections", "all"),
		word(ofAPI, NewcomerUpdates, "Whether a newcomer that replaces a connection changes lastUpdatedAt of the side.", "yes", "no"),
		number(ofAPI, DefaultThingsPage, "How many things ListThings gives when nothing else is asked for.", 250, 1, 250),
		number(ofAPI, DefaultIndexPage, "How many things SearchIndex gives when nothing else is asked for.", 100, 1, 100),
		word(ofAPI, NeverConnected, "The timestamp of GetThingConnectivityData for a thing that never connected.", "left-out", "zero"),

		number(ofTokens, TokenLength, "Characters of an access token.", 600, 64, 3500),
		word(ofTokens, UnknownTokenStatus, "An access token that was never issued, or rotated away, or whose tunnel's record is gone.", "403", "400", "401"),
		word(ofTokens, UsedTokenStatus, "An access token that was used before, without a client token then or now.", "400", "403"),
		word(ofTokens, WrongSideStatus, "An access token of the other side.", "400", "403"),
		word(ofTokens, ClientTokenStatus, "Another client token than the first time, or one of another access token.", "400", "403"),
		word(ofTokens, ClosedTunnelStatus, "An access token of a closed tunnel whose record is there.", "403", "400", "404"),
		word(ofTokens, BadRequestStatus, "A request for /tunnel that lacks something, says it twice or is too long.", "400", "403"),
		word(ofTokens, ThrottledConnectionStatus, "A connection too many, which only `--fault Connection=throttle` has.", "429", "400", "503"),
		word(ofTokens, StatusReason, "The text of a refusal is in its body, and in the header x-status-reason too, or not.", "header", "none"),
		word(ofTokens, OtherParameters, "Other query parameters than local-proxy-mode: let pass, or refused as a bad request.", "ok", "refused"),
		word(ofTokens, SeveralSubprotocols, "Which of several known subprotocols is taken: the highest, or the first of the request.", "highest", "first"),
		word(ofTokens, RotatedClientToken, "The client token of an access token that was rotated away: bound to it until the tunnel ends, or free again.", "bound", "free"),

		word(ofWebSocket, ClosedCloseCode, "The close code when the tunnel was closed or deleted; with none the TCP connection is dropped.", "1000", "1001", "1008", "1011", "none"),
		word(ofWebSocket, ExpiredCloseCode, "The close code when the lifetime of the tunnel is over.", "1000", "1001", "1008", "1011", "none"),
		word(ofWebSocket, ReplacedCloseCode, "The close code of who is replaced. AWS's browser sample takes 1008 for it.", "1008", "1000", "1001", "1002", "1011", "none"),
		word(ofWebSocket, RotatedCloseCode, "The close code of who has a side whose token is rotated.", "1008", "1000", "1001", "1011", "none"),
		word(ofWebSocket, ViolationCloseCode, "The close code of who breaks a rule of the tunnel's protocol. Those of WebSocket itself have 1002, and a frame too long 1009.", "1002", "1003", "1008", "1011", "none"),
		word(ofWebSocket, CloseReason, "Whether a close frame of the service tells its reason.", "text", "none"),
		word(ofWebSocket, RotatedSide, "Who has a side whose token is rotated: is cut, or stays connected.", "cut", "stays"),
		word(ofWebSocket, AbsentPeer, "What a source starts towards nobody: reset, or dropped without a word.", "reset", "drop"),
		word(ofWebSocket, ArrivingPeer, "When a side comes, comes back or is replaced, the other one's streams: reset, or left as they are.", "reset", "silent"),
		word(ofWebSocket, ServiceIDsAgain, "SERVICE_IDS comes once a connection, or also whenever the other side comes.", "no", "yes"),
		word(ofWebSocket, MixedVersions, "Messages that the other side's subprotocol does not know: translated, or passed on.", "translate", "pass"),
		word(ofWebSocket, StreamIDZero, "Stream id 0, which the guide forbids and AWS's browser sample may draw: a violation, or let pass.", "refused", "ok"),
		span(ofWebSocket, PingEvery, "How often the service pings; 0s is never.", 0, time.Millisecond, day),
		span(ofWebSocket, IdleTimeout, "After how long without a WebSocket frame from a local proxy its TCP connection is dropped; 0s is never. 60s was seen of AWS once.", 0, time.Millisecond, day),
		number(ofWebSocket, RateLimit, "Bits a second that a tunnel carries each way, headers and pongs included; 0 is no limit. AWS's quota is 800000.", 0, minRateLimit, 2e9),

		word(ofNotification, BareRotation, "A rotation of the destination without a destinationConfig: notifies the thing that the tunnel was opened for, or nobody.", "notify", "quiet"),
		word(ofNotification, NotifyQoS, "The QoS of the notification.", "1", "0"),
		word(ofNotification, NotifyRetained, "Whether the notification is retained, so that an agent gets it that subscribes later.", "no", "yes"),
	}
}

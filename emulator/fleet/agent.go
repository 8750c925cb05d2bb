package fleet

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"adit/tunnelconn/token"
)

const (
	// keepAlive of the broker connection, in seconds.
	keepAlive = 30
	// reconnectAfter a failed attempt to reach the broker.
	reconnectAfter = time.Second
	// answerWithin bounds the wait for the broker's answer to a subscription.
	answerWithin = 10 * time.Second
	// maxTunnels of one thing at once, as many as the Greengrass component takes; the oldest gives way.
	maxTunnels = 20
)

// agent waits for notifications and runs a destination local proxy for each.
//
// A notification that was seen before is dropped: MQTT may deliver twice at QoS 1. One with a new token is either for
// another tunnel or the same tunnel's after a rotation, and the payload does not tell which. So the agent starts a proxy
// beside those that run: after a rotation the service itself turns the old one away, as it took its token back, and two
// tunnels of the same services can be open side by side.
type agent struct {
	device *device
	broker *autopaho.ConnectionManager
	// open ends with the agent.
	open context.Context
	end  context.CancelFunc
	// subscribed is closed after the first subscription.
	subscribed     chan struct{}
	subscribedOnce sync.Once

	mu      sync.Mutex
	conn    net.Conn // the latest to the broker
	closed  bool
	tunnels []*tunnel // oldest first
	// last is the newest token for each set of services, kept after its tunnel has ended, to know a repeat by.
	last map[string]token.Token
}

func newAgent(d *device) (*agent, error) {
	a := &agent{device: d, subscribed: make(chan struct{}), last: make(map[string]token.Token)}
	a.open, a.end = context.WithCancel(context.Background())
	pause := time.Duration(0)
	broker, err := autopaho.NewConnection(context.Background(), autopaho.ClientConfig{
		ServerUrls:                    []*url.URL{{Scheme: "mqtt", Host: d.cfg.MQTT}},
		KeepAlive:                     keepAlive,
		CleanStartOnInitialConnection: true,
		ReconnectBackoff: func(int) time.Duration {
			defer func() { pause = reconnectAfter }()
			return pause
		},
		AttemptConnection: func(ctx context.Context, _ autopaho.ClientConfig, server *url.URL) (net.Conn, error) {
			conn, err := d.power.DialContext(ctx, "tcp", server.Host)
			a.setConn(conn)
			return conn, err
		},
		OnConnectionUp: a.subscribe,
		OnConnectError: func(err error) { d.log.Debug("the broker cannot be reached", "error", err) },
		ClientConfig: paho.ClientConfig{
			ClientID:          d.thing.Name,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){a.receive},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	a.broker = broker
	return a, nil
}

func (a *agent) setConn(conn net.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn = conn
}

// dropConn makes the broker connection begin anew.
func (a *agent) dropConn() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn != nil {
		_ = a.conn.Close()
	}
}

// subscribe asks for the thing's notifications on each new connection; without them the connection is of no use.
func (a *agent) subscribe(broker *autopaho.ConnectionManager, _ *paho.Connack) {
	a.device.tasks.spawn(func() {
		ctx, cancel := context.WithTimeout(a.open, answerWithin)
		defer cancel()
		_, err := broker.Subscribe(ctx, &paho.Subscribe{
			Subscriptions: []paho.SubscribeOptions{{Topic: topic(a.device.thing.Name), QoS: 1}},
		})
		if err != nil {
			a.device.log.Warn("the subscription to tunnel notifications failed", "error", err)
			a.dropConn()
			return
		}
		a.device.machine.Log("tunnel-agent", "waiting for tunnels")
		a.subscribedOnce.Do(func() { close(a.subscribed) })
	})
}

// receive handles a publish of the broker.
func (a *agent) receive(received paho.PublishReceived) (bool, error) {
	n, err := parseNotification(received.Packet.Payload)
	if err != nil {
		a.refuse(err.Error())
		return true, nil
	}
	if a.device.thing.OldProtocol && len(n.services) > 1 {
		a.refuse("this agent carries one service in a tunnel, not " + strings.Join(n.services, " and "))
		return true, nil
	}
	a.accept(n)
	return true, nil
}

// refuse says on the device why nothing happens, which is the only place where anybody could learn it.
func (a *agent) refuse(why string) {
	a.device.log.Warn("a tunnel notification was refused", "reason", why)
	a.device.machine.Log("tunnel-agent", "notification refused: %s", why)
}

// accept starts a tunnel unless it knows the notification already.
func (a *agent) accept(n notification) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.last[n.key()].Equal(n.accessToken) {
		return
	}
	a.last[n.key()] = n.accessToken
	t := newTunnel(a.device, n, a.forget)
	a.add(t)
	if a.device.thing.Slow {
		t.startAfter(a.device.cfg.SlowBy)
	} else {
		t.start()
	}
}

// add keeps a tunnel and ends the oldest when there are too many. The caller holds mu.
func (a *agent) add(t *tunnel) {
	a.tunnels = append(a.tunnels, t)
	if len(a.tunnels) > maxTunnels {
		a.device.tasks.spawn(a.tunnels[0].end)
		a.tunnels = a.tunnels[1:]
	}
}

// forget drops a tunnel that has ended.
func (a *agent) forget(ended *tunnel) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, t := range a.tunnels {
		if t == ended {
			a.tunnels = append(a.tunnels[:i:i], a.tunnels[i+1:]...)
			return
		}
	}
}

// close leaves the broker and every tunnel in order.
func (a *agent) close() {
	a.mu.Lock()
	a.closed = true
	a.end()
	tunnels := a.tunnels
	a.mu.Unlock()
	var closing sync.WaitGroup
	closing.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = a.broker.Disconnect(ctx)
	})
	for _, t := range tunnels {
		closing.Go(t.end)
	}
	closing.Wait()
}

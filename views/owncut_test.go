package views

import (
	"testing"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

func TestStoppingAndClosingNameEveryAddressThatGoes(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-12")
		p.Services = append(p.Services, tunnelconn.ServiceStatus{Service: "HTTP", Address: "127.0.0.1:8080"})
		d.sessions.proxies = []session.Proxy{p}
		d.press("2", "x")
		d.sees("It listens on 127.0.0.1:5555, 127.0.0.1:8080.", "The tunnel stays open.")
		d.press("esc", "1")
		d.choose("pump-12")
		for _, key := range []string{"x", "X"} {
			d.press(key)
			d.sees("Your own local proxy is cut off. It listens on 127.0.0.1:5555, 127.0.0.1:8080.")
			d.seesNot("Somebody is connected through it")
			d.press("esc")
		}
	})
}

func TestQuittingTheDemoSaysThatItsTunnelsEndWithIt(t *testing.T) {
	onDeskOf(t, 100, 30, client.Context{Region: "eu-west-1", Demo: true}, func(d *desk) {
		stock(d.service)
		d.connect()
		d.opens("pump-07")
		d.press("q")
		d.sees("The demo's service ends with adit, and these tunnels with it:", "pump-07", "y quit")
		d.seesNot("leave them open", "close them")
		if d.press("y"); !d.quit {
			t.Error("y did not quit")
		}
	})
}

package world

import "context"

func ip(_ context.Context, p *process) int {
	what := ""
	if len(p.args) > 0 {
		what = p.args[0]
	}
	m := p.machine
	switch what {
	case "a", "addr", "address":
		p.printf("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n")
		p.printf("    inet 127.0.0.1/8 scope host lo\n")
		p.printf("2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP\n")
		p.printf("    link/ether %s brd ff:ff:ff:ff:ff:ff\n    inet %s/19 brd 10.20.31.255 scope global eth0\n", m.MAC, m.Address)
	case "r", "route":
		p.printf("default via 10.20.0.1 dev eth0\n10.20.0.0/19 dev eth0 scope link src %s\n", m.Address)
	default:
		return p.fail("either \"ip a\" or \"ip r\"")
	}
	return 0
}

func ifconfig(_ context.Context, p *process) int {
	p.printf("eth0      Link encap:Ethernet  HWaddr %s\n", p.machine.MAC)
	p.printf("          inet addr:%s  Bcast:10.20.31.255  Mask:255.255.224.0\n", p.machine.Address)
	p.printf("          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\n")
	p.printf("lo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0\n")
	p.printf("          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n")
	return 0
}

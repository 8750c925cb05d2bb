# The data plane beside its peers, in one run on this machine; docs/benchmarks.md says what it needs and what came out last.
.PHONY: bench
bench:
	go run ./cli/bench

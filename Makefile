.PHONY: check test bench bench-report load fuzz

FUZZTIME ?= 30s
COUNT ?= 6

# What every commit must pass.
check:
	.ci/run

test:
	go test ./...

# The benchmarks of the README. Compare runs with benchstat:
#   go run golang.org/x/perf/cmd/benchstat@latest bench.txt
bench:
	go test -run '^$$' -bench . -benchmem -count $(COUNT) ./ltsv ./transform/... ./kafkaio

# The performance table, each row with both sides in one run. It takes minutes, on
# a machine that should do nothing else.
bench-report:
	go run ./internal/benchreport -count $(COUNT)

# The whole system between three real brokers on this machine: a minute at the rate
# of a busy day, then ten million records. It needs Java and Maven.
load:
	LTSVPIPE_REAL=1 go test ./examples/internal/load -run Load -v -load=full -timeout 60m

# Each fuzz target for FUZZTIME.
fuzz:
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

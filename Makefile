.PHONY: check test bench fuzz

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

# Each fuzz target for FUZZTIME.
fuzz:
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

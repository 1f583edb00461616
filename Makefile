# Everything but golden and interop needs nothing but Go (and, for -race, a C compiler).
# golden, interop and chaos run Java: a JDK (17 or newer) and Maven, which fetches Apache Kafka.

FUZZTIME ?= 10s

.DEFAULT_GOAL := help
.PHONY: help run test check fuzz bench golden interop chaos

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r t h; do printf '%-8s  %s\n' "$$t" "$$h"; done

run: ## send a sample to an embedded broker and verify it; or BOOTSTRAP=host:port TOPIC=name INPUT=file [ARGS='-keys -X linger.ms=5']
	@go run ./internal/cmd/kproduce $(if $(BOOTSTRAP),-b '$(BOOTSTRAP)') $(if $(TOPIC),-t '$(TOPIC)') $(if $(INPUT),-i '$(INPUT)') $(ARGS)

test: ## run the tests; EXPLORE=1h: then follow histories of the core of the producer for so long; MUTANTS=1: then look for deliberate bugs
	go test -timeout 5m ./...
	$(if $(EXPLORE),go test -timeout 0 -run Explore -v ./producer/internal/delivery -args -explore $(EXPLORE))
	$(if $(MUTANTS),go run ./internal/mutants)

check: ## what a change must pass: format, vet, go.mod, import direction, tests with -race, and more
	@go run ./internal/check

fuzz: ## run every fuzz target, FUZZTIME=10s each
	@go run ./internal/check/fuzz -time $(FUZZTIME)

bench: ## measure beside other clients; EXPERIMENT= WORKS= CLIENTS= ROUNDS= EACH= ALL=1 WRITE=1 (see internal/bench/doc.go); LAYERS=1: each layer alone
ifdef LAYERS
	go test -run '^$$' -bench . -benchmem ./...
else
	@cd internal/bench && go run . $(if $(EXPERIMENT),-experiment '$(EXPERIMENT)') $(if $(WORKS),-works '$(WORKS)') \
		$(if $(CLIENTS),-clients '$(CLIENTS)') $(if $(ROUNDS),-rounds $(ROUNDS)) $(if $(EACH),-each $(EACH)) \
		$(if $(PROFILES),-profiles '$(abspath $(PROFILES))') $(if $(NOTE),-note '$(NOTE)') $(if $(ALL),-all) $(if $(WRITE),-write)
endif

golden: ## write the golden files of testdata/ anew with Kafka's Java client
	internal/golden/run

interop: ## test against real Apache Kafka brokers and its Java clients; FULL=1: a million records through a killed broker
	cd internal/interop && INTEROP_FULL=$(FULL) go test -count=1 -p 1 -timeout 30m -v ./...

chaos: ## break a real cluster under load, and compare with other producers; SEED=1 RECORDS=3000000 TIME=150s (of each) CLIENTS=java,...
	cd internal/interop && go run ./chaos $(if $(SEED),-seed $(SEED)) $(if $(RECORDS),-records $(RECORDS)) $(if $(TIME),-time $(TIME)) \
		$(if $(CLIENTS),-clients $(CLIENTS)) $(ARGS)

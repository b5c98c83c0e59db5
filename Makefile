# build: the optimised program. run: a demonstration. check: everything a tool can judge. test: check and every test.
.DEFAULT_GOAL := build
.PHONY: build run check test

BIN := ./target/release/tongban

build:
	@CARGO_TARGET_DIR=target cargo build --release -p tongban
	@echo "built $(BIN)"

run: build
	@echo "serving the demonstration at http://127.0.0.1:8080"
	@$(BIN) serve --demo --listen 127.0.0.1:8080 --data ./data/demo

check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

test: check
	@command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest
	cargo nextest run --workspace

# The commands of this workspace. `just` lists them.

set shell := ["bash", "-euo", "pipefail", "-c"]
set positional-arguments

import? 'crates/sections.just'

# List the recipes
default:
    @{{ just_executable() }} --list --unsorted

# Run every section in the notes' order, and one table at the end; exit code 1 if one does not hold
all *args:
    cargo run -q -p tour -- "$@"

# The front door: every section and one table, or a section by its name
tour *args:
    cargo run -q -p tour -- "$@"

# Our primitives beside their peers: Python's, other crates', the bare system calls
bench *args:
    cargo run --release -q -p bench -- "$@"

# Kill 10,000 processes at every instant and every step, sections' among them, and count what is lost
chaos *args:
    cargo build --release -q -p tour
    cargo run -q --release -p chaos -- "$@"

# Kill any process of any section, at any line of its output, KILLS times in each section
chaos-sections kills="1000":
    SECTION_KILLS={{ kills }} cargo test -q --workspace --no-fail-fast it_ends_soon_when_any_of_its_processes_is_killed

# 40,000 runs: half an hour on two processors without other work. `just hostile daemon` is a minute.
# Refuse every section every system call, at up to 60 places of a run, and run it in every poor place
hostile *args:
    REFUSED=all cargo test -q -p tour --no-fail-fast --test refused --test hostile -- "$@"

# Explore the toolkit's algorithms: every schedule, death and stale value within stated bounds
prove *args:
    RUSTFLAGS="--cfg killproof_model" cargo test -q --release --locked --target-dir target/prove -p killproof --test prove -- "$@"

# Change one place of the toolkit's algorithms at a time, and say what notices it: some hours
mutants *args:
    cargo test -q --locked -p support --test mutants -- run "$@"

# Run the litmus tests in crashcheck, loom and shuttle: the outcomes that each finds; `--speed` for executions a second
litmus *args:
    cargo run -q --release --locked --manifest-path tests/litmus/Cargo.toml --target-dir target/litmus -- "$@"

# Draw the pictures of the README, each by the program that it shows
pictures:
    #!/usr/bin/env bash
    set -euo pipefail
    pictures=crates/tour/pictures
    tickets=$(mktemp -d)/tickets.json
    trap 'rm -r "$(dirname "$tickets")"' EXIT
    mkdir -p "$pictures"
    cargo build -q --release --locked -p ticket-mutex -p prod-cons -p cpu-io
    draw() { "target/release/$1" --lang en --seed 4 --svg "$pictures/$2.svg" "${@:3}" > /dev/null; }
    draw ticket-mutex with-lock --file "$tickets"
    draw ticket-mutex without-lock --file "$tickets" --lock none
    draw prod-cons killed-eater --scene kill
    draw cpu-io bars
    ls -l "$pictures"

# Build every binary
build:
    cargo build -q --workspace --bins --locked

# Run every test
test *args:
    cargo test --workspace --locked "$@"

# Format, lint and document without a warning
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    RUSTFLAGS="--cfg killproof_model" cargo clippy --locked --target-dir target/prove -p killproof --test prove -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Run every command of every README, but for those that `ci` runs itself and those that take minutes
readme: build
    #!/usr/bin/env bash
    set -euo pipefail
    skipped='|cargo test|cargo run -p tour|just (all|bench|chaos|ci|hostile|prove|readme)( .*)?|(pip|cargo) install .*'
    for readme in README.md crates/README.md crates/*/README.md; do
        awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$readme" | sed 's/ *#.*//' |
            { grep -vxE "$skipped" || true; } |
            while read -r command; do
                echo "$readme \$ $command"
                bash -euc "$command" < /dev/null
            done
    done

# Make the package that `cargo publish` would upload, and compile it alone
package:
    cargo package -p crashcheck -p killproof --locked --allow-dirty

# What must pass before a change lands: the README's own commands first
ci:
    cargo run -p ticket-mutex --locked
    cargo test --locked
    {{ just_executable() }} lint
    {{ just_executable() }} package
    {{ just_executable() }} prove --quick
    {{ just_executable() }} readme
    {{ just_executable() }} all

# Write down what is derived from the manifests of the sections: their recipes, the tour's dependencies
sections:
    WRITE_DERIVED=1 cargo test -q -p support --test derived

# Remove what runs leave for the next one: the tickets' file
reset:
    rm -f data/tickets.json

# What can be done here
default:
    @just --list

# Load a simulated network and serve it on 127.0.0.1:8080
demo *arguments:
    cargo run --release -- demo {{ arguments }}

# Check everything that must hold before a change lands
test:
    cargo xtask test

# Test one crate, such as `just test-crate events`
test-crate crate *arguments:
    NATS_SERVER="$(cargo xtask nats-server)" cargo nextest run --package storefold-{{ crate }} {{ arguments }}

# Measure the server beside its peers, such as `just bench --only query` or `just bench rebuild`
bench *arguments:
    cargo xtask bench {{ arguments }}

# Kill, pause and cut off real servers for longer than the tests do, such as `just faults --minutes 60 --seed 7`
faults *arguments:
    cargo xtask faults {{ arguments }}

# Write proto-schemas/ from the event types
schemas:
    cargo xtask schemas

# Look for bytes that break what reads the bytes of strangers, such as `just fuzz json --minutes 30`
fuzz *arguments:
    cargo xtask fuzz {{ arguments }}

# Check licences, advisories and sources of all dependencies
deny:
    cargo xtask supply-chain

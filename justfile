# What a developer does here; CI calls the same scripts.

# Pass all tests
test *args:
    scripts/test {{ args }}

# Everything CI asks for
check:
    .ci/run

# Compare with tmux, as ratios in one run
bench *args:
    benches/run {{ args }}

# The long kills: thousands of them under full output
storm kills="1300":
    PSUP_STORM={{ kills }} cargo test --release --test contract storm -- --nocapture

# Build the one static binary
release:
    scripts/release

# Fuzz each target for so many seconds
fuzz seconds="60":
    scripts/fuzz {{ seconds }}

# Type-check for macOS, adding the target where rustup may
macos:
    rustup target add aarch64-apple-darwin
    cargo check --workspace --target aarch64-apple-darwin

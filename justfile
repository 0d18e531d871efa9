# What a developer does here; CI calls the same scripts.

# Pass all tests
test *args:
    scripts/test {{ args }}

# Everything CI asks for
check:
    .ci/run

# Compare with tmux and with the bare machine, in one run; benches/setup installs the peers
bench *args:
    benches/run {{ args }}

# What a step costs an agent, by psup mcp, by the command line and by polling tmux (docs/agents.md)
agents *args:
    benches/agents {{ args }}

# Count the instructions of the hot verbs and of the screen
instructions *args:
    benches/instructions {{ args }}

# The long kills: thousands of them under full output
storm kills="1300":
    PSUP_STORM={{ kills }} cargo test --release --test contract storm -- --nocapture

# Random histories over random faults, for so many hours (docs/promise.md)
faults hours="1":
    PSUP_FAULTS_HOURS={{ hours }} cargo test --test faults -- --nocapture

# The ways in which starters are killed, here and inside of a systemd, against what psup promises and beside tmux
kills:
    cargo build
    tests/kills/matrix target/debug/psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/matrix -- matrix psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/matrix -- as-box matrix psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/matrix -- matrix psup as-box
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/unit -- as-box unit psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/unit -- unit psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/both -- as-box both psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/both -- both psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/service -- as-box service psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/service -- service psup
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/limits -- as-box limits psup || [ $? = 77 ]
    scripts/systemd-box --bin target/debug/psup --bin tests/kills/limits -- limits psup || [ $? = 77 ]

# Build the one static binary; with a version, try a whole release in a clone, and change nothing here
release version="" *args:
    {{ if version == "" { "scripts/release" } else { "scripts/new-release " + version + " " + args } }}

# Make the packages of this commit in target/packages
packages *args:
    scripts/packages {{ args }}

# Install each package in a clean root, use it, remove it, and count what is left (needs root)
check-packages *args:
    scripts/check-packages {{ args }}

# Fuzz each target for so many seconds
fuzz seconds="60":
    scripts/fuzz {{ seconds }}

# Type-check for macOS, adding the target where rustup may
macos:
    rustup target add aarch64-apple-darwin
    cargo check --workspace --target aarch64-apple-darwin

# Make the generated files of the clients again, with the debug build
clients:
    cargo build
    clients/generate

# Draw the README's picture again, with the debug build
picture:
    cargo build
    scripts/picture

# Compare with tmux, screen, dtach and others, fault by fault
compare:
    cargo build
    scripts/compare

# Build the documents as a site in target/book/site; `just book serve` shows it
book *args:
    scripts/book {{ args }}

# Ask the validators of the registries about the skill and the plugin manifests
check-plugins:
    scripts/check-plugins

# Checkpoint, check and restore 200 sessions under full output, and compare every byte
checkpoints:
    cargo build
    scripts/checkpoints

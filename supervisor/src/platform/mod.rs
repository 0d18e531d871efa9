//! What differs between systems.

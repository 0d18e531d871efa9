//! Processes, as the system tells of them.

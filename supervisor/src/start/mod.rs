//! Starting the supervisor.
